package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// sampling is how often a process's memory is looked at.
const sampling = 20 * time.Millisecond

// figures are what a process took.
type figures struct {
	wall, cpu time.Duration
	startUp   time.Duration // until the service walks; 0: another program
	peak      int64         // largest resident memory, in bytes; 0: this system does not tell
	resident  []int64       // resident memory over time
}

// process is a running process that is measured.
type process struct {
	command *exec.Cmd
	began   time.Time
	output  bytes.Buffer
	ended   chan struct{}
	sampled sync.WaitGroup
	figures figures
}

// launch starts a process. What it says is kept.
func launch(ctx context.Context, environment []string, program string, args ...string) (*process, error) {
	p := &process{command: exec.CommandContext(ctx, program, args...), ended: make(chan struct{})}
	p.command.Env, p.command.Stdout, p.command.Stderr = environment, &p.output, &p.output
	p.began = time.Now()
	if err := p.command.Start(); err != nil {
		return nil, err
	}
	p.sampled.Go(p.sample)
	return p, nil
}

// wait waits until the process has ended, and returns what it took.
func (p *process) wait() (figures, error) {
	err := p.command.Wait()
	p.figures.wall = time.Since(p.began)
	close(p.ended)
	p.sampled.Wait()
	state := p.command.ProcessState
	p.figures.cpu = state.UserTime() + state.SystemTime()
	if err != nil {
		err = fmt.Errorf("%s: %w\n%s", p.command, err, p.output.Bytes())
	}
	p.figures.startUp = p.runsAfter()
	return p.figures, err
}

// runsAfter is how long it took until the service had resumed every queue, by its log.
func (p *process) runsAfter() time.Duration {
	for text := range bytes.Lines(p.output.Bytes()) {
		var line struct {
			Time time.Time
			Msg  string
		}
		if json.Unmarshal(text, &line) == nil && line.Msg == "service runs" {
			return line.Time.Sub(p.began)
		}
	}
	return 0
}

// sample looks at the memory until the process has ended.
func (p *process) sample() {
	tick := time.NewTicker(sampling)
	defer tick.Stop()
	for {
		resident, peak := memoryOf(p.command.Process.Pid)
		if resident > 0 {
			p.figures.resident = append(p.figures.resident, resident)
			p.figures.peak = max(p.figures.peak, peak)
		}
		select {
		case <-tick.C:
		case <-p.ended:
			return
		}
	}
}

// memoryOf is the resident memory of a process, now and at its largest, where there is
// a /proc.
func memoryOf(pid int) (resident, peak int64) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, 0
	}
	for line := range strings.Lines(string(status)) {
		fields := strings.Fields(line)
		if len(fields) < 2 {
			continue
		}
		kilobytes, _ := strconv.ParseInt(fields[1], 10, 64)
		switch fields[0] {
		case "VmRSS:":
			resident = kilobytes << 10
		case "VmHWM:":
			peak = kilobytes << 10
		}
	}
	return resident, peak
}

// quarters are the medians of the memory over the four quarters of a process's life.
func (f figures) quarters() (medians [4]int64) {
	n := len(f.resident)
	for i := range medians {
		if part := slices.Sorted(slices.Values(f.resident[n*i/4 : n*(i+1)/4])); len(part) > 0 {
			medians[i] = part[len(part)/2]
		}
	}
	return medians
}

// server is a part that serves until it is killed.
type server struct {
	command *exec.Cmd
	address string
}

// startServer starts a part and waits for its address.
func startServer(ctx context.Context, program, name, order string) (*server, error) {
	command := exec.CommandContext(ctx, program, partArgument, name, order)
	command.Stderr = os.Stderr
	stdout, err := command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := command.Start(); err != nil {
		return nil, err
	}
	s := &server{command: command}
	address, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		s.stop()
		return nil, fmt.Errorf("part %s: %w", name, err)
	}
	s.address = strings.TrimSpace(address)
	return s, nil
}

func (s *server) stop() {
	_ = s.command.Process.Kill()
	_ = s.command.Wait() // killed: nothing else to tell
}

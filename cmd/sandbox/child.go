package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"genesys-producer/genesys/genesystest"
)

// service is the command that is shown.
const service = "genesys-producer/cmd/genesys-producer"

// build builds the service into the folder and returns the program's path.
func build(ctx context.Context, folder string, out *screen) (program string, err error) {
	wipe := out.meanwhile("service", "go build %s ...", service)
	began := time.Now()
	program = filepath.Join(folder, "genesys-producer")
	if runtime.GOOS == "windows" {
		program += ".exe"
	}
	// Without the state of the repository: git may be absent, or refuse to tell it.
	output, err := exec.CommandContext(ctx, "go", "build", "-buildvcs=false", "-o", program, service).CombinedOutput()
	wipe()
	if err != nil {
		return "", fmt.Errorf("go build %s, in the folder of the module: %w\n%s", service, err, output)
	}
	out.fact("service", "built in %s, runs as a child process", seconds(time.Since(began)))
	return program, nil
}

// environment is that of the service: nothing of this process's own settings.
func (d demo) environment(w *world) []string {
	own := []string{
		"GENESYS_API_URL=" + w.api,
		"GENESYS_LOGIN_URL=" + w.api,
		"GENESYS_CLIENT_ID=" + genesystest.DefaultClientID,
		"GENESYS_CLIENT_SECRET=" + genesystest.DefaultClientSecret,
		"GENESYS_QUEUES=" + strings.Join(w.simulator.Queues(), ","),
		"GENESYS_PAGE_SIZE=" + strconv.Itoa(d.pageSize),
		"GENESYS_REQUESTS_PER_MINUTE=" + strconv.Itoa(d.requestsPerMinute),
		"WINDOW_FROM=" + w.from.Format(time.RFC3339),
		"WINDOW_TO=" + w.from.Add(time.Duration(d.hours)*time.Hour).Format(time.RFC3339),
		"WINDOW_LENGTH=1h",
		"KAFKA_BROKERS=" + strings.Join(w.brokers, ","),
		"KAFKA_TOPIC=" + w.topic,
		"LOG_FORMAT=json",
		"LOG_LEVEL=debug", // tells of every page
		"HTTP_ADDR=",
	}
	own = append(own, w.delivery()...)
	for _, name := range []string{"PATH", "HOME", "TMPDIR", "SystemRoot"} { // what a process needs to live
		if value, ok := os.LookupEnv(name); ok {
			own = append(own, name+"="+value)
		}
	}
	return own
}

// child is the service at work.
type child struct {
	events chan event    // what its log says of pages; closed when the process has ended
	ended  chan struct{} // closed when the process has ended
	killed atomic.Bool   // by kill

	command *exec.Cmd
	log     *logFile
	err     error // how it ended; valid once events is closed
}

// start runs the program. Its log is appended to a file. It ends with ctx.
func start(ctx context.Context, program string, environment []string, logPath string) (*child, error) {
	file, err := os.OpenFile(logPath, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	c := &child{events: make(chan event, 16), ended: make(chan struct{}), command: exec.CommandContext(ctx, program)}
	c.log = &logFile{file: file, events: c.events}
	c.command.Env, c.command.Stdout, c.command.Stderr = environment, c.log, c.log
	c.command.WaitDelay = 5 * time.Second
	if err := c.command.Start(); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	go func() {
		c.err = errors.Join(c.command.Wait(), file.Close())
		close(c.ended)
		close(c.events)
	}()
	return c, nil
}

// kill ends the process without a warning: SIGKILL. It is safe for concurrent use.
func (c *child) kill() {
	if !c.killed.CompareAndSwap(false, true) { // first: who sees the process end must see why
		return
	}
	if c.command.Process.Kill() != nil {
		c.killed.Store(false) // it has just ended by itself
	}
}

// complain is the error of a child that did not do its part, with the last that it
// had to say.
func (c *child) complain(err error, w *world) error {
	last := c.log.last()
	if last == "" {
		last = "(it is empty)\n"
	}
	return fmt.Errorf("the service: %w; the end of %s:\n%s", err, w.log(), last)
}

// event is a page that the service has completed, or the end of a window.
type event struct {
	Message      string `json:"msg"`
	Queue        string
	Window       string
	Page, Read   int
	windowClosed bool
}

// logFile keeps the log and tells its events.
type logFile struct {
	file   *os.File
	events chan<- event
	rest   []byte   // of a line that has not ended yet
	recent []string // lines
}

func (l *logFile) Write(p []byte) (int, error) {
	l.rest = append(l.rest, p...)
	for {
		line, rest, ended := bytes.Cut(l.rest, []byte("\n"))
		if !ended {
			return l.file.Write(p)
		}
		l.rest = slices.Clone(rest)
		l.recent = append(l.recent[max(0, len(l.recent)-9):], string(line)+"\n")
		var e event
		if json.Unmarshal(line, &e) != nil {
			continue // not of the log: a panic's
		}
		if e.windowClosed = strings.Contains(e.Message, "window closed"); e.windowClosed || e.Message == "page completed" {
			l.events <- e
		}
	}
}

// last is the end of the log. It must not be called before the process has ended.
func (l *logFile) last() string { return strings.Join(l.recent, "") + string(l.rest) }

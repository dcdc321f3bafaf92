package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// patience is how long a child may take for anything.
const patience = 3 * time.Minute

// program is the path of the program, built once for all tests.
var program = sync.OnceValues(func() (string, error) {
	path := filepath.Join(folder(), "genesys-producer")
	// Without the state of the repository: git may be absent, or refuse to tell it.
	output, err := exec.Command("go", "build", "-buildvcs=false", "-o", path, ".").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, output)
	}
	return path, nil
})

// folder is where the program is built. It ends with the tests.
var folder = sync.OnceValue(func() string {
	path, err := os.MkdirTemp("", "genesys-producer-test")
	if err != nil {
		panic(err)
	}
	return path
})

func TestMain(m *testing.M) {
	if err := flag.Set("test.parallel", "24"); err != nil { // they wait, most of their time; -parallel still counts
		panic(err)
	}
	code := m.Run()
	if testing.Verbose() {
		for _, r := range reports {
			r.print(os.Stdout)
		}
	}
	if err := os.RemoveAll(folder()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// child is the program as a process of its own.
type child struct {
	*testing.T
	command *exec.Cmd
	stdout  transcript
	stderr  transcript
	ended   chan struct{} // closed once it has, and all that it wrote is there
}

// launch starts the program under this environment and nothing else of ours. It is
// killed with the test.
func launch(t *testing.T, environment []string, args ...string) *child {
	t.Helper()
	return launchWithin(t, nil, environment, args...)
}

// launchWithin is launch by another command, which becomes the program.
func launchWithin(t *testing.T, command, environment []string, args ...string) *child {
	t.Helper()
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	words := slices.Concat(command, []string{path}, args)
	c := &child{T: t, command: exec.Command(words[0], words[1:]...), ended: make(chan struct{})}
	c.command.Env = append([]string{}, environment...) // never nil, which would be ours
	c.command.Dir = t.TempDir()
	c.command.Stdout, c.command.Stderr = &c.stdout, &c.stderr
	if err := c.command.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = c.command.Wait() // the exit code tells
		close(c.ended)
	}()
	t.Cleanup(func() {
		c.signal(syscall.SIGKILL)
		<-c.ended
		if t.Failed() {
			t.Logf("%v, and had said:\n%s", c.command.ProcessState, c.stderr.last(4000))
		}
	})
	return c
}

// signal sends a signal, unless the process has ended.
func (c *child) signal(s syscall.Signal) { _ = c.command.Process.Signal(s) }

// wait returns the exit code; -1: it was killed.
func (c *child) wait() int {
	c.Helper()
	select {
	case <-c.ended:
	case <-time.After(patience):
		c.Fatalf("the program has not ended for %v", patience)
	}
	return c.command.ProcessState.ExitCode()
}

// mustEnd expects an exit code and parts of what the process says on stderr.
func (c *child) mustEnd(code int, says ...string) {
	c.Helper()
	if got := c.wait(); got != code {
		c.Fatalf("exit code %d, want %d", got, code)
	}
	for _, part := range says {
		if !strings.Contains(c.stderr.String(), part) {
			c.Errorf("stderr does not say %q", part)
		}
	}
}

// mustNotTell expects that a secret is nowhere in what the process has said.
func (c *child) mustNotTell(secret string) {
	c.Helper()
	if strings.Contains(c.stdout.String()+c.stderr.String(), secret) {
		c.Error("the secret was told")
	}
}

// await waits until the process has said something so many times.
func (c *child) await(text string, times int) {
	c.Helper()
	limit := time.After(patience)
	for {
		there, more := c.stderr.look()
		if strings.Count(there, text) >= times {
			return
		}
		select {
		case <-more:
		case <-c.ended:
			c.Fatalf("it has ended, and said %q %d times, not %d", text, strings.Count(c.stderr.String(), text), times)
		case <-limit:
			c.Fatalf("it has not said %q for %v", text, patience)
		}
	}
}

// transcript keeps what a process writes.
type transcript struct {
	mu   sync.Mutex
	text bytes.Buffer
	more chan struct{} // closed when there is more
}

func (t *transcript) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.more != nil {
		close(t.more)
		t.more = nil
	}
	return t.text.Write(p)
}

// look is the text so far, and tells when there is more.
func (t *transcript) look() (string, <-chan struct{}) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.more == nil {
		t.more = make(chan struct{})
	}
	return t.text.String(), t.more
}

func (t *transcript) String() string { text, _ := t.look(); return text }

func (t *transcript) last(n int) string { text := t.String(); return text[max(0, len(text)-n):] }

package checkpoint_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"genesys-producer/checkpoint"
)

// The environment of a child process.
const (
	childDir  = "CHECKPOINT_TEST_DIR"  // directory to open
	childStep = "CHECKPOINT_TEST_STEP" // step ahead of which its write halts; empty: it only holds the lock
)

// child starts this test binary as a process that opens dir, goes up to step,
// says so and waits. The function returned kills it with SIGKILL and waits
// for its end.
func child(t *testing.T, dir, step string) (pid int, kill func()) {
	t.Helper()
	process := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestChild$")
	process.Env = append(os.Environ(), childDir+"="+dir, childStep+"="+step)
	process.Stderr = os.Stderr
	stdin, inErr := process.StdinPipe() // never written to: the child waits for it
	stdout, outErr := process.StdoutPipe()
	if err := errors.Join(inErr, outErr, process.Start()); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(stdout).ReadString('\n'); line != "ready\n" {
		t.Fatalf("the child says %q, %v", line, err)
	}
	return process.Process.Pid, func() {
		if err := process.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = process.Wait() // reports the kill
		_ = stdin.Close()
	}
}

// TestChild is the child process.
func TestChild(t *testing.T) {
	dir, last := os.Getenv(childDir), os.Getenv(childStep)
	if dir == "" {
		t.Skip("runs in a child process only")
	}
	store, err := checkpoint.OpenDir(dir, "default")
	if err != nil {
		t.Fatal(err)
	}
	halt := func() {
		fmt.Println("ready")
		_, _ = io.Copy(io.Discard, os.Stdin) // until killed, or the parent ends
		os.Exit(1)
	}
	store.SetBefore(func(step string) error {
		if step == last {
			halt()
		}
		return nil
	})
	if last != "" {
		_, next := oldAndNew()
		t.Fatalf("did not halt: %v", store.Save(t.Context(), key(), next))
	}
	halt()
}

func TestLockRefusesASecondProcess(t *testing.T) {
	dir := t.TempDir()
	pid, kill := child(t, dir, "")
	_, err := checkpoint.OpenDir(dir, "default")
	fileErr, ok := errors.AsType[*checkpoint.FileError](err)
	if !ok || !errors.Is(err, checkpoint.ErrLocked) {
		t.Fatalf("second process: %v", err)
	}
	host, _ := os.Hostname()
	for _, part := range []string{fileErr.File, fmt.Sprintf("pid %d ", pid), "host " + host, "since 2", "CHECKPOINT_NAME"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%v: does not say %q", err, part)
		}
	}
	if other, err := checkpoint.OpenDir(dir, "backfill"); err != nil {
		t.Errorf("another name: %v", err)
	} else if err := other.Close(); err != nil {
		t.Error(err)
	}
	kill()
	openDir(t, dir)
}

func TestLockWithinAProcess(t *testing.T) {
	dir := t.TempDir()
	first := openDir(t, dir)
	if _, err := checkpoint.OpenDir(dir, "default"); !errors.Is(err, checkpoint.ErrLocked) {
		t.Errorf("second open: %v", err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	openDir(t, dir)
	if err := first.Close(); err != nil { // again: frees nothing
		t.Fatal(err)
	}
	if _, err := checkpoint.OpenDir(dir, "default"); !errors.Is(err, checkpoint.ErrLocked) {
		t.Errorf("open after the first was closed twice: %v", err)
	}
}

// A process is killed ahead of each step of a write: the lock is free, and
// the position is the old one, or the new one after the rename.
func TestKilledAheadOfEveryStep(t *testing.T) {
	for k, step := range steps() {
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			store := openDir(t, dir)
			old, next := oldAndNew()
			save(t, store, old)
			if err := store.Close(); err != nil {
				t.Fatal(err)
			}
			_, kill := child(t, dir, step)
			kill()
			want := old
			if k > slices.Index(steps(), "rename") {
				want = next
			}
			expect(t, dir, want)
		})
	}
}

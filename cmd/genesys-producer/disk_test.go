package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os/exec"
	"strings"
	"testing"
)

// disk is a small file system of its own, which can be filled and made read-only. It
// needs no rights: it is mounted where only its keeper and who enters there see it, a
// user and mount namespace of Linux.
type disk struct {
	*testing.T
	path  string
	enter []string // the command that runs another one where the disk is
}

// newDisk mounts one, or skips the test where that is not allowed.
func newDisk(t *testing.T) *disk {
	t.Helper()
	unshare, err := exec.LookPath("unshare")
	if err != nil {
		t.Skip(err)
	}
	nsenter, err := exec.LookPath("nsenter")
	if err != nil {
		t.Skip(err)
	}
	path := t.TempDir()
	// The lock file is a mount of its own: the program has it open for writing, which
	// would keep the rest from becoming read-only.
	keeper := exec.Command(unshare, "-rm", "sh", "-c", strings.ReplaceAll(`set -e
		mount -t tmpfs -o size=64k tmpfs $disk
		mkdir $disk/default
		touch $disk/default/lock
		mount --bind $disk/default/lock $disk/default/lock
		echo mounted
		read end`, "$disk", path))
	var complaint bytes.Buffer
	keeper.Stderr = &complaint
	stdin, err := keeper.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := keeper.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := keeper.Start(); err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() {
		stdin.Close()
		_ = keeper.Wait()
	})
	if text, _ := bufio.NewReader(stdout).ReadString('\n'); text != "mounted\n" {
		stdin.Close()
		_ = keeper.Wait()
		t.Skipf("a disk cannot be mounted here: %s", complaint.String())
	}
	return &disk{T: t, path: path, enter: []string{nsenter, "--preserve-credentials", "-U", "-m", "-t", fmt.Sprint(keeper.Process.Pid)}}
}

// do runs a shell command where the disk is.
func (d *disk) do(command string) {
	d.Helper()
	command = strings.ReplaceAll(command, "$disk", d.path)
	words := append(d.enter[1:len(d.enter):len(d.enter)], "sh", "-c", command)
	if output, err := exec.Command(d.enter[0], words...).CombinedOutput(); err != nil {
		d.Fatalf("%s: %v\n%s", command, err, output)
	}
}

// fill writes until that is refused.
func (d *disk) fill() { d.do("! dd if=/dev/zero of=$disk/rest bs=1k 2>/dev/null") }
func (d *disk) free() { d.do("rm $disk/rest") }

// readOnly leaves the lock file writable, if the program has it open.
func (d *disk) readOnly() {
	d.do("mount -o remount,bind,ro $disk/default/lock 2>/dev/null; mount -o remount,bind,ro $disk")
}

func (d *disk) writable() {
	d.do("mount -o remount,bind,rw $disk/default/lock && mount -o remount,bind,rw $disk")
}

package main

import (
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
)

// What the linker says is what is told, to people, and in messages and requests.
func TestVersionOfTheLinker(t *testing.T) {
	path := filepath.Join(t.TempDir(), "genesys-producer")
	build := exec.Command("go", "build", "-buildvcs=false", "-ldflags", "-X main.version=v1.2.3 -X main.commit=0123abc4567", "-o", path, ".")
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	output, err := exec.Command(path, "version").Output()
	if want := regexp.MustCompile(`^genesys-producer v1\.2\.3 \(commit 0123abc, go1\.\d+(\.\d+)?\)\n$`); err != nil || !want.Match(output) {
		t.Errorf("it says %q, %v", output, err)
	}
}

func TestProgramName(t *testing.T) {
	if got := programName(); got != "genesys-producer/dev" {
		t.Errorf("it is %s", got)
	}
}

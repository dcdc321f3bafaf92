package main

import (
	"cmp"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
)

// writeVersion prints which program this is, and of what it was built.
func writeVersion(stdout io.Writer) int {
	fmt.Fprintf(stdout, "genesys-producer %s (commit %s, %s)\n", programVersion(), programCommit(), runtime.Version())
	return done
}

// programName is the name and version that go into messages and requests.
func programName() string { return "genesys-producer/" + programVersion() }

// programVersion is what the linker says, or what the module was fetched as.
func programVersion() string {
	if info, ok := debug.ReadBuildInfo(); ok && version == "dev" && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return version
}

// programCommit is what the linker says, or the state of the repository in which it was built,
// in seven digits; +dirty: with changes that no commit has.
func programCommit() string {
	if commit != "" {
		return short(commit)
	}
	settings := map[string]string{}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			settings[s.Key] = s.Value
		}
	}
	revision := short(settings["vcs.revision"])
	if revision != "" && settings["vcs.modified"] == "true" {
		revision += "+dirty"
	}
	return cmp.Or(revision, "unknown")
}

// short is a commit as people write it.
func short(commit string) string { return commit[:min(len(commit), 7)] }

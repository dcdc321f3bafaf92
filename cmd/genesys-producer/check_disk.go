//go:build linux || darwin

package main

import "syscall"

// freeBytes is how much a user may still write to the file system of a path.
func freeBytes(path string) (free uint64, known bool) {
	var disk syscall.Statfs_t
	if err := syscall.Statfs(path, &disk); err != nil {
		return 0, false
	}
	return disk.Bavail * uint64(disk.Bsize), true
}

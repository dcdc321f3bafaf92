package checkpoint

import "os"

// SetBefore makes d call before ahead of each step of a write; an error of it
// takes the step's place.
func (d *Dir) SetBefore(before func(step string) error) { d.before = before }

// Abandon frees the lock of d and nothing else, as the end of a process does.
func (d *Dir) Abandon() error { return d.lock.file.Close() }

// FlockShared and Unlock are what Holder does with a lock file.
func FlockShared(f *os.File) error { return flockShared(f) }
func Unlock(f *os.File) error      { return unlock(f) }

// File returns the path of the file of key.
func (d *Dir) File(key Key) string { return d.file(key) }

// LedgerFile returns the path of the file of a ledger.
func (d *Dir) LedgerFile(queue string, day Day) string { return d.ledger(queue, day) }

package checkpoint

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
)

// Dir is a [Store] in a directory of the file system, for one process at a
// time. The package comment describes what it writes.
//
// It is safe for concurrent use; calls take turns.
type Dir struct {
	name   string
	path   string                  // the directory: {dir}/{name}
	lock   *lock                   // held until Close
	before func(step string) error // nil, but in tests: called before each step of a write

	mu     sync.Mutex     // guards the files and what follows
	doubt  map[Key]string // content of the last write, where that has failed
	known  map[Key]decoded
	closed bool
}

var _ Store = (*Dir)(nil)

// OpenDir opens the positions of the checkpoint name below dir, and creates
// the directory {dir}/{name} if there is none. It removes the temporary files
// that a crash has left.
//
// While it is open no other process can open it: a second OpenDir returns an
// error that wraps [ErrLocked] and names the holder. The lock is the
// kernel's; it ends with [Dir.Close] or with the process, however that ends.
func OpenDir(dir, name string) (*Dir, error) {
	if dir == "" {
		return nil, fmt.Errorf("checkpoint: open: directory \"\": %w: want a path", ErrInvalid)
	}
	if err := ValidateName(name); err != nil {
		return nil, fmt.Errorf("checkpoint: open: %w", err)
	}
	path := filepath.Join(dir, name)
	if err := makeDir(path); err != nil {
		return nil, unwritable("open", path, err)
	}
	lock, err := acquire(filepath.Join(path, lockName))
	if err != nil {
		return nil, err
	}
	if err := removeTemporary(path); err != nil {
		return nil, errors.Join(unwritable("open", path, err), lock.release())
	}
	return &Dir{name: name, path: path, lock: lock, doubt: make(map[Key]string), known: make(map[Key]decoded)}, nil
}

// Load returns the position stored under key, or false where there is none.
// An error about what is stored is a [*FileError] that wraps the [Reason].
func (d *Dir) Load(ctx context.Context, key Key) (Position, bool, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.admit(ctx, "load", key); err != nil {
		return Position{}, false, err
	}
	return d.read("load", key)
}

// Take is Load: while a Dir is open, no other process can save.
func (d *Dir) Take(ctx context.Context, key Key) (Position, bool, error) { return d.Load(ctx, key) }

// Release does nothing: a position holds nothing while it is not written.
func (d *Dir) Release(Key) {}

// Keys returns the keys that have a file. Files of other names are not looked at.
func (d *Dir) Keys(ctx context.Context) ([]Key, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.usable(ctx, "list"); err != nil {
		return nil, err
	}
	return keysIn(d.path)
}

// Save stores p under key and returns once it would survive a loss of power.
// ctx is looked at before the write begins; a write once begun is finished.
//
// A failed write is a [*FileError] that wraps [ErrUnwritable] and the cause.
// A stored position that cannot be read is not overwritten. A chunk that would
// begin behind the end of its ledger's file is refused with [ErrDamaged].
func (d *Dir) Save(ctx context.Context, key Key, p Position, chunks ...Chunk) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.admit(ctx, "save", key); err != nil {
		return err
	}
	for _, c := range chunks {
		if err := c.Validate(); err != nil {
			return fmt.Errorf("checkpoint: save %v: %w", key, err)
		}
	}
	text, err := Encode(d.name, key, p)
	if err != nil {
		return fmt.Errorf("checkpoint: save %v: %w", key, err)
	}
	stored, ok, err := d.read("save", key)
	if err != nil {
		return err
	}
	if again := d.doubt[key] == string(text); ok && !again {
		if err := MayFollow(key, stored, p); err != nil {
			return err
		}
	}
	for _, c := range chunks { // first, so that no position vouches for what is not there
		if err := d.enter(key.Queue, c); err != nil {
			return err
		}
	}
	if err := d.replace("", d.file(key), d.file(key)+temporarySuffix, text); err != nil {
		// The rename may have happened: whichever it was, p may come again.
		d.doubt[key] = string(text)
		return unwritable("save", d.file(key), err)
	}
	delete(d.doubt, key)
	p.Query = p.Query.utc()
	d.known[key] = decoded{sha256.Sum256(text), p}
	return nil
}

// Close lets other processes open the checkpoint name. Closing again is no
// error.
func (d *Dir) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return nil
	}
	d.closed = true
	return d.lock.release()
}

// admit refuses a call before it touches a file.
func (d *Dir) admit(ctx context.Context, op string, key Key) error {
	if err := key.Validate(); err != nil {
		return fmt.Errorf("checkpoint: %s %v: %w", op, key, err)
	}
	return d.usable(ctx, op+" "+key.String())
}

// usable refuses a call to a store that is closed, or whose directory is gone.
func (d *Dir) usable(ctx context.Context, op string) error {
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("checkpoint: %s: %w", op, ctx.Err())
	case d.closed:
		return fmt.Errorf("checkpoint: %s: %w", op, ErrClosed)
	}
	// In a directory that was replaced or unmounted every position is missing,
	// which would mean: start over (invariant 5).
	if err := d.lock.inPlace(); err != nil {
		return &FileError{Op: op, File: d.path, Err: fmt.Errorf("%w: it was moved, removed or unmounted: %w", ErrUnreadable, err),
			Fix: "put the directory back, then start the program again"}
	}
	return nil
}

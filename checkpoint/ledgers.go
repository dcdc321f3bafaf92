package checkpoint

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
)

// repair is what a person can do about a ledger that cannot be used. None is needed to
// go on, which a restart notices.
const repair = "see to the health of the volume, then start the program again; if that does not help, move the file away: " +
	"what began on that day is published again then, and nothing is lost"

// Ledger returns the content of the ledger's file, or nothing where there is none.
// A file that cannot be read is a [*FileError] that wraps [ErrUnreadable].
func (d *Dir) Ledger(ctx context.Context, queue string, day Day) ([]byte, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.admitDay(ctx, "ledger", queue, day); err != nil {
		return nil, err
	}
	file := d.ledger(queue, day)
	text, _, err := readFile(file, math.MaxInt32)
	if err != nil {
		return nil, &FileError{Op: "ledger", File: file, Err: err, Fix: repair}
	}
	return text, nil
}

// Forget removes the ledgers of the queue's earlier days. A file that a loss of power
// brings back does no harm, for what a ledger says stays true.
func (d *Dir) Forget(ctx context.Context, queue string, before Day) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.admitDay(ctx, "forget", queue, before); err != nil {
		return err
	}
	if err := d.removeLedgers(queue, func(day Day) bool { return day < before }); err != nil {
		return unwritable("forget", d.path, err)
	}
	return nil
}

// admitDay refuses a call about ledgers before it touches a file.
func (d *Dir) admitDay(ctx context.Context, op, queue string, day Day) error {
	if err := day.Validate(); err != nil {
		return fmt.Errorf("checkpoint: %s queue %s: %w", op, queue, err)
	}
	return d.admit(ctx, op, Key{Queue: queue, Lane: Live}) // which lane is all the same
}

// enter makes a chunk durable in its ledger's file.
func (d *Dir) enter(queue string, c Chunk) error {
	file := d.ledger(queue, c.Day)
	if c.Offset == 0 {
		if err := d.replace("ledger ", file, file+temporarySuffix, c.Text); err != nil {
			return unwritable("save", file, err)
		}
		return nil
	}
	return d.extend(file, c)
}

// extend writes a chunk in place, whatever the length of the file before it. What a
// crash tears there lies behind all that a stored position vouches for, and the same
// chunk, written again, is what it was to be.
func (d *Dir) extend(file string, c Chunk) error {
	size, _, err := sizeOf(file)
	if err == nil && size < int64(c.Offset) { // which would leave a hole of zero bytes
		err = fmt.Errorf("%w: it has %d bytes, and is to go on at %d", ErrDamaged, size, c.Offset)
	}
	if err != nil {
		return &FileError{Op: "save", File: file, Err: err, Fix: repair}
	}
	var f *os.File
	err = d.run(
		step{"ledger open", func() (err error) {
			f, err = os.OpenFile(file, os.O_WRONLY, 0)
			return err
		}},
		step{"ledger write", func() error { _, err := f.WriteAt(c.Text, int64(c.Offset)); return err }},
		step{"ledger truncate", func() error { return f.Truncate(int64(c.Offset + len(c.Text))) }},
		step{"ledger fsync", func() error { return f.Sync() }},
		step{"ledger close", func() error { return f.Close() }},
	)
	if err != nil {
		_ = f.Close() // what is not flushed is written again
		return unwritable("save", file, err)
	}
	return nil
}

// removeLedgers removes the ledgers of a queue whose day is one of which.
func (d *Dir) removeLedgers(queue string, which func(Day) bool) error {
	entries, err := os.ReadDir(d.path)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		its, day, ok := ledgerOf(entry.Name())
		if !ok || its != queue || !which(day) {
			continue
		}
		err := d.run(step{"ledger remove", func() error { return os.Remove(filepath.Join(d.path, entry.Name())) }})
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

package checkpoint

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"
)

// formerSuffix ends the name of a copy of a position that was rewound. A time in UTC is
// before it.
const formerSuffix = ".former"

// Rewind stores p under key as Save does, wherever it lies, and returns the position
// that was stored, or the zero Position where there was none. A copy of its file is
// kept beside it.
//
// The copy comes first, then the ledgers of the queue are removed, then p is stored:
// after a crash between the two, the old position stands without ledgers, which costs
// messages that say nothing new. If the stored position cannot be read, nothing is
// changed.
func (d *Dir) Rewind(ctx context.Context, key Key, p Position) (former Position, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.admit(ctx, "rewind", key); err != nil {
		return Position{}, err
	}
	text, err := Encode(d.name, key, p)
	if err != nil {
		return Position{}, fmt.Errorf("checkpoint: rewind %v: %w", key, err)
	}
	former, ok, err := d.read("rewind", key)
	if err != nil {
		return Position{}, err
	}
	if ok {
		err = d.keep(key)
	}
	if err == nil {
		err = d.removeLedgers(key.Queue, func(Day) bool { return true })
	}
	if err == nil {
		err = d.run(step{"ledger fsync directory", func() error { return syncDir(d.path) }})
	}
	if err == nil {
		err = d.replace("", d.file(key), d.file(key)+temporarySuffix, text)
	}
	if err != nil {
		return Position{}, unwritable("rewind", d.file(key), err)
	}
	delete(d.doubt, key)
	return former, nil
}

// keep writes a copy of the file of key beside it. It is never written over an earlier
// one: of two in the same second, the second has the name of the next.
func (d *Dir) keep(key Key) error {
	file := d.file(key)
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	for at := time.Now().UTC(); ; at = at.Add(time.Second) {
		former := file + "." + at.Format("20060102T150405Z") + formerSuffix
		switch _, err := os.Lstat(former); {
		case errors.Is(err, fs.ErrNotExist):
			// Its temporary file is that of the position: one more suffix might be too long for a name.
			return d.replace("former ", former, file+temporarySuffix, text)
		case err != nil:
			return err
		}
	}
}

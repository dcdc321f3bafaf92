package checkpoint

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// decoded is what a text was decoded to, or encoded from. Each Save reads what is stored:
// most often it is what the last one wrote.
type decoded struct {
	sum      [sha256.Size]byte // of the text
	position Position
}

// read returns the position in the file of key, or false where there is no
// such file.
func (d *Dir) read(op string, key Key) (Position, bool, error) {
	file := d.file(key)
	text, ok, err := readFile(file, MaxSize+1) // one byte more than Decode accepts
	if !ok && err == nil {
		return Position{}, false, nil
	}
	var p Position
	if err == nil {
		sum := sha256.Sum256(text)
		if known, ok := d.known[key]; ok && known.sum == sum {
			return known.position, true, nil
		}
		p, err = Decode(d.name, key, text)
	}
	if err != nil {
		return Position{}, false, &FileError{Op: op, File: file, Err: err, Fix: recovery(err, key)}
	}
	return p, true, nil
}

// readFile returns the content of a regular file, up to a length, or false if
// nothing at all has that name.
func readFile(file string, most int64) ([]byte, bool, error) {
	size, ok, err := sizeOf(file)
	if !ok || err != nil {
		return nil, false, err
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, false, fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	var text bytes.Buffer
	text.Grow(int(min(size, most)) + bytes.MinRead) // as much as ReadFrom wants to see the end
	_, err = text.ReadFrom(io.LimitReader(f, most))
	if err := errors.Join(err, f.Close()); err != nil {
		return nil, false, fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	return text.Bytes(), true, nil
}

// sizeOf returns the length of a regular file, or false if nothing at all has
// that name.
func sizeOf(file string) (int64, bool, error) {
	info, err := os.Lstat(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return 0, false, nil
	case err != nil:
		return 0, false, fmt.Errorf("%w: %w", ErrUnreadable, err)
	case !info.Mode().IsRegular(): // opening a pipe would even block
		return 0, false, fmt.Errorf("%w: it is no regular file but %v", ErrUnreadable, info.Mode())
	}
	return info.Size(), true, nil
}

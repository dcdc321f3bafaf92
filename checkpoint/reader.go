package checkpoint

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Reader reads the positions of one checkpoint name in a directory, for people who look at
// them while the process that writes them runs: it takes no lock, and creates and changes
// nothing. What it returns was stored at some time during the call; the next call may
// return what was stored later. It is no [Store], because what nobody keeps others from
// changing is nothing to go on from.
//
// It is safe for concurrent use.
type Reader struct {
	files *Dir // without a lock, and never written by
}

// ReadDir reads the positions of the checkpoint name below dir. That there is no such
// directory is no error: then there are none.
func ReadDir(dir, name string) (*Reader, error) {
	if dir == "" {
		return nil, fmt.Errorf("checkpoint: read: directory \"\": %w: want a path", ErrInvalid)
	}
	if err := ValidateName(name); err != nil {
		return nil, fmt.Errorf("checkpoint: read: %w", err)
	}
	return &Reader{&Dir{name: name, path: filepath.Join(dir, name)}}, nil
}

// Keys returns the keys that have a file, as [Dir.Keys] does.
func (r *Reader) Keys(ctx context.Context) ([]Key, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("checkpoint: list: %w", err)
	}
	keys, err := keysIn(r.files.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return keys, err
}

// Load returns the position stored under key, as [Dir.Load] does.
func (r *Reader) Load(ctx context.Context, key Key) (Position, bool, error) {
	err := key.Validate()
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return Position{}, false, fmt.Errorf("checkpoint: load %v: %w", key, err)
	}
	return r.files.read("load", key)
}

// Names returns the checkpoint names below the directory, in their order: those under
// which something was stored, or a process was started.
func (r *Reader) Names(ctx context.Context) (names []string, err error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("checkpoint: list: %w", err)
	}
	dir := filepath.Dir(r.files.path)
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, &FileError{Op: "list", File: dir, Err: fmt.Errorf("%w: %w", ErrUnreadable, err)}
	}
	for _, entry := range entries {
		// A volume has directories that are not ours, such as lost+found.
		if ValidateName(entry.Name()) != nil {
			continue
		}
		if _, err := os.Lstat(filepath.Join(dir, entry.Name(), lockName)); err == nil {
			names = append(names, entry.Name())
		}
	}
	return names, nil
}

// Close does nothing: a Reader holds nothing.
func (r *Reader) Close() error { return nil }

// keysIn are the keys that have a file in a directory. Files of other names are not looked
// at.
func keysIn(path string) ([]Key, error) {
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, &FileError{Op: "list", File: path, Err: fmt.Errorf("%w: %w", ErrUnreadable, err)}
	}
	var keys []Key
	for _, entry := range entries {
		if key, ok := keyOf(entry.Name()); ok {
			keys = append(keys, key)
		}
	}
	SortKeys(keys)
	return keys, nil
}

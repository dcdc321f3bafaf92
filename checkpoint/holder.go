package checkpoint

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Holder is who has the positions of the checkpoint name below dir open, in the words of
// its lock file; empty: nobody. It changes nothing, and whoever has them open goes on.
// Where nobody has, who opens them at that very instant waits for it to have looked.
func Holder(dir, name string) (string, error) {
	if err := ValidateName(name); err != nil {
		return "", fmt.Errorf("checkpoint: holder: %w", err)
	}
	path := filepath.Join(dir, name, lockName)
	f, err := os.Open(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", nil
	case err != nil:
		return "", &FileError{Op: "holder", File: path, Err: fmt.Errorf("%w: %w", ErrUnreadable, err)}
	}
	held := ""
	switch err = flockShared(f); {
	case errors.Is(err, ErrLocked):
		held, err = holder(f), nil
	case err == nil:
		err = unlock(f)
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return "", &FileError{Op: "holder", File: path, Err: fmt.Errorf("%w: %w", ErrUnreadable, err)}
	}
	return held, nil
}

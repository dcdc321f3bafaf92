package checkpoint

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// step is one step of a write.
type step struct {
	name string
	do   func() error
}

// run takes the steps one after the other, up to the first that fails.
func (d *Dir) run(steps ...step) error {
	for _, step := range steps {
		err := error(nil)
		if d.before != nil {
			err = d.before(step.name)
		}
		if err == nil {
			err = step.do()
		}
		if err != nil {
			return fmt.Errorf("%s: %w", step.name, err)
		}
	}
	return nil
}

// replace makes text the content of file by way of a temporary one, so that a
// crash at any instant leaves the old content or the new one (invariant 5).
// what comes before the names of its steps: empty, or a word and a space.
func (d *Dir) replace(what, file, temporary string, text []byte) error {
	var f *os.File
	err := d.run(
		step{what + "create", func() (err error) {
			f, err = os.OpenFile(temporary, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o640)
			return err
		}},
		step{what + "write", func() error { _, err := f.Write(text); return err }},
		step{what + "fsync", func() error { return f.Sync() }},
		step{what + "close", func() error { return f.Close() }},
		step{what + "rename", func() error { return os.Rename(temporary, file) }},
		step{what + "fsync directory", func() error { return syncDir(d.path) }},
	)
	if err != nil {
		// What cannot be tidied up now is harmless, and removed at the next open.
		_ = f.Close()
		_ = os.Remove(temporary)
	}
	return err
}

// makeDir creates path and the directories above it that do not exist, and
// makes their entries durable: a file is only as durable as the way to it.
func makeDir(path string) error {
	switch err := os.Mkdir(path, 0o750); {
	case errors.Is(err, fs.ErrExist):
		info, err := os.Stat(path)
		if err == nil && !info.IsDir() {
			err = &fs.PathError{Op: "mkdir", Path: path, Err: syscall.ENOTDIR}
		}
		return err
	case errors.Is(err, fs.ErrNotExist) && filepath.Dir(path) != path:
		if err := makeDir(filepath.Dir(path)); err != nil {
			return err
		}
		return makeDir(path)
	case err != nil:
		return err
	}
	return syncDir(filepath.Dir(path))
}

// syncDir makes the entries of a directory durable. File systems without
// such an operation say so, and are taken at their word.
func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	err = d.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, errors.ErrUnsupported) {
		err = nil
	}
	return errors.Join(err, d.Close())
}

// removeTemporary removes what writes that did not end have left in path.
func removeTemporary(path string) error {
	entries, err := os.ReadDir(path)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		stem, temporary := strings.CutSuffix(entry.Name(), temporarySuffix)
		ours := strings.HasSuffix(stem, suffix) || strings.HasSuffix(stem, ledgerSuffix)
		if temporary && ours && !entry.IsDir() {
			if err := os.Remove(filepath.Join(path, entry.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

// unwritable returns the error of a failed change of the file system.
func unwritable(op, file string, cause error) error {
	return &FileError{Op: op, File: file, Err: fmt.Errorf("%w: %w", ErrUnwritable, cause),
		Fix: "see to free space, permissions and a volume that is mounted for writing, then try again; what was stored is kept"}
}

// recovery returns what a person can do about a stored position that was
// refused with err.
func recovery(err error, key Key) string {
	restore := "restore the file from a copy, or move it away and set WINDOW_FROM to where queue " + key.Queue + " should begin"
	switch {
	case errors.Is(err, ErrUnreadable):
		return "see to the permissions of the file and the health of the volume; else " + restore
	case errors.Is(err, ErrNewer):
		return "run the version of the program that wrote it, or a later one; else " + restore
	case errors.Is(err, ErrForeign):
		return "move the file back to where it belongs and " + restore
	}
	return restore
}

package checkpoint

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

// lockName is the name of the lock file in the directory of a checkpoint
// name. The file stays when the lock is gone: removing it would let two
// processes lock two files of the same name.
const lockName = "lock"

// lock is a lock that the kernel holds for this process, on an open file
// that names the holder for the sake of messages.
type lock struct {
	file *os.File
}

// acquire takes the lock on path. It waits for a glance, because who has it may only
// look at it, and nobody can tell: the file may be signed by one that was killed. If another
// process, or another lock of this one, has it for longer, the error wraps [ErrLocked] and
// names the holder.
func acquire(path string) (*lock, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o640)
	if err != nil {
		return nil, unwritable("open", path, err)
	}
	err = flock(f)
	for began := time.Now(); errors.Is(err, ErrLocked) && time.Since(began) < glance; err = flock(f) {
		time.Sleep(glance / 20)
	}
	if err != nil {
		name := holder(f)
		_ = f.Close() // nothing was written
		if !errors.Is(err, ErrLocked) {
			return nil, unwritable("open", path, err)
		}
		return nil, &FileError{Op: "open", File: path, Err: fmt.Errorf("%w: %s", err, name),
			Fix: "stop that process, or give this one a CHECKPOINT_NAME of its own"}
	}
	l := &lock{file: f}
	if err := l.sign(); err != nil {
		return nil, errors.Join(unwritable("open", path, err), f.Close())
	}
	return l, nil
}

// glance is for how long [Holder] may have the lock, at most.
const glance = 500 * time.Millisecond

// sign writes into the lock file who holds it.
func (l *lock) sign() error {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	text := fmt.Sprintf("pid %d host %s since %s\n", os.Getpid(), host, time.Now().UTC().Format(time.RFC3339))
	if err := l.file.Truncate(0); err != nil {
		return err
	}
	_, err = l.file.WriteAt([]byte(text), 0)
	return err
}

// inPlace returns nil while the file that is locked is the one at its path.
func (l *lock) inPlace() error {
	held, err := l.file.Stat()
	if err != nil {
		return err
	}
	there, err := os.Stat(l.file.Name())
	if err != nil {
		return err
	}
	if !os.SameFile(held, there) {
		return fmt.Errorf("%s is another file than the one locked", l.file.Name())
	}
	return nil
}

// release gives the lock back. Closing the file alone would not do, yet: a process
// that this one is starting has it open too, for the moment between fork and exec.
func (l *lock) release() error {
	err := errors.Join(l.file.Truncate(0), unlock(l.file), l.file.Close())
	if err != nil {
		return &FileError{Op: "close", File: l.file.Name(), Err: err}
	}
	return nil
}

// holder returns what the holder of the lock has written about itself.
func holder(f *os.File) string {
	text, err := io.ReadAll(io.NewSectionReader(f, 0, 256))
	if line := strings.TrimSpace(string(text)); err == nil && line != "" {
		return line
	}
	return "its pid is unknown"
}

//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package checkpoint

import (
	"errors"
	"os"
	"syscall"
)

// flock locks f for this process without waiting; the kernel frees it when
// the process ends or f is closed. If f is locked it returns [ErrLocked].
func flock(f *os.File) error { return tryLock(f, syscall.LOCK_EX) }

// flockShared is flock, beside others that do the same.
func flockShared(f *os.File) error { return tryLock(f, syscall.LOCK_SH) }

func tryLock(f *os.File, how int) error {
	for {
		err := syscall.Flock(int(f.Fd()), how|syscall.LOCK_NB)
		switch {
		case errors.Is(err, syscall.EINTR):
			continue
		case errors.Is(err, syscall.EWOULDBLOCK):
			return ErrLocked
		}
		return err
	}
}

// unlock gives the lock on f back, whoever has f open besides.
func unlock(f *os.File) error { return syscall.Flock(int(f.Fd()), syscall.LOCK_UN) }

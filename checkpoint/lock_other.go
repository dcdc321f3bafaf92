//go:build !(darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd)

package checkpoint

import (
	"errors"
	"fmt"
	"os"
)

// flock refuses: without a lock that ends with the process, a second process
// could move positions back unnoticed.
func flock(*os.File) error {
	return fmt.Errorf("file locks on this operating system: %w", errors.ErrUnsupported)
}

// flockShared refuses likewise.
func flockShared(f *os.File) error { return flock(f) }

// unlock has nothing to give back: nothing was locked.
func unlock(*os.File) error { return nil }

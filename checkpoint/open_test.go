package checkpoint_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"genesys-producer/checkpoint"
	"genesys-producer/checkpoint/checkpointtest"
)

// A directory that vanishes under a running service takes its positions
// along: they are unreadable then, not missing.
func TestDirMissesItsDirectory(t *testing.T) {
	for name, replace := range map[string]func(path string) error{
		"moved":    func(path string) error { return os.Rename(path, path+".away") },
		"replaced": func(path string) error { return errors.Join(os.Rename(path, path+".away"), os.Mkdir(path, 0o700)) },
		"used by another": func(path string) error {
			return errors.Join(os.Rename(path, path+".away"), os.Mkdir(path, 0o700), os.WriteFile(path+"/lock", nil, 0o600))
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			store := openDir(t, dir)
			save(t, store, checkpointtest.Sample(key()))
			if err := replace(filepath.Join(dir, "default")); err != nil {
				t.Fatal(err)
			}
			if p, ok, err := store.Load(t.Context(), key()); ok || !errors.Is(err, checkpoint.ErrUnreadable) {
				t.Errorf("load: %v, %v, %v", p, ok, err)
			}
			next := checkpointtest.Sample(key())
			next.Page++
			if err := store.Save(t.Context(), key(), next); !errors.Is(err, checkpoint.ErrUnreadable) {
				t.Errorf("save: %v", err)
			}
		})
	}
}

func TestOpenDirRefuses(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(dir, "name", "lock"), 0o700); err != nil { // in the place of the lock
		t.Fatal(err)
	}
	for _, test := range []struct {
		dir, name string
		want      error
	}{
		{"", "default", checkpoint.ErrInvalid},
		{dir, "../default", checkpoint.ErrInvalid},
		{dir, "file", checkpoint.ErrUnwritable},
		{dir, "file", syscall.ENOTDIR},
		{file, "default", syscall.ENOTDIR},
		{filepath.Join(file, "deeper"), "default", syscall.ENOTDIR},
		{dir, "name", checkpoint.ErrUnwritable},
	} {
		store, err := checkpoint.OpenDir(test.dir, test.name)
		if store != nil || !errors.Is(err, test.want) {
			t.Errorf("open %q %q: %v; want %v", test.dir, test.name, err, test.want)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "default")); !errors.Is(err, fs.ErrNotExist) {
		t.Error("a refused name has left the directory")
	}
}

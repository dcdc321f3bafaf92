package checkpoint_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"genesys-producer/checkpoint"
	"genesys-producer/checkpoint/checkpointtest"
)

// openDir opens checkpoint name "default" below dir until the test ends.
func openDir(t *testing.T, dir string) *checkpoint.Dir {
	t.Helper()
	store, err := checkpoint.OpenDir(dir, "default")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return store
}

// save stores p, which must succeed.
func save(t *testing.T, store checkpoint.Store, p checkpoint.Position) {
	t.Helper()
	if err := store.Save(t.Context(), key(), p); err != nil {
		t.Fatal(err)
	}
}

func TestDirConformance(t *testing.T) {
	checkpointtest.Conformance(t, func(t *testing.T) (checkpoint.Store, func() checkpoint.Store) {
		dir := t.TempDir()
		store := openDir(t, dir)
		current := store
		return store, func() checkpoint.Store {
			if err := current.Close(); err != nil {
				t.Error(err)
			}
			current = openDir(t, dir)
			return current
		}
	})
}

func TestDirFiles(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b") // does not exist yet
	store := openDir(t, dir)
	for _, queue := range []string{"3f2b8a52-7a2c", "A", "a", "../x", "%41", "a.revisit"} {
		k := checkpoint.Key{Queue: queue, Lane: checkpoint.Live}
		if err := store.Save(t.Context(), k, checkpointtest.Sample(k)); err != nil {
			t.Fatal(err)
		}
	}
	longest := checkpoint.Key{Queue: strings.Repeat("/", 64), Lane: checkpoint.Lane(strings.Repeat("l", 32))}
	if err := store.Save(t.Context(), longest, checkpointtest.Sample(longest)); err != nil {
		t.Error(err)
	}
	entries, err := os.ReadDir(filepath.Join(dir, "default"))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	want := "%2541.live.json %2e%2e%2fx.live.json " + strings.Repeat("%2f", 64) + "." + strings.Repeat("l", 32) + ".json " +
		"%41.live.json 3f2b8a52-7a2c.live.json a%2erevisit.live.json a.live.json lock"
	if got := strings.Join(names, " "); got != want {
		t.Errorf("files\n%s\nwant\n%s", got, want)
	}
}

// found returns what kind of thing file is and, if it can be read, its content.
func found(file string) string {
	info, err := os.Lstat(file)
	if err != nil {
		return err.Error()
	}
	if !info.Mode().IsRegular() { // reading a pipe would block
		return info.Mode().String()
	}
	text, err := os.ReadFile(file)
	return fmt.Sprint(info.Mode(), string(text), err)
}

func TestDirRefusesWhatIsStored(t *testing.T) {
	good := encode(t, checkpointtest.Sample(key()))
	other := checkpoint.Key{Queue: "other", Lane: checkpoint.Live}
	foreign, err := checkpoint.Encode("default", other, checkpointtest.Sample(other))
	if err != nil {
		t.Fatal(err)
	}
	write := func(text string) func(file string) error {
		return func(file string) error { return os.WriteFile(file, []byte(text), 0o600) }
	}
	for _, test := range []struct {
		name  string
		place func(file string) error
		want  checkpoint.Reason
		say   string // what the message says
	}{
		{"empty", write(""), checkpoint.ErrEmpty, "restore the file from a copy, or move it away and set WINDOW_FROM"},
		{"torn", write(string(good[:len(good)/2])), checkpoint.ErrDamaged, "restore the file"},
		{"edited", write(strings.Replace(string(good), "700", "800", 1)), checkpoint.ErrDamaged, "SHA-256"},
		{"foreign", write(string(foreign)), checkpoint.ErrForeign, "move the file back to where it belongs"},
		{"newer", write(strings.Replace(string(good), `"version": 2`, `"version": 7`, 1)), checkpoint.ErrNewer, "run the version of the program that wrote it"},
		{"a directory", func(file string) error { return os.Mkdir(file, 0o700) }, checkpoint.ErrUnreadable, "no regular file"},
		{"a pipe", func(file string) error { return syscall.Mkfifo(file, 0o600) }, checkpoint.ErrUnreadable, "no regular file"},
		{"a broken link", func(file string) error { return os.Symlink("nowhere", file) }, checkpoint.ErrUnreadable, "no regular file"},
	} {
		t.Run(test.name, func(t *testing.T) {
			store := openDir(t, t.TempDir())
			file := store.File(key())
			if err := test.place(file); err != nil {
				t.Fatal(err)
			}
			before := found(file)
			_, ok, loadErr := store.Load(t.Context(), key())
			saveErr := store.Save(t.Context(), key(), checkpointtest.Sample(key()))
			for op, err := range map[string]error{"load": loadErr, "save": saveErr} {
				fileErr, is := errors.AsType[*checkpoint.FileError](err)
				if ok || !is || fileErr.Op != op || fileErr.File != file || !errors.Is(err, test.want) {
					t.Errorf("%s: %v; want %v", op, err, test.want)
				} else if !strings.HasPrefix(err.Error(), "checkpoint: "+op+" "+file+": ") || !strings.Contains(err.Error(), test.say) {
					t.Errorf("%s: %v: does not say %q", op, err, test.say)
				}
			}
			if after := found(file); after != before {
				t.Errorf("it was %s\nit is  %s", before, after)
			}
		})
	}
}

// A save that was let in is finished: the end of its context does not tear it.
func TestDirFinishesAWrite(t *testing.T) {
	store := openDir(t, t.TempDir())
	ctx, cancel := context.WithCancel(t.Context())
	store.SetBefore(func(string) error { cancel(); return nil })
	p := checkpointtest.Sample(key())
	if err := store.Save(ctx, key(), p); err != nil {
		t.Errorf("save: %v", err)
	}
	if q, ok, err := store.Load(t.Context(), key()); !ok || err != nil || q != p {
		t.Errorf("load: %v, %v, %v", q, ok, err)
	}
}

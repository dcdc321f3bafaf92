package checkpoint_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"genesys-producer/checkpoint"
	"genesys-producer/checkpoint/checkpointtest"
)

func readDir(t *testing.T, dir, name string) *checkpoint.Reader {
	t.Helper()
	r, err := checkpoint.ReadDir(dir, name)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// contents are the files below a directory, with what is in them.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			files[path] = "directory"
			return err
		}
		text, err := os.ReadFile(path)
		files[path] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// A reader sees what a store that is open has saved, each time anew, and changes nothing: not
// even a temporary file that a write has left.
func TestReaderBesideTheWriter(t *testing.T) {
	dir := t.TempDir()
	store := openDir(t, dir)
	for _, p := range checkpointtest.Walk(key())[:4] {
		save(t, store, p)
		if err := os.WriteFile(filepath.Join(dir, "default", "q.live.json.tmp"), []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
		before := contents(t, dir)
		r := readDir(t, dir, "default")
		keys, err := r.Keys(t.Context())
		if err != nil || !slices.Equal(keys, []checkpoint.Key{key()}) {
			t.Fatalf("keys %v, %v", keys, err)
		}
		if got, ok, err := r.Load(t.Context(), key()); err != nil || !ok || got != p {
			t.Errorf("load: %v, %v, %v; want %v", got, ok, err, p)
		}
		if names, err := r.Names(t.Context()); err != nil || !slices.Equal(names, []string{"default"}) {
			t.Errorf("names %v, %v", names, err)
		}
		for path, text := range contents(t, dir) {
			if before[path] != text {
				t.Errorf("%s was changed", path)
			}
			delete(before, path)
		}
		if len(before) > 0 {
			t.Errorf("removed: %v", before)
		}
	}
}

// Where nothing was ever stored there is nothing, and nothing is created.
func TestReaderOfNothing(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "absent")
	r := readDir(t, dir, "default")
	keys, err := r.Keys(t.Context())
	names, nameErr := r.Names(t.Context())
	_, ok, loadErr := r.Load(t.Context(), key())
	if len(keys)+len(names) > 0 || ok || err != nil || nameErr != nil || loadErr != nil {
		t.Errorf("%v, %v; %v, %v; %v, %v", keys, err, names, nameErr, ok, loadErr)
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("it was created: %v", err)
	}
}

// What cannot be read is an error, never "none".
func TestReaderOfDamage(t *testing.T) {
	dir := t.TempDir()
	save(t, openDir(t, dir), checkpointtest.Sample(key()))
	files, err := filepath.Glob(filepath.Join(dir, "default", "*.json"))
	if err != nil || len(files) != 1 {
		t.Fatal(files, err)
	}
	file := files[0]
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for name, damage := range map[string]func() error{
		"torn":  func() error { return os.WriteFile(file, text[:100], 0o600) },
		"empty": func() error { return os.WriteFile(file, nil, 0o600) },
		"changed": func() error {
			return os.WriteFile(file, bytes.Replace(text, []byte(`"page": 7`), []byte(`"page": 8`), 1), 0o600)
		},
		"directory": func() error { return os.Mkdir(file, 0o700) },
	} {
		if err := errors.Join(os.RemoveAll(file), damage()); err != nil {
			t.Fatal(err)
		}
		r := readDir(t, dir, "default")
		keys, err := r.Keys(t.Context())
		if err != nil || len(keys) != 1 {
			t.Errorf("%s: keys %v, %v", name, keys, err)
		}
		var e *checkpoint.FileError
		if p, ok, err := r.Load(t.Context(), key()); ok || !errors.As(err, &e) {
			t.Errorf("%s: %v, %v, %v", name, p, ok, err)
		}
	}
}

func TestReaderNames(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"march", "default"} {
		store, err := checkpoint.OpenDir(dir, name)
		if err != nil {
			t.Fatal(err)
		}
		store.Close()
	}
	for _, other := range []string{"lost+found", "notes"} {
		if err := os.Mkdir(filepath.Join(dir, other), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if names, err := readDir(t, dir, "april").Names(t.Context()); err != nil || !slices.Equal(names, []string{"default", "march"}) {
		t.Errorf("names %v, %v", names, err)
	}
}

func TestReaderRefuses(t *testing.T) {
	for _, c := range [][2]string{{"", "default"}, {t.TempDir(), ""}, {t.TempDir(), "../up"}} {
		if _, err := checkpoint.ReadDir(c[0], c[1]); !errors.Is(err, checkpoint.ErrInvalid) {
			t.Errorf("%q: %v", c, err)
		}
	}
	if _, _, err := readDir(t, t.TempDir(), "default").Load(t.Context(), checkpoint.Key{}); !errors.Is(err, checkpoint.ErrInvalid) {
		t.Errorf("a key that is none: %v", err)
	}
}

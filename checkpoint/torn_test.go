package checkpoint_test

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"

	"genesys-producer/checkpoint"
)

// torn is a stored position, and a way to put something else into its file.
type torn struct {
	*testing.T
	store *checkpoint.Dir
	old   checkpoint.Position
	next  checkpoint.Position
	text  []byte // the file, with old in it
}

func newTorn(t *testing.T) torn {
	t.Helper()
	w := torn{T: t, store: openDir(t, t.TempDir())}
	w.old, w.next = oldAndNew()
	save(t, w.store, w.old)
	text, err := os.ReadFile(w.store.File(key()))
	if err != nil {
		t.Fatal(err)
	}
	w.text = text
	return w
}

// becomes puts text into the file and loads it. The file is written in place: some file
// systems make one that was cut to nothing durable when it is closed, which takes long.
func (w torn) becomes(text []byte) (checkpoint.Position, bool, error) {
	w.Helper()
	f, err := os.OpenFile(w.store.File(key()), os.O_WRONLY, 0)
	if err != nil {
		w.Fatal(err)
	}
	_, err = f.WriteAt(text, 0)
	if err := errors.Join(err, f.Truncate(int64(len(text))), f.Close()); err != nil {
		w.Fatal(err)
	}
	return w.store.Load(w.Context(), key())
}

// mustRefuse expects that the text is not believed, not taken for no position, and not
// written over; and that the error names the file.
func (w torn) mustRefuse(what string, i int, text []byte) {
	w.Helper()
	p, ok, err := w.becomes(text)
	var refused *checkpoint.FileError
	_, reason := errors.AsType[checkpoint.Reason](err)
	if ok || !p.IsZero() || !errors.As(err, &refused) || !reason || !strings.Contains(err.Error(), w.store.File(key())) {
		w.Fatalf("%s at %d: %v, %v, %v", what, i, p, ok, err)
	}
	if err := w.store.Save(w.Context(), key(), w.next); err == nil || errors.Is(err, checkpoint.ErrUnwritable) {
		w.Fatalf("%s at %d: saved over with %v", what, i, err)
	}
	if left, err := os.ReadFile(w.store.File(key())); err != nil || !bytes.Equal(left, text) {
		w.Fatalf("%s at %d: the file was changed (%v)", what, i, err)
	}
}

// A stored position that is torn at any byte stops its lane: it is never read as no
// position, and never as another one (invariant 5).
func TestPositionTornAtEveryByte(t *testing.T) {
	w := newTorn(t)
	whole := bytes.TrimSuffix(w.text, []byte("\n"))
	for length := range whole {
		zeroed := append(bytes.Clone(w.text[:length]), make([]byte, len(w.text)-length)...)
		w.mustRefuse("cut", length, w.text[:length])
		w.mustRefuse("zeroed", length, zeroed)
	}
	for _, text := range [][]byte{w.text, whole} { // the newline at the end means nothing
		if p, ok, err := w.becomes(text); err != nil || !ok || p != w.old {
			t.Errorf("whole: %v, %v, %v", p, ok, err)
		}
	}
}

// One byte of a stored position is another one: it is refused, but where white space
// becomes other white space.
func TestPositionChangedAtEveryByte(t *testing.T) {
	w := newTorn(t)
	white := func(b byte) bool { return strings.IndexByte(" \t\r\n", b) >= 0 }
	for i, b := range w.text {
		for _, change := range []byte{0, ' ', '\n', '0', '9', ^b, b ^ 1, b ^ ' '} {
			if change == b {
				continue
			}
			text := bytes.Clone(w.text)
			text[i] = change
			if white(b) && white(change) {
				if p, ok, err := w.becomes(text); err != nil || !ok || p != w.old {
					t.Fatalf("white space at %d: %v, %v, %v", i, p, ok, err)
				}
				continue
			}
			w.mustRefuse("changed", i, text)
		}
	}
}

// Half of the next position over the one that is stored, as a program would leave it
// that writes in place: it is the one, the other, or refused.
func TestPositionHalfOverwrittenAtEveryByte(t *testing.T) {
	w := newTorn(t)
	next := encode(t, w.next)
	if len(next) != len(w.text) {
		t.Fatalf("%d and %d bytes: the test wants positions of one length", len(w.text), len(next))
	}
	for i := range next {
		text := append(bytes.Clone(next[:i]), w.text[i:]...)
		switch {
		case bytes.Equal(text, w.text):
			if p, ok, err := w.becomes(text); err != nil || !ok || p != w.old {
				t.Fatalf("nothing overwritten yet at %d: %v, %v, %v", i, p, ok, err)
			}
		case bytes.Equal(text, next):
			if p, ok, err := w.becomes(text); err != nil || !ok || p != w.next {
				t.Fatalf("all overwritten at %d: %v, %v, %v", i, p, ok, err)
			}
		default:
			w.mustRefuse("half overwritten", i, text)
		}
	}
}

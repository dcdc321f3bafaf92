package checkpoint_test

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"testing"
	"time"

	"genesys-producer/checkpoint"
)

// bookOfThree returns a ledger of three frames with one to three new versions each.
func bookOfThree(t testing.TB) *book {
	b := newBook()
	b.write(t, window(0), 0, version("a", 1))
	b.write(t, window(0), 0, version("b", 1), version("a", 2))
	b.write(t, window(0), 1, seen("a"), version("c", 1), version("d", 1), version("b", 2))
	return b
}

// The bytes of a frame, put together by hand.
func TestFrameIsWrittenSo(t *testing.T) {
	walk := checkpoint.Walk{1, 2, 3, 4, 5, 6, 7, 8}
	known := seen("b")
	known.Flags, known.Hash = checkpoint.Open, checkpoint.Hash{9} // which are not written
	c, _ := checkpoint.Mark{Day: march1}.Frame(walk, 258, time.UnixMilli(1772323200000), []checkpoint.Item{version("a", 7, checkpoint.Letter), known})
	want := []byte{56 - 4, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 2, 1, 0x00, 0x64, 0xf0, 0xa6, 0x9c, 0x01, 0, 0}
	want = append(want, 2)
	want = append(want, unhex(t, "ca978112ca1bbdcafac231b3")...) // of SHA-256 of "a"
	want = append(want, 7, 1, 2, 3, 4, 5, 6, 0xff)
	want = append(want, 0x80)
	want = append(want, unhex(t, "3e23e8160039594a33894f65")...) // of SHA-256 of "b"
	binary.LittleEndian.PutUint64(want[14:], 1772323200000)
	want = binary.LittleEndian.AppendUint32(want, crc32.Checksum(want, crc32.MakeTable(crc32.Castagnoli)))
	if !bytes.Equal(c.Text, want) {
		t.Errorf("frame\n%x\nwant\n%x", c.Text, want)
	}
}

func unhex(t *testing.T, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// A ledger cut at any byte has the frames that are whole, and is intact for a position
// whose mark lies before the cut.
func TestLedgerTornAtEveryByte(t *testing.T) {
	b := bookOfThree(t)
	for length := range len(b.text) {
		for _, text := range [][]byte{
			b.text[:length],
			append(bytes.Clone(b.text[:length]), make([]byte, len(b.text)-length)...), // what a file system may leave
			append(bytes.Clone(b.text[:length]), "not a frame, and longer than one: 0123456789"...),
		} {
			if bytes.Equal(text, b.text) {
				continue
			}
			wantTorn(t, b, text, length)
		}
	}
}

// A ledger with another byte in it is one that is torn before the frame of that byte.
func TestLedgerChangedAtEveryByte(t *testing.T) {
	b := bookOfThree(t)
	for i, old := range b.text {
		for bit := range 8 {
			text := bytes.Clone(b.text)
			text[i] = old ^ 1<<bit
			wantTorn(t, b, text, i)
		}
	}
}

// wantTorn checks that of a text, which is that of b up to a length, what is whole is
// believed, and nothing else.
func wantTorn(t *testing.T, b *book, text []byte, length int) {
	t.Helper()
	whole := 0
	for b.marks[whole+1].Length <= length {
		whole++
	}
	all := []string{"a", "b", "c", "d"}
	for i, mark := range b.marks {
		l, intact := checkpoint.ReadLedger(text, march1, mark, window(0))
		frames := min(i, whole) // of a walk's own frames, those up to the mark
		if i > whole {
			frames = whole
		}
		want := mustRead(t, b.text, b.marks[frames], window(0))
		if intact != (i <= whole) || l.Mark() != b.marks[frames] || told(l, all...) != told(want, all...) {
			t.Fatalf("text of %d, damaged at %d, mark %d: intact %v, has %s", len(text), length, i, intact, told(l, all...))
		}
	}
}

// A frame under a right check that its length does not fit is none.
func TestFrameThatIsNone(t *testing.T) {
	whole := bookOfThree(t).text
	seal := func(frame []byte) []byte {
		binary.LittleEndian.PutUint32(frame, uint32(len(frame)-4))
		return binary.LittleEndian.AppendUint32(frame, crc32.Checksum(frame, crc32.MakeTable(crc32.Castagnoli)))
	}
	for name, text := range map[string][]byte{
		"short head":      seal(make([]byte, 21)),
		"half an item":    seal(append(make([]byte, 22), 0, 1, 2, 3)),
		"half known item": seal(append(make([]byte, 22), append([]byte{0x80}, make([]byte, 11)...)...)),
		"two thirds":      seal(append(make([]byte, 22), make([]byte, 13)...)),
		"a huge length":   append([]byte{0xff, 0xff, 0xff, 0xff}, make([]byte, 64)...),
		"length 0":        make([]byte, 64),
	} {
		if l, _ := checkpoint.ReadLedger(append(text, whole...), march1, checkpoint.Mark{}, window(1)); l.Len() != 0 || l.Mark().Length != 0 {
			t.Errorf("%s: read as %d conversations", name, l.Len())
		}
	}
}

// FuzzReadLedger: whatever the text, ReadLedger does not panic, and believes only whole
// frames under a right check, the first of which is the beginning of the text.
func FuzzReadLedger(f *testing.F) {
	b := bookOfThree(f)
	f.Add(b.text, len(b.text))
	f.Add(b.text[:len(b.text)-3], b.marks[1].Length)
	f.Add(append(bytes.Clone(b.text), b.text...), 0)
	f.Add([]byte{22, 0, 0, 0}, 4)
	f.Add(make([]byte, 300), -1)
	f.Add(bytes.Repeat([]byte{0xff}, 300), 300)
	f.Fuzz(func(t *testing.T, text []byte, length int) {
		believed, items := 0, 0
		for rest := text; len(rest) >= 4; {
			size := int(binary.LittleEndian.Uint32(rest)) + 4
			if size < 22 || size+4 > len(rest) || crc32.Checksum(rest[:size], crc32.MakeTable(crc32.Castagnoli)) != binary.LittleEndian.Uint32(rest[size:]) {
				break
			}
			items += (size - 22) / 13
			believed += size + 4
			rest = rest[size+4:]
		}
		for _, mark := range []checkpoint.Mark{{}, {Day: march1}, {Day: march1, Length: length}, {Day: march1, Length: length, Sum: b.last().Sum}} {
			for _, walk := range []checkpoint.Walk{{}, window(0)} {
				l, intact := checkpoint.ReadLedger(text, march1, mark, walk)
				if l.Mark().Length > believed || l.Len() > items {
					t.Fatalf("%d bytes and %d conversations believed, want at most %d and %d", l.Mark().Length, l.Len(), believed, items)
				}
				if intact && mark.Day == march1 && (mark.Length < 0 || l.Mark().Length < mark.Length) {
					t.Fatalf("intact up to %d, but has %d", mark.Length, l.Mark().Length)
				}
				if _, ok := checkpoint.ReadLedger(text[:l.Mark().Length], march1, l.Mark(), walk); !ok {
					t.Fatalf("read again at %+v it is not intact", l.Mark())
				}
			}
		}
	})
}

func ExampleMark_Frame() {
	p := checkpoint.Position{}
	ledger, intact := checkpoint.ReadLedger(nil, "2026-03-01", p.Ledgers[0], checkpoint.WalkOf(checkpoint.Live, p))
	chunk, mark := ledger.Mark().Frame(checkpoint.WalkOf(checkpoint.Live, p), 0, time.UnixMilli(0), []checkpoint.Item{{ID: checkpoint.IDOf("c-1")}})
	// ... the position is saved with the chunk, and has the mark ...
	ledger.Take(chunk)
	fmt.Println(intact, ledger.Len(), ledger.Mark() == mark, mark.Length)
	// Output: true 1 true 47
}

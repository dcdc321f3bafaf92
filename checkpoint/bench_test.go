package checkpoint_test

import (
	"fmt"
	"testing"
	"time"

	"genesys-producer/checkpoint"
	"genesys-producer/checkpoint/checkpointtest"
)

func BenchmarkEncode(b *testing.B) {
	p := checkpointtest.Sample(key())
	b.ReportAllocs()
	for b.Loop() {
		if _, err := checkpoint.Encode("default", key(), p); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	text := encode(b, checkpointtest.Sample(key()))
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := checkpoint.Decode("default", key(), text); err != nil {
			b.Fatal(err)
		}
	}
}

// What a page costs in a directory: the position that is stored is read, and the
// next one is written, synced, renamed, and the directory synced. How fast that is
// depends on the disk of TMPDIR; a tmpfs syncs nothing.
func BenchmarkSave(b *testing.B) {
	dir, err := checkpoint.OpenDir(b.TempDir(), "default")
	if err != nil {
		b.Fatal(err)
	}
	defer dir.Close()
	p := checkpointtest.Sample(key())
	b.ReportAllocs()
	for b.Loop() {
		p.Page, p.Read = p.Page+1, p.Read+100
		if err := dir.Save(b.Context(), key(), p); err != nil {
			b.Fatal(err)
		}
	}
}

// What a page costs with its chunk must not depend on how many pages its ledger has
// already.
func BenchmarkCheckpointAtPage(b *testing.B) {
	for _, page := range []int{10, 1000} {
		b.Run(fmt.Sprint(page), func(b *testing.B) {
			dir, err := checkpoint.OpenDir(b.TempDir(), "default")
			if err != nil {
				b.Fatal(err)
			}
			defer dir.Close()
			p, mark := checkpointtest.Sample(key()), checkpoint.Mark{Day: march1}
			var before []byte // the frames of the earlier pages
			for n := range page - 1 {
				c, next := mark.Frame(window(0), 0, time.UnixMilli(0), hundred(100*n, false))
				before, mark = append(before, c.Text...), next
			}
			c, next := mark.Frame(window(0), 0, time.UnixMilli(0), hundred(100*page, false))
			p.Ledgers[0] = mark
			if err := dir.Save(b.Context(), key(), p, checkpoint.Chunk{Day: march1, Text: before}); err != nil {
				b.Fatal(err)
			}
			p.Ledgers[0] = next
			b.ReportAllocs()
			for b.Loop() { // the same page of the ledger each time: it is cut back to the page before
				p.Page, p.Read = p.Page+1, p.Read+100
				if err := dir.Save(b.Context(), key(), p, c); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

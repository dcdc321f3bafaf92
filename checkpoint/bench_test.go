package checkpoint_test

import (
	"testing"

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

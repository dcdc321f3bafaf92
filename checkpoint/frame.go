package checkpoint

import (
	"encoding/binary"
	"hash/crc32"
	"time"
)

// frame is what a ledger has of one page, and when it is compacted, of 32,768
// conversations. The package comment says how it is written: a version takes 21 bytes,
// a record whose version is known 13.
type frame struct {
	walk  Walk
	pass  int
	read  time.Time
	items []Item
	text  []byte // of a frame that was parsed
}

const (
	frameHead = 4 + 8 + 2 + 8
	frameTail = 4
	known     = 0x80
	sizeKnown = 1 + len(ID{})
	sizeNew   = sizeKnown + len(Hash{})
)

func castagnoli() *crc32.Table { return crc32.MakeTable(crc32.Castagnoli) }

// appendFrame appends the text of f.
func appendFrame(to []byte, f frame) []byte {
	begin := len(to)
	to = append(to, 0, 0, 0, 0)
	to = append(to, f.walk[:]...)
	to = binary.LittleEndian.AppendUint16(to, uint16(f.pass))
	to = binary.LittleEndian.AppendUint64(to, uint64(f.read.UnixMilli()))
	for _, item := range f.items {
		if item.Known {
			to = append(to, known)
			to = append(to, item.ID[:]...)
			continue
		}
		to = append(to, byte(item.Flags)&^known)
		to = append(to, item.ID[:]...)
		to = append(to, item.Hash[:]...)
	}
	binary.LittleEndian.PutUint32(to[begin:], uint32(len(to)-begin-4))
	return binary.LittleEndian.AppendUint32(to, crc32.Checksum(to[begin:], castagnoli()))
}

// parseFrame reads the frame at the beginning of text. false: there is no whole one.
func parseFrame(text []byte) (f frame, ok bool) {
	if len(text) < frameHead+frameTail {
		return f, false
	}
	end := 4 + int64(binary.LittleEndian.Uint32(text))
	if end < frameHead || end+frameTail > int64(len(text)) {
		return f, false
	}
	if crc32.Checksum(text[:end], castagnoli()) != binary.LittleEndian.Uint32(text[end:]) {
		return f, false
	}
	f.text = text[:end+frameTail]
	copy(f.walk[:], text[4:])
	f.pass = int(binary.LittleEndian.Uint16(text[12:]))
	f.read = time.UnixMilli(int64(binary.LittleEndian.Uint64(text[14:])))
	rest := text[frameHead:end]
	f.items = make([]Item, 0, len(rest)/sizeNew)
	for len(rest) > 0 {
		item, size := Item{Flags: Flag(rest[0] &^ known), Known: rest[0]&known != 0}, sizeNew
		if item.Known {
			size = sizeKnown
		}
		if len(rest) < size {
			return f, false
		}
		copy(item.ID[:], rest[1:])
		copy(item.Hash[:], rest[sizeKnown:size])
		f.items = append(f.items, item)
		rest = rest[size:]
	}
	return f, true
}

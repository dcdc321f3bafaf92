package kafkatest

import (
	"encoding/binary"
	"io"
)

// ReadFrame reads a request or an answer, with the four bytes that tell its length: for
// tests that stand between a client and a broker.
func ReadFrame(r io.Reader) ([]byte, error) {
	var length [4]byte
	if _, err := io.ReadFull(r, length[:]); err != nil {
		return nil, err
	}
	frame := make([]byte, 4+binary.BigEndian.Uint32(length[:]))
	copy(frame, length[:])
	_, err := io.ReadFull(r, frame[4:])
	return frame, err
}

package checkpoint

import "crypto/sha256"

// ID stands for the id of a conversation: the first 12 bytes of its SHA-256. Among a
// million, that two of them are equal has a chance of one to 10^17.
type ID [12]byte

// IDOf returns what stands for an id.
func IDOf(id string) ID {
	sum := sha256.Sum256([]byte(id))
	return ID(sum[:])
}

// Hash stands for a version of a conversation: the first 8 bytes of the SHA-256 of its
// bytes. It is what the header content-hash of a message has, in hex.
type Hash [8]byte

// Flag tells something of a version.
type Flag uint8

const (
	Open       Flag = 1 << iota // the conversation had no end yet
	Letter                      // it went to the dead-letter topic
	Superseded                  // it was not published, because a version read later was
)

// Item says of one record on a page which version it was: one that the ledger did not
// have, or the one that it has.
type Item struct {
	ID    ID
	Hash  Hash
	Flags Flag
	Known bool // the ledger has this version
}

// Entry is what a ledger has of one conversation.
type Entry struct {
	Hash  Hash
	state uint32 // its flags, whether a version of it was new in the window, and 1 + the last pass of the window that had it
}

const (
	touched   = 1 << 7
	passShift = 8
)

// Flags returns what is told of the version.
func (e Entry) Flags() Flag { return Flag(e.state) &^ touched }

// In reports whether a pass of the window has had the conversation.
func (e Entry) In(pass int) bool { return e.state>>passShift == uint32(pass)+1 }

// Found reports whether any pass of the window has had it.
func (e Entry) Found() bool { return e.state>>passShift != 0 }

// New reports whether a version of it was new in the window.
func (e Entry) New() bool { return e.state&touched != 0 }

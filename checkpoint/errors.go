package checkpoint

import "fmt"

// Reason says why a position was refused. Errors of this package wrap it, so
// that errors.Is(err, ErrEmpty) finds it; its text is part of their message.
type Reason string

// The stored state was refused. None of these ever means "start over"
// (invariant 5).
const (
	// ErrEmpty: the file holds nothing.
	ErrEmpty Reason = "it is empty"
	// ErrDamaged: the content is torn, or was changed by other than this
	// package.
	ErrDamaged Reason = "it is torn or was changed"
	// ErrForeign: the content is of another name, queue or lane, or no
	// checkpoint at all.
	ErrForeign Reason = "it is not the checkpoint that belongs here"
	// ErrNewer: a newer version of this program wrote it.
	ErrNewer Reason = "a newer version of this program wrote it"
	// ErrUnknownField: it is whole, but has a field that its version does not.
	ErrUnknownField Reason = "it has an unknown field"
	// ErrUnreadable: it is there, but the operating system does not give it.
	ErrUnreadable Reason = "it cannot be read"
)

// The call was refused, or has failed.
const (
	// ErrInvalid: the name, key, position, day or chunk given is none.
	ErrInvalid Reason = "not valid"
	// ErrNotAfter: the position does not come after the stored one.
	ErrNotAfter Reason = "it does not come after the stored one"
	// ErrWalkChanged: the walk's query or destination is not the stored one.
	ErrWalkChanged Reason = "query or destination changed within a walk"
	// ErrUnwritable: the position could not be stored.
	ErrUnwritable Reason = "it cannot be written"
	// ErrFenced: another process has taken the key since, and is the one that
	// writes it.
	ErrFenced Reason = "another process has taken it over"
	// ErrLocked: another process uses the same checkpoint name.
	ErrLocked Reason = "another process uses it"
	// ErrClosed: the store was used after its Close.
	ErrClosed Reason = "the store is closed"
)

// Error returns the reason itself.
func (r Reason) Error() string { return string(r) }

// FileError says what could not be done with a file of the store, why, and
// what a person can do about it.
type FileError struct {
	Op   string // "open", "load", "list", "save", "ledger", "forget", "rewind" or "close"
	File string // path of the file or directory
	Err  error  // wraps a Reason and, where there is one, the operating system's error
	Fix  string // advice for the operator
}

// Error returns the whole story in one line.
func (e *FileError) Error() string {
	text := fmt.Sprintf("checkpoint: %s %s: %v", e.Op, e.File, e.Err)
	if e.Fix != "" {
		text += "; to recover, " + e.Fix
	}
	return text
}

// Unwrap returns the cause.
func (e *FileError) Unwrap() error { return e.Err }

// OrderError says that a position was refused because of the stored one.
type OrderError struct {
	Key    Key
	Stored Position // still stored
	Next   Position // refused
	Reason Reason   // ErrNotAfter or ErrWalkChanged
}

// Error names both positions and, where it is about them, both queries and
// destinations.
func (e *OrderError) Error() string {
	if e.Reason == ErrWalkChanged {
		return fmt.Sprintf("checkpoint: save %v: position %v: %s: %s, the stored one is %v: %s",
			e.Key, e.Next, e.Reason, walk(e.Next), e.Stored, walk(e.Stored))
	}
	return fmt.Sprintf("checkpoint: save %v: position %v: %s, %v", e.Key, e.Next, e.Reason, e.Stored)
}

// Unwrap returns the reason.
func (e *OrderError) Unwrap() error { return e.Reason }

// walk returns what is frozen within a walk.
func walk(p Position) string {
	query, err := marshal(p.Query)
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("query %s to cluster %q topic %q", query, p.Destination.Cluster, p.Destination.Topic)
}

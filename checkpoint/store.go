package checkpoint

import "context"

// Store keeps the positions of one checkpoint name. Implementations are safe
// for concurrent use; checkpointtest.Conformance says in tests what this says
// in words.
type Store interface {
	// Load returns the position stored under key, its times in UTC. It returns
	// false where none was ever stored. A stored position that cannot be read
	// is an error, never false (invariant 5). Where others could write at the
	// same time, it is the position as this store last saw it.
	Load(ctx context.Context, key Key) (Position, bool, error)

	// Take makes this store the only one that can save under key, and returns
	// the position that is stored: a Save of another writer has taken effect
	// before, or never does and fails with [ErrFenced]. A Save without it takes
	// the key itself.
	Take(ctx context.Context, key Key) (Position, bool, error)

	// Release gives back what Take has reserved, such as connections. Nobody
	// else can save under key for it.
	Release(key Key)

	// Keys returns the keys that have a position, in the order of their text,
	// whether or not that can be read.
	Keys(ctx context.Context) ([]Key, error)

	// Ledger returns what is stored of the ledger of a queue and day, from its
	// beginning on; empty where there is nothing. Nobody vouches for its content:
	// [ReadLedger] tells what of it can be believed. The text is the caller's.
	Ledger(ctx context.Context, queue string, day Day) ([]byte, error)

	// Forget deletes the ledgers of a queue whose day comes before the given one.
	// A crash may bring them back. A day that is none is refused with [ErrInvalid],
	// here as in Ledger.
	Forget(ctx context.Context, queue string, before Day) error

	// Rewind stores p durably under key, whatever is stored there (which alone may
	// move a position back: invariant 2), and deletes the ledgers of the queue: what
	// is walked again is published again. It returns the position that was stored, or
	// the zero Position where there was none. If that cannot be read it returns the
	// error and changes nothing. After a crash or another error the old position or p is
	// stored, and ledgers may be gone; the call may be repeated.
	Rewind(ctx context.Context, key Key, p Position) (former Position, err error)

	// Save stores p durably under key, and before it, or with it, what the chunks say of
	// the queue's ledgers, in their order: never is p stored without them. When it
	// returns nil, a Load after a crash returns p; when it returns an error, the old
	// position or p, whole (invariant 5); where it is the old one, chunks may be stored
	// all the same, whole or in part. After an error the same p may be saved again
	// with the same chunks, whether or not the failed call has stored it: the store is
	// retried, the publish is not (invariant 2).
	//
	// Save refuses an invalid position or chunk with [ErrInvalid], and a position that
	// [MayFollow] refuses with its [*OrderError]; what is stored stays, ledgers too.
	// It takes p's word that its pages are completed. Where another writer has
	// taken the key, it fails with an error that wraps [ErrFenced].
	Save(ctx context.Context, key Key, p Position, chunks ...Chunk) error

	// Close gives back what the store holds. Calls after it return an error that wraps [ErrClosed]; closing again returns nil.
	Close() error
}

// MayFollow returns nil if next may replace stored under key. It returns an
// [*OrderError] that wraps
//
//   - [ErrNotAfter] if next does not come after stored (invariant 2), which
//     includes the very same position;
//   - [ErrWalkChanged] if both are positions in the same pass of the same
//     window, but under another query or for another destination: their page
//     numbers do not mean the same (invariant 3).
//
// It is for implementers of [Store].
func MayFollow(key Key, stored, next Position) error {
	sameWalk := stored.Turn == next.Turn && stored.Query.From.Equal(next.Query.From) && stored.Pass == next.Pass
	switch {
	case next.Compare(stored) <= 0:
		return &OrderError{Key: key, Stored: stored, Next: next, Reason: ErrNotAfter}
	case sameWalk && (!stored.Query.Equal(next.Query) || stored.Destination != next.Destination):
		return &OrderError{Key: key, Stored: stored, Next: next, Reason: ErrWalkChanged}
	}
	return nil
}

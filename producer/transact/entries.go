package transact

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"genesys-producer/checkpoint"
)

// loadTimeout bounds one attempt to read the whole topic.
const loadTimeout = time.Minute

// instanceHeader of a record names the store that wrote it.
const instanceHeader = "instance"

// entry is the record of a key that was committed last.
type entry struct {
	offset   int64
	text     []byte // the encoded position; empty: it was deleted
	instance string
}

// recordKey is the key of a position's record: name/queue/lane. Names and lanes have
// no slash.
func (s *Store) recordKey(key checkpoint.Key) string {
	return s.config.Name + "/" + key.Queue + "/" + string(key.Lane)
}

// formerKey is the key of a position that was rewound at a time. It is no position's: no
// lane is named after a time.
func (s *Store) formerKey(key checkpoint.Key, at time.Time) string {
	return s.recordKey(key) + "/former/" + at.UTC().Format(time.RFC3339Nano)
}

// keyOf is the inverse of recordKey. false: the record is of another name, or not ours.
func (s *Store) keyOf(text string) (checkpoint.Key, bool) {
	rest, own := strings.CutPrefix(text, s.config.Name+"/")
	slash := strings.LastIndexByte(rest, '/')
	if !own || slash < 0 {
		return checkpoint.Key{}, false
	}
	key := checkpoint.Key{Queue: rest[:slash], Lane: checkpoint.Lane(rest[slash+1:])}
	return key, key.Validate() == nil
}

// begin reads the topic, where that was not done yet.
func (s *Store) begin(ctx context.Context) error {
	s.mu.Lock()
	begun := s.begun
	s.mu.Unlock()
	if begun {
		return nil
	}
	return s.config.Ladder.Until(ctx, loadTimeout, func(ctx context.Context) error { return decided(ctx, s.readOn) })
}

// decided reads on until no transaction is open, but for a second at most: a commit is
// answered a little before it is told in the topic.
func decided(ctx context.Context, readOn func(context.Context) (open int, err error)) error {
	for limit := time.Now().Add(time.Second); ; {
		open, err := readOn(ctx)
		if err != nil || open == 0 || time.Now().After(limit) {
			return err
		}
		if err := pause(ctx, 20*time.Millisecond); err != nil {
			return err
		}
	}
}

// readOn takes note of what was committed since it last did, and says how many
// transactions are open.
func (s *Store) readOn(ctx context.Context) (open int, err error) {
	select {
	case s.reading <- struct{}{}:
		defer func() { <-s.reading }()
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	if s.tail == nil {
		client, err := newReader(s.config.Config)
		if err != nil {
			return 0, err
		}
		s.tail = &tail{client: client, topic: s.config.Topic, stable: -1, anew: s.anew}
	}
	open, err = s.tail.readOn(ctx, func(r *kgo.Record) {
		key, ok := s.keyOf(string(r.Key))
		if !ok {
			s.noteName(r)
			return
		}
		e := entry{offset: r.Offset, text: r.Value}
		for _, h := range r.Headers {
			if h.Key == instanceHeader {
				e.instance = string(h.Value)
			}
		}
		s.note(key, e)
	})
	if err == nil {
		s.mu.Lock()
		s.begun = true
		s.mu.Unlock()
	}
	return open, err
}

// anew keeps what is known where the topic was deleted and created again: a queue goes on
// where it is, and does not start over.
func (s *Store) anew() {
	s.config.Log.Error("kafka: the checkpoint topic was deleted and created again, and its positions are gone; this process knows them, and stores each again with the queue's next page",
		"topic", s.config.Topic, "fix", "let it run until each queue has completed a page: one that has not begins at WINDOW_FROM after a restart")
	s.mu.Lock()
	defer s.mu.Unlock()
	for key, e := range s.entries {
		e.offset = -1
		s.entries[key] = e
	}
}

// note notes a committed record, unless a later one is known.
func (s *Store) note(key checkpoint.Key, e entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if known, ok := s.entries[key]; !ok || known.offset < e.offset {
		s.entries[key] = e
	}
}

// noteName notes under which other checkpoint name a record is, unless it deletes what was
// there.
func (s *Store) noteName(r *kgo.Record) {
	name, _, found := strings.Cut(string(r.Key), "/")
	if !found || len(r.Value) == 0 || checkpoint.ValidateName(name) != nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.names[name] = true
}

// Names returns, in their order, the checkpoint names under which the topic has something,
// the store's own among them.
func (s *Store) Names(ctx context.Context) ([]string, error) {
	if err := s.admit(ctx, "list names", nil); err != nil {
		return nil, err
	}
	if err := s.begin(ctx); err != nil {
		return nil, fmt.Errorf("checkpoint: list names: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	names := maps.Clone(s.names)
	for _, e := range s.entries {
		if len(e.text) > 0 {
			names[s.config.Name] = true
		}
	}
	return slices.Sorted(maps.Keys(names)), nil
}

// entry is the last record of a key that is known; without a text, at offset -1: none.
func (s *Store) entry(key checkpoint.Key) entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e, ok := s.entries[key]; ok {
		return e
	}
	return entry{offset: -1}
}

// stored is the position in the last record of a key that is known.
func (s *Store) stored(op string, key checkpoint.Key) (checkpoint.Position, bool, error) {
	e := s.entry(key)
	if len(e.text) == 0 {
		return checkpoint.Position{}, false, nil
	}
	p, err := checkpoint.Decode(s.config.Name, key, e.text)
	if err != nil {
		return p, false, &RecordError{Op: op, Key: key, Topic: s.config.Topic, Offset: e.offset, Err: err}
	}
	return p, true, nil
}

// RecordError is a stored position that cannot be read. It never means "start over"
// (invariant 5).
type RecordError struct {
	Op     string // load, take or save
	Key    checkpoint.Key
	Topic  string
	Offset int64 // of the record, in partition 0
	Err    error // wraps a [checkpoint.Reason]
}

func (e *RecordError) Error() string {
	return fmt.Sprintf("checkpoint: %s %v: topic %s offset %d: %v; to recover, run the version of the program that wrote it, "+
		"or go on under another CHECKPOINT_NAME with WINDOW_FROM where queue %s should begin", e.Op, e.Key, e.Topic, e.Offset, e.Err, e.Key.Queue)
}

// Unwrap returns the cause.
func (e *RecordError) Unwrap() error { return e.Err }

package producer

import (
	"context"
	"log/slog"
	"slices"

	"genesys-producer/checkpoint"
)

// Committer makes durable what a walk comes to.
type Committer interface {
	// Commit publishes what of the sheet's page is new, and stores what the ledgers are
	// given for it and the position that follows. It returns nil only when all of that is
	// durable; the sheet then has that position.
	Commit(ctx context.Context, s *Sheet) (Outcome, error)

	// Save stores a position that has nothing to publish.
	Save(ctx context.Context, key checkpoint.Key, next checkpoint.Position, chunks ...checkpoint.Chunk) error

	// Attest publishes what attests a window, and stores the position by which it is
	// closed.
	Attest(ctx context.Context, key checkpoint.Key, attestation *Message, closed checkpoint.Position) error
}

// Outcome says what became of a page's records.
type Outcome struct {
	Published   int
	Unchanged   int // not published: the version was published for the queue already
	Superseded  int // not published: a later read of the conversation was published already
	DeadLetters int // went to the dead-letter topic
}

// Messages says what is made of records: both committers have one.
type Messages struct {
	Topic       string
	DeadLetters DeadLetters
	Producer    string // the program's name and version
	Log         *slog.Logger
}

// turns lets the pages of a process be published one at a time: between the judgement
// of a version and its ack no other may overtake it (invariant 7). All walks of a
// process commit through one.
type turns struct {
	Messages
	turn   chan struct{} // holds one value from the judgement of a page to its last ack
	latest *latest       // whoever has the turn reads and writes it
}

func newTurns(m Messages) turns {
	return turns{Messages: m, turn: make(chan struct{}, 1), latest: newLatest(remembered)}
}

// take has what is new of a page written, but for what is superseded. write returns nil
// once that is durable; where brokers refused some for their size, they have become
// dead letters by then.
func (t *turns) take(ctx context.Context, s *Sheet, write func([]*Message) error) (o Outcome, err error) {
	fresh := s.messages(t.Topic, t.Producer)
	if len(fresh) == 0 {
		return s.outcome(), write(nil)
	}
	if err := t.DeadLetters.judge(fresh); err != nil {
		return o, err
	}
	select {
	case t.turn <- struct{}{}:
		defer func() { <-t.turn }()
	case <-ctx.Done():
		return o, ctx.Err()
	}
	read := s.Page.SentAt
	if !t.latest.judgeable(read) {
		return o, errStale
	}
	for _, m := range fresh {
		m.superseded = t.latest.superseded(m.Key, read)
	}
	fresh = slices.DeleteFunc(fresh, func(m *Message) bool { return m.superseded })
	if err := write(fresh); err != nil {
		t.latest.forget(read) // which of them reached the topic is not known
		return o, err
	}
	for _, m := range fresh {
		t.latest.remember(m.Key, read)
	}
	t.tell(fresh, s.key.Lane, s.pos)
	return s.outcome(), nil
}

// tell logs that some of the messages were dead letters.
func (t *turns) tell(messages []*Message, lane checkpoint.Lane, pos checkpoint.Position) {
	var first *Message
	dead := 0
	for _, m := range messages {
		if m.grave == nil {
			continue
		}
		if dead++; dead == 1 {
			first = m
		}
	}
	if first != nil {
		t.Log.Warn("records went to the dead-letter topic; genesys-producer dead-letter list tells of each",
			"queue", pos.Query.Queue, "lane", lane, "window", pos.Query.Window(), "pass", pos.Pass, "page", pos.Page, "records", dead, "topic", t.DeadLetters.Topic,
			"first", first.record.ID, "reason", first.grave.reason, "form", first.grave.form)
	}
}

// buryAll makes dead letters of what brokers refused for its size, or smaller ones.
func (t *turns) buryAll(refused []*Message) error {
	for _, m := range refused {
		if err := t.DeadLetters.bury(m, "the broker refuses it for its size"); err != nil {
			return err
		}
	}
	return nil
}

func liveKey(queue string) checkpoint.Key {
	return checkpoint.Key{Queue: queue, Lane: checkpoint.Live}
}

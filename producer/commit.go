package producer

import (
	"context"
	"log/slog"
	"slices"

	"genesys-producer/checkpoint"
	"genesys-producer/genesys"
)

// Committer makes a page and the position that follows it durable.
type Committer interface {
	// Commit publishes the page's records and stores the position that follows
	// them. It returns nil only when both are durable.
	Commit(ctx context.Context, page *genesys.Page, next checkpoint.Position) (Outcome, error)
}

// Outcome says what became of a page's records.
type Outcome struct {
	Published   int
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

// take has the page's messages written, but for what is superseded. write returns nil
// once they are durable; where brokers refused some for their size, they have become
// dead letters by then.
func (t *turns) take(ctx context.Context, page *genesys.Page, next checkpoint.Position, write func([]*Message) error) (o Outcome, err error) {
	if len(page.Records) == 0 {
		return o, write(nil)
	}
	fresh := messages(page, next, t.Topic, t.Producer) // hashed before the turn: other walks publish meanwhile
	if err := t.DeadLetters.judge(fresh); err != nil {
		return o, err
	}
	select {
	case t.turn <- struct{}{}:
		defer func() { <-t.turn }()
	case <-ctx.Done():
		return o, ctx.Err()
	}
	if !t.latest.judgeable(page.SentAt) {
		return o, errStale
	}
	fresh = slices.DeleteFunc(fresh, func(m *Message) bool { return t.latest.superseded(m.Key, page.SentAt) })
	o.Superseded = len(page.Records) - len(fresh)
	if err := write(fresh); err != nil {
		t.latest.forget(page.SentAt) // which of them reached the topic is not known
		return o, err
	}
	for _, m := range fresh {
		t.latest.remember(m.Key, page.SentAt)
	}
	o.DeadLetters = t.tell(fresh, next)
	o.Published = len(fresh) - o.DeadLetters
	return o, nil
}

// tell logs that some of the messages were dead letters, and counts them.
func (t *turns) tell(messages []*Message, pos checkpoint.Position) (dead int) {
	var first *Message
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
			"queue", pos.Query.Queue, "window", pos.Query.Window(), "page", pos.Page, "records", dead, "topic", t.DeadLetters.Topic,
			"first", first.record.ID, "reason", first.grave.reason, "form", first.grave.form)
	}
	return dead
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

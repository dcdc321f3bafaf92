package producer

import (
	"context"

	"genesys-producer/checkpoint"
)

// Transactions writes messages and positions as one.
type Transactions interface {
	// Commit writes the messages, and the position that follows them with its chunks, in
	// one transaction: to who reads what is committed, all of it is there or nothing.
	// Where it returns messages, nothing is: brokers refuse these for their size.
	// An outage is waited for as long as the context lives.
	Commit(ctx context.Context, key checkpoint.Key, messages []*Message, next checkpoint.Position, chunks ...checkpoint.Chunk) (refused []*Message, err error)
}

// ExactlyOnce commits a page and its position in one transaction. It is safe for
// concurrent use.
type ExactlyOnce struct {
	turns
	transactions Transactions
}

// NewExactlyOnce makes a committer.
func NewExactlyOnce(transactions Transactions, m Messages) *ExactlyOnce {
	return &ExactlyOnce{turns: newTurns(m), transactions: transactions}
}

// Commit implements [Committer].
func (c *ExactlyOnce) Commit(ctx context.Context, s *Sheet) (Outcome, error) {
	return c.take(ctx, s, func(messages []*Message) error {
		for {
			next, chunks := s.next() // which of the messages are dead letters is part of it
			refused, err := c.transactions.Commit(ctx, s.key, messages, next, chunks...)
			if err != nil {
				return err
			}
			if len(refused) == 0 {
				s.stored(next, chunks)
				return nil
			}
			if err := c.buryAll(refused); err != nil {
				return err
			}
		}
	})
}

// Save implements [Committer].
func (c *ExactlyOnce) Save(ctx context.Context, key checkpoint.Key, next checkpoint.Position, chunks ...checkpoint.Chunk) error {
	_, err := c.transactions.Commit(ctx, key, nil, next, chunks...)
	return err
}

// Attest implements [Committer].
func (c *ExactlyOnce) Attest(ctx context.Context, key checkpoint.Key, attestation *Message, closed checkpoint.Position) error {
	refused, err := c.transactions.Commit(ctx, key, []*Message{attestation}, closed)
	if err != nil || len(refused) > 0 {
		return notAttested(attestation, err)
	}
	return nil
}

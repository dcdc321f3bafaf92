package producer

import (
	"context"

	"genesys-producer/checkpoint"
	"genesys-producer/genesys"
)

// Transactions writes messages and positions as one.
type Transactions interface {
	// Commit writes the messages, and the position that follows them, in one
	// transaction: to who reads what is committed, all of it is there or nothing.
	// Where it returns messages, nothing is: brokers refuse these for their size.
	// An outage is waited for as long as the context lives.
	Commit(ctx context.Context, key checkpoint.Key, messages []*Message, next checkpoint.Position) (refused []*Message, err error)
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
func (c *ExactlyOnce) Commit(ctx context.Context, page *genesys.Page, next checkpoint.Position) (Outcome, error) {
	return c.take(ctx, page, next, func(messages []*Message) error {
		for {
			refused, err := c.transactions.Commit(ctx, liveKey(next.Query.Queue), messages, next)
			if err != nil || len(refused) == 0 {
				return err
			}
			if err := c.buryAll(refused); err != nil {
				return err
			}
		}
	})
}

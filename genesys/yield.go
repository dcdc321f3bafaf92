package genesys

import (
	"context"
	"time"

	"golang.org/x/time/rate"
)

// Yield lets requests take a share of the budget only, while others want it. It is
// safe for concurrent use.
type Yield struct {
	limiter *rate.Limiter // nil: nothing while they want it
	wanted  func() bool
}

// Yield returns one that takes at most a share, from 0 to 1, of the allowance while
// wanted reports true.
func (c *Client) Yield(share float64, wanted func() bool) *Yield {
	y := &Yield{wanted: wanted}
	if share > 0 {
		y.limiter = rate.NewLimiter(c.budget.pace*rate.Limit(share), 1)
	}
	return y
}

type yieldKey struct{}

// Context returns a context by which requests give way.
func (y *Yield) Context(ctx context.Context) context.Context {
	return context.WithValue(ctx, yieldKey{}, y)
}

// yieldOf is what the requests of a context yield by; nil: they do not.
func yieldOf(ctx context.Context) *Yield {
	y, _ := ctx.Value(yieldKey{}).(*Yield)
	return y
}

// givesWay reports whether requests of a context have to give way now.
func givesWay(ctx context.Context) bool {
	y := yieldOf(ctx)
	return y != nil && y.wanted()
}

// giveWay waits until a page may be asked for: at once, where its context does not say that
// it yields, or nobody wants the budget. It comes before memory is reserved, which others
// wait for too.
func giveWay(ctx context.Context) error {
	if !givesWay(ctx) {
		return nil
	}
	y := yieldOf(ctx)
	left := func() time.Duration { return aMoment } // for ever
	if y.limiter != nil {
		turn := y.limiter.Reserve()
		left = turn.Delay
		defer func() {
			if turn.Delay() > 0 {
				turn.Cancel() // nobody wants it any more, or it was given up
			}
		}()
	}
	for wait := left(); wait > 0 && y.wanted(); wait = left() {
		if err := sleep(ctx, min(wait, aMoment)); err != nil {
			return err
		}
	}
	return nil
}

// aMoment is how long who gives way waits until it looks again.
const aMoment = 200 * time.Millisecond

package genesys

import (
	"cmp"
	"context"
	"net/http"
	"strconv"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Share is how much of [Config.RequestsPerMinute] is used. The API counts in fixed minutes
// that are not ours: what is left over keeps a steady run from ever exceeding it.
const Share = 0.97

// countedFor is the longest that a count of the API's is taken to hold. It counts
// in minutes, and its own example says 61 s. Without a bound one odd header in a
// good answer could keep everybody from asking, and so from learning better.
const countedFor = 2 * time.Minute

// budget is the request allowance of the token, shared by all walks and the
// token endpoint. Burst 1: requests are spread evenly.
type budget struct {
	limiter *rate.Limiter
	pace    rate.Limit    // the pace while nobody else uses the token
	turn    chan struct{} // holds one value while somebody is at the head of the line

	mu      sync.Mutex
	until   time.Time // closed until then
	waiting int       // in line, the head of it included
	allowed int       // requests a minute of the token, as the API last said; 0: it has not
	counted int       // of them so far, in the API's minute, as it said with that
	told    time.Time // when it did
}

func newBudget(perMinute int) *budget {
	pace := rate.Limit(float64(perMinute) * Share / 60)
	return &budget{limiter: rate.NewLimiter(pace, 1), pace: pace, turn: make(chan struct{}, 1)}
}

// enter waits for the head of the line, which whoever is there must leave. The
// limiter promises a time at the pace of the moment, and with one promise given out at
// a time a pace that was slow for a while does not bind those who come later.
func (b *budget) enter(ctx context.Context) error {
	b.inLine(1)
	select {
	case b.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		b.inLine(-1)
		return ctx.Err()
	}
}

func (b *budget) leave() {
	<-b.turn
	b.inLine(-1)
}

func (b *budget) inLine(more int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.waiting += more
}

// next waits, at the head of the line, until one request may be sent.
func (b *budget) next(ctx context.Context) error {
	for {
		b.forget()
		if err := b.limiter.Wait(ctx); err != nil {
			return cmp.Or(ctx.Err(), context.DeadlineExceeded) // it knows early that the deadline comes first
		}
		closed := time.Until(b.closedUntil())
		if closed <= 0 {
			return nil
		}
		if err := sleep(ctx, closed); err != nil {
			return err
		}
	}
}

// close closes the budget for d, for everybody. A shorter time than the one in
// force changes nothing.
func (b *budget) close(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if until := time.Now().Add(d); until.After(b.until) {
		b.until = until
	}
}

func (b *budget) closedUntil() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.until
}

// forget takes up our own pace again where the minute is long over of which the API has told.
func (b *budget) forget() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if time.Since(b.told) >= countedFor {
		b.limiter.SetLimit(b.pace)
	}
}

// observe slows the pace down where the API's count shows that somebody else
// uses the token too: what is left of the minute is spread over what is left of
// it. The headers are advisory and may be absent.
func (b *budget) observe(h http.Header) {
	count, err := strconv.Atoi(h.Get("inin-ratelimit-count"))
	if err != nil {
		return
	}
	allowed, err := strconv.Atoi(h.Get("inin-ratelimit-allowed"))
	if err != nil || count < 0 || allowed < 1 {
		return
	}
	b.mu.Lock()
	b.allowed, b.counted, b.told = allowed, count, time.Now()
	b.mu.Unlock()
	reset := min(seconds(h.Get("inin-ratelimit-reset")), countedFor)
	if reset == 0 {
		return
	}
	left := allowed - count
	if left <= 0 {
		b.close(reset)
		left = 1
	}
	b.limiter.SetLimit(min(b.pace, rate.Limit(float64(left)/reset.Seconds())))
}

package status

import (
	"sync"
	"time"

	"genesys-producer/checkpoint"
	"genesys-producer/genesys"
	"genesys-producer/producer"
)

// Board takes note of what happens. It is safe for concurrent use, and none of its methods
// blocks.
type Board struct {
	config  Config
	metrics *metrics
	queues  []*queue          // as they are configured
	byID    map[string]*queue // the same

	mu       sync.Mutex
	client   func() genesys.State // nil: there is none yet
	outage   *producer.Incident   // brokers are away; nil: there are none yet
	unstored *producer.Incident   // positions cannot be stored; nil: then they are part of what is published

	started     time.Time
	last        sign      // of life
	excused     time.Time // when it last was asked for one, and waited for what is not over
	token       bool      // the last request for a token brought one
	tokenAt     time.Time
	destination checkpoint.Destination
	reached     time.Time // when brokers were; zero: not yet
	turn        producer.Turn
	idle        time.Time // since when nothing is walked
	looked      bool      // queues were looked up
	unlooked    error     // and nobody could tell
	paged       time.Time // when the API last answered a page
	requests    meter
	retries     int
	totals      Totals
	doubted     time.Time // when a window was last
	buried      time.Time // when a record last was a dead letter
	stopping    bool
}

// sign is a sign of life.
type sign struct {
	what string // that happened, as a sentence goes on
	at   time.Time
}

// NewBoard makes the board of a service that is about to start.
func NewBoard(c Config) *Board {
	if c.Now == nil {
		c.Now = time.Now
	}
	b := &Board{config: c, byID: map[string]*queue{}, started: c.Now()}
	b.last = sign{"the service started", b.started}
	for _, id := range c.Queues {
		if b.byID[id] == nil {
			q := &queue{id: id}
			b.byID[id], b.queues = q, append(b.queues, q)
		}
	}
	b.metrics = newMetrics(b)
	return b
}

// note lets a note be taken at an instant.
func (b *Board) note(take func(now time.Time)) {
	now := b.config.Now()
	b.mu.Lock()
	defer b.mu.Unlock()
	take(now)
}

// Client tells the board how to ask the API's client how it stands.
func (b *Board) Client(state func() genesys.State) {
	b.note(func(time.Time) { b.client = state })
}

// Outage tells the board which incident says that brokers are away.
func (b *Board) Outage(i *producer.Incident) { b.note(func(time.Time) { b.outage = i }) }

// Unstored tells the board which incident says that positions cannot be stored, where that
// is another.
func (b *Board) Unstored(i *producer.Incident) { b.note(func(time.Time) { b.unstored = i }) }

// Destination takes note that brokers were reached, and of their cluster.
func (b *Board) Destination(d checkpoint.Destination) {
	b.note(func(now time.Time) {
		b.destination, b.reached, b.last = d, now, sign{"brokers were reached", now}
	})
}

// Progress takes note of what the service tells: it is its field of that name.
func (b *Board) Progress(p producer.Progress) {
	b.note(func(now time.Time) {
		q := b.byID[p.Queue]
		if q == nil {
			return
		}
		q.note(p, b.second(now), now)
		b.metrics.progress(p)
		switch {
		case p.Resumed:
			b.last = sign{"the position of a queue was loaded", now}
		case p.Parked != nil:
			b.last = sign{"a queue was parked", now}
		case p.Closed:
			b.last = sign{"a window was closed", now}
			b.totals.Windows++
			if inDoubt(p.Verdict) {
				b.totals.InDoubt++
				b.doubted = now
			}
		default:
			b.last = sign{"a page was completed", now}
			b.totals.page(p)
			if p.DeadLetters > 0 {
				b.buried = now
			}
		}
	})
}

// Turn takes note of what the service is about to do: it is its field of that name.
func (b *Board) Turn(t producer.Turn) {
	b.note(func(now time.Time) {
		if t.Walks > 0 || b.turn.Walks > 0 || b.idle.IsZero() {
			b.idle = now
		}
		b.turn, b.last = t, sign{"the service looked for what to walk next", now}
	})
}

// Exchange takes note of a request: it is [genesys.Config.Measure].
func (b *Board) Exchange(x genesys.Exchange) {
	b.metrics.exchange(x)
	b.note(func(now time.Time) {
		b.requests.add(b.second(now), 1)
		if x.Again {
			b.retries++
		}
		switch x.Call {
		case genesys.CallQueues:
			return // it is no sign that anything is walked
		case genesys.CallToken:
			if b.token = !x.Failed; b.token {
				b.tokenAt = now
			}
		}
		if x.Call == genesys.CallPage && !x.Failed {
			b.paged = now
		}
		b.last = sign{"a request of the API ended", now}
	})
}

// Lookup takes note of what the queue lookup has found; err: nobody could tell.
func (b *Board) Lookup(names map[genesys.QueueID]string, err error) {
	b.note(func(time.Time) {
		b.looked, b.unlooked = true, err
		for _, q := range b.queues {
			name, seen := names[genesys.QueueID(q.id)]
			switch {
			case err != nil:
				q.visible = Unknown
			case seen:
				q.visible, q.name = Yes, name
			default:
				q.visible = No
			}
		}
	})
}

// Stopping takes note that the service was told to stop.
func (b *Board) Stopping() { b.note(func(time.Time) { b.stopping = true }) }

// ended takes note that a call ended which the service waits for.
func (b *Board) ended(what string) {
	b.note(func(now time.Time) { b.last = sign{what, now} })
}

// second counts from the start: the machine's clock can be set back.
func (b *Board) second(now time.Time) int { return int(now.Sub(b.started) / time.Second) }

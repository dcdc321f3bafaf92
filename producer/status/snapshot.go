package status

import (
	"genesys-producer/genesys"
	"genesys-producer/producer"
)

// asked is what the board asks for when it is asked itself.
type asked struct {
	api      genesys.State
	outage   *producer.Held // nil: brokers are there
	unstored *producer.Held // nil: positions are stored
}

// ask asks for it. Those that are asked hold locks of their own while they tell the board
// of something: so the board's is not held here.
func (b *Board) ask() (a asked) {
	b.mu.Lock()
	client, outage, unstored := b.client, b.outage, b.unstored
	b.mu.Unlock()
	if client != nil {
		a.api = client()
	}
	held := func(i *producer.Incident) *producer.Held {
		if i != nil {
			if h, ok := i.Held(); ok {
				return &h
			}
		}
		return nil
	}
	a.outage, a.unstored = held(outage), held(unstored)
	return a
}

// look is how things stand, and what readiness rests on.
func (b *Board) look() (Status, []Check) {
	a := b.ask()
	now := b.config.Now()
	b.mu.Lock()
	defer b.mu.Unlock()
	second := b.second(now)
	s := Status{
		Program: b.config.Program, Checkpoint: b.config.Checkpoint, Started: b.started.UTC(), Now: now.UTC(), Phase: b.phase(a),
		Walks: b.turn.Walks, Totals: b.totals, CaughtUpSeconds: b.config.CaughtUp.Seconds(),
		Kafka:    Kafka{Cluster: b.destination.Cluster, Topic: b.config.Topic, Delivery: b.config.Delivery},
		NotReady: []string{}, Warnings: []string{}, Holds: []Hold{}, Queues: make([]Queue, 0, len(b.queues)),
		Budget: Budget{
			Allowance: b.config.Allowance, LastMinute: b.requests.lastMinute(second), PerMinute: a.api.PerMinute, Waiting: a.api.Waiting,
			Allowed: a.api.Allowed, Counted: a.api.Counted, Retries: b.retries, ClockSeconds: a.api.Ahead.Seconds(),
		},
	}
	if !b.turn.Visit.IsZero() {
		s.OverdueSeconds = max(0, now.Sub(b.turn.Visit).Seconds())
	}
	if a.api.ClosedUntil.After(now) {
		s.Budget.ClosedUntil = a.api.ClosedUntil.UTC()
	}
	end := now // of what a queue may be behind
	if until := b.config.Until; !until.IsZero() && until.Before(now) {
		end = until
	}
	for _, q := range b.queues {
		s.Queues = append(s.Queues, q.status(second, end))
	}
	inOrder(s.Queues)
	checks := b.checks(a)
	s.Ready = true
	for _, c := range checks {
		if !c.OK {
			s.Ready, s.NotReady = false, append(s.NotReady, c.Detail)
		}
	}
	s.Warnings = append(s.Warnings, b.warnings(a, now)...)
	holds := b.holds(a, now)
	alive, life := b.alive(holds, now)
	s.Stuck, s.Life = !alive, life
	for _, h := range holds {
		h.Since, h.Until = h.Since.UTC(), h.Until.UTC()
		s.Holds = append(s.Holds, h)
	}
	return s, checks
}

// Status is how things stand now.
func (b *Board) Status() Status {
	s, _ := b.look()
	return s
}

// phase is how far the service has come.
func (b *Board) phase(a asked) Phase {
	switch {
	case b.stopping:
		return Stopping
	case !b.loggedIn(a) || b.reached.IsZero() || b.unloaded() > 0:
		return Starting
	}
	return Running
}

// loggedIn reports whether there was a token, though it may have run out.
func (b *Board) loggedIn(a asked) bool { return a.api.Token || !b.tokenAt.IsZero() }

// unloaded is how many queues have no position yet.
func (b *Board) unloaded() (n int) {
	for _, q := range b.queues {
		if !q.resumed {
			n++
		}
	}
	return n
}

// page takes a page into account.
func (t *Totals) page(p producer.Progress) {
	t.Pages++
	t.Records += p.Records
	t.Published += p.Published
	t.Unchanged += p.Unchanged
	t.Superseded += p.Superseded
	t.DeadLetters += p.DeadLetters
}

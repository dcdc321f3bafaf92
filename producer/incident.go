package producer

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// Incident is something that holds up several walks at once, such as a full disk or
// brokers that are away. It is told when the first has to wait, and again when none
// does. It is safe for concurrent use.
type Incident struct {
	log    *slog.Logger
	level  slog.Level
	begins string
	ends   string

	mu      sync.Mutex
	waiting int
	over    bool // one that waited waits no more because it has passed
	since   time.Time
	err     error
}

// Held is an incident that is not over.
type Held struct {
	Err   error     // why, as it was seen last; nil: nobody knows
	Since time.Time // when the first began to wait
}

// NewIncident makes an incident that is told by two messages, the first at a level.
func NewIncident(log *slog.Logger, level slog.Level, begins, ends string) *Incident {
	return &Incident{log: log, level: level, begins: begins, ends: ends}
}

// Begin notes that one waits, and why. What is told of the first are its attributes.
func (i *Incident) Begin(err error, attributes ...any) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.waiting++; i.waiting > 1 {
		return
	}
	i.over, i.since, i.err = false, time.Now(), err
	i.log.Log(context.Background(), i.level, i.begins, append(attributes, "error", err)...)
}

// Again notes why one waits still: what holds it up now may be another thing than what
// began it.
func (i *Incident) Again(err error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.err = err
}

// Held is the incident as it stands; false: nobody waits.
func (i *Incident) Held() (Held, bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	return Held{Err: i.err, Since: i.since}, i.waiting > 0
}

// End notes that one waits no more: it has passed, or that one gave up.
func (i *Incident) End(passed bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.over = i.over || passed // the last may have given up
	if i.waiting--; i.waiting == 0 && i.over {
		i.log.Info(i.ends, "took", time.Since(i.since).Round(time.Millisecond))
	}
}

package producer

import (
	"log/slog"
	"sync"
	"time"
)

// unstored counts the queues that wait until their position can be stored. A full disk
// holds them all up and is one incident: it is told when the first queue waits, and
// again when none does.
type unstored struct {
	mu     sync.Mutex
	queues int
	over   bool // one that waited is stored
	since  time.Time
}

// begin notes that a queue waits.
func (u *unstored) begin(log *slog.Logger, queue string, err error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.queues++; u.queues > 1 {
		return
	}
	u.over, u.since = false, time.Now()
	log.Error("checkpoint: waiting until positions can be stored; nothing is published again meanwhile", "queue", queue, "error", err)
}

// end notes that a queue waits no more: its position is stored, or it gave up.
func (u *unstored) end(log *slog.Logger, stored bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.over = u.over || stored // the last may have given up
	if u.queues--; u.queues == 0 && u.over {
		log.Info("checkpoint: positions are stored again", "took", time.Since(u.since).Round(time.Millisecond))
	}
}

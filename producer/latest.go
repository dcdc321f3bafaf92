package producer

import (
	"crypto/sha256"
	"errors"
	"time"
)

// errStale says that a page was read so long ago that nobody remembers whether
// newer versions of its conversations were committed since: it is to be asked again.
var errStale = errors.New("page was read too long ago to be published")

// remembered is how many conversations are surely remembered: those of the last
// 570 pages of 100. It is what fits into a map of 65,536 places; with the generation
// before them they take about 4 MB.
const remembered = 57344

// latest remembers when recently committed conversations were read, so that an
// older version is not published after a newer one (invariant 7). Two walks can
// hold the same conversation, of two queues or of two overlapping windows, read at
// different times.
//
// It forgets in two generations, and remembers the latest read among what it has
// forgotten: no page that was read before that can be judged.
type latest struct {
	limit         int
	epoch         time.Time
	recent, older map[conversation]time.Duration // when it was read, since epoch
	newest        time.Duration                  // the latest read in older
	forgotten     time.Duration                  // the latest read among the forgotten
}

// conversation stands for an id in half its size.
type conversation [16]byte

func conversationOf(id string) conversation {
	sum := sha256.Sum256([]byte(id))
	return conversation(sum[:16])
}

func newLatest(limit int) *latest {
	// An hour back, so that no time of reading is before the epoch.
	return &latest{limit: limit, epoch: time.Now().Add(-time.Hour), recent: map[conversation]time.Duration{}}
}

// judgeable reports whether a page that was read at this time can be judged.
func (l *latest) judgeable(read time.Time) bool { return read.Sub(l.epoch) > l.forgotten }

// superseded reports whether a version of the conversation that was read later
// has been committed.
func (l *latest) superseded(id string, read time.Time) bool {
	key := conversationOf(id)
	last, ok := l.recent[key]
	if !ok {
		last, ok = l.older[key]
	}
	return ok && last > read.Sub(l.epoch)
}

// forget notes that nothing is known of what was read until then.
func (l *latest) forget(read time.Time) { l.forgotten = max(l.forgotten, read.Sub(l.epoch)) }

// remember notes that a version was committed. It must not be superseded.
func (l *latest) remember(id string, read time.Time) {
	l.recent[conversationOf(id)] = read.Sub(l.epoch)
	if len(l.recent) < l.limit {
		return
	}
	l.forgotten = max(l.forgotten, l.newest)
	l.newest = 0
	for _, read := range l.recent {
		l.newest = max(l.newest, read)
	}
	l.older, l.recent = l.recent, make(map[conversation]time.Duration, l.limit)
}

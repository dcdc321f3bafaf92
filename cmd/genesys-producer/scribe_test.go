package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"genesys-producer/genesys"
	"genesys-producer/genesys/genesystest"
)

// walked names the window of a queue, as the headers of a message do.
type walked struct{ queue, window string }

// begin is the beginning of a window, as its name has it.
func (w walked) begin() string { begin, _, _ := strings.Cut(w.window, "/"); return begin }

// walkedWindow names the window of a queue that begins at an instant.
func walkedWindow(queue string, at time.Time, length time.Duration) walked {
	return walked{queue, genesys.Query{From: at, To: at.Add(length)}.Interval()}
}

// digest stands for the bytes of a record.
type digest [8]byte

func digestOf(record []byte) digest { sum := sha256.Sum256(record); return digest(sum[:8]) }

// reading is a record as a page had it.
type reading struct {
	page, id string
	sum      digest
}

// scribe stands before an API that changes while it is read, and writes down what
// was there to be read and what it has answered: later nobody can tell. It knows the
// published dialect, and how long before a window the interval begins that is asked for.
type scribe struct {
	sim    *genesystest.Simulator
	settle time.Duration

	mu      sync.Mutex
	walks   map[walked]*answers
	order   map[string][]*answers // by queue: of the windows, as they were asked for
	reached map[string]time.Time  // by queue: the beginning of the last window asked for
	last    map[string]time.Time  // by queue: the last query
	more    chan struct{}         // closed at the next query
}

// answers is what was answered for a window.
type answers struct {
	walked
	from, to time.Time
	before   time.Time        // the queue's last query for another one
	first    time.Time        // when it was first asked for
	ids      []string         // what was there to be found then
	readings map[reading]bool // what was answered
}

func newScribe(sim *genesystest.Simulator, settle time.Duration) *scribe {
	return &scribe{sim: sim, settle: settle, walks: map[walked]*answers{}, order: map[string][]*answers{},
		reached: map[string]time.Time{}, last: map[string]time.Time{}, more: make(chan struct{})}
}

func (s *scribe) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != genesystest.QueryPath {
		s.sim.ServeHTTP(w, r)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the client was killed in the middle of its request
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	var query struct {
		Interval       string
		Paging         struct{ PageNumber int }
		SegmentFilters []struct{ Predicates []struct{ Value string } }
	}
	if err := json.Unmarshal(body, &query); err != nil || len(query.SegmentFilters) == 0 {
		panic("not the query of the published dialect")
	}
	since, to := interval(query.Interval)
	from := since.Add(min(s.settle, to.Sub(since)/2)) // the settle, or the window's own length
	asked := walked{query.SegmentFilters[0].Predicates[0].Value, genesys.Query{From: from, To: to}.Interval()}
	s.ask(asked, since, from, to)
	s.sim.ServeHTTP(&copyist{ResponseWriter: w, scribe: s, asked: asked, page: strconv.Itoa(query.Paging.PageNumber)}, r)
}

// interval reads what a query asks for. An end at midnight is sent as the
// millisecond before it.
func interval(text string) (from, to time.Time) {
	first, last, _ := strings.Cut(text, "/")
	from, _ = time.Parse(time.RFC3339, first)
	to, _ = time.Parse(time.RFC3339, last)
	if next := to.Add(time.Millisecond); next.Equal(next.Truncate(24 * time.Hour)) {
		to = next
	}
	return from, to
}

// ask writes down that a window is asked for.
func (s *scribe) ask(asked walked, since, from, to time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	if s.walks[asked] == nil {
		a := &answers{walked: asked, from: from, to: to, before: s.last[asked.queue], first: now,
			ids: s.sim.IDs(asked.queue, since, to), readings: map[reading]bool{}}
		s.walks[asked], s.order[asked.queue] = a, append(s.order[asked.queue], a)
	}
	s.last[asked.queue] = now
	if from.After(s.reached[asked.queue]) {
		s.reached[asked.queue] = from
	}
	close(s.more)
	s.more = make(chan struct{})
}

// progress is up to when every window is closed: whoever asks for a window has
// closed the one before. The channel tells of the next query.
func (s *scribe) progress() (all time.Time, more <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, queue := range s.sim.Queues() {
		if at := s.reached[queue]; i == 0 || at.Before(all) {
			all = at
		}
	}
	return all, s.more
}

// has reports whether the API has answered this for the window.
func (s *scribe) has(asked walked, v reading) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.walks[asked]
	return a != nil && a.readings[v]
}

// take hands over what it knows of a queue's first window, and forgets it, and when the
// one after it was first asked for. nil: that one was not.
func (s *scribe) take(queue string) (window *answers, next time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	order := s.order[queue]
	if len(order) < 2 {
		return nil, next
	}
	s.order[queue] = order[1:]
	delete(s.walks, order[0].walked)
	return order[0], order[1].first
}

// versions are those that were answered, by id.
func (a *answers) versions() map[string]map[digest]bool {
	all := map[string]map[digest]bool{}
	for r := range a.readings {
		if all[r.id] == nil {
			all[r.id] = map[digest]bool{}
		}
		all[r.id][r.sum] = true
	}
	return all
}

// copyist copies an answer before the client gets it.
type copyist struct {
	http.ResponseWriter
	scribe *scribe
	asked  walked
	page   string
	body   []byte // so far
}

func (c *copyist) Unwrap() http.ResponseWriter { return c.ResponseWriter }

func (c *copyist) Write(part []byte) (int, error) {
	c.body = append(c.body, part...)
	var answer struct{ Conversations []json.RawMessage }
	if json.Unmarshal(c.body, &answer) == nil { // else it is refused, or cut, or not yet whole
		c.copy(answer.Conversations)
	}
	return c.ResponseWriter.Write(part)
}

func (c *copyist) copy(records []json.RawMessage) {
	for _, record := range records {
		var named struct{ ConversationID string }
		if err := json.Unmarshal(record, &named); err != nil {
			panic(err) // it has just been read
		}
		v := reading{c.page, named.ConversationID, digestOf(record)}
		c.scribe.mu.Lock()
		if a := c.scribe.walks[c.asked]; a != nil {
			a.readings[v] = true
		}
		c.scribe.mu.Unlock()
	}
}

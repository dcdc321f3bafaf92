package genesystest

import (
	"slices"
	"sync"
	"time"
)

// Request is one request that a simulator has seen.
type Request struct {
	Time  time.Time // of arrival, by Config.Now
	Path  string    // that was asked for, such as QueryPath
	Token bool      // at the token endpoint

	// The fields of the query, which are zero at another path.
	Queue          string    // several: joined by commas
	From, To       time.Time // the interval as asked for
	Page, PageSize int
	// Attempt is how often this page of this queue and interval has been
	// asked for, this time included. At another path: the requests for that.
	Attempt int
	// Bearer is the ordinal, from 1, of the token that was presented;
	// 0: none, or one that was never issued.
	Bearer int

	Status  int    // as sent; 0: none (yet), or the connection was dropped
	Fault   string // the name of the fault, if the answer was one
	Refusal string // the error code with which the request was refused, if it was
	Rows    int    // records in the answer
	Bytes   int    // length of the body before compression
}

// question tells requests apart by what they ask, for counting attempts.
type question struct {
	path     string
	queue    string
	from, to int64
	page     int
}

// journal keeps the requests in the order of arrival.
type journal struct {
	mu       sync.Mutex
	taken    int // requests that came before those
	requests []Request
	attempts map[question]int
}

// enter writes a request down, counts its attempt, and returns its place.
func (j *journal) enter(r *Request) int {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.attempts == nil {
		j.attempts = make(map[question]int)
	}
	q := question{r.Path, r.Queue, r.From.UnixNano(), r.To.UnixNano(), r.Page}
	j.attempts[q]++
	r.Attempt = j.attempts[q]
	j.requests = append(j.requests, *r)
	return j.taken + len(j.requests) - 1
}

// close writes down how a request was answered.
func (j *journal) close(place int, r Request) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if place >= j.taken {
		j.requests[place-j.taken] = r
	}
}

func (j *journal) take() []Request {
	j.mu.Lock()
	defer j.mu.Unlock()
	taken := j.requests
	j.taken += len(taken)
	j.requests, j.attempts = nil, nil
	return taken
}

func (j *journal) entries() []Request {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.requests)
}

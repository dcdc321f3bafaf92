package producer_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"sync"
	"time"

	"genesys-producer/genesys/genesystest"
	"genesys-producer/producer"
)

// recorder notes what the API answers.
type recorder struct {
	sim *genesystest.Simulator
	mu  sync.Mutex
	all map[string][]answered // by conversation
}

// answered is a version that the API answered.
type answered struct {
	at   time.Time
	hash string // content-hash
}

func newRecorder(sim *genesystest.Simulator) *recorder {
	return &recorder{sim: sim, all: map[string][]answered{}}
}

func (r *recorder) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	if req.URL.Path != genesystest.QueryPath {
		r.sim.ServeHTTP(w, req)
		return
	}
	rec := httptest.NewRecorder()
	r.sim.ServeHTTP(rec, req)
	var page struct {
		Conversations []json.RawMessage `json:"conversations"`
	}
	if json.Unmarshal(rec.Body.Bytes(), &page) == nil {
		r.note(page.Conversations)
	}
	for name, values := range rec.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(rec.Code)
	_, _ = bytes.NewReader(rec.Body.Bytes()).WriteTo(w)
}

func (r *recorder) note(records []json.RawMessage) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, raw := range records {
		var head struct {
			ID string `json:"conversationId"`
		}
		if json.Unmarshal(raw, &head) == nil {
			r.all[head.ID] = append(r.all[head.ID], answered{time.Now(), producer.ContentHash(raw)})
		}
	}
}

// shown are the versions that the API answered from an instant on.
func (r *recorder) shown(id string, since time.Time) (hashes []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, a := range r.all[id] {
		if !a.at.Before(since) {
			hashes = append(hashes, a.hash)
		}
	}
	return hashes
}

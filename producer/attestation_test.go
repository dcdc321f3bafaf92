package producer_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"

	"genesys-producer/genesys/genesystest"
)

// transcript notes what the API answered to each question, in the words of the question.
type transcript struct {
	http.Handler
	mu       sync.Mutex
	answered map[[2]string]map[string][]byte // by queue and interval: bytes by id
}

func (s *transcript) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	question, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(question))
	rec := httptest.NewRecorder()
	s.Handler.ServeHTTP(rec, r)
	var asked struct {
		Interval       string
		SegmentFilters []struct{ Predicates []struct{ Value string } }
	}
	var page struct{ Conversations []json.RawMessage }
	if json.Unmarshal(question, &asked) == nil && json.Unmarshal(rec.Body.Bytes(), &page) == nil && len(asked.SegmentFilters) == 1 {
		s.note([2]string{asked.SegmentFilters[0].Predicates[0].Value, asked.Interval}, page.Conversations)
	}
	for name, values := range rec.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(rec.Code)
	_, _ = w.Write(rec.Body.Bytes())
}

func (s *transcript) note(question [2]string, records []json.RawMessage) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.answered[question] == nil {
		s.answered[question] = map[string][]byte{}
	}
	for _, raw := range records {
		var head struct {
			ConversationID string `json:"conversationId"`
		}
		if json.Unmarshal(raw, &head) == nil {
			s.answered[question][head.ConversationID] = raw
		}
	}
}

// digest is made as the comment of Attestation tells consumers to.
func digest(records map[string][]byte) string {
	var entries [][]byte
	for id, raw := range records {
		one, version := sha256.Sum256([]byte(id)), sha256.Sum256(raw)
		entries = append(entries, append(one[:12:12], version[:8]...))
	}
	slices.SortFunc(entries, bytes.Compare)
	sum := sha256.Sum256(bytes.Join(entries, nil))
	return hex.EncodeToString(sum[:])
}

// scribed has all that the API answers noted.
func (w *world) scribed() *transcript {
	s := &transcript{Handler: w.sim, answered: map[[2]string]map[string][]byte{}}
	transport, closePipe := genesystest.Pipe(s)
	w.Cleanup(closePipe)
	w.transport = transport
	return s
}

// In a quiet world an attestation says of its window exactly what the API answered.
func TestAttestationSaysWhatTheAPIAnswered(t *testing.T) {
	inWorld(t, genesystest.Config{Conversations: 300, TransferShare: .3}, func(w *world) {
		s := w.scribed()
		w.mustRun()
		all := w.attested()
		if len(all) != 6 {
			w.Fatalf("%d windows are attested, want two of each queue", len(all))
		}
		for _, a := range all {
			asked := a.Asked
			if asked[len(asked)-13:] == "00:00:00.000Z" { // the end of a day is sent as its last millisecond
				asked = asked[:len(asked)-24] + "1999-12-25T23:59:59.999Z"
			}
			records := s.answered[[2]string{a.Queue, asked}]
			if len(records) < 30 {
				w.Fatalf("the API answered %d conversations to %s: nothing is shown", len(records), asked)
			}
			if want := digest(records); a.Digest != want || a.Distinct != len(records) {
				w.Errorf("window %s: digest %s of %d conversations, want %s of %d", a.Window, a.Digest, a.Distinct, want, len(records))
			}
			if a.Totals != [2]int{len(records), len(records)} || a.Repeats != 0 || a.Looks != 1 || a.Pass != 0 || a.Turn != 0 || a.Lane != "live" || a.Why != "" {
				w.Errorf("window %s is attested as %+v", a.Window, a)
			}
			if want := 1 + len(records)/w.pageSize; a.Pages != want {
				w.Errorf("window %s: %d pages, want %d", a.Window, a.Pages, want)
			}
		}
	})
}

// Of one queue, an attestation's offsets hold its messages, and nothing else.
func TestOffsetsOfAWindowHoldItsMessages(t *testing.T) {
	inWorld(t, genesystest.Config{Conversations: 200, Queues: []string{"queue-a"}}, func(w *world) {
		w.mustRun()
		messages, before := w.cluster.Read(w, w.topic), make([]int64, 3)
		for _, a := range w.attested() {
			behind := slices.Clone(before)
			for _, m := range inWindow(messages, a) {
				if m.Offset < a.Offsets[m.Partition][0] || m.Offset >= a.Offsets[m.Partition][1] {
					w.Errorf("window %s: the message at %d of partition %d is not within %v", a.Window, m.Offset, m.Partition, a.Offsets)
				}
				behind[m.Partition] = max(behind[m.Partition], m.Offset+1)
			}
			for i := range before {
				if a.Offsets[i] != [2]int64{before[i], behind[i]} {
					w.Errorf("window %s: the offsets of partition %d are %v, want [%d %d]", a.Window, i, a.Offsets[i], before[i], behind[i])
				}
			}
			before = behind
		}
		if slices.Max(before) == 0 {
			w.Error("nothing was published")
		}
	})
}

// Of several queues at once, and where rows slide, they hold at least their own.
func TestOffsetsHoldAllMessagesOfAWindow(t *testing.T) {
	inWorld(t, genesystest.Config{Conversations: 300, TransferShare: .3}, func(w *world) {
		w.sim.Drift(4, genesystest.Arrive, genesystest.Leave, genesystest.Hide)
		w.mustRun()
		messages, held := w.cluster.Read(w, w.topic), 0
		for _, a := range w.attested() {
			for _, m := range inWindow(messages, a) {
				held++
				if m.Offset < a.Offsets[m.Partition][0] || m.Offset >= a.Offsets[m.Partition][1] {
					w.Errorf("window %s of %s: the message at %d of partition %d is not within %v", a.Window, a.Queue, m.Offset, m.Partition, a.Offsets)
				}
			}
		}
		if held != len(messages) || held == 0 {
			w.Errorf("%d of %d messages are of an attested window", held, len(messages))
		}
	})
}

// The window is closed once its attestation is acknowledged, not before.
func TestAttestationComesBeforeTheClose(t *testing.T) {
	inWorld(t, genesystest.Config{Conversations: 90}, func(w *world) {
		windows := 0
		w.killedWhenAttested(func() bool {
			windows++
			if last := w.position(0); last.Closed || !last.Ended || len(w.attested()) != windows {
				w.Errorf("while attestation %d is published the queue is at %v", len(w.attested()), last)
			}
			return false
		})
		if windows != 2 || !w.position(0).Closed {
			w.Errorf("%d windows were attested, and the queue is at %v", windows, w.position(0))
		}
	})
}

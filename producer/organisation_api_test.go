package producer_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
)

// organisation is the API of one that has so many conversations that nobody can keep them:
// each is computed from its number when it is asked for. It answers what the published
// contract does, as far as a well-behaved client sees it.
type organisation struct {
	queues int
	daily  int // conversations of one queue on one day
	begin  time.Time

	mu       sync.Mutex
	requests map[time.Time]int // by hour
	visits   map[time.Time]int // of those, for whole days
	rows     int
}

// longest is how long a conversation takes at most; the least is a tenth of it.
const longest = 30 * time.Minute

func queueName(n int) string { return fmt.Sprintf("%08x-0000-4000-8000-000000000000", n) }

func (o *organisation) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Date", time.Now().UTC().Format(http.TimeFormat))
	if strings.HasSuffix(r.URL.Path, "/oauth/token") {
		fmt.Fprint(w, `{"access_token":"token","token_type":"bearer","expires_in":86399}`)
		return
	}
	var q struct {
		Interval       string
		Paging         struct{ PageSize, PageNumber int }
		SegmentFilters []struct{ Predicates []struct{ Value string } }
	}
	if err := json.NewDecoder(r.Body).Decode(&q); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	first, last, _ := strings.Cut(q.Interval, "/")
	from, _ := time.Parse(time.RFC3339, first)
	to, _ := time.Parse(time.RFC3339, last)
	var queue int
	_, _ = fmt.Sscanf(q.SegmentFilters[0].Predicates[0].Value, "%08x", &queue)
	o.answer(w, queue, from, to, q.Paging.PageNumber, q.Paging.PageSize)
}

func (o *organisation) answer(w http.ResponseWriter, queue int, from, to time.Time, number, size int) {
	now, period := time.Now(), 24*time.Hour/time.Duration(o.daily)
	since := from.Truncate(24 * time.Hour)
	if from.Add(-longest).After(since) {
		since = from.Add(-longest)
	}
	var found []int
	for k := max(0, int(since.Sub(o.begin)/period)); ; k++ {
		c := o.conversation(queue, k)
		if !c.start.Before(to) || c.start.After(now) {
			break
		}
		if !c.start.Before(from.Truncate(24*time.Hour)) && !c.end.Before(from) {
			found = append(found, k)
		}
	}
	page := found[min(len(found), (number-1)*size):min(len(found), number*size)]
	o.note(now, to.Sub(from) > 12*time.Hour, len(page))
	var text strings.Builder
	text.WriteString(`{"conversations":[`)
	for i, k := range page {
		if i > 0 {
			text.WriteByte(',')
		}
		o.conversation(queue, k).write(&text, queue, k, now)
	}
	fmt.Fprintf(&text, `],"totalHits":%d}`, len(found))
	_, _ = w.Write([]byte(text.String()))
}

func (o *organisation) note(now time.Time, visit bool, rows int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	hour := now.Truncate(time.Hour)
	o.requests[hour]++
	o.rows += rows
	if visit {
		o.visits[hour]++
	}
}

// span is when a conversation begins, ends and changes after that.
type span struct{ start, end, wrapUp, survey time.Time }

// conversation: a tenth has its wrap-up late, a twentieth a survey.
func (o *organisation) conversation(queue, k int) span {
	dice := uint64(k)*0x9e3779b97f4a7c15 ^ uint64(queue)*0xc2b2ae3d27d4eb4f
	dice ^= dice >> 29
	dice *= 0xbf58476d1ce4e5b9
	dice ^= dice >> 32
	period := 24 * time.Hour / time.Duration(o.daily)
	s := span{start: o.begin.Add(time.Duration(k)*period + time.Duration(queue)*period/time.Duration(o.queues)).Truncate(time.Millisecond)}
	s.end = s.start.Add(longest/10 + time.Duration(dice%1000)*longest*9/10000)
	if dice>>10%10 == 0 {
		s.wrapUp = s.end.Add(time.Duration(dice>>16%180) * time.Minute)
	}
	if dice>>24%20 == 0 {
		s.survey = s.end.Add(time.Duration(dice>>32%48) * time.Hour)
	}
	return s
}

func (s span) write(text *strings.Builder, queue, k int, now time.Time) {
	const layout = "2006-01-02T15:04:05.000Z"
	text.WriteByte('{')
	if !s.end.After(now) {
		fmt.Fprintf(text, `"conversationEnd":"%s",`, s.end.UTC().Format(layout))
	}
	fmt.Fprintf(text, `"conversationId":"%08x-1111-4111-8111-%012x","conversationStart":"%s"`, queue, k, s.start.UTC().Format(layout))
	if !s.wrapUp.IsZero() && !s.wrapUp.After(now) {
		text.WriteString(`,"wrapUp":"done"`)
	}
	if !s.survey.IsZero() && !s.survey.After(now) {
		text.WriteString(`,"survey":"good"`)
	}
	text.WriteByte('}')
}

package genesystest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestWhatThePublishedModelAllows holds the simulator to leniency where the
// models are lenient: a refusal there would be a fault of its own.
func TestWhatThePublishedModelAllows(t *testing.T) {
	s := settled(Config{Conversations: 100, RequestsPerMinute: -1, TokenLife: 1000 * time.Hour})
	token := signIn(t, s)
	queues := s.Queues()
	good := bodyFor(Conversations, queues[0], noon().Add(-24*time.Hour), noon(), 1, 100)
	all := len(s.IDs(queues[0], noon().Add(-24*time.Hour), noon()))
	two := fmt.Sprintf(`%q},{"type":"dimension","dimension":"queueId","value":%q}`, queues[0], queues[1])
	filter := good[strings.Index(good, `,"segmentFilters"`) : len(good)-1]
	for _, c := range []struct {
		name, old, new string
		rows           int // negative: not looked at
	}{
		{"as it is", "", "", all},
		{"no paging: 25 rows", `"paging":{"pageSize":100,"pageNumber":1},`, "", 25},
		{"no order", `"order":"asc",`, "", all},
		{"no orderBy", `"orderBy":"conversationStart",`, "", all},
		{"descending", `"asc"`, `"desc"`, all},
		{"no milliseconds", "12:00:00.000Z/", "12:00:00Z/", all},
		{"with an offset", "2026-03-01T12:00:00.000Z/", "2026-03-01T07:00:00-05:00/", all},
		{"and of one", `"or"`, `"and"`, all},
		{"without operator", `"operator":"matches",`, "", all},
		{"predicate without type", `"type":"dimension",`, "", all},
		{"31 days", "2026-03-01T12", "2026-01-30T12", -1},
		{"no filter", filter, "", 100},
		{"two queues", `"` + queues[0] + `"}`, two, len(union(s, queues[:2]))},
		{"the ended only", `"segmentFilters"`, `"conversationFilters":[{"type":"and","predicates":[{"type":"dimension",` +
			`"dimension":"conversationEnd","operator":"exists"}]}],"segmentFilters"`, all},
		{"the live only", `"segmentFilters"`, `"conversationFilters":[{"type":"and","predicates":[` +
			`{"dimension":"conversationEnd","operator":"notExists"}]}],"segmentFilters"`, 0},
	} {
		w := serve(s, queryRequest(Conversations, token, strings.Replace(good, c.old, c.new, 1), 1, 100))
		var read answer
		if err := json.Unmarshal(w.Body.Bytes(), &read); err != nil || w.Code != 200 {
			t.Errorf("%s: %d %v %.300s", c.name, w.Code, err, w.Body)
		} else if c.rows >= 0 && len(read.Conversations) != min(c.rows, 100) {
			t.Errorf("%s: %d rows, want %d", c.name, len(read.Conversations), c.rows)
		}
	}
}

func union(s *Simulator, queues []string) []string {
	var ids []string
	for _, queue := range queues {
		ids = append(ids, s.IDs(queue, noon().Add(-24*time.Hour), noon())...)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

func TestDescendingIsAscendingTurnedRound(t *testing.T) {
	a := newAsker(t, settled(Config{Conversations: 60}))
	queue, from := a.Queues()[0], noon().Add(-24*time.Hour)
	var rows []json.RawMessage
	for page := 1; page < 10; page++ {
		body := strings.Replace(bodyFor(Conversations, queue, from, noon(), page, 9), `"asc"`, `"desc"`, 1)
		var read answer
		if err := json.Unmarshal(serve(a, queryRequest(Conversations, a.token, body, page, 9)).Body.Bytes(), &read); err != nil {
			t.Fatal(err)
		}
		rows = append(rows, read.Conversations...)
	}
	slices.Reverse(rows)
	truth := a.Conversations(queue, from, noon())
	if len(rows) != len(truth) {
		t.Fatalf("%d rows, want %d", len(rows), len(truth))
	}
	for n := range rows {
		if string(rows[n]) != string(truth[n].JSON) {
			t.Fatalf("row %d from the end differs", n)
		}
	}
}

// TestTheTutorialsRequestIsServed sends page 2 as its script does: with the
// page number in the body as well.
func TestTheTutorialsRequestIsServed(t *testing.T) {
	a := newAsker(t, settled(Config{Dialect: Entities, Conversations: 900, TransferShare: -1, MeanSize: 2500}))
	from, queue := noon().Add(-24*time.Hour), a.Queues()[0]
	body := strings.Replace(bodyFor(Entities, queue, from, noon(), 2, 250), `"size"`, `"pageNumber":2,"size"`, 1)
	w := serve(a, queryRequest(Entities, a.token, body, 2, 250))
	var read answer
	if err := json.Unmarshal(w.Body.Bytes(), &read); err != nil || w.Code != 200 {
		t.Fatalf("%d %v %s", w.Code, err, w.Body)
	}
	total := len(a.IDs(queue, from, noon()))
	if *read.PageNumber != 2 || *read.PageSize != 250 || *read.TotalCount != total || len(read.Entities) != total-250 {
		t.Errorf("page %d of size %d, total %d, %d rows; the truth has %d", *read.PageNumber, *read.PageSize,
			*read.TotalCount, len(read.Entities), total)
	}
}

func TestPastTheEnd(t *testing.T) {
	for _, status := range []int{0, 400, 404} {
		a := newAsker(t, settled(Config{Conversations: 5, PastEndStatus: status}))
		w := a.raw(a.Queues()[0], noon().Add(-24*time.Hour), noon(), 9, 100)
		if want := max(status, 200); w.Code != want && (status != 0 || w.Code != 200) {
			t.Errorf("PastEndStatus %d: answered %d", status, w.Code)
		}
		if w := a.raw("nobody", noon().Add(-24*time.Hour), noon(), 1, 100); w.Code != 200 {
			t.Errorf("PastEndStatus %d: an empty first page answered %d", status, w.Code)
		}
	}
}

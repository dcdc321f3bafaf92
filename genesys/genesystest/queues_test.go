package genesystest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// listing is the model QueueEntityListing.
type listing struct {
	Entities []struct {
		ID, Name, SelfURI string
		Division          struct{ ID, Name string }
	}
	PageSize, PageNumber, Total, PageCount int
	NextURI                                string
}

func (l listing) ids() (ids []string) {
	for _, q := range l.Entities {
		ids = append(ids, q.ID)
	}
	return ids
}

func (a *asker) look(uri string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, "http://api.test"+uri, nil)
	r.Header.Set("Authorization", "Bearer "+a.token)
	return serve(a, r)
}

func (a *asker) queues(uri string) (l listing) {
	a.t.Helper()
	w := a.look(uri)
	if err := json.Unmarshal(w.Body.Bytes(), &l); err != nil || w.Code != http.StatusOK || l.Entities == nil {
		a.t.Fatalf("%s: status %d: %s (%v)", uri, w.Code, w.Body, err)
	}
	return l
}

// many makes an organisation of so many queues.
func many(n int, c Config) *Simulator {
	for i := range n {
		c.Queues = append(c.Queues, fmt.Sprintf("queue-%03d", i))
	}
	c.Conversations = 20 * n
	return settled(c)
}

func TestQueuesAreListedByNamePageByPage(t *testing.T) {
	for _, d := range []Dialect{Conversations, Entities} {
		a := newAsker(t, many(60, Config{Dialect: d}))
		var names []string
		for uri := QueuesPath; uri != ""; {
			l := a.queues(uri)
			if l.Total != 60 || l.PageCount != 3 || l.PageSize != 25 {
				t.Errorf("%+v", l)
			}
			for _, q := range l.Entities {
				names = append(names, q.Name)
				if q.Name != a.QueueName(q.ID) || q.Division.ID == "" || q.SelfURI != QueuesPath+"/"+q.ID {
					t.Errorf("%+v, whose name is %q", q, a.QueueName(q.ID))
				}
			}
			uri = l.NextURI
		}
		if len(names) != 60 || !slices.IsSorted(names) {
			t.Errorf("%d queues: %q", len(names), names)
		}
		if l := a.queues(QueuesPath + "?pageNumber=9&pageSize=500"); len(l.Entities) != 0 || l.Total != 60 || l.PageCount != 1 {
			t.Errorf("beyond the end: %+v", l)
		}
	}
}

func TestQueuesAreFilteredByID(t *testing.T) {
	a := newAsker(t, many(5, Config{}))
	for uri, want := range map[string]string{
		"?id=queue-001":                           "[queue-001]",
		"?id=queue-001&id=none&id=queue-003":      "[queue-001 queue-003]",
		"?id=none":                                "[]",
		"?id=queue-001&pageSize=1&id=queue-001":   "[queue-001]",
		"?id=queue-002&id=queue-001&pageNumber=2": "[]",
	} {
		ids := a.queues(QueuesPath + uri).ids()
		slices.Sort(ids)
		if got := fmt.Sprint(ids); got != want {
			t.Errorf("%s: %s, want %s", uri, got, want)
		}
	}
	a.Script(func(Request) *Fault { return FilterIgnored() })
	if l := a.queues(QueuesPath + "?id=queue-001"); len(l.Entities) != 5 || l.Total != 5 {
		t.Errorf("not filtered: %+v", l)
	}
}

func TestQueueNamesDifferAndDoNotChange(t *testing.T) {
	s, again, other := many(500, Config{Seed: 3}), many(500, Config{Seed: 3}), many(500, Config{Seed: 4})
	names := map[string]bool{}
	for _, id := range s.Queues() {
		names[s.QueueName(id)] = true
		if s.QueueName(id) != again.QueueName(id) {
			t.Errorf("%s is %q and %q", id, s.QueueName(id), again.QueueName(id))
		}
	}
	if len(names) != 500 || s.QueueName("queue-000") == other.QueueName("queue-000") || s.QueueName("none") != "" {
		t.Errorf("%d names of 500; of seed 3 %q, of seed 4 %q", len(names), s.QueueName("queue-000"), other.QueueName("queue-000"))
	}
}

// What the client does not see is no error: it is not listed, and it matches nothing. A
// conversation that was elsewhere too is found there.
func TestHiddenQueuesMatchNothing(t *testing.T) {
	a := newAsker(t, many(3, Config{HiddenQueues: []string{"queue-001"}, TransferShare: 0.5}))
	if ids := a.queues(QueuesPath).ids(); len(ids) != 2 || slices.Contains(ids, "queue-001") {
		t.Errorf("listed: %q", ids)
	}
	from := noon().AddDate(0, 0, -1)
	if p := a.page("queue-001", from, noon(), 1, 100); p.total() != 0 || len(p.rows()) != 0 || len(a.Conversations("queue-001", from, noon())) != 0 {
		t.Errorf("%d found, and %d in truth", p.total(), len(a.Conversations("queue-001", from, noon())))
	}
	moved := 0
	for _, c := range a.Conversations("queue-000", from, noon()) {
		if slices.Contains(c.Queues, "queue-001") {
			moved++
		}
	}
	if moved == 0 || a.page("queue-000", from, noon(), 1, 100).total() == 0 {
		t.Errorf("%d that were in a hidden queue are found in another", moved)
	}
	if both := a.config.visible("queue-001,queue-000,queue-002"); both != "queue-000,queue-002" {
		t.Errorf("of several %q are seen", both)
	}
}

func TestBreachesOfTheLookupAreRefused(t *testing.T) {
	header := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	for _, b := range []struct {
		uri    string
		change func(*http.Request)
		view   bool
		status int
		says   string
	}{
		{uri: "", view: true, status: 200},
		{uri: "", status: 403, says: "missing.permissions"},
		{uri: "", status: 403, says: "routing:queue:view"},
		{uri: "?x=1", view: true, status: 400, says: "query parameter x is not simulated"},
		{uri: "?pageNumber=0", view: true, status: 400, says: "pageNumber"},
		{uri: "?pageNumber=x", view: true, status: 400, says: "one number"},
		{uri: "?pageSize=1&pageSize=2", view: true, status: 400, says: "one number"},
		{uri: "?pageSize=501", view: true, status: 400, says: "500"},
		{uri: "?pageSize=0", view: true, status: 400, says: "pageSize"},
		{uri: "?id=%zz", view: true, status: 400, says: "query string"},
		{uri: "", change: func(r *http.Request) { r.Method = http.MethodPost }, view: true, status: 405, says: "405"},
		{uri: "", change: func(r *http.Request) { r.Header.Del("Authorization") }, view: true, status: 401, says: "authentication.required"},
		{uri: "", change: header("Authorization", "Bearer x"), view: true, status: 401, says: "bad.credentials"},
	} {
		s := many(3, Config{NoQueueView: !b.view})
		r := httptest.NewRequest(http.MethodGet, "http://api.test"+QueuesPath+b.uri, nil)
		r.Header.Set("Authorization", "Bearer "+signIn(t, s))
		if b.change != nil {
			b.change(r)
		}
		w := serve(s, r)
		if w.Code != b.status || !strings.Contains(w.Body.String(), b.says) {
			t.Errorf("%q: status %d, want %d with %q: %s", b.uri, w.Code, b.status, b.says, w.Body)
		}
		seen := s.Requests()
		if last := seen[len(seen)-1]; last.Path != QueuesPath || last.Token || last.Status != b.status || last.Page != 0 {
			t.Errorf("the journal says %+v", last)
		}
		if b.status != 200 {
			readError(t, w.Body.Bytes())
		}
	}
}

// Lookups count against the allowance of their token, and meet the faults that scripts have
// for them; those of a query's answer are passed over.
func TestLookupsAreRequestsLikeOthers(t *testing.T) {
	a := newAsker(t, many(3, Config{RequestsPerMinute: 3, Now: noon}))
	a.page("queue-000", noon().AddDate(0, 0, -1), noon(), 1, 10)
	for n, f := range []*Fault{ShortBy(1), Forbidden(), InvalidClient(), Unauthorized(), nil} {
		a.Script(func(Request) *Fault { return f })
		w := a.look(QueuesPath)
		if want := []int{200, 200, 429, 401, 429}[n]; w.Code != want {
			t.Errorf("request %d, with the fault %v: status %d, want %d", n+1, f, w.Code, want)
		}
	}
	for n, r := range a.Requests()[2:] {
		if r.Path != QueuesPath || r.Bearer != 1 || r.Attempt != n+1 || (r.Fault != "") != (r.Status == 401) {
			t.Errorf("the journal says %+v", r)
		}
	}
}

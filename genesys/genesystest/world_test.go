package genesystest

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

// noon is the time in tests, unless told otherwise.
func noon() time.Time { return time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC) }

// settled is a simulator whose conversations began on the day before noon and
// are all over.
func settled(c Config) *Simulator {
	c.From, c.To = noon().Add(-24*time.Hour), noon()
	c.LiveShare = -1
	if c.Now == nil {
		c.Now = func() time.Time { return noon().Add(30 * 24 * time.Hour) }
	}
	return New(c)
}

// clock is a time that tests set.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func tokenRequest(d Dialect, id, secret string) *http.Request {
	form := url.Values{"grant_type": {"client_credentials"}}
	if d == Entities {
		form.Set("client_id", id)
		form.Set("client_secret", secret)
	}
	r := httptest.NewRequest(http.MethodPost, "http://login.test"+TokenPath, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if d == Conversations {
		r.Header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(id+":"+secret)))
	}
	return r
}

func serve(h http.Handler, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func signIn(t testing.TB, s *Simulator) string {
	t.Helper()
	w := serve(s, tokenRequest(s.config.Dialect, DefaultClientID, DefaultClientSecret))
	var grant struct {
		AccessToken string `json:"access_token"`
		TokenType   string `json:"token_type"`
		ExpiresIn   int    `json:"expires_in"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &grant); err != nil || w.Code != 200 || grant.TokenType != "bearer" {
		t.Fatalf("token: status %d: %s (%v)", w.Code, w.Body, err)
	}
	if want := int(s.config.TokenLife.Seconds()); grant.ExpiresIn != want {
		t.Fatalf("expires_in %d, want %d", grant.ExpiresIn, want)
	}
	return grant.AccessToken
}

// bodyFor is a query as the dialect's contract wants it.
func bodyFor(d Dialect, queue string, from, to time.Time, page, size int) string {
	const iso = "2006-01-02T15:04:05.000Z"
	if d == Entities {
		return fmt.Sprintf(`{"dateFrom":%q,"dateTo":%q,"viewId":"default","groupBy":["queueId"],"size":%d,`+
			`"filter":{"type":"and","predicates":[{"type":"eq","field":"queue.id","value":%q}]},`+
			`"order":[{"field":"startTime","direction":"asc"}]}`, from.Format(iso), to.Format(iso), size, queue)
	}
	return fmt.Sprintf(`{"interval":"%s/%s","order":"asc","orderBy":"conversationStart",`+
		`"paging":{"pageSize":%d,"pageNumber":%d},"segmentFilters":[{"type":"or","predicates":`+
		`[{"type":"dimension","dimension":"queueId","operator":"matches","value":%q}]}]}`,
		from.Format(iso), to.Format(iso), size, page, queue)
}

func queryRequest(d Dialect, token, body string, page, size int) *http.Request {
	target := "http://api.test" + QueryPath
	if d == Entities {
		target += fmt.Sprintf("?pageNumber=%d&pageSize=%d", page, size)
	}
	r := httptest.NewRequest(http.MethodPost, target, strings.NewReader(body))
	r.RequestURI = "" // so that a client may send it too
	r.Header.Set("Content-Type", "application/json")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	return r
}

// answer is a page in either dialect. A nil array was not there.
type answer struct {
	Conversations []json.RawMessage `json:"conversations"`
	TotalHits     *int              `json:"totalHits"`
	Entities      []json.RawMessage `json:"entities"`
	TotalCount    *int              `json:"totalCount"`
	PageNumber    *int              `json:"pageNumber"`
	PageSize      *int              `json:"pageSize"`
}

func (a answer) rows() []json.RawMessage { return append(a.Conversations, a.Entities...) }

func (a answer) total() int {
	if a.TotalHits != nil {
		return *a.TotalHits
	}
	return *a.TotalCount
}

// asker asks a simulator for pages.
type asker struct {
	*Simulator
	t     testing.TB
	token string
}

func newAsker(t testing.TB, s *Simulator) *asker { return &asker{s, t, signIn(t, s)} }

func (a *asker) raw(queue string, from, to time.Time, page, size int) *httptest.ResponseRecorder {
	d := a.config.Dialect
	return serve(a, queryRequest(d, a.token, bodyFor(d, queue, from, to, page, size), page, size))
}

func (a *asker) page(queue string, from, to time.Time, page, size int) answer {
	a.t.Helper()
	w := a.raw(queue, from, to, page, size)
	if w.Code != 200 {
		a.t.Fatalf("page %d: status %d: %s", page, w.Code, w.Body)
	}
	var read answer
	if err := json.Unmarshal(w.Body.Bytes(), &read); err != nil {
		a.t.Fatalf("page %d: %v", page, err)
	}
	return read
}

// walk reads pages until one is empty.
func (a *asker) walk(queue string, from, to time.Time, size int) (rows []json.RawMessage) {
	a.t.Helper()
	for page := 1; ; page++ {
		read := a.page(queue, from, to, page, size).rows()
		if len(read) == 0 {
			return rows
		}
		rows = append(rows, read...)
	}
}

func readAll(t testing.TB, r io.Reader) []byte {
	t.Helper()
	all, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

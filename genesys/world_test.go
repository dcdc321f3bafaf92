package genesys

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"genesys-producer/genesys/genesystest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// The day that the tests ask for. In a bubble it is the day before yesterday.
var day = time.Date(1999, 12, 30, 0, 0, 0, 0, time.UTC)

const queue = "2f6d0a5e-5f0c-4d2b-9a55-3a1d7c1f0b11"

// world is a simulated organisation in a bubble, where time passes only while
// everybody waits.
type world struct {
	*testing.T
	sim       *genesystest.Simulator
	dialect   Dialect
	transport http.RoundTripper

	mu        sync.Mutex
	incidents []Incident
}

// inWorld runs a test in a world of its own. What the config leaves out is made
// simple: one queue, small records that have ended, no rate limit.
func inWorld(t *testing.T, config genesystest.Config, test func(w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		sim := genesystest.New(simple(config))
		transport, closePipe := genesystest.Pipe(sim)
		t.Cleanup(closePipe)
		dialect := Conversations
		if config.Dialect != "" {
			dialect = Dialect(config.Dialect)
		}
		test(&world{T: t, sim: sim, dialect: dialect, transport: transport})
	})
}

func simple(c genesystest.Config) genesystest.Config {
	c.Seed, c.TransferShare, c.LiveShare = 1, -1, -1
	if c.Queues == nil {
		c.Queues = []string{queue}
	}
	c.From, c.To = day, day.AddDate(0, 0, 1)
	if c.MeanSize == 0 {
		c.MeanSize = 1500
	}
	if c.RequestsPerMinute == 0 {
		c.RequestsPerMinute = -1
	}
	return c
}

// client makes a client of the world. Its allowance is too large to be felt.
func (w *world) client(changes ...func(*Config)) *Client {
	w.Helper()
	c := Config{
		Dialect: w.dialect, APIURL: "http://api.test", LoginURL: "http://login.test",
		ClientID: genesystest.DefaultClientID, ClientSecret: genesystest.DefaultClientSecret,
		RequestsPerMinute: 60_000, Timeout: time.Minute, MaxResponseBytes: 64 << 20,
		Transport: w.transport, Observe: w.observe,
	}
	for _, change := range changes {
		change(&c)
	}
	client, err := New(c)
	if err != nil {
		w.Fatal(err)
	}
	return client
}

func readAhead(pages int) func(*Config)  { return func(c *Config) { c.ReadAhead = pages } }
func allowance(minute int) func(*Config) { return func(c *Config) { c.RequestsPerMinute = minute } }

// query asks for the day, in pages of the size.
func (w *world) query(size int) Query {
	return Query{Dialect: w.dialect, Host: "api.test", Queue: queue, From: day, To: day.AddDate(0, 0, 1), PageSize: size}
}

// hours are queries that differ, one for each walk.
func (w *world) hours(walks, size int) []Query {
	queries := make([]Query, walks)
	for i := range queries {
		queries[i] = w.query(size)
		queries[i].From = day.Add(time.Duration(i) * time.Hour)
	}
	return queries
}

// walk walks a query and describes its pages.
func walk(ctx context.Context, c *Client, q Query, after Cursor) (pages []string, err error) {
	for page, err := range c.Pages(ctx, q, after) {
		if err != nil {
			return pages, err
		}
		if page.SentAt.IsZero() || page.FetchedAt.Sub(page.SentAt.Round(0)).Abs() > time.Minute {
			return pages, fmt.Errorf("page %d was sent for at %v, and %v is told", page.Number, page.SentAt, page.FetchedAt)
		}
		pages = append(pages, describe(page))
	}
	return pages, nil
}

func describe(p *Page) string {
	text := fmt.Sprintf("page %d: %d records, %d of %d", p.Number, len(p.Records), p.Read, p.Total)
	if p.Last {
		text += ", last"
	}
	if p.Discrepancy != "" {
		text += " (" + string(p.Discrepancy) + ")"
	}
	return text
}

// everywhere walks all queries at once and returns what each ended with.
func everywhere(ctx context.Context, c *Client, queries []Query) []error {
	ends := make([]error, len(queries))
	var walks sync.WaitGroup
	for i, q := range queries {
		walks.Go(func() { _, ends[i] = walk(ctx, c, q, Cursor{}) })
	}
	walks.Wait()
	return ends
}

func (w *world) observe(i Incident) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.incidents = append(w.incidents, i)
}

// told is what Config.Observe was told so far.
func (w *world) told() []Incident {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.incidents)
}

// queries are the requests for pages so far, in the order of arrival.
func (w *world) queries() []genesystest.Request {
	return slices.DeleteFunc(w.sim.Requests(), func(r genesystest.Request) bool { return r.Token })
}

// logins are the requests for a token so far.
func (w *world) logins() []genesystest.Request {
	return slices.DeleteFunc(w.sim.Requests(), func(r genesystest.Request) bool { return !r.Token })
}

// asked are the numbers of the pages asked for so far.
func (w *world) asked() (pages []int) {
	for _, r := range w.queries() {
		pages = append(pages, r.Page)
	}
	return pages
}

// must ends the test on an error that it does not expect.
func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) mustEqual(what string, got, want any) {
	w.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		w.Errorf("%s:\n got %v\nwant %v", what, got, want)
	}
}

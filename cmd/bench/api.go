package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	"genesys-producer/genesys/genesystest"
)

// templates is how many different pages are composed. What is served for a page is one
// of them with other ids.
const templates = 4

// api serves a load. It spends next to nothing on a page: it is the service that is to
// be measured. That it answers as the API does rests on the simulator, whose records
// these are.
type api struct {
	load
	pages []template

	mu       sync.Mutex
	window   time.Time // when the minute began in which requests are counted
	inWindow int
	stats    stats
}

// stats counts requests for pages, and those that came too fast.
type stats struct{ Requests, Refused int }

// template is the array of a page, and where in it a conversation's id begins.
type template struct {
	array []byte
	ids   []int
}

// marked is how many hex digits of an id are replaced: of queue and page.
const marked = 8

func serveAPI(ctx context.Context, o order) error {
	a := &api{load: o.Load, pages: compose(o.Load.Size)}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	ready("http://" + listener.Addr().String())
	server := &http.Server{Handler: a, ReadHeaderTimeout: time.Minute}
	defer context.AfterFunc(ctx, func() { _ = server.Close() })()
	return server.Serve(listener)
}

// compose has the simulator tell conversations of a mean size.
func compose(size int) []template {
	now := time.Date(2025, 3, 4, 0, 0, 0, 0, time.UTC)
	sim := genesystest.New(genesystest.Config{Seed: 1, Queues: []string{queueID(0)}, Conversations: templates * pageSize,
		From: now.Add(-12 * time.Hour), To: now.Add(-6 * time.Hour), LiveShare: -1, MeanSize: size, Now: func() time.Time { return now }})
	var result []template
	var t template
	for i, c := range sim.Conversations("", now.Add(-12*time.Hour), now) {
		if i%pageSize > 0 {
			t.array = append(t.array, ',')
		}
		for from := 0; ; {
			at := bytes.Index(c.JSON[from:], []byte(c.ID))
			if at < 0 {
				break
			}
			t.ids = append(t.ids, len(t.array)+from+at)
			from += at + len(c.ID)
		}
		t.array = append(t.array, c.JSON...)
		if i%pageSize == pageSize-1 {
			result, t = append(result, t), template{}
		}
	}
	return result
}

func (a *api) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case genesystest.TokenPath:
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"access_token":"a","token_type":"bearer","expires_in":86399}`)
	case genesystest.QueryPath:
		if !a.admit() {
			w.Header().Set("Retry-After", "60")
			http.Error(w, `{"message":"Rate limit exceeded","code":"too.many.requests","status":429}`, http.StatusTooManyRequests)
			return
		}
		time.Sleep(a.Latency)
		a.page(w, r)
	default:
		a.mu.Lock()
		defer a.mu.Unlock()
		_ = json.NewEncoder(w).Encode(a.stats)
	}
}

// admit counts requests for pages in minutes, each of which begins with a request.
func (a *api) admit() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.stats.Requests++
	if now := time.Now(); now.Sub(a.window) >= time.Minute {
		a.window, a.inWindow = now, 0
	}
	a.inWindow++
	if a.PerMinute > 0 && a.inWindow > a.PerMinute {
		a.stats.Refused++
		return false
	}
	return true
}

func (a *api) page(w http.ResponseWriter, r *http.Request) {
	var asked query
	text, err := io.ReadAll(r.Body)
	if err == nil {
		err = json.Unmarshal(text, &asked)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	var array []byte
	number := asked.Paging.PageNumber
	if number <= a.Pages {
		queue, _ := strconv.ParseUint(asked.queue()[:marked], 16, 32)
		mark := fmt.Appendf(nil, "%0*x", marked, (queue<<16|uint64(number))&math.MaxUint32)
		t := a.pages[number%len(a.pages)]
		array = bytes.Clone(t.array)
		for _, at := range t.ids {
			copy(array[at:], mark)
		}
	}
	head := `{"conversations":[`
	tail := fmt.Sprintf(`],"totalHits":%d}`, a.Pages*pageSize)
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(head)+len(array)+len(tail)))
	_, _ = io.WriteString(w, head)
	_, _ = w.Write(array)
	_, _ = io.WriteString(w, tail)
}

// query is what is needed of a request's body.
type query struct {
	Interval string `json:"interval"`
	Paging   struct {
		PageSize   int `json:"pageSize"`
		PageNumber int `json:"pageNumber"`
	} `json:"paging"`
	SegmentFilters []filter `json:"segmentFilters"`
}

type filter struct {
	Type       string      `json:"type"`
	Predicates []predicate `json:"predicates"`
}

type predicate struct {
	Dimension string `json:"dimension"`
	Value     string `json:"value"`
}

func (q query) queue() string { return q.SegmentFilters[0].Predicates[0].Value }

// ask asks for a page of a queue, on behalf of what is measured beside the service. The
// body is the caller's to close.
func ask(ctx context.Context, client *http.Client, base string, queue, number int) (io.ReadCloser, error) {
	q := query{Interval: windowFrom + "/" + windowTo, SegmentFilters: []filter{{"or", []predicate{{"queueId", queueID(queue)}}}}}
	q.Paging.PageSize, q.Paging.PageNumber = pageSize, number
	text, err := json.Marshal(q)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, base+genesystest.QueryPath, bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	answer, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	if answer.StatusCode != http.StatusOK {
		answer.Body.Close()
		return nil, fmt.Errorf("page %d: status %d", number, answer.StatusCode)
	}
	return answer.Body, nil
}

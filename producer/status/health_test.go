package status

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"genesys-producer/checkpoint"
	"genesys-producer/genesys"
	"genesys-producer/producer"
)

// get is what the board answers.
func (p *post) get(path string) (int, string) {
	p.Helper()
	w := httptest.NewRecorder()
	p.Handler(false).ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w.Code, w.Body.String()
}

// mustLive expects /livez to answer with a status and words.
func (p *post) mustLive(status int, parts ...string) {
	p.Helper()
	got, body := p.get("/livez")
	if got != status {
		p.Fatalf("/livez is %d, want %d: %s", got, status, body)
	}
	for _, part := range parts {
		if !strings.Contains(body, part) {
			p.Errorf("/livez says %q, want %q in it", body, part)
		}
	}
}

// holdCases are all that a service can wait for. end ends the wait.
var holdCases = []struct {
	name, by, what string
	until          time.Duration // 0: nobody knows
	begin, end     func(p *post)
}{
	{"brokers are away", ByKafka, "brokers are away", 0,
		func(p *post) { p.outage.Begin(errors.New("connection refused")) }, func(p *post) { p.outage.End(true) }},
	{"positions cannot be stored", ByCheckpoint, "positions cannot be stored", 0,
		func(p *post) { p.unstored.Begin(errors.New("disk full")) }, func(p *post) { p.unstored.End(true) }},
	{"the API fails", ByAPI, "the API fails", 0,
		func(p *post) {
			p.fails(&genesys.Error{Kind: genesys.Passing, Op: "POST /x", Status: 503})
		},
		func(p *post) { p.fails(nil) }},
	{"the API asks to stay away", ByAPI, "asks to stay away", 2 * time.Hour,
		func(p *post) {
			p.fails(&genesys.Error{Kind: genesys.RateLimited, Status: 429})
			p.api.ClosedUntil = time.Now().Add(2 * time.Hour)
		},
		func(p *post) { p.fails(nil); p.api.ClosedUntil = time.Time{} }},
	{"the budget is closed", ByBudget, "the request budget is closed", time.Hour,
		func(p *post) { p.api.ClosedUntil = time.Now().Add(time.Hour) }, func(p *post) { p.api.ClosedUntil = time.Time{} }},
	{"the next window settles", ByWindow, "the next window settles", 24 * time.Hour,
		func(p *post) { p.Turn(producer.Turn{Next: time.Now().Add(24 * time.Hour)}) }, func(p *post) { p.Turn(producer.Turn{Walks: 1}) }},
}

// Whatever it waits for is told, with its end where that is known; and it is alive while
// it waits, however long. Nothing that waiting is for makes it seem alive afterwards.
func TestAServiceThatWaitsIsAliveAndSaysForWhat(t *testing.T) {
	for _, c := range holdCases {
		t.Run(c.name, func(t *testing.T) {
			inPost(t, func(p *post) {
				p.start()
				p.Turn(producer.Turn{Walks: 1})
				p.mustEqual("holds at first", len(p.Status().Holds), 0)
				began := time.Now()
				c.begin(p)
				lasts := c.until
				if lasts == 0 {
					lasts = 72 * time.Hour
				}
				for range 10 {
					time.Sleep(lasts / 11)
					holds := p.Status().Holds
					if len(holds) != 1 || holds[0].By != c.by || !strings.Contains(holds[0].What, c.what) {
						t.Fatalf("holds %+v, want one of %s: %s", holds, c.by, c.what)
					}
					if h := holds[0]; c.by != ByBudget && !h.Since.Equal(began) {
						t.Errorf("since %v, want %v", h.Since, began)
					}
					if h := holds[0]; (c.until == 0) != h.Until.IsZero() || c.until > 0 && !h.Until.Equal(began.Add(c.until)) {
						t.Errorf("until %v, want %v after %v", h.Until, c.until, began)
					}
					p.mustLive(http.StatusOK, "alive: it waits", c.what)
				}
				c.end(p)
				p.mustEqual("holds at last", len(p.Status().Holds), 0)
				p.mustLive(http.StatusOK)
				time.Sleep(11 * time.Minute)
				p.mustLive(http.StatusServiceUnavailable)
			})
		})
	}
}

// A wait with an end excuses no longer than that and the patience: a service that does not
// wake up is stuck.
func TestAServiceThatOversleepsIsStuck(t *testing.T) {
	for _, c := range holdCases {
		if c.until == 0 || c.by == ByBudget {
			continue // or one that is over by the clock
		}
		t.Run(c.name, func(t *testing.T) {
			inPost(t, func(p *post) {
				p.start()
				p.Turn(producer.Turn{Walks: 1})
				c.begin(p)
				time.Sleep(c.until + 9*time.Minute)
				p.mustLive(http.StatusOK)
				time.Sleep(2 * time.Minute)
				if c.by == ByAPI { // which may fail for longer: that is a wait without an end
					p.mustLive(http.StatusOK, "the API fails")
					return
				}
				p.mustLive(http.StatusServiceUnavailable, "stuck")
			})
		})
	}
}

// Every sign of life keeps it alive, and each for the patience alone.
func TestAServiceThatIsSilentIsStuck(t *testing.T) {
	for name, sign := range map[string]func(p *post){
		"a page":      func(p *post) { p.Progress(p.walked(1, 100)) },
		"a turn":      func(p *post) { p.Turn(producer.Turn{Walks: 3}) },
		"a request":   func(p *post) { p.Exchange(genesys.Exchange{Call: genesys.CallPage, Status: 200}) },
		"a token":     func(p *post) { p.Exchange(genesys.Exchange{Call: genesys.CallToken, Status: 200}) },
		"a publish":   func(p *post) { p.ended(saysPublished) },
		"a broker":    func(p *post) { p.Destination(checkpoint.Destination{}) },
		"a queue":     func(p *post) { p.Progress(producer.Progress{Queue: "a", Lane: checkpoint.Live, Resumed: true}) },
		"one's start": func(*post) {},
	} {
		t.Run(name, func(t *testing.T) {
			inPost(t, func(p *post) {
				p.start()
				p.Turn(producer.Turn{Walks: 1})
				sign(p)
				time.Sleep(9*time.Minute + 59*time.Second)
				p.mustLive(http.StatusOK, "alive")
				p.Exchange(genesys.Exchange{Call: genesys.CallQueues, Status: 200}) // comes by itself, each hour
				p.Lookup(nil, nil)
				p.Status()
				time.Sleep(time.Second)
				p.mustLive(http.StatusServiceUnavailable, "stuck: nothing was heard for longer than 10m0s", "the last was: 10m0s ago")
				sign(p)
				p.Turn(producer.Turn{Walks: 1})
				p.mustLive(http.StatusOK)
			})
		})
	}
}

// A start that hangs is no wait for anything that has a name.
func TestAStartThatHangsIsStuck(t *testing.T) {
	inPost(t, func(p *post) {
		p.Client(func() genesys.State { return p.api })
		time.Sleep(9 * time.Minute)
		p.mustLive(http.StatusOK)
		p.mustEqual("holds", p.Status().Holds[0].What, "logging in")
		time.Sleep(2 * time.Minute)
		p.mustLive(http.StatusServiceUnavailable, "the service started")
	})
}

func TestPatienceOutlastsALongTimeout(t *testing.T) {
	inPost(t, func(p *post) {
		p.Board = NewBoard(Config{Queues: []string{"a"}, Timeout: 20 * time.Minute})
		time.Sleep(59 * time.Minute)
		p.mustLive(http.StatusOK)
		time.Sleep(2 * time.Minute)
		p.mustLive(http.StatusServiceUnavailable)
	})
}

// The service looks twice before the next window settles, as it may where a queue is parked:
// that is one wait.
func TestAWaitBeginsOnce(t *testing.T) {
	inPost(t, func(p *post) {
		p.start()
		p.Turn(producer.Turn{Walks: 1})
		time.Sleep(time.Minute)
		began := time.Now()
		for range 2 {
			p.Turn(producer.Turn{Next: began.Add(time.Hour)})
			time.Sleep(time.Minute)
		}
		if h := p.Status().Holds[0]; !h.Since.Equal(began) {
			t.Errorf("since %v, want %v", h.Since, began)
		}
	})
}

// Of several walks one nearly always repeats a request where a few answers of many are
// errors. As long as pages come, the API does not fail.
func TestAnAPIThatFlapsDoesNotFail(t *testing.T) {
	inPost(t, func(p *post) {
		p.start()
		p.fails(&genesys.Error{Kind: genesys.Passing, Status: 503})
		p.Exchange(genesys.Exchange{Call: genesys.CallPage, Status: 200})
		p.Exchange(genesys.Exchange{Call: genesys.CallPage, Status: 503, Failed: true})
		p.mustEqual("holds while pages come", len(p.Status().Holds), 0)
		time.Sleep(flaps)
		p.mustEqual("holds once they have come no more", len(p.Status().Holds), 1)
	})
}

// A budget that closes in an outage of the API is one wait: the API's.
func TestTwoWaitsOfOneCauseAreOne(t *testing.T) {
	inPost(t, func(p *post) {
		p.start()
		p.fails(&genesys.Error{Kind: genesys.RateLimited, Status: 429})
		p.api.ClosedUntil = time.Now().Add(time.Minute)
		holds := p.Status().Holds
		if len(holds) != 1 || holds[0].What != "the API asks to stay away" || !holds[0].Until.Equal(p.api.ClosedUntil) {
			t.Errorf("holds %+v", holds)
		}
		time.Sleep(2 * time.Minute)
		holds = p.Status().Holds
		if len(holds) != 1 || !holds[0].Until.IsZero() || !strings.Contains(holds[0].What, "the API fails") {
			t.Errorf("holds %+v after the closure", holds)
		}
	})
}

package main

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"genesys-producer/genesys/genesystest"
	"genesys-producer/producer/status"
)

// failing has all requests of a kind meet a fault until it is mended.
func (w *world) failing(f *genesystest.Fault, which func(genesystest.Request) bool) (mend func()) {
	var mended atomic.Bool
	w.script(func(r genesystest.Request) *genesystest.Fault {
		if mended.Load() || !which(r) {
			return nil
		}
		return f
	})
	return func() { mended.Store(true) }
}

// An API that fails is told of, with what it says, for as long as it does. The service is
// alive, and ready: nothing is lacking but answers.
func TestStatusWhileTheAPIFails(t *testing.T) {
	beside(t)
	w := newDays(t, small())
	mend := w.failing(genesystest.Status(503, "service.unavailable", "Back soon."), func(r genesystest.Request) bool { return r.Page > 2 })
	x := w.watch()
	h := x.held(status.ByAPI)
	if !strings.Contains(h.What, "the API fails") || !strings.Contains(h.Error, "status 503 service.unavailable") || !h.Until.IsZero() {
		t.Errorf("it waits for %+v", h)
	}
	x.mustFail()
	x.mustAnswer("/livez", http.StatusOK, "alive: it waits: the API fails")
	x.mustBe(1, `hold{by="api"}`, "ready")
	x.mustBe(0, `hold{by="kafka"}`)
	mend()
	x.mustEnd(done)
}

// One that asks to stay away says until when.
func TestStatusWhileTheAPIAsksToStayAway(t *testing.T) {
	beside(t)
	w := newDays(t, small())
	w.failing(genesystest.TooManyRequests("600"), func(r genesystest.Request) bool { return r.Page > 2 })
	x := w.watch()
	h := x.held(status.ByAPI)
	if h.What != "the API asks to stay away" || h.Until.Sub(h.Since).Minutes() < 9 || h.Until.Sub(h.Since).Minutes() > 11 {
		t.Errorf("it waits for %+v", h)
	}
	x.mustAnswer("/livez", http.StatusOK, "alive: it waits until", "the API asks to stay away")
	x.mustBe(1, `hold{by="api"}`, `hold{by="budget"}`)
	m := x.metrics()
	if closed := m["api_budget_closed_seconds"]; closed < 500 || closed > 602 {
		t.Errorf("the budget is closed for %v s", closed)
	}
	if m[`api_requests_total{call="page",status="429"}`] < 1 || m["api_retry_after_total"] < 1 || m["api_retry_after_seconds_total"] < 600 {
		t.Errorf("429: %v, Retry-After: %v, of %v s", m[`api_requests_total{call="page",status="429"}`], m["api_retry_after_total"], m["api_retry_after_seconds_total"])
	}
}

// Without a token nothing begins: it is not ready, and says why.
func TestStatusWhileNobodyCanLogIn(t *testing.T) {
	beside(t)
	w := newDays(t, small())
	mend := w.failing(genesystest.Status(503, "", ""), func(r genesystest.Request) bool { return r.Token })
	reached, goOn := w.pause(5, 1)
	x := w.watch()
	x.held(status.ByAPI)
	s := x.until(func(s status.Status) bool { return s.Phase == status.Starting })
	if last := s.Holds[len(s.Holds)-1]; last.By != status.ByStart || last.What != "logging in" {
		t.Errorf("it waits for %+v", s.Holds)
	}
	x.mustFail("token", "brokers", "positions")
	x.mustAnswer("/readyz", http.StatusServiceUnavailable, "there is no access token yet: POST ", "status 503")
	x.mustAnswer("/livez", http.StatusOK)
	mend()
	x.reach(reached)
	x.mustFail()
	if s := x.until(isFree); s.Phase != status.Running {
		t.Errorf("the phase is %s", s.Phase)
	}
	if m := x.metrics(); m[`api_token_renewals_total{result="failed"}`] < 1 || m[`api_token_renewals_total{result="ok"}`] != 1 || m[`api_retries_total{call="token"}`] < 1 {
		t.Errorf("%v failed, %v ok, %v repeated", m[`api_token_renewals_total{result="failed"}`], m[`api_token_renewals_total{result="ok"}`], m[`api_retries_total{call="token"}`])
	}
	goOn()
	x.mustEnd(done)
}

// Brokers that are away are no reason to restart it, and it answers until its end.
func TestStatusWhileBrokersAreAway(t *testing.T) {
	beside(t)
	eachDelivery(t, func(t *testing.T, d delivery) {
		w := newBrokersWorld(t).by(d)
		reached, goOn := w.pause(12, 2)
		x := w.watch("GENESYS_READ_AHEAD=0", "SHUTDOWN_GRACE=4s")
		x.reach(reached)
		w.cluster.Stop(w)
		goOn()
		h := x.held(status.ByKafka)
		if !strings.Contains(h.What, "brokers are away") || h.Error == "" {
			t.Errorf("it waits for %+v", h)
		}
		x.mustFail("brokers")
		x.mustAnswer("/livez", http.StatusOK, "alive: it waits: brokers are away")
		x.mustBe(1, `hold{by="kafka"}`)
		x.mustBe(0, "ready")
		w.cluster.StartAgain(w)
		x.reach(reached)
		x.until(func(s status.Status) bool { return s.Ready && isFree(s) }) // one client can notice later than another

		w.cluster.Stop(w)
		goOn()
		x.held(status.ByKafka)
		x.signal(syscall.SIGTERM)
		x.until(func(s status.Status) bool { return s.Phase == status.Stopping })
		x.mustAnswer("/livez", http.StatusOK) // within its grace
		x.mustEnd(failed)
		w.cluster.StartAgain(w)
	})
}

func TestStatusWhileBrokersAreAwayAtTheStart(t *testing.T) {
	beside(t)
	w := newBrokersWorld(t)
	w.cluster.Stop(w)
	x := w.watch()
	x.held(status.ByKafka)
	x.mustFail("brokers", "positions")
	x.mustAnswer("/livez", http.StatusOK, "brokers are away")
	w.cluster.StartAgain(w)
	x.mustEnd(done)
}

// A disk that takes no position is told of.
func TestStatusWhilePositionsCannotBeStored(t *testing.T) {
	beside(t)
	w := newFakeWorld(t)
	var inTheWay []string
	for _, queue := range w.sim.Queues() {
		inTheWay = append(inTheWay, filepath.Join(w.environment["CHECKPOINT_DIR"], "default", queue+".live.json.tmp"))
	}
	reached, goOn := w.pause(pausedAt, 1)
	x := w.watch("GENESYS_READ_AHEAD=0")
	x.reach(reached)
	x.rest()
	var failures error
	for _, path := range inTheWay {
		failures = errors.Join(failures, os.MkdirAll(filepath.Join(path, "in the way"), 0o700))
	}
	goOn()
	h := x.held(status.ByCheckpoint)
	if !strings.Contains(h.What, "positions cannot be stored") || h.Error == "" {
		t.Errorf("it waits for %+v", h)
	}
	x.mustAnswer("/livez", http.StatusOK, "alive: it waits: positions cannot be stored")
	x.mustBe(1, `hold{by="checkpoint"}`)
	if m := x.metrics(); m[`checkpoint_writes_total{result="failed"}`] < 1 {
		t.Error("no write of a checkpoint has failed")
	}
	for _, path := range inTheWay {
		failures = errors.Join(failures, os.RemoveAll(path))
	}
	x.mustEnd(done)
	if failures != nil {
		t.Error(failures)
	}
}

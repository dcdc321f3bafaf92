package main

import (
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"genesys-producer/producer/status"
)

// watched is the program, and where it answers.
type watched struct {
	*child
	at string
}

// watch starts the program with a listener.
func (w *world) watch(changes ...string) *watched {
	w.Helper()
	c := w.start(append(changes, "HTTP_ADDR=127.0.0.1:0")...)
	return &watched{c, c.address()}
}

// get is what it answers.
func (x *watched) get(path string) (int, string) {
	x.Helper()
	answer, err := http.Get("http://" + x.at + path)
	if err != nil {
		x.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		x.Fatal(err)
	}
	return answer.StatusCode, string(body)
}

// until waits for a status.
func (x *watched) until(wanted func(status.Status) bool) status.Status {
	x.Helper()
	return x.awaitStatus(x.at, wanted)
}

// held waits until the program waits for something of a kind.
func (x *watched) held(by string) status.Hold {
	x.Helper()
	var found status.Hold
	x.until(func(s status.Status) bool {
		for _, h := range s.Holds {
			if h.By == by {
				found = h
			}
		}
		return found.By == by
	})
	return found
}

// isFree reports whether nothing is waited for.
func isFree(s status.Status) bool { return len(s.Holds) == 0 }

// mustAnswer expects a status of a path, and words in it.
func (x *watched) mustAnswer(path string, status int, parts ...string) {
	x.Helper()
	code, body := x.get(path)
	if code != status {
		x.Errorf("%s is %d, want %d: %s", path, code, status, body)
	}
	for _, part := range parts {
		if !strings.Contains(body, part) {
			x.Errorf("%s does not say %q: %s", path, part, body)
		}
	}
}

// mustFail expects /readyz to say that these checks fail, and no others.
func (x *watched) mustFail(names ...string) {
	x.Helper()
	code, body := x.get("/readyz")
	var r struct{ Checks []status.Check }
	if err := json.Unmarshal([]byte(body), &r); err != nil {
		x.Fatalf("/readyz answers %q: %v", body, err)
	}
	var failing []string
	for _, c := range r.Checks {
		if !c.OK {
			failing = append(failing, c.Name)
		}
	}
	want := http.StatusOK
	if len(names) > 0 {
		want = http.StatusServiceUnavailable
	}
	if code != want || strings.Join(failing, ",") != strings.Join(names, ",") {
		x.Errorf("/readyz is %d, want %d with %q failing: %s", code, want, names, body)
	}
}

// metrics are all series as they are exported, without the prefix of ours.
func (x *watched) metrics() map[string]float64 {
	x.Helper()
	_, body := x.get("/metrics")
	all := map[string]float64{}
	for line := range strings.Lines(body) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		cut := strings.LastIndexByte(line, ' ')
		value, err := strconv.ParseFloat(strings.TrimSpace(line[cut+1:]), 64)
		if err != nil {
			x.Errorf("a sample of %s: %v", line, err)
		}
		all[strings.TrimPrefix(line[:cut], "genesys_producer_")] = value
	}
	return all
}

// sum is that of all series of a name with a part in their labels.
func sum(metrics map[string]float64, name, part string) (total float64) {
	for series, value := range metrics {
		if strings.HasPrefix(series, name+"{") && strings.Contains(series, part) {
			total += value
		}
	}
	return total
}

// mustBe expects series to have a value.
func (x *watched) mustBe(value float64, series ...string) {
	x.Helper()
	all := x.metrics()
	for _, name := range series {
		if got, ok := all[name]; !ok || got != value {
			x.Errorf("%s is %v (exported: %v), want %v", name, got, ok, value)
		}
	}
}

// Where nothing can listen, the program says so, and what to do; and where nothing is to
// listen, it does not.
func TestHTTPAddr(t *testing.T) {
	w := newDays(t, small())
	first := w.watch()
	w.start("CHECKPOINT_NAME=another", "HTTP_ADDR="+first.at).mustEnd(failed, "HTTP_ADDR", first.at, "choose another address, or set HTTP_ADDR= for no listener")
	first.mustEnd(done)
	silent := w.start()
	silent.mustEnd(done)
	if strings.Contains(silent.stderr.String(), "http: listening") {
		t.Error("it listens though HTTP_ADDR is empty")
	}
}

func TestProfilesAreServedOnRequestAlone(t *testing.T) {
	beside(t)
	for setting, code := range map[string]int{"false": http.StatusNotFound, "true": http.StatusOK} {
		w := newDays(t, small())
		reached, _ := w.pause(5, 1)
		x := w.watch("HTTP_PPROF=" + setting)
		x.reach(reached)
		x.mustAnswer("/debug/pprof/goroutine?debug=1", code)
		x.mustAnswer("/debug/pprof/profile?seconds=1", code)
		x.mustAnswer("/debug/vars", http.StatusNotFound)
	}
}

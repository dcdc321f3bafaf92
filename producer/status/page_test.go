package status

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/xml"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestPageOfAServiceThatWalks(t *testing.T) {
	v := see(t, walking(), "/")
	v.mustSay(t, "All is well: 3 queues, the furthest behind by 1 h 12 min",
		"Billing 6f1c2a5e-0c1d-4c7a-9a43-1d0f6f3b7e01 today, 12:00–13:00", "page 12 of ~40 5,230 1 h 12 min complete 412,331",
		"Support, first line", "page 31 of ~33", "Sales", "3 Mar, all day revisit", "closed, 7 pages",
		"182 of 300 in the last minute", "4 requests in line", "the API counts 121 of the 300 that it allows",
		"511,739 of 530,110 read; 17,902 unchanged, 469 superseded", "148 5,122 pages", "2 walks under way",
		"genesys.conversations", "MkU3OEVBNTcwNTJENDM2Qg", "at-least-once", "genesys-producer v1.2.0", "checkpoint default", "2 Mar 12:02:00 UTC (2 d 2 h ago)", "4 Mar 2026, 14:02:00 UTC")
	bars := v.all("progress")
	for i, want := range []string{"60", "30", "93", "100"} { // of the budget, then of the queues
		if got := attribute(bars[i], "value"); got != want {
			t.Errorf("bar %d is at %s, want %s", i, got, want)
		}
	}
	if strings.Contains(v.text, "Warnings") || strings.Contains(v.text, "Why it waits") {
		t.Error("there is nothing to warn of, and nothing is waited for")
	}
}

func TestPageOfTrouble(t *testing.T) {
	see(t, failing(), "/").mustSay(t, "Needs a look: the API fails; requests are repeated until they succeed (for 2 min)", "3 queues, the furthest behind by 1 h 12 min",
		"Why it waits the API fails", "query page 13: api.mypurecloud.com answered 503 Service Unavailable", "44 requests repeated since the start")
	see(t, parked(), "/").mustSay(t, "Needs a look: 1 of 4 queues is parked", "Warnings not seen by the client", "the API's clock is 71 s ahead",
		"6f1c2a5e-0c1d-4c7a-9a43-1d0f6f3b7e09 parked not seen by the client today, 10:00–11:00", "unstable 300 2 dead letters the API rejects the query",
		"start the service again (31 min ago)", "3 deserve a look", "148 1 in doubt", "1 min ahead of this machine's")
	see(t, starting(), "/").mustSay(t, "Starting: logging in", "there is no access token yet; brokers are not reached yet", "not reached yet", "not heard yet", "none yet", "not known yet")
	see(t, Status{Phase: Starting, Now: noon, Started: noon}, "/").mustSay(t, "Starting: ", "0 of 0 in the last minute")
}

// What it waits for, and until when, is on the page, whatever else is on top of it; once is
// enough.
func TestPageSaysWhatIsWaitedForUnderAnyHeadline(t *testing.T) {
	late, behind := parked(), walking()
	late.Holds = waiting().Holds
	behind.CaughtUpSeconds, behind.Holds = 60, []Hold{{By: ByBudget, What: "the request budget is closed", Until: noon.Add(12 * time.Second)}}
	see(t, late, "/").mustSay(t, "Needs a look: 1 of 4 queues is parked", "Why it waits the next window settles at 14:05:00 UTC (in 3 min)")
	see(t, behind, "/").mustSay(t, "Catching up: ", "Why it waits the request budget is closed , until 14:02:12 UTC (in 12 s)")
	v := see(t, waiting(), "/")
	v.mustSay(t, "Waiting: the next window settles at 14:05:00 UTC (in 3 min)")
	if strings.Contains(v.text, "Why it waits") {
		t.Error("what it waits for is told twice")
	}
}

// What others use of the token is told while it is known.
func TestPageTellsWhatTheAPICountsWhileItIsKnown(t *testing.T) {
	s := walking()
	s.Budget.Counted = 0
	if v := see(t, s, "/"); strings.Contains(v.text, "the API counts") {
		t.Error("it is told what the API counts, which nobody knows any more")
	}
}

// Whatever text comes from outside stays text.
func TestPageEscapes(t *testing.T) {
	const hostile = `</style></title><script>alert(1)</script><img src=x onerror="alert(1)">'" onload=alert(1) {{.}} javascript:alert(1)`
	tame, wild := parked(), parked()
	for _, c := range []struct {
		s    *Status
		text string
	}{{&tame, "tame"}, {&wild, hostile}} {
		c.s.Program, c.s.Checkpoint, c.s.Kafka = c.text, c.text, Kafka{c.text, c.text, c.text}
		c.s.Warnings, c.s.Holds = []string{c.text}, []Hold{{What: c.text, Error: c.text}, {What: c.text}}
		for i := range c.s.Queues {
			c.s.Queues[i].ID, c.s.Queues[i].Name, c.s.Queues[i].LastError, c.s.Queues[i].Verdict = c.text, c.text, c.text, c.text
		}
	}
	a, b := see(t, tame, "/"), see(t, wild, "/?x=%3Cscript%3E")
	if got, want := strings.Count(b.text, "<script>alert(1)</script>"), strings.Count(a.text, "tame"); got != want {
		t.Errorf("the text is there %d times, want %d", got, want)
	}
	if len(a.elements) != len(b.elements) {
		t.Fatalf("%d elements, want %d", len(b.elements), len(a.elements))
	}
	for i, e := range b.elements {
		if e.Name != a.elements[i].Name || len(e.Attr) != len(a.elements[i].Attr) {
			t.Errorf("element %d is %v, want %v", i, e, a.elements[i])
		}
	}
}

// A browser fetches nothing else, runs nothing, and renews the page by itself.
func TestPageIsCompleteInItself(t *testing.T) {
	v := see(t, parked(), "/")
	own := []string{"/?still", "/status.json", "/metrics", "/readyz", "/livez"}
	for _, e := range v.elements {
		if slices.Contains([]string{"script", "img", "iframe", "object", "embed", "form", "base", "audio", "video"}, e.Name.Local) {
			t.Errorf("there is a %s", e.Name.Local)
		}
		for _, a := range e.Attr {
			switch name := a.Name.Local; {
			case name == "src" || name == "style" || strings.HasPrefix(name, "on"):
				t.Errorf("%s has %s=%q", e.Name.Local, name, a.Value)
			case name == "href" && e.Name.Local == "link" && strings.HasPrefix(a.Value, "data:image/svg+xml,"):
			case name == "href" && !slices.Contains(own, a.Value):
				t.Errorf("%s leads to %s", e.Name.Local, a.Value)
			}
		}
	}
	body := v.answer.Body.String()
	for _, part := range []string{"url(", "@import", "@font-face"} {
		if strings.Contains(body, part) {
			t.Errorf("the style has %s", part)
		}
	}
	_, style, _ := strings.Cut(body, "<style>")
	style, _, _ = strings.Cut(style, "</style>")
	sum := sha256.Sum256([]byte(style))
	if policy := v.answer.Header().Get("Content-Security-Policy"); !strings.Contains(policy, "style-src 'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'") || !strings.Contains(policy, "default-src 'none'") {
		t.Errorf("a browser refuses the style, or takes another: %s", policy)
	}
	renews := func(v sight) bool {
		return slices.ContainsFunc(v.all("meta"), func(e xml.StartElement) bool {
			return attribute(e, "http-equiv") == "refresh" && attribute(e, "content") == "5"
		})
	}
	if !renews(v) || renews(see(t, parked(), "/?still")) {
		t.Error("it is to be renewed every 5 s, but where a reader wants it still")
	}
}

func TestPageForScreenReaders(t *testing.T) {
	v := see(t, parked(), "/")
	ids := map[string]bool{}
	for _, e := range v.elements {
		if id := attribute(e, "id"); id != "" {
			if ids[id] {
				t.Errorf("id %s is there twice", id)
			}
			ids[id] = true
		}
	}
	for _, e := range v.elements {
		if of := attribute(e, "aria-labelledby"); of != "" && !ids[of] {
			t.Errorf("%s is labelled by %s, which is not there", e.Name.Local, of)
		}
		named := attribute(e, "aria-label")+attribute(e, "aria-labelledby") != ""
		switch e.Name.Local {
		case "progress", "section", "table":
			if !named {
				t.Errorf("a %s has no name", e.Name.Local)
			}
		case "svg":
			if attribute(e, "aria-hidden") != "true" {
				t.Error("a drawing is read aloud")
			}
		case "th":
			if attribute(e, "scope") == "" || attribute(e, "role") == "" {
				t.Error("a th has no scope or role")
			}
		case "td", "tr": // as cards they are no table to a browser but by their role
			if attribute(e, "role") == "" {
				t.Errorf("a %s has no role", e.Name.Local)
			}
		case "html":
			if attribute(e, "lang") != "en" {
				t.Error("the language is not told")
			}
		}
	}
	if n := len(v.all("h1")); n != 1 {
		t.Errorf("%d h1", n)
	}
	if got := attribute(v.all("progress")[1], "aria-label"); got != "page 3 of about 9" {
		t.Errorf("the bar of the first queue is %q", got)
	}
}

func TestPageOfManyQueues(t *testing.T) {
	s := crowded(1000)
	s.Warnings = slices.Repeat(s.Warnings, 30)
	v := see(t, s, "/")
	v.mustSay(t, "Queues that deserve a look (2)", "Other queues (998)", "and 22 more, which /status.json has")
	order := []string{"Queues that deserve a look", "Region 1, team 1 ", "Region 1, team 2 ", "Other queues", "Region 1, team 3 ", "Region 50, team 20 "}
	for i := range order[1:] {
		if strings.Index(v.text, order[i]) >= strings.Index(v.text, order[i+1]) {
			t.Errorf("%q does not come before %q", order[i], order[i+1])
		}
	}
	s.Queues[1].LastErrorAt = noon.Add(-25 * time.Hour)
	see(t, s, "/").mustSay(t, "Queues that deserve a look (1)", "dead-letter topic (1 d 1 h ago)")
	s.Queues[2].Visible, s.Queues[3].VisitsParked = No, true
	see(t, s, "/").mustSay(t, "Queues that deserve a look (3)", "Region 1, team 3 not seen by the client", "Region 1, team 4 revisits parked", "Region 1, team 18 nothing found yet")
}

func TestBarsAreWithinBounds(t *testing.T) {
	for _, page := range []int{-1, 0, 1, 2, 1000, 1 << 40} {
		for _, all := range []int{-1, 0, 1, 3, 1000} {
			for _, closed := range []bool{false, true} {
				percent, _ := pages(Queue{Page: page, Pages: all, Closed: closed})
				if percent < 0 || percent > 100 || closed != (percent == 100) {
					t.Errorf("page %d of %d, closed %t: %d %%", page, all, closed, percent)
				}
				if got := newAllowance(Budget{LastMinute: page, Allowance: all}, noon).Percent; got < 0 || got > 100 {
					t.Errorf("%d requests of %d: %d %%", page, all, got)
				}
			}
		}
	}
}

func TestPageAnswersHead(t *testing.T) {
	w := httptest.NewRecorder()
	newPage(walking).ServeHTTP(w, httptest.NewRequest(http.MethodHead, "/", nil))
	if n, _ := strconv.Atoi(w.Header().Get("Content-Length")); w.Body.Len() != 0 || n < 1000 {
		t.Errorf("%d bytes, and a length of %d", w.Body.Len(), n)
	}
}

func BenchmarkPageOf1000Queues(b *testing.B) {
	s := crowded(1000)
	page := newPage(func() Status { return s })
	for b.Loop() {
		w := httptest.NewRecorder()
		page.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
		b.SetBytes(int64(w.Body.Len()))
	}
}

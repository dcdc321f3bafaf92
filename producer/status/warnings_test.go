package status

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"genesys-producer/checkpoint"
	"genesys-producer/genesys"
	"genesys-producer/producer"
)

func TestWarnings(t *testing.T) {
	forbidden := &genesys.Error{Kind: genesys.Forbidden, Op: "GET /api/v2/routing/queues", Status: 403}
	closed := func(p *post, id string, verdict producer.Verdict) {
		p.Progress(producer.Progress{Queue: id, Lane: checkpoint.Live, From: p.hour(0), To: p.hour(24), Closed: true, Verdict: verdict})
	}
	for _, row := range []struct {
		name  string
		tell  func(p *post)
		parts []string // of the one warning; none: there is no warning
	}{
		{"a good day", func(p *post) {
			p.Lookup(map[genesys.QueueID]string{"a": "Billing", "b": "Sales"}, nil)
			p.Progress(p.walked(1, 100))
		}, nil},
		{"a queue that is not seen", func(p *post) { p.Lookup(map[genesys.QueueID]string{"a": "Billing"}, nil) }, []string{"not seen by the client", ": b"}},
		{"nobody could tell", func(p *post) { p.Lookup(nil, forbidden) }, []string{"nobody can tell", "routing:queue:view"}},
		{"nobody could tell, for another reason", func(p *post) { p.Lookup(nil, errors.New("no such host")) }, []string{"nobody can tell", "no such host"}},
		{"nothing found in a quiet hour", func(p *post) {
			p.Progress(producer.Progress{Queue: "b", Lane: checkpoint.Live, From: p.hour(0), To: p.hour(1), Closed: true, Verdict: producer.Complete})
		}, nil},
		{"nothing found in a day", func(p *post) { closed(p, "b", producer.Complete) }, []string{"no conversation was found since the start", "b (1 window)"}},
		{"parked", func(p *post) {
			p.Progress(producer.Progress{Queue: "b", Lane: checkpoint.Live, Parked: errors.New("oh")})
		}, []string{"parked until the next start", ": b"}},
		{"revisits parked", func(p *post) {
			p.Progress(producer.Progress{Queue: "b", Lane: checkpoint.Revisit, Parked: errors.New("oh")})
		}, []string{"revisits are parked", ": b"}},
		{"clocks differ", func(p *post) { p.api.Ahead = -90 * time.Second }, []string{"1m30s behind"}},
		{"clocks differ by little", func(p *post) { p.api.Ahead = 59 * time.Second }, nil},
		{"a smaller allowance", func(p *post) { p.api.Allowed = 150 }, []string{"allows 150 requests a minute", "(300)"}},
		{"a larger allowance", func(p *post) { p.api.Allowed = 500 }, nil},
		{"a window in doubt", func(p *post) {
			p.Progress(p.walked(1, 100))
			closed(p, "a", producer.Truncated)
		}, []string{"1 window since the start may lack records"}},
		{"a window was in doubt, two days ago", func(p *post) {
			p.Progress(p.walked(1, 100))
			closed(p, "a", producer.Truncated)
			time.Sleep(2 * day)
		}, nil},
		{"a dead letter", func(p *post) {
			page := p.walked(1, 100)
			page.DeadLetters = 1
			p.Progress(page)
		}, []string{"1 record went to the dead-letter topic"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			inPost(t, func(p *post) {
				p.start()
				row.tell(p)
				warnings := p.Status().Warnings
				if want := min(1, len(row.parts)); len(warnings) != want {
					t.Fatalf("%d warnings, want %d: %q", len(warnings), want, warnings)
				}
				for _, part := range row.parts {
					if !strings.Contains(warnings[0], part) {
						t.Errorf("%q, want %q in it", warnings[0], part)
					}
				}
			})
		})
	}
}

// A thousand queues of the same plight are one warning that a person can read.
func TestAWarningNamesSomeOfMany(t *testing.T) {
	c := Config{}
	for n := range 1000 {
		c.Queues = append(c.Queues, fmt.Sprintf("queue-%03d", n))
	}
	b := NewBoard(c)
	b.Lookup(map[genesys.QueueID]string{}, nil)
	warnings := b.Status().Warnings
	if len(warnings) != 1 || len(warnings[0]) > 300 || !strings.Contains(warnings[0], "queue-004 and 995 more") {
		t.Errorf("%q", warnings)
	}
}

func TestNamesAndVisibility(t *testing.T) {
	inPost(t, func(p *post) {
		see := func() [2]string { q := p.queue("a"); return [2]string{q.Visible, q.Name} }
		p.mustEqual("before the lookup", see(), [2]string{"unknown", ""})
		p.Lookup(map[genesys.QueueID]string{"a": "Billing"}, nil)
		p.mustEqual("seen", see(), [2]string{"yes", "Billing"})
		p.mustEqual("not seen", p.queue("b").Visible, "no")
		p.Lookup(nil, errors.New("oh"))
		p.mustEqual("nobody could tell", see(), [2]string{"unknown", "Billing"})
	})
}

package checkpoint_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"genesys-producer/checkpoint"
	"genesys-producer/checkpoint/checkpointtest"
)

// key is that of most tests.
func key() checkpoint.Key {
	return checkpoint.Key{Queue: "3f2b8a52-7a2c-4f0e-9d1b-6f1f0c9b7e11", Lane: checkpoint.Live}
}

func TestCompareIsTheOrderOfAWalk(t *testing.T) {
	walk := append([]checkpoint.Position{{}}, checkpointtest.Walk(key())...)
	for i, p := range walk {
		for j, q := range walk {
			want := 0
			if i < j {
				want = -1
			} else if i > j {
				want = 1
			}
			if got := p.Compare(q); got != want {
				t.Errorf("%v Compare %v = %d, want %d", p, q, got, want)
			}
		}
	}
}

func TestCompareWithinAPage(t *testing.T) {
	page := checkpointtest.Sample(key())
	last, ended, closed := page, page, page
	last.Last, ended.Ended, closed.Closed = true, true, true
	turn := page
	turn.Turn, turn.Query.From, turn.Page = 1, page.Query.From.AddDate(0, 0, -7), 0
	if page.Compare(last) != 0 {
		t.Error("it decides the order whether the page is the last one")
	}
	for _, pair := range [][2]checkpoint.Position{{page, ended}, {ended, closed}, {page, closed}, {closed, turn}} {
		if pair[0].Compare(pair[1]) != -1 || pair[1].Compare(pair[0]) != 1 {
			t.Errorf("%v does not come before %v", pair[0], pair[1])
		}
	}
}

// Another turn of the same day, in the same pass, is another walk.
func TestMayFollowInAnotherTurn(t *testing.T) {
	stored := checkpointtest.Sample(key())
	next := stored
	next.Turn, next.Page, next.Query.PageSize = 1, 0, 25
	if err := checkpoint.MayFollow(key(), stored, next); err != nil {
		t.Error(err)
	}
}

func TestCompareIgnoresTheEndOfTheWindow(t *testing.T) {
	p := checkpointtest.Sample(key())
	halved := p
	halved.Query.To = halved.Query.To.Add(-30 * time.Minute)
	if p.Compare(halved) != 0 || halved.Compare(p) != 0 {
		t.Error("the end of the window decides the order within a pass")
	}
	halved.Pass, halved.Page = 1, 0
	if p.Compare(halved) != -1 || halved.Compare(p) != 1 {
		t.Error("a later pass of a shorter window does not come after")
	}
	rest := halved
	rest.Pass, rest.Query.From, rest.Query.To = 0, halved.Query.To, p.Query.To
	if halved.Compare(rest) != -1 {
		t.Error("the second half does not come after the first")
	}
}

func TestString(t *testing.T) {
	at := func(text string) time.Time {
		instant, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return instant
	}
	p := checkpointtest.Sample(key())
	for _, test := range []struct {
		from, to string
		closed   bool
		want     string
	}{
		{"2026-03-01T00:00:00Z", "2026-03-01T01:00:00Z", false, "window 2026-03-01T00:00Z/01:00Z pass 0 page 7"},
		{"2026-03-01T23:00:00Z", "2026-03-02T00:00:00Z", true, "window 2026-03-01T23:00Z/2026-03-02T00:00Z pass 0 page 7 closed"},
		{"2026-03-01T01:30:15+01:00", "2026-03-01T01:30:15.25Z", false, "window 2026-03-01T00:30:15Z/01:30:15.250Z pass 0 page 7"},
	} {
		p.Query.From, p.Query.To, p.Closed = at(test.from), at(test.to), test.closed
		if got := p.String(); got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
	p.Turn, p.Ended = 3, true
	if got, want := p.String(), "revisit 3 window 2026-03-01T00:30:15Z/01:30:15.250Z pass 0 page 7 ended"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := (checkpoint.Position{}).String(); got != "none" {
		t.Errorf("zero position: %q", got)
	}
	if got := key().String(); got != "queue 3f2b8a52-7a2c-4f0e-9d1b-6f1f0c9b7e11 lane live" {
		t.Errorf("key: %q", got)
	}
}

func TestFingerprintAndEqual(t *testing.T) {
	q := checkpointtest.Sample(key()).Query
	other := q
	other.From, other.To = q.From.In(time.FixedZone("east", 3600)), q.To.In(time.FixedZone("west", -3600))
	if !q.Equal(other) || q.Fingerprint() != other.Fingerprint() {
		t.Error("the zone of a time makes another query")
	}
	if f := q.Fingerprint(); len(f) != 16 || strings.Trim(f, "0123456789abcdef") != "" {
		t.Errorf("fingerprint %q", f)
	}
	seen := map[string]string{q.Fingerprint(): "no field"}
	for field := range reflect.TypeFor[checkpoint.Query]().Fields() {
		other := q
		switch value := reflect.ValueOf(&other).Elem().FieldByIndex(field.Index); value.Kind() {
		case reflect.String:
			value.SetString(value.String() + "+")
		case reflect.Int:
			value.SetInt(value.Int() + 1)
		default:
			value.Set(reflect.ValueOf(value.Interface().(time.Time).Add(time.Millisecond)))
		}
		if q.Equal(other) {
			t.Errorf("Equal does not see %s", field.Name)
		}
		if same, ok := seen[other.Fingerprint()]; ok {
			t.Errorf("the fingerprint does not tell a change of %s from one of %s", field.Name, same)
		}
		seen[other.Fingerprint()] = field.Name
	}
}

func TestIsZero(t *testing.T) {
	if !(checkpoint.Position{}).IsZero() {
		t.Error("the zero Position is not zero")
	}
	if checkpointtest.Sample(key()).IsZero() {
		t.Error("a position is zero")
	}
}

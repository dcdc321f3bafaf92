package producer

import (
	"slices"
	"testing"
	"time"

	"genesys-producer/checkpoint"
	"genesys-producer/genesys"
)

// long is a position in a window, of which something has been read.
func long(from string, length time.Duration) checkpoint.Position {
	q := checkpoint.Query{From: at(from), To: at(from).Add(length), Since: at(from).Add(-min(5*time.Minute, length))}
	return checkpoint.Position{Query: q, Pass: 3, Page: 7, Read: 35, Last: true,
		Account: checkpoint.Account{Looks: 1, Distinct: 35, Pages: 7, Published: 30, Begin: "1,2", Totals: checkpoint.Totals{Last: 99}}}
}

func cutter() *Service { return &Service{Windows: Windows{Settle: 5 * time.Minute}} }

func TestWindowIsCutInHalf(t *testing.T) {
	pos := long("2026-03-01T10:00:00Z", time.Hour)
	got, ok := cutter().resized(pos, 1000, false)
	want := checkpoint.Position{Query: pos.Query, Pass: 4, Account: checkpoint.Account{Before: 1000, Begin: "1,2"}}
	want.Query.To = at("2026-03-01T10:30:00Z")
	if !ok || got != want {
		t.Fatalf("cut: %+v, want the beginning of another pass %+v", got, want)
	}
	got, ok = cutter().resized(got, 600, false)
	want.Pass, want.Query.To, want.Account.Before = 5, at("2026-03-01T10:15:00Z"), 600
	if !ok || got != want {
		t.Errorf("cut once more: %+v, want %+v", got, want)
	}
}

// Where half a window has no fewer records, to cut it is of no use: it is walked as it was.
func TestCutIsTakenBack(t *testing.T) {
	for name, total := range map[string]int{"as many": 1000, "even more": 1001} {
		t.Run(name, func(t *testing.T) {
			whole := long("2026-03-01T10:00:00Z", time.Hour)
			half, _ := cutter().resized(whole, 1000, false)
			got, ok := cutter().resized(half, total, true)
			if !ok || !got.Query.Equal(whole.Query) || got.Pass != 5 || got.Page != 0 || got.Account.Before != uncut || got.Account.Begin != "" {
				t.Fatalf("taken back: %+v, want pass 5 of %+v", got, whole.Query)
			}
			if again, ok := cutter().resized(got, total, true); ok {
				t.Errorf("cut again: %+v", again.Query)
			}
		})
	}
}

func TestWindowIsCutToAMillisecond(t *testing.T) {
	for length, want := range map[time.Duration]time.Duration{
		1: 0, 2: 1, 3: 1, 4: 2, 5: 2, 1001: 500,
	} {
		pos := long("2026-03-01T10:00:00Z", length*time.Millisecond)
		got, ok := cutter().resized(pos, 1000, false)
		if ok != (want > 0) {
			t.Errorf("a window of %d ms is cut: %t", length, ok)
		}
		if half := got.Query.To.Sub(got.Query.From); ok && half != want*time.Millisecond {
			t.Errorf("a window of %d ms becomes one of %v", length, half)
		}
		if before := got.Query.From.Sub(got.Query.Since); before > got.Query.To.Sub(got.Query.From) {
			t.Errorf("half of a window of %d ms is asked for from %v before it", length, before)
		}
	}
}

// A revisit asks for the day and nothing before it, in halves too.
func TestHalfOfARevisitBeginsWithIt(t *testing.T) {
	pos := long("2026-03-01T00:00:00Z", day)
	pos.Query.Since, pos.Turn = pos.Query.From, 2
	got, ok := cutter().resized(pos, 1000, false)
	if !ok || !got.Query.Since.Equal(pos.Query.From) || !got.Query.To.Equal(at("2026-03-01T12:00:00Z")) || got.Turn != 2 {
		t.Errorf("cut: %+v", got)
	}
}

// Another pass begins at page 1, and the account of the window goes on; that of the pass
// does not.
func TestAnotherPassBegins(t *testing.T) {
	pos := long("2026-03-01T10:00:00Z", time.Hour)
	pos.Account.Repeated, pos.Account.News, pos.Account.Outside, pos.Account.Letters = 1, 2, 3, 4
	pos.Account.Print, pos.Account.Rows, pos.Account.Superseded = "f00d", 5, 6
	got := anew(pos)
	want := checkpoint.Position{Query: pos.Query, Pass: 4, Account: checkpoint.Account{
		Looks: 1, Pages: 7, Published: 30, Superseded: 6, Letters: 4, Begin: "1,2"}}
	if got != want {
		t.Errorf("another pass begins as %+v, want %+v", got, want)
	}
}

func TestOffsetsAreReadAsWritten(t *testing.T) {
	for _, c := range []struct {
		begin, end []int64
		want       [][2]int64
	}{
		{[]int64{0}, []int64{0}, [][2]int64{{0, 0}}},
		{[]int64{1, 20, 300}, []int64{4, 50, 1 << 60}, [][2]int64{{1, 4}, {20, 50}, {300, 1 << 60}}},
		{[]int64{1, 2}, []int64{3, 4, 5}, [][2]int64{{1, 3}, {2, 4}, {0, 5}}}, // a partition was added
	} {
		if got := between(offsets(c.begin), offsets(c.end)); !slices.Equal(got, c.want) {
			t.Errorf("between %v and %v: %v, want %v", c.begin, c.end, got, c.want)
		}
	}
}

// Outside is a record without any time in the interval that was asked for, which is
// half-open.
func TestRecordsOutsideOfTheInterval(t *testing.T) {
	q := checkpoint.Query{Since: at("2026-03-01T09:55:00Z"), From: at("2026-03-01T10:00:00Z"), To: at("2026-03-01T11:00:00Z")}
	for name, c := range map[string]struct {
		start, end string
		want       bool
	}{
		"within":                       {"2026-03-01T10:10:00Z", "2026-03-01T10:20:00Z", false},
		"begun long before":            {"2026-03-01T00:00:00Z", "2026-03-01T10:20:00Z", false},
		"ended before the window":      {"2026-03-01T00:00:00Z", "2026-03-01T09:57:00Z", false},
		"ended as the interval begins": {"2026-03-01T00:00:00Z", "2026-03-01T09:55:00Z", false},
		"ended before the interval":    {"2026-03-01T00:00:00Z", "2026-03-01T09:54:59.999Z", true},
		"live":                         {"2026-03-01T00:00:00Z", "", false},
		"begins as the interval ends":  {"2026-03-01T11:00:00Z", "", true},
		"begins just before that":      {"2026-03-01T10:59:59.999Z", "", false},
		"without a start":              {"", "2026-02-01T00:00:00Z", false},
	} {
		var r genesys.Record
		if c.start != "" {
			r.Start = at(c.start)
		}
		if c.end != "" {
			r.End = at(c.end)
		}
		if got := outside(r, q); got != c.want {
			t.Errorf("%s: outside is %t", name, got)
		}
	}
}

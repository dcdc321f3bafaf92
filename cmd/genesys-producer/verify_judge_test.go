package main

import (
	"slices"
	"strings"
	"testing"
	"time"

	"genesys-producer/genesys"
	"genesys-producer/producer"
	"genesys-producer/producer/transact"
)

// seen is a message of a version.
func seen(key, hash, fetched, place string) transact.Read {
	queue, window, _ := strings.Cut(place, " ")
	return transact.Read{Key: key, Value: []byte("{}"), Headers: []producer.Header{
		{Key: "queue-id", Value: []byte(queue)}, {Key: "window", Value: []byte(window)},
		{Key: "fetched-at", Value: []byte(fetched)}, {Key: "content-hash", Value: []byte(hash)}}}
}

// A conversation that the API shows as version b, read at 100, is this for what the
// topics have of it.
func TestJudge(t *testing.T) {
	const a, b = "aaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbb"
	message := func(hash, fetched string) transact.Read { return seen("id", hash, fetched, "q somewhen") }
	type messages = []transact.Read
	for _, c := range []struct {
		name                   string
		conversations, letters messages
		want                   string
	}{
		{"nothing", nil, nil, "missing"},
		{"another's", messages{seen("other", b, "50", "q somewhen")}, nil, "missing"},
		{"the version", messages{message(b, "50")}, nil, ""},
		{"the version, from another queue", messages{seen("id", b, "50", "p somewhen")}, nil, ""},
		{"an older one", messages{message(a, "50")}, nil, "stale"},
		{"the version, and an older one behind it", messages{message(b, "60"), message(a, "50")}, nil, ""},
		{"the version was, before another", messages{message(b, "50"), message(a, "60")}, nil, "stale"},
		{"one that was read later than we have", messages{message(a, "100")}, nil, ""},
		{"two that were read at once: the last", messages{message(a, "50"), message(b, "50")}, nil, ""},
		{"no time", messages{message(b, "")}, nil, ""},
		{"no time and another hash", messages{message(a, "soon")}, nil, "stale"},
		{"no time goes before any", messages{message(b, "1"), message(a, "-7")}, nil, ""},
		{"no hash", messages{message("", "50")}, nil, "stale"},
		{"no hash of ours", messages{message("zzzzzzzzzzzzzzzz", "50")}, nil, "stale"},
		{"a letter", nil, messages{message(b, "50")}, "dead-lettered"},
		{"a letter of an older one", nil, messages{message(a, "50")}, "dead-lettered"},
		{"an older one, and a letter", messages{message(a, "50")}, messages{message(b, "60")}, "dead-lettered"},
		{"an older one, and its letter from before", messages{message(a, "50")}, messages{message(a, "40")}, "stale"},
		{"the version, and a letter from before", messages{message(b, "50")}, messages{message(a, "40")}, ""},
		{"deleted", messages{{Key: "id"}}, nil, "missing"},
		{"the version, deleted", messages{message(b, "50"), {Key: "id"}}, nil, ""},
	} {
		l := &look{queue: "q", from: hours(0), to: hours(1), ids: []string{"id"}, versions: map[string]hashed{
			"id": {shortHash{0xbb, 0xbb, 0xbb, 0xbb, 0xbb, 0xbb, 0xbb, 0xbb}, 100}}}
		conversations, letters := newContent([]*look{l}), newContent([]*look{l})
		for _, m := range c.conversations {
			conversations.see(m)
		}
		for _, m := range c.letters {
			letters.see(m)
		}
		f := judge(l, conversations, letters)
		var got string
		for word, ids := range map[string][]string{"missing": f.missing, "stale": f.stale, "dead-lettered": f.letters} {
			if len(ids) > 0 {
				got += word
			}
		}
		if got != c.want || len(f.extra) > 0 {
			t.Errorf("%s: %q, want %q; extra %v", c.name, got, c.want, f.extra)
		}
	}
}

// A message is extra for the window in which its own begins, where that is looked at as a whole.
func TestJudgeExtra(t *testing.T) {
	looks := []*look{
		{queue: "q", from: hours(0), to: hours(1), ids: []string{"a"}, versions: map[string]hashed{"a": {}}},
		{queue: "q", from: hours(1), to: hours(2), versions: map[string]hashed{}},
		{queue: "p", from: hours(0), to: hours(1), versions: map[string]hashed{}},
	}
	const hash, first = "aaaaaaaaaaaaaaaa", "2026-03-01T00:00:00.000Z/2026-03-01T01:00:00.000Z"
	c := newContent(looks)
	for _, place := range []string{"q " + first, "q 2026-03-01T00:00:00.000Z/2026-03-01T02:00:00.000Z", "q 2026-03-01T00:00:00.000Z/2026-03-02T00:00:00.000Z", "r " + first, "q ", " " + first} {
		c.see(seen("b", hash, "50", place))
		c.see(seen("a", hash, "50", place))
		c.see(seen("b", hash, "60", place)) // again
	}
	c.see(transact.Read{Key: "c", Headers: seen("", "", "", "p "+first).Headers}) // deletes
	for i, want := range [][]string{{"b"}, nil, nil} {
		if f := judge(looks[i], c, newContent(looks)); !slices.Equal(f.extra, want) {
			t.Errorf("window %d: extra %v, want %v", i, f.extra, want)
		}
	}
	if looks[0].beyond = []string{"all of it"}; len(judge(looks[0], c, newContent(looks)).extra) > 0 {
		t.Error("what the API does not page to is extra")
	}
}

// A record that has moved from page to page counts once, as it was read last; one
// without an id goes by what it is.
func TestLookEnters(t *testing.T) {
	l := &look{versions: map[string]hashed{}}
	l.enter(genesys.Record{ID: "a", Raw: []byte("1")}, time.UnixMilli(10))
	l.enter(genesys.Record{Raw: []byte("2"), Defect: "it is not an object"}, time.UnixMilli(10))
	l.enter(genesys.Record{ID: "a", Raw: []byte("3")}, time.UnixMilli(20))
	l.enter(genesys.Record{ID: "a", Raw: []byte("4")}, time.UnixMilli(19)) // asked ahead
	two, three := digestOf([]byte("2")), digestOf([]byte("3"))
	if want := []string{"a", "d4735e3a265e16ee"}; !slices.Equal(l.ids, want) || l.versions["a"] != (hashed{shortHash(three), 20}) ||
		l.versions[want[1]] != (hashed{shortHash(two), 10}) {
		t.Errorf("%+v, want %v", l, want)
	}
}

func TestCut(t *testing.T) {
	for _, c := range []struct {
		from, to, length float64
		want             []float64 // each window's begin, and the last one's end
	}{
		{0, 3, 1, []float64{0, 1, 2, 3}},
		{0.5, 2.25, 1, []float64{0.5, 1, 2, 2.25}},
		{0.25, 0.5, 1, []float64{0.25, 0.5}},
		{-2, 26, 24, []float64{-2, 0, 24, 26}},
		{23, 25, 6, []float64{23, 24, 25}},
	} {
		looks := cut("q", hours(c.from), producer.Windows{To: hours(c.to), Length: time.Duration(c.length * float64(time.Hour)), Settle: 5 * time.Minute})
		if len(looks) != len(c.want)-1 {
			t.Errorf("%v to %v: %d windows, want %v", c.from, c.to, len(looks), c.want)
			continue
		}
		for i, l := range looks {
			if !l.since.Equal(l.from.Add(-5*time.Minute)) || !l.from.Equal(hours(c.want[i])) || !l.to.Equal(hours(c.want[i+1])) {
				t.Errorf("%v to %v: %v, asked since %v, want %v", c.from, c.to, l.window(), l.since, c.want[i:i+2])
			}
		}
	}
}

// A conversation of a window can have begun on the day before, where what is asked for
// begins there.
func TestPublishedSince(t *testing.T) {
	for _, c := range []struct {
		settle time.Duration
		from   float64
		want   float64
	}{{5 * time.Minute, 10, 0}, {5 * time.Minute, 0, -24}, {0, 0, 0}, {24 * time.Hour, 1, -24}} {
		if got := (config{WindowSettle: c.settle}).publishedSince(hours(c.from)); !got.Equal(hours(c.want)) {
			t.Errorf("a settle of %v, from %v: %v, want %v", c.settle, hours(c.from), got, hours(c.want))
		}
	}
}

// The report tells all, in few words, and does not hand on what a terminal obeys.
func TestVerdicts(t *testing.T) {
	one := &look{queue: "q-1", from: hours(0), to: hours(1), ids: []string{"a", "b", "c"}}
	two := &look{queue: "queue-2", from: hours(23), to: hours(24),
		moving: []string{"2026-03-01T23:00Z/23:30Z: the total moved"}, beyond: []string{"2026-03-01T23:30Z/2026-03-02T00:00Z: the API pages no further"}}
	r := verdicts{since: hours(0), requests: 7, topics: []readTopic{
		{"conversations", []transact.Range{{Partition: 0, First: 5, End: 8, Messages: 2, Earliest: hours(1), Latest: hours(2), Open: 1}, {Partition: 1, First: 3, End: 3}}},
		{"letters", nil}},
		findings: []finding{{look: one, missing: []string{"a", "\x1b[2J"}, stale: []string{"b"}}, {look: two, extra: []string{"d"}, letters: []string{"e"}}}}
	const want = `QUEUE    WINDOW                        SHOWN    MISSING      STALE      EXTRA  DEAD-LETTERED
q-1      2026-03-01T00:00Z/01:00Z                       3          2          1          0              0
missing a
missing "\x1b[2J"
stale b
queue-2  2026-03-01T23:00Z/2026-03-02T00:00Z          0          0          0          1              1
extra d
dead-lettered e
unsure 2026-03-01T23:00Z/23:30Z: the total moved
unsure 2026-03-01T23:30Z/2026-03-02T00:00Z: the API pages no further

2 windows show 3 conversations: 2 missing, 1 stale, 1 extra, 1 dead-lettered
the API was sent 7 requests
topic conversations was read to its end, from what was published at 2026-03-01T00:00:00Z on: 2 messages
  partition 0, from offset 5 up to 8: 2 messages, published from 2026-03-01T01:00:00Z to 2026-03-01T02:00:00Z; 1 transactions have not ended, and what is in them is left out
  partition 1, from offset 3 up to 3: 0 messages
topic letters was read to its end, from what was published at 2026-03-01T00:00:00Z on: 0 messages
`
	var out strings.Builder
	if err := r.write(&out); err != nil {
		t.Fatal(err)
	}
	table, _, _ := strings.Cut(out.String(), "stale: ")
	if strings.Join(strings.Fields(table), " ") != strings.Join(strings.Fields(want), " ") {
		t.Errorf("\n got %s\nwant %s", table, want)
	}
	for _, line := range []string{"unsure, with other conversations in the last pass: ", "  genesys-producer verify --queue queue-2 --from 2026-03-01T23:00:00Z --to 2026-03-02T00:00:00Z",
		"unsure, where the API pages no further: ", "stale: ", "extra: ", "dead-lettered: ", "missing: ", "  genesys-producer checkpoint rewind --queue q-1 --to 2026-03-01T00:00:00Z"} {
		if !strings.Contains(out.String(), "\n"+line) {
			t.Errorf("it does not say %q:\n%s", line, out.String())
		}
	}
	if r.findings = nil; r.write(&out) != nil {
		t.Error("an empty one fails")
	}
}

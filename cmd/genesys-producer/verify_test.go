package main

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"genesys-producer/genesys"
	"genesys-producer/genesys/genesystest"
)

// written is a message as the service writes it, of what the API shows now.
func (w *world) written(topic, queue string, at time.Time, c genesystest.Conversation) *kgo.Record {
	sum := digestOf(c.JSON)
	header := func(key, value string) kgo.RecordHeader { return kgo.RecordHeader{Key: key, Value: []byte(value)} }
	return &kgo.Record{Topic: topic, Key: []byte(w.keyOf(c)), Value: c.JSON, Headers: []kgo.RecordHeader{
		header("queue-id", queue), header("window", genesys.Query{From: at, To: at.Add(time.Hour)}.Interval()),
		header("fetched-at", strconv.FormatInt(at.Add(2*time.Hour).UnixMilli(), 10)), header("content-hash", hex.EncodeToString(sum[:])),
	}}
}

// produce writes messages.
func (w *world) produce(records ...*kgo.Record) {
	w.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(w.cluster.Brokers...))
	if err != nil {
		w.Fatal(err)
	}
	defer client.Close()
	if err := client.ProduceSync(w.Context(), records...).FirstErr(); err != nil {
		w.Fatal(err)
	}
}

// shows is what the API shows of a window, with what lies a settle before it.
func (w *world) shows(queue string, at time.Time) []genesystest.Conversation {
	return w.sim.Conversations(queue, at.Add(-5*time.Minute), at.Add(time.Hour))
}

// publishAll publishes what the API shows of every window, but for what change leaves
// out or makes something else of.
func (w *world) publishAll(change func(*kgo.Record) []*kgo.Record) {
	w.Helper()
	var all []*kgo.Record
	for _, queue := range w.sim.Queues() {
		for at := from; at.Before(to); at = at.Add(time.Hour) {
			for _, c := range w.shows(queue, at) {
				all = append(all, change(w.written(w.topic, queue, at, c))...)
			}
		}
	}
	w.produce(all...)
}

// verify runs the command over all windows, or others.
func (w *world) verify(args ...string) *child {
	w.Helper()
	if len(args) == 0 || args[0] == "--queue" {
		args = append(args, "--from", from.Format(time.RFC3339), "--to", to.Format(time.RFC3339))
	}
	return w.command(append([]string{"verify"}, args...))
}

// mustSay expects parts of what the process says on stdout.
func (c *child) mustSay(parts ...string) {
	c.Helper()
	for _, part := range parts {
		if !strings.Contains(c.stdout.String(), part) {
			c.Errorf("stdout does not say %q:\n%s", part, c.stdout.String())
		}
	}
}

// lines are those of stdout that begin with a word.
func (c *child) lines(word string) (lines []string) {
	for line := range strings.Lines(c.stdout.String()) {
		if strings.HasPrefix(line, word+" ") {
			lines = append(lines, strings.TrimSuffix(line, "\n"))
		}
	}
	return lines
}

// What the service has published is all there, however it delivers, and dead letters are
// not missing.
func TestVerifyTheService(t *testing.T) {
	eachDelivery(t, func(t *testing.T, d delivery) {
		w := newWorld(t, genesystest.Config{Conversations: 100}).by(d)
		w.putSized("large", time.Minute, 2_000_000, false)
		w.putNameless("nobody", 2*time.Hour, `{"note":"of nobody"}`)
		nobody, _ := w.sim.Conversation("nobody")
		w.mustFinish()
		w.sim.TakeRequests()
		c := w.verify()
		c.mustEnd(done, "asking the API for 4 windows", "topic "+w.topic+": reading")
		c.mustSay(" 0 missing, 0 stale, 0 extra, ", "\ndead-lettered large\n", "\ndead-lettered "+w.keyOf(nobody)+"\n", "genesys-producer dead-letter list tells why",
			fmt.Sprintf("the API was sent %d requests\n", len(w.sim.Requests())),
			"topic "+w.topic+" was read to its end, from what was published at 2025-03-03T00:00:00Z on: ", "\n  partition 2, from offset 0 up to ")
		if strings.Contains(c.stdout.String(), "checkpoint rewind") {
			t.Errorf("it tells how to mend what is whole:\n%s", c.stdout.String())
		}
		c.mustNotTell("participants")
		c.mustNotTell("of nobody")
	})
}

// Each kind of what is wrong is found where it is, and nothing else.
func TestVerifyFinds(t *testing.T) {
	beside(t)
	w := newWorld(t, genesystest.Config{Conversations: 100})
	first, second := w.sim.Queues()[0], w.sim.Queues()[1]
	for _, id := range []string{"gone", "changed", "overtaken", "buried", "deleted", "foreign"} {
		w.putSized(id, 90*time.Minute, 3000, false) // in the second window of the first queue
	}
	w.sim.Put(w.sim.Queues()[:1], genesystest.Conversation{ID: "revised", Start: from.Add(90 * time.Minute), End: from.Add(100 * time.Minute)})
	w.publishAll(func(r *kgo.Record) []*kgo.Record {
		old := *r
		old.Value, old.Headers = []byte(`{}`), slices.Clone(r.Headers)
		old.Headers[3].Value = []byte("0123456789abcdef")
		switch string(r.Key) {
		case "gone", "buried":
			return nil
		case "changed":
			return []*kgo.Record{&old}
		case "overtaken": // the older one comes last
			old.Headers[2].Value = []byte("1")
			return []*kgo.Record{r, &old}
		case "deleted": // for good by somebody else, though not yet compacted
			return []*kgo.Record{r, {Topic: r.Topic, Key: r.Key}}
		case "foreign": // of somebody who knows nothing of headers
			r.Headers = nil
		}
		return []*kgo.Record{r}
	})
	at := from.Add(time.Hour)
	letter, _ := w.sim.Conversation("buried")
	w.produce(
		w.written(w.deadLetters(), first, at, letter),
		w.written(w.topic, first, at, genesystest.Conversation{ID: "superfluous\n", JSON: []byte("{}")}),
		w.written(w.topic, first, from.Add(-time.Hour), genesystest.Conversation{ID: "of another window", JSON: []byte("{}")}),
		w.written(w.topic, "another", at, genesystest.Conversation{ID: "of another queue", JSON: []byte("{}")}),
	)
	w.sim.Revise("revised")

	c := w.verify()
	c.mustEnd(failed, "verify: conversations are missing")
	for word, want := range map[string][]string{
		"missing": {"missing gone"}, "stale": {"stale changed", "stale foreign", "stale revised"},
		"extra": {`extra "superfluous\n"`}, "dead-lettered": {"dead-lettered buried"},
	} {
		got := c.lines(word)
		if slices.Sort(got); !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	}
	row := fmt.Sprintf("%s  2025-03-03T11:00Z/12:00Z  %9d  %9d  %9d  %9d  %13d\n", first, len(w.shows(first, at)), 1, 3, 1, 1)
	c.mustSay(row, "12 windows show ", ": 1 missing, 3 stale, 1 extra, 1 dead-lettered\n", "until the next window in which it is active",
		"genesys-producer checkpoint rewind --queue "+first+" --to 2025-03-03T11:00:00Z\n")
	if n := strings.Count(c.stdout.String(), "checkpoint rewind"); n != 1 || strings.Index(c.stdout.String(), "\nmissing gone") < strings.Index(c.stdout.String(), row) {
		t.Errorf("the order is wrong, or it tells of %d queues:\n%s", n, c.stdout.String())
	}

	c = w.verify("--queue", second)
	c.mustEnd(done)
	c.mustSay("4 windows show ", " 0 missing, 0 stale, 0 extra, 0 dead-lettered\n")
	c = w.verify("--from", at.Add(time.Hour).Format(time.RFC3339), "--to", to.Add(-30*time.Minute).Format(time.RFC3339))
	c.mustEnd(done)
	c.mustSay("6 windows show ", first+"  2025-03-03T13:00Z/13:30Z ", " 0 missing")
}

// Of an empty topic everything is missing.
func TestVerifyAnEmptyTopic(t *testing.T) {
	beside(t)
	w := newWorld(t, genesystest.Config{Conversations: 30})
	c := w.verify()
	c.mustEnd(failed)
	c.mustSay("\n  partition 0, from offset 0 up to 0: 0 messages\n")
	for _, queue := range w.sim.Queues() {
		c.mustSay("checkpoint rewind --queue " + queue + " --to 2025-03-03T1")
	}
	if len(c.lines("missing")) < 30 {
		t.Errorf("%d are missing, want all 30 and more", len(c.lines("missing")))
	}
}

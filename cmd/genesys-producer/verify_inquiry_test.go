package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"genesys-producer/genesys"
	"genesys-producer/genesys/genesystest"
	"genesys-producer/producer/transact"
)

// inquiry is a verification of an hour of one queue, whose topic has what the API showed
// before it began, but for what is lost.
type inquiry struct {
	*testing.T
	*verification
	sim  *genesystest.Simulator
	rows []genesystest.Conversation // as the topic has them, in the API's order
	lost []string                   // ids that the topic lacks

	out bytes.Buffer
	err error
}

// christmas is the hour's begin: a week before the time of bubbles.
var christmas = time.Date(1999, 12, 25, 0, 0, 0, 0, time.UTC)

// inHour has an hour verified within a bubble, ten records a page, one page after the other.
// Its conversations take a minute each and begin at equal distances: row-0, row-1 and so on.
func inHour(t *testing.T, organisation genesystest.Config, f func(*inquiry)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		organisation.From, organisation.To, organisation.Queues = christmas, christmas.Add(time.Hour), []string{"q"}
		organisation.Seed = 1
		count := organisation.Conversations
		organisation.Conversations = -1
		i := &inquiry{T: t, sim: genesystest.New(organisation)}
		for n := range count {
			at := christmas.Add(time.Hour * time.Duration(n) / time.Duration(count))
			i.sim.Put([]string{"q"}, genesystest.Conversation{ID: fmt.Sprint("row-", n), Start: at, End: at.Add(time.Minute)})
		}
		transport, closePipe := genesystest.Pipe(i.sim)
		defer closePipe()
		i.rows = i.sim.Conversations("q", christmas, christmas.Add(time.Hour))
		api, err := genesys.New(genesys.Config{Dialect: genesys.Conversations, APIURL: "http://api.test", LoginURL: "http://login.test",
			ClientID: genesystest.DefaultClientID, ClientSecret: genesystest.DefaultClientSecret,
			RequestsPerMinute: 300, Timeout: time.Minute, MaxResponseBytes: 1 << 24, Transport: transport})
		if err != nil {
			t.Fatal(err)
		}
		i.verification = &verification{api: api, read: i.topic, patience: time.Minute, tell: io.Discard, cfg: config{
			Dialect: "conversations", PageSize: 10, WindowLength: time.Hour, WindowSettle: 5 * time.Minute}}
		i.cfg.Topic, i.cfg.DeadLetterTopic = "t", "d"
		f(i)
	})
}

// topic is a topicReader.
func (i *inquiry) topic(_ context.Context, topic string, _ time.Time, see func(transact.Read)) ([]transact.Range, error) {
	for _, c := range i.rows {
		if topic == "t" && !slices.Contains(i.lost, c.ID) {
			sum := digestOf(c.JSON)
			m := seen(c.ID, hex.EncodeToString(sum[:]), "50", "q somewhen")
			see(transact.Read{Key: c.ID, Value: c.JSON, Headers: m.Headers})
		}
	}
	return nil, nil
}

// verify verifies the hour.
func (i *inquiry) verify() {
	i.err = i.run(i.Context(), []string{"q"}, options{from: christmas, to: christmas.Add(time.Hour)}, &i.out)
}

// mustHaveFound expects what is missing, and whether more may be: in the report, and in the
// error by which the command fails.
func (i *inquiry) mustHaveFound(missing []string, unsure bool) {
	i.Helper()
	if errors.Is(i.err, errMissing) != (len(missing) > 0) || errors.Is(i.err, errUnsure) != unsure || (i.err == nil) != (len(missing) == 0 && !unsure) {
		i.Errorf("it ends with %v; want %d missing, unsure: %v", i.err, len(missing), unsure)
	}
	var want []string
	for _, id := range missing {
		want = append(want, "missing "+id)
	}
	got := i.lines("missing")
	slices.Sort(want)
	if slices.Sort(got); !slices.Equal(got, want) {
		i.Errorf("%q, want %q", got, want)
	}
	if got := i.lines("unsure"); len(got) > 0 != unsure {
		i.Errorf("unsure: %v, and the report says %q", unsure, got)
	}
}

// lines are those of the report that begin with a word.
func (i *inquiry) lines(word string) (lines []string) {
	for line := range strings.Lines(i.out.String()) {
		if strings.HasPrefix(line, word+" ") {
			lines = append(lines, strings.TrimSuffix(line, "\n"))
		}
	}
	return lines
}

// pages are how many pages have been asked for.
func (i *inquiry) pages() (n int) {
	for _, r := range i.sim.Requests() {
		if !r.Token {
			n++
		}
	}
	return n
}

// whilePage2 has something done each time that page 2 is asked for, before it is answered.
func (i *inquiry) whilePage2(do func(pass int)) {
	i.sim.Script(func(r genesystest.Request) *genesystest.Fault {
		if r.Page == 2 {
			do(r.Attempt)
		}
		return nil
	})
}

// arrive puts a conversation in front of all others, and returns its id.
func (i *inquiry) arrive(pass int) string {
	id := fmt.Sprint("late-", pass)
	i.sim.Put([]string{"q"}, genesystest.Conversation{ID: id, Start: christmas, End: christmas.Add(time.Minute)})
	return id
}

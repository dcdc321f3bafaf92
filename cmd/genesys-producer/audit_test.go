package main

import (
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"genesys-producer/producer/kafkatest"
)

// findings are what a topic says.
type findings struct {
	messages   int
	pages      int            // of which there are messages, each once
	repeated   map[string]int // by queue: publishings of a page after its first
	superseded int            // by queue and window: conversations not published, because one read later was
	left       int            // conversations that are not there because the API left them out
	lost       int            // by queue and window: conversations that are not there, and are an error each

	letters  map[string]int  // dead letters, by their form
	lettered map[string]bool // pages that have some
}

// repeats is how many publishings of a page there were after its first, in all queues.
func (f findings) repeats() (n int) {
	for _, pages := range f.repeated {
		n += pages
	}
	return n
}

// audit reads a topic, message by message, and holds it against the API. Of a message
// it keeps what is needed until its window is judged.
type audit struct {
	*testing.T
	had func(walked, reading) bool // whether the API has answered this for the window

	disordered bool // versions need not be in the order in which they were read
	walks      map[walked]*published
	versions   map[string][]onTopic // by conversation, as long as a window may need them
	partitions map[string]int       // of each key
	found      findings
	errors     int
}

// onTopic tells of a version of a conversation on the topic, in Unix milliseconds.
type onTopic struct{ fetched, published int64 }

// published is what is there of a window.
type published struct {
	ids   map[string]bool
	times map[page]map[digest]int // how often each record is there
}

// page is a page of a window, in one pass.
type page struct{ pass, number string }

func newAudit(t *testing.T, had func(walked, reading) bool) *audit {
	return &audit{T: t, had: had, walks: map[walked]*published{}, versions: map[string][]onTopic{}, partitions: map[string]int{},
		found: findings{repeated: map[string]int{}, letters: map[string]int{}, lettered: map[string]bool{}}}
}

// complain is Errorf, up to a number that can be read.
func (a *audit) complain(format string, args ...any) {
	a.Helper()
	a.errors++
	switch {
	case a.errors <= 20:
		a.Errorf(format, args...)
	case a.errors == 21:
		a.Error("and so on")
	}
}

// see takes note of the next message of its partition.
func (a *audit) see(m kafkatest.Message) {
	a.Helper()
	sum := digestOf(m.Value)
	fetched := a.checkHeaders(m, sum)
	versions := a.versions[m.Key]
	if n := len(versions); n > 0 && fetched < versions[n-1].fetched && !a.disordered {
		a.complain("conversation %s: read at %d, and published after one read at %d", m.Key, fetched, versions[n-1].fetched)
	}
	a.versions[m.Key] = append(versions, onTopic{fetched, m.Time.UnixMilli()})
	if was, ok := a.partitions[m.Key]; ok && was != m.Partition {
		a.complain("conversation %s: in partition %d and in %d", m.Key, was, m.Partition)
	}
	a.partitions[m.Key] = m.Partition
	a.enter(m, sum)
}

// enter enters what a message or a dead letter tells of into the window's account.
func (a *audit) enter(m kafkatest.Message, sum digest) (window walked, number page) {
	a.Helper()
	window, number = walked{m.Headers["queue-id"], m.Headers["window"]}, page{m.Headers["pass"], m.Headers["page"]}
	if !a.had(window, reading{number.number, m.Key, sum}) {
		a.complain("not the API's: conversation %s of queue %s in %s on page %s", m.Key, window.queue, window.window, number.number)
	}
	p := a.walks[window]
	if p == nil {
		p = &published{ids: map[string]bool{}, times: map[page]map[digest]int{}}
		a.walks[window] = p
	}
	if p.times[number] == nil {
		p.times[number] = map[digest]int{}
		a.found.pages++
	}
	p.ids[m.Key] = true
	p.times[number][sum]++
	a.found.messages++
	return window, number
}

// checkHeaders returns when the version was read whose digest is given.
func (a *audit) checkHeaders(m kafkatest.Message, sum digest, more ...string) (fetched int64) {
	a.Helper()
	h := m.Headers
	if !slices.Equal(m.Order, slices.Concat(headerOrder, more)) || h["pass"] != "0" || h["content-type"] != "application/json" ||
		!strings.HasPrefix(h["producer"], "genesys-producer/") || h["content-hash"] != hex.EncodeToString(sum[:]) {
		a.complain("message %s has the headers %v %v", m.Key, m.Order, h)
	}
	_, err := fmt.Sscan(h["fetched-at"], &fetched)
	if age := m.Time.UnixMilli() - fetched; err != nil || age < 0 || age > patience.Milliseconds() {
		a.complain("message %s was published at %d, fetched at %s", m.Key, m.Time.UnixMilli(), h["fetched-at"])
	}
	return fetched
}

// expected is what a window must have left on a topic.
type expected struct {
	ids      []string
	settled  time.Time            // none of its versions, nor of a later window's, was read before
	since    time.Time            // nor was any of its own before this
	closed   time.Time            // by when they were published
	answered func(id string) bool // whether the API has answered it at all
}

// judge closes a window: each of its conversations was published for it, or else
// superseded by a version that was read later and is there already. Windows are judged
// in their order.
func (a *audit) judge(window walked, e expected) {
	a.Helper()
	p := a.walks[window]
	if p == nil {
		p = &published{}
	}
	for _, id := range e.ids {
		versions := since(a.versions[id], e.settled)
		a.versions[id] = versions
		versions = since(versions, e.since)
		switch {
		case len(versions) == 0 || !p.ids[id] && versions[0].published > e.closed.UnixMilli():
			a.found.lost++
			a.complain("missing: conversation %s of queue %s in %s (answered by the API: %t)", id, window.queue, window.window, e.answered(id))
		case !p.ids[id]:
			a.found.superseded++
		}
	}
	a.count(window)
}

// since leaves out what was read before an instant.
func since(versions []onTopic, at time.Time) []onTopic {
	for len(versions) > 0 && versions[0].fetched < at.UnixMilli() {
		versions = versions[1:]
	}
	return versions
}

// count counts what is repeated in a window, and forgets it.
func (a *audit) count(window walked) {
	p := a.walks[window]
	if p == nil {
		return
	}
	for _, times := range p.times {
		if most := slices.Max(slices.Collect(maps.Values(times))); most > 1 {
			a.found.repeated[window.queue] += most - 1
		}
	}
	delete(a.walks, window)
}

// end closes the windows that nobody has judged, checks where the keys are, and
// returns what was found.
func (a *audit) end() findings {
	a.Helper()
	for window := range a.walks {
		a.count(window)
	}
	a.checkPartitions()
	return a.found
}

// javaPartitions are those of the keys that have been asked for: the tests share most
// of their conversations, and Java takes seconds to start.
var (
	javaPartitions = map[string]int{}
	java           sync.Mutex
)

func (a *audit) checkPartitions() {
	a.Helper()
	java.Lock()
	defer java.Unlock()
	var unknown []string
	for key := range a.partitions {
		if _, ok := javaPartitions[key]; !ok {
			unknown = append(unknown, key)
		}
	}
	for i, partition := range kafkatest.Partitions(a, unknown, topicPartitions) {
		javaPartitions[unknown[i]] = partition
	}
	for key, got := range a.partitions {
		if want := javaPartitions[key]; got != want {
			a.complain("conversation %s: in partition %d, the Java client has it in %d", key, got, want)
		}
	}
}

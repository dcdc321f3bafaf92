package main

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"genesys-producer/producer"
	"genesys-producer/producer/kafkatest"
)

// findings are what a topic says.
type findings struct {
	messages   int
	pages      int            // of which there are messages, each once
	repeated   map[string]int // by queue: publishings after the first of what was first published with a page
	elsewhere  int            // versions published again, with another page
	late       int            // messages of a pass that is not the window's first
	superseded int            // by queue and window: conversations not published, because one read later was
	unchanged  int            // likewise: because the version was, in an earlier window of the queue
	left       int            // conversations that are not there because the API left them out
	lost       int            // by queue and window: conversations that are not there, and are an error each
	windows    map[walked]written
	verdicts   map[producer.Verdict]int // of attested windows

	letters  map[string]int  // dead letters, by their form
	lettered map[string]bool // pages that have some
}

// written is what a window has brought, each version once.
type written struct{ messages, letters int }

// repeats is how many pages were published again, in all queues.
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
	inHand     bool // what was on a page in hand may be published again
	several    bool // several names have published, each of which knows its own versions alone
	walks      map[walked]*published
	versions   map[string][]onTopic        // by conversation, as long as a window may need them
	editions   map[edition]*firstPublished // of each queue
	pages      map[firstPage]bool          // with which some were published first
	repeated   map[firstPage]int           // how often these were published again
	partitions map[string]int              // of each key
	found      findings
	errors     int
}

// onTopic tells of a version of a conversation on the topic, in Unix milliseconds.
type onTopic struct{ fetched, published int64 }

// edition is a version of a conversation, published for a queue.
type edition struct {
	queue, id string
	sum       digest
}

// firstPublished is where an edition was published first, when, in Unix milliseconds, and
// how often since.
type firstPublished struct {
	window walked
	page   page
	at     int64
	times  int
}

type firstPage struct {
	walked
	page
}

// published is what is there of a window.
type published struct {
	ids      map[string]bool
	editions map[edition]bool
	letters  map[edition]bool // of these, those that were dead letters
}

// page is a page of a window, in one pass.
type page struct{ pass, number string }

func newAudit(t *testing.T, had func(walked, reading) bool) *audit {
	return &audit{T: t, had: had, walks: map[walked]*published{}, versions: map[string][]onTopic{}, editions: map[edition]*firstPublished{},
		pages: map[firstPage]bool{}, repeated: map[firstPage]int{}, partitions: map[string]int{},
		found: findings{repeated: map[string]int{}, windows: map[walked]written{}, letters: map[string]int{}, lettered: map[string]bool{}}}
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
	if a.found.messages++; number.pass != "0" {
		a.found.late++
	}
	p := a.walks[window]
	if p == nil {
		p = &published{ids: map[string]bool{}, editions: map[edition]bool{}, letters: map[edition]bool{}}
		a.walks[window] = p
	}
	p.ids[m.Key] = true
	this := edition{window.queue, m.Key, sum}
	p.editions[this] = true
	if m.Headers["dead-letter-form"] != "" {
		p.letters[this] = true
	}
	if first := a.editions[this]; first != nil && (first.window == window || !a.several) {
		a.again(m, this, first, window, number)
		return window, number
	}
	first := &firstPublished{window: window, page: number, at: m.Time.UnixMilli(), times: 1}
	a.editions[this] = first
	if !a.pages[firstPage{window, number}] {
		a.pages[firstPage{window, number}] = true
		a.found.pages++
	}
	return window, number
}

// again enters a version that was published before. What a queue's ledger has is not
// published again: it was on a page in hand, of which the ledger was not told. That page is
// asked for again at once, unless its window is a new pass of which it is another page; or
// else a later version was there by then, and the window after it is told this one.
func (a *audit) again(m kafkatest.Message, this edition, first *firstPublished, window walked, number page) {
	a.Helper()
	if first.times++; first.page != number {
		a.found.elsewhere++
	}
	if n := first.times - 1; n > a.repeated[firstPage{first.window, first.page}] {
		a.repeated[firstPage{first.window, first.page}] = n
	}
	versions := a.versions[m.Key]
	later := a.inHand && len(versions) > 1 && versions[len(versions)-2].published > first.at
	if first.window != window && !later {
		a.complain("repeated: a version of conversation %s, published in %s of queue %s, and again in %s", m.Key, first.window.window, window.queue, window.window)
	}
}

// checkHeaders returns when the version was read whose digest is given.
func (a *audit) checkHeaders(m kafkatest.Message, sum digest, more ...string) (fetched int64) {
	a.Helper()
	h := m.Headers
	pass, passErr := strconv.Atoi(h["pass"])
	if !slices.Equal(m.Order, slices.Concat(headerOrder, more)) || passErr != nil || pass < 0 || h["content-type"] != "application/json" ||
		!strings.HasPrefix(h["producer"], "genesys-producer/") || h["content-hash"] != hex.EncodeToString(sum[:]) {
		a.complain("message %s has the headers %v %v", m.Key, m.Order, h)
	}
	_, err := fmt.Sscan(h["fetched-at"], &fetched)
	if age := m.Time.UnixMilli() - fetched; err != nil || age < 0 || age > patience.Milliseconds() {
		a.complain("message %s was published at %d, fetched at %s", m.Key, m.Time.UnixMilli(), h["fetched-at"])
	}
	return fetched
}

// end closes the windows that nobody has judged, checks where the keys are, and
// returns what was found.
func (a *audit) end() findings {
	a.Helper()
	for window := range a.walks {
		a.count(window)
	}
	for page, times := range a.repeated {
		a.found.repeated[page.queue] += times
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

package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"genesys-producer/producer/transact"
)

// content is what a topic has of the windows that were looked at, and nothing else: of
// each key the newest version, and which keys were published for a window.
type content struct {
	newest map[string]*hashed        // by id; a version that was never read: none is there
	stated map[*look]map[string]bool // by id: published for it, though no look of the queue shows it
	looks  map[string][]*look        // by queue, in their order
	shown  map[string]bool           // by queue and id
	ranges []transact.Range          // how far it was read
}

// none is when a version was read that there is not.
const none = -1

func newContent(looks []*look) *content {
	c := &content{newest: map[string]*hashed{}, stated: map[*look]map[string]bool{}, looks: map[string][]*look{}, shown: map[string]bool{}}
	for _, l := range looks {
		c.looks[l.queue] = append(c.looks[l.queue], l)
		c.stated[l] = map[string]bool{}
		for _, id := range l.ids {
			c.shown[placeOf(l.queue, id)] = true
			if c.newest[id] == nil {
				c.newest[id] = &hashed{read: none}
			}
		}
	}
	return c
}

// readInto reads a topic, which takes as long as it is large, but for brokers that fall
// silent.
func (v *verification) readInto(ctx context.Context, c *content, topic string, since time.Time) error {
	fmt.Fprintf(v.tell, "topic %s: reading what was published from %s on\n", topic, instant(since))
	ctx, heard, stop := whileHeard(ctx, v.patience)
	defer stop()
	ranges, err := v.read(ctx, topic, since, func(m transact.Read) {
		heard()
		c.see(m)
	})
	c.ranges = ranges
	if silence, ok := errors.AsType[silentError](context.Cause(ctx)); ok && err != nil {
		err = fmt.Errorf("topic %s: %w (%w): see to the brokers, or correct KAFKA_BROKERS, and run it again", topic, silence, err)
	}
	return err
}

// see takes note of a message. One without a value deletes a key, and is none.
func (c *content) see(m transact.Read) {
	if len(m.Value) == 0 {
		return
	}
	if newest := c.newest[m.Key]; newest != nil {
		if read := readAt(m); read >= newest.read {
			*newest = hashed{hashOf(m), read}
		}
	}
	queue := m.Header("queue-id")
	if looks := c.looks[queue]; len(looks) > 0 && !c.shown[placeOf(queue, m.Key)] {
		c.state(looks, m)
	}
}

// state takes note of a message that no look of its queue shows, for the look in which its
// window begins. A window that is not of the interval as a whole may have found it outside.
func (c *content) state(looks []*look, m transact.Read) {
	from, to, ok := parseWindow(m.Header("window"))
	if !ok || from.Before(looks[0].from) || to.After(looks[len(looks)-1].to) {
		return
	}
	for _, l := range looks {
		if !from.Before(l.from) && from.Before(l.to) {
			c.stated[l][m.Key] = true
		}
	}
}

// readAt is when a message was read from the API. What somebody else has written is
// older than everything else.
func readAt(m transact.Read) int64 {
	at, err := strconv.ParseInt(m.Header("fetched-at"), 10, 64)
	if err != nil || at < 0 {
		return 0
	}
	return at
}

// hashOf is the hash that a message tells; all zero where it tells none.
func hashOf(m transact.Read) (hash shortHash) {
	text := m.Header("content-hash")
	if len(text) == hex.EncodedLen(len(hash)) {
		_, _ = hex.Decode(hash[:], []byte(text)) // what is no hash is no conversation's either
	}
	return hash
}

// finding is what is wrong with a window: ids, in the API's order where it shows them.
type finding struct {
	*look
	missing, stale, extra, letters []string
}

// judge compares what the API shows of a window with what the topics have. A version on
// the topic that was read after the API was looked at is newer than the look.
func judge(l *look, conversations, letters *content) finding {
	f := finding{look: l}
	for _, id := range l.ids {
		shown, there, letter := l.versions[id], conversations.newest[id], letters.newest[id]
		switch {
		case there.read >= shown.read || there.read != none && there.hash == shown.hash:
		case letter.read != none && (there.read == none || letter.hash == shown.hash):
			f.letters = append(f.letters, id)
		case there.read == none:
			f.missing = append(f.missing, id)
		default:
			f.stale = append(f.stale, id)
		}
	}
	if len(l.beyond) > 0 {
		return f // what else was published may be where the API does not page to
	}
	for id := range conversations.stated[l] {
		f.extra = append(f.extra, id)
	}
	slices.Sort(f.extra)
	return f
}

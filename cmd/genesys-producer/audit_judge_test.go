package main

import "time"

// expected is what a window must have left on a topic.
type expected struct {
	ids     []string
	settled time.Time                  // none of its versions, nor of a later window's, was read before
	since   time.Time                  // nor was any of its own before this
	closed  time.Time                  // by when they were published
	answers map[string]map[digest]bool // by id: the versions that the API has answered for it
}

// judge closes a window: each of its conversations was published for it, or in a version
// that it had, for an earlier window of the queue, or is superseded by a version that was
// read later and is there already. Windows are judged in their order.
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
		case len(versions) > 0 && p.ids[id]:
		case a.knew(window, id, e):
			a.found.unchanged++
		case len(versions) > 0 && versions[0].published <= e.closed.UnixMilli():
			a.found.superseded++
		default:
			a.found.lost++
			a.complain("missing: conversation %s of queue %s in %s (answered by the API: %t)", id, window.queue, window.window, len(e.answers[id]) > 0)
		}
	}
	a.count(window)
}

// knew reports whether a version that the API has answered for a window was published for
// an earlier one of the queue, or for one that was too long and begins there too. Windows
// are written so that their order is that of texts.
func (a *audit) knew(window walked, id string, e expected) bool {
	for sum := range e.answers[id] {
		first := a.editions[edition{window.queue, id, sum}]
		if first != nil && first.window != window && first.window.begin() <= window.begin() && first.at <= e.closed.UnixMilli() {
			return true
		}
	}
	return false
}

// since leaves out what was read before an instant.
func since(versions []onTopic, at time.Time) []onTopic {
	for len(versions) > 0 && versions[0].fetched < at.UnixMilli() {
		versions = versions[1:]
	}
	return versions
}

// count counts what a window has brought, and forgets it.
func (a *audit) count(window walked) {
	if p := a.walks[window]; p != nil {
		a.found.windows[window] = written{len(p.editions) - len(p.letters), len(p.letters)}
		delete(a.walks, window)
	}
}

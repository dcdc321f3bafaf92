package genesystest

// leg is a conversation's time in one queue: it waits, rings at an agent, is
// answered, and is handed on or ends.
type leg struct {
	stop
	ring, answer, end int64
	wrapped           int64 // when the agent's work after it is done; never: it goes on
	last              bool
}

// plot lays out a conversation: the customer from start to end, the
// greeting, then a queue and an agent for every leg.
func (l *layout) plot(k *sketch) {
	wrapUp := min(k.span/10, 120_000)
	finish := k.start + k.span
	talkEnd := finish - wrapUp
	abandoned := k.end != never && len(k.stops) == 1 && k.seed%13 == 0 && k.size < 9_000
	if abandoned {
		talkEnd = finish
	}
	l.customer(k, talkEnd)
	if first := k.stops[0].at; first > k.start && !k.lean() {
		l.greeting(k, first)
	}
	pieces, stats := k.volume()
	for n, s := range k.stops {
		g := leg{stop: s, end: talkEnd, last: n == len(k.stops)-1}
		if !g.last {
			g.end = k.stops[n+1].at
		}
		g.wrapped = g.end + wrapUp
		if g.last && k.end == never {
			g.end, g.wrapped = never, never
		}
		length := min(g.end, talkEnd) - g.at
		g.ring = g.at + min(length/5, 90_000)
		g.answer = g.ring + min(length/20, 12_000)
		if abandoned {
			l.abandon(k, g)
			continue
		}
		l.waiting(k, g)
		l.agent(k, g, talkEnd, pieces, stats)
	}
}

// lean reports whether the record is to be so small that it is told without
// the greeting and the metrics.
func (k *sketch) lean() bool { return k.size < 3_500 }

// volume turns the size aimed at into the parts that fill a record: pieces of
// the agent's talk, and in calls the reports of the media endpoint.
func (k *sketch) volume() (pieces, stats int) {
	legs := len(k.stops)
	room := (k.size - 2_300 - legs*2_400) / legs
	if room <= 0 {
		return 1, 0
	}
	if k.medium == voice {
		return room/2/230 | 1, room / 2 / 205
	}
	return room/230 | 1, 0
}

func (l *layout) customer(k *sketch, talkEnd int64) {
	l.participant("customer")
	l.session(k.medium, "", 0)
	at := k.start
	if first := k.stops[0].at; first > at {
		l.segment("system", at, first, "", "")
		at = first
	}
	for n, s := range k.stops {
		end, disconnect := talkEnd, "peer"
		if n+1 < len(k.stops) {
			end, disconnect = k.stops[n+1].at, "transfer"
		} else if k.end == never {
			end = never
		}
		l.segment("interact", at, end, s.queue, disconnect)
		at = end
	}
	l.again(k, "peer")
	l.metric("nConnected", 1, k.start)
	l.metric("tConnected", talkEnd-k.start, ifEnded(k, talkEnd))
}

// greeting is the flow that a caller hears before the first queue.
func (l *layout) greeting(k *sketch, until int64) {
	half := k.start + (until-k.start)/8
	l.participant("ivr")
	l.session(k.medium, "", 0)
	l.segment("system", k.start, half, "", "")
	l.segment("ivr", half, until, "", "transfer")
	l.metric("nFlow", 1, half)
	l.metric("tIvr", until-half, until)
	l.metric("tFlow", until-half, until)
	l.metric("tFlowExit", until-half, until)
}

// waiting is the queue itself: the router that looks for an agent.
func (l *layout) waiting(k *sketch, g leg) {
	pause := g.at + (g.ring-g.at)/10
	l.participant("acd")
	l.session(k.medium, g.queue, 0)
	if k.medium == voice {
		l.segment("delay", g.at, pause, g.queue, "")
		l.segment("interact", pause, g.answer, g.queue, "transfer")
	} else {
		l.segment("interact", g.at, g.answer, g.queue, "transfer")
	}
	l.metric("nOffered", 1, g.at)
	l.metric("tAcd", g.ring-g.at, g.ring)
}

// abandon is a queue that the customer left before anybody answered.
func (l *layout) abandon(k *sketch, g leg) {
	l.participant("acd")
	l.session(k.medium, g.queue, 0)
	l.segment("interact", g.at, g.end, g.queue, "peer")
	l.again(k, "peer")
	l.metric("nOffered", 1, g.at)
	l.metric("tAbandon", g.end-g.at, g.end)
	l.metric("tAcd", g.end-g.at, g.end)
}

func ifEnded(k *sketch, at int64) int64 {
	if k.end == never {
		return never
	}
	return at
}

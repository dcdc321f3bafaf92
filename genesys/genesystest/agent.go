package genesystest

// agent lays out the one who answers: alert, then talk in pieces with pauses
// between them, then the work afterwards. A callback has two sessions: the
// request, and the call that is made for it.
func (l *layout) agent(k *sketch, g leg, talkEnd int64, pieces, stats int) {
	l.participant("agent")
	talk := k.medium
	if k.medium == callback {
		talk = voice
		l.session(callback, g.queue, 0)
		l.segment("alert", g.ring, g.answer, g.queue, "")
		l.segment("interact", g.answer, g.end, g.queue, disconnects(g))
		l.metric("tAlert", g.answer-g.ring, g.answer)
		l.session(voice, g.queue, stats)
		dialed := g.answer + (min(g.end, talkEnd)-g.answer)/20
		l.segment("dialing", g.answer, dialed, g.queue, "")
		g.answer = dialed
	} else {
		l.session(k.medium, g.queue, stats)
		l.segment("alert", g.ring, g.answer, g.queue, "")
		l.metric("tAlert", g.answer-g.ring, g.answer)
	}
	l.metric("tAnswered", g.answer-g.at, g.answer)
	l.talk(g, talk, min(g.end, talkEnd), pieces)
	if g.wrapped == never {
		return
	}
	l.segment("wrapup", g.end, g.wrapped, g.queue, disconnects(g))
	told := g.wrapped
	if late := k.wrappedUp(); g.last && late != never {
		told = late
		l.segments[len(l.segments)-1].told = late
	}
	l.metric("tAcw", g.wrapped-g.end, told)
	l.metric("tHandle", g.wrapped-g.answer, told)
	if !g.last {
		l.metric("nTransferred", 1, g.end)
		return
	}
	l.again(k, disconnects(g))
}

// talk divides the time with the agent into an odd number of pieces, every
// second one a pause; the last goes on for as long as the leg does.
func (l *layout) talk(g leg, m medium, until int64, pieces int) {
	pause := "hold"
	if m == email || m == message {
		pause = "parked"
	}
	var talked, held int64
	length := until - g.answer
	at := g.answer
	for n := range int64(pieces) {
		end := g.answer + length*(n+1)/int64(pieces)
		shown := end
		if n == int64(pieces)-1 {
			shown = g.end
		}
		if n%2 == 0 {
			l.segment("interact", at, shown, g.queue, ending(g, shown))
			l.metric("tTalk", end-at, shown)
			talked += end - at
		} else {
			l.segment(pause, at, end, g.queue, "")
			l.metric("tHeld", end-at, end)
			held += end - at
		}
		at = end
	}
	l.metric("tTalkComplete", talked, g.end)
	if held > 0 {
		l.metric("tHeldComplete", held, g.end)
	}
}

// ending is how a piece of talk was ended: only the last one disconnects.
func ending(g leg, end int64) string {
	if end != g.end {
		return ""
	}
	return disconnects(g)
}

func disconnects(g leg) string {
	if g.last {
		return "client"
	}
	return "transfer"
}

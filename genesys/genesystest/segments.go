package genesystest

// segment writes one stretch of a session. One that has not begun is not there
// yet, and one that is under way has no end.
func (p *pen) segment(g segment, m medium, d *dice) {
	wrapUp, subject := d.roll(), d.roll()
	if g.start > p.now {
		return
	}
	ended := g.end <= p.now
	p.open("", '{')
	p.flag("conference", false)
	if ended && g.disconnect != "" {
		p.text("disconnectType", g.disconnect)
	}
	if g.queue != "" {
		p.text("queueId", g.queue)
	}
	if ended {
		p.time("segmentEnd", g.end)
	}
	p.time("segmentStart", g.start)
	p.text("segmentType", g.kind)
	if m == email && g.kind == "interact" {
		p.text("subject", subjectOf(subject))
	}
	if g.kind == "wrapup" && ended {
		own := dice(wrapUp)
		p.id("wrapUpCode", &own)
		p.text("wrapUpNote", noteOf(wrapUp))
	}
	p.close('}')
}

func subjectOf(roll uint64) string {
	return [...]string{"Invoice 2026-0117", "Re: Rückfrage zur Lieferung", "Order \\u2013 where is it?",
		"AW: AW: \\\"Termin\\\"", "Password reset"}[roll%5]
}

func noteOf(roll uint64) string {
	return [...]string{"resolved", "Kunde sagt \\\"danke\\\"\\nRückruf am 3.4.", "see ticket \\/ 4711",
		"escalated to 2nd level", "no answer \\ud83d\\ude42"}[roll%5]
}

func (p *pen) metrics(metrics []metric) {
	none := true
	for _, m := range metrics {
		if m.at > p.now {
			continue
		}
		if none {
			p.open("metrics", '[')
			none = false
		}
		p.open("", '{')
		p.time("emitDate", m.at)
		p.text("name", m.name)
		p.number("value", m.value)
		p.close('}')
	}
	if !none {
		p.close(']')
	}
}

// endpointStats writes the reports of the media endpoint, spread evenly over
// the session; those of a session under way come at the pace of the first hour.
func (p *pen) endpointStats(segments []segment, count int, d *dice) {
	start, end := segments[0].start, segments[len(segments)-1].end
	if end == never {
		end = start + 3_600_000
	}
	if start+(end-start)/int64(count) > p.now {
		return
	}
	p.open("mediaEndpointStats", '[')
	for n := range int64(count) {
		at := start + (end-start)*(n+1)/int64(count)
		if at > p.now {
			break
		}
		own := dice(mix(uint64(*d), uint64(n)))
		p.open("", '{')
		p.open("codecs", '[')
		p.buf = append(p.buf, `"audio/opus"`...)
		p.close(']')
		p.number("discardedPackets", own.below(4))
		p.number("duplicatePackets", own.below(3))
		p.time("eventTime", at)
		p.number("maxLatencyMs", own.between(18, 240))
		p.decimal("minMos", own.between(4_100, 4_930))
		p.decimal("minRFactor", own.between(80_000, 93_000))
		p.number("receivedPackets", own.between(400, 90_000))
		p.close('}')
	}
	p.close(']')
}

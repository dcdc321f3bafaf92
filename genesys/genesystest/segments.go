package genesystest

// segment writes one stretch of a session. One that has not begun is not there
// yet, and one that is under way has no end.
func (p *pen) segment(g segment, m medium, d *dice) {
	wrapUp, subject := d.roll(), d.roll()
	if g.start > p.now || g.told > p.now {
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

// media is the time about which the media endpoint reports: the session, but for
// its going on later. That of a session under way is reported at the pace of the
// first hour.
type media struct{ start, end int64 }

func mediaOf(segments []segment, k *sketch) media {
	last := len(segments) - 1
	if segments[last].start == k.reopened() {
		last--
	}
	m := media{segments[0].start, segments[last].end}
	if m.end == never {
		m.end = m.start + 3_600_000
	}
	return m
}

// at is the time of the n-th of so many reports, from 0, at even distances.
func (m media) at(n, count int) int64 {
	return m.start + (m.end-m.start)*int64(n+1)/int64(count)
}

// endpointStats writes the reports of the media endpoint.
func (p *pen) endpointStats(reported media, count int, d *dice) {
	if reported.at(0, count) > p.now {
		return
	}
	p.open("mediaEndpointStats", '[')
	for n := range count {
		at := reported.at(n, count)
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

package genesystest

// appendRecord appends the record of a conversation as it is at the given time,
// padded if a test wants it longer.
func appendRecord(to []byte, k *sketch, d Dialect, now int64, pool *layouts) []byte {
	return k.padding.pad(appendBare(to, k, d, now, pool), len(to), k.seed)
}

// appendBare writes members in the alphabetical order of the published names, as
// the service writes them, and none that is empty.
func appendBare(to []byte, k *sketch, d Dialect, now int64, pool *layouts) []byte {
	if k.text != nil {
		return append(to, k.text...)
	}
	plan := pool.take()
	defer pool.give(plan)
	plan.plot(k)

	id, start, end := "conversationId", "conversationStart", "conversationEnd"
	if d == Entities {
		id, start, end = "id", "startTime", "endTime"
	}
	own := dice(mix(k.seed, rollPart))
	p := &pen{buf: append(to, '{'), now: now}
	if at, ended := k.endBy(now); ended {
		p.time(end, at)
	}
	p.text(id, k.id)
	p.time(start, k.start)
	p.ids("divisionIds", &own, 1)
	if late := k.revision + changed(k.late, now); late > 0 {
		p.evaluations(k, late)
	}
	if k.medium == voice && k.end <= now {
		p.decimal("mediaStatsMinConversationMos", own.between(4_100, 4_930))
		p.decimal("mediaStatsMinConversationRFactor", own.between(80_000, 93_000))
	}
	p.text("originatingDirection", "inbound")
	p.open("participants", '[')
	for n := range plan.participants {
		p.participant(plan, n, k)
	}
	p.close(']')
	if k.surveyed() <= now {
		p.survey(k)
	}
	p.close('}')
	return p.buf
}

func changed(at, now int64) int {
	if at <= now {
		return 1
	}
	return 0
}

// evaluations are what arrives after the end: one for every revision.
func (p *pen) evaluations(k *sketch, count int) {
	p.open("evaluations", '[')
	for n := range count {
		d := dice(mix(k.seed, rollPart, 1<<32+uint64(n)))
		p.open("", '{')
		p.id("contextId", &d)
		p.id("evaluationId", &d)
		p.text("evaluationStatus", "Finished")
		p.id("evaluatorId", &d)
		p.id("formId", &d)
		p.text("formName", "Call quality")
		p.number("oTotalCriticalScore", d.between(0, 100))
		p.number("oTotalScore", d.between(0, 100))
		p.text("queueId", k.stops[0].queue)
		p.flag("released", true)
		p.close('}')
	}
	p.close(']')
}

// survey is what the customer thinks of it all.
func (p *pen) survey(k *sketch) {
	d := dice(mix(k.seed, rollPart, 1<<33))
	p.open("surveys", '[')
	p.open("", '{')
	p.time("eventTime", k.surveyed())
	p.number("oSurveyTotalScore", d.between(0, 100))
	p.text("queueId", k.stops[len(k.stops)-1].queue)
	p.time("surveyCompletedDate", k.surveyed())
	p.id("surveyFormContextId", &d)
	p.id("surveyFormId", &d)
	p.text("surveyFormName", "How did we do?")
	p.id("surveyId", &d)
	p.number("surveyPromoterScore", d.between(0, 10))
	p.text("surveyStatus", "Finished")
	p.text("surveyType", "Web")
	p.id("userId", &d)
	p.close('}')
	p.close(']')
}

func (p *pen) participant(plan *layout, n int, k *sketch) {
	from, to := plan.sessionsOf(n)
	if plan.segmentsOf(from)[0].start > p.now {
		return
	}
	d := dice(mix(k.seed, rollPart, uint64(n)))
	who := plan.participants[n].purpose
	p.open("", '{')
	if who == "customer" {
		p.id("externalContactId", &d)
	}
	p.id("participantId", &d)
	p.text("participantName", nameOf(who, &d))
	p.text("purpose", who)
	p.open("sessions", '[')
	for s := from; s < to; s++ {
		p.session(plan, s, who, k)
	}
	p.close(']')
	if who == "agent" {
		p.id("teamId", &d)
		p.id("userId", &d)
	}
	p.close('}')
}

// nameOf makes up a name. Some hold letters beyond ASCII, and some an escape:
// whoever writes a record anew instead of handing it on is found out by them.
func nameOf(purpose string, d *dice) string {
	switch purpose {
	case "ivr":
		return "Main menu"
	case "acd":
		return `Support \u0026 Sales`
	}
	names := [...]string{"Ada Winter", "Zoë Müller", "Jörg Özdemir", "Mei 王", "Liam O'Neil",
		"Inês Conceição", "Noah \\\"Buddy\\\" Clark", "Sofía Núñez", "Łukasz Wójcik", "Emma Berg"}
	return names[d.below(int64(len(names)))]
}

package genesystest

// session writes one session: who met over which medium, with the members
// that such sessions carry in recorded answers.
func (p *pen) session(plan *layout, n int, who string, k *sketch) {
	segments := plan.segmentsOf(n)
	if segments[0].start > p.now {
		return
	}
	s := plan.sessions[n]
	d := dice(mix(k.seed, rollPart, 1<<16+uint64(n)))
	full := k.size >= 6_000
	p.open("", '{')
	p.addresses(s.medium, &d)
	if full && s.medium == voice {
		p.id("edgeId", &d)
	}
	if who == "ivr" {
		p.flow(&d, segments[len(segments)-1].end <= p.now)
	}
	if s.stats > 0 {
		p.endpointStats(mediaOf(segments, k), s.stats, &d)
	}
	p.text("mediaType", s.medium.String())
	if !k.lean() {
		p.metrics(plan.metricsOf(n))
	}
	if full {
		p.id("peerId", &d)
		if s.medium == voice {
			p.id("protocolCallId", &d)
		}
	}
	p.text("provider", s.medium.provider())
	if full && s.medium == voice {
		p.flag("recording", who != "acd")
		p.text("remote", "Chicago, IL")
		p.text("remoteNameDisplayable", "Chicago, IL")
	}
	if s.queue != "" && full {
		p.open("requestedRoutings", '[')
		p.buf = append(p.buf, `"Standard"`...)
		p.close(']')
	}
	p.open("segments", '[')
	for _, g := range segments {
		p.segment(g, s.medium, &d)
	}
	p.close(']')
	if who == "acd" {
		p.id("selectedAgentId", &d)
	}
	p.id("sessionId", &d)
	if s.queue != "" {
		p.text("usedRouting", "Standard")
	}
	p.close('}')
}

// addresses writes the members at the front of the alphabet: who called whom.
// Numbers are of the range kept for fiction, addresses of example.com.
func (p *pen) addresses(m medium, d *dice) {
	number := [...]byte{'t', 'e', 'l', ':', '+', '1', '3', '1', '7', '5', '5', '5', '0', '1',
		digit(d.below(10)), digit(d.below(10))}
	switch m {
	case voice:
		p.text("ani", string(number[:]))
		p.text("direction", "inbound")
		p.text("dnis", "tel:+13175550100")
	case email:
		p.text("addressFrom", "customer@example.com")
		p.text("addressTo", "support@example.com")
		p.text("direction", "inbound")
	case callback:
		p.open("callbackNumbers", '[')
		p.buf = append(p.buf, `"+1317555014`...)
		p.buf = append(p.buf, digit(d.below(10)), '"')
		p.close(']')
		p.text("callbackUserName", "Customer")
		p.text("direction", "inbound")
	default:
		p.text("direction", "inbound")
	}
}

func (p *pen) flow(d *dice, ended bool) {
	p.open("flow", '{')
	p.text("endingLanguage", "en-us")
	p.text("entryReason", "tel:+13175550100")
	p.text("entryType", "dnis")
	if ended {
		p.text("exitReason", "TRANSFER")
	}
	p.id("flowId", d)
	p.text("flowName", "Main menu")
	p.text("flowType", "INBOUNDCALL")
	p.text("flowVersion", "28.0")
	p.text("startingLanguage", "en-us")
	p.text("transferType", "ACD")
	p.close('}')
	p.text("flowInType", "INBOUNDCALL")
}

func (m medium) String() string {
	return [...]string{"voice", "chat", "message", "email", "callback"}[m]
}

func (m medium) provider() string {
	return [...]string{"Edge", "PureCloud Webchat", "PureCloud Messaging", "PureCloud Email", "PureCloud Callback"}[m]
}

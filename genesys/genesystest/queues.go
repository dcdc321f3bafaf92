package genesystest

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// QueuesPath is where queues are looked up, in either dialect.
const QueuesPath = "/api/v2/routing/queues"

// mostQueues is the largest page of the lookup. The vendor's own Terraform provider asks
// for as many; what the service allows is documented nowhere.
const mostQueues = 500

// lookup is what a request for queues asks for.
type lookup struct {
	ids        []string // none: all of them
	page, size int
}

// readLookup reads the parameters that a client may want for it. The others of the
// published operation are refused rather than passed over in silence.
func readLookup(r *http.Request) (lookup, *refusal) {
	l := lookup{page: 1, size: 25} // the documented defaults
	parameters, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return l, badRequest("query string: %v", err)
	}
	for name, values := range parameters {
		switch name {
		case "id":
			l.ids = values
			continue
		case "pageNumber":
			l.page, err = strconv.Atoi(values[0])
		case "pageSize":
			l.size, err = strconv.Atoi(values[0])
		default:
			return l, badRequest("query parameter %s is not simulated", name)
		}
		if err != nil || len(values) > 1 {
			return l, badRequest("query parameter %s: one number was expected", name)
		}
	}
	switch {
	case l.page < 1:
		return l, badRequest("pageNumber must be at least 1, not %d.", l.page)
	case l.size < 1 || l.size > mostQueues:
		return l, badRequest("pageSize must be between 1 and %d, not %d.", mostQueues, l.size)
	}
	return l, nil
}

// serveQueues answers at the queue lookup.
func (x *exchange) serveQueues() {
	bearer, presented := x.bearer()
	x.seen = Request{Path: QueuesPath, Bearer: x.issuer.ordinal(bearer)}
	if !x.enter() || !x.admit(bearer, presented) {
		return
	}
	if x.r.Method != http.MethodGet {
		x.refuse(wrongMethod())
		return
	}
	if x.config.NoQueueView {
		x.refuse(&refusal{http.StatusForbidden, "missing.permissions",
			"Unable to perform the requested action. You are missing the following permission(s): routing:queue:view"})
		return
	}
	l, bad := readLookup(x.r)
	if bad != nil {
		x.refuse(bad)
		return
	}
	if x.fault != nil && x.fault.look != nil {
		x.fault.look(&l)
	}
	x.reply(http.StatusOK, x.queues(l))
}

// queues is a page of the queues that the client sees, sorted by name as documented.
func (x *exchange) queues(l lookup) []byte {
	found := slices.DeleteFunc(x.Queues(), func(id string) bool {
		return slices.Contains(x.config.HiddenQueues, id) ||
			len(l.ids) > 0 && !slices.Contains(l.ids, id)
	})
	slices.SortFunc(found, func(a, b string) int { return cmp.Compare(x.QueueName(a), x.QueueName(b)) })
	pages := (len(found) + l.size - 1) / l.size
	first := min((min(l.page, pages+1)-1)*l.size, len(found))
	part := found[first:min(first+l.size, len(found))]
	x.seen.Rows = len(part)

	p := &pen{buf: []byte{'{'}}
	p.open("entities", '[')
	for _, id := range part {
		p.queue(id, x.QueueName(id))
	}
	p.close(']')
	p.number("pageSize", int64(l.size))
	p.number("pageNumber", int64(l.page))
	p.number("total", int64(len(found)))
	if l.page < pages {
		p.text("nextUri", l.uri(l.page+1))
	}
	p.text("firstUri", l.uri(1))
	p.text("selfUri", l.uri(l.page))
	p.number("pageCount", int64(pages))
	p.close('}')
	return p.buf
}

func (p *pen) queue(id, name string) {
	p.open("", '{')
	p.text("id", id)
	p.text("name", name)
	d := dice(mixText(id))
	p.open("division", '{')
	p.id("id", &d)
	p.text("name", "Home")
	p.close('}')
	p.number("memberCount", d.between(3, 60))
	p.text("selfUri", QueuesPath+"/"+id)
	p.close('}')
}

// uri is the relative path of a page, as the answers have it.
func (l lookup) uri(page int) string {
	return QueuesPath + "?" + url.Values{"id": l.ids, "pageNumber": {strconv.Itoa(page)}, "pageSize": {strconv.Itoa(l.size)}}.Encode()
}

// QueueName returns the name of a queue of the organisation, such as "Billing EN"; empty:
// it has no such queue. No two have the same.
func (s *Simulator) QueueName(id string) string {
	place := slices.Index(s.config.Queues, id)
	if place < 0 {
		return ""
	}
	subjects := [...]string{"Billing", "Sales", "Technical Support", "Claims", "Orders", "Returns",
		"Retention", "Complaints", "Reception", "Scheduling", "Bookings", "Back Office"}
	languages := [...]string{"EN", "DE", "FR", "ES", "IT", "NL", "PL"}
	// The step has no factor in common with the number of names, so that all of them come.
	const step = 17
	names := len(subjects) * len(languages)
	n := (int(mix(s.config.Seed, rollNames)%uint64(names)) + place*step) % names
	name := subjects[n%len(subjects)] + " " + languages[n/len(subjects)]
	if round := place / names; round > 0 {
		name += " " + strconv.Itoa(round+1)
	}
	return name
}

// visible leaves out what the client does not see of the queues that a query names. A query
// that is left with none finds nothing, which is no error.
func (c *Config) visible(queues string) string {
	if queues == "" || len(c.HiddenQueues) == 0 {
		return queues
	}
	seen := slices.DeleteFunc(strings.Split(queues, ","), func(id string) bool { return slices.Contains(c.HiddenQueues, id) })
	return cmp.Or(strings.Join(seen, ","), "none")
}

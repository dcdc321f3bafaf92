package genesystest

import (
	"io"
	"net/http"
	"strings"
	"time"
)

// exchange is one request on its way to its answer.
type exchange struct {
	*Simulator
	w     http.ResponseWriter
	r     *http.Request
	seen  Request
	place int    // of seen in the journal
	fault *Fault // what the script wants; nil: a healthy answer
	rate  *usage // nil: the request counted against no token
}

// serveQuery answers at the query endpoint. The order is that of a gateway:
// who asks comes before how often, and that before what.
func (x *exchange) serveQuery() {
	body, err := io.ReadAll(io.LimitReader(x.r.Body, largestBody+1))
	if err != nil {
		return // the client went away in the middle of its request
	}
	q, bad := x.config.readQuery(x.r, body)
	bearer, presented := x.bearer()
	x.seen = Request{Path: QueryPath, Queue: q.queue, From: q.from, To: q.to, Page: q.page, PageSize: q.size,
		Bearer: x.issuer.ordinal(bearer)}
	if !x.enter() || !x.admit(bearer, presented) {
		return
	}
	if bad != nil {
		x.refuse(bad)
		return
	}
	x.servePage(q)
}

func (x *exchange) bearer() (token string, presented bool) {
	return strings.CutPrefix(x.r.Header.Get("Authorization"), "Bearer ")
}

// admit lets a request pass that has a good token and is within its allowance. Else it
// answers, and reports false.
func (x *exchange) admit(bearer string, presented bool) bool {
	rate, valid := x.issuer.spend(bearer, x.now())
	if valid && rate.allowed >= 0 {
		x.rate = &rate
	}
	switch {
	case x.fault != nil && x.fault.answer != nil:
		x.fault.answer(x)
	case !presented:
		x.refuse(&refusal{http.StatusUnauthorized, "authentication.required",
			"No authentication bearer token specified in authorization header."})
	case !valid:
		x.refuse(badCredentials())
	case rate.exceeded:
		x.refuseRate(rate.reset)
	default:
		return true
	}
	return false
}

func badCredentials() *refusal {
	return &refusal{http.StatusUnauthorized, "bad.credentials", "Invalid login credentials."}
}

// enter writes the request down, lets the latency pass, and asks the script.
// It reports false when the client has gone away in the meantime.
func (x *exchange) enter() bool {
	x.seen.Time = x.now()
	x.place = x.journal.enter(&x.seen)
	if latency := x.config.Latency; latency != nil && !x.wait(latency(x.seen)) {
		return false
	}
	if script := x.script.Load(); script != nil {
		if fault := (*script)(x.seen); fault.concerns(x.seen) {
			x.fault, x.seen.Fault = fault, fault.name
		}
	}
	return x.fault == nil || x.wait(x.fault.delay)
}

// wait reports false when the client goes away first.
func (x *exchange) wait(d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-x.r.Context().Done():
		return false
	}
}

// servePage answers a query that is in order.
func (x *exchange) servePage(q query) {
	now := x.now().UnixMilli()
	i := x.interval(q.queue, q.from, q.to)
	i.endedOnly, i.liveOnly = q.endedOnly, q.liveOnly
	x.moveRows(i, now)
	rows := x.drift.seen(x.library.find(i, now), now)
	first := (q.page - 1) * q.size
	if q.page > 1 && first >= len(rows) && x.config.PastEndStatus != 0 {
		x.refuse(&refusal{x.config.PastEndStatus, "bad.request", "The requested page lies past the end."})
		return
	}
	p := page{dialect: x.config.Dialect, rows: slicePage(rows, first, q.size, q.descending),
		total: x.total(len(rows), now), number: q.page, size: q.size,
		reorder: reorder{x.config.Seed, x.config.Life.ReorderShare}}
	if x.fault != nil && x.fault.shape != nil {
		x.fault.shape(&p)
	}
	x.seen.Rows = len(p.rows)
	buf := x.answers.take()
	*buf = p.append(*buf, now, &x.layouts)
	x.reply(http.StatusOK, *buf)
	x.answers.give(buf)
}

// slicePage cuts a page out of the rows, from the far end if descending.
func slicePage(rows []*sketch, first, size int, descending bool) []*sketch {
	first = min(first, len(rows))
	past := min(first+size, len(rows))
	if !descending {
		return rows[first:past]
	}
	var turned []*sketch
	for n := first; n < past; n++ {
		turned = append(turned, rows[len(rows)-1-n])
	}
	return turned
}

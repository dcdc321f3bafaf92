package genesystest

import (
	"fmt"
	"mime"
	"net/http"
	"strings"
	"time"
)

// query is what a request asks for, in either dialect.
type query struct {
	queue      string
	from, to   time.Time
	page, size int
	descending bool
	endedOnly  bool
	liveOnly   bool
}

// largestBody is the limit request.bytes.max as users quote it.
const largestBody = 512_000

// readQuery reads a request against the contract. With a refusal comes as much
// of the query as could be read, for the journal.
func (c *Config) readQuery(r *http.Request, body []byte) (query, *refusal) {
	if r.Method != http.MethodPost {
		return query{}, wrongMethod()
	}
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return query{}, &refusal{http.StatusUnsupportedMediaType, "unsupported.media.type",
			"The content type must be application/json."}
	}
	if len(body) > largestBody {
		return query{}, &refusal{http.StatusRequestEntityTooLarge, "request.entity.too.large",
			fmt.Sprintf("The request is over the size limit. Maximum bytes: %d", largestBody)}
	}
	var q query
	var bad *refusal
	if c.Dialect == Entities {
		bad = q.readEntities(r, body)
	} else {
		bad = q.readConversations(r, body)
	}
	if bad == nil {
		bad = c.limits(&q)
	}
	return q, bad
}

func wrongMethod() *refusal {
	return &refusal{http.StatusMethodNotAllowed, "method.not.allowed", "HTTP 405 Method Not Allowed"}
}

// limits are the bounds that both dialects share.
func (c *Config) limits(q *query) *refusal {
	longest := 31
	if q.queue == "" {
		longest = 7 // documented for a query without a filter
	}
	switch {
	case !q.from.Before(q.to):
		return badRequest("The interval must begin before it ends.")
	case q.to.Sub(q.from) > time.Duration(longest)*24*time.Hour:
		return badRequest("You must specify a search interval as part of your query that does not exceed %d days.", longest)
	case q.page < 1:
		return badRequest("pageNumber must be at least 1, not %d.", q.page)
	case q.size < 1 || q.size > c.MaxPageSize:
		return badRequest("pageSize must be between 1 and %d, not %d.", c.MaxPageSize, q.size)
	case q.page > c.MaxResults/q.size: // by division, so that no page number overflows
		return badRequest("Pagination may not exceed %d results. Use smaller intervals: paging through 1am-2am, "+
			"then 2am-3am will outperform paging through one large interval.", c.MaxResults)
	}
	return nil
}

// parseTime reads an ISO-8601 time as the published API takes it: with or
// without a fraction, with Z or an offset.
func parseTime(name, value string) (time.Time, *refusal) {
	t, err := time.Parse(time.RFC3339Nano, value)
	if err != nil || strings.Contains(value, ",") {
		return time.Time{}, invalidDate(name, value)
	}
	return t.UTC(), nil
}

package genesystest

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"
)

// readEntities reads the query of the tutorial, and nothing beyond it: there
// is no published model that would allow more.
func (q *query) readEntities(r *http.Request, body []byte) *refusal {
	var dateFrom, dateTo, view string
	var size, repeated int
	var groupBy []string
	var filter json.RawMessage
	var order []json.RawMessage
	present, bad := object("body", body, members{
		"dateFrom": &dateFrom, "dateTo": &dateTo, "viewId": &view, "groupBy": &groupBy, "size": &size,
		"filter": &filter, "order": &order, "pageNumber": &repeated,
	})
	if bad != nil {
		return bad
	}
	if bad := q.readPageParameters(r); bad != nil {
		return bad
	}
	for _, name := range []string{"dateFrom", "dateTo", "viewId", "groupBy", "size", "filter", "order"} {
		if !present[name] {
			return badRequest("body: field %q is required", name)
		}
	}
	if q.queue, bad = readQueueFilter(filter); bad != nil {
		return bad
	}
	switch {
	case view != "default":
		return badRequest("viewId: %q is not a view", view)
	case !slices.Equal(groupBy, []string{"queueId"}):
		return badRequest("groupBy: [queueId] was expected, not %q", groupBy)
	case size != q.size:
		return badRequest("size %d in the body contradicts pageSize %d", size, q.size)
	case present["pageNumber"] && repeated != q.page:
		return badRequest("pageNumber %d in the body contradicts pageNumber %d", repeated, q.page)
	case len(order) != 1:
		return badRequest("order: one field was expected, not %d", len(order))
	}
	if bad := readOrder(order[0]); bad != nil {
		return bad
	}
	if q.from, bad = parseMillis("dateFrom", dateFrom); bad != nil {
		return bad
	}
	q.to, bad = parseMillis("dateTo", dateTo)
	return bad
}

// readPageParameters reads the query string: pageNumber and pageSize, each once.
func (q *query) readPageParameters(r *http.Request) *refusal {
	parameters, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return badRequest("query string: %v", err)
	}
	for name, place := range map[string]*int{"pageNumber": &q.page, "pageSize": &q.size} {
		values := parameters[name]
		if len(values) != 1 {
			return badRequest("query parameter %s is required, once", name)
		}
		if *place, err = strconv.Atoi(values[0]); err != nil {
			return badRequest("query parameter %s: %q is no number", name, values[0])
		}
	}
	if len(parameters) != 2 {
		return badRequest("unknown query parameter in %q", r.URL.RawQuery)
	}
	return nil
}

func readQueueFilter(raw json.RawMessage) (string, *refusal) {
	var kind, equals, field, value string
	var predicates []json.RawMessage
	if _, bad := object("filter", raw, members{"type": &kind, "predicates": &predicates}); bad != nil {
		return "", bad
	}
	if kind != "and" || len(predicates) != 1 {
		return "", badRequest("filter: an and of one predicate was expected")
	}
	if _, bad := object("filter predicate", predicates[0],
		members{"type": &equals, "field": &field, "value": &value}); bad != nil {
		return "", bad
	}
	if equals != "eq" || field != "queue.id" || value == "" {
		return "", badRequest("filter: queue.id eq a queue was expected, not %s %s %q", field, equals, value)
	}
	return value, nil
}

func readOrder(raw json.RawMessage) *refusal {
	var field, direction string
	if _, bad := object("order", raw, members{"field": &field, "direction": &direction}); bad != nil {
		return bad
	}
	if field != "startTime" || direction != "asc" {
		return badRequest("order: startTime asc was expected, not %s %s", field, direction)
	}
	return nil
}

// parseMillis reads a time in the one form that the tutorial writes: UTC, with
// milliseconds.
func parseMillis(name, value string) (time.Time, *refusal) {
	const form = "2006-01-02T15:04:05.000Z"
	t, err := time.Parse(form, value)
	if err != nil || t.Format(form) != value {
		return time.Time{}, invalidDate(name, value)
	}
	return t, nil
}

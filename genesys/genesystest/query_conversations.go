package genesystest

import (
	"encoding/json"
	"net/http"
	"strings"
)

// readConversations reads the published ConversationQuery. Members of the
// model that are not simulated are refused rather than passed over in silence.
func (q *query) readConversations(r *http.Request, body []byte) *refusal {
	if r.URL.RawQuery != "" {
		return badRequest("The operation takes no query parameters: %s", r.URL.RawQuery)
	}
	q.page, q.size = 1, 25 // the documented defaults
	var interval string
	order, orderBy := "asc", "conversationStart"
	var paging json.RawMessage
	var segments, conversations []json.RawMessage
	present, bad := object("body", body, members{
		"interval": &interval, "order": &order, "orderBy": &orderBy, "paging": &paging,
		"segmentFilters": &segments, "conversationFilters": &conversations,
	})
	if bad != nil {
		return bad
	}
	// The paging and the filter come first only to tell the journal as much as
	// can be told of a request that is refused.
	if present["paging"] {
		if bad := q.readPaging(paging); bad != nil {
			return bad
		}
	}
	if bad := q.readSegmentFilters(segments); bad != nil {
		return bad
	}
	if bad := q.readConversationFilters(conversations); bad != nil {
		return bad
	}
	switch {
	case order != "asc" && order != "desc" && order != "unordered":
		return invalidValue(order, "Order", "asc, desc, unordered")
	case order == "unordered" || orderBy != "conversationStart":
		if orderBy != "segmentStart" && orderBy != "segmentEnd" && orderBy != "conversationStart" && orderBy != "conversationEnd" {
			return invalidValue(orderBy, "OrderBy", "conversationStart, conversationEnd, segmentStart, segmentEnd")
		}
		return badRequest("order %s by %s is not simulated", order, orderBy)
	case !present["interval"]:
		return badRequest("You must specify a search interval as part of your query that does not exceed 31 days.")
	}
	q.descending = order == "desc"
	from, to, found := strings.Cut(interval, "/")
	if !found {
		return invalidDate("interval", interval)
	}
	if q.from, bad = parseTime("interval", from); bad != nil {
		return bad
	}
	q.to, bad = parseTime("interval", to)
	return bad
}

func (q *query) readPaging(raw json.RawMessage) *refusal {
	present, bad := object("paging", raw, members{"pageSize": &q.size, "pageNumber": &q.page})
	if bad == nil && (!present["pageSize"] || !present["pageNumber"]) {
		bad = badRequest("paging: pageSize and pageNumber are both required.")
	}
	return bad
}

// readSegmentFilters takes one filter of queues: any of several, or the one.
func (q *query) readSegmentFilters(filters []json.RawMessage) *refusal {
	if len(filters) > 1 {
		return badRequest("more than one segment filter is not simulated")
	}
	for _, raw := range filters {
		kind, predicates, bad := readFilter("segmentFilters", raw)
		if bad != nil {
			return bad
		}
		if kind == "and" && len(predicates) > 1 {
			return badRequest("segmentFilters: two predicates of one and are not simulated")
		}
		var queues []string
		for _, p := range predicates {
			if p.dimension != "queueId" || p.operator != "matches" || p.value == "" {
				return badRequest("segmentFilters: dimension %q %s %q is not simulated", p.dimension, p.operator, p.value)
			}
			queues = append(queues, p.value)
		}
		q.queue = strings.Join(queues, ",")
	}
	return nil
}

// readConversationFilters takes the documented way to leave out conversations
// under way: conversationEnd exists.
func (q *query) readConversationFilters(filters []json.RawMessage) *refusal {
	for _, raw := range filters {
		_, predicates, bad := readFilter("conversationFilters", raw)
		if bad != nil {
			return bad
		}
		if len(predicates) > 1 || predicates[0].dimension != "conversationEnd" || predicates[0].operator == "matches" {
			return badRequest("conversationFilters: only conversationEnd exists or notExists is simulated")
		}
		q.endedOnly = q.endedOnly || predicates[0].operator == "exists"
		q.liveOnly = q.liveOnly || predicates[0].operator == "notExists"
	}
	return nil
}

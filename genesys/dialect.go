package genesys

import (
	"encoding/json"
	"net/url"
	"strconv"

	"golang.org/x/oauth2"
)

// Dialect names a contract of the conversation-details query. Which one a
// server speaks is never guessed: it is a setting.
type Dialect string

const (
	// Conversations is the published API: what a live organisation answers.
	Conversations Dialect = "conversations"
	// Entities is the contract of the paging tutorial: pageNumber and pageSize
	// in the query string, entities and totalCount in the answer.
	Entities Dialect = "entities"
)

// LargestPage is the most records a page may hold: 100, or 250 for [Entities].
func (d Dialect) LargestPage() int { return d.contract().largestPage }

// contract is all that differs between the dialects.
type contract struct {
	records, total string // members of the answer: the array, the count
	id, start, end string // members of a record
	largestPage    int
	advice         advice // on a query that is refused
	endsAtTotal    bool   // a full page that reaches the total ends the walk
	credentials    oauth2.AuthStyle
	other          Dialect
	body           func(q Query, page int) any
	params         func(q Query, page int) url.Values // nil: no query string
}

func (d Dialect) contract() contract {
	if d == Entities {
		return contract{
			records: "entities", total: "totalCount",
			id: "id", start: "startTime", end: "endTime",
			largestPage: 250,
			advice:      queryAdvice("analytics:conversation:view"),
			endsAtTotal: true, // 1250 records at 250 a page are five requests, not six
			credentials: oauth2.AuthStyleInParams,
			other:       Conversations,
			body:        entitiesBody,
			params:      entitiesParams,
		}
	}
	return contract{
		records: "conversations", total: "totalHits",
		id: "conversationId", start: "conversationStart", end: "conversationEnd",
		largestPage: 100,
		advice:      queryAdvice("analytics:conversationDetail:view (or analytics:agentConversationDetail:view)"),
		credentials: oauth2.AuthStyleInHeader,
		other:       Entities,
		body:        conversationsBody,
	}
}

func queryAdvice(permission string) advice {
	return advice{
		forbidden:  "grant a role with the permission " + permission + " to the OAuth client, for the divisions of the queues",
		badRequest: "the API does not accept the query: check the queue's id and GENESYS_DIALECT",
		notFound:   "check GENESYS_API_URL and GENESYS_DIALECT",
	}
}

func conversationsBody(q Query, page int) any {
	type predicate struct {
		Type      string `json:"type"`
		Dimension string `json:"dimension"`
		Operator  string `json:"operator"`
		Value     string `json:"value"`
	}
	type filter struct {
		Type       string      `json:"type"`
		Predicates []predicate `json:"predicates"`
	}
	type paging struct {
		PageSize   int `json:"pageSize"`
		PageNumber int `json:"pageNumber"`
	}
	return struct {
		Interval       string   `json:"interval"`
		Order          string   `json:"order"`
		OrderBy        string   `json:"orderBy"`
		Paging         paging   `json:"paging"`
		SegmentFilters []filter `json:"segmentFilters"`
	}{
		Interval: timestamp(q.From) + "/" + timestamp(q.lastMoment()),
		Order:    "asc",
		OrderBy:  "conversationStart",
		Paging:   paging{q.PageSize, page},
		SegmentFilters: []filter{{"or", []predicate{
			{"dimension", "queueId", "matches", string(q.Queue)}}}},
	}
}

func entitiesBody(q Query, _ int) any {
	type object = map[string]any
	return object{
		"dateFrom": timestamp(q.From),
		"dateTo":   timestamp(q.lastMoment()),
		"viewId":   "default",
		"groupBy":  []string{"queueId"},
		"size":     q.PageSize,
		"filter": object{"type": "and", "predicates": []object{
			{"type": "eq", "field": "queue.id", "value": string(q.Queue)}}},
		"order": []object{{"field": "startTime", "direction": "asc"}},
	}
}

func entitiesParams(q Query, page int) url.Values {
	return url.Values{"pageNumber": {strconv.Itoa(page)}, "pageSize": {strconv.Itoa(q.PageSize)}}
}

// encode writes the request for one page: the body and the query string.
func (d Dialect) encode(q Query, page int) (body []byte, params string, err error) {
	c := d.contract()
	if c.params != nil {
		params = c.params(q, page).Encode()
	}
	body, err = json.Marshal(c.body(q, page))
	return body, params, err
}

package genesys

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

const (
	queuesPath = "api/v2/routing/queues"
	// queuesAtOnce is how many queues a request names, and its page size. A hundred ids make
	// a URL of 4 KB; gateways begin to refuse at 8. The vendor's largest page is documented
	// nowhere, and its own Terraform provider asks for 500.
	queuesAtOnce = 100
	// strangersAgain is how often an answer that is not the API's own is asked for again.
	strangersAgain = 5
)

func lookupAdvice() advice {
	return advice{
		forbidden: "whether the client sees the queues cannot be told: that takes a role with the permission routing:queue:view. " +
			"Walking them does not",
		badRequest: "whether the client sees the queues cannot be told: the API does not accept their ids",
		notFound:   "whether the client sees the queues cannot be told: the server does not have this call. Walking them does not take it",
		optional:   true,
	}
}

// Queues looks queues up, in as few requests as can be, and returns the names of those that
// the client sees, by the ids that were given; a name may be empty. One that is not among
// them does not exist, is deleted, or is of a division that the client's role does not reach.
//
// An error means that nobody can tell: an [*Error] of [Forbidden] that the client lacks the
// permission routing:queue:view, one of [Rejected] that the server does not have the call.
// The walk takes neither. What can pass is waited for as long as the context lives; but
// of that, only what closes the budget is told to [Config.Observe], because no walk waits
// for a lookup.
//
// It is the published operation GET /api/v2/routing/queues, in either dialect: the
// parameters id (any number of times), pageNumber and pageSize, and the members entities
// (with id and name), pageNumber, pageCount, nextUri and total, as the models and the
// documents of the vendor's SDKs have them in May 2026. A server that does not filter by id is
// found out by what it answers, and read to the end.
func (c *Client) Queues(ctx context.Context, ids []QueueID) (map[QueueID]string, error) {
	seen := sightings{names: map[QueueID]string{}, asked: map[string][]QueueID{}}
	for _, id := range ids {
		key := strings.ToLower(string(id)) // the API writes its ids in lower case
		seen.asked[key] = append(seen.asked[key], id)
	}
	for chunk := range slices.Chunk(slices.Compact(slices.Sorted(slices.Values(ids))), queuesAtOnce) {
		whole, err := c.findQueues(ctx, chunk, &seen)
		if err != nil {
			return nil, fmt.Errorf("looking up queues: %w", err)
		}
		if whole {
			break
		}
		if err := c.findAlone(ctx, chunk, &seen); err != nil {
			return nil, fmt.Errorf("looking up queues: %w", err)
		}
	}
	return seen.names, nil
}

// findAlone asks once more for those of a chunk that were not found, one at a time, as long
// as it finds them so: no document says that a server takes an id that is repeated for
// several, and a queue that is seen must not be told of as one that is not.
func (c *Client) findAlone(ctx context.Context, chunk []QueueID, seen *sightings) error {
	if len(chunk) == 1 {
		return nil // it was asked for alone
	}
	for _, id := range chunk {
		if seen.all([]QueueID{id}) {
			continue
		}
		if _, err := c.findQueues(ctx, []QueueID{id}, seen); err != nil {
			return err
		}
		if !seen.all([]QueueID{id}) {
			return nil
		}
	}
	return nil
}

// findQueues reads the pages of a lookup until all of its queues are found, or the pages
// end. It reports whether it has seen all queues that there are, whatever was asked for.
func (c *Client) findQueues(ctx context.Context, chunk []QueueID, seen *sightings) (whole bool, err error) {
	known := map[string]bool{} // of those pages
	for number := 1; !seen.all(chunk); number++ {
		page, err := c.queues(ctx, chunk, number)
		if err != nil {
			return false, fmt.Errorf("page %d: %w", number, err)
		}
		news := false
		for _, q := range *page.Entities {
			key := strings.ToLower(q.ID)
			news = news || !known[key]
			known[key] = true
			seen.note(key, q.Name)
			whole = whole || !slices.ContainsFunc(chunk, func(id QueueID) bool { return strings.EqualFold(string(id), q.ID) })
		}
		// A server that says that there is more, and brings nothing new, would say so for ever.
		if !news || !page.more(number) {
			return whole, nil
		}
	}
	return false, nil
}

// sightings are the queues that were looked up, and those of them that were found.
type sightings struct {
	asked map[string][]QueueID // by id in lower case: as they were asked for
	names map[QueueID]string
}

func (s *sightings) all(ids []QueueID) bool {
	return !slices.ContainsFunc(ids, func(id QueueID) bool { _, ok := s.names[id]; return !ok })
}

// note takes note of a queue, which may be one that nobody has asked for.
func (s *sightings) note(key, name string) {
	for _, id := range s.asked[key] {
		s.names[id] = clip(name)
	}
}

// queueListing is a page of the published model QueueEntityListing. All of its members are
// optional.
type queueListing struct {
	Entities  *[]queueEntity `json:"entities"`
	PageCount *int           `json:"pageCount"`
	Total     *int           `json:"total"`
	NextURI   string         `json:"nextUri"`
}

type queueEntity struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// more reports whether pages follow. Where the answer does not say, the one after the last
// is empty.
func (l *queueListing) more(number int) bool {
	if l.NextURI == "" && l.PageCount != nil {
		return number < *l.PageCount
	}
	return true
}

// queues asks for one page of the lookup until there is an answer.
func (c *Client) queues(ctx context.Context, ids []QueueID, number int) (page queueListing, err error) {
	strangers := 0
	err = c.until(ctx, CallQueues, func(again bool) error {
		page, err = c.askQueues(ctx, ids, number, again)
		e, ok := errors.AsType[*Error](err)
		if ok && e.Kind == Passing && e.Status/100 == 4 && e.Status != http.StatusRequestTimeout {
			// A gateway that lets only the query through says so in its own words, for ever.
			if strangers++; strangers > strangersAgain {
				e.Kind, e.Advice = Rejected, lookupAdvice().notFound+". Or "+e.Advice
			}
		}
		return err
	})
	return page, err
}

// askQueues sends the request for one page of the lookup, once, and judges the answer.
func (c *Client) askQueues(ctx context.Context, ids []QueueID, number int, again bool) (page queueListing, err error) {
	token, ctx, err := c.turn(ctx, CallQueues, again)
	if err != nil {
		return page, err
	}
	defer func() { judged(ctx, err) }()
	params := url.Values{"pageNumber": {strconv.Itoa(number)}, "pageSize": {strconv.Itoa(queuesAtOnce)}}
	for _, id := range ids {
		params.Add("id", string(id))
	}
	req, err := c.call(ctx, http.MethodGet, queuesPath, params.Encode(), nil, token)
	if err != nil {
		return page, err
	}
	op := "GET " + c.api.JoinPath(queuesPath).Redacted() // without the ids, which are many
	resp, err := c.send(req, op, token, lookupAdvice())
	if err != nil {
		return page, err
	}
	defer resp.Body.Close()
	var body bytes.Buffer
	if err := c.read(&body, resp, op, "raise GENESYS_MAX_RESPONSE_BYTES"); err != nil {
		return page, err
	}
	// Without the array, and without the word that there are none, nothing is said of queues.
	if json.Unmarshal(body.Bytes(), &page) != nil || page.Entities == nil && (page.Total == nil || *page.Total != 0) {
		return page, unreadable(op, resp, c.contract, errors.New("the answer is not a list of queues"))
	}
	if page.Entities == nil {
		page.Entities = new([]queueEntity)
	}
	return page, nil
}

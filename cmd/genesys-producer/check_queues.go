package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"genesys-producer/genesys"
	"genesys-producer/producer"
	"genesys-producer/producer/status/words"
)

// mostAsked is of how many queues a day's conversations are asked for: each takes a request
// out of the allowance.
const mostAsked = 20

// askedFor bounds how long that takes, where the allowance is small.
const askedFor = 20 * time.Second

// queues looks the queues up and asks how many conversations they have had. A query for a
// queue that the client cannot see is no error: it matches nothing.
func (a *apiCheck) queues(ctx context.Context) {
	ids := queueIDs(a.Queues)
	var names map[genesys.QueueID]string
	lookup := a.ask(ctx, func(ctx context.Context) (err error) {
		names, err = a.client.Queues(ctx, ids)
		return err
	})
	seen := func(id genesys.QueueID) bool { _, ok := names[id]; return ok }
	if lookup == nil { // those in doubt first
		slices.SortStableFunc(ids, func(x, y genesys.QueueID) int { return rank(seen(x)) - rank(seen(y)) })
	}
	total := 0
	ask := func(ctx context.Context, id genesys.QueueID) error {
		return a.ask(ctx, func(ctx context.Context) error { return a.count(ctx, id, &total) })
	}
	err := ask(ctx, ids[0])
	if producer.Parks(err) && len(ids) > 1 { // is it that queue's, or any query's? Another one tells
		ids[0], ids[1] = ids[1], ids[0]
		err = ask(ctx, ids[0])
	}
	if err != nil {
		what, fix := a.problem(err)
		a.add("query", "", failing(err), fmt.Sprintf("conversations of queue %s cannot be asked for: %s", ids[0], what), fix)
	} else {
		a.add("query", "", fine, "conversations can be asked for ("+a.Dialect+" of "+a.client.Host()+")", "")
	}
	if lookup != nil {
		what, fix := a.problem(lookup)
		if e, ok := errors.AsType[*genesys.Error](lookup); ok && e.Kind == genesys.Forbidden {
			fix = "grant a role with the permission routing:queue:view to the OAuth client"
		}
		a.add("queue", "", unsure, "nobody can tell whether the client sees the queues, and one that it does not see matches nothing: "+what, fix)
	}
	if err != nil {
		a.unasked(ids, lookup == nil, seen, "the first query was not answered")
		return
	}
	a.queue(ids[0], names[ids[0]], lookup == nil, seen(ids[0]), total)
	left, enough := context.WithTimeout(ctx, askedFor)
	defer enough()
	rest := ids[1:]
	for i, id := range rest {
		if 1+i >= mostAsked {
			a.unasked(rest[i:], lookup == nil, seen, "that takes a request each")
			return
		}
		switch err := ask(left, id); {
		case err != nil && (left.Err() != nil || failing(err) == unsure):
			a.unasked(rest[i:], lookup == nil, seen, "that takes a request each, and there was no time for more")
			return
		case err != nil: // as a rule it is of this queue: the service parks it, and walks the others
			what, fix := a.problem(err)
			a.add("queue", string(id), fails, "its conversations cannot be asked for: "+what, fix)
		default:
			a.queue(id, names[id], lookup == nil, seen(id), total)
		}
	}
}

func rank(seen bool) int {
	if seen {
		return 1
	}
	return 0
}

// queue tells of a queue that was asked for.
func (a *apiCheck) queue(id genesys.QueueID, name string, looked, seen bool, total int) {
	text := fmt.Sprintf("%s in the last 24 h", words.Several(total, "conversation", "conversations"))
	if total == 0 {
		text = "no conversation in the last 24 h"
	}
	switch {
	case seen:
		text = fmt.Sprintf("%q is seen by the client: %s", name, text)
	case looked:
		text = "not seen by the client: " + text
	}
	switch {
	case looked && !seen && total == 0:
		a.add("queue", string(id), warns, text+". It does not exist, was deleted, or is of a division that a role of the client does not reach: the service runs, and may find nothing of it", correctQueue)
	case looked && !seen:
		a.add("queue", string(id), warns, text+". It was deleted, or the role with routing:queue:view does not reach its division", "nothing, if it was deleted; else "+correctQueue)
	case total == 0:
		a.add("queue", string(id), warns, text, "see whether it has any: one that is idle is fine, and so looks one with a wrong id")
	default:
		a.add("queue", string(id), fine, text, "")
	}
}

const correctQueue = "correct the id in GENESYS_QUEUES, or add the queue's division to the client's role"

// unasked tells of queues whose conversations were not asked for, and why.
func (a *apiCheck) unasked(ids []genesys.QueueID, looked bool, seen func(genesys.QueueID) bool, why string) {
	text := fmt.Sprintf("%s: conversations of the last 24 h were not asked for (%s)", words.Several(len(ids), "queue", "queues"), why)
	var unseen []string
	for _, id := range ids {
		if !seen(id) {
			unseen = append(unseen, string(id))
		}
	}
	switch {
	case !looked:
		a.add("queue", "", unsure, text, "")
	case len(unseen) > 0:
		a.add("queue", "", warns, fmt.Sprintf("%s not seen by the client: %s. They do not exist, were deleted, or are of a division that a role of the client does not reach: the service runs, and may find nothing of them. Of %s",
			words.Several(len(unseen), "queue", "queues"), words.Some(unseen, mostNamed), text), correctQueue)
	default:
		a.add("queue", "", fine, "seen by the client: "+text, "")
	}
}

// count asks how many conversations a queue has had in 24 hours, for the first of them.
func (a *apiCheck) count(ctx context.Context, id genesys.QueueID, total *int) error {
	of, records, err := lastDay(ctx, a.config, a.client, id)
	if err == nil {
		*total = max(of, records)
	}
	return err
}

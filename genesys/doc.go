// Package genesys reads conversation details from Genesys Cloud: it asks the
// pages of a query, one after the other, and hands them on as they came.
//
// # Words
//
// A [Query] is all that gives a page number its meaning: dialect, API host,
// queue, interval, order and page size. A walk reads its pages in order; a
// [Page] holds the [Record] values of one answer, each a slice of the bytes
// that the API sent. A [Cursor] says how far a walk has come.
//
// # Guarantees
//
//   - [Client.Pages] yields the pages of one query in order, none twice, and
//     ends by the rules of the API's contract (see [Page.Last]). It never takes
//     a failure for an end.
//   - The bytes of a record are never re-encoded (invariant 4 of package
//     producer).
//   - No record of a page is left out. One without a usable id, and what is no
//     object in a record's place, comes with a [Record.Defect] instead of an id.
//   - All walks of a Client share one request budget and one access token. A
//     Retry-After closes the budget for all of them.
//   - What can pass is waited for as long as the context lives; what cannot
//     pass is returned as an [*Error] that says whom it concerns and what to do.
//
// # Rooms
//
// pages.go is the walk, and page.go where it ends; query.go is what is asked, and
// dialect.go all that differs between the two contracts; queues.go is the queue lookup;
// client.go builds, sends and reads one request; split.go and record.go cut an answer into
// records; errors.go alone judges an answer, and unanswered.go the lack of one; retry.go
// alone says what is asked again, and incidents.go what is told of it; budget.go, token.go, memory.go,
// clock.go and transport.go are what all walks share; exchange.go measures requests, and
// state.go says how the client stands.
//
// The package does not log: [Config.Observe] is told when waiting begins and
// when it is over, and the same of clocks that disagree; [Config.Measure] of every
// request; and [Client.State] says how things stand. A Client is safe for
// concurrent use.
package genesys

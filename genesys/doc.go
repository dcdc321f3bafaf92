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
//   - All walks of a Client share one request budget and one access token. A
//     Retry-After closes the budget for all of them.
//   - What can pass is waited for as long as the context lives; what cannot
//     pass is returned as an [*Error] that says whom it concerns and what to do.
//
// # Rooms
//
// client.go builds, sends and reads one request; errors.go alone judges an
// answer; retry.go alone says what is asked again; budget.go and token.go are
// what all walks share; dialect.go holds all that differs between the two
// contracts; split.go cuts an answer into records; pages.go is the walk.
//
// The package does not log: [Config.Observe] is told when waiting begins and
// when it is over. A Client is safe for concurrent use.
package genesys

// Package genesystest simulates the part of Genesys Cloud that answers the
// analytics conversation details query, and of its queue lookup, so that a program
// which reads it can be tested without an organisation: healthy, under load, and broken in every
// way that the service is known to break.
//
// It is written from the published models and from recorded answers, not from
// any one client, and it is strict: a request that the contract does not allow
// is refused with the error body that the service would send. Where the
// vendor's documents are silent the doc comment of the setting says so.
//
// # Words
//
// A conversation is one record of the query's answer. A query asks for the
// conversations of one interval and of some queues, page by page. A dialect is
// the form of query and answer on the wire: see [Dialect]. A fault is an
// answer other than a healthy server's: see [Fault]. A conversation's life is what
// befalls it that readers find hard: see [Life]. Drift is what makes rows slide
// between pages: see [Simulator.Drift].
//
// # What it promises
//
//  1. Equal [Config] values make equal conversations, byte for byte, in any
//     process: all chance comes from Config.Seed.
//  2. What a query finds depends on Config.Now alone: a conversation comes into
//     being, moves to its second queue and ends at its own times. While it is
//     under way it has no end, and its open segments have none. What a test and
//     drift do to conversations is done at once.
//  3. [Simulator.Conversations] tells the truth against which a reader can be
//     measured: what the query finds at this moment, in the order of the API, and
//     [Simulator.Changed] since when each record is what it is. The truth knows
//     nothing of faults, of the move Hide, of totals and of the order of members.
//  4. Every wait goes by a timer and the request's context, so that with [Pipe]
//     a whole test can run in the fake time of testing/synctest.
//
// A record is composed anew from its seed whenever it is asked for; only some
// hundred bytes of each conversation are kept, so 100,000 of them are no burden.
//
// # Selection
//
// A query finds a conversation when it started on a UTC day that the half-open
// interval touches, and it started, ended or was active within the interval.
// Intervals shorter than a day therefore overlap in what they find, and what
// started on an earlier day is not found at all. Conversations are active from
// start to end without a gap, but for the time between the end and the going on
// of one that reopens.
package genesystest

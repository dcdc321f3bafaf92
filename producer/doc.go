// Package producer is the policy of genesys-producer: it cuts time into windows,
// walks the pages of each queue's windows, commits every page to Kafka, and goes
// on where it stopped.
//
// # Words
//
//   - A window is a half-open interval of time, walked for one queue. It ends at
//     least a settle time before now and never crosses midnight UTC.
//   - A walk reads the pages of one window in order. A pass is one walk of a
//     window; the first is pass 0. Starting over, second looks and revisits are later
//     passes. A look is a pass that came to its end.
//   - A page is completed once every record in it is acknowledged by all in-sync
//     replicas. A position says how far a queue has come: the whole query, the
//     pass and the last completed page. To checkpoint is to store one.
//   - A version of a conversation is its bytes as one request read them.
//   - A ledger knows which version of each conversation was published last for a queue,
//     for those that started on one UTC day. A sheet is a page held against it.
//   - A verdict says whether a window's walks may have missed a record. An attestation
//     tells it, and what was found, to who reads the topic of windows.
//   - A revisit walks a start day again, for what has changed late; it is a lane of its
//     own, with its own position. An agenda lists what is to be visited.
//   - A parked queue is one whose walk cannot go on. The others do; its position
//     is kept.
//
// # Invariants
//
// The code that upholds one names its number, and so do the tests.
//
//  1. A page is completed only once Kafka has acknowledged every record in it.
//  2. Positions of a lane only grow, by (turn, window, pass, page), and never pass a page
//     that is not completed. What a ledger has was acknowledged. A failed checkpoint stops progress: storing is tried again,
//     publishing is not.
//  3. A position is resumed under the query that it holds. A changed page size or
//     window length takes effect at the next window. Another API host, dialect,
//     Kafka cluster or topic is refused, never reinterpreted.
//  4. A record's bytes reach Kafka as they came.
//  5. A checkpoint is the old one or the new one. An unreadable one stops the
//     service; it never means "start over".
//  6. Stopping at any instant loses nothing. Delivered at least once, it repeats at
//     most the page in hand of each queue; exactly once, it repeats no page to who
//     reads what is committed.
//  7. Within one process a version of a conversation is never published after one
//     that was read later, whatever the queue, window, page or pass. Delivery at
//     least once excepts a produce request that a broker applies after it was given
//     up.
//  8. No record is dropped. What cannot be published goes to the dead-letter topic,
//     with its reason. Where that fails too, the walk stops.
//
// # The seam
//
// [Committer] carries the guarantee: it returns only when a page and the position
// that follows it are both durable. [AtLeastOnce] publishes, waits for every
// acknowledgement, and then stores. [ExactlyOnce] writes both in one transaction. The
// walk does not know which committer it has.
//
// # Rooms
//
// window.go is how time is cut; walk.go the walk of one pass of a window, cut.go how one
// that holds too much is made shorter, close.go how one is closed or walked again; sheet.go
// what of a page is new, by ledgers.go; verdict.go whether a window is done, attestation.go
// how that is told; revisit.go when days are walked again, agenda.go which. service.go is
// what the service is made of, and its start; schedule.go how queues walk beside each other,
// and the stop; next.go which of them is next; resume.go whether a position may be gone on
// with; progress.go how far it is. commit.go is what both committers share, atleastonce.go
// and exactlyonce.go are they; latest.go is invariant 7, deadletter.go invariant 8;
// message.go what Kafka gets; incident.go how what holds everybody up is told once.
//
// The rooms below hold the Kafka clients: publish writes with kafka-go, transact with
// franz-go, in transactions, and keeps positions in a topic; broker is what both have
// in common.
package producer

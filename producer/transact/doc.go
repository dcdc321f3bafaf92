// Package transact is what is asked of Kafka through franz-go: that the topics are
// there, positions kept in a topic, and pages committed together with them in
// transactions.
//
// # Guarantee
//
// A [Store] keeps what [checkpoint.Store] promises, in a compacted topic with one
// partition. Each position is written in a transaction of a transactional id that is
// made of its topic, checkpoint name, queue and lane; [Store.Commit] writes a page's
// messages in the same one. The invariants of package producer that this upholds, by
// their numbers there:
//
//  2. Positions only grow, and one writer has a key: Take fences whoever had it. The one
//     that was fenced fails with [checkpoint.ErrFenced] and writes no more.
//  5. A record that cannot be read is an error. A record that is not visible yet is never
//     taken for none: Take first ends what transaction is open, and then reads to the
//     end of the partition.
//  6. Killed at any instant, a process leaves a page with its position, or nothing of it,
//     to who reads what is committed.
//
// An outcome that is not known (the answer to a commit is lost) is not guessed: the
// transaction is ended by opening the key anew, and the position is read back.
//
// Brokers say that a writer was fenced also where they have aborted a transaction that
// took too long. So who takes a key claims it, by writing its position again under the
// name of its instance: a writer is fenced by who has claimed the key since, and goes on
// where nobody has.
//
// # Records
//
// The key is name/queue/lane, the value what [checkpoint.Encode] writes; a header names
// the instance that wrote it. A record without a value deletes the position. Records of
// other names are passed over.
//
// # Rooms
//
// topics.go makes sure of the topics; store.go is the store, entries.go what it knows,
// tail.go how that is read; session.go is who may write a key, claim.go how two tell who
// has it; commit.go the transaction, sizes.go what of it is sent at once; deadletters.go
// reads the dead-letter topic.
package transact

// Package transact is what is asked of Kafka through franz-go: that the topics are
// there, positions and ledgers kept in topics, pages committed together with them in
// transactions, and topics read.
//
// # Guarantee
//
// A [Store] keeps what [checkpoint.Store] promises, in a compacted topic with one
// partition. Each position is written in a transaction of a transactional id that is
// made of its topic, checkpoint name, queue and lane. What the ledgers have of a page is
// written in the same one, and so are the messages of a page that [Store.Commit] commits.
// The invariants of package producer that this upholds, by their numbers there:
//
//  2. Positions only grow, and one writer has a key: Take fences whoever had it. The one
//     that was fenced fails with [checkpoint.ErrFenced] and writes no more.
//  5. A record that cannot be read is an error. A record that is not visible yet is never
//     taken for none: Take first ends what transaction is open, and then reads to the
//     end of the partition.
//  6. Killed at any instant, a process leaves a page with its position and what the ledgers
//     have of it, or nothing of it, to who reads what is committed.
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
// The key of a position is name/queue/lane, the value what [checkpoint.Encode] writes; a
// header names the instance that wrote it. A record without a value deletes the position.
// One that was rewound is kept as name/queue/lane/former/time, and never read.
//
// Ledgers have a topic of their own, compacted, with any number of partitions. The key is
// name/queue/day/offset, the offset being that in the ledger's text, of twelve digits, and
// the value what the text has from there on. A chunk that is larger than brokers let pass is
// several records. One that begins before the end of the text deletes the records behind its
// beginning, in the same transaction; of the record within which it begins, only what is
// before it counts. So the text is the records in the order of their offsets in it, each up
// to where the next begins, as far as they follow each other. A ledger's records are in the
// partition of name/queue/day by murmur2; where the topic was given more partitions, older
// ones stay where they are.
//
// Records of other names are passed over.
//
// # Rooms
//
// kinds.go says what topics there are, topics.go makes sure of them, and ends.go asks where
// one ends; store.go is the store, entries.go what it knows of positions, tail.go and fetch.go
// how that is read; session.go is who may write a key, claim.go how two tell who has it;
// commit.go the transaction, writing.go what is in it, sizes.go what of it is sent at once.
// Of ledgers, chunks.go is what a chunk changes, index.go what is known of where they lie,
// ledgers.go how that is kept current, and pick.go how one is loaded; rewind.go deletes them.
// deadletters.go reads the dead-letter topic, and read.go any topic. inspect.go is how things
// are with brokers, for a person who asks before the service does.
package transact

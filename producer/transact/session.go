package transact

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"genesys-producer/checkpoint"
)

// transactionTimeout is how long a transaction may take before brokers abort it. A
// process that was killed in the middle of one holds up who reads what is committed for
// so long, and up to ten seconds more, which is how often brokers look; or until it is
// started again and walks that queue.
const transactionTimeout = 15 * time.Second

// session writes the positions of one key, by a transactional id that is made of the key
// alone: who opens one fences whoever had it before, and claims the key by writing its
// position again, under the name of its instance. Its client lives from Take to Release;
// what is known of its producer id outlives it, to tell whether another process took the
// key meanwhile.
type session struct {
	store  *Store
	key    checkpoint.Key
	turn   chan struct{} // holds one value while the session is used
	client *kgo.Client   // nil: to be opened

	id      int64    // producer id, as it was last; -1: none yet
	epoch   int16    // of id
	read    int64    // offset of the key's record when the session was last opened; -1: there was none
	open    bool     // a transaction has begun whose end is not known
	doubt   []byte   // the position whose commit was asked for and not answered
	room    int      // bytes of messages that are sent at once, as larger batches were refused; 0: all
	trouble *trouble // of client
}

// never is a session's read before it was opened.
const never = -2

// session returns the one of a key.
func (s *Store) session(key checkpoint.Key) *session {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sessions[key] == nil {
		s.sessions[key] = &session{store: s, key: key, turn: make(chan struct{}, 1), id: -1, read: never}
	}
	return s.sessions[key]
}

// lock waits until nobody else uses the session. Its result ends the use.
func (s *session) lock() (unlock func()) {
	s.turn <- struct{}{}
	return func() { <-s.turn }
}

// ready opens the session, unless it is open: when it returns nil, nobody who had the
// key before can write any more, and all that they have written is known.
func (s *session) ready(ctx context.Context) (err error) {
	if s.client != nil {
		return nil
	}
	if s.client, err = s.connect(); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	if s.read != never {
		if err := s.still(ctx); err != nil {
			return err
		}
	}
	// This ends the transaction that may be open, and waits until its end is written.
	if err := s.renew(ctx); err != nil {
		return err
	}
	s.open = false
	if _, err := s.store.readOn(ctx); err != nil {
		return err
	}
	if err := s.own(); err != nil {
		return err
	}
	if s.read == never || s.store.entry(s.key).instance != s.store.instance {
		s.store.ledgers.stale() // who had the key before has perhaps written those of its queue
	}
	return s.claim(ctx)
}

// take opens the session anew: another store may have taken the key from an open one.
func (s *session) take(ctx context.Context) error {
	s.close()
	return s.store.config.Ladder.Until(ctx, attemptTimeout, s.ready)
}

// persist attempts something until it is done. What was given up leaves no transaction
// open.
func (s *session) persist(ctx context.Context, attempt func(context.Context) error) error {
	err := s.store.config.Ladder.Until(ctx, attemptTimeout, attempt)
	if err != nil {
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), abortTimeout)
		defer cancel()
		s.abort(last)
	}
	return err
}

// renew takes note of the producer id, which is asked for where there is none.
func (s *session) renew(ctx context.Context) error {
	id, epoch, err := s.client.ProducerID(ctx)
	if err != nil {
		return fmt.Errorf("transactional id %s: %w", s.transactionalID(), err)
	}
	s.id, s.epoch = id, epoch
	return nil
}

// recordRetries have a record wait two seconds for its leader, and for the end of the last
// transaction: until that is written, brokers put off the records of the next (KIP-890),
// and franz-go (1.22) counts this as a failure. Slow brokers take a second.
const recordRetries = 20

// connect makes the client, which does not connect yet.
func (s *session) connect() (*kgo.Client, error) {
	c := s.store.config
	s.trouble = new(trouble)
	return c.client(
		kgo.WithHooks(s.trouble),
		kgo.TransactionalID(s.transactionalID()), kgo.TransactionTimeout(transactionTimeout),
		kgo.RecordPartitioner(partitioner{c.LedgerTopic}),
		kgo.ProducerBatchCompression(codec(c.Compression)),
		kgo.ProducerBatchMaxBytesFn(func(topic string) int32 {
			if topic == c.Topic || topic == c.LedgerTopic {
				return 1 << 20
			}
			return int32(c.MaxMessageBytes)
		}),
		kgo.ManualFlushing(), kgo.MaxBufferedRecords(1<<20), // a page is sent as a whole
		kgo.RecordRetries(recordRetries), kgo.UnknownTopicRetries(1), kgo.ProduceRequestTimeout(attemptTimeout),
	)
}

// codec is a compression as franz-go names it.
func codec(name string) kgo.CompressionCodec {
	switch name {
	case "gzip":
		return kgo.GzipCompression()
	case "snappy":
		return kgo.SnappyCompression()
	case "lz4":
		return kgo.Lz4Compression()
	case "zstd":
		return kgo.ZstdCompression()
	}
	return kgo.NoCompression()
}

// transactionalID differs by all that a position is stored under, and by nothing else:
// an id that changes between two lives of a process fences nobody.
func (s *session) transactionalID() string {
	var id strings.Builder
	id.WriteString(idsOf(s.store.config.Topic, s.store.config.Name))
	for _, b := range []byte(s.key.Queue) { // any text; an id had better be a word
		if b == '-' || '0' <= b && b <= '9' || 'a' <= b && b <= 'z' {
			id.WriteByte(b)
		} else {
			fmt.Fprintf(&id, "%%%02x", b)
		}
	}
	fmt.Fprintf(&id, ".%s", s.key.Lane)
	return id.String()
}

// idsOf is how the transactional ids of a checkpoint topic and name begin.
func idsOf(topic, name string) string { return fmt.Sprintf("genesys-producer.%s.%s.", topic, name) }

// settled reports whether the position whose commit was in doubt is the stored one. The
// session is ready.
func (s *session) settled(text []byte) bool {
	doubted := s.doubt != nil && bytes.Equal(s.doubt, text)
	s.doubt = nil
	return doubted && bytes.Equal(s.store.entry(s.key).text, text)
}

// abort ends the transaction that may be open, so that who reads what is committed is not
// held up: opening the key anew does. Where that fails, brokers end it in time.
func (s *session) abort(ctx context.Context) {
	s.close()
	if s.open {
		_ = s.ready(ctx)
	}
}

func (s *session) close() {
	if s.client != nil {
		s.client.Close()
		s.client = nil
	}
}

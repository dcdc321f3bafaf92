// Package publish writes messages to Kafka with kafka-go, one request at a time
// per partition, and waits for every acknowledgement.
//
// It uses kafka-go's Client and not its Writer: a produce request that returns is
// over, its error is the only answer, and nothing is delivered behind the caller's
// back. What that leaves to do is here: batches by size (batch.go), what is sent again
// (attempt.go), the login by the mechanism that both clients have (login.go).
package publish

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/twmb/franz-go/pkg/kerr"

	"genesys-producer/producer"
	"genesys-producer/producer/broker"
)

// Config is what a [Publisher] is made of. All fields are required but the last.
type Config struct {
	Brokers         []string // host:port of some brokers
	Topics          []string // those that messages go to
	Compression     string   // none, gzip, snappy, lz4 or zstd
	MaxMessageBytes int      // the most that a request carries, before compression, unless one message is larger
	ClientID        string   // what the brokers log
	Access          *broker.Access
	Ladder          *broker.Ladder
	Log             *slog.Logger
	// Remembered is how long it is trusted what leads what; 0: kafka-go's own 6 s. It asks
	// again for as long as it lives, which days that pass in a second had better not.
	Remembered time.Duration
}

const (
	// requestTimeout bounds one attempt, connecting included.
	requestTimeout = 30 * time.Second
	// connectingTimeout bounds what kafka-go does until a connection is of use: it dials
	// one broker after another until it reaches one, and logs in there, which may take a
	// new token. Access bounds each of these by 10 s; kafka-go's own 5 s for all of them
	// would leave no time for a second broker, or a slow token. An attempt has time left
	// to say what failed.
	connectingTimeout = requestTimeout - 5*time.Second
)

// Publisher implements [producer.Publisher]. It is safe for concurrent use, but
// only calls that follow one another keep the order of a key.
type Publisher struct {
	topics      []string
	compression kafka.Compression
	maxBytes    int
	client      *kafka.Client
	transport   *kafka.Transport
	access      *broker.Access
	ladder      *broker.Ladder
	log         *slog.Logger
	ends        broker.Ends
}

// New makes a publisher. It does not connect yet.
func New(c Config) (*Publisher, error) {
	var compression kafka.Compression
	if c.Compression != "none" {
		if err := compression.UnmarshalText([]byte(c.Compression)); err != nil {
			return nil, err
		}
	}
	transport := &kafka.Transport{
		Dial: c.Access.Dial, DialTimeout: connectingTimeout, SASL: login(c.Access), ClientID: c.ClientID,
		MetadataTTL:    c.Remembered,
		MetadataTopics: c.Topics, // else the metadata of every topic is polled
	}
	return &Publisher{
		topics: c.Topics, compression: compression, maxBytes: c.MaxMessageBytes,
		client: &kafka.Client{
			Addr: kafka.TCP(c.Brokers...), Transport: transport,
			// Half of it is what brokers are given to replicate. Without it that is
			// 0.5 s, and a slow replica has every page written again and again.
			Timeout: requestTimeout,
		},
		transport: transport, access: c.Access, ladder: c.Ladder, log: c.Log,
	}, nil
}

// Close closes the connections. It must not run beside another call.
func (p *Publisher) Close() { p.transport.CloseIdleConnections() }

// Publish implements [producer.Publisher].
func (p *Publisher) Publish(ctx context.Context, messages []*producer.Message) (refused []*producer.Message, err error) {
	records := make([]record, len(messages))
	for i, m := range messages {
		records[i] = encode(m)
	}
	send := func(ctx context.Context) error {
		rest, tooLarge, err := p.attempt(ctx, records)
		records = rest
		for _, r := range tooLarge {
			refused = append(refused, r.message)
		}
		if err != nil {
			// kafka-go does not ask for new metadata when a leader has moved or a broker
			// was not there: new connections do.
			p.transport.CloseIdleConnections()
		}
		return named(err)
	}
	err = p.ladder.Until(ctx, requestTimeout, func(ctx context.Context) error {
		err := send(ctx)
		if _, told := errors.AsType[kafka.Error](err); err != nil && !told && p.access.Mechanism() != nil {
			// kafka-go does not log in again before a session is over, and brokers cut the
			// connection off then. That is no outage. Where the time for it runs out, the
			// first error says more.
			if again := send(ctx); !errors.Is(again, context.DeadlineExceeded) {
				err = again
			}
		}
		return err
	})
	return refused, err
}

// named gives an error of kafka-go the code that both clients' errors are told by.
func named(err error) error {
	code, ok := errors.AsType[kafka.Error](err)
	if !ok {
		return err
	}
	return &coded{err, kerr.ErrorForCode(int16(code))}
}

type coded struct{ err, code error }

func (c *coded) Error() string   { return c.err.Error() }
func (c *coded) Unwrap() []error { return []error{c.err, c.code} }

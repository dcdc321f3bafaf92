package transact

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"genesys-producer/producer/broker"
)

// Config is what the clients of this room share. All fields are required.
type Config struct {
	Brokers  []string // host:port of some brokers
	ClientID string   // what the brokers log
	Access   *broker.Access
	Ladder   *broker.Ladder
	Log      *slog.Logger
}

// attemptTimeout bounds one attempt, connecting included. It is shorter than a
// transaction may take: one that was given up is not yet over.
const attemptTimeout = 10 * time.Second

// abortTimeout bounds the last thing that is done for a commit that was given up.
const abortTimeout = 2 * time.Second

// client makes a client, which does not connect yet. It tries little again by itself:
// that is the ladder's affair, which tells why.
func (c Config) client(options ...kgo.Opt) (*kgo.Client, error) {
	options = append(options,
		kgo.SeedBrokers(c.Brokers...), kgo.ClientID(c.ClientID), kgo.SoftwareNameAndVersion("genesys-producer", "unknown"),
		kgo.Dialer(c.Access.Dial), kgo.DisableClientMetrics(),
		kgo.RequestRetries(2), kgo.RetryTimeout(attemptTimeout), kgo.RetryBackoffFn(func(int) time.Duration { return 100 * time.Millisecond }),
		kgo.MetadataMinAge(remembered), // leaders move
	)
	if m := c.Access.Mechanism(); m != nil {
		options = append(options, kgo.SASL(m))
	}
	client, err := kgo.NewClient(options...)
	if err != nil {
		return nil, &SetupError{"kafka client: " + err.Error()} // of its options, which trying again does not change
	}
	return client, nil
}

// pause waits, or until the context ends.
func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// trouble is the last error of a client's connections. franz-go says of a record that
// could not be sent that it was tried too often, and not why.
type trouble struct {
	mu   sync.Mutex
	last error
}

var (
	_ kgo.HookBrokerConnect = (*trouble)(nil)
	_ kgo.HookBrokerRead    = (*trouble)(nil)
)

// OnBrokerConnect notes a connection that was not made.
func (t *trouble) OnBrokerConnect(_ kgo.BrokerMetadata, _ time.Duration, _ net.Conn, err error) {
	t.note(err)
}

// OnBrokerRead notes an answer that did not come.
func (t *trouble) OnBrokerRead(_ kgo.BrokerMetadata, _ int16, _ int, _, _ time.Duration, err error) {
	t.note(err)
}

func (t *trouble) note(err error) {
	if err == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.last = err
}

// behind is what lies behind an error of a record.
func (t *trouble) behind(err error) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case !errors.Is(err, kgo.ErrRecordRetries):
		return err
	case t.last != nil:
		return t.last
	}
	return fmt.Errorf("brokers answer, and put the record off: its partition has no leader, or the last transaction is still being ended: %w", err)
}

package status

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"genesys-producer/checkpoint"
	"genesys-producer/producer"
	"genesys-producer/producer/broker"
)

// kafka is brokers that refuse what is said, after a while.
type kafka struct {
	refused []*producer.Message
	err     error
}

func (k kafka) Publish(context.Context, []*producer.Message) ([]*producer.Message, error) {
	time.Sleep(40 * time.Millisecond)
	return k.refused, k.err
}

func (k kafka) Commit(ctx context.Context, _ checkpoint.Key, messages []*producer.Message, _ checkpoint.Position, _ ...checkpoint.Chunk) ([]*producer.Message, error) {
	return k.Publish(ctx, messages)
}

// disk is a store that fails with an error, after a while.
type disk struct {
	checkpoint.Store
	err error
}

func (d disk) Save(context.Context, checkpoint.Key, checkpoint.Position, ...checkpoint.Chunk) error {
	time.Sleep(3 * time.Millisecond)
	return d.err
}

func TestCommitsAreMeasured(t *testing.T) {
	one, two := &producer.Message{Key: "1", Value: []byte("123456789")}, &producer.Message{Key: "2", Value: make([]byte, 999)}
	messages, bad := []*producer.Message{one, two}, errors.New("oh")
	for _, row := range []struct {
		name   string
		commit func(p *post) error
		lines  []string
	}{
		{"published", func(p *post) error { _, err := p.Publisher(kafka{}).Publish(p.Context(), messages); return err },
			[]string{`publish_duration_seconds_bucket{le="0.025"} 0`, `publish_duration_seconds_bucket{le="0.05"} 1`, `published_bytes_total 1010`, `publish_failures_total 0`}},
		{"one refused", func(p *post) error {
			_, err := p.Publisher(kafka{refused: messages[1:]}).Publish(p.Context(), messages)
			return err
		}, []string{`published_bytes_total 10`, `publish_failures_total 0`}},
		{"given up", func(p *post) error { _, err := p.Publisher(kafka{err: bad}).Publish(p.Context(), messages); return err },
			[]string{`publish_duration_seconds_count 1`, `published_bytes_total 0`, `publish_failures_total 1`}},
		{"stored", func(p *post) error { return p.Store(disk{}).Save(p.Context(), checkpoint.Key{}, checkpoint.Position{}) },
			[]string{`checkpoint_writes_total{result="stored"} 1`, `checkpoint_write_duration_seconds_bucket{le="0.0025"} 0`, `checkpoint_write_duration_seconds_bucket{le="0.005"} 1`}},
		{"not stored", func(p *post) error {
			return p.Store(disk{err: bad}).Save(p.Context(), checkpoint.Key{}, checkpoint.Position{})
		},
			[]string{`checkpoint_writes_total{result="failed"} 1`, `checkpoint_writes_total{result="stored"} 0`}},
		{"a transaction", func(p *post) error {
			_, err := p.Transactions(kafka{}).Commit(p.Context(), checkpoint.Key{}, messages, checkpoint.Position{})
			return err
		}, []string{`publish_duration_seconds_count 1`, `published_bytes_total 1010`, `checkpoint_writes_total{result="stored"} 1`, `checkpoint_write_duration_seconds_count 0`}},
		{"a transaction of a position alone", func(p *post) error {
			_, err := p.Transactions(kafka{}).Commit(p.Context(), checkpoint.Key{}, nil, checkpoint.Position{})
			return err
		}, []string{`publish_duration_seconds_count 0`, `checkpoint_writes_total{result="stored"} 1`, `checkpoint_write_duration_seconds_count 1`}},
		{"a transaction of which one is refused", func(p *post) error {
			_, err := p.Transactions(kafka{refused: messages[:1]}).Commit(p.Context(), checkpoint.Key{}, messages, checkpoint.Position{})
			return err
		}, []string{`published_bytes_total 0`, `checkpoint_writes_total{result="stored"} 0`, `checkpoint_writes_total{result="failed"} 0`}},
		{"a transaction that is given up", func(p *post) error {
			_, err := p.Transactions(kafka{err: bad}).Commit(p.Context(), checkpoint.Key{}, messages, checkpoint.Position{})
			return err
		}, []string{`publish_failures_total 1`, `checkpoint_writes_total{result="failed"} 1`, `published_bytes_total 0`}},
		// The queue is parked for it, and who is told of a store that fails would look at one that does not.
		{"a transaction that is given up for a message", func(p *post) error {
			_, err := p.Transactions(kafka{err: &broker.RefusedError{Topic: "conversations", Err: bad}}).Commit(p.Context(), checkpoint.Key{}, messages, checkpoint.Position{})
			return err
		}, []string{`publish_failures_total 1`, `checkpoint_writes_total{result="failed"} 0`, `checkpoint_writes_total{result="stored"} 0`}},
		{"broken off by a stop", func(p *post) error {
			stopped, stop := context.WithCancel(p.Context())
			stop()
			_, one := p.Publisher(kafka{err: bad}).Publish(stopped, messages)
			_, two := p.Transactions(kafka{err: bad}).Commit(stopped, checkpoint.Key{}, messages, checkpoint.Position{})
			return errors.Join(one, two, p.Store(disk{err: bad}).Save(stopped, checkpoint.Key{}, checkpoint.Position{}))
		}, []string{`publish_failures_total 0`, `published_bytes_total 0`, `publish_duration_seconds_count 0`, `checkpoint_writes_total{result="stored"} 0`,
			`checkpoint_writes_total{result="failed"} 0`, `checkpoint_write_duration_seconds_count 0`}},
	} {
		t.Run(row.name, func(t *testing.T) {
			inPost(t, func(p *post) {
				time.Sleep(time.Hour)
				err := row.commit(p)
				if given := strings.Contains(row.name, "given up") || row.name == "not stored" || row.name == "broken off by a stop"; given != errors.Is(err, bad) {
					t.Errorf("the caller gets %v", err)
				}
				p.mustExport(row.lines...)
				p.mustLive(200) // it was a sign of life
			})
		})
	}
}

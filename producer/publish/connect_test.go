package publish_test

import (
	"context"
	"net"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"

	"genesys-producer/producer/broker"
	"genesys-producer/producer/kafkatest"
	"genesys-producer/producer/publish"
)

// through has a publisher reach the brokers by another dialer.
func (w *world) through(s broker.Security, dial broker.Dial) func(*publish.Config) {
	access, err := broker.NewAccess(s, dial)
	if err != nil {
		w.Fatal(err)
	}
	return func(c *publish.Config) { c.Access = access }
}

// The first broker of a list may be gone without a trace, and the others be slow: the
// first attempt has time for both.
func TestFirstBrokerDoesNotAnswer(t *testing.T) {
	inBubble(t, 1, func(w *world) {
		var dials atomic.Int32
		p := w.publisher(w.through(broker.Security{}, func(ctx context.Context, network, address string) (net.Conn, error) {
			slow := time.After(6 * time.Second)
			if dials.Add(1) == 1 {
				slow = nil
			}
			select {
			case <-slow:
				return w.cluster.Dial(ctx, network, address)
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}))
		w.mustPublish(p, w.page(1, 20))
		w.wantTopic(w.page(1, 20))
		w.wantOutages(0)
	})
}

// counted is a connection that is counted while it is open.
type counted struct {
	net.Conn
	open   *atomic.Int32
	closed atomic.Bool
}

func (c *counted) Close() error {
	if !c.closed.Swap(true) {
		c.open.Add(-1)
	}
	return c.Conn.Close()
}

// A broker that goes silent in the login is told of, and costs no connection for good.
func TestBrokerIsSilentInTheLogin(t *testing.T) {
	for _, request := range []kmsg.Key{kmsg.SASLHandshake, kmsg.SASLAuthenticate} {
		t.Run(request.Name(), func(t *testing.T) {
			inBubble(t, 1, func(w *world) {
				var open atomic.Int32
				security := broker.Security{Mechanism: "plain", Username: kafkatest.User, Password: kafkatest.Password}
				p := w.publisher(w.through(security, func(ctx context.Context, network, address string) (net.Conn, error) {
					c, err := w.cluster.Dial(ctx, network, address)
					if err != nil {
						return nil, err
					}
					open.Add(1)
					return &counted{Conn: c, open: &open}, nil
				}))
				w.cluster.Fake.ControlKey(int16(request), func(kmsg.Request) (kmsg.Response, error, bool) {
					w.cluster.Fake.KeepControl()
					return nil, nil, true
				})
				ctx, cancel := context.WithTimeout(w.Context(), 5*time.Minute)
				defer cancel()
				if _, err := p.Publish(ctx, w.page(1, 20)); err == nil {
					w.Error("it was published")
				}
				w.wantLines([]string{"WARN kafka: waiting until publishing is possible", "i/o timeout"})
				time.Sleep(time.Minute)
				synctest.Wait()
				if n := open.Load(); n > 0 {
					w.Errorf("%d connections are open", n)
				}
			}, kafkatest.Authorizing()...)
		})
	}
}

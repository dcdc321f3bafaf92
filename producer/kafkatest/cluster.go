// Package kafkatest is a test kit: brokers to publish to, and a look at what was
// published.
//
// [Start] gives the brokers that KAFKA_BROKERS names, or else an in-process broker
// on a loopback port, so that the same tests run on both. [StartOnDisk] is for tests
// that restart it. [StartInMemory] gives an in-process broker over in-memory
// connections, for tests in a testing/synctest bubble. The in-process broker is
// kfake; it is never linked into the service.
package kafkatest

import (
	"context"
	"net"
	"os"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Cluster is some brokers.
type Cluster struct {
	Brokers []string
	Dial    func(ctx context.Context, network, address string) (net.Conn, error) // nil: net.Dialer's
	Fake    *kfake.Cluster                                                       // nil: a real one; another after Restart

	again   []kfake.Opt // to start Fake again; nil: it cannot be
	stopped bool        // real ones are
}

// Start gives the brokers that KAFKA_BROKERS names, comma-separated, or starts one
// that ends with the test.
func Start(tb testing.TB, options ...kfake.Opt) *Cluster {
	tb.Helper()
	if brokers := os.Getenv("KAFKA_BROKERS"); brokers != "" {
		return &Cluster{Brokers: strings.Split(brokers, ",")}
	}
	fake := start(tb, append([]kfake.Opt{kfake.NumBrokers(1)}, options...)...)
	return &Cluster{Brokers: fake.ListenAddrs(), Fake: fake}
}

// StartInMemory starts a broker over in-memory connections, or several, told apart
// by their ports. It ends with the test.
func StartInMemory(tb testing.TB, options ...kfake.Opt) *Cluster {
	tb.Helper()
	network := new(kfake.VirtualNetwork)
	fake := start(tb, append([]kfake.Opt{kfake.Ports(9092), kfake.ListenFn(network.Listen)}, options...)...)
	return &Cluster{Brokers: fake.ListenAddrs(), Dial: network.DialContext, Fake: fake}
}

// withDefaults adds what every in-process broker has. In order, two control functions that sleep
// one after the other on a connection can race within kfake, which then answers nobody any
// more: FenceStrictly has them.
func withDefaults(options []kfake.Opt) []kfake.Opt {
	return append([]kfake.Opt{kfake.SleepOutOfOrder()}, options...)
}

func start(tb testing.TB, options ...kfake.Opt) *kfake.Cluster {
	tb.Helper()
	fake, err := kfake.NewCluster(withDefaults(options)...)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(fake.Close)
	return fake
}

func (c *Cluster) client(tb testing.TB, options ...kgo.Opt) *kgo.Client {
	tb.Helper()
	options = append(options, kgo.SeedBrokers(c.Brokers...), kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.KeepControlRecords())
	if c.Dial != nil {
		options = append(options, kgo.Dialer(c.Dial))
	}
	client, err := kgo.NewClient(options...)
	if err != nil {
		tb.Fatal(err)
	}
	return client
}

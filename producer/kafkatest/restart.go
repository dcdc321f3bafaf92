package kafkatest

import (
	"net"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
)

// StartOnDisk is [Start], with a broker in this process that can be restarted: it
// has in files what it acknowledges.
func StartOnDisk(tb testing.TB) *Cluster {
	tb.Helper()
	options := []kfake.Opt{kfake.NumBrokers(1), kfake.DataDir(tb.TempDir())}
	c := Start(tb, options...)
	if c.Fake == nil {
		return c
	}
	_, text, err := net.SplitHostPort(c.Brokers[0])
	if err != nil {
		tb.Fatal(err)
	}
	port, err := strconv.Atoi(text)
	if err != nil {
		tb.Fatal(err)
	}
	c.again = append(options, kfake.Ports(port))
	return c
}

// CanRestart reports whether Restart can: real brokers with the command that
// KAFKA_RESTART holds, such as "deploy/kafka/kafka.sh restart", run from the module's
// root. It returns once they answer again.
func (c *Cluster) CanRestart() bool {
	return c.again != nil || c.Fake == nil && os.Getenv("KAFKA_RESTART") != ""
}

// Restart ends the brokers in an orderly way and starts them again where they were,
// with what they had. It must not run beside another call, and real brokers must not
// be in use by another package's tests. Control functions of Fake are gone.
func (c *Cluster) Restart(tb testing.TB) {
	tb.Helper()
	if c.Fake == nil {
		line := os.Getenv("KAFKA_RESTART")
		if output, err := shell(tb, line).CombinedOutput(); err != nil {
			tb.Fatalf("kafkatest: %s: %v\n%s", line, err, output)
		}
		return
	}
	c.Fake.Close()
	// Somebody else may have been given the port meanwhile, for a moment.
	for limit := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		fake, err := kfake.NewCluster(c.again...)
		if err == nil {
			tb.Cleanup(fake.Close)
			c.Fake = fake
			return
		}
		if time.Now().After(limit) {
			tb.Fatalf("kafkatest: the broker does not start again: %v", err)
		}
	}
}

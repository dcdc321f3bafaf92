package kafkatest

import (
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
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

// CanRestart reports whether Restart, Stop and StartAgain can: real ones where [Control]
// can.
func (c *Cluster) CanRestart() bool {
	return c.again != nil || c.Fake == nil && os.Getenv("KAFKA_CONTROL") != ""
}

// Restart ends the brokers in an orderly way and starts them again where they were,
// with what they had: see Stop.
func (c *Cluster) Restart(tb testing.TB) {
	tb.Helper()
	if c.Fake == nil {
		Control(tb, "restart")
		return
	}
	c.Stop(tb)
	c.StartAgain(tb)
}

// Kill ends real brokers with SIGKILL, and starts them again where they were, with what
// they had. The one in this process cannot be killed.
func (c *Cluster) Kill(tb testing.TB) {
	tb.Helper()
	if c.Fake != nil {
		tb.Fatal("kafkatest: the broker in this process cannot be killed")
	}
	Control(tb, "kill")
	Control(tb, "start")
}

// Stop ends the brokers in an orderly way, until StartAgain. It must not run beside
// another call, and real brokers must not be in use by another package's tests; those
// are started again when the test ends. Control functions of Fake are gone; one that
// runs is waited for, and no other may come meanwhile.
func (c *Cluster) Stop(tb testing.TB) {
	tb.Helper()
	if c.Fake == nil {
		Control(tb, "stop")
		c.stopped = true
		tb.Cleanup(func() { // for the tests that follow one that has failed
			if c.stopped {
				c.StartAgain(tb)
			}
		})
		return
	}
	// kfake closes in the middle of a control function, too, and what that lets through
	// it still writes then, into files that the next one has read already: two batches
	// have one offset, and consumers see but one. It handles one request at a time, so
	// that with this one answered none is under way.
	c.ask(tb, func(ctx context.Context, client *kgo.Client) error { return client.Ping(ctx) })
	c.Fake.Close()
}

// StartAgain starts the brokers that were stopped, where they were, with what they had.
func (c *Cluster) StartAgain(tb testing.TB) {
	tb.Helper()
	if c.Fake == nil {
		Control(tb, "start")
		c.stopped = false
		return
	}
	// Somebody else may have been given the port meanwhile, for a moment.
	for limit := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		fake, err := kfake.NewCluster(withDefaults(c.again)...)
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

// Control has real brokers stop, start, restart or kill, by the command that KAFKA_CONTROL
// holds, such as "deploy/kafka/kafka.sh". It returns once it is so. No other package's
// tests may use the brokers meanwhile.
func Control(tb testing.TB, what string) {
	tb.Helper()
	if output, err := control(tb, what).CombinedOutput(); err != nil {
		tb.Fatalf("kafkatest: KAFKA_CONTROL %s: %v\n%s", what, err, output)
	}
}

// control is the command that KAFKA_CONTROL holds with arguments, to be run from the
// module's root.
func control(tb testing.TB, arguments string) *exec.Cmd {
	tb.Helper()
	directory, err := os.Getwd()
	if err != nil {
		tb.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(directory, "go.mod")); err == nil {
			break
		}
		if directory == filepath.Dir(directory) {
			tb.Fatal("kafkatest: this is no directory of the module")
		}
		directory = filepath.Dir(directory)
	}
	command := exec.Command("sh", "-c", os.Getenv("KAFKA_CONTROL")+" "+arguments)
	command.Dir = directory
	return command
}

package kafkatest_test

import (
	"os"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"genesys-producer/producer/kafkatest"
)

// A request that a control function has in hand when the broker is restarted is over
// before: what it writes is there afterwards, and what is acknowledged later lies
// behind it.
func TestRestartWaitsForAControlFunction(t *testing.T) {
	if os.Getenv("KAFKA_BROKERS") != "" {
		t.Skip("control functions are the in-process broker's")
	}
	c := kafkatest.StartOnDisk(t)
	topic := c.CreateTopic(t, 1)
	client, err := kgo.NewClient(kgo.SeedBrokers(c.Brokers...), kgo.DefaultProduceTopic(topic), kgo.DisableIdempotentWrite())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()

	held, acknowledged := make(chan struct{}), make(chan error, 1)
	c.Fake.ControlKey(int16(kmsg.Produce), func(kmsg.Request) (kmsg.Response, error, bool) {
		close(held)
		time.Sleep(200 * time.Millisecond) // Restart begins meanwhile
		return nil, nil, false
	})
	client.Produce(t.Context(), kgo.StringRecord("held"), func(_ *kgo.Record, err error) { acknowledged <- err })
	<-held
	c.Restart(t)
	if end := c.Fake.PartitionInfo(topic, 0).HighWatermark; end != 1 {
		t.Errorf("the partition ends at %d after the restart, want 1", end)
	}
	if err := client.ProduceSync(t.Context(), kgo.StringRecord("later")).FirstErr(); err != nil {
		t.Fatal(err)
	}
	if err := <-acknowledged; err != nil {
		t.Fatal(err)
	}
	c.Restart(t) // which reads the files
	there := map[string]bool{}
	for _, m := range c.Read(t, topic) {
		there[string(m.Value)] = true
	}
	if !there["held"] || !there["later"] {
		t.Errorf("two records were acknowledged, there are %v", there)
	}
}

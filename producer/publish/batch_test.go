package publish_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"genesys-producer/producer"
	"genesys-producer/producer/publish"
)

// limited sets the limit of a message and of a batch.
func limited(bytes int) func(*publish.Config) {
	return func(c *publish.Config) { c.MaxMessageBytes = bytes }
}

// tooLarge publishes what must be too large and returns what is said about it.
func (w *world) tooLarge(p *publish.Publisher, messages []producer.Message) *publish.TooLargeError {
	w.Helper()
	var large *publish.TooLargeError
	if err := p.Publish(w.Context(), messages); !errors.As(err, &large) {
		w.Fatalf("publish: %v, want a *publish.TooLargeError", err)
	}
	if large.StopsService() {
		w.Error("it stops the service, though other queues can go on")
	}
	return large
}

// The topic accepts no more than the limit, so that a batch above it is refused.
func TestLargePageGoesInSeveralBatchesInOrder(t *testing.T) {
	const limit = 2000
	w := onBrokers(t, 3, fmt.Sprintf("max.message.bytes=%d", limit))
	p := w.publisher(limited(limit))
	again := page(1, 100)
	for i := range again {
		again[i].Value = fmt.Appendf(nil, `{"second version":%d}`, i)
	}
	twice := slices.Concat(page(1, 100), again) // each key in two batches
	w.mustPublish(p, twice)
	w.mustPublish(p, page(2, 100))
	w.wantTopic(twice, page(2, 100))
}

func TestMessageAtTheLimit(t *testing.T) {
	// What a message takes is found by asking for the impossible.
	messages := page(1, 3)
	messages[1] = message("the-large-one", strings.Repeat("x", 3000))
	size := onBrokers(t, 1).tooLarge(onBrokers(t, 1).publisher(limited(3000)), messages).Size

	w := onBrokers(t, 1, fmt.Sprintf("max.message.bytes=%d", size))
	large := w.tooLarge(w.publisher(limited(size-1)), messages)
	if large.Key != "the-large-one" || large.Size != size || large.Limit != size-1 {
		t.Errorf("one byte over the limit: %+v", large)
	}
	for _, want := range []string{"the-large-one", fmt.Sprint(size), fmt.Sprint(size - 1), "KAFKA_MAX_MESSAGE_BYTES", "max.message.bytes"} {
		if !strings.Contains(large.Error(), want) {
			t.Errorf("%q does not name %s", large, want)
		}
	}
	w.wantTopic() // nothing of the page was sent

	w.mustPublish(w.publisher(limited(size)), messages)
	w.wantTopic(messages)
}

func TestBrokerRefusesTheSize(t *testing.T) {
	w := onBrokers(t, 1, "max.message.bytes=2000")
	large := w.tooLarge(w.publisher(), page(1, 20))
	if large.Key != "" || large.Limit != 1_000_000 {
		t.Errorf("%+v, want no key and the limit", large)
	}
	for _, want := range []string{"broker refuses", "lower KAFKA_MAX_MESSAGE_BYTES (1000000)", "max.message.bytes"} {
		if !strings.Contains(large.Error(), want) {
			t.Errorf("%q does not say %q", large, want)
		}
	}
	w.wantTopic()
	w.wantOutages(0)
}

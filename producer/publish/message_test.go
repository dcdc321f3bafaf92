package publish_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"genesys-producer/producer"
	"genesys-producer/producer/publish"
)

// Invariant 4, and design: key, headers and time of publishing.
func TestMessagesArriveAsTheyAre(t *testing.T) {
	w := onBrokers(t, 3)
	p := w.publisher()
	before := time.Now().Truncate(time.Millisecond)
	odd := []*producer.Message{
		w.message("00000000-bytes", "{\"a\" :\t1.0e0,\r\n\"b\":\"\\u00e4\x00\xff\"} "), // not even UTF-8
		w.message("00000000-large", strings.Repeat("x", 900_000)),
		{Topic: w.topic, Key: "00000000-plain", Value: []byte("{}")},
	}
	w.mustPublish(p, odd)
	w.mustPublish(p, w.page(1, 100))
	w.mustPublish(p, nil)
	after := time.Now()
	for _, m := range w.wantTopic(odd, w.page(1, 100)) {
		if m.Time.Before(before) || m.Time.After(after) {
			t.Errorf("message %s is of %v, but was published from %v to %v", m.Key, m.Time, before, after)
		}
	}
	w.wantOutages(0)
}

func TestPartitionIsTheJavaClients(t *testing.T) {
	for _, partitions := range []int{1, 2, 5, 12, 32} {
		t.Run(fmt.Sprint(partitions), func(t *testing.T) {
			w := onBrokers(t, partitions)
			messages := w.page(partitions, 400)
			w.mustPublish(w.publisher(), messages)
			w.wantTopic(messages)
		})
	}
}

func TestCompression(t *testing.T) {
	for codec, name := range []string{"none", "gzip", "snappy", "lz4", "zstd"} {
		t.Run(name, func(t *testing.T) {
			w := onBrokers(t, 2)
			p := w.publisher(func(c *publish.Config) { c.Compression = name })
			w.mustPublish(p, w.page(1, 100))
			w.mustPublish(p, w.page(2, 1))
			for _, m := range w.wantTopic(w.page(1, 100), w.page(2, 1)) {
				if m.Codec != uint8(codec) {
					t.Fatalf("message %s came under codec %d, want %d", m.Key, m.Codec, codec)
				}
			}
		})
	}
}

func TestUnknownCompressionIsRefused(t *testing.T) {
	if _, err := publish.New(publish.Config{Compression: "brotli"}); err == nil {
		t.Error("no error for a compression that there is not")
	}
}

package checkpoint_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"os"
	"testing"
	"time"

	"genesys-producer/checkpoint"
	"genesys-producer/checkpoint/checkpointtest"
)

// FuzzDecode: whatever the text,
//
//   - Decode does not panic;
//   - what it refuses, it refuses for a Reason and with the zero Position;
//   - what it accepts is, but for white space, the encoding of what it returns.
//
// A body that JSON accepts is tried once more under a right checksum, so that
// what lies behind the checksum is reached too.
func FuzzDecode(f *testing.F) {
	sample, err := os.ReadFile("testdata/version1.json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(sample)
	for _, p := range checkpointtest.Walk(key()) {
		f.Add(encode(f, p))
	}
	f.Add([]byte(`{"format":"genesys-producer/checkpoint","version":2}`))
	f.Add([]byte(`{"body":{}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		decodeOnce(t, text)
		var envelope struct {
			Body json.RawMessage `json:"body"`
		}
		if json.Unmarshal(text, &envelope) == nil && len(envelope.Body) > 0 {
			decodeOnce(t, sealed(compactBody(t, text)))
		}
	})
}

// decodeOnce decodes text and checks the answer.
func decodeOnce(t *testing.T, text []byte) {
	p, err := checkpoint.Decode("default", key(), text)
	if err != nil {
		if _, known := errors.AsType[checkpoint.Reason](err); !known || !p.IsZero() {
			t.Fatalf("refused with %v and %+v", err, p)
		}
		return
	}
	var got, want bytes.Buffer
	if err := errors.Join(json.Compact(&got, text), json.Compact(&want, encode(t, p))); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), want.Bytes()) {
		t.Fatalf("accepted\n%s\nencoded again\n%s", got.Bytes(), want.Bytes())
	}
}

// FuzzEncode: a position is refused as not valid, or comes back as it was,
// its times in UTC.
func FuzzEncode(f *testing.F) {
	f.Add("conversations", "asc", "", "cluster", "topic", "24h", int64(1772323200000), int64(3600000), 100, 0, 7, 700, false)
	f.Add("<&>\u2028\x00\\\"", "\xff", "ü", "", "t", "", int64(math.MinInt64), int64(1), -1, 1, 0, 0, true)
	f.Fuzz(func(t *testing.T, dialect, order, filters, cluster, topic, start string, from, length int64, size, pass, page, read int, closed bool) {
		p := checkpoint.Position{
			Query: checkpoint.Query{
				Dialect: dialect, API: "api", Queue: key().Queue, Order: order, Filters: filters, PageSize: size,
				From: time.UnixMilli(from), To: time.UnixMilli(from + length),
			},
			Destination: checkpoint.Destination{Cluster: cluster, Topic: topic},
			Start:       start, Pass: pass, Page: page, Read: read, Closed: closed,
		}
		text, err := checkpoint.Encode("default", key(), p)
		if err != nil {
			if !errors.Is(err, checkpoint.ErrInvalid) {
				t.Fatalf("%+v: %v", p, err)
			}
			return
		}
		q, err := checkpoint.Decode("default", key(), text)
		p.Query.From, p.Query.To = p.Query.From.UTC(), p.Query.To.UTC()
		if err != nil || q != p {
			t.Fatalf("saved  %+v\nloaded %+v, %v", p, q, err)
		}
	})
}

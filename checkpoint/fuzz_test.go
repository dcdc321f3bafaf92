package checkpoint_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"runtime/metrics"
	"strings"
	"testing"
	"time"

	"genesys-producer/checkpoint"
	"genesys-producer/checkpoint/checkpointtest"
)

// FuzzDecode: whatever the text,
//
//   - Decode does not panic, and does not allocate out of proportion;
//   - what it refuses, it refuses for a Reason and with the zero Position;
//   - what it accepts is valid, is, but for white space, the encoding of what it
//     returns, or, of version 1, has the same fields as far as that has them, and is
//     foreign to every other name, queue and lane.
//
// A body that JSON accepts is tried once more under a right checksum, so that
// what lies behind the checksum is reached too.
func FuzzDecode(f *testing.F) {
	f.Add(version1(f))
	for _, p := range checkpointtest.Walk(key()) {
		f.Add(encode(f, p))
	}
	good := encode(f, checkpointtest.Sample(key()))
	inside := compactBody(f, good)
	for _, change := range [][2]string{
		{`"page":7`, `"page":7,"page":8`}, {`"page":7`, `"Page":7`}, {`"page":7`, `"page":7.0`}, {`"page":7`, `"page":9223372036854775808`},
		{`"page":7`, `"page":-7`}, {`"read":700`, `"read":null`}, {`"closed":false`, `"closed":false,"x":0`}, {`00.000Z`, `00.000+00:00`},
		{`2026-03-01`, `0000-01-01`}, {`2026-03-01T01`, `2026-03-01T24`}, {`asc`, `a\u0073c`}, {`asc`, `\ud800`}, {`asc`, "\xff"}, {`asc`, `<`}, {`asc`, `\u003c`},
	} {
		f.Add(sealed(checkpoint.Version, strings.ReplaceAll(inside, change[0], change[1])))
		f.Add(sealed(1, strings.ReplaceAll(compactBody(f, version1(f)), change[0], change[1])))
	}
	for _, text := range []string{
		``, `{"format":"genesys-producer/checkpoint","version":3}`, `{"body":{}}`, `{"body":null}`, `{"Body":{},"body":[]}`,
		"\x00\x00", `{"format":"genesys-producer/checkpoint","version":1e0,"sha256":"","body":` + strings.Repeat("[", 50) + strings.Repeat("]", 50) + `}`,
	} {
		f.Add([]byte(text))
	}
	f.Add(good[:len(good)/2])
	f.Fuzz(func(t *testing.T, text []byte) {
		decodeOnce(t, text)
		var envelope struct {
			Body json.RawMessage `json:"body"`
		}
		if json.Unmarshal(text, &envelope) == nil && len(envelope.Body) > 0 {
			for version := 1; version <= checkpoint.Version; version++ {
				decodeOnce(t, sealed(version, compactBody(t, text)))
			}
		}
	})
}

// decodeOnce decodes text and checks the answer.
func decodeOnce(t *testing.T, text []byte) {
	t.Helper()
	before := allocated()
	p, err := checkpoint.Decode("default", key(), text)
	if bytes := allocated() - before; bytes > mostAllocated {
		t.Errorf("%d bytes allocated for a text of %d", bytes, len(text))
	}
	if err != nil {
		if _, known := errors.AsType[checkpoint.Reason](err); !known || !p.IsZero() {
			t.Fatalf("refused with %v and %+v", err, p)
		}
		return
	}
	again := encode(t, p)
	var got, want bytes.Buffer
	if err := errors.Join(p.Validate(), json.Compact(&got, text), json.Compact(&want, again)); err != nil {
		t.Fatal(err)
	}
	if first := fields(t, text); first["version"] == json.Number("1") {
		if second := fields(t, again); !reflect.DeepEqual(first["body"], downgraded(second)["body"]) {
			t.Fatalf("accepted\n%s\nencoded again\n%s", got.Bytes(), want.Bytes())
		}
	} else if !bytes.Equal(got.Bytes(), want.Bytes()) || len(text) > checkpoint.MaxSize {
		t.Fatalf("accepted\n%s\nencoded again\n%s", got.Bytes(), want.Bytes())
	}
	if q, err := checkpoint.Decode("default", key(), again); err != nil || q != p {
		t.Fatalf("accepted as\n%+v\nencoded and decoded again\n%+v, %v", p, q, err)
	}
	for _, other := range []struct {
		name string
		key  checkpoint.Key
	}{
		{"backfill", key()},
		{"default", checkpoint.Key{Queue: "other", Lane: checkpoint.Live}},
		{"default", checkpoint.Key{Queue: key().Queue, Lane: checkpoint.Revisit}},
	} {
		if q, err := checkpoint.Decode(other.name, other.key, text); !errors.Is(err, checkpoint.ErrForeign) || !q.IsZero() {
			t.Fatalf("of %s %v it is %+v, %v", other.name, other.key, q, err)
		}
	}
}

// fields returns what text has, field by field.
func fields(t *testing.T, text []byte) (all map[string]any) {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&all); err != nil {
		t.Fatal(err)
	}
	return all
}

// downgraded returns the fields of version 2 that version 1 had already.
func downgraded(all map[string]any) map[string]any {
	position := all["body"].(map[string]any)["position"].(map[string]any)
	for _, name := range []string{"turn", "last", "ended", "account", "ledgers", "agenda"} {
		delete(position, name)
	}
	delete(position["query"].(map[string]any), "since")
	return all
}

// mostAllocated is far above what a text of the largest size takes, and far below
// what would harm.
const mostAllocated = 200 * checkpoint.MaxSize

// allocated is how many bytes were allocated since the program began.
func allocated() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// The texts that could take the most: just within the largest size, and far beyond it.
func TestDecodeAllocatesInProportion(t *testing.T) {
	good := string(encode(t, checkpointtest.Sample(key())))
	for _, room := range []int{checkpoint.MaxSize - len(good) - 10, 8 << 20} {
		fill := func(open, close string) string {
			n := room / len(open+close)
			return strings.Repeat(open, n) + strings.Repeat(close, n)
		}
		first := func(member string) string { return strings.Replace(good, `"format"`, member+`,"format"`, 1) }
		for _, text := range []string{
			fill(" ", "") + good,
			strings.Replace(good, `"asc"`, `"`+fill(`\u0000`, "")+`"`, 1),
			first(`"a":[` + fill("0,", "") + `0]`),
			first(`"a":` + fill("[", "]")),
			first(fill(`"body":{},`, "") + `"a":0`),
			first(fill(`"body":{`, "}")),
		} {
			decodeOnce(t, []byte(text))
		}
	}
}

// FuzzEncode: a position is refused as not valid, or comes back as it was,
// its times in UTC.
func FuzzEncode(f *testing.F) {
	f.Add("conversations", "asc", "", "cluster", "topic", "24h", "2026-03-01", int64(1772323200000), int64(3600000), int64(0), 100, 0, 7, 700, false)
	f.Add("<&>\u2028\x00\\\"", "\xff", "ü", "", "t", "", "0001-01-01", int64(math.MinInt64), int64(1), int64(2), -1, 1, 0, 0, true)
	f.Fuzz(func(t *testing.T, dialect, order, filters, cluster, topic, start, day string, from, length, ahead int64, size, pass, page, read int, flag bool) {
		p := checkpoint.Position{
			Query: checkpoint.Query{
				Dialect: dialect, API: "api", Queue: key().Queue, Order: order, Filters: filters, PageSize: size,
				Since: time.UnixMilli(from - ahead), From: time.UnixMilli(from), To: time.UnixMilli(from + length),
			},
			Destination: checkpoint.Destination{Cluster: cluster, Topic: topic},
			Start:       start, Turn: pass, Pass: pass, Page: page, Read: read, Last: flag, Ended: !flag, Closed: flag, Agenda: order,
			Account: checkpoint.Account{Looks: page, Truncated: flag, Print: filters, ReadAt: int(from), Begin: cluster,
				Totals: checkpoint.Totals{First: -1, Last: read, Moved: flag}, Final: checkpoint.Final{Verdict: start, Why: order, Found: size}},
			Ledgers: [2]checkpoint.Mark{{Day: checkpoint.Day(day), Length: read, Sum: filters}},
		}
		text, err := checkpoint.Encode("default", key(), p)
		if err != nil {
			if !errors.Is(err, checkpoint.ErrInvalid) {
				t.Fatalf("%+v: %v", p, err)
			}
			return
		}
		q, err := checkpoint.Decode("default", key(), text)
		p.Query.Since, p.Query.From, p.Query.To = p.Query.Since.UTC(), p.Query.From.UTC(), p.Query.To.UTC()
		if err != nil || q != p {
			t.Fatalf("saved  %+v\nloaded %+v, %v", p, q, err)
		}
	})
}

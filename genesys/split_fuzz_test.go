package genesys

import (
	"encoding/json"
	"testing"

	"genesys-producer/genesys/genesystest"
)

// FuzzSplit holds split against encoding/json. Where both accept an answer they
// agree on its records, byte for byte, and on their ids; and what split accepts
// is JSON.
func FuzzSplit(f *testing.F) {
	for _, body := range []string{
		``, `{}`, `[]`, `null`, `{"conversations":null,"totalHits":null}`,
		`{"conversations":[{"conversationId":"a","conversationStart":"1999-12-30T00:00:00.000Z"}],"totalHits":1}`,
		`{"entities":[{"id":"a","startTime":"1999-12-30T00:00:00Z","endTime":"x"}],"totalCount":1,"pageNumber":1}`,
		"{ \"conversations\" : [ { \"x\" : 1E400 , \"conversationId\" : \"\\u0061\" }\n,{\"conversationId\":\"b\",\"x\":\"\xff\"}]}",
		`{"conversations":[{"conversationId":"a","x":{"conversationId":"b"}}],"conversations":[]}`,
		`{"totalHits":01}`, `{"totalHits":1}x`, `{"conversations":[{"conversationId":"\ud800"},]}`,
		`{"conversations":[{"conversationId":"a","conversationId":"b"},{"x":[[[[{}]]]]}]}`,
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, dialect := range []Dialect{Conversations, Entities} {
			compareSplit(t, dialect.contract(), body)
		}
	})
}

func compareSplit(t *testing.T, c contract, body []byte) {
	records, total, err := split(c, body)
	if err != nil {
		if err.Error() == "" || records != nil {
			t.Errorf("%d records beside the error %q", len(records), err)
		}
		return
	}
	if total < noTotal {
		t.Errorf("total %d", total)
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(body, &members); err != nil {
		t.Fatalf("accepted, though encoding/json says %v", err)
	}
	var raw []json.RawMessage
	if array, ok := members[c.records]; ok {
		if err := json.Unmarshal(array, &raw); err != nil {
			t.Fatalf("accepted, though encoding/json says %v", err)
		}
	}
	if len(records) != len(raw) {
		t.Fatalf("%d records, encoding/json has %d", len(records), len(raw))
	}
	for i, r := range records {
		if string(r.Raw) != string(raw[i]) {
			t.Errorf("record %d: %q, encoding/json has %q", i+1, r.Raw, raw[i])
		}
		var own map[string]json.RawMessage
		var id string
		if err := json.Unmarshal(raw[i], &own); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(own[c.id], &id); err != nil || id != r.ID {
			t.Errorf("record %d: id %q, encoding/json has %q, error %v", i+1, r.ID, id, err)
		}
	}
}

// benchmarkPage is a page of 100 records of about 10 KB.
func benchmarkPage(b *testing.B) []byte {
	b.Helper()
	sim := genesystest.New(simple(genesystest.Config{Conversations: 100, MeanSize: 10_000}))
	body := []byte(`{"conversations":[`)
	for i, c := range sim.Conversations(queue, day, day.AddDate(0, 0, 1)) {
		if i > 0 {
			body = append(body, ',')
		}
		body = append(body, c.JSON...)
	}
	return append(body, `],"totalHits":100}`...)
}

func BenchmarkSplit(b *testing.B) {
	body := benchmarkPage(b)
	b.Run("split", func(b *testing.B) {
		b.SetBytes(int64(len(body)))
		b.ReportAllocs()
		for b.Loop() {
			if records, _, err := split(Conversations.contract(), body); err != nil || len(records) != 100 {
				b.Fatal(len(records), err)
			}
		}
	})
	b.Run("encoding-json", func(b *testing.B) {
		b.SetBytes(int64(len(body)))
		b.ReportAllocs()
		for b.Loop() {
			var page struct {
				Conversations []json.RawMessage `json:"conversations"`
				TotalHits     int               `json:"totalHits"`
			}
			if err := json.Unmarshal(body, &page); err != nil || len(page.Conversations) != 100 {
				b.Fatal(err)
			}
			for _, raw := range page.Conversations {
				var own struct {
					ID string `json:"conversationId"`
				}
				if err := json.Unmarshal(raw, &own); err != nil || own.ID == "" {
					b.Fatal(err)
				}
			}
		}
	})
}

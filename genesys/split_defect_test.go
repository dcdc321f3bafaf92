package genesys

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"genesys-producer/genesys/genesystest"
)

// Of a record without a usable id, the two beside it on the page are none the worse.
func TestSplitHandsOnARecordWithoutAUsableID(t *testing.T) {
	for _, row := range []struct{ name, record, want string }{
		{"missing", `{"x":1}`, "conversationId is missing"},
		{"no members", `{ }`, "conversationId is missing"},
		{"nested only", `{"x":{"conversationId":"b"}}`, "conversationId is missing"},
		{"other case", `{"ConversationId":"b"}`, "conversationId is missing"},
		{"empty", `{"conversationId":"","x":1}`, "conversationId is empty"},
		{"null", `{"conversationId":null}`, "conversationId is not a string"},
		{"number", `{"conversationId":42}`, "conversationId is not a string"},
		{"object", `{"conversationId":{"x":1}}`, "conversationId is not a string"},
		{"array", `{"conversationId":["b"]}`, "conversationId is not a string"},
		{"doubled", `{"conversationId":"b","conversationId":"b"}`, "conversationId occurs twice"},
		{"doubled, the first bad", `{"conversationId":7,"conversationId":"b"}`, "conversationId occurs twice"},
		{"doubled, the second bad", `{"conversationId":"b","conversationId":""}`, "conversationId occurs twice"},
		{"three times", `{"conversationId":"b","conversationId":"b","conversationId":"b"}`, "conversationId occurs twice"},
		{"bad UTF-8", "{\"conversationId\":\"b\xff\"}", "conversationId is not valid UTF-8"},
		{"bad UTF-8 and escapes", "{\"conversationId\":\"b\\u0041\xff\"}", "conversationId is not valid UTF-8"},
		{"lone surrogate", `{"conversationId":"b\ud800"}`, "conversationId is not valid UTF-8"},
		{"too long for a key", `{"conversationId":"` + strings.Repeat("b", 257) + `"}`, "conversationId takes 257 bytes, more than 256"},
		{"null itself", `null`, "it is not an object"},
		{"true itself", `true`, "it is not an object"},
		{"a number itself", `-1.50e+3`, "it is not an object"},
		{"a text itself", `"{\"conversationId\":\"b\"}"`, "it is not an object"},
		{"bad UTF-8 itself", "\"\xff\"", "it is not an object"},
		{"an array itself", `[ {"conversationId":"b"}, 2 ]`, "it is not an object"},
	} {
		t.Run(row.name, func(t *testing.T) {
			both(t, row.record, func(t *testing.T, c contract, record string) {
				if row.name == "other case" && c.records == "entities" {
					record = `{"ID":"b"}`
				}
				good := `{"` + c.id + `":"a"}`
				body := []byte(`{"` + c.records + `":[` + good + ", " + record + "\n," + good + `],"` + c.total + `":3}`)
				records, total, err := split(c, body)
				if err != nil || len(records) != 3 || total != 3 {
					t.Fatalf("%d records of %d, error %v", len(records), total, err)
				}
				r := records[1]
				if want := strings.Replace(row.want, "conversationId", c.id, 1); r.Defect != want || r.ID != "" {
					t.Errorf("id %q, defect %q, want none, and %q", r.ID, r.Defect, want)
				}
				if string(r.Raw) != record || &r.Raw[0] != &body[strings.Index(string(body), record)] || cap(r.Raw) != len(r.Raw) {
					t.Errorf("bytes %q, want %q, as a slice of the answer that is closed at its end", r.Raw, record)
				}
				for _, r := range []Record{records[0], records[2]} {
					if r.ID != "a" || r.Defect != "" || string(r.Raw) != good {
						t.Errorf("beside it: id %q, defect %q, bytes %q", r.ID, r.Defect, r.Raw)
					}
				}
			})
		})
	}
}

// Times are of use where the id is not: they say where to look.
func TestARecordWithoutAUsableIDHasItsTimes(t *testing.T) {
	body := `{"conversations":[{"conversationStart":"1999-12-30T01:00:00.000Z","conversationId":3,"conversationEnd":"1999-12-30T02:00:00.000Z"}]}`
	both(t, body, func(t *testing.T, c contract, body string) {
		records, _, err := split(c, []byte(body))
		if err != nil || len(records) != 1 || records[0].Defect == "" {
			t.Fatalf("records %v, error %v", records, err)
		}
		if got := []time.Time{records[0].Start, records[0].End}; !slices.EqualFunc(got, []time.Time{day.Add(time.Hour), day.Add(2 * time.Hour)}, time.Time.Equal) {
			t.Errorf("times %v", got)
		}
	})
}

// A page on which no record has an id is a page: each of its records is there.
func TestSplitHandsOnAPageOfNothingElse(t *testing.T) {
	both(t, `{"conversations":[{},{},null,{"x":0}]}`, func(t *testing.T, c contract, body string) {
		records, total, err := split(c, []byte(body))
		if err != nil || total != noTotal {
			t.Fatalf("total %d, error %v", total, err)
		}
		var found []string
		for _, r := range records {
			found = append(found, string(r.Raw)+": "+r.Defect)
		}
		missing := ": " + c.id + " is missing"
		if want := []string{"{}" + missing, "{}" + missing, "null: it is not an object", `{"x":0}` + missing}; !slices.Equal(found, want) {
			t.Errorf("records %q, want %q", found, want)
		}
	})
}

// The walk goes over such a record as over any other: it is on its page, and counts.
func TestAWalkGoesOnOverARecordWithoutAUsableID(t *testing.T) {
	for _, dialect := range []Dialect{Conversations, Entities} {
		inWorld(t, genesystest.Config{Dialect: genesystest.Dialect(dialect), Conversations: -1}, func(w *world) {
			id := dialect.contract().id
			for n, text := range []string{`{"ID":"a"}`, `{"ID":"b","ID":"b"}`, `{"note":"c"}`, `{"ID":4}`, `null`, `{"ID":""}`, `{"ID":"g"}`} {
				w.sim.Put(nil, genesystest.Conversation{ID: strconv.Itoa(n), Start: day, End: day, JSON: []byte(strings.ReplaceAll(text, "ID", id))})
			}
			var pages, found []string
			for page, err := range w.client(readAhead(2)).Pages(w.Context(), w.query(2), Cursor{}) {
				w.must(err)
				pages = append(pages, describe(page))
				for _, r := range page.Records {
					found = append(found, r.ID+r.Defect)
				}
			}
			w.mustEqual("pages", pages, []string{"page 1: 2 records, 2 of 7", "page 2: 2 records, 4 of 7",
				"page 3: 2 records, 6 of 7", "page 4: 1 records, 7 of 7, last"})
			w.mustEqual("records", found, []string{"a", id + " occurs twice", id + " is missing", id + " is not a string",
				"it is not an object", id + " is empty", "g"})
			w.mustEqual("requests", slices.Sorted(slices.Values(w.asked())), []int{1, 2, 3, 4})
		})
	}
}

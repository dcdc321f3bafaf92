package genesys

import (
	"slices"
	"strings"
	"testing"
	"time"
	"unsafe"
)

// both runs a test for each dialect, on an answer written in the published one.
func both(t *testing.T, body string, test func(t *testing.T, c contract, body string)) {
	t.Helper()
	translate := strings.NewReplacer("conversationId", "id", "conversationStart", "startTime",
		"conversationEnd", "endTime", "conversations", "entities", "totalHits", "totalCount")
	t.Run("conversations", func(t *testing.T) { test(t, Conversations.contract(), body) })
	t.Run("entities", func(t *testing.T) { test(t, Entities.contract(), translate.Replace(body)) })
}

func TestSplitKeepsEveryByteOfARecord(t *testing.T) {
	for name, record := range map[string]string{
		"compact":           `{"conversationId":"a"}`,
		"white space":       "{\r\n\t \"conversationId\" :\n \"a\"\t, \"x\" : [ ] \n}",
		"escapes":           `{"conversationId":"a","x":"\u0041\/\ud83d\ude00\n\"\\"}`,
		"lone surrogate":    `{"conversationId":"a","x":"\ud800"}`,
		"odd numbers":       `{"conversationId":"a","x":[1E400,-0,0.10,1e-0,123456789012345678901234567890]}`,
		"doubled names":     `{"x":1,"conversationId":"a","x":2,"y":{"z":1,"z":1}}`,
		"bad UTF-8":         "{\"conversationId\":\"a\",\"x\":\"\xff\xfe\",\"\xff\":1}",
		"not in the order":  `{"conversationEnd":null,"x":{},"conversationId":"a"}`,
		"escaped name":      `{"\u0063onversationId":"a"}`,
		"unreadable times":  `{"conversationId":"a","conversationStart":"noon","conversationEnd":7}`,
		"doubled time":      `{"conversationId":"a","conversationStart":"noon","conversationStart":""}`,
		"brackets in text":  `{"conversationId":"a","x":"}]}{[\"}"}`,
		"separators inside": "{\"conversationId\":\"a\",\"x\":\"\u2028\u2029<>&\"}",
	} {
		t.Run(name, func(t *testing.T) {
			both(t, record, func(t *testing.T, c contract, record string) {
				if name == "escaped name" && c.records == "entities" {
					record = `{"\u0069d":"a"}`
				}
				body := []byte("{\"" + c.records + "\" : [ " + record + "\n, " + record + " ]}")
				records, _, err := split(c, body)
				if err != nil || len(records) != 2 {
					t.Fatalf("%d records, error %v", len(records), err)
				}
				at := strings.Index(string(body), record)
				for _, r := range records {
					if string(r.Raw) != record || r.ID != "a" {
						t.Errorf("record %q with id %q, want %q with id a", r.Raw, r.ID, record)
					}
					if &r.Raw[0] != &body[at] || cap(r.Raw) != len(r.Raw) {
						t.Error("the record is not a slice of the answer, closed at its end")
					}
					at = strings.LastIndex(string(body), record)
				}
			})
		})
	}
}

func TestSplitReadsMembersOfTheRecordItself(t *testing.T) {
	body := `{"totalHits":7,"aggregations":[{"conversations":[{"conversationId":"no"}],"totalHits":1}],"conversations":[
		{"participants":[{"conversationId":"no","conversationStart":"2001-01-01T00:00:00.000Z","conversationEnd":"2001-01-01T00:00:00.000Z"}],
		 "conversationStart":"1999-12-30T01:02:03.004Z","conversationId":"one","conversationEnd":"1999-12-30T02:00:00Z"},
		{"conversationId":"\u0074wo","conversationStart":"1999-12-30T03:00:00.000+02:00",
		 "segments":{"conversationId":"no","conversationEnd":"2001-01-01T00:00:00.000Z"}}]}`
	both(t, body, func(t *testing.T, c contract, body string) {
		records, total, err := split(c, []byte(body))
		if err != nil || total != 7 || len(records) != 2 {
			t.Fatalf("%d records of %d, error %v", len(records), total, err)
		}
		one, two := records[0], records[1]
		if one.ID != "one" || two.ID != "two" {
			t.Errorf("ids %q and %q", one.ID, two.ID)
		}
		if want := day.Add(time.Hour + 2*time.Minute + 3004*time.Millisecond); !one.Start.Equal(want) {
			t.Errorf("start %v, want %v", one.Start, want)
		}
		if !one.End.Equal(day.Add(2*time.Hour)) || !two.Start.Equal(day.Add(time.Hour)) {
			t.Errorf("end %v, start %v", one.End, two.Start)
		}
		if !two.End.IsZero() {
			t.Errorf("a live conversation ended at %v", two.End)
		}
	})
}

func TestSplitKnowsAnEmptyPageAndAMissingTotal(t *testing.T) {
	for _, row := range []struct {
		body  string
		ids   []string
		total int
	}{
		{`{}`, nil, noTotal},
		{`{"conversations":[]}`, nil, noTotal},
		{`{"conversations":null,"totalHits":null}`, nil, noTotal},
		{`{"totalHits":0}`, nil, 0},
		{`{"aggregations":[],"totalHits":12,"x":{"y":[1,2]}}`, nil, 12},
		{`{"conversations":[{"conversationId":"a"}],"totalHits":3}`, []string{"a"}, 3},
		{`{"totalHits":3,"conversations":[{"conversationId":"a"},{"conversationId":"a"}]}`, []string{"a", "a"}, 3},
		{`{"conversations":[{"conversationId":"a"}]}`, []string{"a"}, noTotal},
		{` {"conversations":[{"conversationId":"a"}],"\u0074otalHits":1}` + "\n ", []string{"a"}, 1},
		{`{"conversations":[{"conversationId":"a"}],"x":1,"x":2,"pageNumber":9}`, []string{"a"}, noTotal},
	} {
		if strings.Contains(row.body, `\u0074`) { // the name is translated only where it is plain
			checkSplit(t, Conversations.contract(), row.body, row.ids, row.total)
			continue
		}
		both(t, row.body, func(t *testing.T, c contract, body string) { checkSplit(t, c, body, row.ids, row.total) })
	}
}

func checkSplit(t *testing.T, c contract, body string, ids []string, total int) {
	t.Helper()
	records, got, err := split(c, []byte(body))
	if err != nil || got != total {
		t.Errorf("%s: total %d, want %d; error %v", body, got, total, err)
	}
	var found []string
	for _, r := range records {
		found = append(found, r.ID)
	}
	if !slices.Equal(found, ids) {
		t.Errorf("%s: ids %q, want %q", body, found, ids)
	}
}

// The id outlives the answer: whoever keeps ids must not keep pages by them.
func TestSplitCopiesTheID(t *testing.T) {
	body := []byte(`{"conversations":[{"conversationId":"abc"}]}`)
	records, _, err := split(Conversations.contract(), body)
	if err != nil {
		t.Fatal(err)
	}
	first := uintptr(unsafe.Pointer(&body[0]))
	id := uintptr(unsafe.Pointer(unsafe.StringData(records[0].ID)))
	if id >= first && id < first+uintptr(len(body)) {
		t.Error("the id is a part of the answer")
	}
}

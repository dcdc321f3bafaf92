package genesys

import (
	"errors"
	"strings"
	"testing"
)

func TestSplitRefusesAnAnswerThatIsNotOne(t *testing.T) {
	for _, row := range []struct{ name, body, want string }{
		{"nothing", ``, "cut short"},
		{"white space", " \n", "cut short"},
		{"an array", `[{"conversationId":"SECRET"}]`, "not a JSON object"},
		{"a text", `"SECRET"`, "not a JSON object"},
		{"not JSON", `<html>SECRET</html>`, "not valid JSON"},
		{"bad escape", `{"conversations":[{"conversationId":"SECRET\q"}]}`, "not valid JSON"},
		{"bad number", `{"totalHits":01}`, "not valid JSON"},
		{"missing comma", `{"conversations":[{"conversationId":"a"} {"conversationId":"SECRET"}]}`, "not valid JSON"},
		{"trailing comma", `{"conversations":[{"conversationId":"a"},]}`, "not valid JSON"},
		{"control character", "{\"conversations\":[{\"conversationId\":\"SECRET\x01\"}]}", "not valid JSON"},
		{"doubled array", `{"conversations":[],"x":1,"conversations":[]}`, "conversations occurs twice"},
		{"doubled empty array", `{"conversations":null,"conversations":null}`, "conversations occurs twice"},
		{"doubled total", `{"totalHits":1,"totalHits":1}`, "totalHits occurs twice"},
		{"array is an object", `{"conversations":{"SECRET":1}}`, "conversations is not an array"},
		{"array is a text", `{"conversations":"SECRET"}`, "conversations is not an array"},
		{"record is not JSON", `{"conversations":[{"conversationId":"a"},SECRET]}`, "not valid JSON"},
		{"record ends another way", `{"conversations":[1}}`, "not valid JSON"},
		{"record without an id is cut", `{"conversations":[{"note":"SECRET"}`, "cut short"},
		{"record that is no object is cut", `{"conversations":["SECRET`, "cut short"},
		{"total is a fraction", `{"totalHits":1.5}`, "totalHits is not a whole number"},
		{"total has an exponent", `{"totalHits":1e3}`, "totalHits is not a whole number"},
		{"total is negative", `{"totalHits":-1}`, "totalHits is not a whole number"},
		{"total is a text", `{"totalHits":"SECRET"}`, "totalHits is not a whole number"},
		{"total is enormous", `{"totalHits":123456789012345678901}`, "totalHits is not a whole number"},
		{"something follows", `{"conversations":[]}{"SECRET":1}`, "something follows"},
		{"garbage follows", `{"conversations":[]}` + "\x00SECRET", "something follows"},
	} {
		t.Run(row.name, func(t *testing.T) {
			both(t, row.body, func(t *testing.T, c contract, body string) {
				records, _, err := split(c, []byte(body))
				var m *malformed
				if !errors.As(err, &m) || records != nil {
					t.Fatalf("%d records, error %v; want a malformed answer", len(records), err)
				}
				want := strings.NewReplacer("conversations", c.records, "totalHits", c.total).Replace(row.want)
				if !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "at byte ") {
					t.Errorf("error %q, want %q and where", err, want)
				}
				if strings.Contains(err.Error(), "SECRET") {
					t.Errorf("the error %q tells what the answer holds", err)
				}
				if m.offset < 0 || m.offset > int64(len(body)) {
					t.Errorf("byte %d of %d", m.offset, len(body))
				}
			})
		})
	}
}

// A page is a megabyte: the error says where in it, not only in which member.
func TestSplitSaysWhereAnAnswerIsNotJSON(t *testing.T) {
	for _, before := range []string{
		`{"x":`, `{"conversations":[{"conversationId":"a","participants":[{"y":[1,2,`, `{"conversations":[{"conversationId":`, `{"conversations":[`,
	} {
		_, _, err := split(Conversations.contract(), []byte(before+"?]}]}]}"))
		if m, ok := errors.AsType[*malformed](err); !ok || m.offset != int64(len(before)) {
			t.Errorf("%s?: error %v, want one at byte %d", before, err, len(before))
		}
	}
}

func TestSplitNoticesAnAnswerCutAtAnyByte(t *testing.T) {
	body := `{"totalHits":12,"conversations":[{"conversationId":"\u0061","x":[1.5e2,true,null,{"y":"\ud83d\ude00"}]},` +
		`{"conversationStart":"1999-12-30T00:00:00.000Z","conversationId":"b"},{"x":null},"y",null,-1.5,[{}]],"aggregations":[]}`
	both(t, body, func(t *testing.T, c contract, body string) {
		for n := range len(body) {
			_, _, err := split(c, []byte(body[:n]))
			var m *malformed
			if !errors.As(err, &m) {
				t.Errorf("cut at byte %d: error %v, want a malformed answer", n, err)
			} else if !strings.Contains(m.reason, "cut short") {
				t.Errorf("cut at byte %d: %v, want cut short", n, err)
			}
		}
		if _, _, err := split(c, []byte(body)); err != nil {
			t.Error(err)
		}
	})
}

func TestSplitNamesTheOtherDialect(t *testing.T) {
	for _, row := range []struct {
		dialect      Dialect
		body, member string
	}{
		{Conversations, `{"entities":[{"id":"a"}],"totalCount":1}`, "entities"},
		{Conversations, `{"totalCount":0,"entities":[]}`, "totalCount"},
		{Conversations, `{"pageNumber":1,"totalCount":0}`, "totalCount"},
		{Entities, `{"conversations":[],"totalHits":0}`, "conversations"},
		{Entities, `{"totalHits":0}`, "totalHits"},
		{Entities, `{"aggregations":[],"\u0074otalHits":0}`, "totalHits"},
	} {
		_, _, err := split(row.dialect.contract(), []byte(row.body))
		var other *otherDialect
		if !errors.As(err, &other) || other.member != row.member {
			t.Errorf("%s of %s: error %v, want one that names %s", row.dialect, row.body, err, row.member)
		}
	}
}

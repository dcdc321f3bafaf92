package genesys

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"genesys-producer/genesys/genesystest"
)

// FuzzSplit holds split against encoding/json, in both dialects:
//
//   - what encoding/json calls invalid is refused;
//   - what it calls valid is accepted or refused as the oracle says, which lists
//     where the two differ by design, and for the same kind of reason;
//   - where both accept, they agree on the records' bytes, ids, times and defects,
//     and on the count; a record has either an id or a defect;
//   - an error is of one of our own sentences, and tells nothing of the answer.
func FuzzSplit(f *testing.F) {
	for _, body := range []string{
		``, `{}`, `[]`, `null`, `{"conversations":null,"totalHits":null}`, `{"conversations":[null]}`,
		`{"conversations":[{"conversationId":"a","conversationStart":"1999-12-30T00:00:00.000Z"}],"totalHits":1}`,
		`{"entities":[{"id":"a","startTime":"1999-12-30T00:00:00Z","endTime":"x"}],"totalCount":1,"pageNumber":1}`,
		"{ \"conversations\" : [ { \"x\" : 1E400 , \"conversationId\" : \"\\u0061\" }\n,{\"conversationId\":\"b\",\"x\":\"\xff\"}]}",
		`{"conversations":[{"conversationId":"a","x":{"conversationId":"b"}}],"conversations":[]}`,
		`{"conversations":[{"ConversationID":"a","conversationid":"b"}],"Conversations":[],"TOTALHITS":-1}`,
		`{"totalHits":01}`, `{"totalHits":1}x`, `{"totalHits":-0}`, `{"totalHits":-1}`, `{"totalCount":-1}`, `{"totalHits":1e2}`, `{"totalHits":9223372036854775808}`,
		`{"conversations":[{"conversationId":"\ud800"},]}`, `{"conversations":[{"conversationId":"\ud800"}]}`, `{"conversations":[{"conversationId":"\ufffd\\ufffd"}],"\u0074otalHits":1}`,
		`{"conversations":[{"conversationId":"a","conversationId":"b"},{"x":[[[[{}]]]]}]}`,
		`{"conversations":[0,"",null,true,[{"conversationId":"a"}],{},{"conversationId":""},{"conversationId":[]}],"entities":[]}`,
		`{"entities":[0,"",null,false,[{"id":"a"}],{},{"id":""},{"id":1e3},{"id":"a","id":2},{"\u0069d":"\udc00"}]}`,
		`{"conversations":[{"conversationId":"a","conversationEnd":"1999-12-30T00:00:00\u005a","conversationStart":null}]}`,
		`{"conversations":[{"conversationId":"a","id":"b","startTime":"1999-12-30T00:00:00Z","endTime":"1999-12-30T00:00:00Z"}]}`,
		`{"conversations":[{"conversationId":"a","conversationStart":"1999-12-30T24:00:00.5+02:00","conversationStart":"x"}]}`,
	} {
		f.Add([]byte(body))
	}
	for _, dialect := range []genesystest.Dialect{genesystest.Conversations, genesystest.Entities} {
		for _, fault := range []*genesystest.Fault{
			nil, genesystest.CutJSON(700), genesystest.CutJSON(-1), genesystest.Garbage(), genesystest.OtherDialect(),
			genesystest.MissingArray(), genesystest.EmptyArray(), genesystest.NullArray(), genesystest.ShortBy(1),
			genesystest.WithoutTotal(), genesystest.TotalOffset(-1), genesystest.PageNumberEcho(-7), genesystest.EdgeError(502),
			genesystest.Status(400, "bad.request", "no"),
		} {
			f.Add(answerOf(f, dialect, fault))
		}
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, dialect := range []Dialect{Conversations, Entities} {
			compareSplit(t, dialect.contract(), body)
		}
	})
}

// answerOf is the body of a simulator's answer: a page of one small record.
func answerOf(tb testing.TB, dialect genesystest.Dialect, fault *genesystest.Fault) []byte {
	tb.Helper()
	sim := genesystest.New(simple(genesystest.Config{Dialect: dialect, Conversations: 2}))
	answer := func(target, contentType, body string, head ...string) []byte {
		req := httptest.NewRequest(http.MethodPost, target, strings.NewReader(body))
		req.Header.Set("Content-Type", contentType)
		for i := 0; i < len(head); i += 2 {
			req.Header.Set(head[i], head[i+1])
		}
		if dialect == genesystest.Conversations && target == genesystest.TokenPath {
			req.SetBasicAuth(genesystest.DefaultClientID, genesystest.DefaultClientSecret)
		}
		recorder := httptest.NewRecorder()
		sim.ServeHTTP(recorder, req)
		return recorder.Body.Bytes()
	}
	form := url.Values{"grant_type": {"client_credentials"}}
	if dialect == genesystest.Entities {
		form.Set("client_id", genesystest.DefaultClientID)
		form.Set("client_secret", genesystest.DefaultClientSecret)
	}
	var token struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.Unmarshal(answer(genesystest.TokenPath, "application/x-www-form-urlencoded", form.Encode()), &token); err != nil || token.AccessToken == "" {
		tb.Fatalf("no token: %v", err)
	}
	q := Query{Dialect: Dialect(dialect), Queue: queue, From: day, To: day.AddDate(0, 0, 1), PageSize: 1}
	body, params, err := q.Dialect.encode(q, 1)
	if err != nil {
		tb.Fatal(err)
	}
	sim.Script(func(genesystest.Request) *genesystest.Fault { return fault })
	return answer(genesystest.QueryPath+"?"+params, "application/json", string(body), "Authorization", "Bearer "+token.AccessToken)
}

func compareSplit(t *testing.T, c contract, body []byte) {
	t.Helper()
	records, total, err := split(c, body)
	if err != nil {
		checkRefusal(t, c, body, err)
		if records != nil || total != 0 {
			t.Errorf("%d records of %d beside the error %q", len(records), total, err)
		}
	}
	if !json.Valid(body) {
		if err == nil {
			t.Fatal("accepted, though it is not valid JSON")
		}
		return
	}
	wantRecords, wantTotal, wantErr := oracle(c, body)
	if kindOf(err) != kindOf(wantErr) {
		t.Fatalf("error %v, want %v", err, wantErr)
	}
	if err != nil {
		return
	}
	if len(records) != len(wantRecords) || total != wantTotal {
		t.Fatalf("%d records of %d, want %d of %d", len(records), total, len(wantRecords), wantTotal)
	}
	same := func(a, b time.Time) bool {
		return a.Equal(b) && a.Format(time.RFC3339Nano) == b.Format(time.RFC3339Nano)
	}
	for i, r := range records {
		want := wantRecords[i]
		if string(r.Raw) != string(want.Raw) || r.ID != want.ID || r.Defect != want.Defect || !same(r.Start, want.Start) || !same(r.End, want.End) {
			t.Errorf("record %d: %q (%q) of %v to %v:\n%q\nwant %q (%q) of %v to %v:\n%q", i+1,
				r.ID, r.Defect, r.Start, r.End, r.Raw, want.ID, want.Defect, want.Start, want.End, want.Raw)
		}
		if (r.ID == "") != (r.Defect != "") {
			t.Errorf("record %d has the id %q and the defect %q", i+1, r.ID, r.Defect)
		}
	}
}

// kindOf tells the errors of split apart as [unreadable] does.
func kindOf(err error) string {
	if other, ok := errors.AsType[*otherDialect](err); ok {
		return "other dialect: " + other.member
	}
	if err != nil {
		return "not a page"
	}
	return "good"
}

// refusals are the sentences of split, the place of the fault at their end.
var refusals = regexp.MustCompile(`^(the answer is (not a JSON object|cut short|not valid JSON)` +
	`|the member \w+ (occurs twice|is not a whole number|is not an array)|something follows the answer` +
	`) \(at byte \d+\)$|^the answer has the member "\w+"$`)

func checkRefusal(t *testing.T, c contract, body []byte, err error) {
	t.Helper()
	other := c.other.contract()
	names := "the member " + c.records + " " + c.total + " " + other.records + " " + other.total
	m := refusals.FindString(err.Error())
	if m == "" {
		t.Errorf("error %q", err)
	}
	if name := regexp.MustCompile(`member "?(\w+)`).FindStringSubmatch(m); name != nil && !strings.Contains(names, " "+name[1]) {
		t.Errorf("error %q names what is not ours", err)
	}
	if bad, ok := errors.AsType[*malformed](err); ok && (bad.offset < 0 || bad.offset > int64(len(body))) {
		t.Errorf("byte %d of %d", bad.offset, len(body))
	}
}

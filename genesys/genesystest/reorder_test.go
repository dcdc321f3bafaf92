package genesystest

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// sorted is the content of a record without regard to the order of members and
// participants.
func sorted(t *testing.T, raw []byte) map[string]any {
	t.Helper()
	var record map[string]any
	if err := json.Unmarshal(raw, &record); err != nil {
		t.Fatalf("%v: %s", err, raw)
	}
	participants := record["participants"].([]any)
	slices.SortFunc(participants, func(a, b any) int {
		return strings.Compare(a.(map[string]any)["participantId"].(string), b.(map[string]any)["participantId"].(string))
	})
	return record
}

func TestReorderedRecordsHaveTheSameContent(t *testing.T) {
	a, at := lively(t, Config{Seed: 41, Conversations: 50, MeanSize: 8000, LateShare: 1,
		Life: Life{ReorderShare: 0.5, SurveyShare: 1}})
	at.Advance(200 * time.Hour)
	id := a.IDs("only", noon().Add(-12*time.Hour), noon())[7]
	if !a.Pad(id, 60_000, true) {
		t.Fatal("not padded")
	}
	other, order := 0, make(map[string]bool)
	for range 8 {
		at.Advance(time.Minute)
		rows := a.today()
		again := a.today()
		for id, row := range rows {
			told, _ := a.Conversation(id)
			if !bytes.Equal(row.raw, again[id].raw) {
				t.Fatalf("%s comes in two orders within a minute", id)
			}
			if !reflect.DeepEqual(sorted(t, row.raw), sorted(t, told.JSON)) || len(row.raw) != len(told.JSON) {
				t.Fatalf("%s has another content:\n%.2000s\n%.2000s", id, row.raw, told.JSON)
			}
			if !bytes.Equal(row.raw, told.JSON) {
				other++
				first, _, _ := strings.Cut(string(row.raw), ":")
				order[first] = true
			}
			if bytes.Equal(row.raw, told.JSON) != slices.Equal(participantIDs(t, row.raw), participantIDs(t, told.JSON)) {
				t.Fatalf("%s: members are in another order, or participants are, but not both", id)
			}
		}
	}
	if other < 150 || other > 250 || len(order) < 5 {
		t.Errorf("%d of 400 in another order, which begin with %v", other, order)
	}
}

func participantIDs(t *testing.T, raw []byte) (ids []string) {
	t.Helper()
	var record struct {
		Participants []struct{ ParticipantID string }
	}
	if err := json.Unmarshal(raw, &record); err != nil {
		t.Fatal(err)
	}
	for _, p := range record.Participants {
		ids = append(ids, p.ParticipantID)
	}
	return ids
}

func TestBytesOfATestAreNotReordered(t *testing.T) {
	for _, d := range []Dialect{Conversations, Entities} {
		a, _ := lively(t, Config{Dialect: d, Conversations: -1, Life: Life{ReorderShare: 1}})
		const own = `{ "conversationId":"own", "participants":[1,2], "x":"\",{" }`
		a.Put(nil, Conversation{ID: "own", Start: noon().Add(-11 * time.Hour), End: noon(), JSON: []byte(own)})
		a.Put(nil, Conversation{ID: "made", Start: noon().Add(-11 * time.Hour), End: noon()})
		body := a.raw("only", noon().Add(-12*time.Hour), noon(), 1, 10).Body.Bytes()
		made, _ := a.Conversation("made")
		if !bytes.Contains(body, []byte(own)) || bytes.Contains(body, made.JSON) || !json.Valid(body) {
			t.Errorf("%s: %s", d, body)
		}
	}
}

func TestElements(t *testing.T) {
	for raw, want := range map[string][]string{
		`{}`:                              {``},
		`{"a":1}`:                         {`"a":1`},
		`{"a":[1,{"b":2,"c":3}],"d":"e"}`: {`"a":[1,{"b":2,"c":3}]`, `"d":"e"`},
		`["]","a\",b",",\\","{",[],{}]`:   {`"]"`, `"a\",b"`, `",\\"`, `"{"`, `[]`, `{}`},
	} {
		var got []string
		for _, part := range elements([]byte(raw)) {
			got = append(got, string(part))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", raw, got, want)
		}
	}
}

package main

import (
	"encoding/json"
	"strings"
	"testing"

	"genesys-producer/checkpoint"
)

// Before a pass has its first page nobody has said what the total is; then it can be none.
func TestShownTotal(t *testing.T) {
	mid := walkedTo("a", false)
	begins := mid
	begins.Page, begins.Read, begins.Account = 0, 0, checkpoint.Account{Looks: 1, Begin: "0:4100"}
	empty := mid
	empty.Page, empty.Account.Totals = 1, checkpoint.Totals{}
	untold := mid
	untold.Account.Totals = checkpoint.Totals{First: -1, Last: -1}
	for name, c := range map[string]struct {
		checkpoint.Position
		want string
	}{
		"a pass that begins": {begins, "not known: no page of this pass is completed"},
		"mid-walk":           {mid, "1,236 by the API, 1,234 at first"},
		"an empty window":    {empty, "0 by the API"},
		"no total is told":   {untold, "the API says none"},
	} {
		if got := accountRows(c.Position)[0]; got != [2]string{"total", c.want} {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// A configuration that revisits nothing has no days to revisit, whatever was noted under
// another.
func TestListAndShowWithoutRevisits(t *testing.T) {
	s := fill(t, "a,b")
	t.Setenv("WINDOW_REVISIT", "")
	code, stdout, stderr := s.look("checkpoint", "list", "--json")
	var l listing
	if err := json.Unmarshal([]byte(stdout), &l); err != nil || code != done || len(l.Lanes) != 3 {
		t.Fatalf("exit code %d, %v, %q:\n%s", code, err, stderr, stdout)
	}
	if visits := l.Lanes[1]; *visits.Days != 0 || !visits.NextVisit.IsZero() {
		t.Errorf("%+v", visits)
	}
	if code, stdout, _ := s.look("checkpoint", "show", "a"); code != done || strings.Contains(stdout, "Days to revisit") {
		t.Errorf("exit code %d:\n%s", code, stdout)
	}
}

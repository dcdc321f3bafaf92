package genesystest

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestTotalsAreAboveByNature(t *testing.T) {
	for _, c := range []struct {
		life Life
		want int // for 60 rows
	}{
		{Life{}, 60},
		{Life{TotalAbove: 7}, 67},
		{Life{TotalAboveShare: 0.01}, 61},
		{Life{TotalAbove: 1, TotalAboveShare: 0.1}, 67},
	} {
		a, at := lively(t, Config{Seed: 31, Conversations: 60, Life: c.life})
		at.Advance(100 * time.Hour)
		for range 20 {
			at.Advance(time.Minute)
			if total := a.page("only", noon().Add(-12*time.Hour), noon(), 1, 10).total(); total != c.want {
				t.Fatalf("%+v: total %d, want %d", c.life, total, c.want)
			}
		}
		if rows := len(a.today()); rows != 60 {
			t.Errorf("%+v: %d rows, want 60", c.life, rows)
		}
		if total := a.page("other", noon().Add(-12*time.Hour), noon(), 1, 10).total(); total != c.life.TotalAbove {
			t.Errorf("%+v: total %d of no rows", c.life, total)
		}
	}
}

func TestTotalsAreOffByChance(t *testing.T) {
	a, at := lively(t, Config{Seed: 32, Conversations: 60, Life: Life{TotalOffShare: 0.3}})
	at.Advance(100 * time.Hour)
	seen := make(map[int]int)
	for range 400 {
		seen[a.page("only", noon().Add(-12*time.Hour), noon(), 1, 10).total()-60]++ // the clock stands still: attempts count
	}
	for off, count := range seen {
		if off < -3 || off > 3 || off != 0 && (count < 5 || count > 40) {
			t.Errorf("off by %d: %d times of 400", off, count)
		}
	}
	if len(seen) != 7 || seen[0] < 240 || seen[0] > 320 {
		t.Errorf("totals are off by %v", seen)
	}
	for range 100 {
		if total := a.page("other", noon().Add(-12*time.Hour), noon(), 1, 10).total(); total < 0 {
			t.Fatalf("total %d", total)
		}
	}
}

// TestTheCapUnderAFullLife pages up to a cap below what there is, and past the end
// of what there is, with everything else going on.
func TestTheCapUnderAFullLife(t *testing.T) {
	for _, whole := range []bool{false, true} {
		c := Config{Seed: 33, Conversations: 420, MaxResults: 300, PastEndStatus: http.StatusBadRequest, WholeDays: whole,
			Life: fullLife()}
		a, at := lively(t, c)
		at.Advance(200 * time.Hour)
		a.Drift(7, Hide)
		day, seen := noon().Truncate(24*time.Hour), make(map[string]bool)
		for page := 1; page <= 3; page++ {
			rows := a.page("only", day, noon(), page, 100).rows()
			if len(rows) != 100 {
				t.Errorf("page %d has %d rows", page, len(rows))
			}
			for id := range a.lives(rows) {
				seen[id] = true
			}
		}
		if len(seen) != 300 {
			t.Errorf("%d different conversations on three pages", len(seen))
		}
		w := a.raw("only", day, noon(), 4, 100)
		if w.Code != 400 || !strings.HasPrefix(readError(t, w.Body.Bytes()).Message, "Pagination may not exceed 300 results. ") {
			t.Errorf("beyond the cap: %d %s", w.Code, w.Body)
		}
		first := a.page("only", day, day.Add(4*time.Hour), 1, 100)
		rows := a.IDs("only", day, day.Add(4*time.Hour))
		if whole != (len(rows) == 420) || len(first.rows()) == 0 {
			t.Errorf("whole days %t: %d found in the first hours", whole, len(rows))
		}
		w = a.raw("only", day, day.Add(4*time.Hour), len(rows)/50+2, 50)
		if past := (len(rows)/50+2)*50 <= 300; past && w.Code != 400 || past && strings.Contains(w.Body.String(), "Pagination") {
			t.Errorf("past the end: %d %s", w.Code, w.Body)
		}
	}
}

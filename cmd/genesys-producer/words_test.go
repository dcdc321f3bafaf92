package main

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestWords(t *testing.T) {
	now := time.Date(2026, time.March, 1, 0, 0, 0, 0, time.UTC)
	for got, want := range map[string]string{
		dueIn(now, now):                          "due",
		dueIn(now.Add(90*time.Minute), now):      "in 1h30m",
		dash(""):                                 "-",
		dash("x"):                                "x",
		shortened(time.Hour):                     "1h",
		shortened(90 * time.Minute):              "1h30m",
		shortened(10 * time.Second):              "10s",
		shortened(20 * time.Minute):              "20m",
		minutes(0):                               "0",
		minutes(0.05):                            "< 0.1",
		minutes(3.14):                            "3.1",
		minutes(12345.6):                         "12,346",
		percent(0.004):                           "less than 1 %",
		percent(0.5):                             "50 %",
		percent(0):                               "0 %",
		minute(now):                              "2026-03-01T00:00Z",
		minute(now.Add(1500 * time.Millisecond)): "2026-03-01T00:00:01Z",
		fmt.Sprint(pagesOf(0, 24, 100)):          "24",   // one each, though empty
		fmt.Sprint(pagesOf(1000, 1, 100)):        "10.5", // the last is half full
		fmt.Sprint(pagesOf(40, 24, 100)):         "24",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// Numbers end below each other, and their heads with them.
func TestTable(t *testing.T) {
	var text strings.Builder
	writeTable(&text, [][]string{{"QUEUE", "PAGES", "NOTE"}, {"a", "7", "x"}, {"bb", "1,234,567", ""}}, 1)
	if want := "QUEUE      PAGES  NOTE\na              7  x\nbb     1,234,567  \n"; text.String() != want {
		t.Errorf("it is\n%s, want\n%s", text.String(), want)
	}
}

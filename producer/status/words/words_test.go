package words

import (
	"testing"
	"time"
)

func TestWords(t *testing.T) {
	for got, want := range map[string]string{
		Count(0):                         "0",
		Count(999):                       "999",
		Count(1000):                      "1,000",
		Count(1234567):                   "1,234,567",
		Count(-123):                      "-123",
		Count(-1234567):                  "-1,234,567",
		Several(0, "page", "pages"):      "0 pages",
		Several(1, "page", "pages"):      "1 page",
		Several(1000, "page", "pages"):   "1,000 pages",
		Some([]string{"a", "b"}, 2):      "a, b",
		Some([]string{"a", "b", "c"}, 2): "a, b and 1 more",
		AheadOrBehind(90*time.Second + 400*time.Millisecond): "1m30s ahead",
		AheadOrBehind(-time.Hour):                            "1h0m0s behind",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

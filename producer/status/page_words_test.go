package status

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestSpan(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Second: "0 s", 0: "0 s", 400 * time.Millisecond: "0 s", 38 * time.Second: "38 s", 59700 * time.Millisecond: "1 min", 89 * time.Second: "1 min",
		3 * time.Minute: "3 min", 59*time.Minute + 31*time.Second: "1 h", 72 * time.Minute: "1 h 12 min", 24*time.Hour - time.Second: "1 d", 76 * time.Hour: "3 d 4 h", 72*time.Hour + 5*time.Minute: "3 d",
	} {
		if got := span(d); got != want {
			t.Errorf("%v is %q, want %q", d, got, want)
		}
	}
}

func TestInstants(t *testing.T) {
	at := func(text string) time.Time {
		when, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return when
	}
	for _, c := range []struct{ got, want string }{
		{clock(noon.Add(3*time.Minute), noon), "14:05:00 UTC"},
		{clock(at("2026-03-04T15:05:00+01:00"), noon), "14:05:00 UTC"},
		{clock(at("2026-03-03T14:05:00Z"), noon), "3 Mar 14:05:00 UTC"},
		{clock(at("2025-03-04T14:05:00Z"), noon), "4 Mar 2025 14:05:00 UTC"},
		{distance(noon.Add(3*time.Minute), noon), "in 3 min"},
		{distance(noon.Add(-3*time.Second), noon), "3 s ago"},
		{interval(at("2026-03-04T12:00:00Z"), at("2026-03-04T13:00:00Z"), noon), "today, 12:00–13:00"},
		{interval(at("2026-03-03T23:00:00Z"), at("2026-03-04T00:00:00Z"), noon), "3 Mar, 23:00–24:00"},
		{interval(at("2026-03-03T00:00:00Z"), at("2026-03-04T00:00:00Z"), noon), "3 Mar, all day"},
		{interval(at("2026-03-03T12:00:00Z"), at("2026-03-03T12:03:45Z"), noon), "3 Mar, 12:00:00–12:03:45"},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
}

// The worst that there is to say comes first, and nothing that is well hides it.
func TestHeadline(t *testing.T) {
	change := func(s Status, changes ...func(*Status)) Status {
		for _, c := range changes {
			c(&s)
		}
		return s
	}
	warned := func(s *Status) { s.Warnings = []string{"one", "two"} }
	unready := func(s *Status) { s.Ready, s.NotReady = false, []string{"the access token could not be renewed yet"} }
	slow := func(s *Status) { s.CaughtUpSeconds = 3600 }
	stuck := func(s *Status) { s.Stuck, s.Life = true, "stuck: nothing was heard for longer than 10m0s" }
	stopping := func(s *Status) { s.Phase = Stopping }
	asked := func(s *Status) {
		s.Holds = []Hold{{By: ByAPI, What: "the API asks to stay away", Error: "429", Since: noon, Until: noon.Add(12 * time.Second)}}
	}
	brokers := func(s *Status) {
		s.Holds = append(s.Holds, Hold{By: ByKafka, What: "brokers are away", Error: "connection refused", Since: noon.Add(-time.Minute)})
	}
	unnamed := func(s *Status) {
		s.Holds = []Hold{{By: ByKafka, What: "brokers are away", Since: noon.Add(-time.Minute)}}
	}
	allParked := func(s *Status) {
		for i := range s.Queues {
			s.Queues[i].Parked = true
		}
	}
	visits := func(s *Status) { s.Queues[1].VisitsParked = true }
	single := func(s *Status) { s.Queues = s.Queues[:1] }
	fresh := func(s *Status) {
		for i := range s.Queues {
			s.Queues[i].ClosedUntil = time.Time{}
		}
	}
	for _, c := range []struct {
		s    Status
		tone tone
		want string
	}{
		{walking(), well, "All is well: 3 queues, the furthest behind by 1 h 12 min"},
		{change(walking(), single), well, "All is well: 1 queue, behind by 1 h 12 min"},
		{change(walking(), fresh), well, "All is well: 3 queues, of which none has closed a window yet"},
		{change(walking(), warned), cautious, "It runs, with 2 warnings: 3 queues, the furthest behind by 1 h 12 min"},
		{change(walking(), slow), waits, "Catching up: 3 queues, the furthest behind by 1 h 12 min"},
		{waiting(), waits, "Waiting: the next window settles at 14:05:00 UTC (in 3 min)"},
		{change(waiting(), warned), cautious, "Waiting, with 2 warnings: the next window settles at 14:05:00 UTC (in 3 min)"},
		{change(walking(), asked), waits, "Waiting: the API asks to stay away, until 14:02:12 UTC (in 12 s)"},
		{change(waiting(), brokers), trouble, "Needs a look: brokers are away (for 1 min)"},
		{change(walking(), unnamed), trouble, "Needs a look: brokers are away (for 1 min)"},
		{change(failing(), brokers, warned), trouble, "Needs a look: the API fails; requests are repeated until they succeed (for 2 min); brokers are away (for 1 min)"},
		{change(walking(), unready), trouble, "Needs a look: the access token could not be renewed yet"},
		{change(waiting(), unready), trouble, "Needs a look: the access token could not be renewed yet"},
		{change(walking(), allParked), trouble, "Needs a look: all 3 queues are parked"},
		{change(walking(), allParked, single), trouble, "Needs a look: the queue is parked"},
		{change(walking(), visits), trouble, "Needs a look: the revisits of 1 queue are parked"},
		{change(parked(), brokers), trouble, "Needs a look: brokers are away (for 1 min); 1 of 4 queues is parked"},
		{change(walking(), stuck), trouble, "Needs a look: stuck: nothing was heard for longer than 10m0s"},
		{starting(), waits, "Starting: logging in"},
		{change(starting(), brokers), trouble, "Needs a look: it cannot start yet: brokers are away (for 1 min)"},
		{change(failing(), stopping), waits, "Stopping: the pages in hand are finished first"},
	} {
		h := headlineOf(c.s)
		if got := h.Lead + ": " + h.Rest; h.Tone != c.tone || got != c.want {
			t.Errorf("%s, %q\nwant %s, %q", h.Tone, got, c.tone, c.want)
		}
	}
}

// Text is legible on what is behind it, in the light and in the dark: WCAG 2.2, level AA.
func TestContrast(t *testing.T) {
	light, dark, ok := strings.Cut(pageStyle, "prefers-color-scheme: dark")
	if !ok {
		t.Fatal("there are no colours for the dark")
	}
	dark, _, _ = strings.Cut(dark, "\n}")
	for name, style := range map[string]string{"light": light, "dark": dark} {
		colours := map[string]float64{}
		for _, m := range regexp.MustCompile(`--(\w+): #(\w{6});`).FindAllStringSubmatch(style, -1) {
			colours[m[1]] = luminance(t, m[2])
		}
		check := func(least float64, front string, backs ...string) {
			for _, back := range backs {
				a, b := colours[front], colours[back]
				if a == 0 || b == 0 {
					t.Fatalf("%s: no colour %s or %s", name, front, back)
				}
				if got := (max(a, b) + 0.05) / (min(a, b) + 0.05); got < least {
					t.Errorf("%s: %s on %s has a contrast of %.2f, want %.1f", name, front, back, got, least)
				}
			}
		}
		for _, text := range []string{"ink", "soft", "trouble", "cautious"} {
			check(4.5, text, "ground", "sheet", "alarm")
		}
		for _, text := range []string{"well", "waits", "link"} {
			check(4.5, text, "ground", "sheet")
		}
		check(3, "bar", "track", "sheet", "alarm") // not text
		for _, circle := range []string{"well", "waits", "cautious", "trouble"} {
			check(3, "on", circle)
		}
	}
}

func luminance(t *testing.T, hex string) float64 {
	t.Helper()
	sum := 0.0
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		n, err := strconv.ParseUint(hex[2*i:2*i+2], 16, 8)
		if err != nil {
			t.Fatal(fmt.Errorf("colour %s: %w", hex, err))
		}
		c := float64(n) / 255
		if c <= 0.04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+0.055)/1.055, 2.4)
		}
		sum += weight * c
	}
	return sum
}

package main

import (
	"encoding/json"
	"fmt"
	"html"
	"image/color"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"genesys-producer/genesys/genesystest"
	"genesys-producer/producer/status"
)

// address is where the program listens, as its log says.
func (c *child) address() string {
	c.Helper()
	c.await("http: listening", 1)
	for line := range strings.Lines(c.stderr.String()) {
		var said struct{ Msg, Address string }
		if json.Unmarshal([]byte(line), &said) == nil && said.Msg == "http: listening" {
			return said.Address
		}
	}
	c.Fatal("the log does not say where it listens")
	return ""
}

// awaitStatus waits until /status.json is as it is wanted.
func (c *child) awaitStatus(address string, wanted func(status.Status) bool) status.Status {
	c.Helper()
	var last status.Status
	for limit := time.Now().Add(patience); time.Now().Before(limit); time.Sleep(50 * time.Millisecond) {
		last = status.Status{}
		answer, err := http.Get("http://" + address + "/status.json")
		if err != nil {
			c.Fatal(err)
		}
		err = json.NewDecoder(answer.Body).Decode(&last)
		answer.Body.Close()
		if err != nil {
			c.Fatal(err)
		}
		if wanted(last) {
			return last
		}
	}
	c.Fatalf("the status has not become what is wanted for %v: %+v", patience, last)
	return last
}

var (
	bars   = regexp.MustCompile(`<progress[^>]* value="(\d+)"[^>]*>`)
	titles = regexp.MustCompile(`(?s)<h1>(.*?)</h1>`)
	tags   = regexp.MustCompile(`(?s)<style>.*?</style>|<[^>]*>`)
)

// text is what there is to read of HTML.
func text(page string) string {
	return strings.Join(strings.Fields(html.UnescapeString(tags.ReplaceAllString(page, " "))), " ")
}

// What a person sees who opens the page while the service is in the middle of its windows.
func TestPageInABrowser(t *testing.T) {
	w := newDays(t, genesystest.Config{})
	held := make(chan struct{})
	const last = 29 // page that is answered
	w.gate.at(last+1, true, func() { close(held) })
	c := w.start("HTTP_ADDR=127.0.0.1:0", "GENESYS_READ_AHEAD=0", "GENESYS_TIMEOUT=10m")
	address := c.address()
	b := newBrowser(t, address)
	<-held
	midway := func(q status.Queue) bool { return !q.Closed && 0 < q.Page && q.Page < q.Pages }
	now := c.awaitStatus(address, func(s status.Status) bool { return s.Totals.Pages == last && slices.ContainsFunc(s.Queues, midway) })

	page := string(b.open("/", "--dump-dom"))
	if title := text(titles.FindString(page)); !strings.HasPrefix(title, "Catching up: 3 queues, the furthest behind by ") { // its days are long past
		t.Errorf("the headline is %q", title)
	}
	said := text(page)
	for _, q := range now.Queues {
		if !strings.Contains(said, q.ID) {
			t.Errorf("queue %s is not on the page", q.ID)
		}
		if want := q.From.Format("2 Jan 2006") + ", all day"; !strings.Contains(said, want) {
			t.Errorf("the page does not say %q", want)
		}
		if want := fmt.Sprintf("page %d of ~%d", q.Page, q.Pages); midway(q) && !strings.Contains(said, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	for _, part := range []string{"of 100,000 in the last minute", w.topic, "at-least-once"} {
		if !strings.Contains(said, part) {
			t.Errorf("the page does not say %q", part)
		}
	}
	between := 0
	all := bars.FindAllStringSubmatch(page, -1)
	for _, bar := range all {
		if n, err := strconv.Atoi(bar[1]); err != nil || n < 0 || n > 100 {
			t.Errorf("a bar is at %s", bar[1])
		} else if 0 < n && n < 100 {
			between++
		}
	}
	if len(all) != 1+len(now.Queues) || between == 0 {
		t.Errorf("%d bars, of which %d are between 0 and 100: %v", len(all), between, all)
	}
	if t.Failed() {
		t.Logf("the page:\n%s", said)
	}

	// It is as wide as the window, in which there is nothing to be scrolled for at its side.
	for _, window := range []struct {
		width, tall int // which is enough for all of it
		dark        bool
	}{{1280, 900, false}, {390, 2400, true}} {
		picture := b.picture("/?still", window.width, window.tall, window.dark)
		ground := color.RGBAModel.Convert(picture.At(0, 0)).(color.RGBA)
		if dark := ground.R < 128; dark != window.dark {
			t.Errorf("%d wide, the ground is %v", window.width, ground)
		}
		for y := range window.tall {
			if at := color.RGBAModel.Convert(picture.At(window.width-3, y)); at != ground {
				t.Errorf("%d wide, something reaches the edge at %d", window.width, y)
				break
			}
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if want := []string{"/", "/?still", "/?still"}; !slices.Equal(b.asked, want) || len(b.away) > 0 {
		t.Errorf("the browser asked for %q, and elsewhere for %q", b.asked, b.away)
	}
}

package genesys

import (
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"genesys-producer/genesys/genesystest"
)

// A 200 is no token: whoever counts renewals, or tells whether the service is logged in, must
// not take it for one.
func TestA200WithoutATokenIsNoLogin(t *testing.T) {
	for name, body := range map[string]string{
		"a page of a hotel": "<html>log in to the wifi</html>", "nothing": "", "no token": `{"token_type":"bearer"}`, "an empty one": `{"access_token":""}`,
		"an error": `{"error":"server_error"}`, "one of two lines": `{"access_token":"one\ntwo","expires_in":600}`, "one with a NUL": `{"access_token":"one\u0000"}`,
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, genesystest.Config{Conversations: 3, TokenLife: 10 * time.Minute}, func(w *world) {
				var bad atomic.Bool
				c, m := w.measured(func(c *Config) {
					c.Transport = altered{w.transport, func(resp *http.Response) {
						if bad.Load() && resp.Request.URL.Path == genesystest.TokenPath {
							resp.Body, resp.ContentLength = io.NopCloser(strings.NewReader(body)), -1
						}
					}}
				})
				w.must(c.Login(w.Context()))
				time.Sleep(time.Hour) // it has expired
				bad.Store(true)
				renewed := make(chan error)
				go func() { renewed <- c.Login(w.Context()) }()
				time.Sleep(time.Second)
				w.mustEqual("exchanges", briefs(m.all()), []string{"token 200", "token 200"})
				w.mustEqual("failed, and failed, and has a token", []any{m.all()[0].Failed, m.all()[1].Failed, c.State().Token}, []any{false, true, false})
				bad.Store(false)
				err := <-renewed
				if name == "an error" { // a refusal of the client, though it comes with a 200
					w.mustEqual("is refused", err != nil, true)
					return
				}
				w.must(err)
				if len(m.all()) != 3 {
					w.Fatalf("exchanges %q", briefs(m.all()))
				}
				w.mustEqual("failed, and has a token", []any{m.all()[2].Failed, c.State().Token}, []any{false, true})
			})
		})
	}
}

func TestAnAnswerThatIsOfNoUseHasFailed(t *testing.T) {
	inWorld(t, genesystest.Config{Conversations: 3}, func(w *world) {
		c, m := w.measured(func(c *Config) { c.MaxResponseBytes = 1000 })
		if _, err := walk(w.Context(), c, w.query(4), Cursor{}); err == nil {
			w.Error("a page was read that is too large")
		}
		told := m.all()
		w.mustEqual("exchanges", briefs(told), []string{"token 200", "page 200"})
		w.mustEqual("failed", []bool{told[0].Failed, told[1].Failed}, []bool{false, true})
	})
	inWorld(t, genesystest.Config{}, func(w *world) {
		c, m := w.measured()
		w.sim.Script(failing(1, false, genesystest.Garbage()))
		_, err := c.Queues(w.Context(), []QueueID{queue})
		w.must(err)
		told := m.all()
		w.mustEqual("exchanges", briefs(told), []string{"token 200", "queues 200", "queues 200 again"})
		w.mustEqual("failed", []bool{told[0].Failed, told[1].Failed, told[2].Failed}, []bool{false, true, false})
	})
}

package genesys

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"genesys-producer/genesys/genesystest"
)

// answers replaces the answers to the lookup, one after the other; the last stays.
func (w *world) answers(bodies ...string) *Client {
	return w.client(func(c *Config) {
		c.Transport = altered{w.transport, func(resp *http.Response) {
			if resp.Request.URL.Path == genesystest.QueuesPath {
				resp.Body, resp.ContentLength = io.NopCloser(strings.NewReader(bodies[0])), -1
				if len(bodies) > 1 {
					bodies = bodies[1:]
				}
			}
		}}
	})
}

// What is said of pages is documented, and may be off, or left out, all the same.
func TestPagesOfALookupEnd(t *testing.T) {
	const a, b = `{"id":"a","name":"A"}`, `{"id":"b","name":"B\u001b[2J\n"}`
	both := "map[a:A b:B [2J ]"
	for name, row := range map[string]struct {
		bodies   []string
		want     string
		requests int
	}{
		"a count that grows":       {[]string{`{"entities":[` + a + `],"pageCount":2}`, `{"entities":[{"id":"c"}],"pageCount":3}`, `{"entities":[` + b + `],"pageCount":4}`}, both, 3},
		"a count that grows on":    {[]string{`{"entities":[` + a + `],"pageCount":2}`, `{"entities":[` + a + `],"pageCount":3}`}, "map[a:A]", 4},
		"no count":                 {[]string{`{"entities":[` + a + `]}`, `{"entities":[` + b + `]}`}, both, 2},
		"no count, and an end":     {[]string{`{"entities":[` + a + `]}`, `{"entities":[]}`}, "map[a:A]", 3},
		"the next page's URI":      {[]string{`{"entities":[` + a + `],"pageCount":1,"nextUri":"/x"}`, `{"entities":[` + b + `],"pageCount":1}`}, both, 2},
		"a count of one":           {[]string{`{"entities":[` + a + `],"pageCount":1}`}, "map[a:A]", 2},
		"none":                     {[]string{`{"entities":[],"pageCount":0,"total":0}`}, "map[]", 2},
		"none, and no array":       {[]string{`{"pageCount":0,"total":0}`}, "map[]", 2},
		"none, and null":           {[]string{`{"entities":null,"total":0}`}, "map[]", 2},
		"none, though more follow": {[]string{`{"entities":[],"pageCount":7}`}, "map[]", 2},
		"no name":                  {[]string{`{"entities":[{"id":"a"},{"id":"b","name":null},{}]}`}, "map[a: b:]", 1},
		"in capitals":              {[]string{`{"entities":[{"id":"A","name":"A"},{"id":"B"}]}`}, "map[a:A b:]", 1},
		"members of their own":     {[]string{`{"entities":[` + a + `,{"id":"b","name":"B\u001b[2J\n","x":[1]}],"y":{}}`}, both, 1},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, genesystest.Config{}, func(w *world) {
				found, err := w.answers(row.bodies...).Queues(w.Context(), []QueueID{"a", "b"})
				w.must(err)
				w.mustEqual("found", found, row.want)
				w.mustEqual("requests", len(w.queries()), row.requests)
			})
		})
	}
}

// An answer that says nothing of queues does not say that there are none.
func TestALookupThatCannotBeReadSaysNothing(t *testing.T) {
	for _, body := range []string{`{}`, `[]`, `null`, `{"entities":null}`, `{"total":3}`, `{"entities":{}}`, `{"entities":[{"id":7}]}`, `<html>`, ``, `{"entities":[`} {
		inWorld(t, genesystest.Config{}, func(w *world) {
			found, err := w.answers(body).Queues(w.Context(), []QueueID{"a"})
			var e *Error
			if !errors.As(err, &e) || e.Kind != Malformed || found != nil {
				w.Fatalf("%s: found %v, error %v", body, found, err)
			}
			w.mustEqual("requests", len(w.queries()), 1+malformedAgain)
		})
	}
}

package genesys

import (
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"genesys-producer/genesys/genesystest"
)

// refused walks a query whose first page is answered so, and returns the error.
func (w *world) refused(c *Client, fault *genesystest.Fault) *Error {
	w.Helper()
	if fault != nil {
		w.sim.Script(scripted(faults{1: fault}))
	}
	_, err := walk(w.Context(), c, w.query(4), Cursor{})
	var e *Error
	if !errors.As(err, &e) {
		w.Fatalf("error %v, want an Error", err)
	}
	return e
}

func TestARefusalIsReturnedAtOnceAndSaysWhatToDo(t *testing.T) {
	const c, e = genesystest.Conversations, genesystest.Entities
	status := genesystest.Status
	for _, row := range []struct {
		dialect genesystest.Dialect
		fault   *genesystest.Fault
		kind    Kind
		stops   bool
		says    []string
	}{
		{c, status(400, "bad.request", "No."), Rejected, false, []string{"status 400 bad.request \"No.\"", "GENESYS_DIALECT"}},
		{c, status(404, "not.found", "No."), Rejected, false, []string{"status 404 not.found", "GENESYS_API_URL"}},
		{c, status(405, "method.not.allowed", "No."), Rejected, false, []string{"status 405", "vendor"}},
		{c, status(409, "conflict", "No."), Rejected, false, []string{"status 409 conflict", "vendor"}},
		{c, status(413, "request.entity.too.large", "No."), Rejected, false, []string{"status 413", "gateway"}},
		{c, genesystest.EdgeError(413), Rejected, false, []string{"status 413", "gateway"}},
		{c, status(404, "", "No."), Rejected, false, []string{"status 404", "GENESYS_API_URL"}},
		{c, status(415, "unsupported.media.type", "No."), Rejected, false, []string{"status 415", "vendor"}},
		{c, status(501, "not.implemented", "No."), Rejected, false, []string{"status 501", "GENESYS_API_URL"}},
		{c, genesystest.EdgeError(501), Rejected, false, []string{"status 501", "GENESYS_API_URL"}},
		{c, genesystest.EdgeError(302), Rejected, false, []string{"status 302", "GENESYS_DOMAIN"}},
		{c, genesystest.EdgeError(307), Rejected, false, []string{"status 307", "GENESYS_DOMAIN"}},
		{c, status(202, "accepted", ""), Rejected, false, []string{"status 202", "GENESYS_DOMAIN"}},
		{c, genesystest.Forbidden(), Forbidden, true, []string{"status 403 missing.any.permissions", "the permission analytics:conversationDetail:view (or"}},
		{e, genesystest.Forbidden(), Forbidden, true, []string{"status 403 missing.any.permissions", "the permission analytics:conversation:view to"}},
		{c, genesystest.OtherDialect(), WrongDialect, true, []string{"status 200", `"entities"`, "GENESYS_DIALECT=entities"}},
		{e, genesystest.OtherDialect(), WrongDialect, true, []string{"status 200", `"conversations"`, "GENESYS_DIALECT=conversations"}},
		{c, status(400, "bad.request", "Pagination may not exceed 400000 results."), ResultCap, false, []string{"400000", "WINDOW_LENGTH"}},
		{e, status(400, "", "Pagination may not exceed 7 results. Use smaller intervals."), ResultCap, false, []string{"WINDOW_LENGTH"}},
		{c, status(400, "bad.request", "100000 results: Pagination may not exceed"), Rejected, false, nil},
	} {
		t.Run(string(row.dialect)+": "+row.fault.String(), func(t *testing.T) {
			inWorld(t, genesystest.Config{Dialect: row.dialect, Conversations: 20}, func(w *world) {
				e := w.refused(w.client(readAhead(4)), row.fault)
				if e.Kind != row.kind || e.StopsService() != row.stops {
					w.Errorf("kind %q, stops the service: %t; want %q, %t", e.Kind, e.StopsService(), row.kind, row.stops)
				}
				const op = "POST http://api.test/api/v2/analytics/conversations/details/query"
				for _, want := range append(row.says, e.Advice, e.Correlation) {
					if !strings.HasPrefix(e.Error(), op) || !strings.Contains(e.Error(), want) {
						w.Errorf("error %q lacks %q", e, want)
					}
				}
				edge := strings.HasPrefix(row.fault.String(), "edge") // has no correlation id
				if e.Advice == "" || e.Correlation == "" && !edge {
					w.Errorf("advice %q, correlation id %q", e.Advice, e.Correlation)
				}
				w.mustEqual("requests", w.asked(), []int{1})
				w.mustEqual("incidents", len(w.told()), 0)
			})
		})
	}
}

func TestTheWholeTextOfARefusal(t *testing.T) {
	inWorld(t, genesystest.Config{Dialect: genesystest.Entities, Conversations: 5}, func(w *world) {
		e := w.refused(w.client(), genesystest.Status(http.StatusConflict, "conflict", strings.Repeat("No. ", 100)))
		want := `POST http://api.test/api/v2/analytics/conversations/details/query?pageNumber=1&pageSize=4: ` +
			`status 409 conflict "` + strings.Repeat("No. ", 75) + `" (correlation id ` + e.Correlation + `): ` +
			`report it with the correlation id to the vendor's support`
		if e.Error() != want {
			w.Errorf("\n got %s\nwant %s", e, want)
		}
	})
}

// A redirect is not followed: it could hand the token on.
func TestARedirectIsNotFollowed(t *testing.T) {
	inWorld(t, genesystest.Config{Conversations: 5}, func(w *world) {
		var elsewhere atomic.Int64
		c := w.client(func(c *Config) {
			c.Transport = altered{w.transport, func(resp *http.Response) {
				if resp.StatusCode == http.StatusTemporaryRedirect {
					resp.Header.Set("Location", "http://elsewhere.test/")
				}
				if resp.Request.URL.Host == "elsewhere.test" {
					elsewhere.Add(1)
				}
			}}
		})
		if e := w.refused(c, genesystest.EdgeError(http.StatusTemporaryRedirect)); e.Kind != Rejected {
			w.Errorf("error %v", e)
		}
		w.mustEqual("requests elsewhere", elsewhere.Load(), 0)
	})
}

func TestMoreRowsThanTheAPIPagesThrough(t *testing.T) {
	inWorld(t, genesystest.Config{Conversations: 20, MaxResults: 8}, func(w *world) {
		pages, err := walk(w.Context(), w.client(readAhead(8)), w.query(4), Cursor{})
		var e *Error
		if !errors.As(err, &e) || e.Kind != ResultCap || e.StopsService() || len(pages) != 2 {
			w.Errorf("error %v after the pages %q", err, pages)
		}
	})
}

func TestAnAnswerThatIsTooLargeNamesTheVariable(t *testing.T) {
	for _, zip := range []bool{false, true} { // the limit is on what is kept, not on what is sent
		inWorld(t, genesystest.Config{Conversations: 3, Gzip: zip}, func(w *world) {
			_, err := walk(w.Context(), w.client(), w.query(4), Cursor{})
			w.must(err)
			size := int64(w.queries()[0].Bytes)
			limit := func(n int64) func(*Config) { return func(c *Config) { c.MaxResponseBytes = n } }
			if _, err := walk(w.Context(), w.client(limit(size)), w.query(4), Cursor{}); err != nil {
				w.Errorf("as large as is allowed: %v", err)
			}
			c := w.client(limit(size - 1))
			e := w.refused(c, nil)
			if e.Kind != TooLarge || e.StopsService() || !strings.Contains(e.Error(), "GENESYS_MAX_RESPONSE_BYTES") {
				w.Errorf("error %v", e)
			}
			w.mustEqual("requests", w.asked(), []int{1, 1, 1})
			w.mustBeFree(c)
		})
	}
}

func TestAClientThatIsRefusedStopsTheService(t *testing.T) {
	const hush = "s3cr3t-h/ush+"
	for _, row := range []struct {
		name       string
		dialect    genesystest.Dialect
		id, secret string
		fault      *genesystest.Fault
		says       string
	}{
		{"wrong secret", genesystest.Conversations, genesystest.DefaultClientID, hush, nil, `status 401 invalid_client "authentication failed"`},
		{"wrong secret", genesystest.Entities, genesystest.DefaultClientID, hush, nil, `status 401 invalid_client "authentication failed"`},
		{"unknown client", genesystest.Conversations, "who", hush, nil, `status 400 invalid_client "client not found"`},
		{"unknown client", genesystest.Entities, "who", hush, nil, `status 400 invalid_client "client not found"`},
		{"revoked client", genesystest.Conversations, genesystest.DefaultClientID, genesystest.DefaultClientSecret, genesystest.InvalidClient(), "invalid_client"},
	} {
		t.Run(string(row.dialect)+": "+row.name, func(t *testing.T) {
			inWorld(t, genesystest.Config{Dialect: row.dialect, Conversations: 20}, func(w *world) {
				w.sim.Script(func(genesystest.Request) *genesystest.Fault { return row.fault })
				c := w.client(func(c *Config) { c.ClientID, c.ClientSecret = row.id, row.secret })
				_, page := walk(w.Context(), c, w.query(4), Cursor{})
				for _, err := range []error{c.Login(w.Context()), page} {
					var e *Error
					if !errors.As(err, &e) || e.Kind != Credentials || !e.StopsService() {
						w.Fatalf("error %v", err)
					}
					text := err.Error()
					for _, want := range []string{"POST http://login.test/oauth/token", row.says, "GENESYS_CLIENT_SECRET", e.Correlation} {
						if !strings.Contains(text, want) {
							w.Errorf("error %q lacks %q", text, want)
						}
					}
					if strings.Contains(text, row.secret) && row.secret == hush {
						w.Errorf("error %q tells the secret", text)
					}
				}
				w.mustEqual("requests for pages", len(w.asked()), 0)
				w.mustEqual("token requests", len(w.logins()), 2)
			})
		})
	}
}

func TestCompressedAnswersAreRead(t *testing.T) {
	inWorld(t, genesystest.Config{Conversations: 10, Gzip: true}, func(w *world) {
		var compressed atomic.Int64
		c := w.client(func(c *Config) {
			c.Transport = altered{w.transport, func(resp *http.Response) {
				if resp.Uncompressed {
					compressed.Add(1)
				}
			}}
		})
		n := 0
		for page, err := range c.Pages(w.Context(), w.query(4), Cursor{}) {
			w.must(err)
			for _, r := range page.Records {
				if truth, ok := w.sim.Conversation(r.ID); !ok || string(truth.JSON) != string(r.Raw) {
					w.Errorf("record %s is not as it was sent", r.ID)
				}
				n++
			}
		}
		if n != 10 || compressed.Load() != 4 { // the token is compressed too
			w.Errorf("%d records in %d compressed answers", n, compressed.Load())
		}
	})
}

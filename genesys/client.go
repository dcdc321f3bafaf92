package genesys

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// Config is what a [Client] is made of. Fields without a default are required.
type Config struct {
	Dialect           Dialect
	APIURL            string // base URL, such as https://api.mypurecloud.com
	LoginURL          string // base URL of the token endpoint
	ClientID          string
	ClientSecret      string
	RequestsPerMinute int               // allowance of the token; 97 % of it is used
	ReadAhead         int               // pages of a walk asked beyond the one in hand; 0: none
	Timeout           time.Duration     // one request, its body included
	MaxResponseBytes  int64             // a larger body is an error
	UserAgent         string            // empty: Go's
	Transport         http.RoundTripper // nil: net/http's, with proxies from the environment
	Observe           func(Incident)    // nil: nobody is told. Must not block; calls do not overlap
	Measure           func(Exchange)    // nil: nobody. Must not block; calls overlap
}

// Client asks the API on behalf of all walks. It is safe for concurrent use.
type Client struct {
	config    Config
	contract  contract
	api       *url.URL
	http      *http.Client
	budget    *budget
	tokens    *tokens
	memory    *memory
	incidents incidents
	clock     clock
	stamps    stamps
}

// New makes a client. It does not send anything.
func New(c Config) (*Client, error) {
	api, err := url.Parse(c.APIURL)
	if err != nil || api.Host == "" {
		return nil, fmt.Errorf("API URL %q: want https://host", c.APIURL)
	}
	if c.Observe == nil {
		c.Observe = func(Incident) {}
	}
	if c.Transport == nil {
		c.Transport = newTransport()
	}
	client := &Client{
		config: c, contract: c.Dialect.contract(), api: api,
		budget: newBudget(c.RequestsPerMinute), memory: newMemory(bytesInFlight),
		incidents: incidents{observe: c.Observe}, stamps: stamps{began: time.Now()},
	}
	client.clock.tell = client.incidents.clocks
	client.http = &http.Client{
		Transport: measured{dated{c.Transport, &client.clock}},
		Timeout:   c.Timeout,
		// A redirect is no answer of this API, and following it could hand the token on.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	client.tokens = newTokens(c, client.http)
	return client, nil
}

// Host is the API's host, with the port where it has one: part of every query.
func (c *Client) Host() string { return c.api.Host }

// page asks for one page until there is an answer.
func (c *Client) page(ctx context.Context, q Query, number int, room *reservation) (page *Page, err error) {
	err = c.until(ctx, CallPage, func(again bool) error {
		page, err = c.ask(ctx, q, number, room, again)
		return err
	})
	return page, err
}

// ask sends the request for one page, once, and judges the answer.
func (c *Client) ask(ctx context.Context, q Query, number int, room *reservation, again bool) (page *Page, err error) {
	token, ctx, err := c.turn(ctx, CallPage, again)
	if err != nil {
		return nil, err
	}
	defer func() { judged(ctx, err) }()
	req, err := c.request(ctx, q, number, token)
	if err != nil {
		return nil, err
	}
	sent, told := c.stamps.next()
	op := req.Method + " " + req.URL.Redacted()
	resp, err := c.send(req, op, token, c.contract.advice)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	size := room.held
	if resp.ContentLength > 0 {
		size = resp.ContentLength
	}
	answer := room.buffer(min(size, c.config.MaxResponseBytes+1) + bytes.MinRead) // a good guess saves copies
	if err := c.read(answer, resp, op, "raise GENESYS_MAX_RESPONSE_BYTES or lower GENESYS_PAGE_SIZE"); err != nil {
		return nil, err
	}
	records, total, err := split(c.contract, answer.Bytes())
	if err != nil {
		return nil, unreadable(op, resp, c.contract, err)
	}
	room.settle(int64(answer.Len()))
	return &Page{Number: number, Records: records, Total: total, SentAt: sent, FetchedAt: told,
		Correlation: correlation(resp.Header, errorBody{}), memory: room}, nil
}

func (c *Client) request(ctx context.Context, q Query, number int, token string) (*http.Request, error) {
	body, params, err := q.Dialect.encode(q, number)
	if err != nil {
		return nil, err
	}
	req, err := c.call(ctx, http.MethodPost, "api/v2/analytics/conversations/details/query", params, body, token)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	// The query is a pure read: net/http may send it again when the server has
	// closed an idle connection. An empty value is not sent on the wire.
	req.Header["Idempotency-Key"] = []string{}
	return req, nil
}

// call makes a request of the API, of whatever kind.
func (c *Client) call(ctx context.Context, method, path, params string, body []byte, token string) (*http.Request, error) {
	target := c.api.JoinPath(path)
	target.RawQuery = params
	req, err := http.NewRequestWithContext(ctx, method, target.String(), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Accept", "application/json")
	if c.config.UserAgent != "" {
		req.Header.Set("User-Agent", c.config.UserAgent)
	}
	return req, nil
}

// send sends a request, once, and judges the answer. One of 200 is the caller's to read
// and to close.
func (c *Client) send(req *http.Request, op, token string, a advice) (*http.Response, error) {
	resp, err := c.http.Do(req)
	if err != nil {
		if req.Context().Err() == nil {
			// Where one connection is dead, the idle ones may be too: used again, each
			// would take a whole timeout to be found out.
			c.http.CloseIdleConnections()
		}
		return nil, unanswered(op, err)
	}
	c.budget.observe(resp.Header)
	if resp.StatusCode == http.StatusOK {
		return resp, nil
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(io.LimitReader(resp.Body, 64<<10)) // cut short, it is not the API's own
	e := classify(a, op, resp, body).withhold(append(c.config.secrets(), token)...)
	e.token = token
	return nil, e
}

// read reads the body of an answer, up to one byte more than the limit.
func (c *Client) read(into *bytes.Buffer, resp *http.Response, op, remedy string) error {
	_, err := into.ReadFrom(io.LimitReader(resp.Body, c.config.MaxResponseBytes+1))
	switch {
	case err != nil:
		return &Error{Kind: Passing, Op: op, Status: resp.StatusCode, Err: fmt.Errorf("reading the answer: %w", err)}
	case int64(into.Len()) > c.config.MaxResponseBytes:
		return &Error{Kind: TooLarge, Op: op, Status: resp.StatusCode,
			Advice: fmt.Sprintf("the answer is larger than %d bytes: %s", c.config.MaxResponseBytes, remedy)}
	}
	return nil
}

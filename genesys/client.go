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
		Transport: dated{c.Transport, &client.clock},
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
	err = c.until(ctx, func() error {
		page, err = c.ask(ctx, q, number, room)
		return err
	})
	return page, err
}

// ask sends the request for one page, once, and judges the answer.
func (c *Client) ask(ctx context.Context, q Query, number int, room *reservation) (*Page, error) {
	token, err := c.turn(ctx)
	if err != nil {
		return nil, err
	}
	req, err := c.request(ctx, q, number, token)
	if err != nil {
		return nil, err
	}
	sent, told := c.stamps.next()
	op := req.Method + " " + req.URL.Redacted()
	resp, err := c.http.Do(req)
	if err != nil {
		if ctx.Err() == nil {
			// Where one connection is dead, the idle ones may be too: used again, each
			// would take a whole timeout to be found out.
			c.http.CloseIdleConnections()
		}
		return nil, unanswered(op, err)
	}
	defer resp.Body.Close()
	c.budget.observe(resp.Header)
	if resp.StatusCode != http.StatusOK {
		body, _ := io.ReadAll(io.LimitReader(resp.Body, 64<<10)) // cut short, it is not the API's own
		e := classify(c.contract, op, resp, body)
		e.token = token
		return nil, e
	}
	body, err := c.read(resp, room)
	if err != nil {
		return nil, &Error{Kind: Passing, Op: op, Status: resp.StatusCode, Err: fmt.Errorf("reading the answer: %w", err)}
	}
	if int64(len(body)) > c.config.MaxResponseBytes {
		return nil, &Error{Kind: TooLarge, Op: op, Status: resp.StatusCode,
			Advice: fmt.Sprintf("the answer is larger than %d bytes: raise GENESYS_MAX_RESPONSE_BYTES or lower GENESYS_PAGE_SIZE", c.config.MaxResponseBytes)}
	}
	records, total, err := split(c.contract, body)
	if err != nil {
		return nil, unreadable(op, resp, c.contract, err)
	}
	room.settle(int64(len(body)))
	return &Page{Number: number, Records: records, Total: total, SentAt: sent, FetchedAt: told, memory: room}, nil
}

func (c *Client) request(ctx context.Context, q Query, number int, token string) (*http.Request, error) {
	body, params, err := q.Dialect.encode(q, number)
	if err != nil {
		return nil, err
	}
	target := c.api.JoinPath("api/v2/analytics/conversations/details/query")
	target.RawQuery = params
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, target.String(), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	if c.config.UserAgent != "" {
		req.Header.Set("User-Agent", c.config.UserAgent)
	}
	// The query is a pure read: net/http may send it again when the server has
	// closed an idle connection. An empty value is not sent on the wire.
	req.Header["Idempotency-Key"] = []string{}
	return req, nil
}

// read reads a body of up to one byte more than the limit.
func (c *Client) read(resp *http.Response, room *reservation) ([]byte, error) {
	size := room.held
	if resp.ContentLength > 0 {
		size = resp.ContentLength
	}
	limit := c.config.MaxResponseBytes + 1
	body := room.buffer(min(size, limit) + bytes.MinRead) // a good guess saves copies
	_, err := body.ReadFrom(io.LimitReader(resp.Body, limit))
	return body.Bytes(), err
}

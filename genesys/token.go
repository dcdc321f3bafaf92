package genesys

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"
	"unicode"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

// tokens holds the access token that all walks share.
type tokens struct {
	config clientcredentials.Config
	client *http.Client

	mu     sync.Mutex
	token  *oauth2.Token // nil: none that is good
	renew  time.Time     // when the token is renewed though nobody refused it
	failed bool          // the last attempt to renew it
}

func newTokens(c Config, client *http.Client) *tokens {
	return &tokens{
		config: clientcredentials.Config{
			ClientID: c.ClientID, ClientSecret: c.ClientSecret,
			TokenURL: c.LoginURL + "/oauth/token", AuthStyle: c.Dialect.contract().credentials,
		},
		client: client,
	}
}

// current is the token, where there is one that is not about to expire.
func (t *tokens) current() (string, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.token == nil || !t.renew.IsZero() && !time.Now().Before(t.renew) {
		return "", false
	}
	return t.token.AccessToken, true
}

func (t *tokens) set(token *oauth2.Token, asked time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.token, t.renew, t.failed = token, renewal(asked, token.Expiry), false
}

func (t *tokens) fail() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.failed = true
}

// good reports whether there is a token as far as anybody knows. One that has expired
// while nothing was asked is renewed before it is missed.
func (t *tokens) good() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.token != nil && !t.failed
}

// drop forgets a token that was refused, unless it was renewed meanwhile.
func (t *tokens) drop(refused string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.token != nil && t.token.AccessToken == refused {
		t.token = nil
	}
}

// turn waits until one request may be sent, and returns the token for it, and a context
// under which it is measured. The wait can be longer than a token lives, so it is looked at
// after the wait. Whoever finds none that is good renews it, at the head of the line:
// everybody else waits behind.
func (c *Client) turn(ctx context.Context, call Call, again bool) (token string, measured context.Context, err error) {
	wanted := time.Now()
	if err := c.budget.enter(ctx); err != nil {
		return "", nil, err
	}
	defer c.budget.leave()
	for {
		if err := c.budget.next(ctx); err != nil {
			return "", nil, err
		}
		if token, ok := c.tokens.current(); ok {
			return token, c.exchanging(ctx, call, again, wanted), nil
		}
		if err := c.renewToken(ctx, wanted); err != nil {
			return "", nil, err
		}
		wanted = time.Now() // what was waited before is the token's
	}
}

// Login makes sure that there is an access token. Without it the first page would.
func (c *Client) Login(ctx context.Context) error {
	wanted := time.Now()
	if err := c.budget.enter(ctx); err != nil {
		return err
	}
	defer c.budget.leave()
	if _, ok := c.tokens.current(); ok {
		return nil
	}
	if err := c.budget.next(ctx); err != nil {
		return err
	}
	return c.renewToken(ctx, wanted)
}

// renewToken asks for a token, at the head of the line, until there is one. The first
// request has had its wait.
func (c *Client) renewToken(ctx context.Context, wanted time.Time) error {
	t := c.tokens
	return c.until(ctx, CallToken, func(again bool) error {
		if again {
			wanted = time.Now()
			if err := c.budget.next(ctx); err != nil {
				return err
			}
		}
		asked := time.Now()
		measured := c.exchanging(ctx, CallToken, again, wanted)
		token, err := t.config.Token(context.WithValue(measured, oauth2.HTTPClient, t.client))
		if err == nil && strings.ContainsFunc(token.AccessToken, unicode.IsControl) {
			err = errors.New("the answer holds a token that no request can carry")
		}
		defer func() { judged(measured, err) }()
		if err != nil {
			if ctx.Err() == nil {
				t.fail()
			}
			return classifyToken("POST "+t.config.TokenURL, err).withhold(c.config.secrets()...)
		}
		t.set(token, asked)
		return nil
	})
}

// renewal is when a token is renewed: a minute before it expires, or earlier
// where its life is short. A token that does not say when, or that is said to be over
// as it is issued, is used until refused.
func renewal(asked, expiry time.Time) time.Time {
	if !expiry.After(asked) {
		return time.Time{}
	}
	return expiry.Add(-min(time.Minute, expiry.Sub(asked)/4))
}

package genesys

import (
	"context"
	"net/http"
	"sync"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

// tokens holds the access token that all walks share.
type tokens struct {
	config clientcredentials.Config
	client *http.Client

	mu    sync.Mutex
	token *oauth2.Token // nil: none that is good
	renew time.Time     // when the token is renewed though nobody refused it
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
	t.token, t.renew = token, renewal(asked, token.Expiry)
}

// drop forgets a token that was refused, unless it was renewed meanwhile.
func (t *tokens) drop(refused string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.token != nil && t.token.AccessToken == refused {
		t.token = nil
	}
}

// turn waits until one request may be sent, and returns the token for it. The wait
// can be longer than a token lives, so it is looked at after the wait. Whoever finds
// none that is good renews it, at the head of the line: everybody else waits behind.
func (c *Client) turn(ctx context.Context) (string, error) {
	if err := c.budget.enter(ctx); err != nil {
		return "", err
	}
	defer c.budget.leave()
	for {
		if err := c.budget.next(ctx); err != nil {
			return "", err
		}
		if token, ok := c.tokens.current(); ok {
			return token, nil
		}
		if err := c.renewToken(ctx); err != nil {
			return "", err
		}
	}
}

// Login makes sure that there is an access token. Without it the first page would.
func (c *Client) Login(ctx context.Context) error {
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
	return c.renewToken(ctx)
}

// renewToken asks for a token, at the head of the line, until there is one. The first
// request has had its wait.
func (c *Client) renewToken(ctx context.Context) error {
	t, first := c.tokens, true
	return c.until(ctx, func() error {
		if !first {
			if err := c.budget.next(ctx); err != nil {
				return err
			}
		}
		first = false
		asked := time.Now()
		token, err := t.config.Token(context.WithValue(ctx, oauth2.HTTPClient, t.client))
		if err != nil {
			return classifyToken("POST "+t.config.TokenURL, err)
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

package genesys

import (
	"context"
	"net/http"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

// tokens holds the access token that all walks share.
type tokens struct {
	config clientcredentials.Config
	client *http.Client
	turn   chan struct{} // holds one value while somebody reads or renews current
	token  *oauth2.Token
	renew  time.Time // when the token is renewed though nobody refused it
}

func newTokens(c Config, client *http.Client) *tokens {
	return &tokens{
		config: clientcredentials.Config{
			ClientID: c.ClientID, ClientSecret: c.ClientSecret,
			TokenURL: c.LoginURL + "/oauth/token", AuthStyle: c.Dialect.contract().credentials,
		},
		client: client,
		turn:   make(chan struct{}, 1),
	}
}

// enter waits for the turn to read or renew the token.
func (t *tokens) enter(ctx context.Context) error {
	select {
	case t.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (t *tokens) leave() { <-t.turn }

// drop forgets a token that was refused, unless it was renewed meanwhile.
func (t *tokens) drop(ctx context.Context, refused string) error {
	if err := t.enter(ctx); err != nil {
		return err
	}
	defer t.leave()
	if t.token != nil && t.token.AccessToken == refused {
		t.token = nil
	}
	return nil
}

// accessToken returns the token, renewed where it is about to expire. Whoever
// finds none renews it, and everybody else waits for that one renewal.
func (c *Client) accessToken(ctx context.Context) (string, error) {
	t := c.tokens
	if err := t.enter(ctx); err != nil {
		return "", err
	}
	defer t.leave()
	if t.token != nil && (t.renew.IsZero() || time.Now().Before(t.renew)) {
		return t.token.AccessToken, nil
	}
	err := c.until(ctx, func() error {
		if err := c.budget.wait(ctx); err != nil {
			return err
		}
		asked := time.Now()
		token, err := t.config.Token(context.WithValue(ctx, oauth2.HTTPClient, t.client))
		if err != nil {
			return classifyToken("POST "+t.config.TokenURL, err)
		}
		t.token, t.renew = token, renewal(asked, token.Expiry)
		return nil
	})
	if err != nil {
		return "", err
	}
	return t.token.AccessToken, nil
}

// renewal is when a token is renewed: a minute before it expires, or earlier
// where its life is short. A token that does not say when is used until refused.
func renewal(asked, expiry time.Time) time.Time {
	if expiry.IsZero() {
		return time.Time{}
	}
	return expiry.Add(-min(time.Minute, expiry.Sub(asked)/4))
}

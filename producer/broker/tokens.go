package broker

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"sync"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

// What asking for a token may take. While the old one is good, nobody has to wait long
// for an endpoint that hangs, and few have to at all.
const (
	tokenTimeout   = 10 * time.Second
	renewalTimeout = 2 * time.Second
	renewalPause   = 5 * time.Second // before a renewal that failed is tried again
)

// leastLife is what a token must have before it for a login. franz-go logs in again a
// second before its session is over, and brokers take a login within a second of the one
// before for a mistake, which ends the program.
const leastLife = 3 * time.Second

// tokens has the access token that all connections share. Its secrets are behind a
// function and a pointer, where no verb of fmt finds them.
type tokens struct {
	config   func(oauth2.AuthStyle) *clientcredentials.Config
	client   *http.Client
	endpoint string        // its host
	fetching chan struct{} // held by the one that asks for a token
	inBody   bool          // the endpoint wants the credentials in the form; guarded by fetching

	mu     sync.Mutex
	token  *string // nil: there is none that is good
	ends   time.Time
	renews time.Time // both zero: it does not say when it is over, and is used until refused
}

func newTokens(s Security) *tokens {
	transport := http.DefaultTransport.(*http.Transport).Clone() // with the proxy of the environment
	transport.DisableKeepAlives = true                           // hours lie between two requests
	transport.OnProxyConnectResponse = nameProxy
	endpoint := "the endpoint"
	if u, err := url.Parse(s.TokenURL); err == nil {
		endpoint = u.Host
	}
	return &tokens{
		config: func(style oauth2.AuthStyle) *clientcredentials.Config {
			return &clientcredentials.Config{
				TokenURL: s.TokenURL, ClientID: s.ClientID, ClientSecret: s.ClientSecret, Scopes: s.Scopes, AuthStyle: style,
			}
		},
		client: &http.Client{
			Transport: transport,
			// The secret goes nowhere else.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		endpoint: endpoint,
		fetching: make(chan struct{}, 1),
	}
}

// get is a token with some of its life before it, a new one where that is due. While
// the endpoint gives none, or none in time, the old one is used until it is almost over.
func (t *tokens) get(ctx context.Context) (string, error) {
	select {
	case t.fetching <- struct{}{}:
		defer func() { <-t.fetching }()
	case <-ctx.Done():
		return "", t.explain(ctx.Err())
	}
	now := time.Now()
	token, alive, due := t.current(now)
	if alive && !due {
		return token, nil
	}
	bound := tokenTimeout
	if alive {
		bound = renewalTimeout
	}
	bounded, cancel := context.WithTimeout(ctx, bound)
	defer cancel()
	fresh, err := t.fetch(bounded)
	if err == nil {
		t.set(fresh, now)
		return fresh.AccessToken, nil
	}
	if ended := bounded.Err(); ended != nil {
		err = ended // which oauth2 does not wrap where the answer had begun
	}
	now = time.Now()
	if token, alive, _ = t.current(now); alive && !errors.Is(err, context.Canceled) {
		t.postpone(now.Add(renewalPause))
		return token, nil
	}
	return "", t.explain(err)
}

func (t *tokens) current(now time.Time) (token string, alive, due bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.token == nil:
		return "", false, true
	case t.ends.IsZero():
		return *t.token, true, false
	}
	return *t.token, now.Before(t.ends.Add(-leastLife)), !now.Before(t.renews)
}

// set takes a new token. It is renewed a minute before it is over, or earlier where
// its life is short.
func (t *tokens) set(token *oauth2.Token, asked time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.token, t.ends, t.renews = &token.AccessToken, token.Expiry, token.Expiry
	if !t.ends.IsZero() {
		t.renews = t.ends.Add(-min(time.Minute, max(leastLife, t.ends.Sub(asked)/4)))
	}
}

// postpone has the old token used without asking for a new one, while it is good.
func (t *tokens) postpone(until time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.renews = until
}

// drop forgets a token that a broker refused, unless it was renewed meanwhile.
func (t *tokens) drop(refused string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.token != nil && *t.token == refused {
		t.token = nil
	}
}

// fetch asks for a token. A token source of oauth2 would keep the context of its first
// request, so there is none. The credentials go as RFC 6749 wants them of every server
// to be taken, and where these are refused, in the form, as some servers have it.
// oauth2 does so too, but after an outage as well, and then tells of the second attempt
// alone. A second attempt that may do better next time is the one that counts: until
// then nobody knows where the endpoint wants the credentials.
func (t *tokens) fetch(ctx context.Context) (*oauth2.Token, error) {
	ctx = context.WithValue(ctx, oauth2.HTTPClient, t.client)
	token, err := t.ask(ctx, t.inBody)
	if err == nil || t.inBody || !mayMeanStyle(err) {
		return token, err
	}
	token, second := t.ask(ctx, true)
	switch {
	case second == nil:
		t.inBody = true
		return token, nil
	case isFinal(err) && !mayPass(second):
		return nil, err
	}
	return nil, second
}

func (t *tokens) ask(ctx context.Context, inBody bool) (*oauth2.Token, error) {
	style := oauth2.AuthStyleInHeader
	if inBody {
		style = oauth2.AuthStyleInParams
	}
	return t.config(style).Token(ctx)
}

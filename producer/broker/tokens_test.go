package broker_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"genesys-producer/producer/broker"
)

// endpoint gives tokens that are numbered. Its answer can be exchanged.
type endpoint struct {
	*httptest.Server
	mu     sync.Mutex
	issued int
	asked  int
	answer func(http.ResponseWriter, *http.Request) // nil: a token
	life   int                                      // seconds; 0: it does not say
}

func newEndpoint(t *testing.T) *endpoint {
	e := &endpoint{life: 600}
	e.Server = httptest.NewServer(e)
	t.Cleanup(e.Close)
	return e
}

func (e *endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.asked++
	if e.answer != nil {
		e.answer(w, r)
		return
	}
	e.issue(w, r)
}

func (e *endpoint) issue(w http.ResponseWriter, _ *http.Request) {
	e.issued++
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprintf(w, `{"access_token":"token-%d","token_type":"bearer"`, e.issued)
	if e.life != 0 {
		fmt.Fprintf(w, `,"expires_in":%d`, e.life)
	}
	fmt.Fprint(w, "}")
}

func (e *endpoint) answers(answer func(http.ResponseWriter, *http.Request)) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.answer = answer
}

// requests is how often it was asked since the last call.
func (e *endpoint) requests() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	n := e.asked
	e.asked = 0
	return n
}

func (e *endpoint) access(t *testing.T) *broker.Access {
	t.Helper()
	return access(t, broker.Security{
		Mechanism: "oauthbearer", TokenURL: e.URL + "/oauth/token", ClientID: "the client", ClientSecret: "tell-nobody", Scopes: []string{"kafka", "more"},
	})
}

// login is the token with which a login begins.
func login(ctx context.Context, a *broker.Access) (string, error) {
	_, first, err := a.Mechanism().Authenticate(ctx, "broker:9094")
	if err != nil {
		return "", err
	}
	token, isBearer := strings.CutPrefix(string(first), "n,,\x01auth=Bearer ")
	if token, isWhole := strings.CutSuffix(token, "\x01\x01"); isBearer && isWhole {
		return token, nil
	}
	return "", fmt.Errorf("%q is no beginning of a login", first)
}

func wantToken(t *testing.T, a *broker.Access, want string) {
	t.Helper()
	if got, err := login(t.Context(), a); got != want || err != nil {
		t.Errorf("the login begins with %q, %v, want %q", got, err, want)
	}
}

func TestAsksForToken(t *testing.T) {
	e := newEndpoint(t)
	e.answers(func(w http.ResponseWriter, r *http.Request) {
		if id, secret, _ := r.BasicAuth(); id != "the+client" || secret != "tell-nobody" {
			t.Errorf("the client is %q, %q", id, secret)
		}
		r.ParseForm()
		if got := r.PostForm.Encode(); got != "grant_type=client_credentials&scope=kafka+more" {
			t.Errorf("the form is %s", got)
		}
		e.issue(w, r)
	})
	a := e.access(t)
	if name := a.Mechanism().Name(); name != "OAUTHBEARER" {
		t.Errorf("the mechanism is %q", name)
	}
	wantToken(t, a, "token-1")
}

// A token is used until a minute, or a quarter of its life, is left of it, but three
// seconds at least.
func TestRenewsToken(t *testing.T) {
	for life, renewed := range map[int]time.Duration{600: 540 * time.Second, 40: 30 * time.Second, 8: 5 * time.Second, 86400: 86340 * time.Second} {
		e := newEndpoint(t)
		e.life = life
		synctest.Test(t, func(t *testing.T) {
			a := e.access(t)
			wantToken(t, a, "token-1")
			time.Sleep(renewed - time.Second)
			wantToken(t, a, "token-1")
			time.Sleep(time.Second)
			wantToken(t, a, "token-2")
			wantToken(t, a, "token-2")
			time.Sleep(renewed - time.Second) // the new one's life begins with it
			wantToken(t, a, "token-2")
			time.Sleep(time.Second)
			wantToken(t, a, "token-3")
		})
	}
}

// Whoever needs a token while one is asked for waits for that.
func TestAsksOnce(t *testing.T) {
	e := newEndpoint(t)
	a := e.access(t)
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() { wantToken(t, a, "token-1") })
	}
	all.Wait()
	if n := e.requests(); n != 1 {
		t.Errorf("%d requests", n)
	}
}

// An outage of the endpoint is felt only when the old token is almost over, and passes.
func TestOutageOfEndpoint(t *testing.T) {
	e := newEndpoint(t)
	synctest.Test(t, func(t *testing.T) {
		a := e.access(t)
		wantToken(t, a, "token-1")
		e.answers(func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "tell-nobody", http.StatusServiceUnavailable)
		})
		time.Sleep(596 * time.Second)
		wantToken(t, a, "token-1")
		time.Sleep(time.Second)
		_, err := login(t.Context(), a)
		wantAccessError(t, err, "broker:9094", "answers 503 Service Unavailable: see to the endpoint of KAFKA_SASL_TOKEN_URL")
		e.answers(nil)
		wantToken(t, a, "token-2")
	})
}

// A token that a broker refuses is forgotten, one that does not say when it is over is
// used until then. The broker is answered as it wants, to have an error code from it.
func TestRefusedToken(t *testing.T) {
	e := newEndpoint(t)
	e.life = 0
	a := e.access(t)
	session, _, err := a.Mechanism().Authenticate(t.Context(), "broker:9094")
	if err != nil {
		t.Fatal(err)
	}
	late, _, err := a.Mechanism().Authenticate(t.Context(), "broker:9094")
	if err != nil {
		t.Fatal(err)
	}
	wantToken(t, a, "token-1")
	done, next, err := session.Challenge([]byte(`{"status":"invalid_token"}`))
	if done || string(next) != "\x01" || err != nil {
		t.Errorf("%v, %q, %v: want one byte and no end", done, next, err)
	}
	wantToken(t, a, "token-2")
	if _, _, err := session.Challenge([]byte("more")); err == nil {
		t.Error("a broker can ask for ever")
	}
	// The second refusal, of another connection, comes when the token is a new one.
	if _, _, err := late.Challenge([]byte(`{"status":"invalid_token"}`)); err != nil {
		t.Error(err)
	}
	wantToken(t, a, "token-2")
	session, _, _ = a.Mechanism().Authenticate(t.Context(), "broker:9094")
	if done, _, err := session.Challenge(nil); !done || err != nil {
		t.Errorf("%v, %v: want the end of the login", done, err)
	}
}

// An endpoint that takes the credentials in the form alone gets them there, and then
// no more otherwise.
func TestCredentialsInForm(t *testing.T) {
	e := newEndpoint(t)
	e.life = -1 // every login needs a new one
	e.answers(func(w http.ResponseWriter, r *http.Request) {
		if r.FormValue("client_id") == "the client" && r.FormValue("client_secret") == "tell-nobody" {
			e.issue(w, r)
			return
		}
		w.WriteHeader(http.StatusUnauthorized)
	})
	a := e.access(t)
	wantToken(t, a, "token-1")
	wantToken(t, a, "token-2")
	if n := e.requests(); n != 3 {
		t.Errorf("%d requests, want 3", n)
	}
}

// An outage is no reason to ask in another way.
func TestOutageAsksOnce(t *testing.T) {
	e := newEndpoint(t)
	e.answers(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) })
	if _, err := login(t.Context(), e.access(t)); err == nil || e.requests() != 1 {
		t.Errorf("%v, want one request", err)
	}
}

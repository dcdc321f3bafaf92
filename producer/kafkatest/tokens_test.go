package kafkatest_test

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/sasl/oauth"

	"genesys-producer/producer/kafkatest"
)

// A connection lasts as long as its token, and 15 s at most, unless the client shows a
// new one.
func TestTokensEnd(t *testing.T) {
	secure := kafkatest.Start(t).Secure(t)
	const life = 3 * time.Second
	t.Run("kept", func(t *testing.T) {
		began := time.Now()
		connection, session := login(t, secure.SASLPlaintext, life)
		if session <= 0 || session > life {
			t.Errorf("the broker gives a session of %v to a token of %v", session, life)
		}
		connection.SetDeadline(began.Add(life + 5*time.Second))
		request := kmsg.NewPtrApiVersionsRequest()
		tick := time.NewTicker(50 * time.Millisecond) // the broker looks only when it is asked something
		defer tick.Stop()
		for ; ; <-tick.C {
			err := exchange(connection, request, request.ResponseKind())
			if age := time.Since(began); err == nil {
				continue
			} else if !errors.Is(err, io.EOF) || age < life-time.Second {
				t.Errorf("after %v: %v, want an end of the connection after %v", age, err, life)
			}
			return
		}
	})
	t.Run("renewed", func(t *testing.T) {
		shown := make(chan struct{}, 100)
		client := client(t, secure.SASLPlaintext, kgo.SASL(oauth.Oauth(func(context.Context) (oauth.Auth, error) {
			shown <- struct{}{}
			return oauth.Auth{Token: kafkatest.UnsecuredToken(kafkatest.User, life)}, nil
		})))
		tick := time.NewTicker(50 * time.Millisecond)
		defer tick.Stop()
		for began := time.Now(); time.Since(began) < life+time.Second; <-tick.C {
			if err := ping(t.Context(), client); err != nil {
				t.Fatalf("after %v: %v", time.Since(began), err)
			}
		}
		if len(shown) < 2 {
			t.Errorf("%d tokens of %v were shown in more than that", len(shown), life)
		}
	})
	t.Run("long", func(t *testing.T) {
		if _, session := login(t, secure.SASLPlaintext, time.Hour); session <= 0 || session > 15*time.Second {
			t.Errorf("the broker gives a session of %v to a token of an hour", session)
		}
	})
}

// login shows a token as a client does that never shows another. It gives the session
// that the broker grants.
func login(t *testing.T, address string, life time.Duration) (net.Conn, time.Duration) {
	t.Helper()
	connection, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { connection.Close() })
	hello := kmsg.NewPtrSASLHandshakeRequest()
	hello.Version, hello.Mechanism = 1, "OAUTHBEARER"
	greeting := hello.ResponseKind().(*kmsg.SASLHandshakeResponse)
	show := kmsg.NewPtrSASLAuthenticateRequest()
	show.Version, show.SASLAuthBytes = 1, []byte("n,,\x01auth=Bearer "+kafkatest.UnsecuredToken(kafkatest.User, life)+"\x01\x01")
	verdict := show.ResponseKind().(*kmsg.SASLAuthenticateResponse)
	if err := errors.Join(exchange(connection, hello, greeting), exchange(connection, show, verdict)); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(kerr.ErrorForCode(greeting.ErrorCode), kerr.ErrorForCode(verdict.ErrorCode)); err != nil {
		t.Fatal(err)
	}
	return connection, time.Duration(verdict.SessionLifetimeMillis) * time.Millisecond
}

// exchange sends a request and reads its response, whose header is the short one.
func exchange(connection net.Conn, request kmsg.Request, response kmsg.Response) error {
	if _, err := connection.Write(kmsg.NewRequestFormatter().AppendRequest(nil, request, 1)); err != nil {
		return err
	}
	var length [4]byte
	if _, err := io.ReadFull(connection, length[:]); err != nil {
		return err
	}
	answer := make([]byte, binary.BigEndian.Uint32(length[:]))
	if _, err := io.ReadFull(connection, answer); err != nil {
		return err
	}
	return response.ReadFrom(answer[4:]) // behind the request's number
}

func TestTokenEndpoint(t *testing.T) {
	tokens := kafkatest.TokenEndpoint(t, "app", time.Minute)
	ask := func(id, secret, grant string) (int, string) {
		response, err := http.PostForm(tokens.URL, url.Values{"grant_type": {grant}, "client_id": {id}, "client_secret": {secret}, "scope": {"kafka"}})
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		return response.StatusCode, string(body)
	}
	if status, body := ask(tokens.ClientID, "wrong", "client_credentials"); status != http.StatusUnauthorized {
		t.Errorf("wrong secret: %d %s", status, body)
	}
	if status, body := ask(tokens.ClientID, tokens.ClientSecret, "password"); status != http.StatusBadRequest {
		t.Errorf("wrong grant: %d %s", status, body)
	}
	if n := tokens.Issued(); n != 0 {
		t.Errorf("%d tokens issued to strangers", n)
	}
	if status, body := ask(tokens.ClientID, tokens.ClientSecret, "client_credentials"); status != http.StatusOK || !strings.Contains(body, `"expires_in":60`) {
		t.Errorf("right: %d %s", status, body)
	}
	if n, scope := tokens.Issued(), tokens.Scope(); n != 1 || scope != "kafka" {
		t.Errorf("%d tokens issued, scope %q, want 1 for kafka", n, scope)
	}
}

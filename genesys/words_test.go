package genesys

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"golang.org/x/oauth2"
)

// wild is every character that a terminal or a log may obey: the controls of ASCII and of
// Latin-1, the ends of lines and what turns the direction of writing.
func wild() string {
	var b strings.Builder
	for r := rune(0); r <= 0x9f; r++ {
		if r < ' ' || r >= 0x7f {
			b.WriteRune(r)
		}
	}
	return b.String() + "\u061c\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
}

// mustBePlain checks that a text holds some words of the server and nothing wild.
func mustBePlain(t *testing.T, what, text, words string) {
	t.Helper()
	if !strings.Contains(text, words) {
		t.Errorf("%s: %q lacks %q", what, text, words)
	}
	if strings.ContainsAny(text, wild()) || !utf8.ValidString(text) {
		t.Errorf("%s: %q holds what a terminal obeys", what, text)
	}
}

func TestNothingThatAServerSaysIsObeyed(t *testing.T) {
	said := "so" + wild() + "there"
	var quoted strings.Builder // as JSON
	for _, r := range said {
		fmt.Fprintf(&quoted, `\u%04x`, r)
	}
	body := strings.ReplaceAll(`{"code":"X","message":"X","contextId":"X","error":"X","error_description":"X"}`, "X", quoted.String())
	for status, isToken := range map[int]bool{http.StatusForbidden: false, http.StatusUnauthorized: true, http.StatusConflict: false, http.StatusBadRequest: true} {
		for _, header := range []string{"", "Inin-Correlation-Id"} {
			answer := answering{status, http.Header{"Content-Type": {"application/json"}}, []byte(body)}
			if header != "" {
				answer.header.Set(header, said+"\xff")
			}
			c, err := New(Config{Dialect: Conversations, APIURL: "http://api.test", LoginURL: "http://login.test",
				ClientID: "client", ClientSecret: secret, RequestsPerMinute: 60_000, Transport: answer})
			if err != nil {
				t.Fatal(err)
			}
			if isToken {
				err = c.Login(t.Context())
			} else {
				c.tokens.set(&oauth2.Token{AccessToken: secret}, time.Now())
				_, err = c.Queues(t.Context(), []QueueID{"q"})
			}
			var e *Error
			if !errors.As(err, &e) || e.Status != status {
				t.Fatalf("status %d: error %v", status, err)
			}
			mustBePlain(t, "error", e.Error(), "so")
			mustBePlain(t, "code", e.Code, "there")
			mustBePlain(t, "message", e.Message, "there")
			if header != "" || !isToken { // OAuth's errors have none in their body
				mustBePlain(t, "correlation id", e.Correlation, "there")
			}
		}
	}
}

// net/http quotes what it cannot read, some of it as it came.
func TestNothingThatNetHTTPQuotesIsObeyed(t *testing.T) {
	for name, answer := range map[string]string{
		"a header":        "HTTP/1.1 200 OK\r\nso \x1b]0;there\x07\x08\u0085\u202e\r\n\r\n",
		"a long header":   "HTTP/1.1 200 OK\r\nso \x1b[2J" + strings.Repeat("there", 1000) + "\r\n\r\n",
		"a status":        "HTTP/1.1 2so\x1b[0 there\r\n\r\n",
		"no HTTP":         "so\x1b[2Jthere\r\n\r\n",
		"a redirect":      "HTTP/1.1 302 Found\r\nLocation: http://so \x1b[2J/%zz\r\nContent-Length: 0\r\n\r\n",
		"a proxy's words": "HTTP/1.1 407 so \x1b[2J\u0085there\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			served := make(chan struct{})
			go func() {
				defer close(served)
				for {
					conn, err := listener.Accept()
					if err != nil {
						return
					}
					_, _ = conn.Read(make([]byte, 4096))
					_, _ = conn.Write([]byte(answer))
					_ = conn.Close()
				}
			}()
			defer func() { _ = listener.Close(); <-served }()
			base := "http://" + listener.Addr().String()
			told := make(chan Incident, 1)
			config := Config{Dialect: Conversations, APIURL: base, LoginURL: base, ClientID: "client", ClientSecret: secret,
				RequestsPerMinute: 60_000, Timeout: time.Minute, MaxResponseBytes: 1 << 20, Observe: func(i Incident) { told <- i }}
			if name == "a proxy's words" {
				proxy, err := url.Parse(base)
				if err != nil {
					t.Fatal(err)
				}
				transport := newTransport()
				transport.Proxy = http.ProxyURL(proxy)
				config.Transport, config.APIURL, config.LoginURL = transport, "https://api.test", "https://api.test"
			}
			c, err := New(config)
			if err != nil {
				t.Fatal(err)
			}
			defer c.http.CloseIdleConnections()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			done := make(chan error)
			go func() { done <- c.Login(ctx) }()
			text := (<-told).Err.Error()
			cancel()
			<-done
			mustBePlain(t, "error", text, "so")
			if len(text) > 600 {
				t.Errorf("%d bytes: %.400q", len(text), text)
			}
		})
	}
}

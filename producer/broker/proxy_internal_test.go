package broker

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// A proxy that does not connect is named, without the password that its URL may hold.
// It is an internal test because net/http reads the environment's proxy but once.
func TestProxyThatRefuses(t *testing.T) {
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "tell-nobody", http.StatusProxyAuthRequired)
	}))
	defer proxy.Close()
	at, err := url.Parse(proxy.URL)
	if err != nil {
		t.Fatal(err)
	}
	at.User = url.UserPassword("app", "tell-nobody")
	tokens := newTokens(Security{TokenURL: "https://login.example/token", ClientID: "app", ClientSecret: "tell-nobody"})
	transport := tokens.client.Transport.(*http.Transport)
	if transport.Proxy == nil {
		t.Error("the proxy of the environment is not used")
	}
	transport.Proxy = http.ProxyURL(at)
	_, err = tokens.get(t.Context())
	if err == nil || !strings.Contains(err.Error(), "login.example gives no answer: the proxy "+at.Host+" does not connect: 407 Proxy Authentication Required") {
		t.Errorf("%v", err)
	}
	if err != nil && strings.Contains(err.Error(), "tell-nobody") {
		t.Errorf("%v: shows a password", err)
	}
}

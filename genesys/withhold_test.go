package genesys

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// A server that answers with what it was sent is told of without it: the token, the
// secret in each of its forms, and what is left of them where the text is cut short.
func TestErrorsWithholdWhatAServerEchoes(t *testing.T) {
	const hush, token = "kX9/not+to be printed", "tKn-not-to-be-printed-either"
	for _, dialect := range []Dialect{Conversations, Entities} {
		for _, refuses := range []string{"token", "page"} {
			t.Run(fmt.Sprintf("%s, %s", dialect, refuses), func(t *testing.T) {
				server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					isToken := strings.HasSuffix(r.URL.Path, "/oauth/token")
					if isToken && refuses == "page" {
						w.Header().Set("Content-Type", "application/json")
						fmt.Fprintf(w, `{"access_token":%q,"token_type":"bearer","expires_in":3600}`, token)
						return
					}
					body := make([]byte, 1<<10)
					n, _ := r.Body.Read(body) // the form, of which the secret may be part
					echo := r.Header.Get("Authorization") + " " + string(body[:n]) + " " + hush
					text, err := json.Marshal(map[string]string{"message": echo, "error_description": echo,
						"error": "invalid_client", "code": "bad " + r.Header.Get("Authorization"), "contextId": token})
					if err != nil {
						t.Error(err)
					}
					w.Header().Set("Content-Type", "application/json")
					w.WriteHeader(http.StatusUnauthorized)
					w.Write(text)
				}))
				defer server.Close()
				client, err := New(Config{Dialect: dialect, APIURL: server.URL, LoginURL: server.URL, ClientID: "the-id",
					ClientSecret: hush, RequestsPerMinute: 60_000})
				if err != nil {
					t.Fatal(err)
				}
				err = client.Login(t.Context())
				if refuses == "page" {
					if err != nil {
						t.Fatal(err)
					}
					_, err = client.Queues(t.Context(), []QueueID{"q"})
				}
				if err == nil || !strings.Contains(err.Error(), withheld) {
					t.Fatalf("error %v, want one that withholds something", err)
				}
				forms := append(Config{ClientID: "the-id", ClientSecret: hush}.secrets(), token)
				for _, form := range forms {
					if strings.Contains(err.Error(), form) {
						t.Errorf("error %q tells %q", err, form)
					}
				}
			})
		}
	}
}

func TestWithoutASecretThatIsCutShort(t *testing.T) {
	const hush = "not-to-be-printed"
	for text, want := range map[string]string{
		"":                         "",
		"nothing":                  "nothing",
		hush:                       withheld,
		"a " + hush + " b " + hush: "a " + withheld + " b " + withheld,
		"a " + hush[:10]:           "a " + withheld,
		"a " + hush[:5]:            "a " + withheld,
		"do " + hush[:4]:           "do " + hush[:4], // no more than a word
	} {
		if got := without(text, hush); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	if got := without("text", ""); got != "text" {
		t.Errorf("without nothing: %q", got)
	}
}

// A secret that is a mere word is in many that tell nothing of it.
func TestAShortSecretIsNotLookedFor(t *testing.T) {
	for hush, want := range map[string]string{
		"system": "system: the system22 is away", "system2": "system: the system22 is away", "system22": "system: the " + withheld + " is away",
	} {
		e := (&Error{Code: "x", Message: "system: the system22 is away"}).withhold(hush)
		if e.Message != want {
			t.Errorf("%q: %q, want %q", hush, e.Message, want)
		}
	}
	if e := (&Error{Message: "not " + Config{ClientID: "id", ClientSecret: "system"}.secrets()[2]}).withhold(Config{ClientID: "id", ClientSecret: "system"}.secrets()...); e.Message != "not "+withheld {
		t.Errorf("%q: a header that holds a short one is no word", e.Message)
	}
}

// A server's words are made fit for a terminal before a secret is looked for in them.
func TestASecretOfUnprintableCharactersIsWithheld(t *testing.T) {
	const hush = "not\tto\u00a0be\x1bprinted"
	if e := (&Error{Message: clip("sent: " + hush)}).withhold(hush); e.Message != "sent: "+withheld {
		t.Errorf("%q", e.Message)
	}
}

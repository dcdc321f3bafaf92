package broker

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// hanging is an endpoint that gives one token and hangs then. Its connections are no
// sockets, which testing/synctest would not see waiting.
type hanging struct {
	asked int
	body  bool // it hangs in the midst of its answer
}

func (h *hanging) RoundTrip(r *http.Request) (*http.Response, error) {
	h.asked++
	body := io.Reader(strings.NewReader(`{"access_token":"token-1","expires_in":600}`))
	if h.asked > 1 && !h.body {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	if h.asked > 1 {
		body = hangs{r.Context().Done(), r.Context().Err}
	}
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(body), Request: r}, nil
}

type hangs struct {
	done <-chan struct{}
	why  func() error
}

func (h hangs) Read([]byte) (int, error) {
	<-h.done
	return 0, h.why()
}

// While an endpoint hangs, the old token is used until it is almost over. Few logins wait
// for the endpoint, and those not for long.
func TestEndpointHangs(t *testing.T) {
	for name, endpoint := range map[string]*hanging{"before its answer": {}, "in its answer": {body: true}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tokens := newTokens(Security{TokenURL: "https://login.example/token", ClientID: "app", ClientSecret: "right"})
				tokens.client.Transport = endpoint
				wait := func() (string, time.Duration, error) {
					bound := time.Minute
					if endpoint.asked == 2 {
						bound = time.Second // an impatient client gets the old token too
					}
					ctx, cancel := context.WithTimeout(t.Context(), bound)
					defer cancel()
					began := time.Now()
					token, err := tokens.get(ctx)
					return token, time.Since(began), err
				}
				began := time.Now()
				for time.Since(began) < 597*time.Second {
					token, took, err := wait()
					if time.Since(began) >= 597*time.Second && err != nil {
						break // it has come too near to its end meanwhile
					}
					if token != "token-1" || err != nil || took > 2*time.Second {
						t.Fatalf("after %v: %q, %v, in %v", time.Since(began), token, err, took)
					}
					time.Sleep(time.Second / 2)
				}
				if endpoint.asked < 5 || endpoint.asked > 10 {
					t.Errorf("it was asked %d times", endpoint.asked)
				}
				time.Sleep(5 * time.Second)
				_, took, err := wait()
				if err == nil || !strings.Contains(err.Error(), "login.example does not answer in time") || took != 10*time.Second {
					t.Errorf("%v, in %v, want that it does not answer within 10s", err, took)
				}
			})
		})
	}
}

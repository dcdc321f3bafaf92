package genesys

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

// newTransport is net/http's, with what a service needs that runs for months.
func newTransport() *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConnsPerHost = 64 // every walk, and what it reads ahead
	// A connection that has silently died would be used again and again.
	t.HTTP2 = &http.HTTP2Config{SendPingTimeout: 15 * time.Second, PingTimeout: 15 * time.Second}
	t.OnProxyConnectResponse = nameProxy
	return t
}

// nameProxy says that it was the proxy who refused: net/http gives its words alone,
// as if they were the API's. A proxy's URL may hold a password.
func nameProxy(_ context.Context, proxy *url.URL, _ *http.Request, resp *http.Response) error {
	if resp.StatusCode == http.StatusOK {
		return nil
	}
	return fmt.Errorf("the proxy %s does not connect: %s", proxy.Host, clip(resp.Status))
}

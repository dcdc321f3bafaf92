package genesys

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"
)

// Call names what a request asks for.
type Call string

const (
	CallPage   Call = "page"   // of the conversation-details query
	CallToken  Call = "token"  // an access token
	CallQueues Call = "queues" // the queue lookup
)

// Exchange is one request that was sent, and what came of it. One that its context broke
// off is none.
type Exchange struct {
	Call       Call
	Status     int           // of the answer; 0: there was none
	Again      bool          // it repeats one that failed
	Waited     time.Duration // until it might be sent: the line, the pace, a budget that was closed
	Took       time.Duration // from then until its answer was read
	Bytes      int           // of the answer, as it was read: what was compressed is not any more
	RetryAfter time.Duration // for which it asks to stay away; 0: it does not say
	// Failed: whoever asked has got nothing from it. There was no answer, or one that refuses,
	// is cut short or too large, or is not what was asked for, whatever its status: a 200 that
	// cannot be split, or holds no token that can be used.
	Failed bool
}

// exchange is a request under way, which its context carries to the transport: only there
// do those of the login library pass, too.
type exchange struct {
	Exchange
	caller context.Context
	wanted time.Time // since when it waits to be sent
	sent   time.Time
	over   bool // it is told of, once its answer was judged
	tell   func(Exchange)
}

type exchangeKey struct{}

// exchanging returns a context under which one request is measured.
func (c *Client) exchanging(ctx context.Context, call Call, again bool, wanted time.Time) context.Context {
	if c.config.Measure == nil {
		return ctx
	}
	return context.WithValue(ctx, exchangeKey{}, &exchange{
		Exchange: Exchange{Call: call, Again: again}, caller: ctx, wanted: wanted, tell: c.config.Measure})
}

// judged tells of the request that was sent under a context of exchanging, after its
// answer was read: only whoever has read it knows whether it is what was asked for.
func judged(ctx context.Context, err error) {
	if x, ok := ctx.Value(exchangeKey{}).(*exchange); ok && x.over {
		x.Failed = err != nil
		x.tell(x.Exchange)
	}
}

// measured measures every request whose context says that it is measured.
type measured struct{ http.RoundTripper }

func (m measured) RoundTrip(req *http.Request) (*http.Response, error) {
	x, ok := req.Context().Value(exchangeKey{}).(*exchange)
	if !ok {
		return m.RoundTripper.RoundTrip(req)
	}
	x.sent = time.Now()
	x.Waited = x.sent.Sub(x.wanted)
	resp, err := m.RoundTripper.RoundTrip(req)
	if err != nil {
		x.end(false)
		return nil, err
	}
	x.Status = resp.StatusCode
	if resp.StatusCode != http.StatusOK {
		x.RetryAfter = stayAway(resp)
	}
	resp.Body = &measuredBody{ReadCloser: resp.Body, exchange: x}
	return resp, nil
}

// CloseIdleConnections is there for [http.Client.CloseIdleConnections].
func (m measured) CloseIdleConnections() {
	(&http.Client{Transport: m.RoundTripper}).CloseIdleConnections()
}

// end ends the measuring. What was not read to its end may have been broken off.
func (x *exchange) end(whole bool) {
	if !whole && x.caller.Err() != nil {
		return
	}
	x.Took = time.Since(x.sent)
	x.over = true
}

// measuredBody is the body of an answer, which is over as it is read to its end, fails, or
// is closed before.
type measuredBody struct {
	io.ReadCloser
	exchange *exchange // nil: it is over
}

func (b *measuredBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if b.exchange != nil {
		b.exchange.Bytes += n
	}
	if err != nil {
		b.end(errors.Is(err, io.EOF))
	}
	return n, err
}

func (b *measuredBody) Close() error {
	b.end(false)
	return b.ReadCloser.Close()
}

func (b *measuredBody) end(whole bool) {
	if b.exchange != nil {
		b.exchange.end(whole)
		b.exchange = nil
	}
}

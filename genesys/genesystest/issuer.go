package genesystest

import (
	"sync"
	"time"
)

// issuer hands out bearer tokens and keeps the rate window of each: the
// published limit counts requests per token.
type issuer struct {
	life      time.Duration
	allowance int
	seed      uint64

	mu     sync.Mutex
	tokens map[string]*token
}

type token struct {
	ordinal int
	expires time.Time
	revoked bool
	window  time.Time // when its rate window began
	count   int       // requests in that window
}

const rateWindow = time.Minute

// issue makes a new token.
func (i *issuer) issue(now time.Time) string {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.tokens == nil {
		i.tokens = make(map[string]*token)
	}
	ordinal := len(i.tokens) + 1
	d := dice(mix(i.seed, rollToken, uint64(ordinal)))
	text := d.uuid()
	i.tokens[text] = &token{ordinal: ordinal, expires: now.Add(i.life)}
	return text
}

func (i *issuer) revoke() {
	i.mu.Lock()
	defer i.mu.Unlock()
	for _, t := range i.tokens {
		t.revoked = true
	}
}

func (i *issuer) ordinal(bearer string) int {
	i.mu.Lock()
	defer i.mu.Unlock()
	if t := i.tokens[bearer]; t != nil {
		return t.ordinal
	}
	return 0
}

// usage is where a token stands in its rate window.
type usage struct {
	count, allowed int
	reset          int  // whole seconds, rounded up: waiting for them is always enough
	exceeded       bool // this request is one too many
}

// spend counts a request against the token's window. It reports false for a
// token that is unknown, expired or revoked.
func (i *issuer) spend(bearer string, now time.Time) (usage, bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	t := i.tokens[bearer]
	if t == nil || t.revoked || !now.Before(t.expires) {
		return usage{}, false
	}
	if t.window.IsZero() || now.Sub(t.window) >= rateWindow {
		t.window, t.count = now, 0
	}
	left := rateWindow - now.Sub(t.window)
	u := usage{allowed: i.allowance, reset: int((left + time.Second - 1) / time.Second)}
	if i.allowance >= 0 && t.count >= i.allowance {
		u.exceeded = true
	} else {
		t.count++
	}
	u.count = t.count
	return u, true
}

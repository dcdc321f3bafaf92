package broker

import (
	"context"
	"errors"

	"github.com/twmb/franz-go/pkg/sasl"
	"github.com/twmb/franz-go/pkg/sasl/oauth"
)

// bearer is the mechanism OAUTHBEARER (RFC 7628) with a token that is renewed.
type bearer struct{ tokens *tokens }

// Name is what Kafka calls the mechanism.
func (b *bearer) Name() string { return "OAUTHBEARER" }

// Authenticate begins a login with a token that has some of its life before it.
func (b *bearer) Authenticate(ctx context.Context, address string) (sasl.Session, []byte, error) {
	token, err := b.tokens.get(ctx)
	if err != nil {
		if e, ok := errors.AsType[*AccessError](err); ok {
			e.Address = address
		}
		return nil, nil, err
	}
	_, first, err := oauth.Auth{Token: token}.AsMechanism().Authenticate(ctx, address)
	return &bearerSession{b.tokens, token, false}, first, err
}

type bearerSession struct {
	tokens  *tokens
	token   string
	refused bool
}

// Challenge takes the broker's answer: nothing where it accepts the token. Where it
// does not, it says why in JSON and waits for a byte, to answer that with an error
// code and the same words. franz-go's own session stops before that.
func (s *bearerSession) Challenge(answer []byte) (done bool, next []byte, err error) {
	switch {
	case len(answer) == 0:
		return true, nil, nil
	case s.refused:
		return false, nil, errors.New("the broker asks for more after it has refused the token")
	}
	s.refused = true
	s.tokens.drop(s.token)
	return false, []byte{1}, nil
}

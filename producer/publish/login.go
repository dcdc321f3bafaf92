package publish

import (
	"context"

	"github.com/segmentio/kafka-go/sasl"
	franz "github.com/twmb/franz-go/pkg/sasl"

	"genesys-producer/producer/broker"
)

// login is the access's mechanism as kafka-go wants one: both clients log in by the
// same code.
func login(access *broker.Access) sasl.Mechanism {
	if m := access.Mechanism(); m != nil {
		return mechanism{m}
	}
	return nil
}

type mechanism struct{ franz.Mechanism }

func (m mechanism) Start(ctx context.Context) (sasl.StateMachine, []byte, error) {
	host := ""
	if meta := sasl.MetadataFromContext(ctx); meta != nil {
		host = meta.Host
	}
	session, first, err := m.Authenticate(ctx, host)
	return exchange{session}, first, err
}

type exchange struct{ franz.Session }

func (e exchange) Next(_ context.Context, challenge []byte) (done bool, response []byte, err error) {
	return e.Challenge(challenge)
}

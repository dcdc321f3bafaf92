package publish

import (
	"context"
	"net"
	"strconv"

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
	address := ""
	if meta := sasl.MetadataFromContext(ctx); meta != nil {
		address = net.JoinHostPort(meta.Host, strconv.Itoa(meta.Port))
	}
	session, first, err := m.Authenticate(ctx, address)
	return exchange{session}, first, err
}

type exchange struct{ franz.Session }

func (e exchange) Next(_ context.Context, challenge []byte) (done bool, response []byte, err error) {
	return e.Challenge(challenge)
}

package publish

import (
	"context"
	"testing"

	"github.com/segmentio/kafka-go/sasl"
	franz "github.com/twmb/franz-go/pkg/sasl"
)

// addressed is a mechanism that notes whom it is to log in at.
type addressed struct {
	franz.Mechanism
	address *string
}

func (a addressed) Authenticate(_ context.Context, address string) (franz.Session, []byte, error) {
	*a.address = address
	return nil, nil, nil
}

// The mechanism is told the listener's host and port, as franz-go tells it: errors of a
// login name them.
func TestLoginHasTheAddress(t *testing.T) {
	for want, ctx := range map[string]context.Context{
		"broker:9093": sasl.WithMetadata(t.Context(), &sasl.Metadata{Host: "broker", Port: 9093}),
		"[::1]:9093":  sasl.WithMetadata(t.Context(), &sasl.Metadata{Host: "::1", Port: 9093}),
		"":            t.Context(),
	} {
		got := "none"
		if _, _, err := (mechanism{addressed{address: &got}}).Start(ctx); got != want || err != nil {
			t.Errorf("the address is %q, %v, want %q", got, err, want)
		}
	}
}

package broker

import (
	"fmt"

	"github.com/twmb/franz-go/pkg/sasl/plain"
	"github.com/twmb/franz-go/pkg/sasl/scram"
)

func (a *Access) setMechanism(s Security) error {
	user := scram.Auth{User: s.Username, Pass: s.Password}
	switch s.Mechanism {
	case "":
	case "plain":
		a.mechanism = plain.Auth{User: s.Username, Pass: s.Password}.AsMechanism()
	case "scram-sha-256":
		a.mechanism = user.AsSha256Mechanism()
	case "scram-sha-512":
		a.mechanism = user.AsSha512Mechanism()
	case "oauthbearer":
		a.mechanism = &bearer{newTokens(s)}
	default:
		return fmt.Errorf("KAFKA_SASL_MECHANISM: %q is none that is known: use plain, scram-sha-256, scram-sha-512 or oauthbearer", s.Mechanism)
	}
	return nil
}

// credentials names the settings that a login is made of.
func (s Security) credentials() string {
	if s.Mechanism == "oauthbearer" {
		return "KAFKA_SASL_CLIENT_ID, KAFKA_SASL_SCOPES and what the listener expects of a token"
	}
	return "KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD"
}

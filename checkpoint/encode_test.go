package checkpoint_test

import (
	"errors"
	"strings"
	"testing"

	"genesys-producer/checkpoint"
	"genesys-producer/checkpoint/checkpointtest"
)

func TestEncodeRefusesWhatIsTooLarge(t *testing.T) {
	p := checkpointtest.Sample(key())
	p.Query.Filters = strings.Repeat("x", checkpoint.MaxSize)
	if _, err := checkpoint.Encode("default", key(), p); !errors.Is(err, checkpoint.ErrInvalid) {
		t.Errorf("got %v", err)
	}
	if _, err := checkpoint.Encode("", key(), checkpointtest.Sample(key())); !errors.Is(err, checkpoint.ErrInvalid) {
		t.Errorf("without a name: %v", err)
	}
}

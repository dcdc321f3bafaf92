package transact

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"

	"genesys-producer/checkpoint"
)

// claimTime is how long a process that was fenced waits for the one that did it to show.
const claimTime = 2 * time.Second

// still refuses to go on where another process has taken the key since this one had it.
func (s *session) still(ctx context.Context) error {
	request := kmsg.NewPtrInitProducerIDRequest()
	id := s.transactionalID()
	request.TransactionalID, request.TransactionTimeoutMillis = &id, int32(transactionTimeout.Milliseconds())
	request.ProducerID, request.ProducerEpoch = s.id, s.epoch
	response, err := request.RequestWith(ctx, s.client)
	for err == nil && response.ErrorCode == kerr.ConcurrentTransactions.Code { // the end of the last one is still being written
		if err = pause(ctx, 10*time.Millisecond); err == nil {
			response, err = request.RequestWith(ctx, s.client)
		}
	}
	if err == nil {
		err = kerr.ErrorForCode(response.ErrorCode)
	}
	switch {
	case err == nil, errors.Is(err, kerr.InvalidProducerIDMapping): // brokers have forgotten the id
		return nil
	case !errors.Is(err, kerr.ProducerFenced) && !errors.Is(err, kerr.InvalidProducerEpoch):
		return fmt.Errorf("transactional id %s: %w", id, err)
	}
	// Brokers say the same where they have aborted a transaction of ours that took too
	// long, and where they have given us another epoch and the answer was lost. Another
	// process claims the key as soon as it has it.
	for limit := time.Now().Add(claimTime); ; {
		if _, err := s.store.readOn(ctx); err != nil {
			return err
		}
		if err := s.own(); err != nil || time.Now().After(limit) {
			return err
		}
		if err := pause(ctx, 50*time.Millisecond); err != nil {
			return err
		}
	}
}

// own refuses to go on where another process is known to have written since the session
// was last opened.
func (s *session) own() error {
	e := s.store.entry(s.key)
	if s.read != never && e.offset > s.read && len(e.text) > 0 && e.instance != s.store.instance {
		return &FencedError{Key: s.key, Name: s.store.config.Name}
	}
	return nil
}

// claim writes the position that another process has written again, as this one's. One
// that cannot be read stays as it is.
func (s *session) claim(ctx context.Context) error {
	e := s.store.entry(s.key)
	if _, found, err := s.store.stored("take", s.key); found && err == nil && e.instance != s.store.instance {
		if _, err := s.transact(ctx, writing{text: e.text}); err != nil {
			return err
		}
	}
	s.read = s.store.entry(s.key).offset
	return nil
}

// FencedError says that another process has taken a key over. This one may not write
// it any more.
type FencedError struct {
	Key  checkpoint.Key
	Name string // the checkpoint name
}

func (e *FencedError) Error() string {
	return fmt.Sprintf("%v: CHECKPOINT_NAME %s has it, and this one stops; run one instance of each name and queue", checkpoint.ErrFenced, e.Name)
}

// Unwrap returns the reason.
func (e *FencedError) Unwrap() error { return checkpoint.ErrFenced }

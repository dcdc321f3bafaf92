package broker_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"

	"genesys-producer/checkpoint"
	"genesys-producer/producer/broker"
)

// What will not pass ends it at once, with what to do, and without a word in the log. In
// an outage it ends it too, and the outage is not said to be over.
func TestFinalEndsAtOnce(t *testing.T) {
	inLadder(t, func(t *testing.T, l *broker.Ladder, log *logged) {
		began := time.Now()
		err := l.Until(t.Context(), time.Second, func(context.Context) error {
			return fmt.Errorf("topic x: %w", kerr.TopicAuthorizationFailed)
		})
		if !errors.Is(err, kerr.TopicAuthorizationFailed) || !strings.HasPrefix(err.Error(), "topic x: TOPIC_AUTHORIZATION_FAILED") || !strings.Contains(err.Error(), "kafka-acls.sh") {
			t.Errorf("%v", err)
		}
		if took := time.Since(began); took > 0 {
			t.Errorf("it took %v", took)
		}
		log.want(t)
	})
	inLadder(t, func(t *testing.T, l *broker.Ladder, log *logged) {
		attempts := 0
		err := l.Until(t.Context(), time.Second, func(context.Context) error {
			if attempts++; attempts < 3 {
				return kerr.NotEnoughReplicas
			}
			return checkpoint.ErrFenced
		})
		if !errors.Is(err, checkpoint.ErrFenced) || attempts != 3 {
			t.Errorf("%v after %d attempts", err, attempts)
		}
		log.want(t, outage)
	})
}

// When the context ends the last attempt's error is returned, which tells more than that
// it has. It is not waited for longer, and the outage is not said to be over.
func TestContextEnds(t *testing.T) {
	for name, test := range map[string]struct {
		end     func(context.Context) (context.Context, context.CancelFunc)
		after   time.Duration
		attempt func(context.Context) error
		log     []string
	}{
		"between two attempts": {
			func(ctx context.Context) (context.Context, context.CancelFunc) {
				return context.WithTimeout(ctx, time.Minute)
			}, time.Minute, func(context.Context) error { return kerr.NotEnoughReplicas }, []string{outage},
		},
		"in the first attempt": {
			func(ctx context.Context) (context.Context, context.CancelFunc) {
				ctx, cancel := context.WithCancel(ctx)
				time.AfterFunc(time.Second, cancel)
				return ctx, cancel
			}, time.Second, func(ctx context.Context) error {
				<-ctx.Done()
				return fmt.Errorf("%w: %w", kerr.NotEnoughReplicas, ctx.Err())
			}, nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			inLadder(t, func(t *testing.T, l *broker.Ladder, log *logged) {
				ctx, cancel := test.end(t.Context())
				defer cancel()
				began := time.Now()
				err := l.Until(ctx, 10*time.Second, test.attempt)
				if took := time.Since(began); took != test.after {
					t.Errorf("it took %v, want %v", took, test.after)
				}
				if !errors.Is(err, kerr.NotEnoughReplicas) || !strings.Contains(err.Error(), "min.insync.replicas") {
					t.Errorf("%v, want the last attempt's error, explained", err)
				}
				log.want(t, test.log...)
			})
		})
	}
}

// Where one gives up and another goes on, the outage is over with the last one.
func TestOneGivesUp(t *testing.T) {
	inLadder(t, func(t *testing.T, l *broker.Ladder, log *logged) {
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Hour)
		defer cancel()
		var all sync.WaitGroup
		attempts := 0
		ends := until(time.Hour, &attempts)
		all.Go(func() {
			if err := l.Until(ctx, time.Second, func(context.Context) error { return kerr.LeaderNotAvailable }); err == nil {
				t.Error("it has succeeded")
			}
		})
		all.Go(func() {
			if err := l.Until(ctx, time.Second, ends); err != nil {
				t.Error(err)
			}
		})
		all.Wait()
		log.want(t, outage, goesOn)
	})
}

package broker_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"

	"genesys-producer/producer/broker"
)

const (
	outage = "level=WARN msg=\"kafka: waiting until publishing is possible\" error="
	goesOn = "level=INFO msg=\"kafka: publishing goes on\" took="
)

// logged is the log of a ladder.
type logged struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logged) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *logged) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(l, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}))
}

// want expects exactly these lines, each with its beginning.
func (l *logged) want(t *testing.T, beginnings ...string) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	lines := slices.Collect(strings.Lines(l.text.String()))
	if !slices.EqualFunc(lines, beginnings, strings.HasPrefix) {
		t.Errorf("the log is %q, want %q", lines, beginnings)
	}
}

// inLadder runs a test in a bubble, where time passes only while everybody waits.
func inLadder(t *testing.T, test func(*testing.T, *broker.Ladder, *logged)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		l := &logged{}
		test(t, broker.NewLadder(l.logger()), l)
	})
}

// until is an outage that lasts so long. It counts the attempts.
func until(length time.Duration, attempts *int) func(context.Context) error {
	end := time.Now().Add(length)
	return func(context.Context) error {
		*attempts++
		if time.Now().Before(end) {
			return kerr.LeaderNotAvailable
		}
		return nil
	}
}

// Nothing is told of what succeeds at once.
func TestNoOutage(t *testing.T) {
	inLadder(t, func(t *testing.T, l *broker.Ladder, log *logged) {
		attempts := 0
		if err := l.Until(t.Context(), time.Second, until(0, &attempts)); err != nil || attempts != 1 {
			t.Errorf("%v after %d attempts", err, attempts)
		}
		log.want(t)
	})
}

// What holds it up now is known, though another thing began it; the log has what did.
func TestOutageIsKnownByItsLastError(t *testing.T) {
	inLadder(t, func(t *testing.T, l *broker.Ladder, log *logged) {
		errs := []error{kerr.LeaderNotAvailable, kerr.NotEnoughReplicas}
		attempts := 0
		err := l.Until(t.Context(), time.Second, func(context.Context) error {
			if attempts++; attempts <= len(errs) {
				return errs[attempts-1]
			}
			if held, ok := l.Outage().Held(); !ok || !errors.Is(held.Err, kerr.NotEnoughReplicas) {
				t.Errorf("held up by %v, %v", held.Err, ok)
			}
			return nil
		})
		if _, ok := l.Outage().Held(); ok || err != nil {
			t.Errorf("%v, and still held up: %v", err, ok)
		}
		log.want(t, outage, goesOn)
	})
}

// An outage is told once when it begins and once when it is over, however many wait for
// its end, and so is the next.
func TestOutageIsToldOnce(t *testing.T) {
	for _, waiting := range []int{1, 2, 20} {
		t.Run(fmt.Sprint(waiting), func(t *testing.T) {
			inLadder(t, func(t *testing.T, l *broker.Ladder, log *logged) {
				for range 2 {
					var all sync.WaitGroup
					for n := range waiting {
						attempts := 0
						attempt := until(time.Hour+time.Duration(n)*time.Second, &attempts)
						all.Go(func() {
							if err := l.Until(t.Context(), time.Second, attempt); err != nil {
								t.Error(err)
							}
						})
					}
					all.Wait()
				}
				log.want(t, outage, goesOn, outage, goesOn)
			})
		})
	}
}

// A long outage is asked about every few seconds, and no later than that is its end
// seen; a short one is over soon.
func TestWaitsBetweenAttempts(t *testing.T) {
	for length, test := range map[time.Duration]struct {
		late     time.Duration
		attempts int
	}{
		50 * time.Millisecond: {150 * time.Millisecond, 2},
		24 * time.Hour:        {5 * time.Second, 24 * 3600},
	} {
		inLadder(t, func(t *testing.T, l *broker.Ladder, log *logged) {
			began, attempts := time.Now(), 0
			if err := l.Until(t.Context(), time.Second, until(length, &attempts)); err != nil {
				t.Error(err)
			}
			if late := time.Since(began) - length; late < 0 || late > test.late || attempts > test.attempts {
				t.Errorf("it ended %v after the outage of %v and %d attempts", late, length, attempts)
			}
			log.want(t, outage, goesOn)
		})
	}
}

// Each attempt has its time, and no more.
func TestBoundsEachAttempt(t *testing.T) {
	inLadder(t, func(t *testing.T, l *broker.Ladder, _ *logged) {
		began, attempts := time.Now(), 0
		err := l.Until(t.Context(), 10*time.Second, func(ctx context.Context) error {
			if attempts++; attempts == 3 {
				return nil
			}
			<-ctx.Done()
			return ctx.Err()
		})
		if took := time.Since(began); err != nil || took < 20*time.Second || took > 21*time.Second {
			t.Errorf("%v after %v", err, took)
		}
	})
}

package producer_test

import (
	"context"
	"sync/atomic"
	"testing"

	"genesys-producer/checkpoint"
	"genesys-producer/checkpoint/checkpointtest"
	"genesys-producer/genesys/genesystest"
	"genesys-producer/producer"
	"genesys-producer/producer/transact"
)

// attesting has a look at each attestation once it is acknowledged, or committed with the
// position that closes its window; an error of the look is all that the process hears.
type attesting struct {
	producer.Publisher
	producer.Transactions
	topic string
	look  func() error
}

func (a attesting) Publish(ctx context.Context, messages []*producer.Message) ([]*producer.Message, error) {
	refused, err := a.Publisher.Publish(ctx, messages)
	if err == nil && messages[0].Topic == a.topic {
		err = a.look()
	}
	return refused, err
}

func (a attesting) Commit(ctx context.Context, key checkpoint.Key, messages []*producer.Message, next checkpoint.Position, chunks ...checkpoint.Chunk) ([]*producer.Message, error) {
	refused, err := a.Transactions.Commit(ctx, key, messages, next, chunks...)
	if err == nil && len(messages) == 1 && messages[0].Topic == a.topic {
		err = a.look()
	}
	return refused, err
}

// killedWhenAttested runs a process of the first queue that looks up when it has attested a
// window, and is killed where kill says so. It reports whether it was.
func (w *world) killedWhenAttested(kill func() bool) bool {
	w.Helper()
	ctx, cancel := context.WithCancel(w.Context())
	defer cancel()
	p := w.start(nil)
	p.Queues, p.Grace = p.Queues[:1], 1
	var killed atomic.Bool
	seen := attesting{topic: w.attestations, look: func() error {
		if !kill() {
			return nil
		}
		killed.Store(true)
		cancel()
		return errKilled
	}}
	if w.exactly {
		seen.Transactions = p.Store.(*checkpointtest.Failing).Store.(*transact.Store)
		p.Committer = producer.NewExactlyOnce(seen, w.messages())
	} else {
		seen.Publisher = p.publisher
		p.Committer = producer.NewAtLeastOnce(seen, p.Store, w.messages())
	}
	if err := p.Run(ctx); err != nil && !killed.Load() {
		w.Fatalf("run: %v", err)
	}
	w.store = w.store.Reopen()
	return killed.Load()
}

// A process is killed when an attestation has been acknowledged, and before it could store
// that the window is closed. The next one attests the window again, in the same words;
// delivered exactly once, it does not.
func TestCrashAfterAnAttestation(t *testing.T) {
	for name, exactly := range map[string]bool{"at least once": false, "exactly once": true} {
		t.Run(name, func(t *testing.T) {
			for window := 1; window <= 2; window++ {
				inWorld(t, genesystest.Config{Conversations: 90, TransferShare: .3}, func(w *world) {
					w.exactly = exactly
					n := 0
					if !w.killedWhenAttested(func() bool { n++; return n == window }) {
						w.Fatalf("%d windows were attested: nobody was killed", n)
					}
					if !exactly {
						if last := w.position(0); !last.Ended || last.Closed {
							w.Errorf("killed before the close was stored, the queue is at %v", last)
						}
					}
					before := len(w.queries())
					// What the API says later changes nothing: the window has its verdict.
					w.sim.Remove(w.firstRows(w.sim.Queues()[0])[0])
					if w.killedWhenAttested(func() bool { return false }) {
						w.Fatal("killed")
					}
					w.checkAttestedOnce(map[bool]int{false: 1}[exactly])
					if asked := len(w.queries()) - before; window == 2 && asked > 0 {
						w.Errorf("%d pages were asked again", asked)
					}
				})
			}
		})
	}
}

// checkAttestedOnce: the first queue's two windows are attested once, but for so many that
// were repeated in the same words.
func (w *world) checkAttestedOnce(repeated int) {
	w.Helper()
	words := map[string]string{}
	for _, m := range w.cluster.Read(w, w.attestations) {
		was, ok := words[m.Key]
		if words[m.Key] = string(m.Value); !ok {
			continue
		}
		repeated--
		if was != string(m.Value) {
			w.Errorf("window %s is attested as\n%s\nand as\n%s", m.Key, was, m.Value)
		}
	}
	if repeated != 0 || len(words) != 2 {
		w.Errorf("%d windows are attested, want 2; %d attestations too few were repeated", len(words), repeated)
	}
}

package producer_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"genesys-producer/checkpoint/checkpointtest"
	"genesys-producer/genesys/genesystest"
	"genesys-producer/producer"
	"genesys-producer/producer/kafkatest"
)

// Whatever the API does, and however often the process is killed: see [history.check].
// SEEDS says how many histories, SEED which one alone.
func TestWhateverHappens(t *testing.T) {
	seeds := 200
	if raceDetector {
		seeds = 8
	}
	first, last := uint64(1), uint64(number(t, "SEEDS", seeds))
	if one := uint64(number(t, "SEED", 0)); one > 0 {
		first, last = one, one
	}
	sums := make(chan tally, 1)
	sums <- tally{}
	t.Run("seeds", func(t *testing.T) {
		for seed := first; seed <= last; seed++ {
			t.Run(fmt.Sprintf("SEED=%d", seed), func(t *testing.T) {
				t.Parallel()
				one := live(t, seed)
				all := <-sums
				sums <- all.add(one)
			})
		}
	})
	t.Logf("%+v", <-sums)
}

// number is what a variable holds, or else the default.
func number(t *testing.T, variable string, otherwise int) int {
	t.Helper()
	text := os.Getenv(variable)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("%s is %q, want a number from 1 on", variable, text)
	}
	return n
}

// history is one course of events, drawn from a seed: some days of an organisation, read
// until their last revisit.
type history struct {
	*world
	dice  *rand.Rand
	begin time.Time
	days  int           // on which conversations begin
	age   time.Duration // of the last revisit
	last  time.Time     // when all revisits of all these days are over
	lives int
	kills int
	up    time.Time // when the last life began
	seen  *recorder
	saga  *saga // nil: it is short

	changes atomic.Int64 // that the saga has made
}

// calm is there at the end of each history, so that what is late can be made up for.
const calm = 8 * time.Hour

func live(t *testing.T, seed uint64) (sum tally) {
	synctest.Test(t, func(t *testing.T) {
		h := newHistory(t, seed)
		h.drift()
		for time.Now().Before(h.last) {
			h.life()
		}
		sum = h.check()
		if t.Failed() {
			t.Logf("this was SEED=%d: %d kills, exactly once %t, windows %+v, saga %+v", seed, h.kills, h.exactly, h.windows, h.saga)
			t.Log(strings.Join(h.log.Lines(), "\n"))
		}
	})
	return sum
}

func newHistory(t *testing.T, seed uint64) *history {
	dice := rand.New(rand.NewPCG(seed, 7))
	chance := func(p, most float64) float64 {
		if dice.Float64() > p {
			return 0
		}
		return dice.Float64() * most
	}
	begin := time.Now().UTC()
	config := genesystest.Config{
		Seed: seed, From: begin, To: begin.Add(30 * time.Hour), Conversations: 20 + dice.IntN(50),
		Queues: []string{"queue-a", "queue-b"}, TransferShare: chance(.7, .5), LiveShare: -1, LateShare: chance(.5, .3), MeanSize: 1500,
		RequestsPerMinute: -1, MaxResults: 100_000, WholeDays: dice.IntN(5) == 0,
		Life: genesystest.Life{
			ReopenShare: chance(.5, .3), WrapUpShare: chance(.5, .4), SurveyShare: chance(.5, .3), LagShare: chance(.5, .4),
			MidnightShare: chance(.6, .4), TotalOffShare: chance(.3, .1), ReorderShare: chance(.15, .3),
		},
	}
	long := seed%sagas == 0
	if long {
		config.To, config.Conversations = begin.Add(5*oneDay), 2*config.Conversations
	}
	if dice.IntN(5) == 0 {
		config.Life.TotalAbove = 1 + dice.IntN(2)
	}
	w := &world{T: t, pageSize: 3 + dice.IntN(5), readAhead: dice.IntN(3), exactly: seed%2 == 0, inKafka: seed%4 == 1, remembered: 24 * time.Hour, log: &kafkatest.Logbook{}, store: checkpointtest.NewMemory()}
	if dice.IntN(3) == 0 { // more than the API pages through, as far as windows cannot be cut
		config.MaxResults = w.pageSize * (4 + dice.IntN(8))
		w.mostResults = config.MaxResults
	}
	w.sim = genesystest.New(config)
	seen := newRecorder(w.sim)
	transport, closePipe := genesystest.Pipe(seen)
	t.Cleanup(closePipe)
	ctx, cancel := context.WithTimeout(t.Context(), 30*24*time.Hour)
	t.Cleanup(cancel)
	w.transport, w.ctx, w.cluster = transport, ctx, kafkatest.StartInMemory(t)
	w.createTopics()
	w.keepForEver()
	lengths := []time.Duration{time.Hour, 3 * time.Hour, 6 * time.Hour, 24 * time.Hour}
	w.windows = producer.Windows{From: begin, Start: "begin", Length: lengths[dice.IntN(len(lengths))], Settle: time.Duration(1+dice.IntN(30)) * time.Minute}
	w.revisits = twice()
	h := &history{world: w, dice: dice, begin: begin, days: 2, seen: seen}
	if long {
		h.saga = newSaga(h, seed)
	}
	h.age = w.revisits.Ages[len(w.revisits.Ages)-1]
	h.last = begin.Add(time.Duration(h.days)*oneDay + h.age + calm + 4*time.Hour)
	h.saga.begin(h)
	return h
}

// drift has rows slide while they are read, for all of the history or a part of it.
func (h *history) drift() {
	moves := [][]genesystest.Move{nil, {genesystest.Hide}, {genesystest.Arrive, genesystest.Leave}, {genesystest.Arrive, genesystest.Leave, genesystest.Hide}}
	if chosen := moves[h.dice.IntN(len(moves))]; chosen != nil {
		h.sim.Drift(2+h.dice.IntN(30), chosen...)
		end := time.Duration(h.dice.IntN(40)) * time.Hour
		time.AfterFunc(end, func() { h.sim.Drift(0) })
	}
}

// life is one life of the process: to a kill, a stop, or the end of the history.
func (h *history) life() {
	ctx, cancel := context.WithCancel(h.ctx)
	defer cancel()
	end := h.saga.until(h.last)
	var f *fuse
	h.lives++
	h.up = time.Now()
	switch kind := h.dice.IntN(8); {
	case h.saga.hurries():
		h.kills++
		f = &fuse{left: 10 + h.dice.IntN(120), kill: cancel}
	case h.lives > 12 && h.saga == nil || kind == 0 || time.Until(h.last) < calm: // to the end
	case kind < 5:
		h.kills++
		f = &fuse{left: 1 + h.dice.IntN(150), kill: cancel}
	default:
		if at := time.Now().Add(time.Duration(1+h.dice.IntN(30*60)) * time.Minute); at.Before(end) {
			end = at
		}
	}
	defer time.AfterFunc(time.Until(end), cancel).Stop() // as a signal does; a deadline is known before
	if err := h.start(f).Run(ctx); err != nil && ctx.Err() == nil {
		h.Fatalf("run: %v", err)
	}
	h.store = h.store.Reopen()
	left := time.Until(h.last) - calm
	if h.dice.IntN(4) == 0 { // and is away for a while
		time.Sleep(min(time.Duration(h.dice.IntN(20*60))*time.Minute, left))
	}
	h.saga.rest(h.last.Add(-calm))
}

package main

import (
	"maps"
	"math/rand/v2"
	"os"
	"sync"
	"syscall"
	"testing"
	"time"

	"genesys-producer/genesys/genesystest"
	"genesys-producer/producer/kafkatest"
)

// The soak's time, and how much there is to walk in it: some hundred messages a second,
// and more once long conversations have piled up.
const (
	soakWindow = 5 * time.Second
	soakSettle = time.Second
	soakBefore = 10 * time.Minute // of conversations that have begun before
	soakPace   = 2                // conversations that begin each second
	soakAfter  = 5 * time.Minute  // that the end may be late
	tokenLife  = 20 * time.Second
)

// soak is a long run in a world where nothing stays as it is.
type soak struct {
	*killer
	storm unrest
	tally

	mu       sync.Mutex // of audit, which the follower writes to
	audit    *audit
	follower *kafkatest.Follower
	first    time.Time            // where the first window does
	judged   map[string]time.Time // by queue: up to here all windows are
}

// tally is what the summary counts.
type tally struct {
	generations, stops, storms, revocations int
	tokens, requests, refused               int
	windows                                 int
	behind                                  time.Duration // at most, when it was looked at
	memory                                  []float64     // MB, of the long-lived generation
	early, late                             []int         // goroutines
}

// TestSoak runs for as long as SOAK says, such as 10m; KILL_SEED varies it, and
// SOAK_DELIVERY=exactly-once has pages committed in transactions. In the
// first and last third the program is killed and stopped every few seconds, in
// between one generation lives through everything else: storms of refusals, tokens that
// expire or are revoked, restarts of the broker.
func TestSoak(t *testing.T) {
	length, err := time.ParseDuration(os.Getenv("SOAK"))
	if err != nil {
		t.Skip("SOAK holds no duration, such as 10m: make soak")
	}
	s := newSoak(t, length)
	third := length / 3
	s.restless(s.began.Add(third))
	s.longLived(s.began.Add(2 * third))
	s.restless(s.began.Add(3 * third))
	s.finish()
	s.checkMemory()
	s.checkGoroutines()
	s.summarise()
}

func newSoak(t *testing.T, length time.Duration) *soak {
	now := time.Now().UTC()
	organisation := genesystest.Config{
		Seed: 1, From: now.Add(-soakBefore), To: now.Add(length + soakAfter), TransferShare: 0.4, LiveShare: -1, MeanSize: 2500,
		Conversations:     soakPace * int((soakBefore+length+soakAfter)/time.Second),
		RequestsPerMinute: -1, TokenLife: tokenLife,
	}
	sim := genesystest.New(organisation)
	w := &world{T: t, sim: sim, scribe: newScribe(sim, soakSettle), cluster: kafkatest.StartOnDisk(t), settle: soakSettle}
	w.surround(w.scribe, "retention.ms=600000", "segment.ms=60000") // enough for the reader; disks are small
	switch name := os.Getenv("SOAK_DELIVERY"); name {
	case "", deliveries[0].name:
	case exactlyOnce:
		w.by(deliveries[1])
	default:
		t.Fatalf("SOAK_DELIVERY is %q, want %s or %s", name, deliveries[0].name, exactlyOnce)
	}
	s := &soak{killer: newKiller(w, 3), first: now.Add(-soakSettle).Truncate(soakWindow), judged: map[string]time.Time{}}
	maps.Copy(w.environment, map[string]string{
		"WINDOW_FROM": s.first.Format(time.RFC3339), "WINDOW_TO": "",
		"WINDOW_LENGTH": soakWindow.String(), "LOG_LEVEL": "info",
	})
	s.audit = newAudit(t, w.scribe.has)
	s.audit.inHand = !w.exact()
	s.follower = w.cluster.Follow(t, w.topic, func(m kafkatest.Message) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.audit.see(m)
	})
	s.storm.dice = rand.New(rand.NewPCG(s.dice.Uint64(), 0))
	sim.Script(s.storm.blow)
	return s
}

// restless ends the program every few seconds.
func (s *soak) restless(until time.Time) {
	s.Helper()
	for first := true; time.Now().Before(until); first = false {
		c := s.generation()
		s.endure(c, time.Duration(500+s.dice.IntN(5000))*time.Millisecond)
		switch choice := s.dice.IntN(10); {
		case first || choice == 0: // a look at its goroutines
			s.early = append(s.early, s.quit(c))
		case choice < 4:
			s.calm() // told to stop in a storm, it would be in time, or not
			s.stops++
			c.signal(syscall.SIGTERM)
			c.mustEnd(done)
		default:
			s.gate.at(1+s.dice.IntN(30), false, func() { c.signal(syscall.SIGKILL) })
			if code := c.wait(); code != -1 {
				s.Fatalf("it has ended with %d", code)
			}
			s.gate.open()
			s.kills++
		}
		s.judgeWhatIsOver()
	}
}

// longLived lets one generation live, and looks at its memory.
func (s *soak) longLived(until time.Time) {
	s.Helper()
	c := s.generation()
	weigh := s.weighing(c)
	for time.Now().Before(until) {
		s.endure(c, time.Duration(500+s.dice.IntN(5000))*time.Millisecond)
		s.judgeWhatIsOver()
	}
	s.memory = weigh()
	s.late = append(s.late, s.quit(c))
}

// finish lets a last generation come to the end of what has settled by now.
func (s *soak) finish() {
	s.Helper()
	s.calm()
	last := time.Now().UTC().Add(-soakSettle).Truncate(soakWindow)
	c := s.generation()
	s.awaitProgress(c, last)
	c.signal(syscall.SIGTERM)
	c.mustEnd(done, "service stopped")
	s.judgeWhatIsOver()
	for queue, end := range s.judged {
		if end.Before(last) {
			s.Errorf("queue %s: judged up to %v, not to %v", queue, end, last)
		}
	}
}

// generation starts the program, and waits until it has got somewhere.
func (s *soak) generation() *child {
	s.Helper()
	s.generations++
	c := s.start()
	for range 5 {
		if _, more := s.scribe.progress(); !c.goesOn(more) {
			s.Fatal("it has ended")
		}
	}
	return c
}

// judgeWhatIsOver closes the windows that the program will not come back to.
func (s *soak) judgeWhatIsOver() {
	s.Helper()
	all, _ := s.scribe.progress()
	s.follower.CatchUp(s) // what was published for them was acknowledged
	s.mu.Lock()
	defer s.mu.Unlock()
	s.windows += s.judge(s.audit, s.judged, s.first, all)
	for _, end := range s.judged {
		s.behind = max(s.behind, time.Since(end)-soakWindow-soakSettle)
	}
	for _, r := range s.sim.TakeRequests() {
		s.requests++
		switch {
		case r.Token && r.Status == 200:
			s.tokens++
		case r.Status != 200:
			s.refused++
		}
	}
}

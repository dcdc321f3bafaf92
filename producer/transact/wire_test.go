package transact_test

import (
	"context"
	"encoding/binary"
	"net"
	"sync"

	"github.com/twmb/franz-go/pkg/kmsg"

	"genesys-producer/producer/kafkatest"
)

// wire stands between stores and brokers, kfake or real, and decides what becomes of
// requests. It dials for the stores, so that nothing goes past it.
type wire struct {
	under func(ctx context.Context, network, address string) (net.Conn, error)

	mu     sync.Mutex
	fate   func(key kmsg.Key, n int) fate // of the n-th request of its kind; nil: nothing happens
	counts map[kmsg.Key]int
	sizes  map[kmsg.Key]int // of the answers, in bytes
}

// fate is what happens to a request.
type fate struct {
	unsent  bool            // the connection ends before the broker has it
	unheard bool            // the broker has done it, and the connection ends before the answer
	held    <-chan struct{} // the broker gets it once this is closed, though the client may be gone
	then    func()          // is called before the broker gets it
	told    <-chan struct{} // the client gets the answer once this is closed
	done    func()          // is called when the broker has answered
}

// throughWire puts a wire before the brokers, for stores that are opened from now on.
func (w *world) throughWire(of func(key kmsg.Key, n int) fate) *wire {
	w.wire = &wire{under: w.cluster.Dial, fate: of, counts: map[kmsg.Key]int{}, sizes: map[kmsg.Key]int{}}
	if w.wire.under == nil {
		w.wire.under = new(net.Dialer).DialContext
	}
	return w.wire
}

// change decides anew, and begins to count anew.
func (x *wire) change(of func(key kmsg.Key, n int) fate) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.fate, x.counts, x.sizes = of, map[kmsg.Key]int{}, map[kmsg.Key]int{}
}

// count is how many requests of a kind there were.
func (x *wire) count(key kmsg.Key) int {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.counts[key]
}

// size is how many bytes the answers to requests of a kind had.
func (x *wire) size(key kmsg.Key) int {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.sizes[key]
}

func (x *wire) weigh(key kmsg.Key, answer []byte) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.sizes[key] += len(answer)
}

func (x *wire) decide(key kmsg.Key) fate {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.counts[key]++
	if x.fate == nil {
		return fate{}
	}
	return x.fate(key, x.counts[key])
}

func (x *wire) dial(ctx context.Context, network, address string) (net.Conn, error) {
	broker, err := x.under(ctx, network, address)
	if err != nil {
		return nil, err
	}
	client, here := net.Pipe()
	type sent struct {
		key kmsg.Key
		fate
	}
	fates := make(chan sent, 100)
	go func() { // answers come in the order of the requests
		defer here.Close()
		defer broker.Close()
		for f := range fates {
			answer, err := kafkatest.ReadFrame(broker)
			if err != nil || f.unheard {
				return
			}
			x.weigh(f.key, answer)
			if f.done != nil {
				f.done()
			}
			if f.told != nil {
				<-f.told
			}
			if _, err := here.Write(answer); err != nil {
				return
			}
		}
	}()
	go func() {
		defer here.Close()
		defer close(fates)
		for {
			frame, err := kafkatest.ReadFrame(here)
			if err != nil {
				broker.Close()
				return
			}
			key := kmsg.Key(binary.BigEndian.Uint16(frame[4:]))
			f := x.decide(key)
			if f.then != nil {
				f.then()
			}
			if f.held != nil {
				<-f.held
			}
			if f.unsent {
				broker.Close()
				return
			}
			if _, err := broker.Write(frame); err != nil {
				return
			}
			fates <- sent{key, f}
		}
	}()
	return client, nil
}

// only gives requests of one kind a fate: the n-th, for each of these.
func only(key kmsg.Key, f fate, ns ...int) func(kmsg.Key, int) fate {
	return func(k kmsg.Key, n int) fate {
		for _, each := range ns {
			if k == key && n == each {
				return f
			}
		}
		return fate{}
	}
}

package main

import (
	"encoding/binary"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"

	"genesys-producer/producer/kafkatest"
)

// wire stands between the program and one broker, kfake or real. It knows enough of the
// protocol to lose an acknowledgement, and names itself where brokers say who leads or
// coordinates, so that nothing goes past it.
type wire struct {
	*testing.T
	listener net.Listener

	mu          sync.Mutex
	fate        func(key kmsg.Key, n int) fate // of the n-th request of a kind; nil: nothing happens to it
	broker      string                         // its address; "": there is none, and connections end at once
	connections int                            // that were made
	requests    map[kmsg.Key]int               // of each kind
	open        map[net.Conn]bool              // both ends
}

// fate is what happens to a request.
type fate struct {
	unsent  bool          // the connection ends before the broker has it
	unheard bool          // the broker has done it, and the connection ends before the answer
	late    time.Duration // the answer takes so much longer
}

// throughWire puts a wire before the world's broker.
func (w *world) throughWire(of func(key kmsg.Key, n int) fate) {
	w.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		w.Fatal(err)
	}
	x := &wire{T: w.T, listener: listener, fate: of, broker: w.cluster.Brokers[0], requests: map[kmsg.Key]int{}, open: map[net.Conn]bool{}}
	var served sync.WaitGroup
	served.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			served.Go(func() { x.serve(client) })
		}
	})
	w.Cleanup(func() {
		listener.Close()
		x.cut()
		served.Wait()
	})
	w.environment["KAFKA_BROKERS"] = listener.Addr().String()
	w.wire = x
}

// cut ends all connections, for good.
func (x *wire) cut() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.broker = ""
	for end := range x.open {
		end.Close()
	}
}

// change decides anew, and begins to count anew.
func (x *wire) change(of func(key kmsg.Key, n int) fate) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.fate, x.requests = of, map[kmsg.Key]int{}
}

// counts are how many connections and produce requests there were.
func (x *wire) counts() (connections, produced int) {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.connections, x.requests[kmsg.Produce]
}

// serve passes requests on, and answers in their order, until either end closes.
func (x *wire) serve(client net.Conn) {
	defer client.Close()
	x.mu.Lock()
	x.connections++
	address := x.broker
	x.mu.Unlock()
	broker, err := net.Dial("tcp", address) // an empty address is refused
	if err != nil {
		return
	}
	defer broker.Close()
	if !x.keep(address, client, broker) {
		return
	}
	defer x.forget(client, broker)

	asked := make(chan request, 100)
	var answers sync.WaitGroup
	defer answers.Wait()
	defer close(asked)
	answers.Go(func() {
		defer client.Close()
		defer broker.Close()
		for r := range asked {
			answer, err := kafkatest.ReadFrame(broker)
			if err != nil || r.fate.unheard {
				return
			}
			time.Sleep(r.fate.late)
			answer = x.nameMyself(answer, r)
			if _, err := client.Write(answer); err != nil {
				return
			}
		}
	})
	for {
		frame, err := kafkatest.ReadFrame(client)
		if err != nil {
			return
		}
		r := request{key: kmsg.Key(binary.BigEndian.Uint16(frame[4:])), version: int16(binary.BigEndian.Uint16(frame[6:]))}
		r.fate = x.decide(r.key)
		if r.fate.unsent {
			return
		}
		asked <- r
		if _, err := broker.Write(frame); err != nil {
			return
		}
	}
}

type request struct {
	key     kmsg.Key
	version int16
	fate    fate
}

// decide is the fate of the next request of a kind.
func (x *wire) decide(key kmsg.Key) fate {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.requests[key]++
	if x.fate == nil {
		return fate{}
	}
	return x.fate(key, x.requests[key])
}

// keep notes an open connection, unless the broker is another one by now.
func (x *wire) keep(address string, ends ...net.Conn) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, end := range ends {
		x.open[end] = true
	}
	return x.broker == address
}

func (x *wire) forget(ends ...net.Conn) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, end := range ends {
		delete(x.open, end)
	}
}

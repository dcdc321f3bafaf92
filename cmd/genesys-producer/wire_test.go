package main

import (
	"encoding/binary"
	"io"
	"net"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// wire stands between the program and one broker, kfake or real. It knows enough of the
// protocol to lose an acknowledgement, and names itself as the broker in metadata, so
// that nothing goes past it.
type wire struct {
	*testing.T
	listener net.Listener

	fate func(n int) fate // of the n-th produce request; nil: nothing happens to it

	mu          sync.Mutex
	broker      string            // its address; "": there is none, and connections end at once
	connections int               // that were made
	produced    int               // produce requests
	open        map[net.Conn]bool // both ends
}

// fate is what happens to a produce request.
type fate struct {
	unsent  bool          // the connection ends before the broker has it
	unheard bool          // the broker has done it, and the connection ends before the answer
	late    time.Duration // the answer takes so much longer
}

// throughWire puts a wire before the world's broker.
func (w *world) throughWire(of func(n int) fate) {
	w.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		w.Fatal(err)
	}
	x := &wire{T: w.T, listener: listener, fate: of, broker: w.cluster.Brokers[0], open: map[net.Conn]bool{}}
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
		x.lead("")
		served.Wait()
	})
	w.environment["KAFKA_BROKERS"] = listener.Addr().String()
	w.wire = x
}

// lead ends all connections, and has new ones go to this broker; "": to none.
func (x *wire) lead(broker string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.broker = broker
	for end := range x.open {
		end.Close()
	}
}

// counts are how many connections and produce requests there were.
func (x *wire) counts() (connections, produced int) {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.connections, x.produced
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
			answer, err := readFrame(broker)
			if err != nil || r.fate.unheard {
				return
			}
			time.Sleep(r.fate.late)
			if r.key == kmsg.Metadata {
				answer = x.nameMyself(answer, r.version)
			}
			if _, err := client.Write(answer); err != nil {
				return
			}
		}
	})
	for {
		frame, err := readFrame(client)
		if err != nil {
			return
		}
		r := request{key: kmsg.Key(binary.BigEndian.Uint16(frame[4:])), version: int16(binary.BigEndian.Uint16(frame[6:]))}
		if r.key == kmsg.Produce {
			r.fate = x.decide()
		}
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

// decide is the fate of the next produce request.
func (x *wire) decide() fate {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.produced++
	if x.fate == nil {
		return fate{}
	}
	return x.fate(x.produced)
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

// nameMyself puts the wire's address into a metadata answer.
func (x *wire) nameMyself(frame []byte, version int16) []byte {
	var answer kmsg.MetadataResponse
	answer.SetVersion(version)
	if err := answer.ReadFrom(frame[8:]); err != nil {
		x.Errorf("metadata of version %d: %v", version, err)
		return frame
	}
	host, port, _ := net.SplitHostPort(x.listener.Addr().String())
	number, _ := strconv.Atoi(port)
	for i := range answer.Brokers {
		answer.Brokers[i].Host, answer.Brokers[i].Port = host, int32(number)
	}
	body := answer.AppendTo(frame[:8:8])
	binary.BigEndian.PutUint32(body, uint32(len(body)-4))
	return body
}

// readFrame reads a request or an answer, with the four bytes that tell its length.
func readFrame(r io.Reader) ([]byte, error) {
	var length [4]byte
	if _, err := io.ReadFull(r, length[:]); err != nil {
		return nil, err
	}
	frame := make([]byte, 4+binary.BigEndian.Uint32(length[:]))
	copy(frame, length[:])
	_, err := io.ReadFull(r, frame[4:])
	return frame, err
}

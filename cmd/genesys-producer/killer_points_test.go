package main

import (
	"slices"
	"syscall"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// point is where the program can be killed.
type point struct {
	name string
	// strike waits for the n-th of its kind, and kills it somewhat later. It can
	// return before that has come.
	strike func(k *killer, c *child, n int, late time.Duration)
	fake   bool // needs an in-process broker
	closes bool // comes at the end of a window
	exact  bool // comes only where pages are committed in transactions
	often  int
}

var points = []point{
	{name: "at a query", often: 4, strike: func(k *killer, c *child, n int, late time.Duration) {
		k.gate.at(n, false, func() { c.killAfter(late) })
	}},
	{name: "after a page", often: 4, strike: func(_ *killer, c *child, n int, late time.Duration) {
		c.await(`"page completed"`, n)
		c.killAfter(late)
	}},
	{name: "after a window", often: 1, closes: true, strike: func(_ *killer, c *child, _ int, late time.Duration) {
		c.await(`"window closed"`, 1)
		c.killAfter(late / 8) // before the next one's first page, as a rule
	}},
	{name: "at the start", often: 2, strike: func(_ *killer, c *child, n int, late time.Duration) {
		c.await(`"service starts"`, 1)
		c.killAfter(time.Duration(n) * late / 2)
	}},
	{name: "before records are written", often: 3, strike: func(k *killer, c *child, n int, _ time.Duration) {
		k.atRequest(c, kmsg.Produce, n, true)
	}},
	{name: "before their acknowledgement", often: 4, strike: func(k *killer, c *child, n int, _ time.Duration) {
		k.atRequest(c, kmsg.Produce, n, false)
	}},
	{name: "while the broker restarts", often: 1, strike: func(k *killer, c *child, n int, late time.Duration) {
		c.await(`"page completed"`, n)
		if k.cluster.CanRestart() {
			k.restarts++
			k.underWay++
			go c.killAfter(late)
			k.cluster.Restart(k)
		}
		c.signal(syscall.SIGKILL)
	}},
	{name: "before a transaction's end is asked for", often: 3, exact: true, strike: func(k *killer, c *child, n int, _ time.Duration) {
		k.atRequest(c, kmsg.EndTxn, n, true)
	}},
	{name: "before a transaction's end is answered", often: 4, exact: true, strike: func(k *killer, c *child, n int, _ time.Duration) {
		k.atRequest(c, kmsg.EndTxn, n, false)
	}},
	{name: "at InitProducerID", often: 2, exact: true, strike: func(k *killer, c *child, n int, late time.Duration) {
		k.atRequest(c, kmsg.InitProducerID, 1+n%len(k.sim.Queues()), late > 0) // more may not come
	}},
	{name: "at the write of a position", often: 2, fake: true, exact: true, strike: func(k *killer, c *child, n int, late time.Duration) {
		k.atRequestThat(c, kmsg.Produce, n, late > 0, k.writes(k.checkpoints()))
	}},
	{name: "at the write of a ledger", often: 2, fake: true, exact: true, strike: func(k *killer, c *child, n int, late time.Duration) {
		k.atRequestThat(c, kmsg.Produce, n, late > 0, k.writes(k.ledgers()))
	}},
	// Its verdict is stored by then, and that it is closed is not.
	{name: "at an attestation", often: 1, fake: true, closes: true, strike: func(k *killer, c *child, _ int, late time.Duration) {
		k.atRequestThat(c, kmsg.Produce, 1, late > 0, k.writes(k.attestations()))
	}},
	{name: "in mid-transaction, while the broker restarts", often: 2, fake: true, exact: true, strike: func(k *killer, c *child, n int, late time.Duration) {
		reached := make(chan struct{})
		k.cluster.Fake.ControlKey(int16(kmsg.EndTxn), func(kmsg.Request) (kmsg.Response, error, bool) {
			if n--; n > 0 {
				return nil, nil, false
			}
			close(reached)
			return nil, nil, true // no answer, and the transaction stays open
		})
		c.reach(reached)
		k.restarts++
		k.underWay++
		go c.killAfter(late)
		k.cluster.Restart(k)
		c.signal(syscall.SIGKILL)
	}},
}

// writes tells the requests that write to a topic.
func (k *killer) writes(topic string) func(kmsg.Request) bool {
	id := k.cluster.Fake.TopicInfo(topic).TopicID
	return func(r kmsg.Request) bool {
		return slices.ContainsFunc(r.(*kmsg.ProduceRequest).Topics, func(t kmsg.ProduceRequestTopic) bool {
			return t.Topic == topic || t.TopicID == id
		})
	}
}

func (k *killer) point() point {
	closed := 0
	for _, p := range points {
		if p.closes {
			closed += k.points[p.name]
		}
	}
	var choice []point
	for _, p := range points {
		for range p.often {
			if (!p.fake || k.cluster.Fake != nil) && (!p.exact || k.exact()) && (!p.closes || closed < k.mayClose) {
				choice = append(choice, p)
			}
		}
	}
	return choice[k.dice.IntN(len(choice))]
}

// killAfter kills the program some time later, at once if that is none.
func (c *child) killAfter(late time.Duration) {
	if late > 0 {
		time.AfterFunc(late, func() { c.signal(syscall.SIGKILL) })
		return
	}
	c.signal(syscall.SIGKILL)
}

// atRequest kills the program at its n-th request of a kind, such as the produce requests
// of a page, one for each partition at least once and one for all exactly once. Either the
// broker does not get that request, or it does as it is asked and has nobody to tell.
func (k *killer) atRequest(c *child, key kmsg.Key, n int, lost bool) {
	if k.cluster.Fake != nil {
		k.atRequestThat(c, key, n, lost, func(kmsg.Request) bool { return true })
		return
	}
	k.wire.change(func(asked kmsg.Key, number int) fate {
		select {
		case <-c.ended: // by itself
			return fate{}
		default:
		}
		if asked != key || number != n {
			return fate{}
		}
		c.signal(syscall.SIGKILL)
		<-c.ended
		return fate{unsent: lost, unheard: !lost}
	})
}

// atRequestThat counts but those requests that are told, to an in-process broker.
func (k *killer) atRequestThat(c *child, key kmsg.Key, n int, lost bool, counts func(kmsg.Request) bool) {
	fake := k.cluster.Fake
	fake.ControlKey(int16(key), func(r kmsg.Request) (kmsg.Response, error, bool) {
		select {
		case <-c.ended: // by itself
			fake.DropControl()
			return nil, nil, false
		default:
		}
		if !counts(r) {
			return nil, nil, false
		}
		if n--; n > 0 {
			return nil, nil, false
		}
		fake.DropControl()
		c.signal(syscall.SIGKILL)
		<-c.ended
		return nil, nil, lost
	})
}

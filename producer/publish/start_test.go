package publish_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"genesys-producer/producer/broker"
	"genesys-producer/producer/publish"
)

// afterOutage is a publisher whose connections are refused until so long from now.
func (w *world) afterOutage(outage time.Duration) *publish.Publisher {
	over := time.Now().Add(outage)
	return w.publisher(func(c *publish.Config) {
		access, err := broker.NewAccess(broker.Security{}, func(ctx context.Context, network, address string) (net.Conn, error) {
			if time.Now().Before(over) {
				return nil, errors.New("connection refused")
			}
			return w.cluster.Dial(ctx, network, address)
		})
		if err != nil {
			w.Fatal(err)
		}
		c.Access = access
	})
}

func TestBrokersAreWaitedForAtStart(t *testing.T) {
	inBubble(t, 3, func(w *world) {
		const outage = 10 * time.Minute
		p, began := w.afterOutage(outage), time.Now()
		w.mustPublish(p, w.page(1, 20))
		if late := time.Since(began) - outage; late < 0 || late > 6*time.Second {
			w.Errorf("went on %v after the outage", late)
		}
		w.mustPublish(p, w.page(2, 20))
		w.wantTopic(w.page(1, 20), w.page(2, 20))
		w.wantOutages(1)
	})
}

func TestCancelledWhileBrokersAreAway(t *testing.T) {
	inBubble(t, 1, func(w *world) {
		p := w.afterOutage(time.Hour)
		ctx, cancel := context.WithTimeout(w.Context(), 7*time.Minute)
		defer cancel()
		began := time.Now()
		if _, err := p.Publish(ctx, w.page(1, 20)); err == nil || !strings.Contains(err.Error(), "connection refused") {
			w.Errorf("publish: %v, want why it was not possible", err)
		}
		if took := time.Since(began); took != 7*time.Minute {
			w.Errorf("returned after %v, want 7m", took)
		}
	})
}

func TestCancelledWhileABrokerIsSilent(t *testing.T) {
	inBubble(t, 1, func(w *world) {
		w.silence(1)
		ctx, cancel := context.WithCancel(w.Context())
		time.AfterFunc(time.Second, cancel)
		began := time.Now()
		if _, err := w.publisher().Publish(ctx, w.page(1, 20)); !errors.Is(err, context.Canceled) {
			w.Errorf("publish: %v, want that it was cancelled", err)
		}
		if took := time.Since(began); took != time.Second {
			w.Errorf("returned after %v, want 1s", took)
		}
		w.wantTopic()
	})
}

// silence has so many produce requests get no answer. They have no effect either.
func (w *world) silence(requests int) {
	w.cluster.Fake.ControlKey(int16(kmsg.Produce), func(kmsg.Request) (kmsg.Response, error, bool) {
		w.cluster.Fake.KeepControl()
		requests--
		return nil, nil, requests >= 0
	})
}

func TestAttemptsEndAndAreRepeated(t *testing.T) {
	inBubble(t, 1, func(w *world) {
		w.silence(3)
		began := time.Now()
		w.mustPublish(w.publisher(), w.page(1, 20))
		if took := time.Since(began); took < 90*time.Second || took > 92*time.Second {
			w.Errorf("took %v, want three attempts of 30s and their waits", took)
		}
		w.wantTopic(w.page(1, 20))
		w.wantOutages(1)
	})
}

// A broker that answers before its followers have the messages is asked again, and
// has them twice: it must be given the time that an attempt has.
func TestBrokerIsGivenTimeToReplicate(t *testing.T) {
	inBubble(t, 1, func(w *world) {
		w.cluster.Fake.ControlKey(int16(kmsg.Produce), func(r kmsg.Request) (kmsg.Response, error, bool) {
			produce := r.(*kmsg.ProduceRequest)
			if given := time.Duration(produce.TimeoutMillis) * time.Millisecond; given < 10*time.Second || given >= 30*time.Second {
				w.Errorf("the broker is given %v", given)
			}
			if produce.Acks != -1 {
				w.Errorf("%d acks are asked for, want all (-1)", produce.Acks)
			}
			return nil, nil, false
		})
		w.mustPublish(w.publisher(), w.page(1, 20))
	})
}

// A record that a broker will not have is its queue's affair.
func TestRefusedRecordParksTheQueue(t *testing.T) {
	inBubble(t, 3, func(w *world) {
		for _, code := range []*kerr.Error{kerr.InvalidRecord, kerr.PolicyViolation, kerr.InvalidTimestamp} {
			fault := w.cluster.Fake.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Topic: w.topic, Err: code, Count: -1})
			refused, err := w.publisher().Publish(w.Context(), w.page(1, 20))
			var parks *broker.RefusedError
			if !errors.As(err, &parks) || parks.StopsService() || parks.Topic != w.topic {
				w.Errorf("%s: %v, want an error that parks the queue and names topic %s", code.Message, err, w.topic)
			}
			if !errors.Is(err, code) {
				w.Errorf("%v does not unwrap to %s", err, code.Message)
			}
			if len(refused) > 0 {
				w.Errorf("%s: %d messages are refused for their size", code.Message, len(refused))
			}
			fault.Remove()
		}
		w.wantTopic()
		w.wantOutages(0)
	})
}

func TestAuthorizationFailureIsFinal(t *testing.T) {
	inBubble(t, 3, func(w *world) {
		for _, request := range []kmsg.Key{kmsg.Metadata, kmsg.Produce} {
			fault := w.cluster.Fake.Fault(kfake.Fault{Keys: []kmsg.Key{request}, Topic: w.topic, Err: kerr.TopicAuthorizationFailed, Count: -1})
			p, began := w.publisher(), time.Now()
			_, err := p.Publish(w.Context(), w.page(1, 20))
			for _, want := range []string{w.topic, "WRITE", "DESCRIBE"} {
				if err == nil || !strings.Contains(err.Error(), want) {
					w.Errorf("%v does not name %s", err, want)
				}
			}
			if took := time.Since(began); took > 0 {
				w.Errorf("took %v to say so", took)
			}
			fault.Remove()
		}
		w.wantTopic()
		w.wantOutages(0)
	})
}

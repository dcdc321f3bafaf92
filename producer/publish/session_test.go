package publish_test

import (
	"errors"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"genesys-producer/producer/broker"
	"genesys-producer/producer/kafkatest"
)

// The login is made anew for each connection: a broker that was away is logged in to
// again.
func TestLoginAfterAnOutage(t *testing.T) {
	for _, mechanism := range mechanisms {
		t.Run(mechanism, func(t *testing.T) {
			inBubble(t, 3, func(w *world) {
				w.allow(kmsg.ACLOperationWrite)
				p := w.publisher(w.as(broker.Security{Mechanism: mechanism, Username: kafkatest.User, Password: kafkatest.Password}))
				w.mustPublish(p, w.page(1, 60))
				w.cluster.Fake.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Topic: w.topic, Err: kerr.NotLeaderForPartition, Count: 3})
				w.mustPublish(p, w.page(2, 60))
				w.wantTopic(w.page(1, 60), w.page(2, 60))
				w.wantOutages(1)
			}, kafkatest.Authorizing()...)
		})
	}
}

// A broker cuts a connection off when its session is over: that is no outage, and is not
// waited for. Without a login there are no sessions.
func TestSessionIsOver(t *testing.T) {
	for name, security := range map[string]broker.Security{
		"login":    {Mechanism: "scram-sha-256", Username: kafkatest.User, Password: kafkatest.Password},
		"no login": {},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, 3, func(w *world) {
				w.allow(kmsg.ACLOperationWrite)
				p := w.publisher(w.as(security))
				w.mustPublish(p, w.page(1, 60))
				cut := map[int]bool{}
				w.cluster.Fake.ControlKey(int16(kmsg.Produce), func(r kmsg.Request) (kmsg.Response, error, bool) {
					w.cluster.Fake.KeepControl()
					if partition := partitionOf(r); !cut[partition] {
						cut[partition] = true
						return nil, errors.New("the session is over"), true
					}
					return nil, nil, false
				})
				began := time.Now()
				w.mustPublish(p, w.page(2, 60))
				waited := time.Since(began) > 0
				if want := security.Mechanism == ""; len(cut) != 3 || waited != want {
					w.Errorf("%d connections were cut off; waiting was %v, want %v", len(cut), waited, want)
				}
				w.wantTopic(w.page(1, 60), w.page(2, 60))
				outages := 0
				if security.Mechanism == "" {
					outages = 1
				}
				w.wantOutages(outages)
			}, kafkatest.Authorizing()...)
		})
	}
}

package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"genesys-producer/genesys/genesystest"
)

// partitions is how many the topic of the conversations has.
const partitions = 12

// kafkaTimeout bounds what is asked of Kafka here: creating, reading and deleting
// topics.
const kafkaTimeout = 20 * time.Second

// world is what surrounds the service.
type world struct {
	folder      string // temporary: log, checkpoints, the program, the broker's data
	from        time.Time
	simulator   *genesystest.Simulator
	api         string // base URL of API and login
	server      *http.Server
	fake        *kfake.Cluster // nil: the brokers are real ones
	brokers     []string
	topic       string
	exactlyOnce bool
	client      *kgo.Client
}

// newWorld sets up the simulator and Kafka, on loopback ports of their own.
func newWorld(ctx context.Context, o options, organisation genesystest.Config) (w *world, err error) {
	w = &world{from: organisation.From, topic: "genesys.conversations", brokers: o.brokers, exactlyOnce: o.exactlyOnce}
	defer func() {
		if err != nil {
			w.close()
			err = errors.Join(err, os.RemoveAll(w.folder))
		}
	}()
	if w.folder, err = os.MkdirTemp("", "genesys-sandbox-"); err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	w.api = "http://" + listener.Addr().String()
	w.simulator = genesystest.New(organisation)
	w.server = &http.Server{Handler: w.simulator, ReadHeaderTimeout: time.Minute}
	go func() { _ = w.server.Serve(listener) }() // until close

	if len(o.brokers) == 0 {
		// On disk: a broker that kept a walk in memory would take hundreds of megabytes.
		w.fake, err = kfake.NewCluster(kfake.NumBrokers(1), kfake.DataDir(filepath.Join(w.folder, "broker")))
		if err != nil {
			return nil, fmt.Errorf("broker: %w", err)
		}
		w.brokers = w.fake.ListenAddrs()
	} else {
		w.topic = fmt.Sprintf("genesys.sandbox.%s.%08x", time.Now().UTC().Format("20060102-150405"), rand.Uint32())
	}
	if w.client, err = kgo.NewClient(kgo.SeedBrokers(w.brokers...)); err != nil {
		return nil, fmt.Errorf("kafka: %w", err)
	}
	return w, w.createTopics(ctx)
}

// strike kills the service at the worst moment: when some partitions have their part
// of a page and others do not. What is on its way to the others is lost with the
// service, as it is when a machine dies: so a page that was stored as completed
// before it was published would be missing now. Under exactly-once it is when all of a
// page is there, but for the word that it holds. A real Kafka does not let us choose
// the moment: there it is at once.
func (w *world) strike(c *child) {
	if w.fake == nil {
		c.kill()
		return
	}
	pages := map[string]bool{} // by transactional id: whether part of a page is written; the broker asks one at a time
	parts := 0
	act := func(struck bool) (kmsg.Response, error, bool) {
		w.fake.KeepControl()
		select {
		case <-c.ended:
			return nil, nil, false // of the service that was started again: as ever
		default:
		}
		if !struck {
			return nil, nil, false
		}
		c.kill()
		return nil, errStruck, true
	}
	id := w.fake.TopicInfo(w.topic).TopicID
	w.fake.ControlKey(int16(kmsg.Produce), func(r kmsg.Request) (kmsg.Response, error, bool) {
		produce := r.(*kmsg.ProduceRequest)
		ours := slices.ContainsFunc(produce.Topics, func(t kmsg.ProduceRequestTopic) bool { return t.Topic == w.topic || t.TopicID == id })
		switch {
		case ours && w.exactlyOnce && produce.TransactionID != nil:
			pages[*produce.TransactionID] = true
		case ours:
			parts++
		}
		return act(!w.exactlyOnce && ours && parts > partitions/3)
	})
	if w.exactlyOnce {
		w.fake.ControlKey(int16(kmsg.EndTxn), func(r kmsg.Request) (kmsg.Response, error, bool) {
			return act(pages[r.(*kmsg.EndTxnRequest).TransactionalID])
		})
	}
}

// errStruck closes the connection that the request came on.
var errStruck = errors.New("the sender is gone")

func (w *world) log() string { return filepath.Join(w.folder, "service.log") }

// checkpoints is the folder of the positions, or their topic.
func (w *world) checkpoints() string {
	if w.exactlyOnce {
		return w.topic + ".checkpoints" // the service's default
	}
	return filepath.Join(w.folder, "checkpoints")
}

// ledgers is the topic of the ledgers, where positions are in a topic.
func (w *world) ledgers() string { return w.checkpoints() + ".ledgers" }

// attestations is the topic in which the service says what it has found of each window.
func (w *world) attestations() string { return w.topic + ".windows" }

// delivery is how the service is told to deliver, and where to keep its positions.
func (w *world) delivery() []string {
	if w.exactlyOnce {
		return []string{"KAFKA_DELIVERY=exactly-once", "CHECKPOINT_STORE=kafka"}
	}
	return []string{"CHECKPOINT_DIR=" + w.checkpoints()}
}

// kafka says what Kafka this is.
func (w *world) kafka() string {
	if w.fake != nil {
		return "in this process, at " + w.brokers[0]
	}
	return "at " + strings.Join(w.brokers, ",")
}

// end takes the world down. What is kept is named, what is not is removed.
func (w *world) end(out *screen, keep bool) {
	var err error
	if w.fake == nil && !keep {
		err = w.deleteTopics()
	}
	w.close()
	if keep {
		out.fact("log", "%s", w.log())
		out.fact("checkpoints", "%s", w.checkpoints())
		if w.fake == nil {
			out.fact("topic", "%s", w.topic)
		}
		return
	}
	if err := errors.Join(err, os.RemoveAll(w.folder)); err != nil {
		out.warning("  not removed: %v", err)
	}
}

// close gives back the ports.
func (w *world) close() {
	if w.client != nil {
		w.client.Close()
	}
	if w.fake != nil {
		w.fake.Close()
	}
	if w.server != nil {
		_ = w.server.Close() // nobody waits for an answer any more
	}
}

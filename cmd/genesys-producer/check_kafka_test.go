package main

import (
	"net"
	"strconv"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"

	"genesys-producer/genesys/genesystest"
	"genesys-producer/producer/transact"
)

// Each thing that can be wrong with a topic is told with what mends it. None is created.
func TestCheckTopics(t *testing.T) {
	for _, row := range []struct {
		name     string
		delivery delivery
		wrong    func(w *world)
		changes  []string
		code     int
		others   []string
		must     func(c *checkup)
	}{
		{name: "missing", wrong: func(w *world) { w.environment["KAFKA_WINDOWS_TOPIC"] = w.absent() }, code: failed, others: []string{"fail topic"},
			must: func(c *checkup) {
				c.must(fails, "topic", c.absent(), "does not exist", "set KAFKA_CREATE_TOPICS=true, or create it: kafka-topics.sh --create --topic "+c.absent()+" --partitions 12 --replication-factor 3 --config cleanup.policy=compact")
			}},
		{name: "missing, to be created", wrong: func(w *world) { w.environment["KAFKA_WINDOWS_TOPIC"] = w.absent() },
			changes: []string{"KAFKA_CREATE_TOPICS=true", "KAFKA_REPLICATION_FACTOR=1"}, code: done, others: []string{"warn topic"},
			must: func(c *checkup) {
				c.must(warns, "topic", c.absent(), "the service will create it, with 12 partitions and 1 replica", "nothing, if that is meant")
			}},
		{name: "missing, cannot be created", wrong: func(w *world) { w.environment["KAFKA_WINDOWS_TOPIC"] = w.absent() },
			changes: []string{"KAFKA_CREATE_TOPICS=true"}, code: failed, others: []string{"fail topic"},
			must: func(c *checkup) {
				c.must(fails, "topic", c.absent(), "cannot be created: create topic "+c.absent()+": INVALID_REPLICATION_FACTOR", "lower KAFKA_REPLICATION_FACTOR")
			}},
		{name: "messages are kept for a day", wrong: func(w *world) { w.configure(w.topic, "cleanup.policy=delete", "retention.ms=86400000") },
			others: []string{"warn topic"},
			must: func(c *checkup) {
				c.must(warns, "topic", c.topic, "cleanup.policy=delete: messages disappear after 1 day", "--entity-name "+c.topic+" --add-config retention.ms=604800000")
			}},
		{name: "messages are kept for a month", wrong: func(w *world) { w.configure(w.topic, "cleanup.policy=delete", "retention.ms=2592000000") },
			must: func(c *checkup) { c.must(fine, "topic", c.topic, "cleanup.policy=delete, kept for 30 days", "") }},
		{name: "messages are kept by size", wrong: func(w *world) {
			w.configure(w.topic, "cleanup.policy=delete", "retention.ms=-1", "retention.bytes=1000000")
		}, others: []string{"warn topic"},
			must: func(c *checkup) { c.must(warns, "topic", c.topic, "retention.bytes=1000000", "retention.bytes=-1") }},
		{name: "dead letters disappear", wrong: func(w *world) { w.configure(w.deadLetters(), "retention.ms=604800000") }, others: []string{"warn topic"},
			must: func(c *checkup) {
				c.must(warns, "topic", c.deadLetters(), "dead letters disappear after 7 days", "--add-config retention.ms=-1")
			}},
		{name: "dead letters are compacted", wrong: func(w *world) { w.configure(w.deadLetters(), "cleanup.policy=compact") }, others: []string{"warn topic"},
			must: func(c *checkup) {
				c.must(warns, "topic", c.deadLetters(), "the older one disappears", "cleanup.policy=delete")
			}},
		{name: "positions are deleted", delivery: deliveries[1], wrong: func(w *world) { w.configure(w.checkpoints(), "cleanup.policy=delete") }, code: failed,
			others: []string{"fail topic"},
			must: func(c *checkup) {
				c.must(fine, "positions", "", "0 positions", "")
				c.must(fails, "topic", c.checkpoints(), "cleanup.policy=delete: what it holds would be deleted", "cleanup.policy=compact")
			}},
		{name: "positions in three partitions", delivery: deliveries[1], wrong: func(w *world) { w.cluster.AddPartitions(w, w.checkpoints(), 3) }, code: failed,
			others: []string{"fail topic", "unknown checkpoint-store", "unknown positions"},
			must: func(c *checkup) {
				c.must(fails, "topic", c.checkpoints(), "it must have one partition", "CHECKPOINT_TOPIC")
			}},
		{name: "messages are too large", wrong: func(w *world) { w.configure(w.topic, "max.message.bytes=500000") }, others: []string{"warn topic"},
			must: func(c *checkup) {
				c.must(warns, "topic", c.topic, "max.message.bytes=500000 is less than KAFKA_MAX_MESSAGE_BYTES=1000000 needs: records between the two become dead letters", "lower KAFKA_MAX_MESSAGE_BYTES, or: kafka-configs.sh --alter --entity-type topics --entity-name "+c.topic+" --add-config max.message.bytes=1011024")
			}},
		{name: "the default is enough for the default", wrong: func(w *world) { w.configure(w.topic, "max.message.bytes=1048588") },
			must: func(c *checkup) { c.must(fine, "topic", c.topic, "max.message.bytes=1048588", "") }},
		{name: "too few replicas", wrong: func(w *world) { w.configure(w.topic, "min.insync.replicas=2") }, code: failed, others: []string{"fail topic"},
			must: func(c *checkup) {
				c.must(fails, "topic", c.topic, "min.insync.replicas=2 is more than it has: nothing can be written", "min.insync.replicas=1")
			}},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w := newChecked(t, row.delivery, genesystest.Config{})
			row.wrong(w)
			c := w.check(row.changes...)
			c.mustOnly(row.code, row.others...)
			row.must(c)
		})
	}
}

// What brokers with several replicas, or without leaders, tell.
func TestCheckReplicas(t *testing.T) {
	k := &kafkaCheck{config: config{topics: topics{Topic: "t"}, MaxMessageBytes: 1_000_000, Brokers: []string{"kafka:9092"}}}
	for _, row := range []struct {
		name       string
		facts      transact.TopicFacts
		want       verdict
		says, does string
	}{
		{"one of three may fail", facts(3, 2, 0), fine, "3 replicas, cleanup.policy=compact, min.insync.replicas=2", ""},
		{"one of three is enough", facts(3, 1, 0), warns, "is lost with one broker", "min.insync.replicas=2"},
		{"all three are needed", facts(3, 3, 0), warns, "nothing can be written while one broker is down", "min.insync.replicas=2"},
		{"four of three are needed", facts(3, 4, 0), fails, "nothing can be written", "min.insync.replicas=2"},
		{"two of three are away", behind(facts(3, 2, 0), 1), fails, "min.insync.replicas=2, and 1 of the replicas of a partition in sync: nothing can be written", "see to the brokers that are down or behind"},
		{"one of three is away", behind(facts(3, 2, 0), 2), fine, "min.insync.replicas=2", ""},
		{"one of two is enough", facts(2, 1, 0), warns, "is lost with one broker", "nothing, or give it a third replica"},
		{"both are needed", facts(2, 2, 0), warns, "nothing can be written while one broker is down", "nothing, or give it a third replica"},
		{"no leader", facts(3, 2, 1), fails, "1 partition has no leader", "see to the brokers that are down"},
		{"settings are not told", transact.TopicFacts{Exists: true, Partitions: 1, Replicas: 1}, warns, "its settings may not be seen", "--operation DescribeConfigs --topic t"},
	} {
		got := k.topic(transact.Topic{Name: "t"}, row.facts)
		if got.Verdict != row.want || !strings.Contains(got.Finding, row.says) || !strings.Contains(got.Fix, row.does) {
			t.Errorf("%s: %+v", row.name, got)
		}
		if row.facts.Replicas == 2 && strings.Contains(got.Fix, "--alter") { // the other one would be warned of as well
			t.Errorf("%s: %+v", row.name, got)
		}
	}
}

func facts(replicas, least, leaderless int) transact.TopicFacts {
	return transact.TopicFacts{Exists: true, Partitions: 2, Replicas: replicas, InSync: replicas, Leaderless: leaderless,
		Settings: map[string]string{"cleanup.policy": "compact", "min.insync.replicas": strconv.Itoa(least)}}
}

// behind has so many replicas in sync only.
func behind(f transact.TopicFacts, inSync int) transact.TopicFacts {
	f.InSync = inSync
	return f
}

// Brokers that do not serve the settings of topics keep from running only who asks for them:
// of topics of positions the service does. The positions are told all the same.
func TestCheckWithoutSettings(t *testing.T) {
	for _, d := range deliveries {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			w := newChecked(t, d, genesystest.Config{})
			if w.cluster.Fake == nil {
				t.Skip("real brokers serve them")
			}
			w.cluster.Fake.ControlKey(int16(kmsg.DescribeConfigs), func(request kmsg.Request) (kmsg.Response, error, bool) {
				w.cluster.Fake.KeepControl()
				answer := request.ResponseKind().(*kmsg.DescribeConfigsResponse)
				for _, asked := range request.(*kmsg.DescribeConfigsRequest).Resources {
					answer.Resources = append(answer.Resources, kmsg.DescribeConfigsResponseResource{ResourceType: asked.ResourceType, ResourceName: asked.ResourceName, ErrorCode: kerr.UnsupportedVersion.Code})
				}
				return answer, nil, true
			})
			c := w.check()
			c.must(warns, "topic", w.topic, "topic "+w.topic+": settings: UNSUPPORTED_VERSION", "see to the brokers")
			c.must(fine, "positions", "", "0 positions", "")
			if d.store != "kafka" {
				c.mustOnly(done, "warn topic", "warn topic", "warn topic")
				return
			}
			c.mustOnly(failed, "warn topic", "warn topic", "warn topic", "fail topic", "fail topic")
			c.must(fails, "topic", w.checkpoints(), "UNSUPPORTED_VERSION", "does not start without an answer")
		})
	}
}

// absent is a topic that does not exist.
func (w *world) absent() string { return w.topic + ".absent" }

// notAsked are the verdicts of what comes after the brokers.
func notAsked(failure string, more ...string) []string {
	return append([]string{failure, "unknown topic", "unknown rights"}, more...)
}

// Brokers that are away, in whole or in part, or that send clients elsewhere.
func TestCheckBrokers(t *testing.T) {
	t.Run("none answers", func(t *testing.T) {
		t.Parallel()
		w, away := newChecked(t, deliveries[0], genesystest.Config{}), nowhere(t)
		c := w.check("KAFKA_BROKERS=" + away)
		c.mustOnly(failed, notAsked("fail brokers", "unknown tls", "unknown sasl")...)
		c.must(fails, "brokers", "", "none of "+away+" can be reached: dial tcp "+away, "check KAFKA_BROKERS")
		c.must(fine, "queue", "queue-of-sales", "conversations in the last 24 h", "")
	})
	t.Run("none answers, and positions are there", func(t *testing.T) {
		t.Parallel()
		w, away := newChecked(t, deliveries[1], genesystest.Config{}), nowhere(t)
		w.check("KAFKA_BROKERS="+away).mustOnly(failed, notAsked("fail brokers", "unknown tls", "unknown sasl",
			"unknown transactional-ids", "unknown checkpoint-store", "unknown positions")...)
	})
	t.Run("one of two answers", func(t *testing.T) {
		t.Parallel()
		w, away := newChecked(t, deliveries[0], genesystest.Config{}), nowhere(t)
		c := w.check("KAFKA_BROKERS=" + away + "," + w.environment["KAFKA_BROKERS"])
		c.mustOnly(done, "warn brokers")
		c.must(warns, "brokers", "", "1 of 2 in KAFKA_BROKERS cannot be reached: dial tcp "+away, "correct KAFKA_BROKERS")
	})
	t.Run("sent elsewhere", func(t *testing.T) {
		t.Parallel()
		w, away := newChecked(t, deliveries[0], genesystest.Config{}), nowhere(t)
		if w.cluster.Fake == nil {
			t.Skip("real brokers cannot be told to")
		}
		host, port, _ := net.SplitHostPort(away)
		number, _ := strconv.Atoi(port)
		c := &checkup{world: w}
		w.cluster.Fake.ControlKey(int16(kmsg.Metadata), func(request kmsg.Request) (kmsg.Response, error, bool) {
			w.cluster.Fake.KeepControl()
			answer := request.ResponseKind().(*kmsg.MetadataResponse)
			answer.Version = request.GetVersion()
			answer.Brokers = []kmsg.MetadataResponseBroker{{NodeID: 0, Host: host, Port: int32(number)}}
			return answer, nil, true
		})
		child := w.command([]string{"check", "--json"})
		c.code = child.wait()
		w.cluster.Fake.ControlKey(int16(kmsg.Metadata), nil)
		c.told = child.stdout.String()
		if c.code != failed || !strings.Contains(c.told, "1 of 1 brokers cannot be reached at the address that they give: "+away) || !strings.Contains(c.told, "advertised.listeners") {
			t.Errorf("exit code %d:\n%s", c.code, c.told)
		}
	})
}

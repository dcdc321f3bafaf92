package producer_test

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"testing"

	"genesys-producer/genesys/genesystest"
	"genesys-producer/producer"
	"genesys-producer/producer/kafkatest"
)

// inBothDeliveries runs a test in a world of at-least-once, and in one of exactly-once.
func inBothDeliveries(t *testing.T, config genesystest.Config, test func(*world)) {
	t.Helper()
	for _, exactly := range []bool{false, true} {
		t.Run(fmt.Sprintf("exactly-once=%v", exactly), func(t *testing.T) {
			inWorld(t, config, func(w *world) {
				w.exactly = exactly
				test(w)
			})
		})
	}
}

// odd puts a conversation of the first queue whose record a test writes itself.
func (w *world) odd(id, record string) {
	w.sim.Put(w.sim.Queues()[:1], genesystest.Conversation{ID: id, Start: from, End: from, JSON: []byte(record)})
}

// grave is the one dead letter of a record.
func (w *world) grave(record []byte) (m kafkatest.Message) {
	w.Helper()
	found := 0
	sum := sha256.Sum256(record)
	for _, dead := range w.cluster.Read(w, w.deadLetters) {
		if dead.Headers["content-hash"] == hex.EncodeToString(sum[:8]) {
			m = dead
			found++
		}
	}
	if found != 1 {
		w.Fatalf("%d dead letters of the record, want one", found)
	}
	return m
}

// Invariant 8: a record without a usable id goes to the dead-letter topic as it came,
// with its reason, and the walk goes on.
func TestRecordsWithoutAnIDAreDeadLetters(t *testing.T) {
	inBothDeliveries(t, genesystest.Config{}, func(w *world) {
		records := map[string]string{
			"conversationId is missing":      `{"note":1}`,
			"conversationId is empty":        `{"conversationId":""}`,
			"conversationId is not a string": `{"conversationId":7, "note": 1.50}`,
			"conversationId occurs twice":    `{"conversationId":"a","conversationId":"a"}`,
			"it is not an object":            `null`,
		}
		for reason, record := range records {
			w.odd(reason, record)
		}
		w.mustRun()
		w.checkTheRest(records)
		for reason, record := range records {
			m := w.grave([]byte(record))
			if string(m.Value) != record || m.Key != m.Headers["content-hash"] || m.Headers["dead-letter-reason"] != reason ||
				m.Headers["dead-letter-form"] != "raw" || m.Headers["content-bytes"] != strconv.Itoa(len(record)) ||
				m.Headers["queue-id"] != w.sim.Queues()[0] || m.Headers["page"] == "" || m.Headers["window"] == "" {
				w.Errorf("%s: key %s, headers %v, value %s", reason, m.Key, m.Headers, m.Value)
			}
		}
	})
}

// checkTheRest expects all conversations but the dead letters, and that these are told.
func (w *world) checkTheRest(dead map[string]string) {
	w.Helper()
	there := map[string]bool{}
	for _, m := range w.cluster.Read(w, w.topic) {
		there[m.Key] = true
	}
	for _, id := range w.sim.IDs("", from, to) {
		if _, buried := dead[id]; there[id] == buried {
			w.Errorf("conversation %s: dead letter %v, on the topic %v", id, buried, there[id])
		}
	}
	if waited := w.log.Count("kafka: waiting"); waited > 0 {
		w.Errorf("%d outages are told, and there was none", waited)
	}
	told := 0
	for n := range len(dead) {
		told += (n + 1) * w.log.Count("window closed", fmt.Sprintf("dead_letters=%d ", n+1))
	}
	if told != len(dead) || w.log.Count("went to the dead-letter topic") == 0 {
		w.Errorf("%d dead letters are told at the ends of windows, want %d", told, len(dead))
	}
}

// A record that is too large is a dead letter in the first form that fits.
func TestLargeRecordsAreDeadLetters(t *testing.T) {
	inBothDeliveries(t, genesystest.Config{}, func(w *world) {
		for _, c := range []struct {
			size   int
			random bool
			form   string
		}{
			{limit + 1, false, "gzip"}, {5 << 20, false, "gzip"}, {5 << 20, true, "reference"},
		} {
			id := fmt.Sprintf("%d-%s", c.size, c.form)
			w.odd(id, fmt.Sprintf(`{"conversationId":%q}`, id))
			if !w.sim.Pad(id, c.size, c.random) {
				w.Fatal("not padded")
			}
		}
		w.mustRun()
		dead := map[string]string{}
		for _, id := range w.sim.IDs("", from, to) {
			if now, _ := w.sim.Conversation(id); len(now.JSON) > limit {
				dead[id] = string(now.JSON)
				w.checkGrave(id, now.JSON)
			}
		}
		if len(dead) != 3 {
			w.Errorf("%d large records", len(dead))
		}
		w.checkTheRest(dead)
	})
}

// checkGrave expects a dead letter of a record that is too large.
func (w *world) checkGrave(id string, record []byte) {
	w.Helper()
	m := w.grave(record)
	form := id[strings.LastIndexByte(id, '-')+1:]
	if m.Key != id || m.Headers["dead-letter-form"] != form || !strings.Contains(m.Headers["dead-letter-reason"], "more than KAFKA_MAX_MESSAGE_BYTES (1000000)") {
		w.Errorf("%s: key %s, headers %v", id, m.Key, m.Headers)
	}
	if form == "gzip" {
		reader, err := gzip.NewReader(bytes.NewReader(m.Value))
		if err != nil {
			w.Fatal(err)
		}
		if whole, err := io.ReadAll(reader); err != nil || !bytes.Equal(whole, record) {
			w.Errorf("%s: %d bytes, %v; want the record's %d", id, len(whole), err, len(record))
		}
		return
	}
	var r producer.Reference
	sum := sha256.Sum256(record)
	if err := json.Unmarshal(m.Value, &r); err != nil || r.ConversationID != id || r.Bytes != len(record) || r.SHA256 != hex.EncodeToString(sum[:]) ||
		r.FetchAgain != "GET /api/v2/analytics/conversations/"+id+"/details on api.test" || r.GzipBytes <= limit/2 {
		w.Errorf("%s: %v: %s", id, err, m.Value)
	}
}

// What brokers refuse for its size is a dead letter, too, in a form that the dead-letter
// topic takes.
func TestRefusedRecordsAreDeadLetters(t *testing.T) {
	for form, setting := range map[string]string{"raw": "1048588", "gzip": "17000", "reference": "2000"} {
		t.Run(form, func(t *testing.T) {
			inBothDeliveries(t, genesystest.Config{}, func(w *world) {
				w.odd("large", `{"conversationId":"large"}`)
				w.sim.Pad("large", 20_000, true)
				w.cluster.Configure(w, w.topic, "max.message.bytes=15000")
				w.cluster.Configure(w, w.deadLetters, "max.message.bytes="+setting)
				w.mustRun()
				now, _ := w.sim.Conversation("large")
				w.checkTheRest(map[string]string{"large": ""})
				if m := w.grave(now.JSON); m.Headers["dead-letter-form"] != form || m.Headers["dead-letter-reason"] != "the broker refuses it for its size" {
					w.Errorf("headers %v", m.Headers)
				}
			})
		})
	}
}

// Where the dead-letter topic has no room for the smallest form, the walk stops there.
func TestDeadLetterThatIsRefusedStopsTheWalk(t *testing.T) {
	inBothDeliveries(t, genesystest.Config{}, func(w *world) {
		w.odd("nobody", `{"note":1}`)
		w.cluster.Configure(w, w.deadLetters, "max.message.bytes=100")
		err := w.run(w.Context())
		if err == nil || !strings.Contains(err.Error(), "dead-letter topic "+w.deadLetters+" refuses") {
			w.Errorf("run says %v", err)
		}
		w.cluster.Configure(w, w.deadLetters, "max.message.bytes=10000")
		w.mustRun()
		w.checkTheRest(map[string]string{"nobody": ""})
	})
}

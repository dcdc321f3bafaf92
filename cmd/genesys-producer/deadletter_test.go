package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"genesys-producer/genesys/genesystest"
)

// writeTo writes a message of another producer's to a partition of a topic.
func (w *world) writeTo(topic string, partition int32, key string, headers ...kgo.RecordHeader) {
	w.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(w.cluster.Brokers...), kgo.RecordPartitioner(kgo.ManualPartitioner()))
	if err != nil {
		w.Fatal(err)
	}
	defer client.Close()
	r := &kgo.Record{Topic: topic, Partition: partition, Key: []byte(key), Headers: headers}
	if err := client.ProduceSync(w.Context(), r).FirstErr(); err != nil {
		w.Fatal(err)
	}
}

// What others have written neither breaks the table nor reaches the terminal.
func TestDeadLettersOfOthersAreQuoted(t *testing.T) {
	beside(t)
	w := newDays(t, genesystest.Config{})
	header := func(key, value string) kgo.RecordHeader { return kgo.RecordHeader{Key: key, Value: []byte(value)} }
	w.writeTo(w.deadLetters(), 0, "tab\there", header("queue-id", "esc\x1b[2Jape"), header("window", "line\nbreak"), header("page", "\xff"),
		header("content-bytes", "\u202e1"), header("dead-letter-form", "a\vb\fc"), header("dead-letter-reason", "Käse \"is\" printable"))
	w.writeTo(w.deadLetters(), 0, "")
	c := w.command([]string{"dead-letter", "list"})
	c.mustEnd(done, "2 records")
	out := c.stdout.String()
	for _, want := range []string{`"tab\there"  `, `"esc\x1b[2Jape"  `, `"line\nbreak"  `, `"\xff"  `, `"\u202e1"  `, `"a\vb\fc"  `, `  Käse "is" printable` + "\n"} {
		if !strings.Contains(out, want) {
			t.Errorf("the list does not have %q:\n%q", want, out)
		}
	}
	lines := strings.Split(out, "\n")
	if len(lines) != 4 || !utf8.ValidString(out) || strings.ContainsAny(out, "\x1b\t") {
		t.Fatalf("%d lines, or what a terminal obeys:\n%q", len(lines)-1, out)
	}
	at := strings.Index(lines[0], "FORM")
	if fields := strings.Fields(lines[2]); len(fields) != 9 || strings.Index(lines[1], `"a\vb`) != at || lines[2][at] != '-' {
		t.Errorf("the columns are not below each other:\n%s", out)
	}
}

// The list takes as long as it has to, and ends where brokers fall silent.
func TestDeadLettersAreListedForAsLongAsTheyCome(t *testing.T) {
	const partitions, late, patience = 8, 200 * time.Millisecond, 4 * time.Second
	w := newDays(t, genesystest.Config{})
	topic := w.topic + ".letters"
	w.create(topic, partitions)
	for p := range int32(partitions) {
		w.writeTo(topic, p, fmt.Sprint("id-", p))
	}
	var left atomic.Int32 // fetches until the broker falls silent; below 0: it does not
	left.Store(-1)
	woken := make(chan struct{})
	w.throughWire(func(key kmsg.Key, _ int) fate {
		if key != kmsg.Fetch {
			return fate{}
		}
		if left.Add(-1) == 0 {
			<-woken
		}
		return fate{late: late}
	})
	t.Cleanup(func() { close(woken) })
	w.environment["KAFKA_DEAD_LETTER_TOPIC"] = topic
	setEnvironment(t, w.environment)
	list := func() (code int, stdout, stderr string, took time.Duration) {
		var out, errs transcript
		began := time.Now()
		code = listDeadLetters(t.Context(), &out, &errs, patience)
		return code, out.String(), errs.String(), time.Since(began)
	}
	code, out, says, took := list()
	if code != done || strings.Count(out, "id-") != partitions || took < patience {
		t.Errorf("exit code %d after %v, longer than %v was wanted; and it says:\n%s%s", code, took, patience, out, says)
	}
	left.Store(5)
	code, out, says, took = list()
	if code != failed || strings.Count(out, "id-") == 0 || took > patience+10*time.Second {
		t.Errorf("exit code %d after %v, and it says:\n%s", code, took, out)
	}
	for _, want := range []string{"topic " + topic, "records nothing has come for 4s", "see to the brokers, or correct KAFKA_BROKERS, and run it again"} {
		if !strings.Contains(says, want) {
			t.Errorf("stderr does not say %q:\n%s", want, says)
		}
	}
}

func TestWhileHeard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, heard, stop := whileHeard(t.Context(), time.Minute)
		defer stop()
		for range 100 {
			time.Sleep(59 * time.Second)
			heard()
		}
		if ctx.Err() != nil {
			t.Fatal("it ended though it was heard of")
		}
		unheard, _, stopUnheard := whileHeard(t.Context(), time.Minute)
		defer stopUnheard()
		time.Sleep(61 * time.Second)
		if unheard.Err() == nil {
			t.Error("one that was never heard of goes on")
		}
		if silence, ok := errors.AsType[silentError](context.Cause(ctx)); !ok || time.Duration(silence) != time.Minute {
			t.Errorf("%v, want a silence of a minute", context.Cause(ctx))
		}
	})
}

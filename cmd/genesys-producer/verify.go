package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http/httptrace"
	"sync/atomic"
	"time"

	"genesys-producer/genesys"
	"genesys-producer/producer/transact"
)

// topicReader hands the messages of a topic to see, from those of a time on, and returns
// how far it has read.
type topicReader func(ctx context.Context, topic string, since time.Time, see func(transact.Read)) ([]transact.Range, error)

// verification is what the API and the topics are asked.
type verification struct {
	cfg   config
	api   *genesys.Client
	read  topicReader
	asked atomic.Int64 // requests to the API

	most     int           // records of one query that the API pages through; 0: genesys.MostResults
	patience time.Duration // for brokers that say nothing
	tell     io.Writer     // how far it is
}

// verify asks the API again for the windows of an interval, and tells what of them the
// topic lacks. It changes nothing.
func verify(ctx context.Context, o options, stdout, stderr io.Writer) int {
	cfg, brokers, ok := prepare(stderr, textLog(stderr))
	if !ok {
		return misuse
	}
	queues, err := cfg.only(o.queue)
	if err == nil {
		err = checkInterval(o, cfg.WindowSettle, time.Now())
	}
	if err != nil {
		fmt.Fprintln(stderr, "verify:", err)
		return misuse
	}
	v := &verification{cfg: cfg, patience: lettersPatience, tell: stderr,
		read: func(ctx context.Context, topic string, since time.Time, see func(transact.Read)) ([]transact.Range, error) {
			return transact.ReadTopic(ctx, brokers, topic, since, see)
		}}
	if v.api, err = newAPI(cfg, brokers.Log, nil); err == nil {
		err = v.run(ctx, queues, o, stdout)
	}
	if err != nil {
		fmt.Fprintln(stderr, "verify:", err)
		return failed
	}
	return done
}

// errMissing says that a verification has found what it looks for, and errUnsure that it
// cannot tell whether it has found all of it.
var (
	errMissing = errors.New("conversations are missing: see the lines that begin so")
	errUnsure  = errors.New("windows cannot be judged for sure: see the lines that begin with unsure, and at the end of the report what to do")
)

// run verifies. It returns errMissing where the topic lacks a conversation, and errUnsure
// where the API may have one that it has not shown.
func (v *verification) run(ctx context.Context, queues []string, o options, stdout io.Writer) error {
	looks, err := v.lookAll(v.counting(ctx), queues, o)
	if err != nil {
		return err
	}
	since := v.cfg.publishedSince(o.from)
	conversations, letters := newContent(looks), newContent(looks)
	if err := v.readInto(ctx, conversations, v.cfg.Topic, since); err != nil {
		return err
	}
	if err := v.readInto(ctx, letters, v.cfg.DeadLetterTopic, since); err != nil {
		return err
	}
	r := verdicts{since: since, requests: v.asked.Load(), topics: []readTopic{
		{v.cfg.Topic, conversations.ranges}, {v.cfg.DeadLetterTopic, letters.ranges}}}
	for _, l := range looks {
		r.findings = append(r.findings, judge(l, conversations, letters))
	}
	if err := r.write(stdout); err != nil {
		return err
	}
	return r.err()
}

// checkInterval refuses an interval in which the service may have nothing yet.
func checkInterval(o options, settle time.Duration, now time.Time) error {
	switch {
	case !o.from.Before(o.to):
		return fmt.Errorf("--to %s is not after --from %s; write a later one", instant(o.to), instant(o.from))
	case o.to.After(now.Add(-settle)):
		return fmt.Errorf("--to %s has not settled: what the API shows until then may not be published yet; write %s or earlier", instant(o.to), instant(now.Add(-settle).Truncate(time.Second)))
	}
	return nil
}

// publishedSince is from when on the topics are read: from the midnight of the day that is asked
// for. A conversation that a query finds began on a day that it asks for, and was
// published after it began.
func (cfg config) publishedSince(from time.Time) time.Time {
	return from.Add(-cfg.WindowSettle).Truncate(24 * time.Hour)
}

// counting has the requests counted that are sent under a context.
func (v *verification) counting(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		WroteRequest: func(httptrace.WroteRequestInfo) { v.asked.Add(1) },
	})
}

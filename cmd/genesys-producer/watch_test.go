package main

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"genesys-producer/producer"
)

// asked is a topic that counts who asks for its ends, and is refused.
type asked struct {
	producer.Topic
	times []time.Time
}

func (a *asked) Ends(context.Context) ([]int64, error) {
	a.times = append(a.times, time.Now())
	return nil, errors.New("refused")
}

// Between two windows, which can be hours apart, an outage of the brokers is known within a
// minute: they are asked, whatever comes of it, until the service ends.
func TestBrokersAreAskedBetweenWindows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		topic, ended := new(asked), make(chan struct{})
		go func() { defer close(ended); keepInTouch(ctx, topic) }()
		time.Sleep(10*time.Minute + time.Second)
		cancel()
		<-ended
		if len(topic.times) != 10 {
			t.Errorf("asked %d times in ten minutes, want 10", len(topic.times))
		}
	})
}

package main

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"genesys-producer/checkpoint"
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

// A run with an end is as far behind as there is left of it, and makes no revisits; nor does
// one for which none are configured.
func TestTheBoardKnowsTheRun(t *testing.T) {
	end := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	ages := []time.Duration{time.Hour}
	for _, row := range []struct {
		name          string
		to            time.Time
		ages          []time.Duration
		ended, visits bool
	}{
		{"for ever", time.Time{}, ages, false, true},
		{"for ever, without revisits", time.Time{}, nil, false, false},
		{"with an end", end, ages, true, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			board := newBoard(config{CheckpointName: "default", Queues: []string{"q"}, WindowLength: time.Hour, WindowSettle: 5 * time.Minute, WindowRevisit: row.ages}, producer.Windows{To: row.to})
			board.Progress(producer.Progress{Queue: "q", Lane: checkpoint.Live, From: end.Add(-2 * time.Hour), To: end.Add(-time.Hour), Closed: true})
			if behind := board.Status().Queues[0].FreshnessSeconds; (behind == 3600) != row.ended {
				t.Errorf("behind by %v s", behind)
			}
			w := httptest.NewRecorder()
			board.Handler(false).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
			if told := strings.Contains(w.Body.String(), "\ngenesys_producer_revisits_overdue_seconds{checkpoint=\"default\"} 0\n"); told != row.visits {
				t.Errorf("tells of overdue revisits: %t", told)
			}
			if !strings.Contains(w.Body.String(), "\ngenesys_producer_freshness_target_seconds{checkpoint=\"default\"} 4800\n") {
				t.Error("the target is not 1 h 20 min")
			}
		})
	}
}

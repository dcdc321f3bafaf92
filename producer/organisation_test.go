package producer_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"text/tabwriter"
	"time"

	"genesys-producer/checkpoint"
	"genesys-producer/genesys"
	"genesys-producer/genesys/genesystest"
	"genesys-producer/producer"
)

// An organisation with many queues is kept up with, within the allowance of 300 requests a
// minute and with the default revisits: no window waits for longer than for its turn.
// ORGANISATION is how many queues, with 2,000 conversations a day each, ORGANISATION_DAYS for
// how long; `make organisation` has 500, a million conversations a day, for three days.
//
// It shows what is asked, when, and what that takes of memory. Kafka's part is a publisher
// that has everything acknowledged at once.
func TestAnOrganisationIsKeptUpWith(t *testing.T) {
	queues, days := number(t, "ORGANISATION", 10), number(t, "ORGANISATION_DAYS", 1)
	defer debug.SetGCPercent(debug.SetGCPercent(33)) // as the command has it
	dir, err := os.MkdirTemp(memoryDir(), "ledgers")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	synctest.Test(t, func(t *testing.T) { keepUp(t, dir, queues, days) })
}

// memoryDir is a file system in memory, where there is one: what is measured is not a disk.
func memoryDir() string {
	if _, err := os.Stat("/dev/shm"); err == nil {
		return "/dev/shm"
	}
	return ""
}

func keepUp(t *testing.T, dir string, queues, days int) {
	o := &organisation{queues: queues, daily: 2000, begin: time.Now(), requests: map[time.Time]int{}, visits: map[time.Time]int{}}
	transport, closePipe := genesystest.Pipe(o)
	defer closePipe()
	api, err := genesys.New(genesys.Config{
		Dialect: genesys.Conversations, APIURL: "http://api.test", LoginURL: "http://login.test", ClientID: "id", ClientSecret: "secret",
		RequestsPerMinute: 300, ReadAhead: 8, Timeout: time.Minute, MaxResponseBytes: 1 << 24, Transport: transport,
	})
	if err != nil {
		t.Fatal(err)
	}
	store, err := checkpoint.OpenDir(dir, "default")
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	log := slog.New(slog.DiscardHandler)
	seen := &closings{settle: 5 * time.Minute}
	committer := producer.NewAtLeastOnce(seen, store, producer.Messages{Topic: "topic",
		DeadLetters: producer.DeadLetters{Topic: "dead", Limit: limit}, Producer: "test", Log: log})
	ids := make([]genesys.QueueID, queues)
	for n := range ids {
		ids[n] = genesys.QueueID(queueName(n))
	}
	service := &producer.Service{
		API: api, Topic: endless{}, Store: store, Committer: committer, Queues: ids, Dialect: genesys.Conversations, PageSize: 100,
		Windows:      producer.Windows{From: o.begin, Start: "begin", Length: time.Hour, Settle: seen.settle},
		Revisits:     producer.Revisits{Ages: []time.Duration{2 * time.Hour, 24 * time.Hour, 96 * time.Hour}, Share: .5},
		WindowsTopic: "windows", Program: "test", Grace: 20 * time.Second, Log: log,
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Duration(days)*24*time.Hour+6*time.Hour)
	defer cancel()
	if err := service.Run(ctx); err != nil {
		t.Fatal(err)
	}
	t.Log("\n" + o.table(seen, days))
	if most := seen.lag; most > 45*time.Minute {
		t.Errorf("a window was closed %v after it had settled", most)
	}
	if want := queues * 24 * days; seen.lives < want {
		t.Errorf("%d windows were closed, want %d", seen.lives, want)
	}
	if seen.visits < queues {
		t.Errorf("%d revisits, want one of each queue at least", seen.visits)
	}
	t.Logf("%.1f bytes of ledgers and positions for each conversation", float64(bytesOf(dir))/float64(o.daily*queues*days))
}

// table is what came of it.
func (o *organisation) table(seen *closings, days int) string {
	all, visits, peak := 0, 0, 0
	for hour, n := range o.requests {
		all += n
		visits += o.visits[hour]
		peak = max(peak, n)
	}
	minutes := float64(len(o.requests) * 60)
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "conversations a day\tqueues\tdays\trequests\tof them revisits\ta minute\tshare of 300\tin the busiest hour\trecords read\tpublished\tlag mean\tlag most\trevisits late by at most\tRSS at most\n")
	fmt.Fprintf(w, "%d\t%d\t%d\t%d\t%d\t%.1f\t%.0f %%\t%.0f %%\t%d\t%d\t%v\t%v\t%v\t%s\n", o.daily*o.queues, o.queues, days, all, visits,
		float64(all)/minutes, float64(all)/minutes/3, float64(peak)/60/3, o.rows, seen.published,
		(seen.lags / time.Duration(max(1, seen.lives))).Round(time.Second), seen.lag.Round(time.Second), seen.late.Round(time.Second), peakRSS())
	_ = w.Flush()
	return text.String()
}

// closings is a publisher that has everything acknowledged at once, and looks at what
// attestations say.
type closings struct {
	settle time.Duration

	mu            sync.Mutex
	published     int
	lives, visits int
	lag, lags     time.Duration // from settled to closed, of live windows
	late          time.Duration // from the first age to closed, of first revisits
}

func (c *closings) Publish(_ context.Context, messages []*producer.Message) ([]*producer.Message, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, m := range messages {
		if m.Topic != "windows" {
			c.published++
			continue
		}
		var a producer.Attestation
		if err := json.Unmarshal(m.Value, &a); err != nil {
			return nil, err
		}
		_, to := interval(a)
		if a.Lane == checkpoint.Live {
			lag := time.Since(to.Add(c.settle))
			c.lives, c.lags, c.lag = c.lives+1, c.lags+lag, max(c.lag, lag)
			continue
		}
		if c.visits++; a.Pass == 1 {
			c.late = max(c.late, time.Since(to.Add(2*time.Hour)))
		}
	}
	return nil, nil
}

// endless is a topic of which nothing is known.
type endless struct{}

func (endless) Destination(context.Context) (checkpoint.Destination, error) {
	return checkpoint.Destination{Cluster: "none", Topic: "topic"}, nil
}

func (endless) Ends(context.Context) ([]int64, error) { return []int64{0}, nil }

// peakRSS is the most memory that the process has had.
func peakRSS() string {
	status, _ := os.ReadFile("/proc/self/status")
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			return strings.TrimSpace(rest)
		}
	}
	return "unknown"
}

func bytesOf(dir string) (size int64) {
	_ = filepath.Walk(dir, func(_ string, info os.FileInfo, err error) error {
		if err == nil && !info.IsDir() {
			size += info.Size()
		}
		return nil
	})
	return size
}

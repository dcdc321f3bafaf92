package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// The window of every queue, and the largest allowance that the service takes.
const (
	windowFrom = "2025-03-03T10:00:00Z"
	windowTo   = "2025-03-03T11:00:00Z"
	noLimit    = 100_000
)

// stage is what the scenarios share.
type stage struct {
	options
	ctx     context.Context
	out     io.Writer
	self    string // this program
	service string // the program that is measured
	folder  string
	broker  *server // nil: a real one
	keeps   bool    // the broker
	addrs   []string
	client  *kgo.Client
	topics  int
}

// newStage builds the service and starts a broker, which keeps what it is given or forgets
// it, unless there is a real one.
func newStage(ctx context.Context, o options, keeps bool, out io.Writer) (s *stage, err error) {
	s = &stage{options: o, ctx: ctx, out: out, addrs: o.brokerList(), keeps: keeps}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	if s.self, err = os.Executable(); err != nil {
		return nil, err
	}
	if s.folder, err = os.MkdirTemp("", "genesys-bench-"); err != nil {
		return nil, err
	}
	s.service = filepath.Join(s.folder, "genesys-producer")
	build := exec.CommandContext(ctx, "go", "build", "-buildvcs=false", "-trimpath", "-o", s.service, "genesys-producer/cmd/genesys-producer")
	if output, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("go build, in the folder of the module: %w\n%s", err, output)
	}
	if len(s.addrs) == 0 {
		var o order
		if keeps {
			o.Folder = filepath.Join(s.folder, "broker")
		}
		if s.broker, err = startServer(ctx, s.self, "broker", asJSON(o)); err != nil {
			return nil, err
		}
		s.addrs = []string{s.broker.address}
	}
	s.client, err = kgo.NewClient(kgo.SeedBrokers(s.addrs...))
	return s, err
}

func (s *stage) close() {
	if s.client != nil {
		s.client.Close()
	}
	if s.broker != nil {
		s.broker.stop()
	}
	_ = os.RemoveAll(s.folder)
}

// row is what one part of a round took.
type row struct {
	name string
	figures
	stats // of the API
	load  load
}

// run measures one part under a load: the service, or a part of this program of the
// name. The settings are added to the service's environment.
func (s *stage) run(name, part string, l load, compression string, settings ...string) (r row, err error) {
	api, err := startServer(s.ctx, s.self, "api", asJSON(order{Load: l}))
	if err != nil {
		return r, err
	}
	defer api.stop()
	o := order{Load: l, API: api.address, Brokers: s.addrs, Topic: s.topicName(), Compression: compression}
	remove, err := s.createTopics(topicsOf(o.Topic)...)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, remove()) }()

	var p *process
	if part == "" {
		p, err = launch(s.ctx, append(s.environment(o), settings...), s.service)
	} else {
		p, err = launch(s.ctx, os.Environ(), s.self, partArgument, part, asJSON(o))
	}
	if err != nil {
		return r, err
	}
	r = row{name: name, load: l}
	if r.figures, err = p.wait(); err != nil {
		return r, err
	}
	if r.stats, err = askStats(s.ctx, api.address); err != nil {
		return r, err
	}
	if pages := l.Queues * l.Pages; part != "produce" && r.Requests < pages {
		return r, fmt.Errorf("%s: %d requests, want %d at least", name, r.Requests, pages)
	}
	if part == "" && r.startUp == 0 {
		return r, fmt.Errorf("%s: the service did not say when it runs", name)
	}
	if part != "fetch" {
		count := s.messagesIn
		if slices.Contains(settings, exactlyOnce) {
			count = s.committedIn
		}
		n, err := count(o.Topic)
		if want := l.conversations(); err == nil && n != want {
			err = fmt.Errorf("%s: %d messages in the topic, want %d", name, n, want)
		}
		if err != nil {
			return r, err
		}
	}
	return r, nil
}

// topicName is one that no other row has.
func (s *stage) topicName() string {
	s.topics++
	return fmt.Sprintf("bench-%d-%d", os.Getpid(), s.topics)
}

// environment is the service's.
func (s *stage) environment(o order) []string {
	ids := make([]string, o.Load.Queues)
	for i := range ids {
		ids[i] = queueID(i)
	}
	list := filepath.Join(s.folder, o.Topic+".queues")
	_ = os.WriteFile(list, []byte(strings.Join(ids, "\n")), 0o600) // the service tells what it cannot read
	perMinute := o.Load.PerMinute
	if perMinute == 0 {
		perMinute = noLimit
	}
	return append(os.Environ(),
		"GENESYS_API_URL="+o.API, "GENESYS_LOGIN_URL="+o.API, "GENESYS_CLIENT_ID=bench", "GENESYS_CLIENT_SECRET=bench",
		"GENESYS_QUEUES=@"+list, fmt.Sprint("GENESYS_REQUESTS_PER_MINUTE=", perMinute),
		"WINDOW_FROM="+windowFrom, "WINDOW_TO="+windowTo,
		"KAFKA_BROKERS="+strings.Join(o.Brokers, ","), "KAFKA_TOPIC="+o.Topic, "KAFKA_COMPRESSION="+o.Compression,
		"HTTP_ADDR=", "LOG_LEVEL=info", "LOG_FORMAT=json", "CHECKPOINT_DIR="+filepath.Join(s.folder, o.Topic))
}

func askStats(ctx context.Context, base string) (s stats, err error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/stats", http.NoBody)
	if err != nil {
		return s, err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return s, err
	}
	defer answer.Body.Close()
	return s, json.NewDecoder(answer.Body).Decode(&s)
}

func asJSON(o order) string {
	text, err := json.Marshal(o)
	if err != nil {
		panic(err) // it holds nothing that cannot be written
	}
	return string(text)
}

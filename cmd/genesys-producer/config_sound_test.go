package main

import (
	"math"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"genesys-producer/checkpoint"
	"genesys-producer/genesys"
	"genesys-producer/producer/broker"
	"genesys-producer/producer/publish"
)

// checkConfig holds a configuration to what its fields' comments say, and to what
// the rooms that get it ask for.
func checkConfig(t *testing.T, cfg config) {
	t.Helper()
	must := func(holds bool, what string) {
		t.Helper()
		if !holds {
			t.Errorf("%s:\n%+v", what, cfg)
		}
	}
	dialect := genesys.Dialect(cfg.Dialect)
	must(dialect == genesys.Conversations || dialect == genesys.Entities, "dialect")
	must(cfg.PageSize >= 1 && cfg.PageSize <= dialect.LargestPage(), "page size")
	must(cfg.RequestsPerMinute >= 1 && cfg.ReadAhead >= 0 && cfg.MaxResponseBytes >= 1, "numbers of the API")
	must(cfg.ClientID != "" && cfg.ClientSecret.Reveal() != "", "credentials")
	must(cfg.Timeout > 0 && cfg.ShutdownGrace > 0 && cfg.WindowSettle >= 0 && cfg.WindowSettle <= 24*time.Hour, "durations")
	must(cfg.WindowRevisitShare >= 0 && cfg.WindowRevisitShare <= 1, "share")
	must(slices.IsSorted(cfg.WindowRevisit) && len(slices.Compact(slices.Clone(cfg.WindowRevisit))) == len(cfg.WindowRevisit), "ages grow")
	must(len(cfg.WindowRevisit) == 0 || cfg.WindowRevisit[0] > 0 && slices.Max(cfg.WindowRevisit) <= 744*time.Hour, "ages")
	must(cfg.WindowLength >= time.Second && (24*time.Hour)%cfg.WindowLength == 0 && cfg.WindowLength%time.Millisecond == 0, "window length")
	must(slices.Contains([]string{"none", "gzip", "snappy", "lz4", "zstd"}, cfg.Compression) && cfg.MaxMessageBytes >= 1024 && cfg.MaxMessageBytes <= 100_000_000, "messages")
	must(cfg.LogFormat == "json" || cfg.LogFormat == "text", "log format")
	must(cfg.Delivery == "at-least-once" || cfg.Delivery == "exactly-once" && cfg.CheckpointStore == "kafka", "delivery")
	must(cfg.Partitions >= 1 && cfg.ReplicationFactor >= 1 && cfg.ReplicationFactor <= math.MaxInt16, "topics that are created")
	names := []string{cfg.Topic, cfg.DeadLetterTopic, cfg.WindowsTopic}
	if cfg.CheckpointStore == "kafka" {
		names = append(names, cfg.CheckpointTopic, cfg.LedgerTopic)
	} else {
		must(cfg.CheckpointStore == "file" && cfg.CheckpointTopic == "" && cfg.LedgerTopic == "", "store")
	}
	must(!slices.ContainsFunc(names, func(name string) bool { return !isTopic(name) }), "topics")
	must(len(slices.Compact(slices.Sorted(slices.Values(names)))) == len(names), "topics are different")
	must(checkpoint.ValidateName(cfg.CheckpointName) == nil && cfg.CheckpointDir != "", "checkpoint")
	for _, base := range []string{cfg.APIURL, cfg.LoginURL} {
		must(isBase(base), "URL "+base)
	}
	must(len(cfg.Brokers) > 0, "brokers")
	for _, broker := range cfg.Brokers {
		host, port, err := net.SplitHostPort(broker)
		must(err == nil && host != "" && isPort(port), "broker "+broker)
	}

	access := checkListener(t, cfg.listener)
	api, err := genesys.New(genesys.Config{Dialect: dialect, APIURL: cfg.APIURL, LoginURL: cfg.LoginURL, RequestsPerMinute: cfg.RequestsPerMinute})
	if err != nil {
		t.Fatalf("%v:\n%+v", err, cfg)
	}
	publisher, err := publish.New(publish.Config{Brokers: cfg.Brokers, Topics: []string{cfg.Topic, cfg.DeadLetterTopic},
		Compression: cfg.Compression, Access: access})
	if err != nil {
		t.Fatalf("%v:\n%+v", err, cfg)
	}
	publisher.Close()

	must(cutTime(cfg, time.Now()).From.Year() >= 2000, "start")

	// The first position of each queue can be stored.
	windows := cutTime(cfg, time.Date(2026, 3, 2, 12, 0, 0, 123456789, time.UTC))
	must(windows.To.IsZero() || windows.To.Equal(windows.To.Truncate(time.Millisecond)), "end")
	must(len(slices.Compact(slices.Sorted(slices.Values(cfg.Queues)))) == len(cfg.Queues) && len(cfg.Queues) > 0, "queues")
	for _, queue := range cfg.Queues {
		_, err := checkpoint.Encode(cfg.CheckpointName, checkpoint.Key{Queue: queue, Lane: checkpoint.Live}, checkpoint.Position{
			Query: checkpoint.Query{Dialect: cfg.Dialect, API: api.Host(), Queue: queue, PageSize: cfg.PageSize,
				Since: windows.From.Add(-windows.Settle), From: windows.From, To: windows.From.Add(windows.Length)},
			Destination: checkpoint.Destination{Topic: cfg.Topic}, Start: windows.Start})
		if err != nil {
			t.Errorf("no position: %v:\n%+v", err, cfg)
		}
	}
}

// checkListener holds a listener to having all that it uses and nothing else, and
// makes an access of it. TLS files are left out of that: what is in them is not PEM.
func checkListener(t *testing.T, l listener) *broker.Access {
	t.Helper()
	login := l.SASLUsername != "" && l.SASLPassword.Reveal() != ""
	noLogin := l.SASLUsername == "" && l.SASLPassword.Reveal() == ""
	token := l.SASLTokenURL != "" && l.SASLClientID != "" && l.SASLClientSecret.Reveal() != ""
	noToken := l.SASLTokenURL == "" && l.SASLClientID == "" && l.SASLClientSecret.Reveal() == "" && l.SASLScopes == nil
	switch l.SASLMechanism {
	case "":
		login = noLogin
		token = noToken
	case "plain", "scram-sha-256", "scram-sha-512":
		token = noToken
	case "oauthbearer":
		login = noLogin
	default:
		t.Errorf("mechanism %q", l.SASLMechanism)
	}
	if !login || !token {
		t.Errorf("credentials too many or too few:\n%+v", l)
	}
	if !l.TLS && l.TLSCAFile+l.TLSCertFile+l.TLSKeyFile != "" || (l.TLSCertFile == "") != (l.TLSKeyFile == "") {
		t.Errorf("TLS files too many or too few:\n%+v", l)
	}
	l.TLSCAFile, l.TLSCertFile, l.TLSKeyFile = "", "", ""
	access, err := broker.NewAccess(l.security(), nil)
	if err != nil {
		t.Fatalf("%v:\n%+v", err, l)
	}
	return access
}

func isTopic(text string) bool {
	return regexp.MustCompile(`^[a-zA-Z0-9._-]{1,249}$`).MatchString(text)
}

// isBase is whether paths can be appended to a URL.
func isBase(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Hostname() != "" && (u.Port() == "" || isPort(u.Port())) &&
		u.User == nil && u.RawQuery == "" && u.Fragment == "" && !strings.HasSuffix(text, "/")
}

func isPort(text string) bool {
	n, err := strconv.Atoi(text)
	return err == nil && n >= 1 && n <= 65535
}

package status

import (
	"runtime"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"genesys-producer/checkpoint"
	"genesys-producer/genesys"
	"genesys-producer/producer"
)

// namespace begins the name of every metric of ours.
const namespace = "genesys_producer"

// metrics count what happens. What is so at an instant is asked of the board as it is
// scraped: gauges.go. Every series whose labels are known is there from the start, with 0,
// so that its first increase is one.
type metrics struct {
	registry *prometheus.Registry

	conversations, pages, discrepancies *prometheus.CounterVec // by queue
	windows, oddPages                   *prometheus.CounterVec
	pageBytes                           prometheus.Counter

	requests, retries, renewals           *prometheus.CounterVec
	responseBytes                         prometheus.Counter
	retryAfters, retryAfterWait, turnWait prometheus.Counter
	requestTook                           *prometheus.HistogramVec

	publishTook, writeTook          prometheus.Histogram
	publishedBytes, publishFailures prometheus.Counter
	writes                          *prometheus.CounterVec
}

func newMetrics(b *Board) *metrics {
	m := &metrics{registry: prometheus.NewRegistry()}
	m.walks()
	m.calls()
	m.commits()
	for _, q := range b.queues {
		m.begin(q.id)
	}
	m.registry.MustRegister(newGauges(b), buildInfo(b.config), runInfo(b.config),
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// walks are the metrics of what is read.
func (m *metrics) walks() {
	m.conversations = m.counters("conversations_total", "Conversations that were read, by what became of them: published, unchanged since they were published, superseded by a later read, or a dead letter.", "queue", "outcome")
	m.pages = m.counters("pages_total", "Pages that were completed: all that is new of them is acknowledged, and the position stored.", "queue", "lane")
	m.discrepancies = m.counters("discrepancies_total", "Windows that were attested unstable or truncated: records may be missing that the API did not show.", "queue")
	m.windows = m.counters("windows_total", "Windows that were closed, by verdict.", "lane", "verdict")
	m.oddPages = m.counters("page_discrepancies_total", "Pages that do not agree with their total, by how.", "kind")
	m.pageBytes = m.counter("page_bytes_total", "Bytes of the records on pages that were completed.")
	for _, lane := range []checkpoint.Lane{checkpoint.Live, checkpoint.Revisit} {
		for _, v := range []producer.Verdict{producer.Complete, producer.Stable, producer.Unstable, producer.Truncated} {
			m.windows.WithLabelValues(string(lane), string(v))
		}
	}
	for _, d := range []genesys.Discrepancy{genesys.ShortPage, genesys.EmptyPage, genesys.PastEnd} {
		m.oddPages.WithLabelValues(kind(d))
	}
}

// calls are the metrics of the API.
func (m *metrics) calls() {
	m.requests = m.counters("api_requests_total", "Requests that were sent to the API, by what they ask for and by the status of the answer; none: there was no answer.", "call", "status")
	m.retries = m.counters("api_retries_total", "Requests that repeat one that failed.", "call")
	m.renewals = m.counters("api_token_renewals_total", "Requests for an access token.", "result")
	m.responseBytes = m.counter("api_response_bytes_total", "Bytes of the API's answers, as they were read.")
	m.retryAfters = m.counter("api_retry_after_total", "Answers that ask to stay away for a while.")
	m.retryAfterWait = m.counter("api_retry_after_seconds_total", "For how long they ask to stay away, in seconds. Several can ask for the same time.")
	m.turnWait = m.counter("api_budget_wait_seconds_total", "For how long requests waited until they might be sent, in seconds: for their turn, the pace, or a budget that was closed.")
	m.requestTook = prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Namespace: namespace, Name: "api_request_duration_seconds", Help: "How long requests took, from when they were sent until their answer was read, in seconds.",
		Buckets: []float64{.05, .1, .25, .5, 1, 2.5, 5, 10, 20, 30, 60},
	}, []string{"call"})
	m.registry.MustRegister(m.requestTook)
	for _, call := range []genesys.Call{genesys.CallPage, genesys.CallToken, genesys.CallQueues} {
		for _, status := range []int{0, 200, 400, 401, 403, 404, 408, 429, 500, 502, 503, 504} {
			m.requests.WithLabelValues(string(call), statusText(status))
		}
		m.retries.WithLabelValues(string(call))
		m.requestTook.WithLabelValues(string(call))
	}
	for _, result := range []string{"ok", "failed"} {
		m.renewals.WithLabelValues(result)
	}
}

// commits are the metrics of what becomes durable.
func (m *metrics) commits() {
	m.publishTook = m.histogram("publish_duration_seconds", "How long it took until all messages of a page, or an attestation, were acknowledged, in seconds, outages included. Delivered exactly once: their transaction.",
		.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60)
	m.publishedBytes = m.counter("published_bytes_total", "Bytes of keys and values that were acknowledged, before compression.")
	m.publishFailures = m.counter("publish_failures_total", "Pages and attestations that were refused for good. What a stop has broken off is not among them.")
	m.writes = m.counters("checkpoint_writes_total", "Attempts at storing a position. Delivered exactly once, each is part of a transaction.", "result")
	m.writeTook = m.histogram("checkpoint_write_duration_seconds", "How long an attempt at storing a position took, in seconds. Delivered exactly once: of those that are stored without a message.",
		.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10)
	for _, result := range []string{"stored", "failed"} {
		m.writes.WithLabelValues(result)
	}
}

// begin makes the series of a queue.
func (m *metrics) begin(queue string) {
	for _, outcome := range []string{"published", "unchanged", "superseded", "dead_letter"} {
		m.conversations.WithLabelValues(queue, outcome)
	}
	for _, lane := range []checkpoint.Lane{checkpoint.Live, checkpoint.Revisit} {
		m.pages.WithLabelValues(queue, string(lane))
	}
	m.discrepancies.WithLabelValues(queue)
}

func (m *metrics) counters(name, help string, labels ...string) *prometheus.CounterVec {
	c := prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: namespace, Name: name, Help: help}, labels)
	m.registry.MustRegister(c)
	return c
}

func (m *metrics) counter(name, help string) prometheus.Counter {
	c := prometheus.NewCounter(prometheus.CounterOpts{Namespace: namespace, Name: name, Help: help})
	m.registry.MustRegister(c)
	return c
}

func (m *metrics) histogram(name, help string, buckets ...float64) prometheus.Histogram {
	h := prometheus.NewHistogram(prometheus.HistogramOpts{Namespace: namespace, Name: name, Help: help, Buckets: buckets})
	m.registry.MustRegister(h)
	return h
}

// buildInfo is 1, and its labels say what runs.
func buildInfo(c Config) prometheus.Collector {
	return info("build_info", "1; the labels say which program this is.",
		prometheus.Labels{"version": c.Version, "commit": c.Commit, "goversion": runtime.Version()})
}

// runInfo is 1, and its labels say which run this is: who has seen it can miss it.
func runInfo(c Config) prometheus.Collector {
	return info("run_info", "1; the labels say which run this is, and where it brings conversations to.",
		prometheus.Labels{"checkpoint": c.Checkpoint, "topic": c.Topic, "delivery": c.Delivery})
}

func info(name, help string, labels prometheus.Labels) prometheus.Collector {
	g := prometheus.NewGauge(prometheus.GaugeOpts{Namespace: namespace, Name: name, Help: help, ConstLabels: labels})
	g.Set(1)
	return g
}

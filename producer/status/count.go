package status

import (
	"net/http"
	"strconv"
	"time"

	"genesys-producer/genesys"
	"genesys-producer/producer"
)

// progress counts what the service tells.
func (m *metrics) progress(p producer.Progress) {
	switch {
	case p.Closed && !p.Resumed:
		m.windows.WithLabelValues(string(p.Lane), string(p.Verdict)).Inc()
		if inDoubt(p.Verdict) {
			m.discrepancies.WithLabelValues(p.Queue).Inc()
		}
	case p.Page > 0:
		m.pages.WithLabelValues(p.Queue, string(p.Lane)).Inc()
		m.pageBytes.Add(float64(p.Bytes))
		for outcome, n := range map[string]int{"published": p.Published, "unchanged": p.Unchanged, "superseded": p.Superseded, "dead_letter": p.DeadLetters} {
			m.conversations.WithLabelValues(p.Queue, outcome).Add(float64(n))
		}
		if p.Discrepancy != "" {
			m.oddPages.WithLabelValues(kind(p.Discrepancy)).Inc()
		}
	}
}

// exchange counts a request.
func (m *metrics) exchange(x genesys.Exchange) {
	m.requests.WithLabelValues(string(x.Call), statusText(x.Status)).Inc()
	m.requestTook.WithLabelValues(string(x.Call)).Observe(x.Took.Seconds())
	m.responseBytes.Add(float64(x.Bytes))
	m.turnWait.Add(x.Waited.Seconds())
	if x.Again {
		m.retries.WithLabelValues(string(x.Call)).Inc()
	}
	if x.RetryAfter > 0 || x.Status == http.StatusTooManyRequests { // which means it without saying for how long
		m.retryAfters.Inc()
		m.retryAfterWait.Add(x.RetryAfter.Seconds())
	}
	if x.Call == genesys.CallToken {
		m.renewals.WithLabelValues(result(!x.Failed, "ok")).Inc()
	}
}

// written counts an attempt at storing a position.
func (m *metrics) written(err error) { m.writes.WithLabelValues(result(err == nil, "stored")).Inc() }

// published counts messages that were written, or given up.
func (m *metrics) published(messages, refused []*producer.Message, took time.Duration, err error) {
	m.publishTook.Observe(took.Seconds())
	if err != nil {
		m.publishFailures.Inc()
		return
	}
	size := 0
	for _, message := range messages {
		size += len(message.Key) + len(message.Value)
	}
	for _, message := range refused {
		size -= len(message.Key) + len(message.Value)
	}
	m.publishedBytes.Add(float64(size))
}

func result(good bool, word string) string {
	if good {
		return word
	}
	return "failed"
}

// statusText is the label of a status. A server can make up only so many: there are three
// digits.
func statusText(status int) string {
	if status == 0 {
		return "none"
	}
	return strconv.Itoa(status)
}

// kind is the label of a discrepancy.
func kind(d genesys.Discrepancy) string {
	switch d {
	case genesys.ShortPage:
		return "short_page"
	case genesys.EmptyPage:
		return "empty_page"
	case genesys.PastEnd:
		return "past_end"
	}
	return "other"
}

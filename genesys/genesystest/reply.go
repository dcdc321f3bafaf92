package genesystest

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// refuse answers with an ErrorBody.
func (x *exchange) refuse(r *refusal) {
	x.seen.Refusal = r.code
	x.reply(r.status, errorBody(nil, r, x.correlation()))
}

// refuseRate answers 429 as announced for all of the platform's limits.
func (x *exchange) refuseRate(seconds int) {
	x.w.Header().Set("Retry-After", strconv.Itoa(seconds))
	x.refuse(tooMany(strconv.Itoa(seconds)))
}

func tooMany(seconds string) *refusal {
	return &refusal{http.StatusTooManyRequests, "too.many.requests.retry.after",
		fmt.Sprintf("Rate limit exceeded the maximum. Retry the request in [%s] seconds", seconds)}
}

// correlation is the id by which the vendor's support finds a request.
func (x *exchange) correlation() string {
	d := dice(mix(x.config.Seed, rollCorrelation, uint64(x.place)))
	return d.uuid()
}

// reply sends an answer of the API or the token endpoint: JSON, and the
// headers that every such answer has.
func (x *exchange) reply(status int, body []byte) {
	h := x.w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("ININ-Correlation-Id", x.correlation())
	if x.rate != nil {
		h.Set("inin-ratelimit-count", strconv.Itoa(x.rate.count))
		h.Set("inin-ratelimit-allowed", strconv.Itoa(x.rate.allowed))
		h.Set("inin-ratelimit-reset", strconv.Itoa(x.rate.reset))
	}
	x.send(status, body)
}

// send writes status and body, or has the fault do so. The journal is told
// first, so that whoever has read an answer finds it there.
func (x *exchange) send(status int, body []byte) {
	x.w.Header().Set("Date", x.now().UTC().Format(http.TimeFormat))
	x.seen.Status, x.seen.Bytes = status, len(body)
	if x.config.Gzip && strings.Contains(x.r.Header.Get("Accept-Encoding"), "gzip") {
		x.w.Header().Set("Content-Encoding", "gzip")
		body = compressed(body)
	}
	x.journal.close(x.place, x.seen)
	if x.fault != nil && x.fault.send != nil {
		x.fault.send(x, status, body)
		return
	}
	x.begin(status, len(body))
	x.write(body)
}

// begin sends the head of the answer.
func (x *exchange) begin(status, length int) {
	x.w.Header().Set("Content-Length", strconv.Itoa(length))
	x.w.WriteHeader(status)
}

// write sends a part of the body. That the client may be gone by then is none
// of the simulator's business.
func (x *exchange) write(part []byte) { _, _ = x.w.Write(part) }

func compressed(body []byte) []byte {
	var out bytes.Buffer
	zip, err := gzip.NewWriterLevel(&out, gzip.BestSpeed)
	if err != nil {
		panic(err) // the level is a constant
	}
	_, _ = zip.Write(body) // to memory: cannot fail
	_ = zip.Close()
	return out.Bytes()
}

// appendText appends a text as a JSON string.
func appendText(to []byte, text string) []byte {
	quoted, err := json.Marshal(text)
	if err != nil {
		panic(err) // a string always can be
	}
	return append(to, quoted...)
}

package main

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"

	"genesys-producer/producer"
	"genesys-producer/producer/kafkatest"
)

// What the program says of a page some of whose records are dead letters.
const lettersTold = "records went to the dead-letter topic; genesys-producer dead-letter list tells of each"

// headers that a message has, in their order, and that a dead letter has beside them.
var (
	headerOrder   = []string{"queue-id", "window", "page", "pass", "fetched-at", "content-type", "producer", "content-hash"}
	letterHeaders = []string{"dead-letter-reason", "dead-letter-form", "content-bytes"}
)

// bury takes note of a dead letter: it counts as its record does, published. All
// messages of the topic have been seen, of whose order it is no part.
func (a *audit) bury(m kafkatest.Message) {
	a.Helper()
	form := m.Headers["dead-letter-form"]
	sum, err := unearth(m)
	if err != nil {
		a.complain("dead letter %s: form %s: %v", m.Key, form, err)
		return
	}
	fetched := a.checkHeaders(m, sum, letterHeaders...)
	if m.Headers["dead-letter-reason"] == "" {
		a.complain("dead letter %s: no reason", m.Key)
	}
	window, number := a.enter(m, sum)
	versions := append(a.versions[m.Key], onTopic{fetched, m.Time.UnixMilli()})
	slices.SortStableFunc(versions, func(a, b onTopic) int { return int(a.fetched - b.fetched) })
	a.versions[m.Key] = versions
	a.found.letters[form]++
	a.found.lettered[fmt.Sprint(window, number)] = true
}

// unearth is the digest of the record that a dead letter tells of.
func unearth(m kafkatest.Message) (sum digest, err error) {
	record, told := m.Value, m.Headers["content-bytes"]
	switch form := m.Headers["dead-letter-form"]; form {
	case "raw":
	case "gzip":
		zipped, err := gzip.NewReader(bytes.NewReader(m.Value))
		if err != nil {
			return sum, err
		}
		if record, err = io.ReadAll(zipped); err != nil {
			return sum, err
		}
	case "reference":
		var r producer.Reference
		if err := json.Unmarshal(m.Value, &r); err != nil {
			return sum, err
		}
		whole, err := hex.DecodeString(r.SHA256)
		if err != nil || len(whole) != sha256.Size || fmt.Sprint(r.Bytes) != told || r.GzipBytes == 0 || r.FetchAgain == "" {
			return sum, fmt.Errorf("%+v, content-bytes %s (%w)", r, told, err)
		}
		if r.ConversationID != m.Key && r.ConversationID != "" {
			return sum, fmt.Errorf("it is of conversation %s", r.ConversationID)
		}
		return digest(whole[:8]), nil
	default:
		return sum, fmt.Errorf("there is no such form")
	}
	if fmt.Sprint(len(record)) != told {
		return sum, fmt.Errorf("%d bytes, content-bytes %s", len(record), told)
	}
	return digestOf(record), nil
}

// anyLetters stands for dead letters of which nobody knows beforehand, or none.
var anyLetters = map[string]int{"any": 0}

// checkLetters expects so many dead letters of each form, and that each page that has
// some was told of once; -1: it is not known how often.
func (f findings) checkLetters(w *world, want map[string]int, told int) {
	w.Helper()
	if _, any := want["any"]; !any && !maps.Equal(f.letters, want) {
		w.Errorf("dead letters by form: %v, want %v", f.letters, want)
	}
	if told >= 0 && told != len(f.lettered) {
		w.Errorf("it told %d times of dead letters, and %d pages have some", told, len(f.lettered))
	}
}

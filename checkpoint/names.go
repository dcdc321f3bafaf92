package checkpoint

import (
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
)

const (
	// suffix ends the name of every file with a position.
	suffix = ".json"
	// ledgerSuffix ends the name of every file with a ledger.
	ledgerSuffix = ".ledger"
	// temporarySuffix follows either while the file is written. One name per
	// file is enough: the lock and the mutex leave one writer.
	temporarySuffix = ".tmp"
)

// fileName returns the name of the file of key. Lower-case letters, digits
// and hyphens of the queue id stand for themselves, every other byte is
// percent-encoded: no id leaves the directory, and no two share a file, not
// even where the file system ignores case.
func fileName(key Key) string {
	return escape(key.Queue) + "." + string(key.Lane) + suffix
}

// ledgerName returns the name of the file of a ledger.
func ledgerName(queue string, day Day) string {
	return escape(queue) + "." + string(day) + ledgerSuffix
}

// file returns the path of the file of key.
func (d *Dir) file(key Key) string {
	return filepath.Join(d.path, fileName(key))
}

// ledger returns the path of the file of a ledger.
func (d *Dir) ledger(queue string, day Day) string {
	return filepath.Join(d.path, ledgerName(queue, day))
}

// escape returns a queue id as it is part of a file's name.
func escape(queue string) string {
	var name strings.Builder
	for _, b := range []byte(queue) {
		if strings.IndexByte(lower+digits+"-", b) >= 0 {
			name.WriteByte(b)
		} else {
			fmt.Fprintf(&name, "%%%02x", b)
		}
	}
	return name.String()
}

// keyOf is the inverse of fileName. false: no position has a file of this name.
func keyOf(name string) (Key, bool) {
	queue, lane, ok := cutName(name, suffix)
	key := Key{Queue: queue, Lane: Lane(lane)}
	return key, ok && key.Validate() == nil && fileName(key) == name
}

// ledgerOf is the inverse of ledgerName. false: no ledger has a file of this name.
func ledgerOf(name string) (queue string, day Day, ok bool) {
	queue, rest, ok := cutName(name, ledgerSuffix)
	day = Day(rest)
	return queue, day, ok && day.Validate() == nil && ledgerName(queue, day) == name
}

// cutName takes the name of a file apart: the queue, and what stands between it and the
// suffix. Escapes that are not those of escape are for the caller to find.
func cutName(name, suffix string) (queue, rest string, ok bool) {
	stem, ok := strings.CutSuffix(name, suffix)
	dot := strings.LastIndexByte(stem, '.')
	if !ok || dot < 0 {
		return "", "", false
	}
	queue, err := url.PathUnescape(stem[:dot])
	return queue, stem[dot+1:], err == nil
}

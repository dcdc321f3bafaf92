package main

import (
	"slices"
	"strings"
)

// refuseUnknown refuses the names that can only be meant for this program and
// that it does not know: any with a prefix of its own, and under a prefix that
// others use too, what is nearly a known name.
func (e *configError) refuseUnknown(set map[string]string) {
	known := knownNames()
	for name := range set {
		own := hasPrefix(name, "GENESYS_", "WINDOW_", "CHECKPOINT_")
		if !own && !hasPrefix(name, "KAFKA_", "HTTP_", "LOG_", "SHUTDOWN_") {
			continue
		}
		if slices.Contains(known, name) || isServiceLink(name, set) {
			continue
		}
		if near := nearest(name, known); own || distance(name, near) <= 2 {
			e.add(variable{name: name, place: len(known)}, "unknown; did you mean "+near+"? Rename it, or unset it")
		}
	}
}

// knownNames are the names that mean something to this program.
func knownNames() (names []string) {
	for _, v := range variables() {
		names = append(names, v.name)
	}
	return names
}

// isServiceLink is whether Kubernetes set the name for a service in the
// namespace: it sets X_SERVICE_HOST, X_SERVICE_PORT, X_PORT and more that begin
// so. A service called genesys-producer must not stop its own pods.
func isServiceLink(name string, set map[string]string) bool {
	for _, part := range []string{"_SERVICE_HOST", "_SERVICE_PORT", "_PORT"} {
		for at := range len(name) {
			if !strings.HasPrefix(name[at:], part) {
				continue
			}
			_, host := set[name[:at]+"_SERVICE_HOST"]
			_, port := set[name[:at]+"_SERVICE_PORT"]
			if host && port {
				return true
			}
		}
	}
	return false
}

func hasPrefix(name string, prefixes ...string) bool {
	return slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(name, p) })
}

// nearest is the known name with the fewest edits to name, the first of equals.
func nearest(name string, known []string) string {
	return slices.MinFunc(known, func(a, b string) int { return distance(name, a) - distance(name, b) })
}

// distance is how many characters to insert, remove or replace (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1) // of the first i characters of a, to the first j of b
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replace := diagonal
			if a[i] != b[j] {
				replace++
			}
			diagonal = row[j+1]
			row[j+1] = min(replace, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

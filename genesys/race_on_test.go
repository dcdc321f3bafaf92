//go:build race

package genesys

// underRace is whether the race detector is on.
const underRace = true

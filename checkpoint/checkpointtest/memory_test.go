package checkpointtest_test

import (
	"testing"

	"genesys-producer/checkpoint"
	"genesys-producer/checkpoint/checkpointtest"
)

func TestMemoryConformance(t *testing.T) {
	checkpointtest.Conformance(t, openMemory)
}

// openMemory opens a Memory store for the conformance suite.
func openMemory(*testing.T) (checkpoint.Store, func() checkpoint.Store) {
	store := checkpointtest.NewMemory()
	current := store
	return store, func() checkpoint.Store {
		current = current.Reopen()
		return current
	}
}

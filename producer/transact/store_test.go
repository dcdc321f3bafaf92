package transact_test

import (
	"testing"

	"genesys-producer/checkpoint"
	"genesys-producer/checkpoint/checkpointtest"
	"genesys-producer/producer/kafkatest"
)

func TestStoreConforms(t *testing.T) {
	cluster := kafkatest.Start(t)
	checkpointtest.Conformance(t, func(t *testing.T) (checkpoint.Store, func() checkpoint.Store) {
		w := newWorld(t, cluster)
		store := w.store()
		return store, func() checkpoint.Store {
			store.Close()
			store = w.store()
			return store
		}
	})
}

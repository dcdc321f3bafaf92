package checkpointtest_test

import (
	"context"
	"errors"
	"fmt"

	"genesys-producer/checkpoint"
	"genesys-producer/checkpoint/checkpointtest"
)

// What a store holds after a Save that failed: nothing if it failed before
// its effect, the position if after.
func ExampleFailing() {
	ctx, key := context.Background(), checkpoint.Key{Queue: "3f2b8a52", Lane: checkpoint.Live}
	full := errors.New("disk full")
	for _, store := range []*checkpointtest.Failing{
		{Store: checkpointtest.NewMemory(), Before: checkpointtest.FailAt(1, full, checkpointtest.Save)},
		{Store: checkpointtest.NewMemory(), After: checkpointtest.FailAt(1, full, checkpointtest.Save)},
	} {
		fmt.Println(store.Save(ctx, key, checkpointtest.Sample(key)))
		p, _, err := store.Load(ctx, key)
		fmt.Println(p, err)
		fmt.Println(store.Save(ctx, key, checkpointtest.Sample(key)))
	}
	// Output:
	// disk full
	// none <nil>
	// <nil>
	// disk full
	// window 2026-03-01T00:00Z/01:00Z pass 0 page 7 <nil>
	// <nil>
}

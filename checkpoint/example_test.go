package checkpoint_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"time"

	"genesys-producer/checkpoint"
)

// A queue begins, comes to a page, and after a restart goes on from there.
func Example() {
	dir, err := os.MkdirTemp("", "checkpoints")
	if err != nil {
		log.Fatal(err)
	}
	ctx, key := context.Background(), checkpoint.Key{Queue: "3f2b8a52", Lane: checkpoint.Live}

	store, err := checkpoint.OpenDir(dir, "default")
	if err != nil {
		log.Fatal(err)
	}
	_, ok, err := store.Load(ctx, key)
	fmt.Println("stored:", ok, err)

	from := time.Date(2026, time.March, 1, 0, 0, 0, 0, time.UTC)
	p := checkpoint.Position{
		Query: checkpoint.Query{
			Dialect: "conversations", API: "api.mypurecloud.com", Queue: key.Queue,
			Since: from, From: from, To: from.Add(time.Hour), Order: "asc", PageSize: 100,
		},
		Destination: checkpoint.Destination{Cluster: "cluster-1", Topic: "genesys.conversations"},
		Start:       "24h",
	}
	fmt.Println("begin:", store.Save(ctx, key, p))
	p.Page, p.Read = 1, 100
	fmt.Println("page 1:", store.Save(ctx, key, p))
	fmt.Println("again:", errors.Is(store.Save(ctx, key, p), checkpoint.ErrNotAfter))
	fmt.Println("close:", store.Close())

	store, err = checkpoint.OpenDir(dir, "default")
	if err != nil {
		log.Fatal(err)
	}
	p, ok, err = store.Load(ctx, key)
	fmt.Println(p, ok, err)
	if err := errors.Join(store.Close(), os.RemoveAll(dir)); err != nil {
		log.Fatal(err)
	}
	// Output:
	// stored: false <nil>
	// begin: <nil>
	// page 1: <nil>
	// again: true
	// close: <nil>
	// window 2026-03-01T00:00Z/01:00Z pass 0 page 1 true <nil>
}

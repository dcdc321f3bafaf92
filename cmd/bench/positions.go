package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"genesys-producer/checkpoint"
	"genesys-producer/genesys"
	"genesys-producer/producer/broker"
	"genesys-producer/producer/transact"
)

// versions is how many positions each queue has stored, one after the other.
const versions = 20

// positions reads the positions of very many queues from their topic.
func positions(s *stage) error { return positionsOf(s, 1000) }

func positionsOf(s *stage, queues int) (err error) {
	name := s.topicName()
	remove, err := s.createTopics(positionsTopics(name)...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, remove()) }()
	began := time.Now()
	if err := storePositions(s.ctx, s.addrs, name, queues); err != nil {
		return err
	}
	offsets, err := s.messagesIn(name)
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "\npositions of %d queues, %d times each; broker %s; written in %.1f s, %d offsets with those of transactions\n",
		queues, versions, s.brokerName(), time.Since(began).Seconds(), offsets)
	var took []float64
	for range s.rounds {
		began := time.Now()
		if err := loadPositions(s.ctx, s.addrs, name, queues); err != nil {
			return err
		}
		took = append(took, time.Since(began).Seconds())
	}
	slices.Sort(took)
	fmt.Fprintf(s.out, "  all are read after %.2f s (%.2f to %.2f, limit 2), median of %d\n", took[len(took)/2], took[0], took[len(took)-1], len(took))
	return nil
}

// storePositions stores positions as so many walks do.
func storePositions(ctx context.Context, brokers []string, topic string, queues int) (err error) {
	store, err := openPositions(brokers, topic)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(walks)
	for n := range queues {
		group.Go(func() error {
			key := keyOf(n)
			defer store.Release(key)
			if _, _, err := store.Take(ctx, key); err != nil {
				return err
			}
			for page := range versions {
				if err := store.Save(ctx, key, positionOf(n, page+1)); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return group.Wait()
}

// loadPositions reads them as a service that starts does, by a store of its own.
func loadPositions(ctx context.Context, brokers []string, topic string, queues int) (err error) {
	store, err := openPositions(brokers, topic)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	for n := range queues {
		position, found, err := store.Load(ctx, keyOf(n))
		if err != nil {
			return err
		}
		if want := positionOf(n, versions); !found || position != want {
			return fmt.Errorf("%v: the position is %v, want %v", keyOf(n), position, want)
		}
	}
	return nil
}

func openPositions(brokers []string, topic string) (*transact.Store, error) {
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})) // of outages
	access, err := broker.NewAccess(broker.Security{}, nil)
	if err != nil {
		return nil, err
	}
	return transact.NewStore(transact.StoreConfig{Topic: topic, LedgerTopic: ledgersOf(topic), Name: "default", MaxMessageBytes: 1_000_000,
		Config: transact.Config{Brokers: brokers, ClientID: "bench", Access: access, Ladder: broker.NewLadder(log), Log: log}})
}

func keyOf(n int) checkpoint.Key { return checkpoint.Key{Queue: queueID(n), Lane: checkpoint.Live} }

// positionOf is what a queue has stored after a page.
func positionOf(n, page int) checkpoint.Position {
	from := time.Date(2025, 3, 3, 10, 0, 0, 0, time.UTC)
	return checkpoint.Position{
		Query: checkpoint.Query{Dialect: string(genesys.Conversations), API: "api.mypurecloud.com", Queue: queueID(n),
			Since: from.Add(-5 * time.Minute), From: from, To: from.Add(time.Hour), Order: genesys.Order, PageSize: pageSize},
		Destination: checkpoint.Destination{Cluster: "bench", Topic: "genesys.conversations"},
		Start:       "24h", Page: page, Read: page * pageSize,
	}
}

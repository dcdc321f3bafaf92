package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"genesys-producer/checkpoint"
	"genesys-producer/producer/transact"
)

// inventory is what a store has of the checkpoint name, read beside a service that may
// run: it takes nothing from it, locks nothing and writes nothing.
type inventory struct {
	place     string // the store, for people
	positions []found
	others    []string // checkpoint names that the store has besides
}

// found is a position, or why it cannot be read.
type found struct {
	checkpoint.Key
	checkpoint.Position
	err error
}

// positionReader is a store that is only read.
type positionReader interface {
	Keys(ctx context.Context) ([]checkpoint.Key, error)
	Load(ctx context.Context, key checkpoint.Key) (checkpoint.Position, bool, error)
	Names(ctx context.Context) ([]string, error)
	io.Closer
}

// openReader opens the configured store for reading alone. none: its topic does not exist
// yet, as before the first start.
func openReader(ctx context.Context, cfg config, brokers transact.Config) (store positionReader, none bool, err error) {
	if cfg.CheckpointStore != "kafka" {
		store, err = checkpoint.ReadDir(cfg.CheckpointDir, cfg.CheckpointName)
		return store, false, err
	}
	topic := &transact.Topics{Config: brokers, Create: false, Replication: cfg.ReplicationFactor, List: []transact.Topic{transact.Checkpoints(cfg.CheckpointTopic)}}
	err = askBrokers(ctx, cfg, func(ctx context.Context) error {
		_, err := topic.Destination(ctx)
		return err
	})
	topic.Close()
	if absent, ok := errors.AsType[*transact.AbsentError](err); ok {
		return nil, true, absent
	}
	if err != nil {
		return nil, false, err
	}
	store, err = transact.NewStore(transact.StoreConfig{Config: brokers, Topic: cfg.CheckpointTopic, Name: cfg.CheckpointName})
	return store, false, err
}

// takeInventory reads all that the store has. A position that cannot be read keeps the
// others from nothing. A topic that does not exist holds nothing.
func takeInventory(ctx context.Context, cfg config, brokers transact.Config) (i inventory, err error) {
	i.place = cfg.storePlace()
	store, none, err := openReader(ctx, cfg, brokers)
	if none {
		i.place += ", which does not exist"
		return i, nil
	}
	if err != nil {
		return i, err
	}
	defer store.Close()
	var keys []checkpoint.Key
	err = askBrokers(ctx, cfg, func(ctx context.Context) (err error) {
		if keys, err = store.Keys(ctx); err == nil { // which reads all of the topic
			i.others, err = store.Names(ctx)
		}
		return err
	})
	if err != nil {
		return i, err
	}
	i.others = slices.DeleteFunc(i.others, func(name string) bool { return name == cfg.CheckpointName })
	err = i.load(ctx, store, keys)
	return i, err
}

// load adds the positions of these keys.
func (i *inventory) load(ctx context.Context, store positionReader, keys []checkpoint.Key) error {
	for _, key := range keys {
		p, there, err := store.Load(ctx, key)
		if there || err != nil { // else it was removed since
			i.positions = append(i.positions, found{key, p, err})
		}
	}
	return ctx.Err()
}

// of is what the store has of a queue's lane; without an error the zero position: nothing.
func (i inventory) of(queue string, lane checkpoint.Lane) found {
	for _, f := range i.positions {
		if f.Key == (checkpoint.Key{Queue: queue, Lane: lane}) {
			return f
		}
	}
	return found{Key: checkpoint.Key{Queue: queue, Lane: lane}}
}

// has reports whether the store has anything of a queue.
func (i inventory) has(queue string) bool {
	return slices.ContainsFunc(i.positions, func(f found) bool { return f.Queue == queue })
}

// queues are those of which the store has something.
func (i inventory) queues() (queues []string) {
	for _, f := range i.positions {
		if !slices.Contains(queues, f.Queue) {
			queues = append(queues, f.Queue)
		}
	}
	return queues
}

// unreadable are the errors of positions that cannot be read.
func (i inventory) unreadable() (errs []error) {
	for _, f := range i.positions {
		if f.err != nil {
			errs = append(errs, f.err)
		}
	}
	return errs
}

// storePlace names the store of the positions.
func (cfg config) storePlace() string {
	if cfg.CheckpointStore == "kafka" {
		return fmt.Sprintf("topic %s", cfg.CheckpointTopic)
	}
	return fmt.Sprintf("directory %s", cfg.CheckpointDir)
}

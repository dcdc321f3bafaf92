package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"genesys-producer/checkpoint"
	"genesys-producer/genesys"
	"genesys-producer/producer"
	"genesys-producer/producer/broker"
	"genesys-producer/producer/status/words"
	"genesys-producer/producer/transact"
)

// store makes sure that positions can be stored, and that those that are can be resumed.
func (k *kafkaCheck) store(ctx context.Context, reached bool) {
	if k.CheckpointStore == "file" {
		k.directory()
	} else if !reached || !k.told {
		k.found = append(k.found, unknowns("there is no topic of positions that could be read", "checkpoint-store", "positions")...)
		return
	}
	bounded, cancel := context.WithTimeout(ctx, answerPatience)
	defer cancel()
	stored, err := k.stored(bounded)
	if err != nil {
		what, fix := broker.Apart(err)
		k.add("positions", "", fails, "they cannot be read: "+what, cmp.Or(fix, "see the rows before this one"))
		return
	}
	if k.CheckpointStore == "kafka" {
		k.add("checkpoint-store", "", fine, "topic "+k.CheckpointTopic+" can be read", "")
	}
	k.positions(stored)
}

// stored reads the positions. Those in a topic are read whatever its settings are, which
// would keep the service from it: they have been told of.
func (k *kafkaCheck) stored(ctx context.Context) (i inventory, err error) {
	if k.CheckpointStore == "file" {
		return takeInventory(ctx, k.config, k.brokers)
	}
	store, err := transact.NewStore(transact.StoreConfig{Config: k.brokers, Topic: k.CheckpointTopic, Name: k.CheckpointName})
	if err != nil {
		return i, err
	}
	defer func() { _ = store.Close() }() // nothing was written
	keys, err := store.Keys(ctx)
	if err != nil {
		return i, err
	}
	err = i.load(ctx, store, keys)
	return i, err
}

// directory makes sure that files can be written where the positions are, beside a service
// that runs.
func (k *kafkaCheck) directory() {
	path := filepath.Join(k.CheckpointDir, k.CheckpointName)
	nearest, err := existing(path)
	if err == nil {
		err = writable(nearest)
	}
	if err != nil {
		k.add("checkpoint-store", "", fails, fmt.Sprintf("positions cannot be written below %s: %v", path, err),
			fmt.Sprintf("have %s writable for the user of the service (uid %d), or set CHECKPOINT_DIR", nearest, os.Getuid()))
		return
	}
	text := path + " can be written"
	if nearest != path {
		text = path + " does not exist, and will be created"
	}
	holder, err := checkpoint.Holder(k.CheckpointDir, k.CheckpointName)
	switch {
	case err != nil:
		k.add("checkpoint-store", "", fails, err.Error(), "have it readable for the user of the service, or set CHECKPOINT_DIR")
		return
	case holder != "":
		text += "; in use by a running service (" + holder + ")"
	}
	free, known := freeBytes(nearest)
	if known {
		text += fmt.Sprintf("; %s MB free", words.Count(int(free/1_000_000)))
	}
	if known && free < leastFree {
		k.add("checkpoint-store", "", warns, text, "make room: a disk that is full holds the walks. Ledgers take some 40 bytes for each conversation of the last month")
		return
	}
	k.add("checkpoint-store", "", fine, text, "")
}

// leastFree is the space that ledgers had better have: of some millions of conversations.
const leastFree = 100_000_000

// existing is the part of a path that is there.
func existing(path string) (string, error) {
	for {
		info, err := os.Stat(path)
		switch parent := filepath.Dir(path); {
		case err == nil && !info.IsDir():
			return path, errors.New(path + " is no directory")
		case err == nil:
			return path, nil
		case !errors.Is(err, fs.ErrNotExist) || parent == path:
			return path, err
		default:
			path = parent
		}
	}
}

// writable tries to write into a directory, and leaves nothing there.
func writable(dir string) error {
	file, err := os.CreateTemp(dir, ".check-*")
	if err != nil {
		return cause(err)
	}
	_, err = file.WriteString("genesys-producer check\n")
	return errors.Join(err, file.Sync(), file.Close(), os.Remove(file.Name()))
}

// positions tells of the positions of the checkpoint name, and of those that the service
// will refuse (invariants 3 and 5). It has no effect on who writes them.
func (k *kafkaCheck) positions(stored inventory) {
	refused, others := 0, 0
	for _, f := range stored.positions {
		if !slices.Contains(k.Queues, f.Queue) {
			others++
			continue
		}
		err := f.err
		if err == nil {
			err = k.resumable(f.Position)
		}
		if err == nil {
			continue
		}
		const most = 5
		if refused++; refused <= most {
			what, fix := apart(err)
			k.add("positions", f.Key.String(), fails, what, fix)
		}
	}
	text := fmt.Sprintf("%s of CHECKPOINT_NAME %s", words.Several(len(stored.positions), "position", "positions"), k.CheckpointName)
	if len(stored.positions) == 0 {
		text += ": each queue begins at WINDOW_FROM=" + k.WindowFrom.Text
	}
	if others > 0 {
		text += fmt.Sprintf(", %d of them of queues that are not configured", others)
	}
	switch {
	case refused > 0:
		k.add("positions", "", fails, fmt.Sprintf("%s, %d of which the service refuses", text, refused), "set back what was changed, or begin anew under another CHECKPOINT_NAME")
	case len(stored.positions) > 0 && k.cluster.ID == "":
		k.add("positions", "", unsure, text+": nobody can tell whether they are of this Kafka cluster", "")
	default:
		k.add("positions", "", fine, text, "")
	}
}

// apart cuts what to do off the text of an error that says it at its end.
func apart(err error) (what, fix string) {
	text := err.Error()
	for _, head := range []string{"; to recover, ", ": set "} {
		if i := strings.LastIndex(text, head); i >= 0 {
			return text[:i], strings.TrimPrefix(strings.TrimPrefix(text[i:], "; to recover, "), ": ")
		}
	}
	return text, ""
}

// resumable is whether the service will go on from a position. Where brokers tell no
// cluster, or were not reached, it is taken to be the right one.
func (k *kafkaCheck) resumable(p checkpoint.Position) error {
	u, err := url.Parse(k.APIURL)
	if err != nil {
		return err
	}
	destination := checkpoint.Destination{Cluster: k.cluster.ID, Topic: k.Topic}
	if destination.Cluster == "" {
		destination.Cluster = p.Destination.Cluster
	}
	return producer.Resumable(p, u.Host, genesys.Dialect(k.Dialect), destination)
}

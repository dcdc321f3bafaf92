package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"genesys-producer/checkpoint"
)

// exportPositions prints all positions of the checkpoint name as they are stored: a JSON
// object each. A service that runs meanwhile is not disturbed.
func exportPositions(ctx context.Context, stdout, stderr io.Writer) int {
	cfg, brokers, ok := prepare(stderr, textLog(stderr))
	if !ok {
		return misuse
	}
	store, none, err := openReader(ctx, cfg, brokers)
	if none && cfg.CreateTopics {
		err = fmt.Errorf("export: topic %s does not exist: correct CHECKPOINT_TOPIC, or start the service, which creates it", cfg.CheckpointTopic)
	}
	if err == nil {
		err = export(ctx, cfg, store, stdout, stderr)
		err = errors.Join(err, store.Close())
	}
	if err != nil {
		fmt.Fprintln(stderr, err)
		return failed
	}
	return done
}

func export(ctx context.Context, cfg config, store positionReader, stdout, stderr io.Writer) error {
	var keys []checkpoint.Key
	err := askBrokers(ctx, cfg, func(ctx context.Context) (err error) {
		keys, err = store.Keys(ctx) // which reads all of the topic
		return err
	})
	if err != nil {
		return fmt.Errorf("export: %w", err)
	}
	for _, key := range keys {
		p, found, err := store.Load(ctx, key)
		if err != nil {
			return err
		}
		text, err := checkpoint.Encode(cfg.CheckpointName, key, p)
		if err == nil && found {
			_, err = stdout.Write(text)
		}
		if err != nil {
			return fmt.Errorf("export %v: %w", key, err)
		}
	}
	fmt.Fprintf(stderr, "%d positions of CHECKPOINT_NAME %s\n", len(keys), cfg.CheckpointName)
	return nil
}

// stored is a position in an export.
type stored struct {
	checkpoint.Key
	checkpoint.Position
}

// importPositions stores the positions of an export where the store has none: what is
// stored is never replaced. Nothing is stored of a file in which anything is wrong, or
// that the store contradicts. Where storing itself fails in the middle, what was stored
// stays, and the next import passes it over. It asks first, unless it is told not to.
func importPositions(ctx context.Context, path string, yes bool, stdin io.Reader, stderr io.Writer) int {
	file, err := os.ReadFile(path)
	if err != nil {
		fmt.Fprintln(stderr, "import:", err)
		return failed
	}
	return withStore(ctx, stderr, func(cfg config, store checkpoint.Store) error {
		exported, err := readExport(path, file, cfg.CheckpointName)
		if err != nil {
			return err
		}
		var wanted []stored
		err = askBrokers(ctx, cfg, func(ctx context.Context) (err error) {
			wanted, err = missing(ctx, store, exported)
			return err
		})
		if err != nil || len(wanted) == 0 {
			fmt.Fprintf(stderr, "%d positions, of which nothing is to be stored\n", len(exported))
			return err
		}
		for _, s := range wanted {
			fmt.Fprintf(stderr, "%v: %v\n", s.Key, s.Position)
		}
		fmt.Fprintln(stderr, cfg.besideService())
		if !yes && !confirm(ctx, stdin, stderr, fmt.Sprintf("Store %d positions under CHECKPOINT_NAME %s in the %s store?", len(wanted), cfg.CheckpointName, cfg.CheckpointStore)) {
			return errors.New("nothing was stored")
		}
		log := changeLog(cfg, stderr)
		for n, s := range wanted {
			if err := askBrokers(ctx, cfg, func(ctx context.Context) error { return store.Save(ctx, s.Key, s.Position) }); err != nil {
				return fmt.Errorf("import: %d of %d positions were stored: %w; run it again: what was stored is passed over", n, len(wanted), err)
			}
			store.Release(s.Key)
			log.Info("position imported", "queue", s.Queue, "lane", s.Lane, "from", "none", "to", s.Position)
		}
		fmt.Fprintf(stderr, "%d positions stored\n", len(wanted))
		return nil
	})
}

// readExport reads an export, which is in the file of that path. One that has a key twice
// is two of them, put together: which position is meant is for a person to say, before the
// first is stored.
func readExport(path string, file []byte, name string) (positions []stored, err error) {
	places := map[checkpoint.Key]int{}
	decoder := json.NewDecoder(bytes.NewReader(file))
	for n := 1; ; n++ {
		var text json.RawMessage
		if err := decoder.Decode(&text); errors.Is(err, io.EOF) {
			return positions, nil
		} else if err != nil {
			return nil, fmt.Errorf("import %s: position %d: %w", path, n, err)
		}
		whose, key, p, err := checkpoint.Identify(text)
		switch {
		case err != nil:
			return nil, fmt.Errorf("import %s: position %d: %w", path, n, err)
		case whose != name:
			return nil, fmt.Errorf("import %s: position %d is of CHECKPOINT_NAME %s, not of %s: set it so", path, n, whose, name)
		case places[key] > 0:
			return nil, fmt.Errorf("import %s: positions %d and %d are both of %v: an export has one; remove the one that is not to be stored", path, places[key], n, key)
		}
		places[key] = n
		positions = append(positions, stored{key, p})
	}
}

// missing are the positions that the store does not have. One that it has otherwise is
// an error.
func missing(ctx context.Context, store checkpoint.Store, positions []stored) (wanted []stored, err error) {
	for _, s := range positions {
		p, found, loadErr := store.Load(ctx, s.Key)
		switch {
		case loadErr != nil:
			err = errors.Join(err, loadErr)
		case !found:
			wanted = append(wanted, s)
		case p != s.Position:
			err = errors.Join(err, fmt.Errorf("import %v: the store has another position (%v) than the export (%v): nothing is replaced; "+
				"to go on from the export, import it into an empty store: another CHECKPOINT_TOPIC or CHECKPOINT_DIR", s.Key, p, s.Position))
		}
	}
	if err != nil {
		return nil, err
	}
	return wanted, nil
}

// confirm asks a person, who may also stop the program instead.
func confirm(ctx context.Context, stdin io.Reader, stderr io.Writer, question string) bool {
	fmt.Fprint(stderr, question+" [y/N] ")
	answers := make(chan string, 1)
	go func() { // who reads a terminal cannot be told to stop: it ends with the program
		answer, _ := bufio.NewReader(stdin).ReadString('\n') // no answer is no
		answers <- answer
	}()
	select {
	case answer := <-answers:
		return strings.EqualFold(strings.TrimSpace(answer), "y")
	case <-ctx.Done():
		fmt.Fprintln(stderr)
		return false
	}
}

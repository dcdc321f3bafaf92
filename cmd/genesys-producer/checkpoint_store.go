package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"genesys-producer/checkpoint"
)

// brokersPatience is how long brokers may take for one step of a person's command. The
// service waits for ever; a person had better hear of it.
const brokersPatience = 30 * time.Second

// withStore opens the store that is configured for a command of a person's, who sees on
// stderr what it waits for.
func withStore(ctx context.Context, stderr io.Writer, use func(cfg config, store checkpoint.Store) error) int {
	cfg, brokers, ok := prepare(stderr, textLog(stderr))
	if !ok {
		return misuse
	}
	store, err := openStore(cfg, brokers)
	if err == nil {
		// A topic that is missing is waited for while positions are read or stored: the
		// service has made sure of it before. So must this.
		if topic := checkpointTopic(cfg, brokers); topic != nil {
			err = askBrokers(ctx, cfg, func(ctx context.Context) error {
				_, err := topic.Destination(ctx)
				return err
			})
		}
		if err == nil {
			err = use(cfg, store)
		}
		err = errors.Join(err, store.Close())
	}
	if err != nil {
		fmt.Fprintln(stderr, err)
		return failed
	}
	return done
}

// askBrokers bounds a step that waits for brokers where positions are in Kafka. Files
// have nobody to wait for.
func askBrokers(ctx context.Context, cfg config, step func(ctx context.Context) error) error {
	if cfg.CheckpointStore != "kafka" {
		return step(ctx)
	}
	bounded, cancel := context.WithTimeout(ctx, brokersPatience)
	defer cancel()
	err := step(bounded)
	if err != nil && bounded.Err() != nil && ctx.Err() == nil {
		return fmt.Errorf("topic %s: the brokers at %s have not answered for it within %v: %w: see to them, or correct KAFKA_BROKERS, and run it again",
			cfg.CheckpointTopic, strings.Join(cfg.Brokers, ","), brokersPatience, err)
	}
	return err
}

// besideService says what becomes of a service that runs while positions are changed.
func (cfg config) besideService() string {
	if cfg.CheckpointStore == "kafka" {
		return "The service must be stopped. One that runs all the same is fenced: it stops with \"another process has taken it over\"."
	}
	return "The service must be stopped. It is: this command has the lock of its positions."
}

// changeLog tells of each position that a person changes, whatever LOG_LEVEL says.
func changeLog(cfg config, stderr io.Writer) *slog.Logger {
	cfg.LogLevel = slog.LevelInfo
	return textLog(stderr)(cfg).With("checkpoints", cfg.CheckpointName, "store", cfg.storePlace())
}

package main

import (
	"log/slog"
	"time"
)

// linesEvery is how often the log tells how far a bounded run is.
const linesEvery = 30 * time.Second

// logProgress logs now and then how far it is, until it is stopped.
func logProgress(log *slog.Logger, t *progress) (stop func()) {
	stopped, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		ticker := time.NewTicker(linesEvery)
		defer ticker.Stop()
		for {
			select {
			case now := <-ticker.C:
				log.Info("backfill progress", t.figures(now).attributes()...)
			case <-stopped:
				return
			}
		}
	}()
	return func() { close(stopped); <-ended }
}

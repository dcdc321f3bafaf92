package main

import (
	"context"
	"io"
	"log/slog"
	"sync"
	"time"

	"genesys-producer/checkpoint"
	"genesys-producer/genesys"
	"genesys-producer/producer"
	"genesys-producer/producer/status"
	"genesys-producer/producer/transact"
)

// run reads the configuration, and the service runs under it until it is done or
// the context ends. The log goes to stderr.
func run(ctx context.Context, stderr io.Writer) int {
	cfg, brokers, ok := prepare(stderr, func(cfg config) *slog.Logger { return newLog(cfg, stderr) })
	if !ok {
		return misuse
	}
	log := brokers.Log
	log.Info("service starts", "program", programName(), "checkpoints", cfg.CheckpointName)
	if err := serve(ctx, cfg, brokers, cutTime(cfg, time.Now()), wishes{listens: cfg.HTTPAddr != ""}); err != nil {
		log.Error("service stopped", failure(err)...)
		return failed
	}
	log.Info("service stopped")
	return done
}

// wishes are what a command has of the service beside its configuration.
type wishes struct {
	listens  bool                         // at HTTP_ADDR
	begin    func(checkpoint.Store) error // may refuse what is stored, before anything else is; nil: nothing is refused
	progress func(producer.Progress)      // is told how far the service is; nil: nobody wants to know
}

// serve wires the rooms together and runs the service.
func serve(ctx context.Context, cfg config, brokers transact.Config, windows producer.Windows, w wishes) error {
	board := newBoard(cfg, windows)
	defer context.AfterFunc(ctx, func() {
		board.Stopping()
		brokers.Log.Info("service was told to stop: pages in hand are finished first", "grace", cfg.ShutdownGrace)
	})()
	if w.listens {
		stop, err := status.Listen(cfg.HTTPAddr, board.Handler(cfg.HTTPPprof), brokers.Log)
		if err != nil {
			return err
		}
		defer stop()
	}
	store, err := openStore(cfg, brokers)
	if err != nil {
		return err
	}
	defer store.Close()
	committer, closeCommitter, err := newCommitter(cfg, brokers, store, board)
	if err != nil {
		return err
	}
	defer closeCommitter()

	api, err := newAPI(cfg, brokers.Log, board)
	if err != nil {
		return err
	}
	board.Client(api.State)
	board.Outage(brokers.Ladder.Outage())
	topics := neededTopics(cfg, brokers)
	defer topics.Close()
	service := &producer.Service{
		API: api, Topic: reachedTopic{topics, board}, Store: board.Store(store), Committer: committer,
		Queues: queueIDs(cfg.Queues), Dialect: genesys.Dialect(cfg.Dialect), PageSize: cfg.PageSize,
		Windows: windows, Revisits: producer.Revisits{Ages: cfg.WindowRevisit, Share: cfg.WindowRevisitShare},
		WindowsTopic: cfg.WindowsTopic, Program: programName(), Grace: cfg.ShutdownGrace, Log: brokers.Log,
		Turn: board.Turn, Progress: board.Progress,
	}
	if w.progress != nil {
		service.Progress = func(p producer.Progress) { board.Progress(p); w.progress(p) }
	}
	looking, stopLooking := context.WithCancel(ctx)
	var besides sync.WaitGroup
	defer besides.Wait()
	defer stopLooking()
	service.Begin = func() error {
		if w.begin != nil {
			if err := w.begin(store); err != nil {
				return err
			}
		}
		besides.Go(func() { lookUp(looking, api, queueIDs(cfg.Queues), board, brokers.Log) })
		besides.Go(func() { keepInTouch(looking, topics) })
		return nil
	}
	return service.Run(ctx)
}

// apiConfig is what a client of the API is made of, whom it tells aside.
func apiConfig(cfg config) genesys.Config {
	return genesys.Config{
		Dialect: genesys.Dialect(cfg.Dialect), APIURL: cfg.APIURL, LoginURL: cfg.LoginURL,
		ClientID: cfg.ClientID, ClientSecret: cfg.ClientSecret.Reveal(),
		RequestsPerMinute: cfg.RequestsPerMinute, ReadAhead: cfg.ReadAhead,
		Timeout: cfg.Timeout, MaxResponseBytes: cfg.MaxResponseBytes,
		UserAgent: programName(),
	}
}

// newAPI makes a client of the API, which tells the board, too. nil: there is none.
func newAPI(cfg config, log *slog.Logger, board *status.Board) (*genesys.Client, error) {
	c := apiConfig(cfg)
	c.Observe = tell(log)
	if board != nil {
		c.Measure = board.Exchange
	}
	return genesys.New(c)
}

// cutTime resolves the windows' settings, which can be relative to the start of
// the program.
func cutTime(cfg config, now time.Time) producer.Windows {
	return producer.Windows{
		From: cfg.WindowFrom.At(now), Start: cfg.WindowFrom.Text,
		To:     cfg.WindowTo.At(now, cfg.WindowSettle),
		Length: cfg.WindowLength, Settle: cfg.WindowSettle,
	}
}

func queueIDs(names []string) []genesys.QueueID {
	ids := make([]genesys.QueueID, len(names))
	for i, name := range names {
		ids[i] = genesys.QueueID(name)
	}
	return ids
}

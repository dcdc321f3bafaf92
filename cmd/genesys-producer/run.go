package main

import (
	"context"
	"io"
	"log/slog"
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
		log.Error("service stopped", "error", err)
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
	board := newBoard(cfg)
	defer context.AfterFunc(ctx, board.Stopping)()
	if w.listens {
		stop, err := status.Listen(ctx, cfg.HTTPAddr, board.Handler(cfg.HTTPPprof), brokers.Log)
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
	board.Incidents(brokers.Ladder.Outage())
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
	defer stopLooking()
	service.Begin = func() error {
		if w.begin != nil {
			if err := w.begin(store); err != nil {
				return err
			}
		}
		go lookUp(looking, api, queueIDs(cfg.Queues), board, brokers.Log)
		return nil
	}
	return service.Run(ctx)
}

// newAPI makes a client of the API, which tells the board, too. nil: there is none.
func newAPI(cfg config, log *slog.Logger, board *status.Board) (*genesys.Client, error) {
	c := genesys.Config{
		Dialect: genesys.Dialect(cfg.Dialect), APIURL: cfg.APIURL, LoginURL: cfg.LoginURL,
		ClientID: cfg.ClientID, ClientSecret: cfg.ClientSecret.Reveal(),
		RequestsPerMinute: cfg.RequestsPerMinute, ReadAhead: cfg.ReadAhead,
		Timeout: cfg.Timeout, MaxResponseBytes: cfg.MaxResponseBytes,
		UserAgent: programName(), Observe: tell(log),
	}
	if board != nil {
		logs := c.Observe
		c.Observe = func(i genesys.Incident) { logs(i); board.APIIncident(i) }
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

func newLog(cfg config, w io.Writer) *slog.Logger {
	options := &slog.HandlerOptions{Level: cfg.LogLevel, ReplaceAttr: legible}
	if cfg.LogFormat == "text" {
		return slog.New(slog.NewTextHandler(w, options))
	}
	return slog.New(slog.NewJSONHandler(w, options))
}

// textLog is the log of a person's command, whatever LOG_FORMAT says.
func textLog(w io.Writer) func(config) *slog.Logger {
	return func(cfg config) *slog.Logger {
		cfg.LogFormat = "text"
		return newLog(cfg, w)
	}
}

// legible writes durations as 1.5s: as JSON they would be nanoseconds.
func legible(_ []string, a slog.Attr) slog.Attr {
	if a.Value.Kind() == slog.KindDuration {
		a.Value = slog.StringValue(a.Value.Duration().String())
	}
	return a
}

// tell logs that the API cannot be reached, asks to stay away, or has another time
// than we have: once when it begins and once when it is over.
func tell(log *slog.Logger) func(genesys.Incident) {
	return func(i genesys.Incident) {
		switch {
		case i.Ahead != 0 && i.Over:
			log.Info("genesys: the API's clock and this machine's agree again", "took", i.Took.Round(time.Millisecond))
		case i.Ahead != 0:
			log.Warn("genesys: the API's clock and this machine's differ; a window is walked once it has settled on both", "api_clock", ahead(i.Ahead))
		case i.Over:
			log.Info("genesys: requests succeed again", "took", i.Took.Round(time.Millisecond))
		case !i.Until.IsZero():
			log.Warn("genesys: the API asks to stay away; nothing is requested until then", "until", i.Until.UTC(), "error", i.Err)
		default:
			log.Warn("genesys: waiting; requests are repeated until they succeed", "error", i.Err)
		}
	}
}

// ahead says a difference of clocks, to the second.
func ahead(d time.Duration) string {
	if d = d.Round(time.Second); d < 0 {
		return (-d).String() + " behind"
	}
	return d.String() + " ahead"
}

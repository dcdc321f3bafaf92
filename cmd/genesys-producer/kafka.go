package main

import (
	"fmt"
	"io"
	"log/slog"

	"genesys-producer/checkpoint"
	"genesys-producer/producer"
	"genesys-producer/producer/broker"
	"genesys-producer/producer/publish"
	"genesys-producer/producer/status"
	"genesys-producer/producer/transact"
)

// clientID is the name that brokers know both clients by.
const clientID = "genesys-producer"

// prepare reads the configuration, and the files that say how brokers are reached. What
// is wrong with either is told, and is misuse: somebody has to correct it.
func prepare(stderr io.Writer, log func(config) *slog.Logger) (cfg config, brokers transact.Config, ok bool) {
	cfg, err := loadConfig()
	if err == nil {
		to := log(cfg)
		takeStrays(to)
		brokers, err = reachBrokers(cfg, to)
	}
	if err != nil {
		fmt.Fprintln(stderr, err)
	}
	return cfg, brokers, err == nil
}

// reachBrokers is how brokers are reached. It does not connect yet.
func reachBrokers(cfg config, log *slog.Logger) (transact.Config, error) {
	access, err := broker.NewAccess(cfg.security(), nil)
	return transact.Config{Brokers: cfg.Brokers, ClientID: clientID, Access: access,
		Ladder: broker.NewLadder(log), Log: log}, err
}

// neededTopics are the topics that the service cannot do without.
func neededTopics(cfg config, brokers transact.Config) *transact.Topics {
	topics := &transact.Topics{Config: brokers, Create: cfg.CreateTopics, Replication: cfg.ReplicationFactor, List: []transact.Topic{
		transact.Conversations(cfg.Topic, cfg.Partitions, cfg.MaxMessageBytes),
		transact.DeadLetters(cfg.DeadLetterTopic, cfg.Partitions, cfg.MaxMessageBytes),
		transact.Attestations(cfg.WindowsTopic, cfg.Partitions),
	}}
	if own := checkpointTopic(cfg, brokers); own != nil {
		topics.List = append(topics.List, own.List...)
	}
	return topics
}

// checkpointTopic is the topic of the positions, and that of the ledgers; nil: they are in
// files.
func checkpointTopic(cfg config, brokers transact.Config) *transact.Topics {
	if cfg.CheckpointStore != "kafka" {
		return nil
	}
	return &transact.Topics{Config: brokers, Create: cfg.CreateTopics, Replication: cfg.ReplicationFactor,
		List: []transact.Topic{transact.Checkpoints(cfg.CheckpointTopic), transact.Ledgers(cfg.LedgerTopic, cfg.Partitions)}}
}

// openStore opens the store of the positions.
func openStore(cfg config, brokers transact.Config) (checkpoint.Store, error) {
	if cfg.CheckpointStore == "kafka" {
		return transact.NewStore(transact.StoreConfig{
			Config: brokers, Topic: cfg.CheckpointTopic, LedgerTopic: cfg.LedgerTopic, Name: cfg.CheckpointName,
			Compression: cfg.Compression, MaxMessageBytes: cfg.MaxMessageBytes,
		})
	}
	return checkpoint.OpenDir(cfg.CheckpointDir, cfg.CheckpointName)
}

// newCommitter makes the committer of the delivery that is configured, and what closes
// it.
func newCommitter(cfg config, brokers transact.Config, store checkpoint.Store, board *status.Board) (producer.Committer, func(), error) {
	messages := producer.Messages{
		Topic: cfg.Topic, DeadLetters: producer.DeadLetters{Topic: cfg.DeadLetterTopic, Limit: cfg.MaxMessageBytes},
		Producer: programName(), Log: brokers.Log,
	}
	if cfg.Delivery == "exactly-once" {
		transactions, ok := store.(producer.Transactions)
		if !ok { // less than was asked for is not for us to choose
			return nil, nil, fmt.Errorf("deliver exactly-once: the %s store cannot store a position with its page: set CHECKPOINT_STORE to kafka", cfg.CheckpointStore)
		}
		return producer.NewExactlyOnce(board.Transactions(transactions), messages), func() {}, nil
	}
	publisher, err := publish.New(publish.Config{
		Brokers: cfg.Brokers, Topics: []string{cfg.Topic, cfg.DeadLetterTopic, cfg.WindowsTopic}, Compression: cfg.Compression,
		MaxMessageBytes: cfg.MaxMessageBytes, ClientID: clientID, Access: brokers.Access, Ladder: brokers.Ladder, Log: brokers.Log,
	})
	if err != nil {
		return nil, nil, err
	}
	committer := producer.NewAtLeastOnce(board.Publisher(publisher), board.Store(store), messages)
	board.Unstored(committer.Unstored())
	return committer, publisher.Close, nil
}

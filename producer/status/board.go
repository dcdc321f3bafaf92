package status

import (
	"net/http"
	"time"

	"genesys-producer/checkpoint"
	"genesys-producer/genesys"
	"genesys-producer/producer"
)

// Config is what a [Board] is made of. Fields are required but where they say otherwise.
type Config struct {
	Program    string // name and version
	Version    string
	Commit     string // empty: not known
	Checkpoint string // the checkpoint name
	Delivery   string
	Topic      string
	Queues     []string
	Allowance  int           // requests a minute
	PageSize   int           // records a page
	Length     time.Duration // of a window
	Settle     time.Duration
	Now        func() time.Time // nil: time.Now
}

// Board takes note of what happens. It is safe for concurrent use, and none of its methods
// blocks.
type Board struct {
	config Config
}

// NewBoard makes the board of a service that is about to start.
func NewBoard(c Config) *Board { return &Board{config: c} }

// Client tells the board how to ask the API's client how it stands.
func (b *Board) Client(state func() genesys.State) {}

// Incidents has the board look at these, too, when it is asked.
func (b *Board) Incidents(all ...*producer.Incident) {}

// Destination takes note that brokers were reached, and of their cluster.
func (b *Board) Destination(d checkpoint.Destination) {}

// Progress takes note of what the service tells: it is its field of that name.
func (b *Board) Progress(p producer.Progress) {}

// Turn takes note of what the service is about to do: it is its field of that name.
func (b *Board) Turn(t producer.Turn) {}

// Exchange takes note of a request: it is [genesys.Config.Measure].
func (b *Board) Exchange(x genesys.Exchange) {}

// APIIncident takes note of what the client tells: part of [genesys.Config.Observe].
func (b *Board) APIIncident(i genesys.Incident) {}

// Lookup takes note of what the queue lookup has found; err: nobody could tell.
func (b *Board) Lookup(names map[genesys.QueueID]string, err error) {}

// Stopping takes note that the service was told to stop.
func (b *Board) Stopping() {}

// Status is how things stand now.
func (b *Board) Status() Status { return Status{} }

// Publisher is p, measured.
func (b *Board) Publisher(p producer.Publisher) producer.Publisher { return p }

// Store is s, measured. What s can do beside being a store, such as transactions, it cannot.
func (b *Board) Store(s checkpoint.Store) checkpoint.Store { return s }

// Transactions is t, measured: each is a publish and a write of a checkpoint.
func (b *Board) Transactions(t producer.Transactions) producer.Transactions { return t }

// Handler answers as the package comment says.
func (b *Board) Handler(pprof bool) http.Handler { return http.NotFoundHandler() }

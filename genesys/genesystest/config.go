package genesystest

import (
	"fmt"
	"net/http"
	"time"
)

// Dialect is the wire contract that a simulator speaks.
type Dialect string

const (
	// Conversations is the published API: the interval, filters and paging in
	// the body, and an answer of "conversations" and "totalHits".
	Conversations Dialect = "conversations"
	// Entities is the contract of a well-known tutorial: dateFrom and dateTo,
	// paging in the query string, an answer of "entities" and "totalCount".
	Entities Dialect = "entities"
)

// The credentials that a simulator knows when Config names none.
const (
	DefaultClientID     = "client"
	DefaultClientSecret = "secret"
)

// The paths that a simulator serves, on whatever host it is reached.
const (
	QueryPath = "/api/v2/analytics/conversations/details/query"
	TokenPath = "/oauth/token"
)

// Config describes a simulated organisation. The zero value is a useful one.
type Config struct {
	// Seed decides everything that is left to chance.
	Seed uint64
	// Dialect defaults to Conversations.
	Dialect Dialect
	// Queues are the ids of the routing queues. Default: three, made from Seed.
	Queues []string
	// HiddenQueues are those of them that the client does not see: the lookup leaves them
	// out, and a query for one finds nothing. Default: none.
	HiddenQueues []string
	// NoQueueView has the lookup refuse the client with 403, for want of the permission
	// routing:queue:view. It may query conversations all the same.
	NoQueueView bool
	// From and To bound the starts of the conversations, half-open.
	// Default: the 24 hours before Now at the time of New.
	From, To time.Time
	// Conversations is how many there are over all queues. Default 1000;
	// negative: none.
	Conversations int
	// TransferShare is the share of conversations that go on to a second
	// queue. Default 0.15; negative: none.
	TransferShare float64
	// LiveShare is the share that never ends by itself, taken from the newest.
	// Default 0.01; negative: none. Others are live too, for as long as Now
	// lies before their end.
	LiveShare float64
	// LateShare is the share that changes once more, one hour to three days
	// after its end, as evaluations do. Default: none.
	LateShare float64
	// Life is what else befalls conversations. Default: nothing.
	Life Life
	// MeanSize is the mean size of a record in bytes. Default: 11,500, most of
	// them 3 to 20 KB. The distribution keeps its shape between some 2 KB, below
	// which no record can be told, and 300 KB.
	MeanSize int
	// Now is the clock of Date headers, rate windows, token lives, and of what
	// is visible of a conversation yet. Default time.Now.
	Now func() time.Time

	// ClientID and ClientSecret are the only credentials accepted.
	// Default: DefaultClientID, DefaultClientSecret.
	ClientID, ClientSecret string
	// TokenLife defaults to what is typical of the dialect: 86,399 s
	// (conversations), 3,600 s (entities).
	TokenLife time.Duration
	// RequestsPerMinute is the allowance of one token in a fixed window of
	// 60 s that begins with its first request. Default 300; negative: no limit.
	RequestsPerMinute int

	// Latency is waited before a request is answered. Default: none.
	Latency func(Request) time.Duration
	// MaxPageSize defaults to 100 (conversations), 250 (entities).
	MaxPageSize int
	// MaxResults is how far paging may reach: page number times page size.
	// Default 100,000.
	MaxResults int
	// PastEndStatus, when set, answers a page after the last one with this
	// status instead of an empty page: versions of the service differ.
	PastEndStatus int
	// WholeDays selects by the day of the start alone, without regard to
	// activity in the interval: some of the vendor's documents say so.
	WholeDays bool
	// Gzip compresses answers for clients that accept it. Whether the service
	// does is not documented.
	Gzip bool
}

// withDefaults fills in what was left zero. It panics on what no simulator can
// be made of, which is a mistake in a test and not a condition to handle.
func (c Config) withDefaults() Config {
	setDefault(&c.Dialect, Conversations)
	typical, largest := 86399*time.Second, 100
	switch c.Dialect {
	case Conversations:
	case Entities:
		typical, largest = time.Hour, 250
	default:
		panic(fmt.Sprintf("genesystest: unknown dialect %q", c.Dialect))
	}
	setDefault(&c.Conversations, 1000)
	setDefault(&c.TransferShare, 0.15)
	setDefault(&c.LiveShare, 0.01)
	setDefault(&c.MeanSize, typicalMean)
	c.Life = c.Life.withDefaults()
	setDefault(&c.ClientID, DefaultClientID)
	setDefault(&c.ClientSecret, DefaultClientSecret)
	setDefault(&c.TokenLife, typical)
	setDefault(&c.RequestsPerMinute, 300)
	setDefault(&c.MaxPageSize, largest)
	setDefault(&c.MaxResults, 100_000)
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.PastEndStatus != 0 && http.StatusText(c.PastEndStatus) == "" {
		panic(fmt.Sprintf("genesystest: PastEndStatus %d is no HTTP status", c.PastEndStatus))
	}
	if len(c.Queues) == 0 {
		c.Queues = seededQueues(c.Seed)
	}
	if c.To.IsZero() {
		c.To = c.Now()
	}
	if c.From.IsZero() {
		c.From = c.To.Add(-24 * time.Hour)
	}
	if !c.From.Before(c.To) {
		panic(fmt.Sprintf("genesystest: From %s is not before To %s", c.From, c.To))
	}
	return c
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

func seededQueues(seed uint64) []string {
	d := dice(mix(seed, rollQueues))
	return []string{d.uuid(), d.uuid(), d.uuid()}
}

package status

import "time"

// Status is how the service stands at an instant. Times are in UTC. Durations are in
// seconds, so that programs need not know how Go writes them.
type Status struct {
	Program    string    `json:"program"` // name and version
	Checkpoint string    `json:"checkpoint"`
	Started    time.Time `json:"started"`
	Now        time.Time `json:"now"`
	Phase      Phase     `json:"phase"`
	Ready      bool      `json:"ready"`
	NotReady   []string  `json:"notReady"` // why, in plain words
	Stuck      bool      `json:"stuck"`    // it neither makes progress nor waits for what it can name
	Life       string    `json:"life"`     // what was heard of it last, in plain words
	Warnings   []string  `json:"warnings"` // what deserves a look though the service runs
	Holds      []Hold    `json:"holds"`    // what it waits for; empty: it walks
	Walks      int       `json:"walks"`    // under way
	Budget     Budget    `json:"budget"`
	Kafka      Kafka     `json:"kafka"`
	Queues     []Queue   `json:"queues"` // the one furthest behind first; parked ones before all
	Totals     Totals    `json:"totals"`

	CaughtUpSeconds float64 `json:"caughtUpSeconds"` // a queue that is not further behind has caught up
	OverdueSeconds  float64 `json:"overdueSeconds"`  // for how long the revisit has been due that has waited longest; 0: none is
}

// Phase is how far the service has come.
type Phase string

const (
	Starting Phase = "starting" // it has no token, no brokers or no positions yet
	Running  Phase = "running"
	Stopping Phase = "stopping" // told to stop; the page in hand is finished
)

// Hold is what the service waits for.
type Hold struct {
	By    string    `json:"by"`              // what holds it up: see [ByKafka] and its like
	What  string    `json:"what"`            // in plain words
	Error string    `json:"error,omitempty"` // why
	Since time.Time `json:"since,omitzero"`  // zero: not known
	Until time.Time `json:"until,omitzero"`  // zero: until it has passed
}

// What a [Hold] can be by.
const (
	ByAPI        = "api"        // it fails, or asks to stay away
	ByBudget     = "budget"     // the allowance is used up
	ByKafka      = "kafka"      // brokers are away
	ByCheckpoint = "checkpoint" // positions cannot be stored
	ByStart      = "start"      // a step of the start
	ByWindow     = "window"     // there is nothing to walk yet
)

// Budget is the request allowance.
type Budget struct {
	Allowance    int       `json:"allowance"`  // requests a minute, as configured
	LastMinute   int       `json:"lastMinute"` // requests that were sent in the last minute
	PerMinute    float64   `json:"perMinute"`  // that may be sent now: less where others use the token
	Waiting      int       `json:"waiting"`    // requests in line
	ClosedUntil  time.Time `json:"closedUntil,omitzero"`
	Allowed      int       `json:"allowed"`      // as the API last said; 0: it has not
	Counted      int       `json:"counted"`      // by the API, of everybody who uses the token; 0: not known, or not any more
	Retries      int       `json:"retries"`      // since the start
	ClockSeconds float64   `json:"clockSeconds"` // how far the API's clock is ahead of this machine's
}

// Kafka is where messages go.
type Kafka struct {
	Cluster  string `json:"cluster"`
	Topic    string `json:"topic"`
	Delivery string `json:"delivery"`
}

// Queue is how a queue stands.
type Queue struct {
	ID               string    `json:"id"`
	Name             string    `json:"name"`          // as the queue lookup has it; empty: not known
	Visible          string    `json:"visible"`       // yes, no, or unknown: nobody could tell
	Matched          bool      `json:"matched"`       // conversations have been found
	From             time.Time `json:"from,omitzero"` // the window that is walked, or was last
	To               time.Time `json:"to,omitzero"`
	Page             int       `json:"page"`                 // last completed page of it
	Pages            int       `json:"pages"`                // it has, by the last total; 0: not known
	Lane             string    `json:"lane"`                 // live or revisit: what moved last
	PerMinute        float64   `json:"perMinute"`            // conversations read in the last minute
	Closed           bool      `json:"closed"`               // the window is; the next one has not begun
	ClosedUntil      time.Time `json:"closedUntil,omitzero"` // end of the last live window that is closed
	FreshnessSeconds float64   `json:"freshnessSeconds"`     // now, or the end of the run, minus that
	Verdict          string    `json:"verdict,omitempty"`    // of the last live window
	Parked           bool      `json:"parked"`
	VisitsParked     bool      `json:"visitsParked"`
	LastError        string    `json:"lastError,omitempty"` // in plain words
	LastErrorAt      time.Time `json:"lastErrorAt,omitzero"`
	Published        int       `json:"published"` // since the start
	DeadLetters      int       `json:"deadLetters"`
}

// Totals are counted since the start.
type Totals struct {
	Pages       int `json:"pages"`
	Records     int `json:"records"`
	Published   int `json:"published"`
	Unchanged   int `json:"unchanged"`
	Superseded  int `json:"superseded"`
	DeadLetters int `json:"deadLetters"`
	Windows     int `json:"windows"`
	InDoubt     int `json:"inDoubt"` // of those: unstable or truncated
}

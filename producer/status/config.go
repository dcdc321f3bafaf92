package status

import "time"

// Config is what a [Board] is made of. Fields are required but where they say otherwise.
type Config struct {
	Program    string // name and version
	Version    string
	Commit     string // empty: not known
	Checkpoint string // the checkpoint name
	Delivery   string
	Topic      string
	Queues     []string         // their ids; others are not taken note of, so that series are bounded
	Allowance  int              // requests a minute
	Timeout    time.Duration    // of one request
	CaughtUp   time.Duration    // a queue that is not further behind has caught up; 0: nobody is told
	Until      time.Time        // the end of the run; zero: it has none
	Revisits   bool             // days are walked again
	Now        func() time.Time // nil: time.Now
}

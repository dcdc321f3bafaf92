// Package status is what an operator sees of a service that runs: metrics, health, a page.
//
// # Words
//
//   - The [Board] is told what happens, by the service, the API's client and the committers,
//     and knows how things stand. It is the only state here.
//   - A [Status] is how they stand at an instant: what the page shows, and /status.json says.
//   - A hold is what the service waits for, and until when, in plain words: the next window,
//     brokers that are away, an API that fails or asks to stay away, a disk that is full.
//   - Freshness of a queue is how long ago the last window that is closed has ended; in a run
//     whose end is past, how long before that.
//
// # What it answers
//
//	/             the page: rendered here, with nothing from elsewhere, and renewed by itself
//	/status.json  the same for programs
//	/metrics      for Prometheus
//	/livez        200 while the service makes progress or waits for something that it can name; else 503
//	/readyz       200 once it has a token, brokers and its positions, and while it has them; else 503
//	/debug/pprof/ only with HTTP_PPROF=true
//
// None of it holds a secret or the content of a conversation. Whoever reaches the listener may
// read it: there is no login.
//
// # Rooms
//
// board.go takes note of what it is told, queue.go of each queue, and meter.go counts by the
// minute; snapshot.go makes a Status of it, holds.go says what is waited for and what
// deserves a look; metrics.go are the metrics, which count.go counts, gauges.go asks for, and
// measure.go times; health.go judges; page.go and its like draw; routes.go says who answers
// what, and server.go listens.
package status

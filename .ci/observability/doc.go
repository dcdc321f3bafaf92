// Package observability checks the alerts and the dashboard in deploy against what the
// service really exports: it runs the program between a simulated Genesys Cloud and an
// in-process broker, and asks /metrics.
//
// It is a module of its own, because it needs the parser of Prometheus, which the service
// must not.
package observability

package main

import (
	"log/slog"
	"time"

	"genesys-producer/genesys"
	"genesys-producer/producer/status/words"
)

// tell logs that the API cannot be reached, asks to stay away, or has another time
// than we have: once when it begins and once when it is over. That it asks to stay away
// for longer is news of an incident that is known, and no warning.
func tell(log *slog.Logger) func(genesys.Incident) {
	return func(i genesys.Incident) {
		switch {
		case i.Ahead != 0 && i.Over:
			log.Info("genesys: the API's clock and this machine's agree again", "took", i.Took.Round(time.Millisecond))
		case i.Ahead != 0:
			log.Warn("genesys: the API's clock and this machine's differ; a window is walked once it has settled on both", "api_clock", words.AheadOrBehind(i.Ahead))
		case i.Open:
			log.Info("genesys: the API does not ask to stay away any more", "took", i.Took.Round(time.Millisecond))
		case i.Over:
			log.Info("genesys: requests succeed again", "took", i.Took.Round(time.Millisecond))
		case i.Until.IsZero():
			log.Warn("genesys: waiting; requests are repeated until they succeed", failure(i.Err)...)
		case i.Again:
			log.Info("genesys: the API asks to stay away for longer", append(failure(i.Err), "until", i.Until)...)
		default:
			log.Warn("genesys: the API asks to stay away; nothing is requested until then", append(failure(i.Err), "until", i.Until)...)
		}
	}
}

// failure is an error, and the id by which the vendor's support finds its request, as
// attributes of a log.
func failure(err error) []any {
	attributes := []any{"error", err}
	if id := genesys.Correlation(err); id != "" {
		attributes = append(attributes, "correlation_id", id)
	}
	return attributes
}

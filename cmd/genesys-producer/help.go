package main

import (
	"cmp"
	"fmt"
	"io"
	"strings"
)

// helpWidth is how many columns of a terminal help uses.
const helpWidth = 100

// writeHelp prints how to run the program, every variable and the exit codes.
func writeHelp(w io.Writer) {
	var b strings.Builder
	b.WriteString(`genesys-producer brings the conversations of Genesys Cloud queues into Kafka.

Usage: genesys-producer [command]

  run                             walk the queues and publish their conversations (the default)
  backfill --from TIME --to TIME|now [--name NAME] [--budget SHARE]
                                  walk an interval of the past beside a service that runs, and end
  verify --from TIME --to TIME [--queue ID]
                                  ask the API again for the windows of an interval, and tell what of
                                  them KAFKA_TOPIC lacks; exit code 0: nothing, for sure
  check [--json]                  tell what would keep the service from running under this
                                  environment, and what to do; exit code 0: nothing would
  plan [--json]                   tell how many windows, pages and minutes lie ahead; publishes and
                                  stores nothing
  checkpoint list [--json]        tell how far each queue of CHECKPOINT_NAME is
  checkpoint show QUEUE [--json]  tell all that is stored of a queue's position
  checkpoint export               print all positions of CHECKPOINT_NAME
  checkpoint import FILE [--yes]  store those of an export, in a store that has none of them
  checkpoint rewind --to TIME [--queue ID] [--yes]
                                  have the queue, or all, walked and published again from TIME on
  dead-letter list                tell of each record that could not be published
  healthcheck                     ask /livez at HTTP_ADDR; exit code 0: the service lives
  version                         print the version
  help                            print this text

The environment configures it:

`)
	b.WriteString(helpTable())
	b.WriteString(`
Times are written as in RFC 3339, such as 2026-03-01T00:00:00Z. Durations are written with
units, such as 60s, 5m or 24h. HTTPS_PROXY, HTTP_PROXY and NO_PROXY are honoured.

verify takes a request for each page of each window, up to three times where rows move, out of
the same allowance of the client as a service that runs meanwhile: both together keep to
GENESYS_REQUESTS_PER_MINUTE only if it is set lower for one of them. What it is not sure of after
that is told, with exit code 1. plan takes a request for each queue and 31 days ahead,
and one for the last day of each queue that has less than a day ahead, unless the run is over then.

check asks the API and the brokers, in a minute at most, for what the service will ask of them; it
publishes nothing, creates no topic of the service's, stores no position, and takes no queue from a
service that runs. With CHECKPOINT_STORE=kafka brokers keep a transactional id of its own for a
week; with files it writes one, and removes it. It takes a request for the token, up to two for each
hundred queues and one each for 20 of them, more only where one has to be asked again. With --json
it prints one object: ok, and checks, each with check, subject, verdict (ok, warn, fail or unknown),
finding and fix.

checkpoint list, show and export, and plan, read beside a service that runs, and do not disturb it.
checkpoint rewind and import want it stopped: with positions in files they are refused while it
runs, and with positions in Kafka they fence it, so that it stops.

backfill takes its interval, and its checkpoint name, from the options in place of WINDOW_FROM,
WINDOW_TO and CHECKPOINT_NAME, and everything else from the environment of the service, whose
positions it leaves alone. The name is made of the interval, such as backfill-2026-03-01-2026-04-01:
the same command, started again, goes on where it was. It takes half of GENESYS_REQUESTS_PER_MINUTE,
or the share of --budget (above 0, up to 1), beside what the service takes: set that lower meanwhile
where both together must not exceed the allowance. It revisits nothing. On a terminal it draws a
bar, with warnings above it; elsewhere it logs how far it is every 30 s.

Exit codes: 0 done, 1 failed, 2 usage or configuration.
`)
	fmt.Fprint(w, b.String())
}

// helpTable is the table of variables for a terminal.
func helpTable() string {
	names, defaults := len("variable"), len("default")
	for _, v := range variables() {
		names, defaults = max(names, len(v.name)), max(defaults, len(v.standard()))
	}
	var b strings.Builder
	row := func(name, standard, meaning string) {
		for _, line := range wrap(meaning, helpWidth-names-defaults-4) {
			fmt.Fprintf(&b, "%-*s  %-*s  %s\n", names, name, defaults, standard, line)
			name, standard = "", ""
		}
	}
	row("variable", "default", "meaning")
	for _, v := range variables() {
		row(v.name, v.standard(), v.meaning)
	}
	return b.String()
}

// standard is what the table shows for a variable that is not set.
func (v variable) standard() string { return cmp.Or(v.fallback, v.shown) }

// wrap breaks text between words into lines of at most width characters, but
// for a word that is longer.
func wrap(text string, width int) (lines []string) {
	line := ""
	for word := range strings.FieldsSeq(text) {
		switch {
		case line == "":
			line = word
		case len(line)+1+len(word) > width:
			lines = append(lines, line)
			line = word
		default:
			line += " " + word
		}
	}
	return append(lines, line)
}

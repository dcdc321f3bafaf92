package main

import (
	"fmt"
	"slices"
	"text/tabwriter"
)

// table holds the rows of a scenario, round by round.
type table struct {
	*stage
	title string
	names []string // in the order of their first round
	rows  map[string][]row
}

func newTable(s *stage, title string) *table {
	return &table{stage: s, title: title, rows: map[string][]row{}}
}

// measure adds what a run comes to.
func (t *table) measure(name, part string, l load, compression string, settings ...string) error {
	r, err := t.run(name, part, l, compression, settings...)
	if err == nil {
		t.add(r)
	}
	return err
}

func (t *table) add(r row) {
	if !slices.Contains(t.names, r.name) {
		t.names = append(t.names, r.name)
	}
	t.rows[r.name] = append(t.rows[r.name], r)
}

// median is the middle one of a figure's values over the rounds.
func (t *table) median(name string, of func(row) float64) float64 {
	var all []float64
	for _, r := range t.rows[name] {
		all = append(all, of(r))
	}
	slices.Sort(all)
	return all[len(all)/2]
}

func rate(r row) float64   { return float64(r.load.conversations()) / r.wall.Seconds() }
func cpu(r row) float64    { return r.cpu.Seconds() / float64(max(1, r.load.conversations())) * 100_000 }
func peak(r row) float64   { return float64(r.peak) / (1 << 20) }
func asked(r row) float64  { return float64(r.Requests) }
func refuse(r row) float64 { return float64(r.Refused) }
func wall(r row) float64   { return r.wall.Seconds() }

// perPage is how many milliseconds the service takes for a page, once it walks.
func perPage(r row) float64 {
	return (r.wall - r.startUp).Seconds() * 1000 / float64(r.load.Queues*r.load.Pages)
}

// budget is the share of the allowance that was used while the process ran.
func budget(r row) float64 {
	return 100 * asked(r) / (float64(r.load.PerMinute) * r.wall.Minutes())
}

func (t *table) print() {
	fmt.Fprintf(t.out, "\n%s; broker %s; medians of %d\n", t.title, t.brokerName(), len(t.rows[t.names[0]]))
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "\tseconds\tconversations/s\tCPU s per 100,000\tpeak MiB\trequests\trefused\tof the budget\t")
	for _, name := range t.names {
		share := "-"
		if t.rows[name][0].load.PerMinute > 0 {
			share = fmt.Sprintf("%.1f %%", t.median(name, budget))
		}
		fmt.Fprintf(w, "%s\t%.2f\t%.0f\t%.2f\t%.0f\t%.0f\t%.0f\t%s\t\n", name, t.median(name, wall), t.median(name, rate),
			t.median(name, cpu), t.median(name, peak), t.median(name, asked), t.median(name, refuse), share)
	}
	_ = w.Flush()
}

// ratio compares a row with its two halves, round by round.
func (t *table) ratio(name, fetching, producing string) {
	var cpus, rates []float64
	for i, r := range t.rows[name] {
		f, p := t.rows[fetching][i], t.rows[producing][i]
		cpus = append(cpus, r.cpu.Seconds()/(f.cpu+p.cpu).Seconds())
		rates = append(rates, rate(r)/min(rate(f), rate(p)))
	}
	slices.Sort(cpus)
	slices.Sort(rates)
	fmt.Fprintf(t.out, "  %s: CPU %.2f times that of both halves together (%.2f to %.2f), rate %.2f of the slower half's (%.2f to %.2f)\n",
		name, cpus[len(cpus)/2], cpus[0], cpus[len(cpus)-1], rates[len(rates)/2], rates[0], rates[len(rates)-1])
}

// quarters shows how the memory goes over the life of a process, that of one round.
func (t *table) quarters() {
	for _, name := range t.names {
		q := t.rows[name][len(t.rows[name])-1].quarters()
		fmt.Fprintf(t.out, "  %s: resident in the last round, by quarters of the walk: %d, %d, %d, %d MiB\n", name, q[0]>>20, q[1]>>20, q[2]>>20, q[3]>>20)
	}
}

func (s *stage) brokerName() string {
	switch {
	case s.broker == nil:
		return "at " + s.brokers
	case s.keeps:
		return "kfake, on disk"
	}
	return "kfake, which forgets"
}

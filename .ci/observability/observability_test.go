package observability

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// What must have happened before the export is taken for whole.
var happened = []string{
	"genesys_producer_ready",
	`genesys_producer_api_requests_total{call="page",status="429"}`,
	`genesys_producer_api_requests_total{call="page",status="503"}`,
	`genesys_producer_api_requests_total{call="page",status="200"}`,
	`genesys_producer_api_token_renewals_total{result="ok"}`,
	`genesys_producer_checkpoint_writes_total{result="stored"}`,
	`genesys_producer_windows_total{lane="live",verdict="complete"}`,
	"genesys_producer_publish_duration_seconds_count",
}

// Each query asks for what is exported, by metric, label and value.
func TestQueriesAskForWhatIsExported(t *testing.T) {
	all, err := parseExport(serve(t, happened...))
	if err != nil {
		t.Fatal(err)
	}
	asked := queries(t)
	for _, q := range asked {
		for _, wrong := range all.judge(q) {
			t.Errorf("%s: %s: %s", q.where, q.text, wrong)
		}
	}
	t.Logf("%d queries of %d alerts and %d panels, against %d metrics", len(asked), len(readAlerts(t)), len(readDashboard(t).Panels), len(all))
}

// The judge itself: what is wrong is found, and what is right is not.
func TestJudge(t *testing.T) {
	all, err := parseExport(`# TYPE a_total counter
a_total{queue="q",outcome="x"} 0
# TYPE b_seconds histogram
b_seconds_bucket{le="+Inf"} 0
b_seconds_sum 0
b_seconds_count 0
`)
	if err != nil {
		t.Fatal(err)
	}
	for _, right := range []query{
		{text: `sum by (queue) (rate(a_total{outcome="x"}[5m])) > 0`, shows: []string{"queue"}},
		{text: `histogram_quantile(0.5, sum by (le) (rate(b_seconds_bucket[5m])))`},
		{text: `topk(3, a_total) unless on (job, queue) a_total{outcome="x"}`, shows: []string{"queue", "instance"}},
		{text: `absent(up{job="genesys-producer"})`, shows: []string{"job"}},
		{text: `a_total{outcome=~"x|y"} > on (job, namespace) group_left () max by (job, namespace) (last_over_time(a_total[1h]))`, shows: []string{"queue"}},
	} {
		if wrong := all.judge(right); wrong != nil {
			t.Errorf("%s: %q", right.text, wrong)
		}
	}
	for text, want := range map[string]string{
		`a`:                              "no metric a",
		`b_seconds`:                      "no metric b_seconds",
		`rate(a_total{outcome="y"}[5m])`: `no series with outcome="y"`,
		`a_total{lane="live"}`:           `no series with lane="live"`,
		`a_total{outcome=~"y|z"}`:        `no series with outcome=~"y|z"`,
		`a_total{outcome!="x"}`:          "only = and =~ are checked",
		`sum by (lane) (a_total)`:        "by (lane)",
		`a_total and on (lane) a_total`:  "on (lane)",
		`sum(a_total`:                    "parse error",
	} {
		if wrong := all.judge(query{text: text}); !strings.Contains(strings.Join(wrong, "; "), want) {
			t.Errorf("%s: %q, want %q", text, wrong, want)
		}
	}
	for _, blind := range []string{`sum(a_total)`, `sum by (outcome) (a_total)`, `sum by (queue) (a_total) or up`} {
		if wrong := all.judge(query{text: blind, shows: []string{"queue"}}); len(wrong) != 1 {
			t.Errorf("%s: %q, want that the label queue is not there", blind, wrong)
		}
	}
}

// Each alert says how bad it is, what it means, and where to read on.
func TestAlerts(t *testing.T) {
	names := map[string]bool{}
	runbook := string(read(t, "RUNBOOK.md"))
	for _, a := range readAlerts(t) {
		if names[a.Alert] {
			t.Errorf("%s is there twice", a.Alert)
		}
		names[a.Alert] = true
		if severity := a.Labels["severity"]; severity != "critical" && severity != "warning" {
			t.Errorf("%s has the severity %q", a.Alert, severity)
		}
		if a.Annotations["summary"] == "" || a.Annotations["description"] == "" {
			t.Errorf("%s lacks a summary or a description", a.Alert)
		}
		if want := "deploy/RUNBOOK.md#" + strings.ToLower(a.Alert); a.Annotations["runbook"] != want {
			t.Errorf("%s has the runbook %s, want %s", a.Alert, a.Annotations["runbook"], want)
		}
		if !strings.Contains(runbook, "\n### "+a.Alert+"\n") {
			t.Errorf("%s has no section in RUNBOOK.md", a.Alert)
		}
	}
}

// Each alert is seen to fire and to be silent, by the tests that promtool runs.
func TestAlertsAreTested(t *testing.T) {
	var file struct {
		Tests []struct {
			Name string
			Expr []struct {
				Expr    string
				Samples []struct{ Labels string } `yaml:"exp_samples"`
			} `yaml:"promql_expr_test"`
		}
	}
	if err := yaml.Unmarshal(read(t, "prometheus/alerts_test.yaml"), &file); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, test := range file.Tests {
		for _, e := range test.Expr {
			alert, _, _ := strings.Cut(test.Name, ",")
			if want := fmt.Sprintf("ALERTS{alertname=%q, alertstate=\"firing\"}", alert); e.Expr != want {
				t.Errorf("%s asks %s, want %s", test.Name, e.Expr, want)
			}
			seen[fmt.Sprintf("%s fires: %t", alert, len(e.Samples) > 0)] = true
		}
	}
	for _, a := range readAlerts(t) {
		for _, fires := range []string{"true", "false"} {
			if want := a.Alert + " fires: " + fires; !seen[want] {
				t.Errorf("no test has seen that %s", want)
			}
		}
	}
}

// The dashboard can be imported: it brings no data source of its own, and its panels
// neither overlap nor leave the grid.
func TestDashboard(t *testing.T) {
	d := readDashboard(t)
	if len(d.Templating.List) == 0 || d.Templating.List[0].Type != "datasource" {
		t.Error("its first variable is not the data source")
	}
	ids, cells := []int{}, map[[2]int]string{}
	for _, p := range d.Panels {
		if slices.Contains(ids, p.ID) {
			t.Errorf("%s has the id %d of another", p.Title, p.ID)
		}
		ids = append(ids, p.ID)
		if p.Type != "row" && (p.Datasource.UID != "${datasource}" || len(p.Targets) == 0) {
			t.Errorf("%s has the data source %q and %d queries", p.Title, p.Datasource.UID, len(p.Targets))
		}
		g := p.GridPos
		if g.W < 1 || g.H < 1 || g.X < 0 || g.X+g.W > 24 {
			t.Errorf("%s is at %+v, beyond the grid", p.Title, g)
		}
		for x := g.X; x < g.X+g.W; x++ {
			for y := g.Y; y < g.Y+g.H; y++ {
				if other := cells[[2]int{x, y}]; other != "" {
					t.Fatalf("%s lies over %s", p.Title, other)
				}
				cells[[2]int{x, y}] = p.Title
			}
		}
	}
}

// promtool, where it is installed, accepts the rules, and runs their tests.
func TestPromtool(t *testing.T) {
	path, err := exec.LookPath("promtool")
	if err != nil {
		t.Skip("promtool is not installed: it comes with Prometheus")
	}
	for _, args := range [][]string{{"check", "rules", "alerts.yaml"}, {"test", "rules", "alerts_test.yaml"}} {
		command := exec.Command(path, args...)
		command.Dir = filepath.Join(deploy, "prometheus")
		if output, err := command.CombinedOutput(); err != nil {
			t.Errorf("promtool %s: %v\n%s", strings.Join(args, " "), err, output)
		}
	}
}

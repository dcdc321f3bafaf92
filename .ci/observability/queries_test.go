package observability

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// deploy is where the files are that this module checks.
const deploy = "../../deploy"

// query is an expression of PromQL, and the labels that the text beside it shows.
type query struct {
	where string
	text  string
	shows []string
}

// alert is a rule of alerts.yaml.
type alert struct {
	Alert, Expr         string
	Labels, Annotations map[string]string
}

func readAlerts(t *testing.T) (alerts []alert) {
	t.Helper()
	var file struct {
		Groups []struct{ Rules []alert }
	}
	if err := yaml.Unmarshal(read(t, "prometheus/alerts.yaml"), &file); err != nil {
		t.Fatal(err)
	}
	for _, group := range file.Groups {
		alerts = append(alerts, group.Rules...)
	}
	if len(alerts) == 0 {
		t.Fatal("there are no alerts")
	}
	return alerts
}

// dashboard is what is checked of dashboard.json.
type dashboard struct {
	Templating struct {
		List []struct {
			Name, Type string
			Query      json.RawMessage
		}
	}
	Panels []panel
}

type panel struct {
	ID         int
	Type       string
	Title      string
	Datasource struct{ UID string }
	GridPos    struct{ H, W, X, Y int }
	Targets    []struct{ Expr, LegendFormat string }
}

func readDashboard(t *testing.T) (d dashboard) {
	t.Helper()
	if err := json.Unmarshal(read(t, "grafana/dashboard.json"), &d); err != nil {
		t.Fatal(err)
	}
	return d
}

var (
	shownByAlert = regexp.MustCompile(`\$labels\.(\w+)`)
	shownByPanel = regexp.MustCompile(`{{(\w+)}}`)
)

// queries are the expressions of all alerts and panels.
func queries(t *testing.T) (all []query) {
	t.Helper()
	for _, a := range readAlerts(t) {
		q := query{where: "alert " + a.Alert, text: a.Expr}
		for _, text := range a.Annotations {
			for _, m := range shownByAlert.FindAllStringSubmatch(text, -1) {
				q.shows = append(q.shows, m[1])
			}
		}
		all = append(all, q)
	}
	grafana := strings.NewReplacer("$__rate_interval", "5m")
	for _, p := range readDashboard(t).Panels {
		for _, target := range p.Targets {
			q := query{where: "panel " + p.Title, text: grafana.Replace(target.Expr)}
			for _, m := range shownByPanel.FindAllStringSubmatch(target.LegendFormat, -1) {
				q.shows = append(q.shows, m[1])
			}
			all = append(all, q)
		}
	}
	return all
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(deploy, path))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

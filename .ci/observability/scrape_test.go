package observability

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/relabel"
	"go.yaml.in/yaml/v3"
)

// job is what is checked of a scrape job.
type job struct {
	Name       string                       `yaml:"job_name"`
	Kubernetes []struct{ Role string }      `yaml:"kubernetes_sd_configs"`
	Static     []struct{ Targets []string } `yaml:"static_configs"`
	Relabel    []*relabel.Config            `yaml:"relabel_configs"`
}

func readJob(t *testing.T, path string) job {
	t.Helper()
	var file struct {
		Jobs []job `yaml:"scrape_configs"`
	}
	if err := yaml.Unmarshal(read(t, path), &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Jobs) != 1 {
		t.Fatalf("%s has %d jobs, want 1", path, len(file.Jobs))
	}
	return file.Jobs[0]
}

// The jobs have the name that alerts and dashboard ask for.
func TestScrapeJobs(t *testing.T) {
	for _, path := range []string{"prometheus/scrape.yaml", "prometheus/scrape-static.yaml"} {
		if j := readJob(t, path); j.Name != "genesys-producer" || len(j.Kubernetes)+len(j.Static) != 1 {
			t.Errorf("%s: %+v", path, j)
		}
	}
}

// Of the pods of a cluster, those of the service are scraped, at one port each, and the
// labels that the alerts tell runs apart by are added.
func TestPodsThatAreScraped(t *testing.T) {
	j := readJob(t, "prometheus/scrape.yaml")
	if len(j.Kubernetes) != 1 || j.Kubernetes[0].Role != "pod" {
		t.Fatalf("it asks for %+v, want pods", j.Kubernetes)
	}
	for _, rule := range j.Relabel {
		if err := rule.Validate(model.UTF8Validation); err != nil {
			t.Error(err)
		}
	}
	for _, test := range []struct {
		pod, port, phase string
		kept             bool
	}{
		{"genesys-producer", "http", "Running", true},
		{"genesys-producer", "http", "Pending", true},
		{"genesys-producer", "http", "Succeeded", false},
		{"genesys-producer", "http", "Failed", false},
		{"genesys-producer", "admin", "Running", false},
		{"genesys-producer-command", "", "Running", false},
		{"grafana", "http", "Running", false},
	} {
		found := labels.NewBuilder(labels.FromStrings(
			"__address__", "10.0.0.7:8080", "__meta_kubernetes_namespace", "n", "__meta_kubernetes_pod_name", "p", "__meta_kubernetes_pod_phase", test.phase,
			"__meta_kubernetes_pod_label_app_kubernetes_io_name", test.pod, "__meta_kubernetes_pod_container_port_name", test.port))
		kept := relabel.ProcessBuilder(found, j.Relabel...)
		if kept != test.kept || kept && (found.Get("namespace") != "n" || found.Get("pod") != "p") {
			t.Errorf("%+v: kept %t, %v", test, kept, found.Labels())
		}
	}
}

// promtool, where it is installed, accepts the jobs. That of Debian is made without the
// discovery of Kubernetes, so it is shown a static one in its place.
func TestPromtoolTakesTheJobs(t *testing.T) {
	path, err := exec.LookPath("promtool")
	if err != nil {
		t.Skip("promtool is not installed: it comes with Prometheus")
	}
	const discovery, instead = "    kubernetes_sd_configs:\n      - role: pod\n", "    static_configs:\n      - targets: [127.0.0.1:8080]\n"
	for _, name := range []string{"scrape.yaml", "scrape-static.yaml"} {
		text := string(read(t, filepath.Join("prometheus", name)))
		if shown := strings.Replace(text, discovery, instead, 1); shown == text && name == "scrape.yaml" {
			t.Errorf("%s does not ask for pods", name)
		} else {
			text = shown
		}
		file := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if output, err := exec.Command(path, "check", "config", file).CombinedOutput(); err != nil {
			t.Errorf("promtool check config %s: %v\n%s", name, err, output)
		}
	}
}

// What alerts.yaml says at its head makes links of the paths.
func TestRunbookAsALink(t *testing.T) {
	text := string(read(t, "prometheus/alerts.yaml"))
	_, rest, _ := strings.Cut(text, "sed '")
	script, _, there := strings.Cut(rest, "' alerts.yaml\n")
	if !there {
		t.Fatal("alerts.yaml has no sed at its head")
	}
	sed := exec.Command("sed", script)
	sed.Stdin = strings.NewReader(text)
	output, err := sed.Output()
	links := strings.Count(string(output), "\n          runbook_url: https://git.example.com/genesys-producer/blob/main/deploy/RUNBOOK.md#")
	if alerts := readAlerts(t); err != nil || links != len(alerts) || slices.Contains(strings.Fields(string(output)), "runbook:") {
		t.Errorf("%d links of %d alerts: %v", links, len(alerts), err)
	}
}

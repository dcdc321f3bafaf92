package observability

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"genesys-producer/genesys/genesystest"
	"genesys-producer/producer/kafkatest"
)

// patience is how long the service may take to have something to show.
const patience = 2 * time.Minute

// serve runs the service where something of all kinds happens: pages are published, a
// request is refused and one fails, and records are dead letters. It returns what
// /metrics says once all has been seen.
func serve(t *testing.T, seen ...string) string {
	t.Helper()
	now := time.Now()
	simulator := genesystest.New(genesystest.Config{Seed: 1, From: now.Add(-6 * time.Hour), To: now, Conversations: 300, RequestsPerMinute: -1})
	simulator.Script(func(r genesystest.Request) *genesystest.Fault {
		switch {
		case r.Page == 1 && r.Attempt == 1 && r.Queue == simulator.Queues()[0]:
			return genesystest.TooManyRequests("1")
		case r.Page == 1 && r.Attempt == 1 && r.Queue == simulator.Queues()[1]:
			return genesystest.Status(http.StatusServiceUnavailable, "service.unavailable", "Oh.")
		}
		return nil
	})
	api := httptest.NewServer(simulator)
	t.Cleanup(api.Close)
	cluster := kafkatest.Start(t)
	address := freeAddress(t)

	path := filepath.Join(t.TempDir(), "genesys-producer")
	build := exec.Command("go", "build", "-buildvcs=false", "-o", path, "./cmd/genesys-producer")
	build.Dir = "../.." // with the versions that the service has, not those of this module
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, output)
	}
	service := exec.Command(path)
	service.Dir = t.TempDir()
	service.Env = []string{
		"HTTP_ADDR=" + address,
		"GENESYS_API_URL=" + api.URL, "GENESYS_LOGIN_URL=" + api.URL,
		"GENESYS_CLIENT_ID=" + genesystest.DefaultClientID, "GENESYS_CLIENT_SECRET=" + genesystest.DefaultClientSecret,
		"GENESYS_QUEUES=" + strings.Join(simulator.Queues(), ","), "GENESYS_REQUESTS_PER_MINUTE=10000",
		"WINDOW_FROM=5h", "KAFKA_BROKERS=" + strings.Join(cluster.Brokers, ","), "KAFKA_MAX_MESSAGE_BYTES=20000",
		"KAFKA_CREATE_TOPICS=true", "KAFKA_REPLICATION_FACTOR=1", "KAFKA_PARTITIONS=3",
	}
	var said bytes.Buffer // read once the process has ended
	service.Stderr = &said
	if err := service.Start(); err != nil {
		t.Fatal(err)
	}
	stop := sync.OnceFunc(func() {
		_ = service.Process.Signal(syscall.SIGKILL)
		_ = service.Wait()
	})
	t.Cleanup(stop)

	text := ""
	for limit := time.Now().Add(patience); time.Now().Before(limit); time.Sleep(100 * time.Millisecond) {
		text = get("http://" + address + "/metrics")
		if !lacks(text, seen) {
			return text
		}
	}
	stop()
	t.Fatalf("/metrics has not shown all of %q for %v. It says:\n%s\nand the log:\n%s", seen, patience, text, said.String())
	return ""
}

// lacks reports whether one of the series is not there, or 0.
func lacks(text string, series []string) bool {
	for _, one := range series {
		found := false
		for line := range strings.Lines(text) {
			if value, ok := strings.CutPrefix(line, one+" "); ok && strings.TrimSpace(value) != "0" {
				found = true
			}
		}
		if !found {
			return true
		}
	}
	return false
}

// get is what a server answers with 200; empty: it does not.
func get(url string) string {
	resp, err := http.Get(url)
	if err != nil {
		return ""
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		return ""
	}
	return string(text)
}

// freeAddress is one that nobody listens at. Another process may take it meanwhile, which
// the service tells.
func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

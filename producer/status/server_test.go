package status

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"
)

// listen serves the board of two queues, and returns its address, and what ends it.
func listen(t *testing.T, pprof bool) (base string, stop func()) {
	t.Helper()
	var log strings.Builder
	b := NewBoard(Config{Queues: []string{"a", "b"}})
	stop, err := Listen("127.0.0.1:0", b.Handler(pprof), slog.New(slog.NewJSONHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	var line struct{ Msg, Address string }
	if err := json.Unmarshal([]byte(log.String()), &line); err != nil || line.Msg != "http: listening" {
		t.Fatalf("the log says %q: %v", log.String(), err)
	}
	return "http://" + line.Address, stop
}

func answer(t *testing.T, method, url string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(body)
}

func TestWhatIsAnswered(t *testing.T) {
	for _, pprof := range []bool{false, true} {
		base, _ := listen(t, pprof)
		profiles := http.StatusNotFound
		if pprof {
			profiles = http.StatusOK
		}
		for _, row := range []struct {
			method, path string
			status       int
			kind         string // of the content
		}{
			{"GET", "/", 200, "text/html; charset=utf-8"},
			{"GET", "/status.json", 200, "application/json"},
			{"GET", "/metrics", 200, "text/plain"},
			{"GET", "/livez", 200, "text/plain"},
			{"GET", "/readyz", 503, "application/json"},
			{"HEAD", "/", 200, "text/html"},
			{"HEAD", "/status.json", 200, "application/json"},
			{"HEAD", "/livez", 200, "text/plain"},
			{"POST", "/", 405, ""},
			{"POST", "/metrics", 405, ""},
			{"PUT", "/status.json", 405, ""},
			{"DELETE", "/readyz", 405, ""},
			{"GET", "/elsewhere", 404, ""},
			{"GET", "/index.html", 404, ""},
			{"GET", "/status.json/", 404, ""},
			{"GET", "/debug/pprof/", profiles, ""},
			{"GET", "/debug/pprof/goroutine?debug=2", profiles, ""},
			{"GET", "/debug/pprof/cmdline", profiles, ""},
			{"GET", "/debug/vars", 404, ""},
		} {
			resp, body := answer(t, row.method, base+row.path)
			if resp.StatusCode != row.status || !strings.HasPrefix(resp.Header.Get("Content-Type"), row.kind) {
				t.Errorf("pprof %v: %s %s: status %d, %s, want %d, %s", pprof, row.method, row.path, resp.StatusCode, resp.Header.Get("Content-Type"), row.status, row.kind)
			}
			if row.method == "HEAD" && body != "" {
				t.Errorf("HEAD %s has a body", row.path)
			}
			for _, name := range []string{"Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy", "X-Frame-Options"} {
				if resp.Header.Get(name) == "" {
					t.Errorf("%s %s: no %s", row.method, row.path, name)
				}
			}
			if resp.Header.Get("Cache-Control") != "no-store" {
				t.Errorf("%s %s may be cached", row.method, row.path)
			}
		}
	}
}

func TestStatusIsJSONThatProgramsCanRead(t *testing.T) {
	base, _ := listen(t, false)
	_, body := answer(t, "GET", base+"/status.json")
	var s Status
	if err := json.Unmarshal([]byte(body), &s); err != nil || len(s.Queues) != 2 || s.Phase != Starting {
		t.Errorf("%v: %s", err, body)
	}
	for _, empty := range []string{`"warnings": []`, `"holds": [`} {
		if !strings.Contains(body, empty) {
			t.Errorf("no %s in %s", empty, body)
		}
	}
	if strings.Contains(body, "0001-01-01") {
		t.Errorf("a time that is not known is told: %s", body)
	}
}

func TestAPortThatIsTakenIsRefusedWithAdvice(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	_, err = Listen(taken.Addr().String(), http.NotFoundHandler(), slog.New(slog.DiscardHandler))
	for _, part := range []string{"HTTP_ADDR", taken.Addr().String(), "address already in use", "choose another address, or set HTTP_ADDR= for no listener"} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("error %v, want %q in it", err, part)
		}
	}
}

func TestLargeHeadersAreRefused(t *testing.T) {
	base, _ := listen(t, false)
	conn, err := net.Dial("tcp", strings.TrimPrefix(base, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "GET /livez HTTP/1.1\r\nHost: x\r\nX-Large: %s\r\n\r\n", strings.Repeat("x", 64<<10))
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil || !strings.Contains(line, "431") {
		t.Errorf("answered %q, %v", line, err)
	}
}

// stop ends the listener, and waits no longer than a second for a reader who does not read.
func TestStopEnds(t *testing.T) {
	base, stop := listen(t, false)
	slow, err := net.Dial("tcp", strings.TrimPrefix(base, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer slow.Close()
	fmt.Fprint(slow, "GET /livez HTTP/1.1\r\n") // and no more
	if resp, _ := answer(t, "GET", base+"/livez"); resp.StatusCode != http.StatusOK {
		t.Fatalf("status %d", resp.StatusCode)
	}
	http.DefaultClient.CloseIdleConnections()
	began := time.Now()
	stop()
	if took := time.Since(began); took > goodbye+time.Second {
		t.Errorf("it took %v", took)
	}
	if err := slow.SetReadDeadline(time.Now().Add(2 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := slow.Read(make([]byte, 1)); !errors.Is(err, io.EOF) && !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("the slow reader is left with %v", err)
	}
	if conn, err := net.Dial("tcp", strings.TrimPrefix(base, "http://")); err == nil {
		conn.Close()
		t.Error("it still listens")
	}
}

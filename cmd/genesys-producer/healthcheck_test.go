package main

import (
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// health runs the command with HTTP_ADDR, and nothing else that is right.
func health(t *testing.T, address string) (code int, stdout, stderr string) {
	t.Helper()
	setEnvironment(t, map[string]string{"HTTP_ADDR": address, "GENESYS_CLIENT_SECRET_FILE": "/nowhere", "WINDOW_LENGTH": "7h"})
	var out, errs transcript
	code = command(t.Context(), []string{"healthcheck"}, strings.NewReader(""), &out, &errs)
	return code, out.String(), errs.String()
}

func TestHealthcheck(t *testing.T) {
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1") // between nobody
	status, text, asked := http.StatusOK, "fine\n", ""
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = r.Method + " " + r.URL.Path
		w.WriteHeader(status)
		_, _ = w.Write([]byte(text))
	}))
	defer server.Close()
	_, port, err := net.SplitHostPort(server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	for _, address := range []string{":" + port, "0.0.0.0:" + port, "[::]:" + port, "127.0.0.1:" + port, "localhost:" + port} {
		asked = ""
		if code, stdout, stderr := health(t, address); code != done || stdout+stderr != "" || asked != "GET /livez" {
			t.Errorf("%s: exit code %d, %q, and asked %q", address, code, stdout+stderr, asked)
		}
	}
	status, text = http.StatusServiceUnavailable, "no walk has moved for 20m\nsecret details\n"
	code, _, stderr := health(t, ":"+port)
	if code != failed || !strings.Contains(stderr, "503 Service Unavailable: no walk has moved for 20m\n") || strings.Contains(stderr, "details") {
		t.Errorf("exit code %d, and it says %q", code, stderr)
	}
	server.Close()
	if code, _, stderr := health(t, ":"+port); code != failed || !strings.Contains(stderr, "connection refused: does the service run") {
		t.Errorf("nobody listens: exit code %d, and it says %q", code, stderr)
	}
}

func TestHealthcheckHasNothingToAsk(t *testing.T) {
	if code, stdout, _ := health(t, ""); code != done || !strings.Contains(stdout, "HTTP_ADDR is empty") {
		t.Errorf("exit code %d, %q", code, stdout)
	}
	for address, want := range map[string]string{"8080": "HTTP_ADDR: ", ":0": "its port is any that is free"} {
		if code, _, stderr := health(t, address); code != failed || !strings.Contains(stderr, want) {
			t.Errorf("%s: exit code %d, %q", address, code, stderr)
		}
	}
}

// A service that takes the question and does not answer is not healthy.
func TestHealthcheckGivesUp(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	began := time.Now()
	code, _, stderr := health(t, silent.Addr().String())
	if took := time.Since(began); code != failed || took < healthPatience || took > healthPatience+5*time.Second || !strings.Contains(stderr, "deadline exceeded") {
		t.Errorf("exit code %d after %v, and it says %q", code, took, stderr)
	}
}

// The program as the image's HEALTHCHECK runs it, beside the program as the service.
func TestHealthcheckOfTheService(t *testing.T) {
	beside(t)
	w := newDays(t, oneQueue())
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := "HTTP_ADDR=" + free.Addr().String()
	free.Close()
	reached, goOn := w.pause(3, 1)
	c := w.start(address)
	c.reach(reached)
	launch(t, []string{address}, "healthcheck").mustEnd(done)
	goOn()
	c.mustEnd(done)
	launch(t, []string{address}, "healthcheck").mustEnd(failed, "connection refused")
}

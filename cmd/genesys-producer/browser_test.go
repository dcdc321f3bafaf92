package main

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/png"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// browser is Chromium without a window. Whatever it asks for goes through a proxy of the
// test, which knows one site alone: nothing leaves this machine.
type browser struct {
	*testing.T
	program string
	proxy   *httptest.Server
	site    string

	mu    sync.Mutex
	asked []string // paths of the site
	away  []string // what else was asked for
}

// closedPort is where the browser is told that its maker is.
const closedPort = "127.0.0.1:9"

// newBrowser makes one that reaches a site, host:port.
func newBrowser(t *testing.T, site string) *browser {
	t.Helper()
	program, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("chromium is not installed: the page is not seen in a browser")
	}
	b := &browser{T: t, program: program, site: site}
	b.proxy = httptest.NewServer(b)
	t.Cleanup(b.proxy.Close)
	return b
}

// ServeHTTP is the proxy.
func (b *browser) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	known := r.Method != http.MethodConnect && r.URL.Host == b.site
	switch host := r.URL.Hostname(); {
	case known:
		b.asked = append(b.asked, r.URL.RequestURI())
	case r.URL.Host == closedPort || strings.HasSuffix(host, ".google.com") || strings.HasSuffix(host, ".googleapis.com"):
		// The browser's own: it asks for updates, the time, and its user's accounts.
	default:
		b.away = append(b.away, r.Method+" "+r.URL.String())
	}
	b.mu.Unlock()
	if !known {
		http.Error(w, "not this site", http.StatusBadGateway)
		return
	}
	(&httputil.ReverseProxy{Rewrite: func(*httputil.ProxyRequest) {}}).ServeHTTP(w, r)
}

// open opens a page of the site with more options, and returns what the browser printed.
// A message of its console fails the test.
func (b *browser) open(path string, options ...string) []byte {
	b.Helper()
	home := b.TempDir()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, b.program, slices.Concat([]string{
		"--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
		"--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--disable-extensions", "--hide-scrollbars",
		"--enable-logging=stderr", "--user-data-dir=" + filepath.Join(home, "profile"),
		"--gaia-url=http://" + closedPort, "--component-updater=url-source=http://" + closedPort + "/", "--disable-features=NetworkTimeServiceQuerying",
		"--proxy-server=" + b.proxy.Listener.Addr().String(), "--proxy-bypass-list=<-loopback>",
	}, options, []string{"http://" + b.site + path})...)
	var stdout, stderr bytes.Buffer
	c.Env, c.Dir, c.Stdout, c.Stderr = []string{"HOME=" + home, "PATH=" + os.Getenv("PATH")}, home, &stdout, &stderr
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // it has children, and they end with it
	c.Cancel = func() error { return syscall.Kill(-c.Process.Pid, syscall.SIGKILL) }
	c.WaitDelay = 5 * time.Second
	if err := c.Run(); err != nil {
		b.Fatalf("chromium: %v\n%s", err, stderr.String())
	}
	for line := range strings.Lines(stderr.String()) {
		if strings.Contains(line, "CONSOLE") {
			b.Errorf("the browser's console: %s", line)
		}
	}
	return stdout.Bytes()
}

// picture is what it shows of a page in a window of this size.
func (b *browser) picture(path string, width, height int, dark bool) image.Image {
	b.Helper()
	file, scheme := filepath.Join(b.TempDir(), "page.png"), 1
	if dark {
		scheme = 0
	}
	b.open(path, "--screenshot="+file, fmt.Sprintf("--window-size=%d,%d", width, height), fmt.Sprintf("--blink-settings=preferredColorScheme=%d", scheme))
	f, err := os.Open(file)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	picture, err := png.Decode(f)
	if err != nil {
		b.Fatal(err)
	}
	return picture
}

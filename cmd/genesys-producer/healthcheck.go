package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// healthPatience is how long /livez may take.
const healthPatience = 3 * time.Second

// healthcheck asks the service that runs in the same container whether it lives, for
// HEALTHCHECK of the image. It reads HTTP_ADDR alone: whether the rest of the configuration
// is right is for the service to say. What is wrong is told with exit code 1, because
// Docker has reserved 2.
func healthcheck(ctx context.Context, stdout, stderr io.Writer) int {
	address, err := loadHTTPAddr()
	if err == nil && address == "" {
		fmt.Fprintln(stdout, "HTTP_ADDR is empty: the service does not listen, and there is nothing to ask")
		return done
	}
	if err == nil {
		err = askLivez(ctx, address)
	}
	if err != nil {
		fmt.Fprintln(stderr, "healthcheck:", err)
		return failed
	}
	return done
}

// askLivez asks the service that listens at an address.
func askLivez(ctx context.Context, address string) error {
	host, port, err := net.SplitHostPort(address)
	switch {
	case err != nil:
		return fmt.Errorf("HTTP_ADDR: %w", err)
	case strings.Trim(port, "0") == "":
		return fmt.Errorf("HTTP_ADDR is %s: its port is any that is free, which nobody can ask; name one, such as :8080", quote(address))
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1" // it listens there, too
	}
	ctx, cancel := context.WithTimeout(ctx, healthPatience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort(host, port)+"/livez", nil)
	if err != nil {
		return err
	}
	client := http.Client{Transport: &http.Transport{Proxy: nil, DisableKeepAlives: true}} // nobody is between
	response, err := client.Do(request)
	if err != nil {
		return fmt.Errorf("%w: does the service run, with this HTTP_ADDR?", err)
	}
	defer response.Body.Close()
	if response.StatusCode == http.StatusOK {
		return nil
	}
	line, _ := bufio.NewReader(io.LimitReader(response.Body, 1000)).ReadString('\n') // as much as there is
	return fmt.Errorf("%s answers %s: %s", request.URL, response.Status, strings.TrimSpace(line))
}

package main

import (
	"fmt"
	"net"
	"strconv"
	"strings"
)

// parseHTTPAddr takes where to listen. Port 0 is one that is free, which the log tells.
func parseHTTPAddr(text string) (string, error) {
	host, port, err := net.SplitHostPort(text)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil || strings.ContainsAny(host, "/@ \t") {
		return "", fmt.Errorf("%s is not host:port; write :8080, or 127.0.0.1:8080 for this machine alone", quote(text))
	}
	return text, nil
}

package genesystest

import (
	"net"
	"net/http"
	"time"
)

// Truncated promises the whole length, sends n bytes of the body, and closes
// the connection. A negative n counts from the end of the body.
func Truncated(n int) *Fault {
	return &Fault{name: "truncated", send: func(x *exchange, status int, body []byte) {
		x.begin(status, len(body))
		x.write(body[:cut(n, len(body))])
		// Returning short of the promised length makes the server close.
	}}
}

// CutJSON sends n bytes of the body in an answer that is complete as far as
// HTTP can tell. A negative n counts from the end of the body.
func CutJSON(n int) *Fault {
	return &Fault{name: "cut JSON", send: func(x *exchange, status int, body []byte) {
		part := body[:cut(n, len(body))]
		x.begin(status, len(part))
		x.write(part)
	}}
}

func cut(n, length int) int {
	if n < 0 {
		n += length
	}
	return max(0, min(n, length))
}

// Reset drops the connection without an answer; over TCP with a reset.
func Reset() *Fault {
	return &Fault{name: "reset", answer: func(x *exchange) {
		x.journal.close(x.place, x.seen)
		conn, _, err := http.NewResponseController(x.w).Hijack()
		if err != nil {
			panic(http.ErrAbortHandler) // the documented way to drop a connection
		}
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0) // a reset instead of an orderly end
		}
		_ = conn.Close()
	}}
}

// Stall sends the head and half of the body, waits for d or until the client
// goes away, and then sends the rest.
func Stall(d time.Duration) *Fault {
	return &Fault{name: "stall", send: func(x *exchange, status int, body []byte) {
		x.begin(status, len(body))
		x.write(body[:len(body)/2])
		_ = http.NewResponseController(x.w).Flush() // without it the stall is before the head
		if x.wait(d) {
			x.write(body[len(body)/2:])
		}
	}}
}

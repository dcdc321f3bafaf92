package broker

import (
	"encoding/binary"
	"net"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"
)

const (
	longestAnswer = 10 * time.Second              // the first, which takes no thinking
	longestLogin  = tokenTimeout + 10*time.Second // the token and the answers
)

// conn is a connection that says why its login failed. Once that is over it is the
// connection alone. Reading and writing may run beside each other.
//
// With SASL a login is over when the client asks for something else. Without, the answer
// to that belongs to it: a listener that wants a login ends the connection there. What
// ends after longestLogin ends for other reasons: a broker that throws a client out does
// it at once.
type conn struct {
	net.Conn
	listener *listener
	opened   time.Time

	asked    atomic.Bool // something was written since the last answer
	answered atomic.Bool // something was read after something was written
	used     atomic.Bool // the client has asked for something that is not of the login
	over     atomic.Bool // the login
}

func newConn(under net.Conn, l *listener) *conn {
	return &conn{Conn: under, listener: l, opened: time.Now()}
}

func (c *conn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if n > 0 && c.asked.Swap(false) {
		if !c.answered.Swap(true) && !c.listener.security.TLS && isAlert(b[:n]) {
			return 0, c.listener.answersTLS()
		}
		if c.used.Load() {
			c.over.Store(true)
		}
	}
	if err != nil {
		err = c.explain(err)
	}
	return n, err
}

func (c *conn) Write(b []byte) (int, error) {
	if !c.asked.Swap(true) && !isOfLogin(b) {
		c.used.Store(true)
		if c.listener.security.Mechanism != "" {
			c.over.Store(true)
		}
	}
	n, err := c.Conn.Write(b)
	if err != nil {
		err = c.explain(err)
	}
	return n, err
}

// SetDeadline keeps a login within its time. kafka-go lifts its deadline before SASL,
// where a broker that goes silent would hold the connection and a goroutine for good, and
// lets one that never answers use up the time for the others. It sets a deadline for each
// request of use, and franz-go does by other methods.
func (c *conn) SetDeadline(t time.Time) error {
	answer, login := c.opened.Add(longestAnswer), c.opened.Add(longestLogin)
	switch {
	case !c.answered.Load() && t.After(answer):
		t = answer
	case t.IsZero() && !c.over.Load():
		t = login
	}
	return c.Conn.SetDeadline(t)
}

func (c *conn) explain(err error) error {
	if code, ok := alertOf(err); ok {
		return c.listener.refused(err, code) // with TLS 1.3 it comes after the handshake
	}
	if !isEnd(err) || c.over.Load() || time.Since(c.opened) > longestLogin {
		return err
	}
	return c.listener.ended(err, c.answered.Load())
}

// isOfLogin reports whether a request, which begins with its size and key, is one that
// logs in. (Brokers before Kafka 1.0 got SASL without a key: theirs is told as it is.)
func isOfLogin(request []byte) bool {
	if len(request) < 6 {
		return false
	}
	switch kmsg.Key(binary.BigEndian.Uint16(request[4:])) {
	case kmsg.ApiVersions, kmsg.SASLHandshake, kmsg.SASLAuthenticate:
		return true
	}
	return false
}

// isAlert reports whether an answer is one of TLS: as the size of an answer of Kafka
// it would be 350 megabytes.
func isAlert(b []byte) bool { return b[0] == 0x15 && (len(b) == 1 || b[1] == 0x03) }

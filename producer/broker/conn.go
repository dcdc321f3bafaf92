package broker

import (
	"net"
	"sync/atomic"
	"time"
)

// A login is over after so many answers, of which two are those to the exchange of
// versions, which may take two. A broker that throws a client out does it at once, so
// that what ends later ends for other reasons.
const (
	answersOfSASL  = 5 // handshake, and up to two of the mechanism
	answersWithout = 3 // the first request of use
	longestLogin   = 10 * time.Second
)

// conn is a connection that says why its login failed. Once that is over it is the
// connection alone. Reading and writing may run beside each other.
type conn struct {
	net.Conn
	listener *listener
	opened   time.Time

	asked   atomic.Bool  // something was written since the last answer
	answers atomic.Int32 // how often something was read after something was written
}

func newConn(under net.Conn, l *listener) *conn {
	return &conn{Conn: under, listener: l, opened: time.Now()}
}

func (c *conn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if n > 0 && c.asked.Swap(false) && c.answers.Add(1) == 1 && !c.listener.security.TLS && isAlert(b[:n]) {
		return 0, c.listener.answersTLS()
	}
	if err != nil {
		err = c.explain(err)
	}
	return n, err
}

func (c *conn) Write(b []byte) (int, error) {
	c.asked.Store(true)
	n, err := c.Conn.Write(b)
	if err != nil {
		err = c.explain(err)
	}
	return n, err
}

func (c *conn) explain(err error) error {
	if code, ok := alertOf(err); ok {
		return c.listener.refused(err, code) // with TLS 1.3 it comes after the handshake
	}
	limit := int32(answersWithout)
	if c.listener.security.Mechanism != "" {
		limit = answersOfSASL
	}
	answers := c.answers.Load()
	if !isEnd(err) || answers >= limit || time.Since(c.opened) > longestLogin {
		return err
	}
	return c.listener.ended(err, answers > 0)
}

// isAlert reports whether an answer is one of TLS: as the size of an answer of Kafka
// it would be 350 megabytes.
func isAlert(b []byte) bool { return b[0] == 0x15 && (len(b) == 1 || b[1] == 0x03) }

package broker_test

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"

	"genesys-producer/producer/broker"
)

// silent is a listener that accepts and says nothing.
func silent(t *testing.T) broker.Dial {
	return func(context.Context, string, string) (net.Conn, error) {
		client, server := net.Pipe()
		t.Cleanup(func() { server.Close() })
		go io.Copy(io.Discard, server)
		return client, nil
	}
}

// A handshake that does not come to an end is given up. A caller that goes away is told
// nothing but that.
func TestGivesUpAHandshake(t *testing.T) {
	s := over(newAuthority(t, "CA"), broker.Security{})
	for _, test := range []struct {
		name  string
		bound func(context.Context) (context.Context, context.CancelFunc)
		after time.Duration
	}{
		{"by itself", context.WithCancel, 10 * time.Second},
		{"at the caller's deadline", func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, 5*time.Second)
		}, 5 * time.Second},
		{"with the caller", func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			time.AfterFunc(time.Second, cancel)
			return ctx, cancel
		}, time.Second},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, err := broker.NewAccess(s, silent(t))
				if err != nil {
					t.Fatal(err)
				}
				ctx, cancel := test.bound(t.Context())
				defer cancel()
				began := time.Now()
				_, err = a.Dial(ctx, "tcp", "broker:9093")
				if took := time.Since(began); took != test.after {
					t.Errorf("it took %v, want %v", took, test.after)
				}
				if ctx.Err() == context.Canceled {
					if !isBare(err, context.Canceled) {
						t.Errorf("%v (%T), want a bare %v", err, err, context.Canceled)
					}
					return
				}
				wantAccessError(t, err, "broker:9093", "did not finish the TLS handshake in time", "plain-text listener")
			})
		})
	}
}

// An address that does not answer is given up, to leave time for the next.
func TestGivesUpADial(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, err := broker.NewAccess(broker.Security{}, func(ctx context.Context, _, _ string) (net.Conn, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		})
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		if _, err := a.Dial(t.Context(), "tcp", "broker:9092"); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != 10*time.Second {
			t.Errorf("%v after %v, want to give up after 10s", err, time.Since(began))
		}
	})
}

// dial gives a connection that is there as one to a listener.
func dial(t *testing.T, s broker.Security, client net.Conn) net.Conn {
	t.Helper()
	a, err := broker.NewAccess(s, func(context.Context, string, string) (net.Conn, error) { return client, nil })
	if err != nil {
		t.Fatal(err)
	}
	c, err := a.Dial(t.Context(), "tcp", "broker:9092")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// An idle connection that a broker closes is no failed login.
func TestIdleConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := net.Pipe()
		c := dial(t, broker.Security{}, client)
		defer c.Close()
		go func() { hear(server, 1); time.Sleep(10 * time.Minute); server.Close() }()
		if err := talk(&waiting{c}, kmsg.ApiVersions); !isBare(err, io.EOF) {
			t.Errorf("%v, want a bare %v", err, io.EOF)
		}
	})
}

// waiting is a connection whose user reads and writes at the same time.
type waiting struct{ net.Conn }

func (w *waiting) Write(b []byte) (int, error) {
	go w.Conn.Write(b)
	synctest.Wait()
	return len(b), nil
}

// What is read comes through as it is. An answer in many pieces is one answer.
func TestPassesOnWhatIsRead(t *testing.T) {
	const words = "\x00\x00\x00\x05hello" // the size of an answer, and a short one
	address := serve(t, func(c *net.TCPConn) {
		hear(c, 0)
		io.Copy(c, strings.NewReader(words))
	})
	c, err := access(t, broker.Security{}).Dial(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.Write(request(kmsg.ApiVersions))
	b := make([]byte, len(words))
	for i := range b {
		if _, err := c.Read(b[i : i+1]); err != nil {
			t.Fatal(err)
		}
	}
	if string(b) != words {
		t.Errorf("%q, want %q", b, words)
	}
	_, err = c.Read(b)
	wantAccessError(t, err, address, "at the first request")
}

// A listener that goes silent in the login is given up, whatever deadline its client has
// set or lifted. After the login that is the client's affair.
func TestGivesUpASilentLogin(t *testing.T) {
	const never, closed = 0, time.Hour
	plain, login := broker.Security{}, broker.Security{Mechanism: "plain", Username: "app", Password: "right"}
	for _, test := range []struct {
		name     string
		security broker.Security
		answers  int           // to the requests of the login, and then those of use
		deadline time.Duration // for the one that gets none
		after    time.Duration
	}{
		{"no answer", plain, 0, time.Minute, 10 * time.Second},
		{"no answer, soon", plain, 0, time.Second, time.Second},
		{"no answer, with SASL", login, 0, time.Minute, 10 * time.Second},
		{"no answer to the handshake", login, 1, never, 20 * time.Second},
		{"no answer to the password", login, 2, never, 20 * time.Second},
		{"the first request, without SASL", plain, 1, time.Minute, time.Minute},
		{"the first request, with SASL", login, 3, time.Minute, time.Minute},
		{"the second request", login, 4, never, closed},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client, server := net.Pipe()
				go hear(server, test.answers)
				time.AfterFunc(closed, func() { server.Close() })
				c := dial(t, test.security, client)
				defer c.Close()
				keys := []kmsg.Key{kmsg.ApiVersions, kmsg.Metadata}
				if test.security.Mechanism != "" {
					keys = []kmsg.Key{kmsg.ApiVersions, kmsg.SASLHandshake, kmsg.SASLAuthenticate, kmsg.Metadata, kmsg.Metadata}
				}
				began := time.Now()
				var err error
				for i, key := range keys[:test.answers+1] {
					c.SetDeadline(time.Time{})
					if i == test.answers && test.deadline != never {
						c.SetDeadline(began.Add(test.deadline))
					}
					c.Write(request(key))
					_, err = c.Read(make([]byte, 1))
				}
				if took := time.Since(began); took != test.after || took != closed && !errors.Is(err, os.ErrDeadlineExceeded) {
					t.Errorf("%v after %v, want to give up after %v", err, took, test.after)
				}
			})
		})
	}
}

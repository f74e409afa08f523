package cli

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"syscall"

	"aws-secrets-manager-connector/internal/fake"
)

// listenAndServe serves h at the address of --listen.
func listenAndServe(ctx context.Context, listen string, h http.Handler) (*fake.Server, error) {
	server, err := fake.Serve(ctx, listen, h)
	if errors.Is(err, syscall.EADDRINUSE) {
		err = fmt.Errorf("%w; --listen takes another, such as 127.0.0.1:0 for any free port", err)
	}
	return server, err
}

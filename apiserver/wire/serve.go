package wire

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"time"
)

// closeWithin is how long requests under way may take to end when the server
// stops. Watches end at once.
const closeWithin = 2 * time.Second

// Serve answers requests on a listener until the context ends, which is not an
// error. With a nil config it speaks plain HTTP.
func Serve(ctx context.Context, listener net.Listener, handler http.Handler, config *tls.Config) error {
	listener = gatheringListener{listener}
	base := ctx
	if config != nil {
		base = withClientCAs(ctx, config.ClientCAs)
	}
	server := &http.Server{
		Handler: handler,
		// Watches end when ctx does.
		BaseContext:       func(net.Listener) context.Context { return base },
		ReadHeaderTimeout: 32 * time.Second,
		IdleTimeout:       90 * time.Second,
		TLSConfig:         config,
		// Clients that do not trust the CA are no news.
		ErrorLog: log.New(io.Discard, "", 0),
	}
	stopped := make(chan struct{})
	unhook := context.AfterFunc(ctx, func() {
		defer close(stopped)
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeWithin)
		defer cancel()
		if server.Shutdown(grace) != nil {
			server.Close()
		}
	})
	serve := server.Serve
	if config != nil {
		serve = func(l net.Listener) error { return server.ServeTLS(l, "", "") } // with HTTP/2
	}
	err := serve(listener)
	if !unhook() {
		<-stopped
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return fmt.Errorf("serving the API on %s: %w", listener.Addr(), err)
}

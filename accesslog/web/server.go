package web

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// The bounds of what a client may take. Bodies are bounded by their route, the time of a request by the guard.
const (
	headerTime = 10 * time.Second
	readTime   = 30 * time.Second // until a body is there
	idleTime   = 60 * time.Second // of a connection that nothing is asked on
	mostHeader = 16 << 10         // bytes
	mostOpen   = 512              // connections
	mostOfHost = 64               // of them from one address
	mostAtOnce = 64               // requests on one HTTP/2 connection
	stopTime   = 10 * time.Second // in which a stop lets requests end
)

// Server is a server of the site, over TLS; nil, in tests alone, is for plain HTTP. Whoever serves with it wraps its
// listener in [Bounded].
func (s *Site) Server(config *tls.Config) *http.Server {
	return &http.Server{
		Handler:           s.Handler(),
		TLSConfig:         config,
		ReadHeaderTimeout: headerTime,
		ReadTimeout:       readTime,
		IdleTimeout:       idleTime,
		MaxHeaderBytes:    mostHeader,
		HTTP2:             &http.HTTP2Config{MaxConcurrentStreams: mostAtOnce, SendPingTimeout: idleTime},
		ErrorLog:          slog.NewLogLogger(s.o.Log.Handler(), slog.LevelDebug), // of handshakes and clients that go away
	}
}

// Serve answers on a listener until ctx ends. Then it ends viewings with their entries, lets requests end, and returns.
func (s *Site) Serve(ctx context.Context, l net.Listener, config *tls.Config) error {
	server := s.Server(config)
	l = Bounded(l, mostOpen, mostOfHost)
	failed := make(chan error, 1)
	go func() {
		if config == nil {
			failed <- server.Serve(l)
		} else {
			failed <- server.ServeTLS(l, "", "")
		}
	}()
	select {
	case err := <-failed:
		return errors.Join(err, s.Stop(context.WithoutCancel(ctx)))
	case <-ctx.Done():
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
	defer cancel()
	err := errors.Join(s.Stop(last), server.Shutdown(last))
	if gone := <-failed; !errors.Is(gone, http.ErrServerClosed) {
		err = errors.Join(err, gone)
	}
	return errors.Join(err, server.Close())
}

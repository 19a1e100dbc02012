package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"varuh/accesslog/web"
	"varuh/accesslog/web/certificate"
	"varuh/configs"
	"varuh/recorder/durable"
)

// The bounds of the page that sends browsers on to HTTPS: it is one small answer.
const (
	plainOpen   = 128 // connections
	plainOfHost = 8   // of them from one address
	plainTime   = 10 * time.Second
	plainHeader = 8 << 10 // bytes
)

// certificateDir is where the appliance's authority and certificate are.
func certificateDir(state string) string { return filepath.Join(state, "certificate") }

// serve serves the pages until ctx ends. What keeps it from doing so is logged and shown; recording goes on.
func (e *entrance) serve(ctx context.Context, o web.Options) {
	cfg := e.d.site.cfg
	keeper, err := e.openKeeper(cfg)
	if err != nil {
		e.wrong(partPages, "there are no pages, for there is no certificate", err)
		return
	}
	o.Own = keeper
	site, err := web.New(o)
	if err != nil {
		e.wrong(partPages, "there are no pages", err)
		return
	}
	var parts sync.WaitGroup
	defer parts.Wait()
	parts.Go(func() { keeper.Run(ctx) })
	if cfg.HTTP != configs.PagesOff {
		parts.Go(func() { e.servePlain(ctx, cfg.HTTP, keeper.Plain(portOf(cfg.HTTPS))) })
	}
	l := e.listen(ctx, partPages, cfg.HTTPS)
	if l == nil {
		return
	}
	e.d.Log.Info("pages are served", "at", l.Addr().String())
	e.serving(keeper, cfg.HTTPS)
	if err := site.Serve(ctx, l, keeper.TLS()); err != nil {
		e.wrong(partPages, "pages are not served any more, or not all of their viewings were closed with an entry; restart varuh if it runs", err)
	}
}

// serving notes where the pages are, for people who compare the fingerprint.
func (e *entrance) serving(keeper *certificate.Keeper, address string) {
	name := keeper.Names().DNS[0]
	if at, err := netip.ParseAddrPort(address); err == nil && at.Addr().IsLoopback() {
		name = "localhost"
	}
	text := "https://" + net.JoinHostPort(name, strconv.Itoa(portOf(address)))
	if root := keeper.Root(); root != nil {
		sum := certificate.Fingerprint(root)
		half := (len(sum) + 1) / 2 // in two rows, each of which fits into a line
		text += ", signed by an authority of the appliance whose fingerprint is " + sum[:half] + " " + sum[half:]
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.served = text
}

// openKeeper makes what keeps the certificate.
func (e *entrance) openKeeper(cfg *configs.Config) (*certificate.Keeper, error) {
	dir := certificateDir(cfg.State)
	if err := durable.MkdirAll(durable.OS, dir, 0o700); err != nil {
		return nil, err
	}
	o := certificate.Options{Dir: dir, FS: durable.OS, Now: e.d.Boot.Now, Log: e.d.Log,
		Names: func() (certificate.Names, error) { return certificate.LocalNames(cfg.Certificate.Names) }}
	if c := cfg.Certificate; c.File != "" {
		o.Own = &certificate.Files{Certificate: c.File, Key: c.Key}
	}
	keeper, err := certificate.Open(o)
	if err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.keeper = keeper
	return keeper, nil
}

// listen listens on an address. It tries again until it can, or ctx ends: then it is nil.
func (e *entrance) listen(ctx context.Context, part, address string) net.Listener {
	for {
		l, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
		if err == nil {
			e.right(part)
			return l
		}
		if ctx.Err() != nil {
			return nil
		}
		e.wrong(part, "nothing can be served on "+address+" (a port below 1024 takes a right, see varuh.service; another program may have it)", err)
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(openAgain):
		}
	}
}

// servePlain serves the page that sends browsers on, until ctx ends.
func (e *entrance) servePlain(ctx context.Context, address string, h http.Handler) {
	l := e.listen(ctx, partPlain, address)
	if l == nil {
		return
	}
	srv := &http.Server{Handler: h, ReadHeaderTimeout: plainTime, ReadTimeout: plainTime, WriteTimeout: plainTime, IdleTimeout: plainTime,
		MaxHeaderBytes: plainHeader, ErrorLog: slog.NewLogLogger(e.d.Log.Handler(), slog.LevelDebug)}
	defer context.AfterFunc(ctx, func() {
		if err := srv.Close(); err != nil {
			e.d.Log.Debug("the page that sends browsers on was not closed in order", "err", err)
		}
	})()
	if err := srv.Serve(web.Bounded(l, plainOpen, plainOfHost)); !errors.Is(err, http.ErrServerClosed) {
		e.wrong(partPlain, "browsers are not sent on to HTTPS any more; restart varuh", err)
	}
}

// portOf is the port of an address that was checked.
func portOf(address string) int {
	_, port, err := net.SplitHostPort(address)
	n, bad := strconv.Atoi(port)
	if err != nil || bad != nil {
		return 443
	}
	return n
}

package main

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"
)

type serveCmd struct {
	Verbose bool `help:"Log every segment too."`
}

// Run records until SIGTERM or Ctrl-C. SIGHUP reads the configuration again.
func (c serveCmd) Run(ctx context.Context, cli *cli, term terminal) error {
	hup := make(chan os.Signal, 1)
	signal.Notify(hup, syscall.SIGHUP)
	defer signal.Stop(hup)
	// What is in memory lives long and little is thrown away, so that collecting sooner costs next to
	// nothing and keeps a quarter on top of what is in use instead of as much again.
	debug.SetGCPercent(25)
	cfg, err := loadConfig(cli.dir(), term)
	if err != nil {
		return err
	}
	level := slog.LevelInfo
	if c.Verbose {
		level = slog.LevelDebug
	}
	reload := make(chan struct{})
	go func() {
		for {
			select {
			case <-ctx.Done():
				return
			case <-hup:
			}
			select {
			case <-ctx.Done():
				return
			case reload <- struct{}{}:
			}
		}
	}()
	log := newLog(term, level)
	if list := swaps("/proc", "/sys/fs/cgroup"); len(list) > 0 {
		log.Warn("the kernel may write what is in memory, keys and pictures, onto " + strings.Join(list, ", ") +
			": start varuh by its unit (systemd/varuh.service), which forbids that, or turn swap off")
	}
	d := &Daemon{Log: log, Reload: reload, Ready: func() {
		log.Info("varuh " + version() + " records: " + count(len(cfg.Cameras), "camera is configured", "cameras are configured"))
		if len(cfg.Cameras) == 0 {
			log.Warn("there is no camera yet: put a file into cameras.d, see example.yml.off there; it is noticed at once")
		}
	}}
	err = d.Run(ctx, cfg)
	if err == nil {
		log.Info("stopped; all segments are sealed")
	}
	return err
}

// newLog writes one line per event. systemd stamps the time itself.
func newLog(term terminal, level slog.Level) *slog.Logger {
	return slog.New(slog.NewTextHandler(term.err, &slog.HandlerOptions{Level: level, ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey && len(groups) == 0 && os.Getenv("JOURNAL_STREAM") != "" {
			return slog.Attr{}
		}
		return a
	}}))
}

package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"

	"varuh/configs"
	"varuh/retention"
)

type configCheckCmd struct{}

// Run says what is wrong, or what would be recorded.
func (configCheckCmd) Run(ctx context.Context, cli *cli, term terminal) error {
	cfg, err := loadConfig(cli.dir(), term)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(term.out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "state\t%s\nstore\t%s\n", cfg.State, strings.Join(cfg.Store, ", "))
	fmt.Fprintf(w, "segment\t%v, synced every %v, %v kept free\n", cfg.SegmentDuration, cfg.SyncInterval, cfg.Reserve)
	fmt.Fprintf(w, "unlock\t%s\nmetrics\t%s\n", cfg.Unlock, cfg.Metrics)
	backup, away := describeBackup(cfg)
	fmt.Fprintf(w, "backup\t%s\n", backup)
	for i := range cfg.Cameras {
		c := &cfg.Cameras[i]
		fmt.Fprintf(w, "camera %s\t%s\n", c.ID, describeCamera(c))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	warnings, err := promised(ctx, cli, term, cfg)
	if err != nil {
		warnings = append(warnings, fmt.Sprintf("whether the disks carry what is promised can't be told: %v", err))
	}
	for _, w := range append(warnings, away...) {
		fmt.Fprintln(term.out, "!", w)
	}
	_, err = fmt.Fprintf(term.out, "The configuration is right: %s.\n", count(len(cfg.Cameras), "camera", "cameras"))
	return err
}

// describeCamera is a camera in one line, without credentials.
func describeCamera(c *configs.Camera) string {
	parts := []string{c.Name, c.Location, "main " + c.Main.String()}
	if !c.Sub.IsZero() {
		parts = append(parts, "sub "+c.Sub.String())
	}
	if c.Audio != nil {
		parts = append(parts, "with sound")
	}
	if !c.Record.Always() {
		parts = append(parts, "by schedule")
	}
	parts = append(parts, says(retention.Policy{Limit: c.Limit, Keep: c.Keep}))
	return strings.Join(parts, "; ")
}

// loadConfig loads a configuration and prints its mistakes, one a line.
func loadConfig(dir string, term terminal) (*configs.Config, error) {
	cfg, err := configs.Load(dir)
	var problems configs.Problems
	if errors.As(err, &problems) {
		for _, p := range problems {
			fmt.Fprintln(term.err, p)
		}
		return nil, fmt.Errorf("the configuration has %s", count(len(problems), "mistake", "mistakes"))
	}
	return cfg, err
}

// count is a number with its noun.
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

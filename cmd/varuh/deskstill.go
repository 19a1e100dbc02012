package main

import (
	"context"
	"fmt"
	"io"

	"varuh/configs"
)

// still tells, again and again while an order is carried out, whether it may go on: what it opens is not locked again, and
// whoever logged in for it still may. A log of years takes minutes, and whoever reads it slowly makes that hours. To go on
// counts as a use of the session and of the keys.
func (d *Daemon) still(path string, o *diaryOrder, opens bool) func(context.Context) error {
	return func(ctx context.Context) error {
		if opens && d.site.cfg.Unlock == configs.UnlockLogin {
			if _, err := d.site.diaryIdentity(); err != nil {
				return fmt.Errorf("nothing more is handed out: %w", err)
			}
		}
		if o.session.ID == "" {
			return nil // nobody is there yet, but a name
		}
		r, err := d.office.persons(ctx)
		if err != nil {
			return err
		}
		s, err := r.Session(ctx, o.session.Token.Text())
		if err == nil {
			n, _ := needOf(path, o)
			_, err = s.May(n.action, "", d.office.boot.Now())
		}
		if err != nil {
			return fmt.Errorf("nothing more is handed out: %w", dutiful(err, o.As))
		}
		return nil
	}
}

// may asks whether an order may go on.
func (k desk) may(ctx context.Context) error {
	if k.still == nil {
		return nil
	}
	return k.still(ctx)
}

// guarded writes as long as an order may go on.
type guarded struct {
	ctx  context.Context
	desk desk
	to   io.Writer
}

func (g guarded) Write(p []byte) (int, error) {
	if err := g.desk.may(g.ctx); err != nil {
		return 0, err
	}
	return g.to.Write(p)
}

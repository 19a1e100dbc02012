package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"

	"varuh/accesslog/diary"
	"varuh/configs"
	"varuh/recorder"
	"varuh/recorder/footage"
)

// asking is something that a command asks of the eraser: here, or through the socket of the daemon that holds the site.
type asking[O, A any] struct {
	path    string // on the socket
	op      string // of the entry that it makes, "" for none
	changes bool   // what is to be erased, or how much is held, is another by it
	do      func(e *eraser, ctx context.Context, o O) (A, error)
}

// done has it done and, if it changed what is held or decided, that remembered beside the key slots, before anybody is told.
func (q asking[O, A]) done(ctx context.Context, e *eraser, o O) (A, error) {
	a, err := q.do(e, ctx, o)
	if q.changes {
		e.remembered(ctx) // after an error, too: it may have been done
	}
	return a, err
}

// by has it done for whoever asks, once it is known who that is.
func (q asking[O, A]) by(ctx context.Context, of *office, e *eraser, o O) (a A, err error) {
	camera := ""
	if about, ok := any(o).(interface {
		camera(context.Context, *eraser) (string, error)
	}); ok {
		if camera, err = about.camera(ctx, e); err != nil {
			return a, err
		}
	}
	err = of.foundOut(ctx, q.path, &o, camera, func() (err error) {
		a, err = q.done(ctx, e, o)
		return err
	})
	return a, err
}

// ask has it done.
func (q asking[O, A]) ask(ctx context.Context, cli *cli, term terminal, o O) (a A, err error) {
	return q.on(ctx, cli, term, o, openSite)
}

// askAnyway is ask where no store may be left.
func (q asking[O, A]) askAnyway(ctx context.Context, cli *cli, term terminal, o O) (a A, err error) {
	return q.on(ctx, cli, term, o, openState)
}

// askDaemon has it done where only a running daemon can.
func (q asking[O, A]) askDaemon(ctx context.Context, cli *cli, term terminal, o O) (a A, err error) {
	cfg, err := loadConfig(cli.dir(), term)
	if err != nil {
		return a, err
	}
	err = loggedIn(cli, term, q.path, &o, func() error { return askFor(ctx, cfg.State, q.path, &o, &a) })
	return a, err
}

// askEnclosed is ask, and askDaemon for an order with a file: only a running daemon puts one by.
func (q asking[O, A]) askEnclosed(ctx context.Context, cli *cli, term terminal, o O) (A, error) {
	if with, ok := any(&o).(enclosing); ok && with.encloses().Enclosed {
		return q.askDaemon(ctx, cli, term, o)
	}
	return q.ask(ctx, cli, term, o)
}

func (q asking[O, A]) on(ctx context.Context, cli *cli, term terminal, o O, open func(*configs.Config) (*site, error)) (a A, err error) {
	err = loggedIn(cli, term, q.path, &o, func() error {
		return onSiteBy(ctx, cli, term, open, func(s *site) error {
			return s.withEraser(ctx, term.err, func(of *office, e *eraser) (err error) {
				a, err = q.by(ctx, of, e, o)
				return err
			})
		}, func(state string) error { return askFor(ctx, state, q.path, &o, &a) })
	})
	return a, err
}

// hand serves it on the socket.
func (q asking[O, A]) hand(d *Daemon, mux *http.ServeMux) {
	mux.HandleFunc("POST "+q.path, func(w http.ResponseWriter, r *http.Request) {
		var o O
		if err := received(w, r, &o); err != nil {
			d.refuse(w, http.StatusBadRequest, err)
			return
		}
		a, err := q.by(r.Context(), d.office, d.eraser, o)
		if err != nil {
			d.refuse(w, http.StatusForbidden, err)
			return
		}
		if q.op != "" {
			d.clerk.wrote(q.op)
		}
		if q.changes {
			d.eraser.decided()
		}
		d.answer(w, a)
	})
}

// withEraser lends what knows of holds and terms on a site that no daemon holds, and the office beside it.
func (s *site) withEraser(ctx context.Context, out io.Writer, use func(*office, *eraser) error) error {
	return s.withBooks(ctx, out, func(boot recorder.Boot, index *footage.Index, d *diary.Diary) error {
		log := slog.New(slog.DiscardHandler)
		keeper := openTimekeeper(s.cfg.State, boot, log)
		e := newEraser(s, index, keeper, log)
		e.begin(d)
		e.remembered(ctx) // what the diary lost is told from what is changed now
		if err := e.purging().Recall(ctx, keeper.observe()); err != nil {
			fmt.Fprintln(out, "warning: a hold that is set now may not tell what came too late for it:", err)
		}
		return s.inOffice(ctx, boot, index, d, func(of *office) error {
			e.office = of
			return use(of, e)
		})
	})
}

// withBooks opens index and diary of a site that no daemon holds, for one use.
func (s *site) withBooks(ctx context.Context, out io.Writer, use func(recorder.Boot, *footage.Index, *diary.Diary) error) (err error) {
	boot, err := recorder.ThisBoot()
	if err != nil {
		return err
	}
	index, err := footage.Open(indexFile(s.cfg.State))
	if err != nil {
		return fmt.Errorf("%w (varuh footage rebuild --dir %s)", err, s.cfg.Dir)
	}
	defer func() { err = errors.Join(err, index.Close()) }()
	d, err := s.openDiary(ctx, out)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	return use(boot, index, d)
}

// why is a reason that is entered.
func why(text string) (string, error) {
	text, err := said("--reason", text)
	if err == nil && text == "" {
		err = errors.New("the reason is entered in the diary: give --reason TEXT")
	}
	return text, err
}

// moment reads a time as people write it, by the clock of the site. A day alone is its beginning, or its end.
func moment(what, text string, zone *time.Location, end bool) (time.Time, error) {
	if zone == nil {
		zone = time.UTC
	}
	if day, err := time.ParseInLocation(time.DateOnly, text, zone); err == nil {
		if end {
			day = day.AddDate(0, 0, 1)
		}
		return day, nil
	}
	for _, form := range []string{time.RFC3339, "2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02T15:04:05", "2006-01-02T15:04"} {
		if at, err := time.ParseInLocation(form, text, zone); err == nil {
			return at, nil
		}
	}
	return time.Time{}, fmt.Errorf("%s %q: want a day such as 2026-11-21, or a time such as \"2026-11-21 14:30\", by the clock of the site", what, text)
}

// handRetention serves what the commands about erasing ask.
func (d *Daemon) handRetention(mux *http.ServeMux) {
	askHold.hand(d, mux)
	askConfirmHold.hand(d, mux)
	askClearHold.hand(d, mux)
	askHolds.hand(d, mux)
	askPin.hand(d, mux)
	askRestrict.hand(d, mux)
	askUnrestrict.hand(d, mux)
	askPolicies.hand(d, mux)
	askConfirmPolicy.hand(d, mux)
	askClock.hand(d, mux)
	askLostStore.hand(d, mux)
	askConfirmClock.hand(d, mux)
	askSetBackClock.hand(d, mux)
	askErasures.hand(d, mux)
	askPromises.hand(d, mux)
}

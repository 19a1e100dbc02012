package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"time"

	"varuh/accesslog/diary"
	"varuh/configs"
	"varuh/recorder"
	"varuh/recorder/footage"
)

// consulting is something that a command asks of the office: here, or through the socket of the daemon that holds the
// site. It needs no store.
type consulting[O, A any] struct {
	path string // on the socket
	op   string // of the entry that it makes, "" for none
	do   func(o *office, ctx context.Context, order O) (A, error)
}

// by has it done for whoever asks, once it is known who that is.
func (q consulting[O, A]) by(ctx context.Context, of *office, order O) (a A, err error) {
	err = of.foundOut(ctx, q.path, &order, "", func() (err error) {
		a, err = q.do(of, ctx, order)
		return err
	})
	return a, err
}

// ask has it done.
func (q consulting[O, A]) ask(ctx context.Context, cli *cli, term terminal, order O) (a A, err error) {
	err = loggedIn(cli, term, q.path, &order, func() (err error) {
		a, err = q.carry(ctx, cli, term, order)
		return err
	})
	return a, err
}

// carry takes an order with all that was entered to where it is done.
func (q consulting[O, A]) carry(ctx context.Context, cli *cli, term terminal, order O) (a A, err error) {
	err = onSiteBy(ctx, cli, term, openState, func(s *site) error {
		return s.withOffice(ctx, term.err, func(o *office) (err error) {
			a, err = q.by(ctx, o, order)
			return err
		})
	}, func(state string) error { return askFor(ctx, state, q.path, order, &a) })
	return a, err
}

// maxConsulted bounds what is asked: the longest is a list of employees.
const maxConsulted = 256 << 10

// hand serves it on the socket.
func (q consulting[O, A]) hand(d *Daemon, mux *http.ServeMux) {
	mux.HandleFunc("POST "+q.path, func(w http.ResponseWriter, r *http.Request) {
		var order O
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxConsulted)).Decode(&order); err != nil {
			d.refuse(w, http.StatusBadRequest, err)
			return
		}
		a, err := q.by(r.Context(), d.office, order)
		if err != nil {
			d.refuse(w, http.StatusForbidden, err)
			return
		}
		if q.op != "" {
			d.clerk.wrote(q.op)
		}
		d.answer(w, a)
	})
}

// withOffice lends what knows of persons and notices on a site that no daemon holds.
func (s *site) withOffice(ctx context.Context, out io.Writer, use func(*office) error) error {
	return s.withBooks(ctx, out, func(boot recorder.Boot, index *footage.Index, d *diary.Diary) error {
		return s.inOffice(ctx, boot, index, d, use)
	})
}

// inOffice lends the office for a diary that is open. Without an index it knows the cameras that are configured alone.
func (s *site) inOffice(ctx context.Context, boot recorder.Boot, index *footage.Index, d *diary.Diary, use func(*office) error) error {
	config := func() ([]configs.Camera, *time.Location) { return s.cfg.Cameras, s.cfg.Zone }
	o := newOffice(s, config, index, boot, slog.New(slog.DiscardHandler))
	o.certain = openTimekeeper(s.cfg.State, boot, o.log).certain
	o.begin(d)
	return errors.Join(use(o), o.leave(ctx))
}

// leave enters what happened to log-ins, if there were any.
func (o *office) leave(ctx context.Context) error {
	o.mu.Lock()
	r := o.people
	o.mu.Unlock()
	if r == nil {
		return nil
	}
	_, err := r.Sweep(ctx)
	return err
}

// handOffice serves what the commands about persons and notices ask.
func (d *Daemon) handOffice(mux *http.ServeMux) {
	askNotices.hand(d, mux)
	askAddNotice.hand(d, mux)
	askEndNotice.hand(d, mux)
	askInformed.hand(d, mux)
	askDecided.hand(d, mux)
	askNoticePage.hand(d, mux)
	askPersons.hand(d, mux)
	askFirst.hand(d, mux)
	askLink.hand(d, mux)
	askSecond.hand(d, mux)
	askAddPerson.hand(d, mux)
	askGrant.hand(d, mux)
	askSigned.hand(d, mux)
	askEndGrant.hand(d, mux)
	askRemovePerson.hand(d, mux)
	askResetPassword.hand(d, mux)
	askNewPassword.hand(d, mux)
	askPaper.hand(d, mux)
	askIssueToken.hand(d, mux)
	askTokens.hand(d, mux)
	askEndToken.hand(d, mux)
	askUnlock.hand(d, mux)
	askLock.hand(d, mux)
}

package packing

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/accesslog/disclosure"
	"varuh/accesslog/packing/sealed"
)

// After is how long a package is kept once it left whole, or was handed over, in case the medium turns out to be bad.
const After = 7 * 24 * time.Hour

// settle brings to its end what a start, or a try that failed, left of building: disclosures that came to nothing, and objects
// that nobody knows. Nothing is being built meanwhile.
func (j *Jobs) settle(ctx context.Context) error {
	open, err := j.open(ctx)
	if err != nil {
		return err
	}
	return errors.Join(j.answer(ctx), j.sweep(ctx, open))
}

// tendAll enters the ends of deliveries that are over, has the register know of packages that are built, destroys those whose time
// is over, and sees that what ended is gone.
func (j *Jobs) tendAll(ctx context.Context) error {
	select {
	case j.tending <- struct{}{}:
		defer func() { <-j.tending }()
	case <-ctx.Done():
		return ctx.Err()
	}
	list, err := j.read(ctx, `stage > 0`)
	errs := []error{j.concludeAll(ctx), err}
	for _, p := range list {
		switch {
		case p.Ended == 0:
			errs = append(errs, j.tend(ctx, p))
		case !j.swept[p.ID]:
			errs = append(errs, j.gone(ctx, p))
		}
	}
	return errors.Join(errs...)
}

// answer enters of each disclose that has no package that it came to nothing. It looks through all of the diary, so only once
// a start, and after a try that failed.
func (j *Jobs) answer(ctx context.Context) error {
	if j.answered {
		return nil
	}
	entries, err := j.o.Diary.EntriesOf(ctx, opDisclose, opStage, opFail)
	if err != nil {
		return err
	}
	open := map[int64]bool{}
	for _, e := range entries {
		switch {
		case e.Op == opDisclose:
			open[e.Index] = true
		case e.Ref != nil:
			delete(open, *e.Ref)
		}
	}
	for i := range open {
		_, err := j.o.Diary.AppendKeeping(ctx, diary.Entry{Op: opFail, Ref: &i, Body: proof.Body{Result: "not built",
			Note: "it was cut off before the package was whole: what there was of it is destroyed, and nothing left the appliance"}}, nothing)
		if err != nil {
			return fmt.Errorf("couldn't enter that the disclosure %d came to nothing: %w", i, err)
		}
	}
	j.answered = true
	return nil
}

// nothing is the change of an entry that changes no row.
func nothing(*sql.Tx) error { return nil }

// sweep destroys what lies on the shelf and is no package.
func (j *Jobs) sweep(ctx context.Context, open []Package) error {
	known := map[sealed.Place]bool{}
	for _, p := range open {
		known[p.Place] = p.Stage != 0
	}
	destroyed, left, err := j.o.Shelf.Sweep(ctx, func(p sealed.Place) bool { return known[p] })
	if len(destroyed) > 0 {
		j.o.Log.Info("what was left of packages that were not finished is destroyed", "objects", len(destroyed))
	}
	j.leave(left)
	return err
}

// leave notes what a sweep left alone, each once in the log: nothing waits for it.
func (j *Jobs) leave(left []sealed.Left) {
	j.mu.Lock()
	defer j.mu.Unlock()
	before := j.left
	j.left = map[string]bool{}
	for _, l := range left {
		if j.left[l.Name] = true; !before[l.Name] {
			j.o.Log.Warn("a sealed object is left as it is: nobody can tell whose it is, or it can't be destroyed now", "file", l.Name, "err", l.Err)
		}
	}
}

// Left counts sealed objects that can't be read, that a newer varuh wrote, or that are to be destroyed and can't be now. They stay until
// that is mended, and nothing else waits for it.
func (j *Jobs) Left() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return len(j.left)
}

// tend has the register know of a package, or destroys it once its time is over.
func (j *Jobs) tend(ctx context.Context, p Package) error {
	q, err := j.o.Register.Request(ctx, p.Request)
	if err != nil {
		return err
	}
	p, undated := j.dated(ctx, p, q)
	j.noted(p.ID, p.Due)
	why := over(p, q, j.o.Now())
	if why == Term {
		return j.destroy(ctx, p, q, why) // it may be gone by that already: see destroy
	}
	here, err := j.o.Shelf.Here(p.Place)
	if err != nil && !errors.Is(err, sealed.ErrAway) {
		return err
	}
	if err == nil && !here {
		why = Lost
	}
	if why != "" {
		return j.destroy(ctx, p, q, why)
	}
	if err := j.unrestricted(ctx, p); errors.Is(err, ErrRestricted) {
		j.halt(func(d *delivery) bool { return d.pkg == p.ID })
	} else {
		undated = errors.Join(undated, err)
	}
	if undated != nil || q.State != disclosure.Approved || q.Package == p.Manifest {
		return undated
	}
	if _, err = j.o.Register.Built(ctx, q.ID, disclosure.Packed{Manifest: p.Manifest, Entry: p.Disclose, Delivered: p.Delivered}); err != nil {
		return fmt.Errorf("the package of request %s is there, but it could not be entered: %w", q.ID, err)
	}
	j.changed(q.ID)
	return nil
}

// over says why the time of a package is over; "" if it is not.
func over(p Package, q disclosure.Request, now time.Time) Why {
	handed := q.State == disclosure.HandedOver || q.State == disclosure.Confirmed
	switch {
	case !p.Due.IsZero() && !now.Before(p.Due):
		return Term
	case handed && q.Released, !since(p, q).IsZero() && !now.Before(since(p, q).Add(After)):
		return Delivered
	case handed || q.State == disclosure.Built && q.Package == p.Manifest, q.State == disclosure.Approved && q.Package == "":
		return ""
	}
	return Undone
}

// since is from when on a package is kept for seven days: each time that all of it left they begin anew, but no more once it is entered
// that it was handed over. Else whoever takes it once a week keeps it for ever. Zero: it is not out yet.
func since(p Package, q disclosure.Request) time.Time {
	if q.Package == p.Manifest && !q.Handed.IsZero() && (p.Last.IsZero() || q.Handed.Before(p.Last)) {
		return q.Handed
	}
	return p.Last
}

// Until is when a package is destroyed at the latest; zero where nothing says so yet.
func Until(p Package, q disclosure.Request) time.Time {
	until := p.Due
	if s := since(p, q); !s.IsZero() && (until.IsZero() || s.Add(After).Before(until)) {
		until = s.Add(After)
	}
	return until
}

// destroy enters that a package ends, then destroys its key, then its file. Where the diary takes no entry and the footage
// comes to its term, the key goes all the same, and the entry comes with the next try.
func (j *Jobs) destroy(ctx context.Context, p Package, q disclosure.Request, why Why) error {
	j.halt(func(d *delivery) bool { return d.pkg == p.ID }) // whatever comes of the entry
	r, err := j.o.Diary.AppendKeeping(ctx, diary.Entry{Op: opErase, Ref: &p.Stage, Body: proof.Body{Result: string(why), Bytes: p.Bytes,
		Data: map[string]any{"request": p.Request, "package": p.ID, "sha256": p.Manifest}}}, j.ends(ctx, p, why))
	if err != nil && why != Term {
		return fmt.Errorf("couldn't enter that the package of request %s ends: %w", p.Request, err)
	}
	p.Ended, p.Why = r.Index, why
	if gone := j.o.Shelf.Destroy(ctx, p.Place); gone != nil || err != nil {
		return errors.Join(err, gone)
	}
	j.forget(p.ID)
	j.changed(p.Request)
	return j.expired(ctx, p, q)
}

// gone sees that a package that ended is destroyed, and that the register knows: a crash may have come between.
func (j *Jobs) gone(ctx context.Context, p Package) error {
	gone, err := j.o.Shelf.Gone(p.Place)
	away := errors.Is(err, sealed.ErrAway)
	if err == nil && !gone {
		err = j.o.Shelf.Destroy(ctx, p.Place)
	}
	if err != nil && !away {
		return err
	}
	q, err := j.o.Register.Request(ctx, p.Request)
	if err == nil {
		err = j.expired(ctx, p, q)
	}
	if away {
		delete(j.swept, p.ID) // its store brings it back, and then it goes
	}
	return err
}

// expired has the register know that a package is gone of which nobody got all, so that it can be built again. As long as a delivery
// of it is not over, nobody knows whether somebody will have got all, and it does nothing: tendAll comes back to the package until
// it is in swept.
func (j *Jobs) expired(ctx context.Context, p Package, q disclosure.Request) error {
	if q.State != disclosure.Built || q.Package != p.Manifest {
		j.swept[p.ID] = true
		return nil
	}
	under, err := j.readDeliveries(ctx, `package = ? AND ended = 0`, p.ID)
	if err != nil || len(under) > 0 {
		return err
	}
	taken, err := j.Taken(ctx, p)
	if err != nil || taken {
		j.swept[p.ID] = taken
		return err
	}
	why := map[Why]string{Term: "the first footage in it came to its term, or was erased", Lost: "it was lost with its disk"}[p.Why]
	if why == "" {
		why = string(p.Why)
	}
	if _, err := j.o.Register.Expired(ctx, q.ID, why); err != nil {
		return fmt.Errorf("the package of request %s is destroyed, but it could not be entered that it can be built again: %w", q.ID, err)
	}
	j.swept[p.ID] = true
	j.changed(q.ID)
	return nil
}

package packing

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"varuh/accesslog/diary"
)

// delivery is one that is not over, or whose end is not entered yet. All but what never changes is guarded by Jobs.mu.
type delivery struct {
	id      string // that fetches it
	way     Way
	who     string // person, or link
	pkg     int64
	request string
	link    int64  // 0: by none
	session string // that may fetch it

	entry      int64 // handover
	entered    bool  // that is durable: before, nobody may fetch it
	until      time.Time
	passphrase string
	fetched    bool   // somebody came for it
	out        *Out   // by which it is on its way; nil: it is not
	token      string // with which the program that writes it onto a disk tells how that ended; "": nobody has to
	end        *End   // how it ended; nil: it has not
}

// waits tells whether somebody may fetch it yet.
func (d *delivery) waits(now time.Time) bool {
	return !d.fetched && d.end == nil && now.Before(d.until)
}

// overdue is how a delivery ends that nobody came for, or told of, in its time; nil while that is not over.
func (d *delivery) overdue(now time.Time) *End {
	switch {
	case !d.entered || now.Before(d.until) || d.fetched && d.token == "":
		return nil
	case d.fetched:
		return &End{Unknown, d.out.bytes.Load(), d.out.files.Load()}
	}
	return &End{How: NotFetched}
}

// prepared enters a delivery and keeps it until it is fetched. Room for it is taken before anything is entered, so that no entry tells
// of one that nobody could fetch.
func (j *Jobs) prepared(d *delivery, enter func() (diary.Receipt, error)) (Ready, error) {
	if err := j.admit(d); err != nil {
		return Ready{}, err
	}
	r, err := enter()
	if err != nil {
		j.mu.Lock()
		defer j.mu.Unlock()
		delete(j.pending, d.id) // if it is there in spite of that, unknown ends it
		return Ready{}, err
	}
	if j.waitsFrom(d, j.o.Now()) {
		return Ready{ID: d.id, Entry: r.Index, Passphrase: d.passphrase, Until: d.until}, nil
	}
	j.conclude(context.Background(), d, End{How: NotFetched})
	return Ready{}, ErrOver
}

// waitsFrom has a delivery wait to be fetched from now on; false if it was halted meanwhile.
func (j *Jobs) waitsFrom(d *delivery, now time.Time) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	d.entered, d.until = true, now.Add(fetchWithin)
	return d.end == nil
}

// admit takes one of the places that somebody has for what he does not fetch at once.
func (j *Jobs) admit(d *delivery) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.closed {
		return errClosed
	}
	now, his := j.o.Now(), 0
	for _, other := range j.pending {
		if other.who == d.who && other.waits(now) {
			his++
		}
	}
	if his >= mostPending {
		return fmt.Errorf("%w: try again in %v", ErrMany, fetchWithin)
	}
	d.id, d.until = rand.Text(), now.Add(fetchWithin)
	j.pending[d.id] = d
	return nil
}

// take takes a delivery that waits for a session, once.
func (j *Jobs) take(id, session string) (*delivery, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	d := j.pending[id]
	if d == nil || !d.entered || d.session != session || !d.waits(j.o.Now()) {
		return nil, ErrFetched
	}
	d.fetched = true
	return d, nil
}

// conclude ends a delivery, unless it was halted before, and enters that. Where the diary takes no entry now, that comes later.
func (j *Jobs) conclude(ctx context.Context, d *delivery, e End) {
	j.mu.Lock()
	if d.end == nil {
		d.end = &e
	}
	j.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), enterWithin)
	defer cancel()
	if err := j.enterOne(ctx, d); err != nil {
		j.o.Log.Warn("the end of a delivery is not entered yet; it is tried again", "entry", d.entry, "err", err)
	}
}

// enterOne makes the end of one delivery durable, and forgets it then.
func (j *Jobs) enterOne(ctx context.Context, d *delivery) error {
	j.mu.Lock()
	entry, e := d.entry, *d.end
	j.mu.Unlock()
	if err := j.enterEnd(ctx, entry, d.request, e); err != nil {
		return err
	}
	j.mu.Lock()
	delete(j.pending, d.id)
	j.mu.Unlock()
	j.changed(d.request)
	return nil
}

// halt stops what is on its way out, or waits to be fetched, of some deliveries: no byte more of them leaves.
func (j *Jobs) halt(which func(*delivery) bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, d := range j.pending {
		switch {
		case !which(d):
		case d.out != nil:
			d.out.over.Store(true) // its end comes with Close, or Told where it awaits that
		case d.end == nil:
			d.end = &End{How: NotFetched}
		}
	}
}

// concludeAll enters the ends of deliveries that were halted, whose time is over, or that the diary did not take before.
func (j *Jobs) concludeAll(ctx context.Context) error {
	var errs []error
	for _, d := range j.ended() {
		errs = append(errs, j.enterOne(ctx, d))
	}
	return errors.Join(append(errs, j.unknown(ctx))...)
}

// ended are the deliveries whose end is to be entered.
func (j *Jobs) ended() (list []*delivery) {
	j.mu.Lock()
	defer j.mu.Unlock()
	now := j.o.Now()
	for _, d := range j.pending {
		if d.end == nil {
			d.end = d.overdue(now)
		}
		if d.end != nil && d.entered {
			list = append(list, d)
		}
	}
	return list
}

// unknown ends deliveries that nobody knows: those of an earlier start, of which it is not known what left, and later those of
// which the diary could not tell whether they were entered. Whoever tends calls it.
func (j *Jobs) unknown(ctx context.Context) error {
	list, err := j.readDeliveries(ctx, `ended = 0`)
	if err != nil {
		return err
	}
	result := NotFetched
	if !j.began {
		result = Unknown
	}
	for _, d := range list {
		if j.knows(d.Entry) {
			continue
		}
		p, err := j.one(ctx, d.Package)
		if err == nil {
			err = j.enterEnd(ctx, d.Entry, p.Request, End{How: result})
		}
		if err != nil {
			return err
		}
		j.changed(p.Request)
	}
	j.began = true
	return nil
}

// knows tells whether a delivery is one of this start.
func (j *Jobs) knows(entry int64) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, d := range j.pending {
		if d.entry == entry {
			return true
		}
	}
	return false
}

// Told ends a delivery of which somebody was to tell, under its token, whether it is whole on its disk. The error is [ErrMeanwhile]
// where it is over, and can't be whole any more.
func (j *Jobs) Told(ctx context.Context, token string, whole bool) error {
	d := j.awaited(token)
	switch {
	case d == nil && whole:
		return fmt.Errorf("%w: by the diary the delivery did not come to its end, so take the package out once more", ErrMeanwhile)
	case d == nil:
		return nil // it was cut off without being told
	}
	j.conclude(ctx, d, d.out.end(whole))
	return nil
}

// awaited is the delivery of a token; nil for none.
func (j *Jobs) awaited(token string) *delivery {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, d := range j.pending {
		if token != "" && d.token == token && d.end == nil {
			return d
		}
	}
	return nil
}

package accesslog

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"varuh/accesslog/diary/proof"
	"varuh/accesslog/people"
	"varuh/recorder/segment"
)

// MostAim is how long an aiming picture lasts.
const MostAim = 15 * time.Minute

// AskAim is what an authorised person says who lets a maintainer see where a camera points.
type AskAim struct {
	By        people.Session // the person, who is present
	ByAddress netip.Addr     // that the person asks from; the zero value is the console
	For       people.Session // the maintainer's
	Address   netip.Addr     // that the maintainer asks from, likewise
	Remark    string         // may be missing
	Camera    string
	Stream    string // "main" or "sub"
}

// Aim is an aiming picture. Its methods may be called from many goroutines.
type Aim struct{ w Viewing }

// aim is what a viewing has that is an aiming picture.
type aim struct {
	by             people.Session
	byFrom         netip.Addr
	camera, stream string
	until          time.Time
}

// OpenAim opens an aiming picture: when the error is nil its view.aim is durable. It takes two persons: nobody opens
// one for himself, or he would watch live without notice or purpose. The error then is [people.ErrSelf].
func (d *Door) OpenAim(ctx context.Context, a AskAim) (*Aim, error) {
	if err := checkStream(a.Camera, a.Stream); err != nil {
		return nil, err
	}
	if err := checkRemark(a.Remark); err != nil {
		return nil, err
	}
	if a.By.Person.ID == a.For.Person.ID {
		return nil, people.ErrSelf
	}
	now := d.o.Now()
	v := newViewing(d, Ask{Session: a.For, Remark: a.Remark}, now)
	v.aim = &aim{a.By, a.ByAddress, a.Camera, a.Stream, now.Add(MostAim)}
	w := Viewing{v, a.Address}
	x := wish{camera: a.Camera, stream: a.Stream, span: span{now.Add(-Fresh), v.aim.until}, live: true}
	g, err := w.beginAim(ctx, x)
	if err != nil {
		return nil, d.refuse(ctx, w, x, err)
	}
	if err := d.admit(v); err != nil {
		return nil, err
	}
	if err := w.start(ctx, g); err != nil {
		d.forget(v)
		return nil, err
	}
	return &Aim{w}, nil
}

// beginAim sees whether the picture may be shown, in the order of a viewing's steps.
func (w Viewing) beginAim(ctx context.Context, x wish) (g grant, err error) {
	d := w.v.door
	if err := d.sound(); err != nil {
		return g, err
	}
	g.wish = x
	if g.session, g.by, err = w.who(ctx, x); err != nil {
		return g, err
	}
	if err := d.exists(x); err != nil {
		return g, err
	}
	list, err := w.restricted(ctx, g.session, x)
	if err == nil {
		err = why(x.span, list)
	}
	if err == nil && d.o.Keys.Locked(people.FootageKey) {
		err = ErrLocked
	}
	return g, err
}

// Aim finds an open aiming picture of the maintainer's session. The error is [ErrNoViewing] for all others.
func (d *Door) Aim(id string, s people.Session, from netip.Addr) (*Aim, error) {
	v, err := d.find(id, s)
	if err == nil && v.aim == nil {
		err = ErrNoViewing
	}
	if err != nil {
		return nil, err
	}
	return &Aim{Viewing{v, from}}, nil
}

// who asks both persons anew: the maintainer may see the picture, and whoever opened it may show it.
func (a *aim) who(ctx context.Context, d *Door, s people.Session, want people.Want) (people.Session, people.Authorisation, error) {
	if !want.At.Before(a.until) {
		return s, people.Authorisation{}, ErrEnded
	}
	by, err := d.o.Sessions.Still(ctx, a.by)
	if err != nil {
		return s, people.Authorisation{}, err
	}
	show := want
	show.Action, show.Since, show.Outside = people.OpenAim, time.Time{}, !d.inside(a.byFrom)
	if _, err := by.Find(show); err != nil {
		return s, people.Authorisation{}, err
	}
	want.Action, want.Since = people.Aim, time.Time{}
	found, err := s.Find(want)
	return s, found, err
}

// tell says in the entry who opened it.
func (a *aim) tell(b *proof.Body) {
	b.Data["opened_by"], b.Data["opened_by_name"] = a.by.Person.ID, a.by.Person.Name
}

// ID names the aiming picture. Alone it opens nothing.
func (a *Aim) ID() string { return a.w.v.id }

// Until is when it ends at the latest.
func (a *Aim) Until() time.Time { return a.w.v.aim.until }

// Current gives the newest key frame to use, as [Viewing.KeyFrame] does. The error is [ErrNothing] if there is none
// of the last minute.
func (a *Aim) Current(ctx context.Context, use func(Still) (left bool, err error)) error {
	d, of := a.w.v.door, a.w.v.aim
	s, err := d.o.Index.Last(of.camera, of.stream)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNothing, err)
	}
	list, err := d.o.Keys.k.Entries(s)
	if err != nil {
		return err
	}
	for n := len(list) - 1; n > 0; n-- {
		p := pieceOf(s, n, list[n])
		if d.o.Now().Sub(p.Start) >= Fresh {
			break
		}
		if p.Kind == segment.Video && p.KeyFrame {
			return a.w.KeyFrame(ctx, p, use)
		}
	}
	return fmt.Errorf("%w: %s has recorded no key frame in the last minute", ErrNothing, of.camera)
}

// End ends the aiming picture, with an entry of what was shown.
func (a *Aim) End(ctx context.Context) error { return a.w.v.end(ctx, NotStated, "") }

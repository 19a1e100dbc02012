package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"varuh/accesslog/diary/proof"
	"varuh/accesslog/hold"
	"varuh/accesslog/people"
	"varuh/retention"
)

// span is footage of a camera as a person names it.
type span struct {
	Camera string `help:"Id of the camera; '*' for all cameras." required:"" placeholder:"ID"`
	From   string `help:"Beginning, such as \"2026-11-21 14:30\" by the clock of the site." required:"" placeholder:"TIME"`
	To     string `help:"End, likewise; a day alone is that whole day. It may lie ahead." required:"" placeholder:"TIME"`
}

// ground is why footage is held or restricted, and until when that is looked at again.
type ground struct {
	Basis  string `help:"The request, order or incident that it is for." required:"" placeholder:"TEXT"`
	Case   string `help:"Its number." placeholder:"NUMBER"`
	Note   string `help:"A remark." placeholder:"TEXT"`
	Review string `help:"Day on which it is to be looked at again, within a year." placeholder:"DAY"`
}

// holdOrder asks for a hold or a restriction, or for its end.
type holdOrder struct {
	who
	span
	ground
	ID        string
	Kind      string // of the hold, or the ground of the restriction
	TermBasis string
	Reason    string // for its end
}

// holdsAnswer are the holds and restrictions in force.
type holdsAnswer struct {
	Holds        []hold.Hold        `json:"holds"`
	Restrictions []hold.Restriction `json:"restrictions"`
	Lost         []retention.Hold   `json:"lost"` // that went with what the diary lost, and are remembered for a while; of either kind
	Zone         string             `json:"zone"` // of the site, in which a review is a day
}

var (
	askHold        = asking[holdOrder, hold.Effect]{"/hold/set", "hold.set", true, (*eraser).setHold}
	askConfirmHold = asking[holdOrder, hold.Effect]{"/hold/confirm", "hold.confirm", true, (*eraser).confirmHold}
	askClearHold   = asking[holdOrder, hold.Effect]{"/hold/clear", "hold.clear", true, (*eraser).clearHold}
	askHolds       = asking[struct{}, holdsAnswer]{"/hold/list", "", false, (*eraser).holds}
	askRestrict    = asking[holdOrder, hold.Effect]{"/restrict/set", "restrict.set", true, (*eraser).restrict}
	askUnrestrict  = asking[holdOrder, hold.Effect]{"/restrict/clear", "restrict.clear", true, (*eraser).unrestrict}
)

// kind tells a hold that anybody may set who looks at footage from one that lasts.
func (o holdOrder) kind() string {
	if o.Kind == string(hold.Provisional) {
		return o.Kind
	}
	return ""
}

// camera is the one that must be in the scope of whoever asks.
func (o holdOrder) camera(ctx context.Context, e *eraser) (string, error) {
	if o.ID == "" {
		return o.Camera, nil
	}
	register, _, err := e.books()
	if err != nil {
		return "", err
	}
	holds, err := register.List(ctx)
	for _, h := range holds {
		if h.ID == o.ID {
			return cameraName(h.Camera), err
		}
	}
	restrictions, more := register.ListRestrictions(ctx)
	for _, r := range restrictions {
		if r.ID == o.ID {
			return cameraName(r.Camera), more
		}
	}
	if err = errors.Join(err, more); err == nil {
		err = fmt.Errorf("%w: %s", hold.ErrUnknown, o.ID)
	}
	return "", err
}

// errSetWithID is returned for an order that sets something, and names another: in whose scope it is would be that one's.
var errSetWithID = errors.New("what is set gets its id by that, and the order names one")

// reaching is who sets a hold, by an authorisation that lets him see footage as old as that: a guard holds nothing that he may
// not see.
func (o holdOrder) reaching(by proof.Actor, since, now time.Time) (proof.Actor, error) {
	if o.session.ID == "" {
		return by, nil // nobody is there yet, but a name
	}
	n, _ := needOf("/hold/set", o)
	a, err := o.session.Find(people.Want{Action: n.action, Camera: o.Camera, At: now, Since: since})
	return o.session.As(a), err
}

// everyCamera stands for all of them.
const everyCamera = "*"

// rangeOf is the footage that an order is about. A camera that nobody knows is refused: a hold on it would keep nothing.
func (e *eraser) rangeOf(s span) (r hold.Range, err error) {
	cameras, zone := e.config()
	if s.Camera != everyCamera {
		r.Camera = s.Camera
	}
	if r.From, err = moment("--from", s.From, zone, false); err != nil {
		return r, err
	}
	if r.To, err = moment("--to", s.To, zone, true); err != nil {
		return r, err
	}
	held, err := e.index.Bytes()
	if err != nil || s.Camera == everyCamera {
		return r, err
	}
	known := []string{}
	for _, c := range cameras {
		known = append(known, c.ID)
	}
	for id := range held {
		known = append(known, id)
	}
	if len(known) == 0 {
		return r, errors.New("no camera is configured, and there is no footage of any")
	}
	if !slices.Contains(known, s.Camera) {
		slices.Sort(known)
		return r, fmt.Errorf("there is no camera %q and no footage of one; there are: %s", s.Camera, strings.Join(slices.Compact(known), ", "))
	}
	return r, nil
}

// askedHold is an order as package hold takes it, without its range.
func (e *eraser) askedHold(o holdOrder) (a hold.Asked, err error) {
	a.Kind = hold.Kind(o.Kind)
	if a.By, err = o.known(); err != nil {
		return a, err
	}
	for what, text := range map[string]*string{"--basis": &o.Basis, "--case": &o.Case, "--note": &o.Note, "--passes-term": &o.TermBasis} {
		if *text, err = said(what, *text); err != nil {
			return a, err
		}
	}
	a.Basis, a.Case, a.Remark, a.TermBasis = o.Basis, o.Case, o.Note, o.TermBasis
	_, zone := e.config()
	if o.Review != "" {
		a.Review, err = reviewOf(o.Review, zone)
	}
	return a, err
}

// askedSet is askedHold for what sets something.
func (e *eraser) askedSet(o holdOrder) (hold.Asked, error) {
	if o.ID != "" {
		return hold.Asked{}, errSetWithID
	}
	return e.askedHold(o)
}

// reviewOf is the time of a review: noon of the day, which is the same day in UTC, too.
func reviewOf(text string, zone *time.Location) (time.Time, error) {
	at, err := moment("--review", text, zone, false)
	if _, notDay := time.Parse(time.DateOnly, text); err == nil && notDay == nil {
		at = time.Date(at.Year(), at.Month(), at.Day(), 12, 0, 0, 0, at.Location())
	}
	return at, err
}

func (e *eraser) setHold(ctx context.Context, o holdOrder) (none hold.Effect, err error) {
	register, _, err := e.books()
	if err != nil {
		return none, err
	}
	a, err := e.askedSet(o)
	if err != nil {
		return none, err
	}
	if a.Range, err = e.rangeOf(o.span); err != nil {
		return none, err
	}
	if a.By, err = o.reaching(a.By, a.Range.From, e.time.boot.Now()); err != nil {
		return none, err
	}
	got, err := register.Set(ctx, a)
	e.wasSet(ctx, register, &got, err)
	return got, err
}

// wasSet has entries kept about what is held now, and makes a hold known that keeps so much that recording may suffer.
func (e *eraser) wasSet(ctx context.Context, register *hold.Register, got *hold.Effect, err error) {
	if err != nil {
		return
	}
	e.pin(ctx, register, got)
	if got.Large() {
		e.log.Warn("a hold keeps more than a twentieth of what the stores can take", "hold", got.ID, "bytes", got.Bytes)
	}
}

func (e *eraser) confirmHold(ctx context.Context, o holdOrder) (got hold.Effect, err error) {
	register, _, err := e.books()
	if err != nil {
		return got, err
	}
	a, err := e.askedHold(o)
	if err != nil {
		return got, err
	}
	got.ID = o.ID
	got.Receipt, err = register.Confirm(ctx, o.ID, a)
	return got, err
}

func (e *eraser) clearHold(ctx context.Context, o holdOrder) (got hold.Effect, err error) {
	return e.endHold(o, func(r *hold.Register, a hold.Asked, reason string) (hold.Effect, error) {
		got.ID = o.ID
		got.Receipt, err = r.Clear(ctx, o.ID, a.By, reason)
		return got, err
	})
}

func (e *eraser) unrestrict(ctx context.Context, o holdOrder) (got hold.Effect, err error) {
	return e.endHold(o, func(r *hold.Register, a hold.Asked, reason string) (hold.Effect, error) {
		got.ID = o.ID
		got.Receipt, err = r.Unrestrict(ctx, o.ID, a.By, reason)
		return got, err
	})
}

// endHold ends a hold or a restriction.
func (e *eraser) endHold(o holdOrder, end func(*hold.Register, hold.Asked, string) (hold.Effect, error)) (none hold.Effect, err error) {
	register, _, err := e.books()
	if err != nil {
		return none, err
	}
	by, err := o.known()
	if err != nil {
		return none, err
	}
	reason, err := why(o.Reason)
	if err != nil {
		return none, err
	}
	return end(register, hold.Asked{By: by}, reason)
}

func (e *eraser) restrict(ctx context.Context, o holdOrder) (none hold.Effect, err error) {
	register, _, err := e.books()
	if err != nil {
		return none, err
	}
	a, err := e.askedSet(o)
	if err != nil {
		return none, err
	}
	r := hold.AskedRestriction{Ground: hold.Ground(o.Kind), Basis: a.Basis, Case: a.Case, Remark: a.Remark, Review: a.Review, By: a.By}
	if r.Range, err = e.rangeOf(o.span); err != nil {
		return none, err
	}
	got, err := register.Restrict(ctx, r)
	e.wasSet(ctx, register, &got, err)
	return got, err
}

func (e *eraser) holds(ctx context.Context, _ struct{}) (a holdsAnswer, err error) {
	register, _, err := e.books()
	if err != nil {
		return a, err
	}
	if a.Holds, err = register.List(ctx); err != nil {
		return a, err
	}
	a.Restrictions, err = register.ListRestrictions(ctx)
	a.Lost = e.kept.holds(true)
	if _, zone := e.config(); zone != nil {
		a.Zone = zone.String()
	}
	return a, err
}

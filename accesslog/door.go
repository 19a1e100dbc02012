package accesslog

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/people"
)

// Lease is the most footage that one entry lets out.
const Lease = 5 * time.Minute

// Fresh is how old footage is at least that is not seen live.
const Fresh = time.Minute

// Options say what a door stands between.
type Options struct {
	Diary        Diary
	Keys         *Keys
	Index        Index
	Sessions     Sessions
	Notices      Notices
	Restrictions Restrictions
	Terms        Terms          // nil: that of the law, and nothing keeps footage past it
	Orders       Orders         // nil: nothing goes on by an order
	Requests     Requests       // nil: there are none
	Recording    Recording      // nil: nothing is being written
	Premises     []netip.Prefix // networks on the premises; the machine itself always is
	Idle         time.Duration  // a viewing that nothing was asked of for so long is ended; 0: 10 min
	Now          func() time.Time
}

// The most viewings that are open at once.
const (
	mostViewings = 512
	mostOfOne    = 16 // of one session
	mostOfPerson = 64 // in all sessions: some devices, and nobody keeps the others out
)

// Door is the one type that opens footage. Its methods may be called from many goroutines.
type Door struct {
	o Options

	mu       sync.Mutex // guards what follows, and is not held while the diary is waited for
	viewings map[string]*viewing
	closed   bool
	refusals map[refusal]*refused
	owed     []owed // entries that the diary did not take
	down     bool   // the diary did not take the last entry, whoever wrote it
	failed   uint64 // how often it took none

	paying chan struct{} // holds a value while somebody writes what is owed
}

// NewDoor makes a door. [Door.Recover] is to be called before the first viewing, and [Door.Run] runs beside it.
func NewDoor(o Options) *Door {
	if o.Idle == 0 {
		o.Idle = 10 * time.Minute
	}
	if o.Terms == nil {
		o.Terms = theLaw{o.Now}
	}
	return &Door{o: o, viewings: map[string]*viewing{}, refusals: map[refusal]*refused{}, paying: make(chan struct{}, 1)}
}

// Open opens a viewing: when the error is nil its view.start is durable. A refusal is entered, see the errors.
func (d *Door) Open(ctx context.Context, a Ask) (*Viewing, error) {
	now := d.o.Now()
	a, err := a.check(now)
	if err != nil {
		return nil, err
	}
	v := newViewing(d, a, now)
	if err := v.answer(ctx, a.Request, a.Case, ""); err != nil {
		return nil, err
	}
	w := Viewing{v, a.Address}
	first, err := w.begin(ctx, a)
	if err != nil {
		return nil, d.refuse(ctx, w, a.wish(), err)
	}
	if err := d.admit(v); err != nil {
		return nil, err
	}
	if err := w.start(ctx, first); err != nil {
		d.forget(v)
		return nil, err
	}
	return &w, nil
}

// admit counts a viewing in, unless there are too many.
func (d *Door) admit(v *viewing) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	own, person := 0, 0
	for _, other := range d.viewings {
		if other.session.ID == v.session.ID {
			own++
		}
		if other.session.Person.ID == v.session.Person.ID {
			person++
		}
	}
	switch {
	case d.closed:
		return fmt.Errorf("%w: the program stops", ErrEnded)
	case len(d.viewings) >= mostViewings || own >= mostOfOne, person >= mostOfPerson:
		return ErrTooMany
	}
	d.viewings[v.id] = v
	return nil
}

func (d *Door) forget(v *viewing) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.viewings, v.id)
}

// Viewing finds an open viewing of a session, for what is asked from an address. The error is [ErrNoViewing] for
// all others, those of other sessions included.
func (d *Door) Viewing(id string, s people.Session, from netip.Addr) (*Viewing, error) {
	v, err := d.find(id, s)
	if err != nil || v.aim != nil || v.export {
		return nil, errors.Join(err, ErrNoViewing)
	}
	return &Viewing{v, from}, nil
}

func (d *Door) find(id string, s people.Session) (*viewing, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	v := d.viewings[id]
	if v == nil || v.session.ID != s.ID || v.session.Person.ID != s.Person.ID {
		return nil, ErrNoViewing
	}
	v.touch(d.o.Now())
	return v, nil
}

// Viewings are the open viewings of a session, by their ids.
func (d *Door) Viewings(s people.Session) (ids []string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for id, v := range d.viewings {
		if v.session.ID == s.ID && v.aim == nil && !v.export {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// inside tells whether an address is on the premises.
func (d *Door) inside(a netip.Addr) bool { return Inside(d.o.Premises, a) }

// Inside tells whether an address is on premises with these networks. The console is, which has none, and so is the machine itself;
// whoever is [Passed] on is not.
func Inside(premises []netip.Prefix, a netip.Addr) bool {
	if a.Zone() == proxy {
		return false
	}
	a = a.Unmap().WithZone("")
	return !a.IsValid() || a.IsLoopback() || slices.ContainsFunc(premises, func(p netip.Prefix) bool { return p.Contains(a) })
}

// Passed is the address of a proxy that passes on what somebody asks, who may be anywhere. It is written ::ffff:192.168.1.2%proxy.
func Passed(by netip.Addr) netip.Addr { return netip.AddrFrom16(by.As16()).WithZone(proxy) }

const proxy = "proxy" // no interface of a machine: their names are taken away before

// sound tells whether the diary is one to which footage is trusted.
func (d *Door) sound() error {
	if f := d.o.Diary.Fault(); f != nil {
		return fmt.Errorf("%w: %w: %v", ErrDiary, diary.ErrFault, f)
	}
	return nil
}

package accesslog

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net/netip"
	"sync"
	"time"

	"varuh/accesslog/people"
)

// Viewing is one person who sees footage for one purpose, as one request has it. Its methods may be called from
// many goroutines.
type Viewing struct {
	v    *viewing
	from netip.Addr // that the request comes from
}

// viewing is what the requests of one viewing share.
type viewing struct {
	door    *Door
	id      string
	session people.Session // as it was when the viewing was opened
	purpose string
	ground  Ground
	remark  string
	aim     *aim     // of an aiming picture, else nil
	answers *answers // the request that it is for, else nil
	ordered bool     // it goes on by the person's order, who need not be logged in
	export  bool     // it goes into a package

	leasing chan struct{} // holds a value while somebody adds a lease

	mu       sync.Mutex // guards what follows
	used     time.Time
	began    int64               // entry that began it; -1 until that is durable
	leased   map[strip]*footages // what durable leases name
	activity map[strip]set       // of which entries say that it is looked at
	lawful   lawful
	ledger   ledger
	whole    bool // all of what goes into a package was read
	ended    bool
}

func newViewing(d *Door, a Ask, now time.Time) *viewing {
	b := make([]byte, 8)
	rand.Read(b) // it never fails, by its documentation
	a.Session.Token = people.Token{}
	return &viewing{door: d, id: hex.EncodeToString(b), session: a.Session, purpose: a.Purpose, ground: a.Ground, remark: a.Remark,
		used: now, began: -1, leasing: make(chan struct{}, 1), leased: map[strip]*footages{}}
}

// person is who sees, as he is now.
func (v *viewing) person(ctx context.Context) (people.Session, error) {
	if v.ordered {
		return v.door.o.Orders.Ordered(ctx, v.session.Person.ID)
	}
	return v.door.o.Sessions.Still(ctx, v.session)
}

// ID names the viewing. Alone it opens nothing.
func (w *Viewing) ID() string { return w.v.id }

// Entry is the number of the view.start.
func (w *Viewing) Entry() int64 {
	w.v.mu.Lock()
	defer w.v.mu.Unlock()
	return w.v.began
}

// End ends the viewing: its entry states what left, and the outcome what came of it. The error is [ErrEnded] if
// it has ended before, [ErrDiary] if the entry is not written yet; then the door writes it later.
func (w *Viewing) End(ctx context.Context, o Outcome) error {
	if !o.stated() {
		return ask("say what came of it: nothing found, secured, extract asked, reported or not stated")
	}
	return w.v.end(ctx, o, "")
}

func (v *viewing) touch(now time.Time) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.used = now
}

// idle tells whether nothing was asked of it for so long. What is on its way out counts as asked.
func (v *viewing) idle(now time.Time, most time.Duration) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return len(v.ledger.flying) == 0 && now.Sub(v.used) >= most
}

// open gives the entry that began the viewing, unless it has ended.
func (v *viewing) open() (began int64, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.ended || v.began < 0 {
		return 0, ErrEnded
	}
	return v.began, nil
}

// grant is a lease that may be entered: who takes it, and why.
type grant struct {
	wish
	session people.Session
	by      people.Authorisation
	purpose basis
}

// begin finds the first lease of what is asked for. All of it has to be lawful; what is restricted or past its term is left out.
func (w Viewing) begin(ctx context.Context, a Ask) (g grant, err error) {
	d := w.v.door
	if err := d.sound(); err != nil {
		return g, err
	}
	g.wish = a.wish()
	if g.session, g.by, err = w.who(ctx, g.wish); err != nil {
		return g, err
	}
	if err := d.exists(g.wish); err != nil {
		return g, err
	}
	purpose, err := w.lawfully(ctx, g.wish)
	if err != nil {
		return g, err
	}
	kept, err := w.back(ctx, g.session, g.wish)
	if err != nil {
		return g, err
	}
	whole := g.span
	if g.purpose, g.span = purpose, free(whole, kept).cut(Lease); g.empty() {
		return g, why(whole, kept)
	}
	if d.o.Keys.Locked(people.FootageKey) {
		return g, ErrLocked
	}
	return g, nil
}

// lawfully is the purpose, which has to be lawful for all of what is asked for.
func (w Viewing) lawfully(ctx context.Context, x wish) (basis, error) {
	unlawful, purpose, err := w.unlawful(ctx, x)
	if err == nil && len(unlawful) > 0 {
		err = unlawful[0].Why
	}
	return purpose, err
}

// exists sees whether there is any such footage.
func (d *Door) exists(x wish) error {
	if x.live {
		if _, err := d.o.Index.Last(x.camera, x.stream); err != nil {
			return fmt.Errorf("%w: %w", ErrNothing, err)
		}
		return nil
	}
	list, _, err := d.o.Index.Span(x.camera, x.stream, x.from, x.to)
	if err == nil && len(list) == 0 {
		err = ErrNothing
	}
	return err
}

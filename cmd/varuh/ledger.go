package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/hold"
	"varuh/retention"
)

// ledger is what a purge asks of the diary, whatever state that is in: without one that is trusted nothing is entered, the
// copies are asked later, and what is held is what is remembered of it, too.
type ledger struct{ *eraser }

var errNotOpen = errors.New("the diary is not open yet, or can't be used: see varuh status")

// trusted is the diary, or why there is none that can be trusted: an error that is [retention.ErrNoDiary].
func (e *eraser) trusted() (*diary.Diary, error) {
	_, d, err := e.books()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", retention.ErrNoDiary, err)
	}
	if f := d.Fault(); f != nil {
		return nil, fmt.Errorf("%w before two persons have accepted this: %v", retention.ErrNoDiary, f)
	}
	return d, nil
}

// Enter implements [retention.Journal]. A diary that went back gets no list: it may yet be replaced by the one that did not.
func (l ledger) Enter(ctx context.Context, e retention.Entry) (int64, error) {
	d, err := l.trusted()
	if err != nil {
		return 0, err
	}
	return journal{d}.Enter(ctx, e)
}

// Started implements [retention.Journal].
func (l ledger) Started(ctx context.Context, from int64) iter.Seq2[retention.Started, error] {
	d, err := l.trusted()
	if err != nil {
		return func(yield func(retention.Started, error) bool) { yield(retention.Started{}, err) }
	}
	return journal{d}.Started(ctx, from)
}

// Erase implements [retention.Copies].
func (l ledger) Erase(ctx context.Context, segments []retention.Listed) error {
	d, err := l.trusted()
	if err != nil {
		return err
	}
	return copyRegister(d).Erase(ctx, segments)
}

// Holds implements [retention.Holds]: those of a diary that is trusted, with what it lost; of one that went back, with
// all that is remembered; and without one, what is remembered alone.
//
// Where nothing is remembered either, nobody knows of a hold. Then footage goes by the law's term alone, see [ledger.Policies]:
// not to keep footage past its term comes before not to lose what may be held, and the status names the day before
// which a person has to bring the diary back. A mark lies in the folders of the key slots, in two copies on every
// store: where none is left, hardly anything is that could be held.
func (l ledger) Holds(ctx context.Context) (list []retention.Hold, err error) {
	register, _, err := l.books()
	if err == nil {
		list, err = register.Holds(ctx)
		l.unread.saw(ctx, l.log, "holds", err)
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	_, doubt := l.trusted()
	return append(list, l.both(l.kept.holds(err == nil && doubt == nil))...), nil
}

// both is what is remembered, with the other times of its footage. Where the index can't tell those, it can't have a purge either.
func (l ledger) both(list []retention.Hold) []retention.Hold {
	both, err := hold.Both(l.index.Twins, list)
	if err != nil {
		l.log.Error("the index of footage can't be read, so that what is held counts by the time alone by which it was set", "err", err)
		return list
	}
	return both
}

// Restrictions implements [retention.Holds]. Those that are remembered are among the holds where no diary is trusted. Where
// one is that can't be read, all that is remembered is restricted.
func (l ledger) Restrictions(ctx context.Context) (list []retention.Restriction, err error) {
	register, _, err := l.books()
	if err != nil {
		return nil, ctx.Err()
	}
	list, err = register.Restrictions(ctx)
	l.unread.saw(ctx, l.log, "restrictions", err)
	if err != nil {
		for _, h := range l.both(l.kept.holds(false)) {
			list = append(list, retention.Restriction(h))
		}
	}
	return list, ctx.Err()
}

// Policies are what is decided: by a diary that is trusted, or as it is remembered. Where nothing is remembered, all
// footage goes by the law alone: what a diary says that went back may be too short, and what a file of the
// configuration says is not decided.
func (l ledger) Policies(ctx context.Context) (retention.Policies, error) {
	d, err := l.trusted()
	if err == nil {
		p, err := readPolicies(ctx, d)
		if l.unread.saw(ctx, l.log, "terms", err); err == nil {
			return p.Shorter(l.kept.shorter()), nil
		}
	}
	p, _ := l.kept.policies()
	return p, ctx.Err()
}

// unread notes what can't be read of a diary that is open: what is remembered counts in its place.
type unread struct {
	mu  sync.Mutex
	why map[string]error // by what it is; guarded by mu
}

// saw notes how reading something went, and logs where that begins to fail.
func (u *unread) saw(ctx context.Context, log *slog.Logger, what string, err error) {
	if ctx.Err() != nil {
		return
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if err == nil {
		delete(u.why, what)
		return
	}
	if u.why[what] == nil {
		log.Error("the diary can't be read; what the key slots remember counts", "what", what, "err", err)
	}
	if u.why == nil {
		u.why = map[string]error{}
	}
	u.why[what] = err
}

// sentence says what can't be read, or nothing.
func (u *unread) sentence() string {
	u.mu.Lock()
	defer u.mu.Unlock()
	var list []string
	for _, what := range slices.Sorted(maps.Keys(u.why)) {
		list = append(list, fmt.Sprintf("the %s in the diary can't be read, and what the key slots remember counts: %v", what, u.why[what]))
	}
	return strings.Join(list, "; ")
}

// doubts says what goes on and what waits while no diary is trusted, or what of one that is can't be read; else "".
func (e *eraser) doubts(s standing) string {
	if _, err := e.trusted(); err == nil {
		return e.unread.sentence()
	}
	text := "while the diary can't be used"
	if _, _, err := e.books(); err == nil {
		text = "until two persons have accepted that the diary went back"
	}
	text += ", only footage goes whose term is over, to be entered afterwards; all else waits, and a full disk stops at its reserve. Nothing can be held anew; "
	if _, known := e.kept.policies(); known {
		return text + "what was held when the diary was last trusted stays"
	}
	text += "what is held is not known, so footage goes when the law's term of a year is over"
	var next time.Time
	for _, c := range s.Cameras {
		if due := retention.Law.End(c.Oldest, nil); !c.Oldest.IsZero() && (next.IsZero() || due.Before(next)) {
			next = due
		}
	}
	if next.IsZero() {
		return text
	}
	return text + ": the next on " + next.Format(time.DateOnly) + ". Whoever needs it must bring the diary back before"
}

// decidedLong is for how long back it must be known what was decided: no footage is there from before but what is held.
const decidedLong = 400 * 24 * time.Hour

// remembered has what a trusted diary says of holds and terms remembered beside the key slots. What the diary lost is
// entered.
func (e *eraser) remembered(ctx context.Context) {
	register, _, err := e.books()
	if err != nil {
		return
	}
	e.rememberedTerm(ctx, register, nil)
}

// rememberedTerm is remembered where a person has just confirmed a camera's term anew, unless that is nil.
func (e *eraser) rememberedTerm(ctx context.Context, register *hold.Register, confirmed *confirmedTerm) {
	present := e.time.now()
	lost, err := e.kept.write(ctx, keptFrom{ctx, e, register, present.Certain}, present.Certain, present.Latest(e.time.boot.Now()), confirmed)
	if err != nil && ctx.Err() == nil && !errors.Is(err, retention.ErrNoDiary) {
		e.log.Error("what is held can't be read, or what the diary lost of it not be entered; it is tried again", "err", err)
	}
	if err == nil && !lost.none() {
		e.log.Warn("copies beside the key slots remember what the diary does not", "holds", len(lost.spans), "terms", lost.cameras, "strange", lost.strange)
	}
}

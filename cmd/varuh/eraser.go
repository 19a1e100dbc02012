package main

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"path/filepath"
	"sync"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/disclosure"
	"varuh/accesslog/hold"
	"varuh/configs"
	"varuh/recorder/durable"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
	"varuh/retention"
)

// eraser has footage erased at its term and where a disk needs room, but for what is held, and knows what is decided
// about that. There is one for as long as the site is held. Without a diary that is trusted only footage goes whose term
// is over, by what is remembered of holds and terms, see [ledger]; recording waits for it nowhere.
type eraser struct {
	state    string
	log      *slog.Logger
	stores   []footage.Store
	fs       durable.FS // of the stores
	index    *footage.Index
	time     *timekeeper
	present  func(footage.Store) error // says why a store's own disk is not there
	config   func() ([]configs.Camera, *time.Location)
	reserve  uint64                              // of the recorder, in bytes
	load     func() float64                      // bytes a second that all cameras write now
	keys     func() (keyring.Identity, error)    // that open the diary
	note     func(diary.Entry)                   // enters what asks for a person; nil: it is only told
	remember func(context.Context, *diary.Diary) // has others remember how far the diary is; nil: nobody does
	outside  bool                                // somebody outside is asked for the time
	born     time.Duration                       // uptime at which this was made
	gate     *retention.Gate
	wake     chan struct{} // a disk is full
	again    chan struct{} // something was decided by which footage may go

	office   *office               // knows who made accounts; nil: nothing is known of requests
	entrance *entrance             // has packages, and scans of papers; nil: here, where no daemon runs
	packaged func() packagesStatus // how packages are; nil: here, where no daemon runs
	deciding sync.Mutex            // held by who changes what is decided
	lasting  *lasting              // what was entered as an incident, and lasts
	other    *other                // what is not footage on the stores' disks
	kept     *kept                 // what is remembered of holds and terms
	unread   unread                // what can't be read of the diary

	mu        sync.Mutex
	diary     *diary.Diary             // nil until it is open; guarded by mu
	purge     *retention.Purge         // nil until it is first asked for; guarded by mu
	register  *hold.Register           // as diary
	requested *disclosure.Register     // requests for footage; nil until somebody asks for it; guarded by mu
	strays    strays                   // keys that belong to nothing; guarded by mu
	events    []retention.Event        // of the pass that is under way; guarded by mu
	lost      map[keyring.ID]lostStore // that were given up; guarded by mu
	raised    map[string]*raised       // what is wrong, by part and kind of event; guarded by mu
	stand     standing                 // as of the last run; guarded by mu
}

// newEraser makes the eraser of a site. begin gives it the diary.
func newEraser(s *site, index *footage.Index, keeper *timekeeper, log *slog.Logger) *eraser {
	return &eraser{state: s.cfg.State, log: log, stores: s.stores, fs: durable.OS, index: index, time: keeper, present: s.present,
		config: func() ([]configs.Camera, *time.Location) { return s.cfg.Cameras, s.cfg.Zone }, reserve: uint64(s.cfg.Reserve),
		lasting: openLasting(s.cfg.State, log), other: openOther(s.cfg.State, log), kept: openKept(s.stores, log), born: keeper.boot.Uptime(), lost: s.appliance.Lost, load: func() float64 { return 0 }, gate: retention.NewGate(), wake: make(chan struct{}, 1), again: make(chan struct{}, 1),
		raised: map[string]*raised{}, keys: s.diaryIdentity}
}

// begin takes the open diary, unless it has it. Whoever reads or sets holds does it from now on.
func (e *eraser) begin(d *diary.Diary) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.diary == d {
		return
	}
	e.diary, e.requested = d, nil
	e.register = &hold.Register{Diary: d, Index: e.index, Gate: e.gate, Capacity: e.capacity, Undated: e.undated, Size: e.sizeNow, Twins: e.index.Twins, Zone: e.zone,
		Now: func() time.Time { return e.time.now().Latest(e.time.boot.Now()) }}
}

// purging is what erases. There is one, whatever becomes of the diary.
func (e *eraser) purging() *retention.Purge {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.purge == nil {
		e.purge = retention.NewPurge(retention.PurgeOptions{
			FS: e.fs, Stores: e.stores, Index: e.index, Journal: ledger{e}, Holds: ledger{e}, Gate: e.gate,
			Late: filepath.Join(e.state, "retention.late"), Copies: ledger{e}, Mounted: e.present, Lost: e.isLost, Events: e.event,
		})
	}
	return e.purge
}

// books are the register and the diary that it is in, or why there is none.
func (e *eraser) books() (*hold.Register, *diary.Diary, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.diary == nil {
		return nil, nil, errNotOpen
	}
	return e.register, e.diary, nil
}

// replay ends the erasures that the diary has as begun, and does those again that somebody who keeps marks does
// not know, which are the ones behind from. Nothing is shown to anybody before.
func (e *eraser) replay(ctx context.Context, d *diary.Diary, from int64) error {
	e.begin(d)
	if err := e.purging().Recall(ctx, e.time.observe()); err != nil && ctx.Err() == nil {
		e.log.Error("a hold that is set before the erasures of earlier starts are at their end may not tell what came too late for it", "err", err)
	}
	if err := e.time.recall(ctx, d); err != nil && ctx.Err() == nil {
		e.log.Warn("what outside parties said of the time can't be read in the diary; it counts once they are asked again", "err", err)
	}
	if err := e.finishLost(ctx, d); err != nil && ctx.Err() == nil {
		e.log.Error("not all is done of a disk that was given up", "err", err)
	}
	e.remembered(ctx) // before anything goes that the diary has lost the hold of
	report, err := e.purging().Replay(ctx, e.time.observe(), from)
	e.settleEvents("run", false) // the first run tells what has ended
	if report.Erased > 0 || report.Freed > 0 {
		e.log.Info("erasures of earlier starts were brought to their end", "segments", report.Erased, "bytes", report.Freed)
	}
	if err != nil && away(report, e.stores) {
		return nil // a store that comes back brings its own mark along
	}
	return err
}

// run erases what is due, at once and then hourly, and frees full disks and looks at packages each minute, until ctx ends.
// begin and replay may come before it and later.
func (e *eraser) run(ctx context.Context) {
	// Without a diary this carries on the lists beside it; with one that was replayed it does nothing.
	_, err := e.purging().Replay(ctx, e.time.observe(), math.MaxInt64)
	if err != nil && !errors.Is(err, retention.ErrNoDiary) && ctx.Err() == nil {
		e.log.Warn("not all erasures of earlier starts could be carried on; it is tried again with every run", "err", err)
	}
	var walking sync.WaitGroup
	walking.Go(func() { e.walkDaily(ctx) })
	defer walking.Wait()
	hourly, minutely := time.NewTicker(retention.RunEvery), time.NewTicker(relieveEach)
	defer hourly.Stop()
	defer minutely.Stop()
	for e.cycle(ctx); ; {
		e.relieveAll(ctx)
		if e.packaged != nil {
			e.tellPackages(e.packaged())
		}
		select {
		case <-ctx.Done():
			return
		case <-hourly.C:
			e.cycle(ctx)
		case <-e.again:
			e.cycle(ctx)
		case <-minutely.C:
		case <-e.wake:
		}
	}
}

// rouse has full disks looked at soon.
func (e *eraser) rouse() {
	select {
	case e.wake <- struct{}{}:
	default:
	}
}

// decided has what is due looked at soon.
func (e *eraser) decided() {
	if e == nil {
		return
	}
	select {
	case e.again <- struct{}{}:
	default:
	}
}

// mostPlanned bounds how much one plan lists, and so the memory that it takes.
const mostPlanned = 20_000

// cycle is one run: what is decided is looked through, what is due goes, provisional holds lapse, and the standing of
// all footage is looked up. Without a diary that is trusted nothing is decided, and nothing lapses.
func (e *eraser) cycle(ctx context.Context) {
	present := e.time.observe()
	d, doubt := e.trusted()
	if doubt == nil {
		if err := e.review(ctx, d, present); err != nil && ctx.Err() == nil {
			e.event(retention.Event{Kind: retention.EventFailed, Err: err, Sentence: "what the configuration says of terms can't be compared with what is decided: look at the log"})
		}
	}
	erased := e.erase(ctx, present)
	if doubt == nil {
		e.lapse(ctx, present)
		e.silence(ctx, present)
		e.remind(ctx)
		e.remembered(ctx)
	}
	e.erased(ctx, d, erased)
	if ctx.Err() == nil {
		e.settleEvents("run", true)
		e.look(ctx)
		e.enterDates(ctx)
	}
}

// erase has all go that is due, and counts it.
func (e *eraser) erase(ctx context.Context, present retention.Present) (erased int) {
	for {
		listed := 0
		report, err := e.purging().Run(ctx, present, func() (list []retention.Erasure, err error) {
			list, err = e.plan(ctx, present)
			listed = len(list)
			return append(list, e.strayed()...), err
		})
		erased += report.Erased
		e.mu.Lock()
		e.stand.Failed = len(report.Failures)
		e.mu.Unlock()
		if err != nil || listed < mostPlanned || report.Erased == 0 {
			return erased
		}
	}
}

// erased tells that footage went, and has it remembered outside the diary.
func (e *eraser) erased(ctx context.Context, d *diary.Diary, n int) {
	if n == 0 {
		return
	}
	e.log.Info("erased " + count(n, "segment", "segments"))
	if e.remember != nil && d != nil {
		e.remember(ctx, d)
	}
}

// plan is what is due now.
func (e *eraser) plan(ctx context.Context, present retention.Present) ([]retention.Erasure, error) {
	s, err := e.situation(ctx, present)
	if err != nil {
		return nil, err
	}
	s.Most = mostPlanned
	return retention.Plan(s, e.settled())
}

// settled are all segments, those that nobody writes any more as sealed.
func (e *eraser) settled() retention.Segments {
	return retention.Settled(e.index.All(), e.time.boot.ID(), e.time.boot.Uptime())
}

// situation is all that a plan depends on beside the segments.
func (e *eraser) situation(ctx context.Context, present retention.Present) (s retention.Situation, err error) {
	_, zone := e.config()
	s = retention.Situation{Present: present, Lead: retention.Lead, Zone: zone}
	s.Boots, s.Strange = e.time.boots()
	if s.Policies, err = (ledger{e}).Policies(ctx); err != nil {
		return s, err
	}
	if s.Holds, err = (ledger{e}).Holds(ctx); err != nil {
		return s, err
	}
	s.Restrictions, err = ledger{e}.Restrictions(ctx)
	return s, err
}

// lapse ends provisional holds whose day has come, and tells it.
func (e *eraser) lapse(ctx context.Context, present retention.Present) {
	register, _, err := e.books()
	if err != nil || present.Certain.IsZero() {
		return
	}
	gone, err := register.Lapse(ctx, present.Certain)
	for _, h := range gone {
		e.log.Warn("a provisional hold lapsed, since nobody confirmed it", "hold", h.ID, "camera", h.Camera)
	}
	if err != nil && ctx.Err() == nil {
		e.event(retention.Event{Kind: retention.EventFailed, Err: err, Sentence: "provisional holds whose day has come could not be ended: look at the log"})
	}
}

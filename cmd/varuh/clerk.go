package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"varuh/accesslog/collect"
	"varuh/accesslog/diary"
	"varuh/accesslog/diary/anchor"
	"varuh/accesslog/diary/proof"
	"varuh/recorder"
	"varuh/recorder/footage"
)

// clerk writes into the diary what the recorder did. Nothing waits for it: what comes is put into a short
// queue, and what does not fit, or comes while the diary can't be written, is in the index of footage, from
// which the hourly entries are made, or is counted and told of later. A diary that can't be opened keeps
// nobody from recording, only from access.
type clerk struct {
	state      string
	appliance  appliance
	controller string // as configured
	index      *footage.Index
	log        *slog.Logger
	cameras    func() []string
	threshold  time.Duration // of gaps
	started    time.Time
	slot       func(footage.Segment) error // holds a recovered segment against its key slot
	patience   time.Duration               // how long start and stop wait for the diary; 0: waitForOpen and waitForEnd

	wake   chan struct{}
	opened chan struct{} // closed once the first attempt to open the diary has ended
	ended  chan struct{} // closed once nothing of the clerk runs any more

	anchoring *anchors  // nil: no outside party is configured
	room      *room     // of the state folder; nil: it is not watched
	marks     *marks    // where others remember how far the diary was; nil: nobody does
	replay    replayer  // ends erasures, and does them again; nil: nobody does
	pruner    *pruner   // destroys entries at the end of their term; nil: nobody does
	backups   *backups  // makes copies for a lost machine; nil: nobody does
	eraser    *eraser   // erases footage; nil: nobody does
	office    *office   // knows persons and notices; nil: nobody does
	entrance  *entrance // lets persons in; nil: nobody does

	pending drafted // of the clerk's own goroutine

	mu      sync.Mutex
	queue   []diary.Entry     // guarded by mu
	awaited []awaited         // cameras that somebody wants collected now; guarded by mu
	doubted []footage.Segment // recovered, to be held against their key slots; guarded by mu
	stand   anchor.State      // but for Size and Pending; guarded by mu
	missed  int               // entries that did not fit into the queue, or could not be put into words, not yet told; guarded by mu
	diary   *diary.Diary      // nil until it is open; guarded by mu
	refused error             // why the diary is not open; guarded by mu
	failing error             // why the last commit of the diary failed; guarded by mu
	trouble error             // why the last look for what is due came to nothing; guarded by mu
	last    diary.Head        // once it is closed; guarded by mu
	stopped bool              // nothing is taken any more; guarded by mu

	incidents int   // entered since the diary was opened; guarded by mu
	counted   int64 // entries among which they were counted; guarded by mu

	paged glance[string] // what the status says of the printed checkpoints
}

// drafted is what is being written: the first of the queue, or an entry about those that were missed.
type drafted struct {
	op     string
	draft  *diary.Draft // nil for nothing
	missed int          // 0 for the first of the queue
}

const (
	maxQueued   = 256              // entries that wait for the diary
	collectEach = time.Minute      // how often the clerk looks for what is due
	failEach    = 5 * time.Second  // the same while the diary can't be written
	openAgain   = 30 * time.Second // until a diary that could not be opened is tried again
	waitForOpen = 3 * time.Second  // recording begins without the diary then
	waitForEnd  = 3 * time.Second  // a stop goes on without the diary then
	maxNote     = 4 << 10          // bytes of what somebody else says that go into an entry
)

// begin opens the diary in the background and waits for that a little: what is recorded first should find
// it open.
func (c *clerk) begin(ctx context.Context) (done <-chan struct{}) {
	c.wake, c.opened, c.ended = make(chan struct{}, 1), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(c.ended)
		c.work(ctx)
	}()
	limit := time.NewTimer(cmp.Or(c.patience, waitForOpen))
	defer limit.Stop()
	select {
	case <-c.opened:
	case <-limit.C:
		c.log.Warn("the diary is not open yet; recording begins without it")
	}
	return c.ended
}

// work runs until ctx ends: then it writes what is left, and closes the diary.
func (c *clerk) work(ctx context.Context) {
	var asking sync.WaitGroup
	alone, erasing := false, make(chan struct{})
	if c.eraser != nil {
		asking.Go(func() { c.erase(ctx, erasing) })
	}
	d := c.open(ctx, func() {
		alone = true
		close(erasing)
	})
	if d == nil {
		asking.Wait()
		return
	}
	if c.anchoring != nil {
		asking.Go(func() { c.anchoring.run(ctx, d, c.keep) })
	}
	if c.marks != nil {
		asking.Go(func() { c.marks.run(ctx, d) })
	}
	if c.pruner != nil {
		asking.Go(func() { c.pruner.run(ctx, d) })
	}
	if c.backups != nil {
		asking.Go(func() { c.backups.run(ctx, d) })
	}
	if c.office != nil {
		c.office.begin(d)
		asking.Go(func() { c.office.run(ctx) })
	}
	if c.entrance != nil {
		asking.Go(func() { c.entrance.run(ctx, d) })
	}
	if c.eraser != nil {
		c.settle(ctx, func(context.Context) (int, error) { return 0, nil }) // the start comes before what it brings
		c.eraser.begin(d)
		if alone {
			c.eraser.decided()
		} else {
			close(erasing)
		}
	}
	collector := &collect.Collector{Diary: d, Index: c.index, Cameras: c.cameras, Now: time.Now, Started: c.started,
		Wrong: func(sentence string) {
			c.log.Warn(sentence)
			c.note(diary.Entry{Op: "incident.open", Body: proof.Body{Result: "progress changed", Note: sentence}})
		}}
	tick := time.NewTicker(collectEach)
	defer tick.Stop()
	for ctx.Err() == nil {
		c.settle(ctx, collector.Collect)
		c.answer(ctx, collector)
		select {
		case <-ctx.Done():
		case <-tick.C:
		case <-c.wake:
		case <-c.retry():
		}
	}
	asking.Wait()
	c.end(collector)
}

// erase has footage erased once the diary is open, or can't be opened at once: at its term it goes without one, too.
func (c *clerk) erase(ctx context.Context, begun <-chan struct{}) {
	select {
	case <-begun:
		c.eraser.run(ctx)
	case <-ctx.Done():
	}
}

// retry is when what failed is to be tried again, before the next look: nil if nothing failed.
func (c *clerk) retry() <-chan time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.failing == nil {
		return nil
	}
	return time.After(failEach)
}

// end writes the last entries and closes the diary.
func (c *clerk) end(collector *collect.Collector) {
	ctx, cancel := context.WithTimeout(context.Background(), cmp.Or(c.patience, waitForEnd))
	defer cancel()
	c.settle(ctx, collector.Stop)
	c.note(diary.Entry{Op: "stop"})
	c.settle(ctx, func(context.Context) (int, error) { return 0, nil })
	if c.marks != nil {
		c.marks.remember(ctx, c.diary)
	}
	c.mu.Lock()
	d := c.diary
	c.diary, c.stopped, c.last = nil, true, d.Head()
	c.mu.Unlock()
	if err := d.Close(); err != nil {
		c.log.Error("the diary could not be closed in order", "err", err)
	}
}

// open opens the diary, and goes on trying where that can help. It returns nil if there is none. without is called once
// if it can't be opened at once.
func (c *clerk) open(ctx context.Context, without func()) *diary.Diary {
	for first := true; ; first = false {
		d, err := openDiary(ctx, c.state, c.appliance, func(o *diary.Options) { o.Wrote = c.committed })
		if err == nil {
			d, err = c.seen(ctx, d)
		}
		c.mu.Lock()
		if c.diary, c.refused = d, err; err == nil {
			c.counted = d.Head().Size
		}
		c.mu.Unlock()
		if first {
			close(c.opened)
		}
		if err == nil {
			return d
		}
		if first {
			c.log.Error("recording goes on without the diary, and nobody gets access to footage", "err", err)
			without()
		}
		again := time.After(openAgain)
		if hopeless(err) {
			again = nil
		}
		select {
		case <-ctx.Done():
			return nil
		case <-again:
		}
	}
}

// hopeless tells whether a diary will not open until a person has done something.
func hopeless(err error) bool {
	for _, h := range []error{diary.ErrMissing, diary.ErrVersion, diary.ErrDamaged, diary.ErrKey, errOtherDiary} {
		if errors.Is(err, h) {
			return true
		}
	}
	return false
}

// settle writes the queue, then what is due to be collected.
func (c *clerk) settle(ctx context.Context, collect func(context.Context) (int, error)) {
	c.doubt()
	now := c.writeQueue(ctx)
	if now == nil {
		n, err := collect(ctx)
		if now = err; n > 0 {
			c.wrote("collect")
		}
	}
	if now == nil {
		now = c.count(ctx)
	}
	if now != nil && ctx.Err() != nil {
		return // it was cut off
	}
	c.tell(func() { c.trouble = now })
}

// writeQueue writes what waits, in order and each once. What can't be written waits on.
func (c *clerk) writeQueue(ctx context.Context) error {
	for c.draftNext() {
		if _, err := c.diary.Enter(ctx, c.pending.draft); err != nil {
			return err
		}
		c.wrote(c.pending.op)
		c.mu.Lock()
		if c.pending.missed > 0 {
			c.missed -= c.pending.missed
		} else {
			c.queue = c.queue[1:]
		}
		c.mu.Unlock()
		c.pending = drafted{}
	}
	return nil
}

// draftNext puts what is to be written next into its final form, unless that is done: it stays the same until it is
// written. What can never be written is counted as missed. It returns false if nothing waits.
func (c *clerk) draftNext() bool {
	for c.pending.draft == nil {
		c.mu.Lock()
		missed := 0
		var e diary.Entry
		if len(c.queue) > 0 {
			e = c.queue[0]
		} else if missed = c.missed; missed > 0 {
			e = diary.Entry{Op: "incident.open", Body: proof.Body{Result: "events missed",
				Note: fmt.Sprintf("%s of the recorder did not fit into the queue while the diary could not be written, or into an entry; gaps and segments among them are in the hourly entries", count(missed, "event", "events"))}}
		}
		c.mu.Unlock()
		if e.Op == "" {
			return false
		}
		draft, err := c.diary.Draft(e)
		if err != nil {
			c.log.Error("an event can't be put into an entry of the diary; it is counted as missed", "op", e.Op, "err", err)
			c.mu.Lock()
			c.queue, c.missed = c.queue[1:], c.missed+1
			c.mu.Unlock()
			continue
		}
		c.pending = drafted{op: e.Op, draft: draft, missed: missed}
	}
	return true
}

// wrote tells those who take the diary out of the appliance.
func (c *clerk) wrote(op string) {
	if c.anchoring != nil {
		c.anchoring.schedule.Appended(op)
	}
}

// note takes an entry, and never waits. What it quotes may be of any length, and no text.
func (c *clerk) note(e diary.Entry) {
	e.Body.Note = strings.ToValidUTF8(e.Body.Note[:min(len(e.Body.Note), maxNote)], "\uFFFD")
	c.mu.Lock()
	switch {
	case c.stopped:
	case len(c.queue) < maxQueued:
		c.queue = append(c.queue, e)
	default:
		c.missed++
	}
	c.mu.Unlock()
	c.rouse()
}

// rouse has the clerk look at what is due.
func (c *clerk) rouse() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// event takes an event of the recorder. It never waits.
func (c *clerk) event(e recorder.Event) {
	switch e.Kind {
	case recorder.EventGap:
		if g := e.Gap; g.To.Sub(g.From) >= c.threshold {
			c.note(diary.Entry{Op: "gap", Body: proof.Body{Objects: []proof.Object{{Camera: g.Camera, From: g.From, To: g.To}},
				Data: map[string]any{"cause": g.Cause, "stream": g.Stream}, Note: e.Sentence}})
		}
	case recorder.EventClock:
		c.note(c.clockStep(e))
	case recorder.EventDamaged, recorder.EventVanished:
		c.lost(e)
	case recorder.EventRecovered:
		c.mu.Lock()
		c.doubted = append(c.doubted, *e.Segment) // as many as a crash left open
		c.mu.Unlock()
		c.rouse()
	}
}

// doubt holds segments that were recovered against what their key slots promised.
func (c *clerk) doubt() {
	c.mu.Lock()
	list := c.doubted
	c.doubted = nil
	c.mu.Unlock()
	for _, s := range list {
		if err := c.slot(s); err != nil {
			c.changed(s, err.Error())
		}
	}
}

// changed opens an incident about a segment.
func (c *clerk) changed(s footage.Segment, sentence string) {
	c.note(diary.Entry{Op: "incident.open", Body: proof.Body{Result: "segment changed", Note: sentence,
		Objects: []proof.Object{{Camera: s.Camera, From: s.Start, To: s.End}}, Data: map[string]any{"segment": s.ID.String()}}})
}

// clockStep says when this boot began, by the clock now set: it dates what was recorded before.
func (c *clerk) clockStep(e recorder.Event) diary.Entry {
	b := proof.Body{Note: e.Sentence}
	if boot, err := recorder.ThisBoot(); err == nil {
		id := boot.ID()
		b.Data = map[string]any{"boot": hex.EncodeToString(id[:]), "booted_ms": boot.Now().Add(-boot.Uptime()).UnixMilli()}
	}
	return diary.Entry{Op: "clock.step", Body: b}
}

// start enters that the program began.
func (c *clerk) start() {
	c.note(diary.Entry{Op: "start"})
}

// config enters that a configuration is in force. form is its canonical form, without secrets.
func (c *clerk) config(form []byte, changes string) {
	sum := sha256.Sum256(form)
	c.note(diary.Entry{Op: "config", Body: proof.Body{Note: changes, Data: map[string]any{"sha256": hex.EncodeToString(sum[:])}}})
}

// keep takes over what is known of the outside parties.
func (c *clerk) keep(s anchor.State) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stand = s
}

// use is the open diary, or why there is none.
func (c *clerk) use() (*diary.Diary, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.diary != nil:
		return c.diary, nil
	case c.refused != nil:
		return nil, c.refused
	}
	return nil, errors.New("the diary is not open yet, or not any more: try again")
}

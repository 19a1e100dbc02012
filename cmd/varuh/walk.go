package main

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"time"

	"varuh/accesslog/diary"
	"varuh/recorder/footage"
	"varuh/retention"
)

// Once a day the disks are walked and compared with the index, when few look at pictures. A machine that is always off
// at that hour walks an hour after it was started.
const (
	walkHour  = 3               // o'clock, by the site
	walkEvery = 26 * time.Hour  // a walk longer ago than this does not wait for that hour
	walkFirst = time.Hour       // after the start, for recording to settle
	walkLook  = 5 * time.Minute // how often the clock is looked at
)

// walkFile keeps when the last walk ended.
func walkFile(state string) string { return filepath.Join(state, "walked.json") }

// walkDaily walks until ctx ends.
func (e *eraser) walkDaily(ctx context.Context) {
	began := e.time.boot.Uptime()
	tick := time.NewTicker(walkLook)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		var last time.Time
		if err := readJSON(walkFile(e.state), &last); err != nil && !errors.Is(err, fs.ErrNotExist) {
			e.log.Warn("when the disks were last walked can't be read; they are walked again", "err", err)
		}
		_, zone := e.config()
		if now := e.time.boot.Now(); e.time.boot.Uptime()-began >= walkFirst && walkDue(now, last, zone) {
			e.walk(ctx)
		}
	}
}

// walkDue tells whether it is time for a walk. A clock that went back makes it wait a day at most.
func walkDue(now, last time.Time, zone *time.Location) bool {
	if zone == nil {
		zone = time.UTC
	}
	since := now.Sub(last)
	return since < -24*time.Hour || since >= walkEvery || since >= 2*time.Hour && now.In(zone).Hour() == walkHour
}

// walk compares disks and index. Incidents among what it finds are entered, once for as long as they last; all is logged.
func (e *eraser) walk(ctx context.Context) {
	var found []string
	walked, err := e.purging().Walk(ctx, e.time.now(), e.index, func(f footage.Finding) {
		if f.Severity == footage.Incident && len(found) < maxLasting {
			found = append(found, describe(f))
		}
		if f.Severity != footage.Note {
			e.log.Warn(describe(f))
		}
	})
	if ctx.Err() != nil {
		return
	}
	e.enterOnce(ctx, partWalk, found, err == nil, func(fresh []string) diary.Entry {
		l := findings{n: len(fresh), first: fresh[:min(len(fresh), maxFindings)]}
		entry, _ := l.entry()
		entry.Body.Note = atMost(entry.Body.Note, maxNote)
		entry.Body.Data["lasting"] = int64(walked.Incidents)
		return entry
	})
	if err != nil {
		e.log.Error("not all of the disks could be compared with the index; it is tried again tomorrow", "err", err)
	}
	e.log.Info("the disks were compared with the index", "segments", walked.Segments, "incidents", walked.Incidents,
		"entered", walked.Adopted, "removed", walked.Removed, "days retired", walked.Retired)
	if err := writeJSON(walkFile(e.state), e.time.boot.Now().UTC()); err != nil {
		e.log.Warn("when the disks were walked can't be noted", "err", err)
	}
	e.mu.Lock()
	e.strays = strays{walked.Strays, e.time.boot.Uptime()}
	e.mu.Unlock()
	if walked.Adopted > 0 {
		e.decided()
	}
}

// strays are keys that the last walk met without row or file, at their term.
type strays struct {
	list []retention.Erasure
	met  time.Duration // uptime
}

// strayWait is how long a key may be without row and file because its segment has only just begun.
const strayWait = 30 * time.Minute

// strayed are the strays that are to go: those that are still what they were, a while later.
func (e *eraser) strayed() (list []retention.Erasure) {
	e.mu.Lock()
	met := e.strays
	e.mu.Unlock()
	if e.time.boot.Uptime()-met.met < strayWait {
		return nil
	}
	for _, x := range met.list {
		i := slices.IndexFunc(e.stores, func(s footage.Store) bool { return s.ID == x.Segment.Store })
		if i < 0 {
			continue
		}
		stray, err := retention.Stray(x, e.stores[i], e.index)
		if err != nil {
			e.log.Warn("whether a key has footage can't be told; it stays until the next run", "err", err)
		}
		if stray {
			list = append(list, x)
		}
	}
	return list
}

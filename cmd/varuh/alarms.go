package main

import (
	"maps"
	"slices"
	"strings"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/retention"
)

// raised is what a person must know of, for as long as it lasts.
type raised struct {
	sentence string
	entered  time.Time // when it last became an incident
	lasts    bool
	seen     bool // in the pass that is under way
}

// enterAgain is how long after an incident was entered the same that ended and began anew becomes another.
const enterAgain = 24 * time.Hour

// results name the incidents that events become; others are only told.
var results = map[string]string{
	retention.EventFailed:  "erasure failed",
	retention.EventFull:    "disk full of held footage",
	retention.EventPromise: "promised depth broken",
	retention.EventOther:   "disk full of other data",
	eventOther:             "other data on a disk",
}

// event takes an event of the pass that is under way. settleEvents makes it known.
func (e *eraser) event(ev retention.Event) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.events = append(e.events, ev)
}

// settleEvents ends a pass of one part with the events that it took.
func (e *eraser) settleEvents(part string, looked bool) {
	e.mu.Lock()
	events := e.events
	e.events = nil
	e.mu.Unlock()
	e.settle(part, events, looked)
}

// settle ends a pass of one part: what begins is logged and entered, once and not with every pass; what the pass
// did not meet again has ended, if the pass looked at all.
func (e *eraser) settle(part string, events []retention.Event, looked bool) {
	e.mu.Lock()
	now := e.time.boot.Now()
	var begun, enter []retention.Event
	for _, ev := range events {
		key := part + "\x00" + ev.Kind
		r := e.raised[key]
		if r == nil {
			r = &raised{}
			e.raised[key] = r
		}
		if !r.lasts {
			begun = append(begun, ev)
		}
		if result := results[ev.Kind]; !r.lasts && result != "" && now.Sub(r.entered) >= enterAgain {
			r.entered = now
			enter = append(enter, ev)
		}
		r.sentence, r.lasts, r.seen = ev.Sentence, true, true
	}
	var over []string
	for key, r := range e.raised {
		if r.lasts && !r.seen && looked && len(key) > len(part) && key[:len(part)+1] == part+"\x00" {
			r.lasts = false
			over = append(over, r.sentence)
		}
		r.seen = false
	}
	e.mu.Unlock()
	for _, ev := range begun {
		e.log.Error(ev.Sentence, "kind", ev.Kind, "err", ev.Err)
	}
	for _, sentence := range over {
		e.log.Info("no longer so: " + sentence)
	}
	for _, ev := range enter {
		if e.note != nil {
			e.note(diary.Entry{Op: "incident.open", Body: proof.Body{Result: results[ev.Kind], Note: ev.Sentence}})
		}
	}
}

// alarms are the sentences of what lasts, but for packages.
func (e *eraser) alarms() (list []string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, key := range slices.Sorted(maps.Keys(e.raised)) {
		if r := e.raised[key]; r.lasts && !strings.HasPrefix(key, partPackages+"\x00") && !slices.Contains(list, r.sentence) {
			list = append(list, r.sentence)
		}
	}
	return list
}

package web

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"sync"
	"time"

	"varuh/accesslog/people"
)

// eventRoutes tell pages when to ask anew.
var eventRoutes = []route{
	{"GET", "/events", "events", forHolder, writes("text/event-stream", (*Site).events).listening(),
		"Tells, as server-sent events, that something has changed which the person may ask for: what it is now, he asks for. Whoever listens is not at work: it keeps no session open."},
}

// Pulse is what changes. Each part of it is there only for those who may ask for what it stands for, and says no more than
// whether that is another one than before.
type Pulse struct {
	Locked    []people.Which `json:"locked"`              // keys that are not open
	Diary     int64          `json:"diary,omitempty"`     // entries: for who may read the diary, or see to the system
	Status    string         `json:"status,omitempty"`    // of the system: for who may see to it
	Retention string         `json:"retention,omitempty"` // terms, copies and what asks for a person of them: for who may see to the system
	Cameras   string         `json:"cameras,omitempty"`   // whether the cameras in scope are recorded: for who may play them
	Holds     string         `json:"holds,omitempty"`     // for who may hold
	Notices   string         `json:"notices,omitempty"`   // for who may enter them, or see to the system
	Persons   string         `json:"persons,omitempty"`   // with their authorisations: for who may see to them
	Requests  string         `json:"requests,omitempty"`  // for footage: for who may enter them, approve, or read the diary
	Packages  string         `json:"packages,omitempty"`  // and how far they have come: for who may hand them over, or approve
}

// pulsing is how often it is looked at what has changed, and for how long somebody listens before he asks again.
type pulsing struct{ each, alive, lasts time.Duration }

var usualPulse = pulsing{2 * time.Second, 20 * time.Second, 30 * time.Minute}

// listening is what whoever listens is told of: looked up once for all of them.
type listening struct {
	mu      sync.Mutex
	at      time.Time         // when it was looked up; guarded by mu
	last    Pulse             // guarded by mu
	cameras map[string]string // state of each, by id; guarded by mu
	entered int64             // entries of the diary when the registers were looked up, 0: they were not; guarded by mu
}

// events tells of what changes, until the session ends, or the site stops, or it has lasted long enough.
func (s *Site) events(c *call, _ nothing) error {
	ctx, cancel := context.WithTimeout(c.Context(), s.pulse.lasts)
	defer cancel()
	out := &outlet{call: c, media: "text/event-stream", size: -1}
	tick := time.NewTicker(s.pulse.each)
	defer tick.Stop()
	told, spoke := "", time.Now()
	for {
		now, err := json.Marshal(s.pulseFor(c))
		if err != nil {
			return err
		}
		switch text := string(now); {
		case text != told:
			told, spoke = text, time.Now()
			out.say("event: changed\ndata: " + text + "\n\n")
		case time.Since(spoke) > s.pulse.alive: // or whoever is between would take it for dead
			spoke = time.Now()
			out.say(":\n\n")
		}
		select {
		case <-ctx.Done():
			return out.end(nil)
		case <-tick.C:
		}
		if c.session, err = s.o.People.Still(ctx, c.session); err != nil {
			return out.end(nil) // whoever asks again is told
		}
	}
}

// say sends a line at once.
func (o *outlet) say(text string) {
	if _, err := o.Write([]byte(text)); err == nil {
		o.flush() // the error stays
	}
	if o.err != nil {
		o.end(nil)
	}
}

// digest tells one value from another, and nothing else of it.
func digest(v any, errs ...error) string {
	text, err := json.Marshal(v)
	for _, e := range append(errs, err) {
		if e != nil {
			text = append(text, e.Error()...)
		}
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}

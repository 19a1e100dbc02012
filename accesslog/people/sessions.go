package people

import (
	"crypto/subtle"
	"net/netip"
	"slices"
	"sync"
	"time"
)

// maxSessions is how many sessions a person has side by side; a further one ends that which was idle longest.
const maxSessions = 16

// live is a session as it is kept, in memory alone: after a start everybody logs in again.
type live struct {
	id      string
	hash    [32]byte // of its token
	who     Person   // as at the log-in
	proof   string
	address netip.Addr
	began   time.Time
	used    time.Time
	entry   int64 // of its log-in
	reset   *Reset
}

// over is a session that has ended and whose entry is to be written.
type over struct {
	live
	why string
	at  time.Time
}

// sessions are those that are open, and the ends that no entry tells of yet.
type sessions struct {
	mu    sync.Mutex
	open  map[string]*live // by id
	ended []over
}

func newSessions() *sessions { return &sessions{open: map[string]*live{}} }

// begin takes a session in.
func (s *sessions) begin(one live) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var own []*live
	for _, l := range s.open {
		if l.who.ID == one.who.ID {
			own = append(own, l)
		}
	}
	slices.SortFunc(own, func(a, b *live) int { return a.used.Compare(b.used) })
	for i := 0; i <= len(own)-maxSessions; i++ {
		s.end(own[i], "another session began", one.began)
	}
	s.open[one.id] = &one
}

// byToken finds a session and counts as its use.
func (s *sessions) byToken(t Token, now time.Time, bounds bounds) (live, bool) {
	hash := t.hash()
	return s.find(func(l *live) bool { return subtle.ConstantTimeCompare(l.hash[:], hash[:]) == 1 }, now, bounds, true)
}

// byID finds a session without its token.
func (s *sessions) byID(id string, now time.Time, bounds bounds) (live, bool) {
	return s.find(func(l *live) bool { return l.id == id }, now, bounds, false)
}

// bounds are how long a session may be idle, and how long it lasts.
type bounds struct{ idle, absolute time.Duration }

// past says why a session is over by a time, or nothing. A clock that was put back keeps no session open.
func (b bounds) past(l *live, now time.Time) string {
	switch {
	case now.Sub(l.began) >= b.absolute || now.Before(l.used.Add(-time.Minute)):
		return "its time was over"
	case now.Sub(l.used) >= b.idle:
		return "idle"
	}
	return ""
}

func (s *sessions) find(is func(*live) bool, now time.Time, b bounds, use bool) (live, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, l := range s.open {
		if !is(l) {
			continue
		}
		if why := b.past(l, now); why != "" {
			s.end(l, why, now)
			return live{}, false
		}
		if use && now.After(l.used) {
			l.used = now
		}
		return *l, true
	}
	return live{}, false
}

// endAll ends the sessions that which names a reason for.
func (s *sessions) endAll(now time.Time, which func(*live) (why string)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, l := range s.open {
		if why := which(l); why != "" {
			s.end(l, why, now)
		}
	}
}

// end takes a session out. The caller holds mu.
func (s *sessions) end(l *live, why string, now time.Time) {
	delete(s.open, l.id)
	s.ended = append(s.ended, over{*l, why, now})
}

// take takes the ends that are to be entered.
func (s *sessions) take() []over {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := s.ended
	s.ended = nil
	return list
}

// giveBack keeps ends that could not be entered.
func (s *sessions) giveBack(list []over) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended = append(list, s.ended...)
}

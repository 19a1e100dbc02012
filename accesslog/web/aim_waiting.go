package web

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"math/big"
	"net/netip"
	"sync"
	"time"

	"varuh/accesslog"
	"varuh/accesslog/people"
)

// The bounds of what waits to be opened.
const (
	mostWaiting = 64
	waitsFor    = 5 * time.Minute
)

// aims are the aiming pictures that were asked for. The zero value is ready.
type aims struct {
	mu   sync.Mutex     // guards what follows
	list map[string]aim // by id
}

// aim is one of them. What it shows is the door's to say.
type aim struct {
	id, code string
	session  people.Session // the maintainer's
	address  netip.Addr     // that he asks from
	camera   string
	stream   string
	remark   string
	until    time.Time // that it waits, or is open
	open     *accesslog.Aim
}

// add lets a picture wait for somebody who opens it, in the place of what its session has asked for before.
func (l *aims) add(a *aim, now time.Time) error {
	b := make([]byte, 8)
	rand.Read(b) // it never fails, by its documentation
	n, err := rand.Int(rand.Reader, big.NewInt(1e6))
	if err != nil {
		return fmt.Errorf("couldn't draw a code: %w", err)
	}
	a.id, a.code, a.until = hex.EncodeToString(b), fmt.Sprintf("%06d", n), now.Add(waitsFor)
	l.mu.Lock()
	defer l.mu.Unlock()
	for id, other := range l.list {
		if !now.Before(other.until) || other.open == nil && (other.session.ID == a.session.ID || other.code == a.code) {
			delete(l.list, id)
		}
	}
	if len(l.list) >= mostWaiting {
		return accesslog.ErrTooMany
	}
	if l.list == nil {
		l.list = map[string]aim{}
	}
	l.list[a.id] = *a
	return nil
}

// redeem finds what waits for a code. The code is good once.
func (l *aims) redeem(q aimCode, now time.Time) (aim, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for id, a := range l.list {
		if a.code != "" && a.code == q.Code && a.camera == q.Camera && now.Before(a.until) {
			a.code = ""
			l.list[id] = a
			return a, nil
		}
	}
	return aim{}, errNoAim
}

// keep puts a picture in the place of what it was.
func (l *aims) keep(a aim) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.list[a.id] = a
}

// find finds what a session has asked for.
func (l *aims) find(id string, s people.Session, now time.Time) (aim, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	a, ok := l.list[id]
	if !ok || a.session.ID != s.ID || !now.Before(a.until) {
		return aim{}, errNoAim
	}
	return a, nil
}

func (l *aims) drop(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.list, id)
}

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
	mostGuesses = 5  // wrong codes of one person within waitsFor of the first
	mostWrong   = 20 // of all, for a camera: then its codes are good no more
)

// aims are the aiming pictures that were asked for. The zero value is ready.
type aims struct {
	mu   sync.Mutex     // guards what follows
	list map[string]aim // by id

	guessed map[string]guesses // by person
}

// guesses are the wrong codes of one person.
type guesses struct {
	n     int
	until time.Time // that they count
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
	wrong    int // codes that were entered for its camera while it waits
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

// redeem finds what waits for a code that a person enters. The code is good once; who guesses is kept from it, for the code
// is what says that the two stand beside each other.
func (l *aims) redeem(q aimCode, who string, now time.Time) (aim, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	g := l.guessed[who]
	if !now.Before(g.until) {
		g = guesses{until: now.Add(waitsFor)}
	}
	if g.n >= mostGuesses {
		return aim{}, laterError{errCodes, g.until.Sub(now)}
	}
	for id, a := range l.list {
		if a.code != "" && a.code == q.Code && a.camera == q.Camera && now.Before(a.until) {
			a.code = ""
			l.list[id] = a
			return a, nil
		}
	}
	g.n++
	l.missed(q.Camera, who, g, now)
	return aim{}, errNoAim
}

// missed counts a wrong code. It is called with mu held.
func (l *aims) missed(camera, who string, g guesses, now time.Time) {
	for id, before := range l.guessed {
		if !now.Before(before.until) {
			delete(l.guessed, id)
		}
	}
	if l.guessed == nil {
		l.guessed = map[string]guesses{}
	}
	l.guessed[who] = g
	for id, a := range l.list {
		if a.camera != camera || a.code == "" {
			continue
		}
		if a.wrong++; a.wrong >= mostWrong {
			a.code = ""
		}
		l.list[id] = a
	}
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

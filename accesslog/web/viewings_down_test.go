package web

import (
	"database/sql"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/people"
	"varuh/testdata/clips"

	"github.com/mattn/go-sqlite3"
)

// While the diary takes nothing, whatever keeps it from it, no answer has a byte of footage: not even of what a lease
// covers that it took before. Each says so plainly. With the diary back, everything is.
func TestDiaryDown(t *testing.T) {
	t.Parallel()
	refuse := func(err error) func(*stage) {
		return func(s *stage) {
			s.hooked(func(func() (diary.Receipt, error)) (diary.Receipt, error) { return diary.Receipt{}, err })
		}
	}
	for name, down := range map[string]func(*stage){
		"closed": func(s *stage) { must(s.t, s.diary.Close()) },
		"damaged": func(s *stage) {
			for _, file := range []string{"varuh.db", "varuh.db-wal"} {
				must(s.t, os.WriteFile(filepath.Join(s.dir, file), []byte(strings.Repeat("x", 1<<16)), 0o600))
			}
		},
		"locked": refuse(sqlite3.Error{Code: sqlite3.ErrBusy}),
		"full":   refuse(sqlite3.Error{Code: sqlite3.ErrFull}),
		"gone":   refuse(errors.New("the disk is gone")),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			feed := newFeed()
			s := newStage(t, func(o *Options) { o.Closed = feed })
			s.entrance(dusk)
			s.set(dusk.Add(62 * time.Second)) // the newest picture is 2 s old
			v := s.viewer()
			o, l := v.open(asks("hall", dusk, time.Minute)), v.watch()
			parts, inits := v.playlist(o.Windows[0].Playlist)
			down(s)
			plain := map[string]bool{"diary": true, "closed": name == "closed", "diary-damaged": name == "damaged"}
			before := s.sent.bytes()
			if status, id := v.refused("POST", prefix+"/viewings", asks("hall", dusk, time.Minute)); status != 503 || !plain[id] {
				t.Errorf("opening: %d %s", status, id)
			}
			for _, path := range append(parts, stream(o, "hall")+"/frame?at=2026-11-21T17:00:09Z", stream(l, "hall")+"/live") {
				if status, id := v.refused("GET", path, nil); status != 503 || !plain[id] {
					t.Errorf("%s: %d %s", path, status, id)
				}
			}
			for _, path := range inits { // they hold no picture
				if a, _ := v.get(path); a.StatusCode != 200 && a.StatusCode != 503 {
					t.Errorf("%s: %d", path, a.StatusCode)
				}
			}
			if n := s.sent.bytes() - before; n != 0 {
				t.Errorf("%d bytes of footage left", n)
			}
			if name == "closed" || name == "damaged" {
				return
			}
			s.hooked(nil)
			if a, b := v.get(parts[0]); a.StatusCode != 200 || len(b) == 0 {
				t.Errorf("with the diary back: %d", a.StatusCode)
			}
		})
	}
}

// The first byte of footage comes after its entry is durable: while a commit hangs nothing has left, and once it is
// through everything does.
func TestEntryFirst(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.entrance(dawn)
	v := s.viewer()
	o := v.open(asks("hall", dawn, time.Minute))
	parts, _ := v.playlist(o.Windows[0].Playlist)
	s.record(t, reel{Camera: "yard", Stream: "main", Film: load(t, clips.Entrance, 1), Start: dawn, Segment: time.Minute})
	var windows windowList
	v.json("GET", stream(o, "yard")+"/windows?from=2026-11-21T11:00:00Z&to=2026-11-21T11:01:00Z", nil, &windows)
	yard, _ := v.playlist(windows.Windows[0].Playlist)

	inside, release := make(chan struct{}), make(chan struct{})
	s.hooked(func(write func() (diary.Receipt, error)) (diary.Receipt, error) {
		inside <- struct{}{}
		<-release
		return write()
	})
	answered := make(chan []byte, 1)
	go func() {
		_, content := v.get(yard[0])
		answered <- content
	}()
	<-inside
	if a, b := s.sharing(v.cookie).get(parts[0]); a.StatusCode != 200 || len(b) == 0 {
		t.Errorf("what a durable lease covers has to wait for another camera: %d", a.StatusCode)
	}
	before := s.sent.bytes()
	select {
	case <-answered:
		t.Error("footage came before its entry")
	default:
	}
	if n := s.entries("view.more"); len(n) != 0 {
		t.Errorf("there are %d entries", len(n))
	}
	close(release)
	if content := <-answered; len(content) == 0 || int64(len(content)) != s.sent.bytes()-before {
		t.Errorf("%d bytes came, %d left", len(content), s.sent.bytes()-before)
	}
	if n := s.entries("view.more"); len(n) != 1 || n[0].Objects[0].Camera != "yard" {
		t.Errorf("there are %d entries", len(n))
	}
}

// A viewing is a session's own, and ends with it: in the middle of a playlist nothing more comes.
func TestSessionEnds(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.entrance(dawn)
	v, other := s.viewer(), s.viewer()
	o := v.open(asks("hall", dawn, time.Minute))
	parts, inits := v.playlist(o.Windows[0].Playlist)
	frame := stream(o, "hall") + "/frame?at=2026-11-21T11:00:09Z"
	for _, path := range append(parts, inits[0], o.Windows[0].Playlist, frame) {
		if status, id := other.refused("GET", path, nil); status != 404 || id != "no-viewing" {
			t.Errorf("with another session: %d %s", status, id)
		}
		if status, id := s.sharing("").refused("GET", path, nil); status != 401 {
			t.Errorf("without a session: %d %s", status, id)
		}
	}
	if a, _ := v.get(parts[0]); a.StatusCode != 200 {
		t.Error(a.Status)
	}
	s.set(noon.Add(97 * time.Hour))
	before := s.sent.bytes()
	for _, path := range append(parts[1:], inits[0], o.Windows[0].Playlist, frame) {
		if status, id := v.refused("GET", path, nil); status != http.StatusUnauthorized || id != "no-session" {
			t.Errorf("after the session: %d %s", status, id)
		}
	}
	if n := s.sent.bytes() - before; n != 0 {
		t.Errorf("%d bytes left", n)
	}
}

// An authorisation that somebody ends in the middle of a playlist ends what follows at once.
func TestAuthorisationEnds(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.entrance(dawn)
	head := s.head(t)
	v := s.sharing(s.visitor(t, head, "caretaker", s.granted(people.Caretaker)).cookie)
	o := v.open(asks("hall", dawn, time.Minute))
	parts, _ := v.playlist(o.Windows[0].Playlist)
	if a, _ := v.get(parts[0]); a.StatusCode != 200 {
		t.Error(a.Status)
	}
	var me Me
	v.json("GET", prefix+"/session", nil, &me)
	s.set(noon.Add(time.Minute))
	head.api("POST", "/authorisations/"+me.Authorisations[0].ID+"/end", Reason{"na drugo delovno mesto"}, nil)
	before := s.sent.bytes()
	for _, path := range append(parts[1:], o.Windows[0].Playlist) {
		if status, id := v.refused("GET", path, nil); status != http.StatusForbidden || id != "not-allowed" {
			t.Errorf("%d %s", status, id)
		}
	}
	if n := s.sent.bytes() - before; n != 0 {
		t.Errorf("%d bytes left", n)
	}
}

// A database that somebody else has locked is one that takes nothing, once the diary has waited for it: ten seconds, each
// of two times.
func TestDatabaseLocked(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.entrance(dawn)
	v := s.viewer()
	o := v.open(asks("hall", dawn, time.Minute))
	parts, _ := v.playlist(o.Windows[0].Playlist)
	other, err := sql.Open("sqlite3", filepath.Join(s.dir, "varuh.db"))
	must(t, err)
	defer other.Close()
	locker, err := other.Conn(t.Context())
	must(t, err)
	_, err = locker.ExecContext(t.Context(), "BEGIN EXCLUSIVE")
	must(t, err)
	if status, id := v.refused("POST", prefix+"/viewings", asks("hall", dawn, time.Minute)); status != 503 || id != "diary" {
		t.Errorf("opening: %d %s", status, id)
	}
	if status, id := v.refused("GET", parts[0], nil); status != 503 || id != "diary" {
		t.Errorf("a part: %d %s", status, id)
	}
	if left := s.sent.take(); len(left) > 0 {
		t.Errorf("%d fragments left", len(left))
	}
	_, err = locker.ExecContext(t.Context(), "ROLLBACK")
	must(t, err)
	if a, b := v.get(parts[0]); a.StatusCode != 200 || len(b) == 0 {
		t.Errorf("with the database free: %d", a.StatusCode)
	}
}

package web

import (
	"bytes"
	"errors"
	"fmt"
	"testing"
	"time"

	"varuh/accesslog/people"
	"varuh/testdata/clips"
)

// A maintainer sees the newest key frame once somebody who may show it has entered the code that the maintainer was
// given, for the camera that this person names; a quarter of an hour at most, and the diary has both.
func TestAim(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	film := s.record(t, reel{Camera: "hall", Stream: "main", Film: load(t, clips.Entrance, 1), Start: dusk, Segment: time.Minute})
	s.set(dusk.Add(21 * time.Second))
	head := s.viewer()
	of := func(who string, role people.Role) *viewer {
		return s.sharing(s.visitor(t, s.head(t), who, s.granted(role)).cookie)
	}
	maintainer, other := of("maintainer", people.Maintainer), of("other", people.Maintainer)
	var waits, opened aiming
	maintainer.json("POST", prefix+"/aims", askedAim{Camera: "hall", Remark: "after the storm"}, &waits)
	at := prefix + "/aims/" + waits.ID
	if waits.Open || len(waits.Code) != 6 {
		t.Errorf("%+v", waits)
	}
	if status, id := maintainer.refused("GET", at+"/picture", nil); status != 404 || id != "no-aim" {
		t.Errorf("before it is open: %d %s", status, id)
	}
	if status, id := maintainer.refused("POST", prefix+"/aim-codes", aimCode{waits.Code, "hall"}); status != 403 || id != "not-allowed" {
		t.Errorf("opened by the maintainer: %d %s", status, id)
	}
	if status, id := head.refused("POST", prefix+"/aim-codes", aimCode{waits.Code, "yard"}); status != 404 || id != "no-aim" {
		t.Errorf("another camera: %d %s", status, id)
	}
	head.json("POST", prefix+"/aim-codes", aimCode{waits.Code, "hall"}, &opened)
	if !opened.Open || opened.Maintainer != "Oseba maintainer" || !opened.Until.Equal(s.clock().Add(15*time.Minute)) {
		t.Errorf("%+v", opened)
	}
	if status, _ := head.refused("POST", prefix+"/aim-codes", aimCode{waits.Code, "hall"}); status != 404 {
		t.Errorf("the code again: %d", status)
	}
	a, still := maintainer.get(at + "/picture")
	if a.StatusCode != 200 || a.Header.Get(takenAt) != "2026-11-21T17:00:18Z" || !bytes.HasSuffix(still, samples(t, film[18:19])[0]) || a.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("%d %v", a.StatusCode, a.Header)
	}
	if status, id := other.refused("GET", at+"/picture", nil); status != 404 || id != "no-aim" {
		t.Errorf("another maintainer: %d %s", status, id)
	}
	maintainer.json("POST", at+"/end", nil, nil)
	if status, id := maintainer.refused("GET", at+"/picture", nil); status != 404 || id != "no-aim" {
		t.Errorf("after its end: %d %s", status, id)
	}
	began, ends := s.entries("view.aim"), s.entries("view.end")
	if len(began) != 1 || began[0].Actor.Name != "Oseba maintainer" || began[0].Data["opened_by_name"] != "Vida Ravnik" || began[0].Note != "after the storm" ||
		len(ends) != 1 || ends[0].Bytes == 0 {
		t.Errorf("%+v %+v", began, ends)
	}
}

// Whoever guesses codes is kept from it, and what was guessed at is opened by no code any more.
func TestAimGuesses(t *testing.T) {
	t.Parallel()
	var l aims
	add := func(session string, at time.Time) aim {
		t.Helper()
		a := aim{session: people.Session{ID: session}, camera: "hall"}
		must(t, l.add(&a, at))
		return a
	}
	enter := func(who, code string, at time.Time) error {
		_, err := l.redeem(aimCode{Code: code, Camera: "hall"}, who, at)
		return err
	}
	a := add("one", noon)
	for range mostGuesses {
		if err := enter("ana", "none", noon); !errors.Is(err, errNoAim) {
			t.Error(err)
		}
	}
	var later laterError
	if err := enter("ana", a.code, noon.Add(time.Minute)); !errors.Is(err, errCodes) || !errors.As(err, &later) || later.wait != waitsFor-time.Minute {
		t.Errorf("the right code after too many wrong ones: %v", err)
	}
	must(t, enter("boris", a.code, noon.Add(time.Minute)))
	a = add("one", noon.Add(waitsFor))
	must(t, enter("ana", a.code, noon.Add(waitsFor)))

	a = add("two", noon)
	for n := range mostWrong {
		if err := enter(fmt.Sprint("person ", n), "none", noon); !errors.Is(err, errNoAim) {
			t.Error(err)
		}
	}
	if err := enter("cilka", a.code, noon); !errors.Is(err, errNoAim) {
		t.Errorf("a code that was guessed at is good: %v", err)
	}
}

package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/configs"
	"varuh/recorder/durable/durabletest"
	"varuh/retention"
)

// forged is a copy as somebody writes it who has no key.
func forged(t *testing.T, r remembered) string {
	t.Helper()
	b, err := json.Marshal(r)
	must(t, err)
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:]) + "\n" + string(b)
}

// again is the eraser of the same appliance after a new start, with the same diary.
func (s *still) again(t *testing.T, boot *laterBoot, d *diary.Diary) *eraser {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	e := newEraser(s.site, s.index, openTimekeeper(s.cfg.State, boot, log), log)
	must(t, e.replay(t.Context(), d, 0))
	return e
}

// accepted has the diary go back and be accepted: entries that somebody remembers are not there.
func accepted(t *testing.T, d *diary.Diary) {
	t.Helper()
	_, err := d.Saw(t.Context(), diary.Seen{By: "a witness", Origin: d.Head().Origin, Size: d.Head().Size + 5})
	must(t, err)
	_, err = d.Accept(t.Context(), proof.Actor{ID: "Ana"}, proof.Actor{ID: "Bor"}, "the card failed")
	must(t, err)
}

// A diary that goes on from where a copy was written has lost nothing, whatever it does not say any more.
func TestKeptGoesOn(t *testing.T) {
	t.Parallel()
	d := durabletest.New()
	a := spanOf("gate", 0)
	keptOn(t, d).put(t, a)
	for _, tt := range []struct {
		origin string
		size   int64
		lost   int
	}{{"diary", 7, 0}, {"diary", 8, 0}, {"diary", 6, 1}, {"accepted", 8, 1}} {
		disk := durabletest.New()
		keptOn(t, disk)
		for _, name := range []string{"/state/kept.mark", "/store/kept.mark"} {
			putAt(t, disk, name, readOf(t, d, name))
		}
		f := diaryOf(tt.origin, tt.size)
		if lost := keptOn(t, disk).from(t, f, keptDay); len(lost.spans) != tt.lost || len(*f.entered) != tt.lost {
			t.Errorf("%s with %d entries has lost %+v, entered %+v", tt.origin, tt.size, lost, *f.entered)
		}
	}
}

// While what was lost can't be entered it is held, no copy forgets it, and a new start enters it.
func TestKeptLostNotEntered(t *testing.T) {
	t.Parallel()
	d := durabletest.New()
	a := spanOf("gate", 0)
	keptOn(t, d).put(t, a)
	was := readOf(t, d, "/store/kept.mark")
	f := diaryOf("accepted", 5)
	f.refuses = errors.New("the disk is full")
	k := keptOn(t, d)
	for day := range 3 {
		now := keptDay.AddDate(0, 0, day)
		if _, err := k.write(t.Context(), f, now, now, nil); !errors.Is(err, f.refuses) {
			t.Errorf("written: %v", err)
		}
		if got := k.holds(true); len(got) != 1 || !got[0].Until.Equal(keptDay.AddDate(0, 0, 14)) {
			t.Errorf("held is %+v", got)
		}
	}
	if readOf(t, d, "/store/kept.mark") != was || !strings.Contains(k.sentence(), "can't be entered") {
		t.Errorf("a copy was written anew, or nothing is told: %s", k.sentence())
	}
	f.refuses = nil
	if keptOn(t, d).from(t, f, keptDay); len(*f.entered) != 1 {
		t.Errorf("entered: %+v", *f.entered)
	}
}

// A copy that the diary's key did not sign holds what it says for two weeks, once and entered, however its days and
// numbers read; its terms are told of and do not count. One that is not newer than a signed one says nothing.
func TestKeptForged(t *testing.T) {
	t.Parallel()
	a := spanOf("gate", 0)
	all := keptSpan{From: time.Unix(0, 0).UTC(), To: keptDay.AddDate(50, 0, 0), Past: true}
	for _, tt := range []struct {
		name    string
		n       int64
		r       remembered
		strange bool
		held    int
	}{
		{"lost", 1000, remembered{Lost: []keptSpan{all}}, true, 1},
		{"kept, of this diary", 1000, remembered{Origin: "diary", Size: 7, Kept: []keptSpan{all, a}}, true, 1},
		{"absurd number", math.MaxInt64, remembered{Lost: []keptSpan{all}}, false, 0},
		{"the highest number", mostKeptNumber, remembered{Lost: []keptSpan{all}}, true, 1},
		{"old", 1, remembered{Lost: []keptSpan{all}}, false, 0},
		{"a term", 1000, remembered{Policies: retention.Policies{"yard": {{Policy: retention.Policy{Limit: retention.PublicTransport}}}}}, true, 0},
	} {
		d := durabletest.New()
		keptOn(t, d).put(t, a)
		tt.r.Version, tt.r.Number = 1, tt.n
		text := forged(t, tt.r)
		f := diaryOf("diary", 9, a)
		for start := range 4 { // the disk takes no other copy
			now := keptDay.AddDate(0, 0, 10*start)
			putAt(t, d, "/store/kept.mark", text)
			k := keptOn(t, d)
			k.from(t, f, now)
			want := tt.held
			if start > 1 {
				want = 0
			}
			got := k.holds(true)
			if len(got) != want || want > 0 && !got[0].Until.Equal(keptDay.AddDate(0, 0, 14)) {
				t.Errorf("%s, start %d: held is %+v", tt.name, start, got)
			}
			if len(k.shorter()) > 0 {
				t.Errorf("%s: terms %v count", tt.name, k.shorter())
			}
		}
		if n := slices.IndexFunc(*f.entered, func(l keptLost) bool { return len(l.strange) > 0 }); (n == 0) != tt.strange {
			t.Errorf("%s: entered is %+v", tt.name, *f.entered)
		}
	}
}

// The same on real disks with a real diary.
func TestForgedMark(t *testing.T) {
	t.Parallel()
	s := newStill(t)
	boot := later(t, 7, 0)
	e, d, _ := s.eraser(t, boot)
	e.time.told(person, boot.Now())
	e.cycle(t.Context())
	due := s.recordAt(t, s.stores[0], "yard", longAgo)
	text := forged(t, remembered{Version: 1, Number: 1000, Lost: []keptSpan{{From: time.Unix(0, 0), To: time.Now().AddDate(50, 0, 0), Past: true}}})
	must(t, os.WriteFile(filepath.Join(s.stores[1].Dir, "keys", "kept.mark"), []byte(text), 0o600))
	n := count1(ops(t, d), "incident.open")
	e = s.again(t, boot, d)
	e.cycle(t.Context())
	s.whole(t, s.stores[0], due)
	if got := count1(ops(t, d), "incident.open") - n; got != 2 {
		t.Errorf("%d incidents: %v", got, ops(t, d))
	}
	boot.ahead = 15 * 24 * time.Hour
	e = s.again(t, boot, d)
	e.time.told(person, boot.Now())
	e.cycle(t.Context())
	s.gone(t, s.stores[0], due)
}

// The program dies after the entry that clears a hold, before the copies are written: the hold has ended.
func TestClearedAndKilled(t *testing.T) {
	t.Parallel()
	s := newStill(t)
	boot := later(t, 7, 0)
	e, d, _ := s.eraser(t, boot)
	e.time.told(person, boot.Now())
	e.cycle(t.Context())
	_, kept := s.old(t, e)
	list, err := askHolds.done(t.Context(), e, struct{}{})
	must(t, err)
	_, err = e.clearHold(t.Context(), holdOrder{who: herself, ID: list.Holds[0].ID, Reason: "decided"})
	must(t, err)
	n := count1(ops(t, d), "incident.open")
	e = s.again(t, boot, d)
	e.cycle(t.Context())
	s.gone(t, s.stores[0], kept)
	if said := e.kept.sentence(); said != "" || count1(ops(t, d), "incident.open") != n {
		t.Errorf("said %q, entered %v", said, ops(t, d))
	}
}

// A command that comes first after a diary went back and was accepted enters what was lost, and the list names it.
func TestLostHoldByCommand(t *testing.T) {
	t.Parallel()
	s := newStill(t)
	boot := later(t, 7, 0)
	e, d, _ := s.eraser(t, boot)
	e.cycle(t.Context())
	row := s.record(t, s.stores[0])
	e.kept.newest.Kept = append(e.kept.newest.Kept, keptSpan{Camera: "yard", From: row.Start.UTC(), To: row.End.UTC(), Past: true})
	accepted(t, d)
	e.note, e.kept.trusted = nil, false // as a command has it
	n := count1(ops(t, d), "incident.open")
	e.remembered(t.Context())
	if got := count1(ops(t, d), "incident.open") - n; got != 1 {
		t.Errorf("%d incidents", got)
	}
	a, err := askHolds.done(t.Context(), e, struct{}{})
	must(t, err)
	if len(a.Holds) > 0 || len(a.Lost) != 1 || a.Lost[0].Until.IsZero() {
		t.Errorf("listed are %+v", a)
	}
}

// A shorter term that went back with the diary goes on counting, until a person confirms the camera's anew.
func TestLostTerms(t *testing.T) {
	t.Parallel()
	s := newStill(t)
	boot := later(t, 7, 0)
	e, d, _ := s.eraser(t, boot)
	e.config = func() ([]configs.Camera, *time.Location) { return []configs.Camera{{ID: "yard"}}, time.UTC }
	e.time.told(person, boot.Now())
	e.cycle(t.Context())
	week := retention.Version{Policy: retention.Policy{Limit: retention.PublicTransport}, From: boot.Now().AddDate(0, 0, -20).UTC()}
	e.kept.newest.Policies = retention.Policies{"yard": {{Policy: retention.Policy{Limit: retention.Law}}, week}}
	due, young := s.recordAt(t, s.stores[0], "yard", boot.Now().AddDate(0, 0, -8)), s.recordAt(t, s.stores[0], "yard", boot.Now().AddDate(0, 0, -6))
	accepted(t, d)
	e.kept.trusted = false
	n := count1(ops(t, d), "incident.open")
	must(t, e.replay(t.Context(), d, 0))
	e.cycle(t.Context())
	s.gone(t, s.stores[0], due)
	s.whole(t, s.stores[0], young)
	if got := count1(ops(t, d), "incident.open") - n; got != 1 || !strings.Contains(strings.Join(e.status().Troubles, "\n"), "shorter terms of yard went with what the diary lost") {
		t.Errorf("%d incidents, said %q", got, e.status().Troubles)
	}
	config := e.config
	e = s.again(t, boot, d)
	e.config = config
	_, err := askConfirmPolicy.done(t.Context(), e, policyOrder{who: herself, Camera: "yard", Reason: "it was too short"})
	must(t, err)
	if said := e.kept.sentence(); said != "" {
		t.Errorf("confirmed, and said %q", said)
	}
	e = s.again(t, boot, d)
	p, err := ledger{e}.Policies(t.Context())
	must(t, err)
	now := boot.Now()
	if was, _, _ := p.Due("yard", young.Start, now, nil); was.After(young.Start.AddDate(0, 0, 8)) {
		t.Errorf("what was recorded before is due at %s", was)
	}
	if next, _, _ := p.Due("yard", now.Add(time.Minute), now.AddDate(0, 0, 1), nil); next.Before(now.AddDate(0, 11, 0)) {
		t.Errorf("what is recorded after is due at %s", next)
	}
}

// A pipe in the place of a copy keeps nobody waiting, and goes with the next write.
func TestKeptPipe(t *testing.T) {
	t.Parallel()
	s := newStill(t)
	name := filepath.Join(s.stores[0].Dir, "keys", "kept.mark")
	must(t, errors.Join(ignoreMissing(os.Remove(name)), unix.Mkfifo(name, 0o600)))
	k := openKept(s.stores, slog.New(slog.DiscardHandler))
	if said := k.sentence(); !strings.Contains(said, "no regular file") {
		t.Errorf("said: %q", said)
	}
	k.put(t, spanOf("gate", 0))
	if said := k.sentence(); said != "" {
		t.Errorf("afterwards: %q", said)
	}
}

func ignoreMissing(err error) error {
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}

// Restrictions and terms that can't be read in a diary that is open are told of, and what is remembered counts.
func TestUnreadIsTold(t *testing.T) {
	t.Parallel()
	s := newStill(t)
	d, err := openDiary(t.Context(), s.cfg.State, s.appliance)
	must(t, err)
	e := s.again(t, later(t, 7, 0), d)
	e.kept.put(t, spanOf("gate", 0))
	must(t, d.Close())
	list, err := ledger{e}.Restrictions(t.Context())
	must(t, err)
	if _, err := (ledger{e}).Policies(t.Context()); err != nil {
		t.Error(err)
	}
	said := strings.Join(e.status().Troubles, "; ")
	if len(list) != 1 || !strings.Contains(said, "the restrictions in the diary can't be read") || !strings.Contains(said, "the terms in the diary can't be read") {
		t.Errorf("restricted is %+v, said %q", list, said)
	}
}

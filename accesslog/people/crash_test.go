package people

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"varuh/accesslog/diary"
)

// After each entry of a long day the power goes: what is on disk is a diary without a fault, a state that the register
// takes, with an administrator who can log in and open the keys.
func TestPowerCuts(t *testing.T) {
	t.Parallel()
	r, head := school(t)
	passwords := []string{headPassword}
	cuts := map[string]int{}
	r.diary.wrote = func(op string) {
		cuts[op]++
		r.diary.mu.Lock()
		wrote := r.diary.wrote
		r.diary.wrote = nil
		r.diary.mu.Unlock()
		r.afterCut(t, op, passwords)
		r.diary.mu.Lock()
		r.diary.wrote = wrote
		r.diary.mu.Unlock()
	}
	p, ana := r.ana(t, head, Caretaker)
	secret := NewSecond()
	_, _, err := r.EnrolSecond(t.Context(), ana, anaPassword, secret, secret.Code(r.clock()))
	must(t, err)
	more := granted(Auditor)
	more.Person = p.ID
	more, err = r.Authorise(t.Context(), head, more)
	must(t, err)
	must(t, r.End(t.Context(), head, more.ID, "a test"))
	_, _, err = r.Issue(t.Context(), head, policeToken(), "request 1")
	must(t, err)
	must(t, r.ResetPassword(t.Context(), head, p.ID, firstOfAna, "forgotten"))
	passwords = append(passwords, "morje gora in polje")
	_, err = r.ChangePassword(t.Context(), head, headPassword, passwords[1])
	must(t, err)
	must(t, r.Remove(t.Context(), head, p.ID, "left"))
	must(t, r.Recover(t.Context(), Recovery{By: "x", Reason: "x", Login: "vida.head", Password: passwords[1], Keys: r.keys}))
	for _, op := range []string{"person.add", "authorise", "authorise.end", "person.password", "person.second", "person.reset", "token.issue", "person.remove",
		"person.recover", "recovery.used", "login", "logout"} {
		if cuts[op] == 0 {
			t.Errorf("no power cut after %s", op)
		}
	}
}

// afterCut opens a copy of what is on disk now.
func (r *rig) afterCut(t *testing.T, op string, passwords []string) {
	dir := t.TempDir()
	must(t, os.CopyFS(dir, os.DirFS(r.dir)))
	must(t, os.RemoveAll(filepath.Join(dir, "varuh.db-shm"))) // memory, which a power cut takes
	must(t, os.Chmod(filepath.Join(dir, "keys", "diary.key"), 0o600))
	o := r.diaryOptions()
	o.Path, o.Keys = filepath.Join(dir, "varuh.db"), filepath.Join(dir, "keys")
	d, err := diary.Open(t.Context(), o)
	must(t, err)
	defer func() { must(t, d.Close()) }()
	if f := d.Fault(); f != nil {
		t.Errorf("after %s: %v", op, f)
	}
	keys := newChain()
	keys.lock()
	ro := r.o
	ro.Diary, ro.Keys = d, keys
	again, err := New(t.Context(), ro)
	must(t, err)
	come := slices.ContainsFunc(passwords, func(password string) bool {
		s, err := again.Login(t.Context(), Attempt{Login: "vida.head", Password: password, Address: office})
		if err == nil && s.Duty == DutyPassword {
			s, err = again.ChangePassword(t.Context(), s, password, "zimske zvezde nad vasjo")
		}
		return err == nil && s.Closed == nil
	})
	if !come || !keys.isOpen(FootageKey) || !keys.isOpen(DiaryKey) {
		t.Errorf("after %s nobody can open the keys", op)
	}
}

// The password is changed while a log-in with the old one is being entered: it brings no session.
func TestResetDuringLogin(t *testing.T) {
	t.Parallel()
	r, head := school(t)
	p, _ := r.ana(t, head, Caretaker)
	for _, tt := range []struct {
		name   string
		change func()
	}{
		{"reset", func() { must(t, r.ResetPassword(t.Context(), head, p.ID, firstOfAna, "forgotten")) }},
		{"removed", func() { must(t, r.Remove(t.Context(), head, p.ID, "left")) }},
	} {
		must(t, r.ResetPassword(t.Context(), head, p.ID, anaPassword, "back"))
		r.diary.mu.Lock()
		r.diary.before = map[string]func(){"login": tt.change}
		r.diary.mu.Unlock()
		if _, err := r.Login(t.Context(), Attempt{Login: "ana", Password: anaPassword, Address: office}); err == nil || r.Sessions() != 1 {
			t.Errorf("%s: %v, %d sessions", tt.name, err, r.Sessions())
		}
	}
}

// Many who log in at once at the real memory cost take the memory of one, and what the collector has not taken yet.
func TestMemoryIsBounded(t *testing.T) {
	r, _ := school(t)
	r.o.Cost = Cost{Memory: DefaultCost.Memory, Passes: 1, Lanes: DefaultCost.Lanes}
	var err error
	r.Register, err = New(t.Context(), r.o)
	must(t, err)
	now, err := r.state(t.Context())
	must(t, err)
	for _, p := range now.persons { // nobody's password costs what somebody's does
		p.verifier.Cost = r.o.Cost
	}
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	var wg sync.WaitGroup
	for range 12 {
		wg.Go(func() {
			if _, err := r.Login(t.Context(), Attempt{Login: "nobody", Password: "x"}); !errors.Is(err, ErrRefused) && !errors.Is(err, ErrWait) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	runtime.ReadMemStats(&after)
	grown := int64(after.HeapSys-before.HeapSys) >> 20 // it may have shrunk
	t.Logf("the heap has grown by %d MiB", grown)
	if grown > 3*int64(DefaultCost.Memory>>10) {
		t.Errorf("the heap has grown by %d MiB", grown)
	}
}

// What took a wrap away takes it from the disk, too, its log included; where somebody reads meanwhile, the next sweep does.
func TestWrapLeavesTheDisk(t *testing.T) {
	t.Parallel()
	for name, goes := range map[string]func(*testing.T, *rig, Session, Person){
		"removed": func(t *testing.T, r *rig, head Session, p Person) { must(t, r.Remove(t.Context(), head, p.ID, "left")) },
		"reset": func(t *testing.T, r *rig, head Session, p Person) {
			must(t, r.ResetPassword(t.Context(), head, p.ID, firstOfAna, "stolen"))
		},
		"replaced": func(t *testing.T, r *rig, head Session, p Person) {
			r.keys.mu.Lock()
			r.keys.id = "key2"
			r.keys.mu.Unlock()
			must(t, r.Rotated(t.Context(), head, headPassword, r.keys))
		},
	} {
		for _, reads := range []bool{false, true} {
			t.Run(fmt.Sprint(name, reads), func(t *testing.T) {
				t.Parallel()
				r, head := school(t)
				p, _ := r.ana(t, head, Caretaker)
				now, err := r.state(t.Context())
				must(t, err)
				blob := bytes.Clone(now.persons[p.ID].wraps[FootageKey].blob)
				if !r.onDisk(t, blob) {
					t.Fatal("the wrap is not on the disk, so that nothing is tried")
				}
				r.pass(time.Minute)
				if !reads {
					goes(t, r, head, p)
				} else {
					rows, err := r.diary.Query(t.Context(), `SELECT blob FROM person_wraps`)
					must(t, err)
					if !rows.Next() {
						t.Fatal("no wraps")
					}
					goes(t, r, head, p)
					if !r.onDisk(t, blob) {
						t.Error("the log could be emptied while somebody read")
					}
					must(t, rows.Close())
					_, err = r.Sweep(t.Context())
					must(t, err)
				}
				if r.onDisk(t, blob) {
					t.Error("the wrap is readable on the disk still")
				}
			})
		}
	}
}

// onDisk tells whether something stands in the files of the database.
func (r *rig) onDisk(t *testing.T, what []byte) bool {
	t.Helper()
	there := false
	for _, name := range []string{"varuh.db", "varuh.db-wal"} {
		text, err := os.ReadFile(filepath.Join(r.dir, name))
		must(t, err)
		there = there || bytes.Contains(text, what)
	}
	return there
}

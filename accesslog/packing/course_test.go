package packing

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"varuh/accesslog/disclosure"
	"varuh/accesslog/packing/sealed"
	"varuh/accesslog/people"
	"varuh/recorder/durable"
	"varuh/recorder/durable/durabletest"
)

func TestBuild(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	if _, err := r.Job(t.Context(), r.request); !errors.Is(err, ErrUnknown) {
		t.Errorf("before anything was ordered: %v", err)
	}
	if _, err := r.Order(t.Context(), session("vid", people.Guard), r.request, Asked{}); !errors.Is(err, people.ErrNotAllowed) {
		t.Errorf("ordered by a guard: %v", err)
	}
	p, err := r.Order(t.Context(), clerk(), r.request, Asked{})
	must(t, err)
	if _, err := r.Order(t.Context(), clerk(), r.request, Asked{}); !errors.Is(err, ErrOrdered) {
		t.Errorf("ordered twice: %v", err)
	}
	if job := r.job(t); job.Step != Waiting || job.ID != p.ID {
		t.Errorf("%+v", job)
	}
	must(t, r.settled(t.Context()))
	job, q := r.job(t), r.state(t)
	if job.Step != Built || q.State != disclosure.Built || q.Package != job.Manifest || len(q.Delivered) != 1 || job.Bytes == 0 {
		t.Errorf("%+v, the request %+v", job, q)
	}
	if _, err := r.Order(t.Context(), clerk(), r.request, Asked{}); !errors.Is(err, ErrBuilt) {
		t.Errorf("ordered once more: %v", err)
	}
	if _, err := r.Cancel(t.Context(), clerk(), r.request); !errors.Is(err, ErrBuilt) {
		t.Errorf("cancelled too late: %v", err)
	}
	r.check(t)
}

// errCrash is what everything returns once the program is gone.
var errCrash = errors.New("the program is gone")

// TestCrash lets the program die before and after each entry that is written and each operation on the disk, while a package is
// built, handed over and destroyed. The next start brings it to its end, with nothing half left.
func TestCrash(t *testing.T) {
	t.Parallel()
	entries := crash(t, -1, false)
	if len(entries) < 20 {
		t.Errorf("only %d steps", len(entries))
	}
	for n, entry := range entries {
		for _, done := range []bool{false, true} {
			if done && !entry {
				continue // on the disk it is the same as before the next step
			}
			t.Run(fmt.Sprintf("%d %v", n, done), func(t *testing.T) {
				t.Parallel()
				crash(t, n, done)
			})
		}
	}
}

// crash plays it with the program dying at the nth step, and returns of each whether it was an entry.
func crash(t *testing.T, n int, done bool) (entries []bool) {
	disk := durabletest.New()
	r := newRigOn(t, disk, "/")
	gone := false
	at := func(entry bool) (before, after error) {
		here := len(entries) == n
		entries = append(entries, entry)
		switch {
		case gone, here && !done:
			gone = true
			return errCrash, nil
		case here:
			gone = true
			return nil, errCrash
		}
		return nil, nil
	}
	r.d.fails = func(string) (before, after error) { return at(true) }
	disk.OnOp(func(durabletest.Op) {
		if before, _ := at(false); before != nil {
			disk.LosePower()
		}
	})
	err := r.life(t)
	if n < 0 {
		must(t, err)
		return entries
	}
	if err == nil && !done { // after the last step nothing is left to fail
		t.Fatalf("step %d is none", n)
	}
	disk.OnOp(nil)
	r.restart(t, disk.AfterPowerLoss(durabletest.KeepsSynced))
	must(t, r.settled(t.Context()))
	r.check(t)
	if q := r.state(t); q.State == disclosure.Approved {
		if _, err := r.Order(t.Context(), clerk(), r.request, Asked{}); err != nil && !errors.Is(err, ErrOrdered) {
			t.Fatal(err)
		}
		must(t, r.settled(t.Context()))
		r.check(t)
	}
	must(t, r.ends(t))
	return entries
}

// life is a package from its order to its end.
func (r *rig) life(t *testing.T) error {
	if _, err := r.Order(t.Context(), clerk(), r.request, Asked{}); err != nil {
		return err
	}
	if err := r.settled(t.Context()); err != nil {
		return err
	}
	return r.handsOver(t)
}

func (r *rig) handsOver(t *testing.T) error {
	if err := r.leaves(t); err != nil {
		return err
	}
	if _, err := r.Jobs.HandOver(t.Context(), clerk(), r.request, disclosure.Handing{Recipient: "Janez Novak", Known: "službena izkaznica", Medium: "USB 7", Warned: true}); err != nil {
		return err
	}
	r.pass(After)
	return r.tendAll(t.Context())
}

// leaves has the package written onto a disk, as the command does.
func (r *rig) leaves(t *testing.T) error {
	ready, err := r.Prepare(t.Context(), clerk(), r.request, Taking{Way: Folder, Recipient: "Janez Novak, PP Primer", Warned: true})
	if err != nil {
		return err
	}
	out, err := r.Fetch(t.Context(), clerk(), r.request, ready.ID)
	if err != nil {
		return err
	}
	if err := out.Each(t.Context(), func(_ string, _ int64, from io.Reader) error {
		_, err := io.Copy(io.Discard, from)
		return err
	}); err != nil {
		return errors.Join(err, out.Close())
	}
	out.Awaits(ready.ID)
	must(t, out.Close())
	return r.Told(t.Context(), ready.ID, true)
}

// ends brings whatever state a request is in to its end, and sees that nothing is left.
func (r *rig) ends(t *testing.T) error {
	if r.state(t).State == disclosure.Built {
		if err := r.handsOver(t); err != nil {
			return err
		}
	}
	r.pass(After)
	if err := r.tendAll(t.Context()); err != nil {
		return err
	}
	if keys, files := r.left(t); keys+files > 0 {
		t.Errorf("%d keys and %d files are left at the end", keys, files)
	}
	if n := len(r.ops(t, opErase)); n != 1 {
		t.Errorf("%d entries say that a package was erased", n)
	}
	return nil
}

// Whoever cancels while it is built leaves nothing behind.
func TestCancel(t *testing.T) {
	t.Parallel()
	for name, disclosed := range map[string]bool{"while clips are written": false, "once it is disclosed": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			cancel := func() {
				if _, err := r.Cancel(t.Context(), clerk(), r.request); err != nil {
					t.Error(err)
				}
			}
			if disclosed {
				r.d.fails = func(op string) (before, after error) {
					if op == opStage {
						cancel()
					}
					return nil, nil
				}
			} else {
				r.source.each = func(n int) error {
					if n == 1 && r.job(t).Ended == 0 {
						cancel()
					}
					return nil
				}
			}
			_, err := r.Order(t.Context(), clerk(), r.request, Asked{})
			must(t, err)
			must(t, r.settled(t.Context()))
			must(t, r.settled(t.Context()))
			if job := r.job(t); job.Step != Over || job.Why != Cancelled {
				t.Errorf("it is %s, %s", job.Step, job.Why)
			}
			if n := len(r.ops(t, opDisclose)); (n > 0) != disclosed {
				t.Errorf("%d entries disclose", n)
			}
			r.check(t)
			r.source.each, r.d.fails = nil, nil
			r.built(t) // it can be ordered again
			r.check(t)
		})
	}
}

// While all is locked a job waits, and says so; it goes on with the log-in.
func TestLocked(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.lock(true)
	_, err := r.Order(t.Context(), clerk(), r.request, Asked{})
	must(t, err)
	must(t, r.settled(t.Context()))
	if job := r.job(t); job.Step != Locked {
		t.Errorf("it is %s", job.Step)
	}
	r.lock(false)
	r.source.each = func(int) error { // somebody locks while it is built
		r.lock(true)
		return people.ErrLocked
	}
	must(t, r.settled(t.Context()))
	if job := r.job(t); job.Step != Locked || job.Error != nil {
		t.Errorf("it is %s, %v", job.Step, job.Error)
	}
	r.check(t)
	r.source.each = nil
	r.lock(false)
	must(t, r.settled(t.Context()))
	if job := r.job(t); job.Step != Built {
		t.Errorf("it is %s, %v", job.Step, job.Error)
	}
	r.check(t)
}

// What keeps a package from being built is entered and told; footage that goes meanwhile is tried again.
func TestFails(t *testing.T) {
	t.Parallel()
	gone := fmt.Errorf("%w: it was erased", ErrFootage)
	for name, tt := range map[string]struct {
		set   func(r *rig)
		calls int
		built bool
		says  string
	}{
		"the door refuses":             {func(r *rig) { r.source.err = people.ErrScope }, 1, false, people.ErrScope.Error()},
		"footage goes again and again": {func(r *rig) { r.source.each = func(int) error { return gone } }, mostTries, false, gone.Error()},
		"a camera can't be read":       {func(r *rig) { r.source.each = func(int) error { return errors.New("its disk is gone") } }, 1, false, "its disk is gone"},
		"footage goes once": {func(r *rig) {
			n := 0
			r.source.each = func(int) error { n++; return map[bool]error{true: gone}[n == 3] }
		}, 2, true, ""},
		"it is refused before it ends": {func(r *rig) {
			r.source.each = func(int) error {
				_, _ = r.requests.Refuse(context.Background(), head(), r.request, "ni podlage")
				return nil
			}
		}, 1, false, "it is refused"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			tt.set(r)
			_, err := r.Order(t.Context(), clerk(), r.request, Asked{})
			must(t, err)
			must(t, r.settled(t.Context()))
			job := r.job(t)
			if tt.built != (job.Step == Built) || r.source.calls != tt.calls {
				t.Errorf("it is %s after %d tries", job.Step, r.source.calls)
			}
			if !tt.built && (job.Why != Failed || job.Error == nil || !strings.Contains(job.Error.Error(), tt.says)) {
				t.Errorf("it is %s, %s: %v", job.Step, job.Why, job.Error)
			}
			r.check(t)
		})
	}
}

// Outside parties are asked once what was recorded is in the diary, and before it is disclosed; a package is made without their
// answer, too.
func TestWitness(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	asked := 0
	r.o.Witness = func(ctx context.Context) error {
		asked++
		if _, bounded := ctx.Deadline(); !bounded || len(r.ops(t, "export")) != 1 || len(r.ops(t, opDisclose)) != 0 {
			t.Error("asked too early, too late, or for ever")
		}
		return errors.New("no witness answers")
	}
	r.built(t)
	if asked != 1 {
		t.Errorf("asked %d times", asked)
	}
}

// A diary that takes no entry stops it; it goes on when it takes some.
func TestDiaryDown(t *testing.T) {
	t.Parallel()
	for _, op := range []string{"export", opDisclose, opStage, "request.built"} {
		t.Run(op, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			_, err := r.Order(t.Context(), clerk(), r.request, Asked{})
			must(t, err)
			down := errors.New("no entry is taken")
			from := false
			r.d.fails = func(is string) (before, after error) {
				if from = from || is == op; from {
					return down, nil
				}
				return nil, nil
			}
			if err := r.settled(t.Context()); !errors.Is(err, down) {
				t.Errorf("while it takes none: %v", err)
			}
			r.d.fails = nil
			must(t, r.settled(t.Context()))
			if job := r.job(t); job.Step != Built {
				t.Errorf("it is %s: %v", job.Step, job.Error)
			}
			r.check(t)
		})
	}
}

// A disk that is full, a real one, is a clear sentence, and nothing is left.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	r := newRigOn(t, durable.OS, durabletest.Image(t, 32))
	empty := durabletest.Fill(t, r.root)
	_, err := r.Order(t.Context(), clerk(), r.request, Asked{})
	must(t, err)
	must(t, r.settled(t.Context()))
	if job := r.job(t); job.Why != Failed || !errors.Is(job.Error, sealed.ErrFull) {
		t.Errorf("it is %s: %v", job.Why, job.Error)
	}
	empty()
	r.check(t)
	r.built(t)
	r.check(t)
}

// Packages die on time, and leave nothing: neither key nor file.
func TestDeaths(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		do    func(t *testing.T, r *rig)
		why   Why
		state disclosure.State
	}{
		"seven days after it was handed over": {func(t *testing.T, r *rig) { must(t, r.handsOver(t)) }, Delivered, disclosure.HandedOver},
		"with its footage":                    {func(_ *testing.T, r *rig) { r.pass(48 * time.Hour) }, Term, disclosure.Approved},
		"refused": {func(t *testing.T, r *rig) {
			_, err := r.requests.Refuse(t.Context(), head(), r.request, "ni podlage")
			must(t, err)
		}, Undone, disclosure.Refused},
		"withdrawn": {func(t *testing.T, r *rig) {
			_, err := r.requests.Withdraw(t.Context(), clerk(), r.request, "po telefonu")
			must(t, err)
		}, Undone, disclosure.Withdrawn},
		"its file is lost": {func(t *testing.T, r *rig) {
			store := r.stores()[0]
			must(t, r.disk.Remove(filepath.Join(store.Dir, "_sealed", "packages", r.job(t).Place.ID.String()+".obj")))
		}, Lost, disclosure.Approved},
		"lost with its disk": {func(t *testing.T, r *rig) { must(t, r.o.Shelf.Destroy(t.Context(), r.job(t).Place)) }, Lost, disclosure.Approved},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			due := noon.Add(48 * time.Hour)
			if tt.why == Delivered {
				due = noon.AddDate(1, 0, 0)
			}
			r.terms["hall"] = due
			r.built(t)
			must(t, r.tendAll(t.Context()))
			if r.job(t).Step != Built {
				t.Fatal("it died at once")
			}
			tt.do(t, r)
			must(t, r.tendAll(t.Context()))
			job := r.job(t)
			if job.Step != Over || job.Why != tt.why || r.state(t).State != tt.state {
				t.Errorf("it is %s, %s; the request %s", job.Step, job.Why, r.state(t).State)
			}
			if keys, files := r.left(t); keys+files > 0 {
				t.Errorf("%d keys and %d files are left", keys, files)
			}
			if list := r.ops(t, opErase); len(list) != 1 || *list[0].Ref != job.Stage {
				t.Errorf("entries: %+v", list)
			}
			_, err := r.Prepare(t.Context(), clerk(), r.request, Taking{Way: Download, Recipient: "Janez Novak", Warned: true})
			if err == nil {
				t.Error("it was taken out after its end")
			}
			if tt.state == disclosure.Approved {
				r.terms["hall"] = noon.AddDate(1, 0, 0)
				r.built(t)
			}
		})
	}
}

// A package whose footage comes to its term goes even if the diary takes no entry, which follows.
func TestDiesWithoutDiary(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.terms["hall"] = noon.Add(48 * time.Hour)
	r.built(t)
	r.pass(48 * time.Hour)
	down := errors.New("no entry is taken")
	r.d.fails = func(string) (before, after error) { return down, nil }
	if err := r.tendAll(t.Context()); !errors.Is(err, down) {
		t.Error(err)
	}
	if keys, files := r.left(t); keys+files > 0 {
		t.Errorf("%d keys and %d files are left", keys, files)
	}
	r.d.fails = nil
	must(t, r.tendAll(t.Context()))
	if job := r.job(t); job.Step != Over || job.Why != Term || r.state(t).State != disclosure.Approved || len(r.ops(t, opErase)) != 1 {
		t.Errorf("it is %s, %s; the request %s", job.Step, job.Why, r.state(t).State)
	}
}

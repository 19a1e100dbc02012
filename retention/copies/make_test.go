package copies

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"varuh/recorder/durable"
	"varuh/recorder/durable/durabletest"
)

// A backup has its name, its entry and its row, and nothing else is left anywhere.
func TestMake(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	o := r.order()
	o.Actor, o.Reason = "Ana", "before the move"
	c, err := r.maker().Make(t.Context(), o)
	must(t, err)
	if got := r.files(t); !slices.Equal(got, []string{"varuh-0123456789abcdef-20261121T120000Z.age"}) {
		t.Errorf("on the stick: %v", got)
	}
	if list := r.list(t); len(list) != 1 || list[0] != c || !c.Apart || c.Cut || !c.Until.Equal(noon.AddDate(0, 0, 35)) || c.Bytes != int64(len(r.content(t, c.Path()))) {
		t.Errorf("registered: %+v, made: %+v", list, c)
	}
	e := r.books.entries[1]
	if e.Op != OpBackup || e.Actor != "Ana" || e.Reason != "before the move" || e.Data["sha256"] != c.SHA256 || e.Data["dir"] != stick || e.Data["until"] != "2026-12-26T12:00:00Z" {
		t.Errorf("entered: %+v", e)
	}
	for _, name := range []string{"/state/backup.db", "/state/backup.begun"} {
		if _, err := r.disk.Stat(name); err == nil {
			t.Errorf("%s is left", name)
		}
	}
	if _, _, err := restored(t, r.content(t, c.Path()), r.key); err != nil {
		t.Error(err)
	}
	second, err := r.maker().Make(t.Context(), r.order()) // within the same second
	if err != nil || second.Name == c.Name || len(r.files(t)) != 2 {
		t.Errorf("a second one: %+v, %v", second, err)
	}
}

// What can't be is refused before anything is written.
func TestMakeRefuses(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	must(t, durable.MkdirAll(r.disk, "/store/inside", 0o700))
	f, err := r.disk.Create("/file", 0o600)
	must(t, errors.Join(err, f.Close()))
	for dir, want := range map[string]string{
		"/state": "inside the state folder", "/state/keys": "inside the state folder", "/store": "inside the store", "/store/inside": "inside the store",
		"/nowhere": "mount its disk", "/file": "no folder", "usb": "from the root on",
	} {
		o := r.order()
		o.Dir = dir
		if _, err := r.maker().Make(t.Context(), o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", dir, err)
		}
	}
	o := r.order()
	o.Keep.Days = 0
	if _, err := r.maker().Make(t.Context(), o); err == nil {
		t.Error("without a date")
	}
	if len(r.files(t)) != 0 || r.books.ops() != "" {
		t.Errorf("left: %v, entered: %s", r.files(t), r.books.ops())
	}
}

// Wherever the power fails or the disk refuses, the next start ends with one whole backup more, with no part, and with
// as many entries as files; a restore of each gives all.
func TestMakeCrashes(t *testing.T) {
	t.Parallel()
	steps := 0
	{
		r := newRig(t)
		before := len(r.disk.Ops())
		_, err := r.maker().Make(t.Context(), r.order())
		must(t, err)
		steps = len(r.disk.Ops()) - before
	}
	for step := range steps {
		for _, fault := range durabletest.Faults {
			for _, loss := range durabletest.Losses {
				if fault != durabletest.PowerGone && loss != durabletest.Losses[0] {
					continue
				}
				name := fmt.Sprintf("step %d %v, %v", step, fault, loss)
				r := newRig(t)
				must(t, r.disk.SyncFS("/"))
				r.disk.FailAt(len(r.disk.Ops())+step, fault)
				_, err := r.maker().Make(t.Context(), r.order())
				if fault == durabletest.PowerGone {
					r.disk = r.disk.AfterPowerLoss(loss)
					r.usb = &usb{FS: r.disk, after: -1}
					r.reopen(t)
				} else if err == nil {
					continue // a repetition inside had success
				}
				r.clock = r.clock.Add(time.Hour)
				if _, err := r.maker().Make(t.Context(), r.order()); err != nil {
					t.Fatalf("%s: the next start: %v", name, err)
				}
				files, list := r.files(t), r.list(t)
				if len(files) != len(list) || len(list) < 1 || len(list) > 2 {
					t.Errorf("%s: files %v, registered %+v, entered %s", name, files, list, r.books.ops())
				}
				for _, c := range list {
					if c.Cut || !slices.Contains(files, c.Name) {
						t.Errorf("%s: %+v among %v", name, c, files)
						continue
					}
					if _, _, err := restored(t, r.content(t, c.Path()), r.key); err != nil {
						t.Errorf("%s: %v", name, err)
					}
				}
				if _, err := r.disk.Stat("/state/backup.begun"); err == nil {
					t.Errorf("%s: the note is left", name)
				}
			}
		}
	}
}

// A stick that is pulled out at any moment leaves either no entry and no part, or an entry: a part that can't be
// reached is registered, and removed when the stick is back. Then everything goes on.
func TestStickPulled(t *testing.T) {
	t.Parallel()
	cut, whole := 0, 0
	for after := range 60 {
		r := newRig(t)
		r.usb.after = after
		_, err := r.maker().Make(t.Context(), r.order())
		if !r.usb.pulled {
			must(t, err)
			break
		}
		if err == nil {
			t.Errorf("pulled after %d: no error", after)
		}
		if list, files := r.list(t), r.filled(t); len(list) < len(files) {
			t.Errorf("pulled after %d: there is %v, registered %+v", after, files, list)
		} else if len(list) == 1 && list[0].Cut {
			cut++
		} else if len(list) == 1 {
			whole++
		}
		if _, err := r.maker().Make(t.Context(), r.order()); err == nil {
			t.Errorf("pulled after %d: a backup onto the disk below", after)
		}
		r.usb.put()
		r.clock = r.clock.Add(2 * time.Hour)
		_, err = r.maker().Make(t.Context(), r.order())
		must(t, err)
		must(t, r.maker().Expire(t.Context(), r.order()))
		for _, c := range r.list(t) {
			if c.Cut {
				t.Errorf("pulled after %d: with the stick back there is still %+v", after, c)
			}
		}
		if list, files := r.list(t), r.files(t); len(list) != len(files) {
			t.Errorf("pulled after %d: with the stick back there is %v, registered %+v", after, files, list)
		}
	}
	if cut == 0 || whole == 0 {
		t.Errorf("%d parts and %d whole backups were left on the stick: the test tries too little", cut, whole)
	}
}

// A full stick takes nothing, says so, and keeps what it had.
func TestFullStick(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	first, err := r.maker().Make(t.Context(), r.order())
	must(t, err)
	r.clock = r.clock.Add(24 * time.Hour)
	r.disk.SetFree(least + 100)
	r.taken = func() { r.disk.SetFree(50) } // somebody else fills it meanwhile
	if _, err = r.maker().Make(t.Context(), r.order()); err == nil || !strings.Contains(err.Error(), "its disk is full") {
		t.Errorf("said: %v", err)
	}
	r.disk.SetFree(least - 1)
	if _, err = r.maker().Make(t.Context(), r.order()); err == nil || !strings.Contains(err.Error(), "is full") {
		t.Errorf("said: %v", err)
	}
	if files := r.files(t); !slices.Equal(files, []string{first.Name}) || len(r.list(t)) != 1 {
		t.Errorf("left: %v", files)
	}
}

// A stick that gives back other bytes than it took is no backup.
func TestReadBack(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.disk.OnOp(func(op durabletest.Op) {
		if op.Kind == "Sync" && strings.HasPrefix(op.Name, stick) {
			for _, name := range r.files(t) {
				f, err := r.disk.OpenRW(stick + "/" + name)
				must(t, err)
				_, err = f.WriteAt([]byte{0}, 300)
				must(t, errors.Join(err, f.Close()))
			}
		}
	})
	if _, err := r.maker().Make(t.Context(), r.order()); err == nil || !strings.Contains(err.Error(), "not what was written") {
		t.Errorf("said: %v", err)
	}
	if files := r.files(t); len(files) != 0 || len(r.list(t)) != 0 {
		t.Errorf("left: %v", files)
	}
}

// Without the diary there is no backup; one that is stopped leaves nothing.
func TestNotEntered(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.books.fail = errors.New("the diary is closed")
	if _, err := r.maker().Make(t.Context(), r.order()); err == nil || !strings.Contains(err.Error(), "diary is closed") {
		t.Errorf("said: %v", err)
	}
	r.books.fail = nil
	if len(r.files(t)) != 0 || len(r.list(t)) != 0 {
		t.Errorf("left: %v", r.files(t))
	}
	ctx, stop := context.WithCancel(t.Context())
	r.taken = stop
	if _, err := r.maker().Make(ctx, r.order()); !errors.Is(err, context.Canceled) {
		t.Errorf("said: %v", err)
	}
	if len(r.files(t)) != 0 || r.books.ops() != "" {
		t.Errorf("left: %v, entered: %s", r.files(t), r.books.ops())
	}
}

// Copies go at their date, but for the newest; strangers stay; what is found is registered; another stick in the same
// place keeps its own. What is not seen to go is overdue until a person says that it is destroyed.
func TestExpire(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	m := r.maker()
	old, err := m.Make(t.Context(), r.order())
	must(t, err)
	for _, name := range []string{"varuh-ffffffffffffffff-20200101T000000Z.age", "notes.txt", "varuh-0123456789abcdef-20261120T120000Z.age", "varuh-0123456789abcdef-20261119T120000Z.age"} {
		f, err := r.disk.Create(stick+"/"+name, 0o600)
		must(t, err)
		if !strings.Contains(name, "19T") { // that one was being removed when the power failed
			_, err = f.Write([]byte("x"))
		}
		must(t, errors.Join(err, f.Close()))
	}
	must(t, m.Expire(t.Context(), r.order()))
	if list := r.list(t); len(list) != 2 || list[0].Name != "varuh-0123456789abcdef-20261120T120000Z.age" || !list[0].Made.Equal(noon.AddDate(0, 0, -1)) {
		t.Fatalf("registered: %+v", list)
	}
	r.clock = old.Until.Add(-2 * time.Hour)
	last, err := m.Make(t.Context(), r.order())
	must(t, err)
	must(t, r.disk.Rename(stick+"/"+old.Name, "/away.age")) // it is on another stick
	r.clock = old.Until.Add(-30 * time.Minute)
	must(t, m.Expire(t.Context(), r.order()))
	if got := r.files(t); !slices.Equal(got, []string{"notes.txt", last.Name, "varuh-ffffffffffffffff-20200101T000000Z.age"}) {
		t.Errorf("left: %v", got)
	}
	overdue := func() (ids []int64) {
		for _, c := range r.list(t) {
			if c.Overdue(r.clock) {
				ids = append(ids, c.ID)
			}
		}
		return ids
	}
	if ids := overdue(); len(ids) != 0 {
		t.Errorf("overdue too early: %v", ids)
	}
	r.clock = old.Until.Add(3 * time.Hour)
	must(t, m.Expire(t.Context(), r.order()))
	if ids := overdue(); !slices.Equal(ids, []int64{old.ID}) || !strings.Contains(old.Sentence(), fmt.Sprintf("varuh backup destroyed %d", old.ID)) {
		t.Errorf("overdue: %v", ids)
	}
	must(t, m.Register.End(t.Context(), old.ID, Entry{Op: OpDestroyed, Actor: "Ana", Reason: "shredded"}))
	if err := m.Register.End(t.Context(), old.ID, Entry{Op: OpDestroyed}); err == nil {
		t.Error("destroyed twice")
	}
	if e := r.books.entries[len(r.books.entries)-1]; e.Op != OpDestroyed || *e.Ref != old.ID {
		t.Errorf("entered: %+v", e)
	}
	r.clock = last.Until.AddDate(1, 0, 0)
	must(t, m.Expire(t.Context(), r.order()))
	if got := r.files(t); !slices.Contains(got, last.Name) {
		t.Errorf("the newest is gone: %v", got)
	}
}

// emptied demands that nothing is unlinked before it is empty, durably.
type emptied struct {
	durable.FS
	t     *testing.T
	files int
}

func (e *emptied) Remove(name string) error {
	if st, err := e.FS.Stat(name); err == nil && strings.HasSuffix(name, ".age") {
		e.files++
		if st.Size() > 0 {
			e.t.Errorf("%s is unlinked with %d bytes in it", name, st.Size())
		}
	}
	return e.FS.Remove(name)
}

// A copy goes once its date has come for certain, whatever the clock shows, and is emptied before it is unlinked.
func TestExpireByCertain(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	m := r.maker()
	look := &emptied{FS: m.FS, t: t}
	m.FS = look
	old, err := m.Make(t.Context(), r.order())
	must(t, err)
	r.clock = r.clock.Add(time.Hour)
	_, err = m.Make(t.Context(), r.order())
	must(t, err)
	r.clock = old.Until.AddDate(30, 0, 0) // a clock that went forward
	for _, certain := range []func() time.Time{nil, func() time.Time { return time.Time{} }, func() time.Time { return old.Until.Add(-2 * ahead) }} {
		m.Certain = certain
		if must(t, m.Expire(t.Context(), r.order())); len(r.files(t)) != 2 {
			t.Fatalf("by the clock alone there went one of %v", r.files(t))
		}
	}
	r.clock = noon // a clock that went back
	m.Certain = func() time.Time { return old.Until }
	if must(t, m.Expire(t.Context(), r.order())); len(r.files(t)) != 1 || look.files != 1 {
		t.Errorf("at its date: %v, of which %d were seen to go", r.files(t), look.files)
	}
}

// A removal that is cut off anywhere is ended by the next turn: file and row go together.
func TestExpireCrashes(t *testing.T) {
	t.Parallel()
	for step := 0; ; step++ {
		done := false
		for _, loss := range durabletest.Losses {
			r := newRig(t)
			first, err := r.maker().Make(t.Context(), r.order())
			must(t, err)
			r.clock = first.Until
			_, err = r.maker().Make(t.Context(), r.order())
			must(t, err)
			r.disk.FailAt(len(r.disk.Ops())+step, durabletest.PowerGone)
			if err := r.maker().Expire(t.Context(), r.order()); err == nil {
				done = true
				break
			}
			r.disk = r.disk.AfterPowerLoss(loss)
			r.usb = &usb{FS: r.disk, after: -1}
			r.reopen(t)
			must(t, r.maker().Expire(t.Context(), r.order()))
			if files, list := r.files(t), r.list(t); len(files) != 1 || len(list) != 1 || list[0].Name != files[0] {
				t.Errorf("step %d, %v: files %v, registered %+v", step, loss, files, list)
			}
		}
		if done {
			if step < 3 {
				t.Errorf("only %d steps", step)
			}
			return
		}
	}
}

// Where another stick is in the place of the one that the power failed on, what may be on that one is not forgotten: it
// is registered until it comes back and is destroyed.
func TestStickSwapped(t *testing.T) {
	t.Parallel()
	cut := 0
	for step := 0; ; step++ {
		r := newRig(t)
		must(t, r.disk.SyncFS("/"))
		r.disk.FailAt(len(r.disk.Ops())+step, durabletest.PowerGone)
		_, err := r.maker().Make(t.Context(), r.order())
		if err == nil {
			break
		}
		r.disk = r.disk.AfterPowerLoss(durabletest.KeepsAll)
		r.usb = &usb{FS: r.disk, after: -1}
		r.reopen(t)
		keys := r.filled(t)
		for _, name := range r.files(t) {
			must(t, r.disk.Rename(stick+"/"+name, "/"+name))
		}
		must(t, r.maker().Tidy(t.Context()))
		if list := r.list(t); len(keys) > len(list) {
			t.Errorf("step %d: %v is on the stick that is away, registered is %+v", step, keys, list)
		}
		for _, name := range keys {
			must(t, r.disk.Rename("/"+name, stick+"/"+name))
		}
		must(t, r.maker().Expire(t.Context(), r.order()))
		if list, files := r.list(t), r.files(t); len(keys) > 0 && strings.HasSuffix(keys[0], partEnd) && len(r.books.entries) > 2 {
			if cut++; len(list) != 0 || len(files) != 0 {
				t.Errorf("step %d: with the stick back there is %v, registered %+v", step, files, list)
			}
		}
	}
	if cut == 0 {
		t.Error("no part was ever left")
	}
}

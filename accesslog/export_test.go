package accesslog

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/disclosure"
	"varuh/accesslog/evidence"
	"varuh/accesslog/people"
	"varuh/recorder/segment"
)

// What can leave is entered before anything does, and what did when it ends.
func TestExport(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	start := noon.Add(-time.Hour)
	r.record(tape{camera: "hall", stream: "main", start: start, length: 11 * time.Minute, segment: 2 * time.Minute})
	asked := hall(start.Add(61*time.Second), 3*time.Minute)
	q := r.request(disclosure.Authority, asked)
	e := r.export(takes(asked))
	entry := r.last(opExport)
	if entry.Index != e.Entry() || *entry.Ref != q.Entry || entry.Actor.ID != "boris" || entry.Case != "KU 7/2026" || entry.Data["request"] != q.ID || entry.Basis == "" {
		t.Errorf("entry %+v", entry)
	}
	want := span{asked.From.Add(-time.Second), asked.To}
	if len(entry.Objects) != 1 || !entry.Objects[0].From.Equal(want.from) || entry.Objects[0].To.Sub(want.to).Abs() > time.Second {
		t.Errorf("objects %+v, want %+v", entry.Objects, want)
	}
	if len(e.Delivered()) != 0 || len(e.Gaps()) != 0 || len(e.Notices()) != 1 || fmt.Sprint(e.Asked()) != fmt.Sprint([]evidence.Range{asked}) {
		t.Errorf("delivered %v, gaps %v, notices %v, asked %v", e.Delivered(), e.Gaps(), e.Notices(), e.Asked())
	}
	n, err := read(t.Context(), e, nil)
	must(t, err)
	if n < 180 || n > 183 {
		t.Errorf("%d fragments", n)
	}
	must(t, e.Close(t.Context()))
	must(t, e.Close(t.Context()))
	end := r.last(opTaken)
	if *end.Ref != e.Entry() || end.Result != string(Exported) || fmt.Sprint(end.Objects) != fmt.Sprint(entry.Objects) || end.Bytes != e.Bytes() {
		t.Errorf("end %+v of %+v", end, entry)
	}
	if got := e.Delivered(); len(got) != 1 || !got[0].From.Equal(want.from) {
		t.Errorf("delivered %v", got)
	}
	if _, err := read(t.Context(), e, nil); !errors.Is(err, ErrEnded) {
		t.Errorf("read after the end: %v", err)
	}
}

// Until export is durable, however slowly, nobody has anything to read from, and no key is needed; a diary that takes nothing
// lets nothing out.
func TestExportEntryFirst(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	start := noon.Add(-time.Hour)
	r.record(tape{camera: "hall", stream: "main", start: start, length: time.Minute})
	asked := hall(start, time.Minute)
	r.request(disclosure.Authority, asked)
	entered := false
	r.diary.hooked(func(op string, write func() (diary.Receipt, error)) (diary.Receipt, error) {
		if op == opExport {
			r.keys.k.Lock() // from here on nothing could be decrypted, and what was is let go
			entered = true
		}
		return write()
	})
	e := r.export(takes(asked))
	if !entered {
		t.Error("nothing was entered")
	}
	if n, err := read(t.Context(), e, nil); n != 0 || !errors.Is(err, ErrLocked) {
		t.Errorf("%d fragments, %v", n, err)
	}
	must(t, r.unlock())
	broken := NewDoor(r.door.o)
	broken.o.Diary = brokenDiary{r.diary}
	if _, err := broken.Export(t.Context(), takes(asked)); !errors.Is(err, ErrDiary) {
		t.Errorf("a diary that takes nothing: %v", err)
	}
	if n := len(broken.viewings); n != 0 {
		t.Errorf("%d are open", n)
	}
}

// What ends the right to footage in the middle ends the export before the next record, and its end says what was read.
func TestExportEnds(t *testing.T) {
	t.Parallel()
	start := noon.Add(-time.Hour)
	asked := hall(start, time.Minute)
	for name, tt := range map[string]struct {
		happen func(r *rig)
		want   error
		order  bool
	}{
		"locked":                {func(r *rig) { r.keys.k.Lock() }, ErrLocked, false},
		"the session is over":   {func(r *rig) { r.law.gone["s2"] = true }, ErrSession, false},
		"authorisation over":    {func(r *rig) { r.law.grants["boris"][0].To = noon.Add(-time.Second) }, people.ErrExpired, false},
		"person removed":        {func(r *rig) { delete(r.law.grants, "boris") }, people.ErrNotAllowed, false},
		"orderer removed":       {func(r *rig) { delete(r.law.grants, "boris") }, ErrSession, true},
		"the order is narrower": {func(r *rig) { r.law.grants["boris"][0].Cameras = []string{"yard"} }, ErrScope, true},
		"restricted":            {func(r *rig) { r.restrict(start.Add(30*time.Second), time.Second) }, ErrRestricted, false},
		"erased":                {func(r *rig) { r.erase() }, ErrErased, false},
		"the diary fails":       {func(r *rig) { r.door.Wrote(errors.New("the disk is gone")) }, ErrDiary, false},
		"the request is refused": {func(r *rig) {
			q := r.law.requests["2026-1"]
			q.State = disclosure.Refused
			r.law.requests["2026-1"] = q
			r.law.mu.Unlock()
			defer r.law.mu.Lock()
			_, err := r.diary.Append(context.Background(), diary.Entry{Op: "request.refuse"}, nil)
			must(r.t, err)
		}, ErrRequest, false},
		"the footage is damaged": {func(r *rig) { r.spoil(start.Add(45 * time.Second)) }, ErrDamaged, false},
		"the program stops": {func(r *rig) {
			r.law.mu.Unlock()
			defer r.law.mu.Lock()
			must(r.t, r.door.Close(context.Background()))
		}, ErrEnded, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.record(tape{camera: "hall", stream: "main", start: start, length: 2 * time.Minute})
			q := r.request(disclosure.Authority, asked)
			a := takes(asked)
			if tt.order {
				a.Session, a.Order = people.Session{}, Order{"boris", q.Last}
			}
			e := r.export(a)
			n, err := read(t.Context(), e, func(_ evidence.Part, n int, _ evidence.Record) {
				if n == 20 {
					r.law.change(func() { tt.happen(r) })
				}
			})
			if !errors.Is(err, tt.want) || n < 20 || n > 45 {
				t.Errorf("%d fragments, then %v, want %v", n, err, tt.want)
			}
			if err := e.Close(t.Context()); err != nil && tt.want != ErrDiary {
				t.Error(err)
			}
			end := r.last(opTaken)
			if end.Result != string(CutOff) || *end.Ref != e.Entry() || spansOf(end.Objects)[0].to.Sub(start) != time.Duration(n)*time.Second {
				t.Errorf("after %d fragments the end says %+v", n, end)
			}
		})
	}
}

// spoil changes a byte of the picture that was recorded at a time.
func (r *rig) spoil(at time.Time) {
	name, off := r.placed(at)
	f, err := os.OpenFile(name, os.O_WRONLY, 0)
	must(r.t, err)
	_, err = f.WriteAt([]byte{0xff}, off)
	must(r.t, errors.Join(err, f.Close()))
}

// placed is where the middle of the picture lies that was recorded at a time.
func (r *rig) placed(at time.Time) (name string, off int64) {
	for s, err := range r.index.All() {
		must(r.t, err)
		list, err := r.keys.k.Entries(s)
		must(r.t, err)
		for n, e := range list {
			if p := pieceOf(s, n, e); n == 0 || !p.Start.Equal(at) || p.Kind != segment.Video {
				continue
			}
			return r.store.Path(s.Camera, s.ID), e.Offset + e.Size/2
		}
	}
	r.t.Fatal("there is no such record")
	return "", 0
}

// What is not handed out is a gap with its cause, and the rest begins with a key frame.
func TestExportGaps(t *testing.T) {
	t.Parallel()
	start := noon.Add(-3 * time.Hour)
	asked := hall(start, time.Minute)
	for name, tt := range map[string]struct {
		before func(r *rig) // it is recorded
		record func(r *rig)
		want   []string
		err    error
	}{
		"nothing missing":     {},
		"restricted":          {record: func(r *rig) { r.restrict(start.Add(20*time.Second), 5*time.Second) }, want: []string{"hall/main restricted 20s–26s"}},
		"all restricted":      {record: func(r *rig) { r.restrict(start.Add(-time.Minute), time.Hour) }, err: ErrRestricted},
		"a damaged record":    {record: func(r *rig) { r.spoil(start.Add(31 * time.Second)) }, want: []string{"hall/main unreadable 31s–32s"}},
		"a damaged key frame": {record: func(r *rig) { r.spoil(start.Add(30 * time.Second)) }, want: []string{"hall/main unreadable 30s–32s"}},
		"a bad sector": {before: func(r *rig) {
			r.record(tape{camera: "hall", stream: "main", start: start.Add(-20 * time.Second), length: 2 * time.Minute})
		}, record: func(r *rig) { _, r.fs.bad = r.placed(start.Add(31 * time.Second)) }, want: []string{"hall/main unreadable 31s–32s"}},
		"a damaged record beside sound": {before: func(r *rig) {
			r.notices(noon, loud(false, property), sign(false, property))
			r.record(tape{camera: "hall", stream: "main", start: start.Add(-20 * time.Second), length: 2 * time.Minute, sound: true})
		}, record: func(r *rig) { r.spoil(start.Add(31 * time.Second)) }, want: []string{"hall/main unreadable 31s–32s"}},
		"key erased": {record: func(r *rig) { r.erase() }, err: ErrNothing},
		"erased": {record: func(r *rig) {
			must(r.t, settling{r}.Settle(r.t.Context(), "hall", start.Add(100*time.Second)))
			ids := r.segments()
			must(r.t, r.index.Remove(ids[2]))
		}, want: []string{"hall/main erased 20s–40s"}},
		"the recorder's": {before: func(r *rig) {
			r.record(tape{camera: "hall", stream: "main", start: start.Add(-time.Minute), length: time.Minute + 10*time.Second})
			r.gap = &segment.Gap{From: start.Add(10 * time.Second), To: start.Add(30 * time.Second), Cause: "unreachable"}
			r.record(tape{camera: "hall", stream: "main", start: start.Add(30 * time.Second), length: time.Minute})
		}, want: []string{"hall/main unreachable 10s–30s"}},
		"it begins later": {before: func(r *rig) {
			r.record(tape{camera: "hall", stream: "main", start: start.Add(15 * time.Second), length: time.Minute})
		}, want: []string{"hall/main before 0s–15s"}},
		"untold": {before: func(r *rig) {
			r.record(tape{camera: "hall", stream: "main", start: start.Add(-time.Minute), length: 80 * time.Second})
			r.record(tape{camera: "hall", stream: "main", start: start.Add(30 * time.Second), length: time.Minute})
		}, want: []string{"hall/main untold 20s–30s"}},
		"kept open by a sick disk": {before: func(r *rig) {
			r.record(tape{camera: "hall", stream: "main", start: start.Add(-time.Minute), length: 80 * time.Second})
			r.record(tape{camera: "hall", stream: "main", start: start.Add(20 * time.Second), length: 10 * time.Second, open: true})
			r.record(tape{camera: "hall", stream: "main", start: start.Add(30 * time.Second), length: time.Minute})
		}, want: []string{"hall/main unreadable 20s–30s"}},
		"nothing": {before: func(*rig) {}, err: ErrNothing},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			if tt.before != nil {
				tt.before(r)
			} else {
				r.record(tape{camera: "hall", stream: "main", start: start.Add(-20 * time.Second), length: 2 * time.Minute, segment: 20 * time.Second})
			}
			if tt.record != nil {
				tt.record(r)
			}
			r.request(disclosure.Authority, asked)
			a := takes(asked)
			a.Sound = true
			e, err := r.door.Export(t.Context(), a)
			if tt.err != nil || err != nil {
				if !errors.Is(err, tt.err) || tt.err == nil {
					t.Errorf("%v, want %v", err, tt.err)
				}
				return
			}
			if got := gaps(e, start); strings.Join(got, ", ") != strings.Join(tt.want, ", ") {
				t.Errorf("gaps %q, want %q", got, tt.want)
			}
			_, err = read(t.Context(), e, nil)
			must(t, err)
		})
	}
}

package accesslog

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mattn/go-sqlite3"

	"varuh/accesslog/diary"
	"varuh/recorder/durable/durabletest"
)

// trace notes in what order things happen.
type trace struct {
	mu    sync.Mutex
	steps []string
}

func (x *trace) note(step string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if n := len(x.steps); n == 0 || x.steps[n-1] != step {
		x.steps = append(x.steps, step)
	}
}

func (x *trace) String() string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return strings.Join(x.steps, ", ")
}

// traced notes commits, reads of records, and deliveries.
func (r *rig) traced() *trace {
	x := &trace{}
	r.fs.mu.Lock()
	defer r.fs.mu.Unlock()
	r.fs.read = func(name string, bytes int, _ int64) {
		if strings.HasSuffix(name, ".seg") && bytes > 400 { // heads of records and seals are shorter
			x.note("record read")
		}
	}
	return x
}

// While an entry is being committed, however slowly, no record is read, not to speak of decrypted.
func TestEntryFirst(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	start := noon.Add(-time.Hour)
	r.record(tape{camera: "hall", stream: "main", start: start, length: 11 * time.Minute, size: 200})
	v := r.open(asks(start, time.Minute))
	list := r.pieces(v, "hall", "main", start.Add(4*time.Minute+56*time.Second), 10*time.Second)
	must(t, v.End(t.Context(), NothingFound))

	x := r.traced()
	began, goOn := make(chan struct{}), make(chan struct{})
	r.diary.hooked(func(op string, write func() (diary.Receipt, error)) (diary.Receipt, error) {
		x.note(op + " asked")
		began <- struct{}{}
		<-goOn
		receipt, err := write()
		x.note(op + " durable")
		return receipt, err
	})
	done := make(chan error)
	go func() {
		v, err := r.door.Open(t.Context(), asks(start, 5*time.Minute))
		if err == nil {
			x.note("open")
			err = v.Deliver(t.Context(), list, func(p Piece, _ []byte) (bool, error) { x.note("footage"); return true, nil })
		}
		done <- err
	}()
	for _, want := range []string{
		"view.start asked",
		"view.start asked, view.start durable, open" + strings.Repeat(", record read, footage", 4) + ", view.more asked",
	} {
		<-began
		if got := x.String(); got != want {
			t.Errorf("while the diary commits: %s, want %s", got, want)
		}
		goOn <- struct{}{}
	}
	must(t, <-done)
	if got := x.String(); !strings.Contains(got, "view.more asked, view.more durable, record read, footage") {
		t.Errorf("in the end: %s", got)
	}
}

// downs are ways in which a diary cannot be written.
var downs = map[string]func(t *testing.T, r *rig){
	"closed": func(t *testing.T, r *rig) { must(t, r.diary.Close()) },
	"the commit fails": func(t *testing.T, r *rig) {
		r.diary.hooked(func(string, func() (diary.Receipt, error)) (diary.Receipt, error) {
			return diary.Receipt{}, sqlite3.Error{Code: sqlite3.ErrFull}
		})
	},
	"nobody knows whether it was committed": func(t *testing.T, r *rig) {
		r.diary.hooked(func(_ string, write func() (diary.Receipt, error)) (diary.Receipt, error) {
			receipt, err := write()
			return receipt, errors.Join(diary.ErrUncertain, err)
		})
	},
}

// Without a diary there is no footage: neither for a new viewing, nor behind the lease of an open one.
func TestDiaryDown(t *testing.T) {
	t.Parallel()
	for name, down := range downs {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.downed(t, func() { down(t, r) })
		})
	}
}

// On a disk without a free block some entries fit into what the diary has, and others do not: no footage without
// one, and none is held back that has one.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	r := newStore(t, t.TempDir())
	disk := durabletest.Image(t, 32)
	r.begin(disk)
	start := noon.Add(-time.Hour)
	r.record(tape{camera: "hall", stream: "main", start: start, length: 10 * time.Second, size: 200})
	list := r.pieces(r.open(asks(start, time.Second)), "hall", "main", start, time.Second)
	t.Cleanup(durabletest.Fill(t, disk))
	refused := 0
	for range 12 {
		x := r.traced()
		r.diary.hooked(func(op string, write func() (diary.Receipt, error)) (diary.Receipt, error) {
			receipt, err := write()
			if err == nil {
				x.note(op + " durable")
			}
			return receipt, err
		})
		v, err := r.door.Open(t.Context(), asks(start, 5*time.Second))
		want := "view.start durable, record read, footage"
		if err == nil {
			err = v.Deliver(t.Context(), list, func(Piece, []byte) (bool, error) { x.note("footage"); return true, nil })
		}
		if errors.Is(err, ErrDiary) {
			refused, want, err = refused+1, "", nil
		}
		must(t, err)
		if got := x.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if refused == 0 {
		t.Error("the disk was not full")
	}
}

// downed sees that nothing is delivered once the diary is down.
func (r *rig) downed(t *testing.T, down func()) {
	start := noon.Add(-time.Hour)
	r.record(tape{camera: "hall", stream: "main", start: start, length: 6 * time.Minute})
	v := r.open(asks(start, time.Minute))
	list := r.pieces(v, "hall", "main", start.Add(30*time.Second), 3*time.Minute)
	within, behind := list[:25], list[25:]
	must(t, v.Deliver(t.Context(), within, all))
	down()
	x := r.traced()
	footage := func(Piece, []byte) (bool, error) { x.note("footage"); return true, nil }
	if err := v.Deliver(t.Context(), behind[10:], footage); !errors.Is(err, ErrDiary) {
		t.Errorf("behind the lease: %v", err)
	}
	if err := v.KeyFrame(t.Context(), behind[11], func(Still) (bool, error) { x.note("footage"); return true, nil }); !errors.Is(err, ErrDiary) && !errors.Is(err, ErrAsk) {
		t.Errorf("a key frame behind the lease: %v", err)
	}
	if w, err := r.door.Open(t.Context(), asks(start, time.Minute)); w != nil || !errors.Is(err, ErrDiary) {
		t.Errorf("a new viewing: %v", err)
	}
	if err := v.Deliver(t.Context(), within, footage); !errors.Is(err, ErrDiary) {
		t.Errorf("within the lease, once the diary has refused an entry: %v", err)
	}
	if got := x.String(); got != "" {
		t.Errorf("without an entry: %s", got)
	}
	if err := v.End(t.Context(), NothingFound); !errors.Is(err, ErrDiary) {
		t.Errorf("its end: %v", err)
	}
	if len(r.door.owed) == 0 {
		t.Error("the end is forgotten")
	}
}

// Whoever has a lease goes on as soon as the diary takes entries again.
func TestDiaryUpAgain(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	start := noon.Add(-time.Hour)
	r.record(tape{camera: "hall", stream: "main", start: start, length: 6 * time.Minute})
	v := r.open(asks(start, 5*time.Minute))
	list := r.pieces(v, "hall", "main", start, 6*time.Minute)
	downs["the commit fails"](t, r)
	if err := v.Deliver(t.Context(), list[320:], all); !errors.Is(err, ErrDiary) {
		t.Error(err)
	}
	if err := v.Deliver(t.Context(), list[:2], all); !errors.Is(err, ErrDiary) {
		t.Error(err)
	}
	r.diary.hooked(nil)
	must(t, v.Deliver(t.Context(), list, all))
	if more := r.entries("view.more"); len(more) != 2 || !more[0].Objects[0].From.Equal(start) {
		t.Errorf("%d further leases, %+v", len(more), more[0].Objects)
	}
}

// What the diary did not take while it was down is entered once it is up again, once.
func TestEnteredLater(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	start := noon.Add(-time.Hour)
	r.record(tape{camera: "hall", stream: "main", start: start, length: time.Minute})
	v := r.open(asks(start, time.Minute))
	must(t, v.Deliver(t.Context(), r.pieces(v, "hall", "main", start, time.Minute), all))
	downs["nobody knows whether it was committed"](t, r)
	if _, err := r.door.Open(t.Context(), asks(start, time.Minute)); !errors.Is(err, ErrDiary) {
		t.Error(err)
	}
	downs["the commit fails"](t, r)
	if err := v.End(context.Background(), Reported); !errors.Is(err, ErrDiary) {
		t.Error(err)
	}
	if err := r.door.Sweep(t.Context()); !errors.Is(err, ErrDiary) {
		t.Errorf("nobody is told that the diary is still down: %v", err)
	}
	r.diary.hooked(nil)
	must(t, r.door.Sweep(t.Context()))
	must(t, r.door.Sweep(t.Context()))
	starts, ends := r.entries("view.start"), r.entries("view.end")
	if len(starts) != 2 || len(ends) != 2 {
		t.Fatalf("%d beginnings and %d ends", len(starts), len(ends))
	}
	for _, e := range ends {
		switch *e.Ref {
		case starts[0].Index:
			if e.Result != "reported" || len(e.Objects) != 1 {
				t.Errorf("the viewing ended with %+v", e.Body)
			}
		case starts[1].Index:
			if e.Result != "cut off" || len(e.Objects) != 0 {
				t.Errorf("the one that never began ended with %+v", e.Body)
			}
		}
	}
}

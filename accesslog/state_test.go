package accesslog

import (
	"errors"
	"testing"

	"varuh/accesslog/diary"
)

// faulty is a diary that went back.
type faulty struct{ Diary }

func (faulty) Fault() *diary.Fault { return &diary.Fault{Kind: diary.FaultRollback} }

// The state is that of whoever comes next, the gravest first.
func TestState(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	is := func(want State) {
		t.Helper()
		if got := r.door.State(); got != want {
			t.Errorf("the door is %q, want %q", got, want)
		}
	}
	is(Open)
	r.keys.k.Lock()
	is(Locked)
	r.door.Wrote(errors.New("the disk is full"))
	is(Down)
	r.door.o.Diary = faulty{r.diary}
	is(Fault)
	r.door.o.Diary = r.diary
	r.door.Wrote(nil)
	must(t, r.unlock())
	is(Open)
	must(t, r.door.Close(t.Context()))
	is(Stopping)
}

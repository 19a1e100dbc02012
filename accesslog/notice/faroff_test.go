package notice

import (
	"errors"
	"testing"
	"time"
)

// overflowed is a moment with the same 64 bits of nanoseconds.
func overflowed(t time.Time) time.Time { return t.Add(1<<63 - 1).Add(1<<63 - 1).Add(2) }

// A moment after 2262 would be another one in the columns: a notice from 2610 would have been in force since last April,
// without anybody's stating so, and the entry would say 2610.
func TestFarOff(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	march := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	n := r.add(t, hall(march).with("property"))
	size := r.d.Head().Size
	april := overflowed(march.AddDate(0, 1, 0))
	if april.UnixNano() != march.AddDate(0, 1, 0).UnixNano() {
		t.Fatal("the test is wrong")
	}
	for _, at := range []time.Time{april, time.Date(lastYear+1, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(1500, 1, 1, 0, 0, 0, 0, time.UTC)} {
		ask := hall(at).with("property", "performance")
		if _, err := r.Add(t.Context(), ask); !errors.Is(err, ErrIncomplete) {
			t.Errorf("from %v: %v", at, err)
		}
		if _, err := r.End(t.Context(), Ended{Notice: n.ID, Cameras: []string{"hall"}, At: at, Reason: "x", By: head()}); !errors.Is(err, ErrIncomplete) {
			t.Errorf("until %v: %v", at, err)
		}
	}
	if r.d.Head().Size != size {
		t.Error("something was entered")
	}
	r.add(t, hall(time.Date(lastYear, 12, 31, 0, 0, 0, 0, time.UTC)).with("property"))
}

package segment

import (
	"testing"
	"time"
)

func TestGapWithin(t *testing.T) {
	t.Parallel()
	at := func(n int) time.Time {
		if n < 0 {
			return time.Time{}
		}
		return time.Unix(int64(n), 0)
	}
	for _, tt := range []struct {
		from, to         int // of the gap; -1 lasts
		wantFrom, wantTo int // within 10 to 20; both 0 for nothing
	}{
		{12, 15, 12, 15}, {5, 15, 10, 15}, {15, 25, 15, 20}, {5, 25, 10, 20}, {15, -1, 15, 20}, {5, -1, 10, 20}, {10, 20, 10, 20},
		{5, 10, 0, 0}, {20, 25, 0, 0}, {20, -1, 0, 0}, {25, -1, 0, 0}, {1, 2, 0, 0}, {15, 15, 0, 0}, {15, 12, 0, 0},
	} {
		got, some := Gap{at(tt.from), at(tt.to), "silent"}.Within(at(10), at(20))
		if some != (tt.wantTo > 0) || some && got != (Gap{at(tt.wantFrom), at(tt.wantTo), "silent"}) {
			t.Errorf("%+v: %v %+v", tt, some, got)
		}
	}
}

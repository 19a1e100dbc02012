package rtsp

import (
	"slices"
	"testing"
	"time"
)

func TestOrder(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		depth int
		pts   []int64
		want  []int64
	}{
		{"no reordering", 0, []int64{10, 20, 30}, []int64{10, 20, 30}},
		{"one overtakes", 1, []int64{10, 30, 20, 50, 40}, []int64{0, 10, 20, 30, 40}},
		{"pyramid", 2, []int64{0, 40, 20, 10, 30, 80, 60, 50, 70}, []int64{-20, -10, 0, 10, 20, 30, 40, 50, 60}},
		{"repeated", 0, []int64{10, 10, 10, 20}, []int64{10, 11, 12, 20}},
		{"a picture lost", 1, []int64{10, 30, 50, 40, 70, 60}, []int64{0, 10, 30, 40, 50, 60}},
	} {
		var o order
		o.begin(test.depth, false, 10)
		var got []int64
		for _, p := range test.pts {
			if v, _ := o.judge(p); v != fits {
				t.Errorf("%s: %d does not fit", test.name, p)
			}
			got = append(got, o.next(p))
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
}

func TestOrderLearns(t *testing.T) {
	t.Parallel()
	var o order
	o.begin(0, true, 10)
	o.next(0)
	o.next(40)
	o.next(50)
	if v, over := o.judge(30); v != wider || over != 2 {
		t.Errorf("verdict %v, %d overtook", v, over)
	}
	for p := int64(60); p < 200; p += 10 {
		o.next(p)
	}
	if v, _ := o.judge(20); v != back {
		t.Errorf("verdict %v over a clock that went back", v)
	}
}

func TestTicks(t *testing.T) {
	t.Parallel()
	start := time.Unix(1000, 0)
	type step struct {
		ts   uint32
		at   time.Duration
		want int64 // since the first
		jump bool
	}
	for _, test := range []struct {
		name  string
		steps []step
	}{
		{"wraps", []step{{0xfffffff0, 0, 0, false}, {0x0e00, 40 * time.Millisecond, 3600, false}, {0xfffffff0, 40 * time.Millisecond, 0, false}}},
		{"pauses", []step{{0, 0, 0, false}, {90000 * 60, time.Minute, 90000 * 60, false}}},
		{"jumps", []step{{0, 0, 0, false}, {90000 * 60, time.Second, 90000, true}, {90000*60 + 3600, 2 * time.Second, 93600, false}}},
		{"jumps back", []step{{90000 * 60, 0, 0, false}, {0, time.Second, 90000, true}}},
	} {
		c := ticks{rate: 90000}
		var first int64
		for i, s := range test.steps {
			got, jumped := c.at(s.ts, start.Add(s.at))
			if i == 0 {
				first = got
			}
			if got-first != s.want || jumped != s.jump {
				t.Errorf("%s, step %d: %d, jump %v", test.name, i, got-first, jumped)
			}
		}
	}
}

func TestSequence(t *testing.T) {
	t.Parallel()
	var s sequence
	p := packet{seq: 65534, ssrc: 1}
	next := func(seq uint16, ssrc uint32, take bool, lost int, fresh bool) {
		t.Helper()
		p.seq, p.ssrc = seq, ssrc
		if gt, gl, gf := s.order(&p); gt != take || gl != lost || gf != fresh {
			t.Errorf("packet %d: take %v, lost %d, fresh %v", seq, gt, gl, gf)
		}
	}
	next(65534, 1, true, 0, false)
	next(65535, 1, true, 0, false)
	next(0, 1, true, 0, false)
	next(3, 1, true, 2, false)
	next(2, 1, false, 0, false)
	next(4, 1, true, 0, false)
	next(900, 2, true, 1, true)
	for range restart - 1 {
		next(100, 2, false, 0, false)
	}
	next(100, 2, true, 1, false)
	next(101, 2, true, 0, false)
}

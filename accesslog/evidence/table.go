package evidence

import (
	"fmt"
	"math"
	"time"
)

// table is one track of a clip as its fragments come, in the form in which the clip's index tells it: a day of footage
// is some 2 million samples, and of each only its size takes room of its own.
type table struct {
	description
	sizes   []uint32
	keys    []uint32 // numbers of samples, from 1, at which decoding can start
	lasts   []pair   // stts: how many samples last how many ticks
	offsets []pair   // ctts: how many are shown how many ticks after they are decoded; signed
	chunks  []chunk  // one for each fragment

	first, last int64  // ticks at which the first and the last sample are decoded
	final       uint32 // how long the last one lasts
	early, end  int64  // ticks at which the first is shown, and the last has been
	lowest      int32  // offset
}

// pair is a number of samples in succession that have one value.
type pair struct{ count, value uint32 }

// chunk is where a fragment's samples lie.
type chunk struct {
	at    uint32 // bytes behind the first of the clip's samples
	count uint32 // of samples
}

func push(list []pair, value uint32) []pair {
	if n := len(list); n > 0 && list[n-1].value == value {
		list[n-1].count++
		return list
	}
	return append(list, pair{1, value})
}

// follows says why a fragment can't follow those that are there, or nothing.
func (t *table) follows(f *fragment) error {
	if len(t.sizes) > 0 && (f.decode <= t.last || f.decode-t.last > math.MaxUint32) {
		return fmt.Errorf("time jumps from tick %d to %d", t.last, f.decode)
	}
	return nil
}

// add takes a fragment whose samples begin at a byte. It must follow.
func (t *table) add(f *fragment, at uint32) {
	decode := f.decode
	for i := range f.samples {
		s := &f.samples[i]
		if n := len(t.sizes); n > 0 {
			t.lasts = push(t.lasts, uint32(decode-t.last))
		} else {
			t.first, t.early, t.end, t.lowest = decode, math.MaxInt64, math.MinInt64, math.MaxInt32
		}
		t.sizes = append(t.sizes, s.size)
		if s.key {
			t.keys = append(t.keys, uint32(len(t.sizes)))
		}
		t.offsets = push(t.offsets, uint32(s.offset))
		shown := decode + int64(s.offset)
		t.early, t.end, t.lowest = min(t.early, shown), max(t.end, shown+int64(s.duration)), min(t.lowest, s.offset)
		t.last, t.final = decode, s.duration
		decode += int64(s.duration)
	}
	t.chunks = append(t.chunks, chunk{at, uint32(len(f.samples))})
}

// room is how many bytes the track takes in the index at most.
func (t *table) room() int64 {
	return int64(len(t.stsd)+len(t.hdlr)+len(t.dinf)) + 1024 +
		4*int64(len(t.sizes)+len(t.keys)) + 8*int64(len(t.lasts)+len(t.offsets)+2) + 16*int64(len(t.chunks))
}

// span turns ticks into time.
func span(ticks int64, timescale uint32) time.Duration {
	scale := int64(timescale)
	return time.Duration(ticks/scale)*time.Second + time.Duration(ticks%scale)*time.Second/time.Duration(scale)
}

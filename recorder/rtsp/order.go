package rtsp

// order makes decoding times out of presentation times. Pictures come in decoding order; with
// B-frames some are shown later than the next ones. With at most depth pictures sent before one that
// is shown earlier, the decoding times are the presentation times, sorted, depth pictures late: they
// rise, are never after their presentation times, and no slice header must be read nor any loss
// feared for it.
type order struct {
	depth int   // pictures that may overtake
	learn bool  // depth is a guess
	frame int64 // ticks between pictures, for the first depth of a run

	n      int // pictures of this run, counted to depth
	first  int64
	held   []int64 // times seen and not yet given out, rising; at most depth+1
	last   int64   // decoding time given out last
	max    int64   // greatest presentation time
	recent [16]int64
	seen   int
}

// guess is the greatest depth learned. Beyond it, times that go back are a clock that did.
const guess = 4

// verdict is what a presentation time says about the stream.
type verdict int

const (
	fits  verdict = iota
	wider         // the depth is greater than thought
	back          // the clock went back
)

// begin starts a run.
func (o *order) begin(depth int, learn bool, frame int64) {
	*o = order{depth: min(depth, len(o.recent)), learn: learn, frame: max(frame, 1), held: o.held[:0]}
}

// judge says whether pts fits, and how many pictures overtook it.
func (o *order) judge(pts int64) (verdict, int) {
	if o.seen == 0 || pts >= o.max {
		return fits, 0
	}
	over := 0
	for _, p := range o.recent[:min(o.seen, len(o.recent))] {
		if p > pts {
			over++
		}
	}
	switch {
	case over <= o.depth:
		return fits, over
	case o.learn && over <= guess:
		return wider, over
	}
	return back, over
}

// next is the decoding time of the next picture, shown at pts.
func (o *order) next(pts int64) int64 {
	if o.seen == 0 {
		o.first, o.max = pts, pts
		o.last = pts - int64(o.depth+1)*o.frame - 1
	}
	o.recent[o.seen%len(o.recent)] = pts
	o.seen++
	o.max = max(o.max, pts)
	o.hold(pts)
	dts := o.first - int64(o.depth-o.n)*o.frame
	if o.n < o.depth {
		o.n++
	} else {
		dts = o.held[0]
		o.held = o.held[:copy(o.held, o.held[1:])]
	}
	o.last = max(dts, o.last+1)
	return o.last
}

// hold puts pts in its place among the held times.
func (o *order) hold(pts int64) {
	o.held = append(o.held, pts)
	for i := len(o.held) - 1; i > 0 && o.held[i-1] > pts; i-- {
		o.held[i], o.held[i-1] = o.held[i-1], o.held[i]
	}
}

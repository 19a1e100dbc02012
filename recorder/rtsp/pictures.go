package rtsp

import (
	"time"

	"varuh/recorder/cmaf"
)

// picture is an access unit of video, put together.
type picture struct {
	data    []byte
	ts      uint32
	arrived time.Time
	key     bool
	open    bool // key, but leading pictures follow that need earlier ones
	leading bool
	loss    bool
	shape   *shape // other than before, from this picture on
}

// pictures gives access units their times and their runs.
type pictures struct {
	r       *receiver
	ticks   ticks
	order   order
	shape   shape
	known   bool // shape is
	running bool
	renew   bool // the next key frame begins a run
	open    bool // the run began with an open key frame and no other came since
	need    int  // depth learned
}

// take hands a picture on, after the beginning of a run if one is due.
func (v *pictures) take(p picture) error {
	pts, jumped := v.ticks.at(p.ts, p.arrived)
	v.renew = v.renew || jumped || p.shape != nil
	if p.shape != nil {
		v.shape, v.known, v.need = *p.shape, true, 0
	}
	if p.key {
		v.open = false
		if err := v.begin(p.open); err != nil {
			return err
		}
	}
	if !v.running || p.leading && v.open {
		v.r.stats.Skipped.Add(1)
		return nil
	}
	pts = v.check(pts)
	return v.r.unit(cmaf.Unit{PTS: pts, DTS: v.order.next(pts), Key: p.key, Loss: p.loss, Data: p.data}, p.arrived)
}

// begin opens a run if one is due and the stream's shape is known.
func (v *pictures) begin(open bool) error {
	if !v.known || v.running && !v.renew {
		return nil
	}
	v.running, v.renew, v.open = true, false, open
	depth := max(v.shape.depth, v.need)
	v.order.begin(depth, v.shape.learn, v.shape.frame)
	return v.r.begin(v.shape.track)
}

// check mends times that go back. If it was the camera's clock, time goes on by one frame and the
// next key frame begins a run; if pictures overtake more than was known, the next run will know.
func (v *pictures) check(pts int64) int64 {
	verdict, over := v.order.judge(pts)
	switch verdict {
	case wider:
		v.need = max(v.need, over)
		v.renew = true
	case back:
		d := v.order.max + v.shape.frame - pts
		v.ticks.total += d
		v.renew = true
		return pts + d
	}
	return pts
}

package retention

import (
	"fmt"
	"math"
	"time"
)

// Load is what one camera puts on the disks.
type Load struct {
	Camera string
	Policy Policy
	Rate   float64   // bytes a second over all its streams, as seen lately; pauses of the schedule count as 0
	Oldest time.Time // when its oldest footage begins; zero: there is none
	Began  time.Time // when it was first recorded, be that footage gone; zero: not known
}

// Depth is how far back the footage of one camera reaches, in three ways that are never mixed.
type Depth struct {
	Camera   string        `json:"camera"`
	Limit    Term          `json:"limit"`              // by law or decision: never deeper
	Promised Term          `json:"promised,omitzero"`  // by the head's decision: not less; zero: nothing is promised
	Real     time.Duration `json:"real"`               // as deep as it is now
	Forecast time.Duration `json:"forecast"`           // as deep as it will be with this load on these disks
	Warnings []string      `json:"warnings,omitempty"` // plain sentences: what will not or does not keep the promise
}

// Depths computes the three depths of every camera, for disks that carry so many bytes of footage of which so many
// are held. Below its limit a camera rolls over as the disk needs it, which is normal and no warning.
func Depths(now time.Time, capacity, held int64, loads []Load) []Depth {
	f := forecast{loads: loads, room: math.Max(float64(capacity)-float64(held), 0)}
	share, common := f.solve()
	depths := make([]Depth, len(loads))
	for i, l := range loads {
		d := Depth{Camera: l.Camera, Limit: l.Policy.limit(), Promised: l.Policy.Keep, Forecast: l.depth(share, common)}
		if !l.Oldest.IsZero() && now.After(l.Oldest) {
			d.Real = now.Sub(l.Oldest)
		}
		d.warn(now, l, held > 0)
		depths[i] = d
	}
	return depths
}

// forecast finds how deep a disk reaches under the order in which [PlanRelief] frees it.
type forecast struct {
	loads []Load
	room  float64 // bytes
}

// solve returns the share of every promise that is kept, 1 if the disk carries them, and the depth that is there for
// all beside the promises.
func (f forecast) solve() (share float64, common time.Duration) {
	if promised := f.bytes(1, 0); promised > f.room {
		return f.room / promised, 0
	}
	low, high := time.Duration(0), Law.depth()
	if f.bytes(1, high) <= f.room {
		return 1, high
	}
	for high-low > time.Minute {
		if middle := low + (high-low)/2; f.bytes(1, middle) <= f.room {
			low = middle
		} else {
			high = middle
		}
	}
	return 1, low
}

// bytes is what all cameras need for their depths.
func (f forecast) bytes(share float64, common time.Duration) (sum float64) {
	for _, l := range f.loads {
		sum += l.Rate * l.depth(share, common).Seconds()
	}
	return sum
}

// depth is how deep a camera reaches where promises are kept by a share and others get a common depth.
func (l Load) depth(share float64, common time.Duration) time.Duration {
	kept := time.Duration(share * float64(l.Policy.Keep.depth()))
	return min(max(kept, common), l.Policy.limit().depth())
}

// warn says what does not keep the promise. A promise as long as the limit is kept by what goes at its term.
func (d *Depth) warn(now time.Time, l Load, held bool) {
	if d.Promised.IsZero() {
		return
	}
	if d.Forecast < d.Promised.depth() {
		cause, remedy := "", ""
		if held {
			cause, remedy = " and what is held", ", or release what need not be held"
		}
		d.Warnings = append(d.Warnings, fmt.Sprintf("%s: %s are promised, but with this bitrate%s the disks carry %s; add a disk, lower the bitrate or the promise%s",
			d.Camera, d.Promised, cause, inDays(d.Forecast), remedy))
	}
	reached := !l.Oldest.IsZero() && !d.Promised.End(l.Oldest, nil).After(now.Add(2*Lead))
	if !reached && !l.Began.IsZero() && !d.Promised.End(l.Began, nil).After(now) {
		d.Warnings = append(d.Warnings, fmt.Sprintf("%s: %s are promised, but its footage reaches back %s only", d.Camera, d.Promised, inDays(d.Real)))
	}
}

// inDays is a span as people say it: days, or hours where it is less than two.
func inDays(d time.Duration) string {
	if d < 48*time.Hour {
		return fmt.Sprintf("%d hours", int64(d/time.Hour))
	}
	return fmt.Sprintf("%d days", int64(d/(24*time.Hour)))
}

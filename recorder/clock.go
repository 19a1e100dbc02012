package recorder

import "time"

// How a clock weighs what it sees.
const (
	clockWindow = 10 * time.Second       // the smallest arrival delay of a window is taken as the camera's own
	clockStray  = 500 * time.Millisecond // further off than this, a new run is due
	clockSlew   = 200                    // the offset moves by at most 1/200 of the media time that passes
)

// A clock turns the media time of one track into the recorder's UTC.
//
// A packet is never early: the delay between its RTP time and its arrival is the camera's fixed
// delay plus what the network added. The smallest delay of each window is therefore the best sight of
// the camera's clock, and the offset follows it slowly, so that neither a late packet nor a burst
// moves the time of a frame. 200 ppm of crystal error are 0.2 ms a second; the slew of 5 ms a
// second carries that and any small step of the recorder's own clock.
//
// When the offset would have to move further than clockStray, it does not move: the clock has strayed,
// and the caller begins a new run at the next key frame with restart.
type clock struct {
	offset int64 // ns, UTC minus media time, as used
	target int64 // ns, as last seen; offset slews towards it

	smallest int64         // ns, of the window that is open
	open     time.Duration // how long that window has been
	media    int64         // ns, of the unit before
	seen     time.Time     // arrival of the unit before
	shown    int64         // ns, UTC that the recorder's clock showed at that arrival
	stepped  bool          // the recorder's clock was set since the run began
}

// mediaTime is a count of ticks in nanoseconds, without overflow for any stream shorter than 292 years.
func mediaTime(ticks int64, timescale uint32) int64 {
	t := int64(timescale)
	return ticks/t*int64(time.Second) + ticks%t*int64(time.Second)/t
}

// start sets the clock from the units seen while a session settles: smallest is their least
// difference in nanoseconds between UTC at arrival and media time, media and arrived are the first unit's.
func (c *clock) start(smallest, media int64, arrived time.Time) {
	*c = clock{offset: smallest, target: smallest, smallest: smallest, media: media, seen: arrived, shown: arrived.UnixNano()}
}

// observe takes note of one unit; arrived carries wall and monotonic time.
func (c *clock) observe(media int64, arrived time.Time) {
	passed := arrived.Sub(c.seen)
	c.seen = arrived
	c.take(media, arrived.UnixNano(), passed)
}

// take is observe with the two kinds of time apart: what the recorder's clock shows when the unit arrives, in
// nanoseconds of UTC, and how long after the unit before that is, which no setting of a clock changes.
func (c *clock) take(media, shows int64, passed time.Duration) {
	d := shows - media
	step := time.Duration(shows-c.shown) - passed
	c.shown = shows
	c.open += passed
	if step > clockStray || step < -clockStray {
		c.stepped = true
		c.target, c.smallest, c.open = d, d, 0
	}
	c.smallest = min(c.smallest, d)
	c.target = min(c.target, d)
	if c.open >= clockWindow {
		c.target, c.smallest, c.open = c.smallest, d, 0
	}
	if !c.strayed() {
		most := max(media-c.media, 0) / clockSlew
		c.offset += min(max(c.target-c.offset, -most), most)
	}
	c.media = max(c.media, media)
}

// strayed tells that the offset in use is wrong by more than it may be slewed.
func (c clock) strayed() bool {
	d := time.Duration(c.target - c.offset)
	return c.stepped || d > clockStray || d < -clockStray
}

// restart makes the clock use what it last saw. Only a new run may do that.
func (c *clock) restart() { c.offset, c.stepped = c.target, false }

// wall is the recorder's UTC of a media time.
func (c *clock) wall(media int64) time.Time { return time.Unix(0, media+c.offset).UTC() }

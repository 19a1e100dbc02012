package recorder

import "time"

// When a stream's rate is called unusual. Scenes that begin to move raise a camera from its night's rest many
// times over, so that both limits have to be passed.
const (
	rateTimes = 5   // times what is usual for the stream
	rateLeast = 8e6 // bit/s

	rateMost = 100e6 // bit/s; unusual for any camera
)

// rate follows how much a camera sends, and notices when that leaves what is usual for it: a setting
// changed by hand or a broken encoder would fill the disk many times sooner than was planned.
type rate struct {
	now   float64       // bit/s, smoothed over 10 s
	usual float64       // bit/s, smoothed over 10 min; over a day while it is high
	seen  time.Duration // media time counted
	high  bool
}

// add counts a fragment and tells whether the rate has just become unusual.
func (r *rate) add(bytes int, d time.Duration) (rose bool) {
	if d <= 0 {
		return false
	}
	bits := float64(bytes) * 8 / d.Seconds()
	r.seen += d
	r.now += (bits - r.now) * weight(d, min(r.seen, 10*time.Second))
	memory := min(r.seen, 10*time.Minute)
	if r.high { // it must not become usual, and the sentence go, before anybody has seen it
		memory = 24 * time.Hour
	}
	r.usual += (bits - r.usual) * weight(d, memory)
	was := r.high
	r.high = r.seen > 10*time.Second && r.now > rateMost ||
		r.seen > time.Minute && r.now > rateLeast && r.now > rateTimes*r.usual
	return r.high && !was
}

// weight is how much the last d count in a mean over so long.
func weight(d, over time.Duration) float64 { return min(d.Seconds()/over.Seconds(), 1) }

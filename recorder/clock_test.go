package recorder

import (
	"math/rand/v2"
	"testing"
	"time"
)

// A camera with a crystal off by up to 200 ppm, seen through a network that delays every packet a
// little and some much, keeps every frame within 0.2 s of the instant it was taken, for 30 days.
func TestClockFollowsCrystal(t *testing.T) {
	t.Parallel()
	for _, ppm := range []float64{-200, 0, 200} {
		rnd := rand.New(rand.NewPCG(1, uint64(ppm+1000)))
		begin := time.Now()
		var c clock
		worst := time.Duration(0)
		const frame = 500 * time.Millisecond // 2 pictures a second are harder than 25
		for i := range int64(30 * 24 * time.Hour / frame) {
			taken := begin.Add(time.Duration(i) * frame)
			media := int64(float64(i*int64(frame))*(1+ppm/1e6)) + 12345
			late := 5*time.Millisecond + time.Duration(rnd.ExpFloat64()*float64(20*time.Millisecond))
			if rnd.IntN(100) == 0 {
				late += time.Duration(rnd.IntN(3000)) * time.Millisecond
			}
			arrived := taken.Add(late)
			if i == 0 {
				c.start(arrived.UnixNano()-media, media, arrived)
			}
			c.observe(media, arrived)
			if c.strayed() {
				t.Fatalf("%+.0f ppm: strayed after %v", ppm, taken.Sub(begin))
			}
			if i > 100 {
				worst = max(worst, c.wall(media).Sub(taken).Abs())
			}
		}
		t.Logf("%+.0f ppm: worst error %v", ppm, worst)
		if worst > 200*time.Millisecond {
			t.Errorf("%+.0f ppm: worst error %v, want ≤ 200ms", ppm, worst)
		}
	}
}

// Setting the recorder's clock, or a camera whose time leaves the RTP clock behind, is noticed and
// right after the restart.
func TestClockStrays(t *testing.T) {
	at := time.Now()
	var c clock
	c.start(at.UnixNano(), 0, at)
	c.observe(int64(time.Second), at.Add(time.Second))
	if c.strayed() {
		t.Fatal("strayed without a reason")
	}
	c.observe(int64(5*time.Second), at.Add(2*time.Second))
	if !c.strayed() {
		t.Fatal("a unit that arrives 3 s before its time is not noticed")
	}
	c.restart()
	if got, want := c.wall(int64(5*time.Second)), at.Add(2*time.Second); !got.Equal(want) {
		t.Errorf("after the restart the unit is at %v, want %v", got, want)
	}
	if c.strayed() {
		t.Error("still strayed after the restart")
	}
}

// A time that is late for less than a window is the network's doing and moves nothing.
func TestClockIgnoresLateness(t *testing.T) {
	at := time.Now()
	var c clock
	c.start(at.UnixNano(), 0, at)
	for i := range 8 {
		late := time.Duration(i%4) * time.Second
		c.observe(int64(i)*int64(time.Second), at.Add(time.Duration(i)*time.Second+late))
	}
	if got, want := c.wall(int64(7*time.Second)), at.Add(7*time.Second); !got.Equal(want) {
		t.Errorf("moved to %v, want %v", got, want)
	}
}

// setClock is a camera without fault, 25 pictures a second, seen by a recorder whose clock is set by so much
// after ten seconds. after is called for each picture from then on, with what the clock shows.
func setClock(by time.Duration, after func(c *clock, i int64, media int64, shows time.Time)) {
	const frame = 40 * time.Millisecond
	begin := time.Now()
	var c clock
	c.start(begin.UnixNano(), 0, begin)
	for i := int64(1); i < int64(2*time.Minute/frame); i++ {
		media := i * int64(frame)
		shows := begin.Add(time.Duration(media))
		if i < int64(10*time.Second/frame) {
			c.take(media, shows.UnixNano(), frame)
			continue
		}
		shows = shows.Add(by)
		c.take(media, shows.UnixNano(), frame)
		after(&c, i, media, shows)
	}
}

// When somebody sets the recorder's clock, the very next unit strays, and after the restart every time is by
// the new clock, at once.
func TestClockIsSet(t *testing.T) {
	for _, by := range []time.Duration{time.Hour, -time.Hour, 10 * time.Second, -10 * time.Second} {
		restarts := 0
		setClock(by, func(c *clock, i, media int64, shows time.Time) {
			if c.strayed() {
				c.restart()
				restarts++
			}
			if got := c.wall(media); !got.Equal(shows) {
				t.Fatalf("%v: unit %d is at %v, want %v", by, i, got, shows)
			}
		})
		if restarts != 1 {
			t.Errorf("%v: %d new runs, want one", by, restarts)
		}
	}
}

// What time servers correct in between is followed without a new run: no unit is dated before the one
// before it, none is more than 1/200 longer or shorter, and in a minute and a half all is right.
func TestClockIsCorrected(t *testing.T) {
	for _, by := range []time.Duration{300 * time.Millisecond, -300 * time.Millisecond} {
		var before time.Time
		setClock(by, func(c *clock, i, media int64, shows time.Time) {
			if c.strayed() {
				t.Fatalf("%v: strayed at unit %d", by, i)
			}
			got := c.wall(media)
			if d := got.Sub(before); !before.IsZero() && (d-40*time.Millisecond).Abs() > 40*time.Millisecond/clockSlew {
				t.Fatalf("%v: unit %d is %v after the one before", by, i, d)
			}
			before = got
			if err := got.Sub(shows).Abs(); err > by.Abs() || media > int64(100*time.Second) && err > time.Millisecond {
				t.Fatalf("%v: unit %d is %v off", by, i, err)
			}
		})
	}
}

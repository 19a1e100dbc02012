package recorder

import (
	"math/rand/v2"
	"testing"
	"time"
)

// A camera with a crystal off by up to 200 ppm, seen through a network that delays every packet a
// little and some much, keeps every frame within 0.2 s of the instant it was taken, for 30 days.
func TestClockFollowsCrystal(t *testing.T) {
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

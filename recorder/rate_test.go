package recorder

import (
	"testing"
	"time"
)

// A camera at ten times its usual rate is noticed within 20 s, once, as long as it lasts; a scene that wakes up is not.
func TestUnusualRate(t *testing.T) {
	var r rate
	for range 600 {
		if r.add(4e6/8, time.Second) {
			t.Fatal("the usual rate is called unusual")
		}
	}
	noticed := 0
	for i := range 3600 {
		if r.add(40e6/8, time.Second) {
			noticed++
			if i > 20 {
				t.Errorf("noticed after %d s", i)
			}
		}
	}
	if noticed != 1 || !r.high {
		t.Errorf("noticed %d times, and after an hour high is %v", noticed, r.high)
	}
	for range 60 {
		r.add(4e6/8, time.Second)
	}
	if r.high {
		t.Error("back at the usual rate it is still called unusual")
	}
	r = rate{}
	for range 600 {
		r.add(200e3/8, time.Second)
	}
	for range 60 {
		if r.add(4e6/8, time.Second) {
			t.Error("a scene that wakes up is called unusual")
		}
	}
}

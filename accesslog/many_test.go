package accesslog

import (
	"errors"
	"fmt"
	"testing"
	"time"
)

// One person has so many viewings open, in whatever sessions; nobody else's count.
func TestManyViewings(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	start := noon.Add(-time.Hour)
	r.record(tape{camera: "hall", stream: "main", start: start, length: 2 * time.Minute})
	ask := asks(start, time.Minute)
	var last *Viewing
	for n := range mostOfPerson {
		ask.Session = session("ana", fmt.Sprint("session ", n/mostOfOne))
		last = r.open(ask)
	}
	ask.Session = session("ana", "another")
	if _, err := r.door.Open(t.Context(), ask); !errors.Is(err, ErrTooMany) {
		t.Errorf("one too many: %v", err)
	}
	other := ask
	other.Session = session("boris", "his")
	r.open(other)
	must(t, last.End(t.Context(), NothingFound))
	r.open(ask)
}

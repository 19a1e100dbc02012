package web

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"
)

// One session has so many answers with footage on their way, and all together so many more: the next is refused, and
// counts again once another has left.
func TestGate(t *testing.T) {
	t.Parallel()
	var g gate
	var leave func()
	for n := range mostSending {
		var err error
		leave, err = g.enter(fmt.Sprint("session ", n/mostSendingOfOne))
		must(t, err)
	}
	if _, err := g.enter("another"); !errors.Is(err, errSending) {
		t.Errorf("one too many of all: %v", err)
	}
	leave()
	if _, err := g.enter("session 0"); !errors.Is(err, errSending) {
		t.Errorf("one too many of a session: %v", err)
	}
	if _, err := g.enter("another"); err != nil {
		t.Errorf("with room: %v", err)
	}
	if len(g.of) != (mostSending+mostSendingOfOne-1)/mostSendingOfOne+1 {
		t.Errorf("%d sessions are remembered", len(g.of))
	}

	s := newStage(t)
	s.entrance(dawn)
	v := s.viewer()
	o := v.open(asks("hall", dawn, time.Minute))
	parts, _ := v.playlist(o.Windows[0].Playlist)
	s.sending.all = mostSending
	if status, id := v.refused("GET", parts[0], nil); status != http.StatusTooManyRequests || id != "sending" {
		t.Errorf("%d %s", status, id)
	}
	s.sending.all = 0
	if a, _ := v.get(parts[0]); a.StatusCode != 200 {
		t.Error(a.Status)
	}
}

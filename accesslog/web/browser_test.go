package web

import (
	"testing"
	"time"

	"varuh/accesslog/web/browsertest"
	"varuh/recorder/rtsp/rtsptest/outside"
	"varuh/testdata/clips"
)

// A real browser logs in, opens a viewing and plays it through hls.js, over HTTPS and under the policy of varuh's pages.
// It jumps to moments across a border of segments and a gap, and shows each time the picture whose number was burned in
// then.
func TestBrowserPlays(t *testing.T) {
	outside.NeedsFFmpeg(t)
	gap := func(since time.Duration) bool { return since >= 30*time.Second && since < 34*time.Second }
	s := newStage(t)
	at := func(seconds float64) time.Duration { return time.Duration(seconds * float64(time.Second)) }
	b := s.browser()
	browsertest.API[object](b, "POST", "/session", Credentials{Login: "vida.head", Password: headPassword})
	for _, tt := range []struct {
		name    string
		clip    clips.Clip
		film    film
		skip    func(time.Duration) bool
		moments []time.Duration
	}{
		{"2-s groups", clips.Entrance, load(t, clips.Entrance, 3), gap, []time.Duration{at(12.34), at(21.06), at(45.5), at(19.9)}},
		{"10-s groups", clips.Stairs, load(t, clips.Stairs, 3), nil, []time.Duration{at(3.3), at(25.5), at(47.7)}},
		{"60-s groups", clips.Stairs, load(t, clips.Stairs, 6).Groups(6), nil, []time.Duration{at(5.5), at(59.3), at(77.1)}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			from := dawn.Add(-time.Duration(len(tt.name)+int(tt.film.Length/time.Second)) * time.Minute)
			s.record(t, reel{Camera: "hall", Stream: "main", Film: tt.film, Start: from, Segment: 20 * time.Second, Skip: tt.skip})
			o := browsertest.API[openedViewing](b, "POST", "/viewings", asks("hall", from, 2*time.Minute))
			b.Footage(o.Windows[0].Playlist)
			numbers := browsertest.NumbersOf(t, tt.clip)
			shown := func(what browsertest.Shown, since time.Duration) {
				t.Helper()
				want := int(since.Seconds()*float64(tt.clip.Rate)) % tt.clip.Frames
				if got := numbers.Read(t, what.Pixels); got != want {
					t.Errorf("at %v frame %d is shown, want %d", since, got, want)
				}
			}
			for _, moment := range tt.moments {
				shown(b.Jump(from.Add(moment)), moment)
			}
			if tt.skip != nil {
				shown(b.Jump(from.Add(at(31))), at(34)) // what comes after the gap
				shown(b.Jump(from.Add(at(19.9))), at(19.9))
				end := b.Play(from.Add(at(40)), 8) // over the gap
				since := time.Duration((end.At - float64(from.UnixMilli())) * float64(time.Millisecond))
				number := func(since time.Duration) int {
					return int(since*time.Duration(tt.clip.Rate)/time.Second) % tt.clip.Frames
				}
				got := numbers.Read(t, end.Pixels) // it may stand between two pictures
				if got != number(since-2*time.Millisecond) && got != number(since+2*time.Millisecond) || since < at(34) {
					t.Errorf("having played over the gap, until %v, frame %d is shown", since, got)
				}
			}
		})
	}
}

// browser is a real one on the stage's site.
func (s *stage) browser() *browsertest.Browser {
	return browsertest.Open(s.t, s.server.URL, s.server.Certificate())
}

package playback_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"varuh/accesslog"
	"varuh/accesslog/playback"
	"varuh/recorder/keyring"
	"varuh/recorder/segment"
)

// story makes timelines piece by piece.
type story struct {
	accesslog.Timeline
	at       time.Time
	run, seg byte
	record   int
}

// add is a piece of the picture that lasts so many milliseconds.
func (s *story) add(key bool, ms int) *accesslog.Piece {
	s.record++
	p := accesslog.Piece{Segment: keyring.ID{0, s.seg}, Record: s.record, Kind: segment.Video, Run: keyring.ID{1, s.run},
		Start: s.at, Duration: time.Duration(ms) * time.Millisecond, KeyFrame: key, Size: 1000}
	s.at = p.End()
	s.Pieces = append(s.Pieces, p)
	return &s.Pieces[len(s.Pieces)-1]
}

// group is a group of pictures of so many pieces of a second.
func (s *story) group(pieces int) {
	for i := range pieces {
		s.add(i == 0, 1000)
	}
}

func (s *story) wait(ms int) { s.at = s.at.Add(time.Duration(ms) * time.Millisecond) }

// whole is the window of all of it.
func (s *story) whole() playback.Window {
	return playback.Window{From: dawn, To: s.at.Add(time.Second), First: true, Last: true}
}

// spell writes parts as lengths in seconds, with a | before a break.
func spell(parts []playback.Part) (s string) {
	for _, p := range parts {
		if p.Break {
			s += "|"
		}
		s += fmt.Sprintf("%g ", p.Duration.Seconds())
	}
	return s
}

func TestPlan(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		tell func(*story)
		want string
	}{
		{"nothing", func(*story) {}, ""},
		{"groups of 1 s", func(s *story) {
			for range 10 {
				s.group(1)
			}
		}, "4 4 2 "},
		{"groups of 2 s", func(s *story) {
			for range 5 {
				s.group(2)
			}
		}, "4 4 2 "},
		{"groups of 3 s", func(s *story) {
			for range 4 {
				s.group(3)
			}
		}, "6 6 "},
		{"groups of 10 s", func(s *story) { s.group(10); s.group(10) }, "10 10 "},
		{"no key frame at first", func(s *story) { s.add(false, 1000); s.add(false, 1000); s.group(5) }, "5 "},
		{"another run", func(s *story) { s.group(2); s.run++; s.seg++; s.group(5) }, "2 |5 "},
		{"another run that begins without a key frame", func(s *story) {
			s.group(2)
			s.run++
			s.add(false, 1000)
			s.group(5)
		}, "2 |5 "},
		{"another segment", func(s *story) { s.group(2); s.seg++; s.group(2); s.group(5) }, "4 5 "},
		{"a gap", func(s *story) { s.group(2); s.wait(2000); s.group(5) }, "2 |5 "},
		{"a network that settles", func(s *story) { s.group(2); s.wait(400); s.group(2); s.group(5) }, "4 5 "},
		{"a gap in a group that the recorder flagged", func(s *story) {
			s.group(2)
			s.wait(3000)
			s.add(false, 1000).GapBefore = true
			s.group(5)
		}, "6 5 "},
		{"pieces of a group that are gone", func(s *story) {
			s.group(2)
			s.wait(3000)
			s.add(false, 1000)
			s.group(5)
		}, "2 |5 "},
		{"restricted for a moment in a group", func(s *story) {
			s.group(2)
			s.Withheld = []accesslog.Withheld{{From: s.at, To: s.at.Add(100 * time.Millisecond), Why: accesslog.ErrRestricted}}
			s.wait(100)
			s.add(false, 1000)
			s.group(5)
		}, "2 |5 "},
		{"restricted between groups", func(s *story) {
			s.group(2)
			s.Withheld = []accesslog.Withheld{{From: s.at, To: s.at.Add(time.Second), Why: accesslog.ErrRestricted}}
			s.wait(1000)
			s.group(5)
		}, "2 |5 "},
		{"the clock was set back", func(s *story) {
			s.group(5)
			s.wait(-3000)
			s.run++
			s.group(5)
			slices.SortStableFunc(s.Pieces, func(a, b accesslog.Piece) int { return a.Start.Compare(b.Start) })
		}, "5 |5 "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := &story{at: dawn}
			tt.tell(s)
			if got := spell(playback.Plan(s.Timeline, s.whole(), true)); got != tt.want {
				t.Errorf("%s, want %s", got, tt.want)
			}
		})
	}
}

func TestCovered(t *testing.T) {
	t.Parallel()
	const ms = time.Millisecond
	for _, tt := range []struct {
		name string
		tell func(*story)
		from time.Duration // since dawn
		want time.Duration // likewise; negative: none
	}{
		{"in a group", func(s *story) { s.group(5); s.group(5) }, 7 * time.Second, 5 * time.Second},
		{"in the last picture", func(s *story) { s.group(5) }, 4500 * ms, 0},
		{"at a key frame", func(s *story) { s.group(5); s.group(5) }, 5 * time.Second, 5 * time.Second},
		{"before everything", func(s *story) { s.wait(1000); s.group(5) }, 0, time.Second},
		{"behind everything", func(s *story) { s.group(5) }, 5 * time.Second, -1},
		{"in a gap", func(s *story) { s.group(5); s.wait(5000); s.group(5) }, 6 * time.Second, 10 * time.Second},
		{"in a restricted range", func(s *story) {
			s.group(2)
			s.Withheld = []accesslog.Withheld{{From: s.at, To: s.at.Add(2 * time.Second), Why: accesslog.ErrRestricted}}
			s.wait(2000)
			s.add(false, 1000)
			s.group(5)
		}, 3 * time.Second, 5 * time.Second},
		{"behind a restricted range with the key frame in it", func(s *story) {
			s.Withheld = []accesslog.Withheld{{From: dawn, To: dawn.Add(2 * time.Second), Why: accesslog.ErrRestricted}}
			s.wait(2000)
			s.add(false, 1000)
			s.group(5)
		}, 2500 * ms, 3 * time.Second},
		{"behind a restricted range in the group", func(s *story) {
			s.group(2)
			s.Withheld = []accesslog.Withheld{{From: s.at, To: s.at.Add(400 * ms), Why: accesslog.ErrRestricted}}
			s.wait(400)
			s.add(false, 1000)
			s.group(5)
		}, 3 * time.Second, 3400 * ms},
		{"behind an erased segment that the group began in", func(s *story) {
			s.seg++
			s.add(false, 1000)
			s.group(5)
		}, 500 * ms, time.Second},
		{"the key frame is of another run", func(s *story) {
			s.group(2)
			s.run++
			s.add(false, 1000)
			s.group(5)
		}, 2500 * ms, 3 * time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := &story{at: dawn}
			tt.tell(s)
			got, ok := playback.Covered(s.Timeline, dawn.Add(tt.from))
			if since := got.Sub(dawn); ok != (tt.want >= 0) || ok && since != tt.want {
				t.Errorf("%v %v, want %v", since, ok, tt.want)
			}
		})
	}
}

// random is a timeline of anything that can be stored, with sound and withheld spans.
func random(r *rand.Rand) *story {
	s := &story{at: dawn}
	for range 1 + r.IntN(120) {
		switch r.IntN(40) {
		case 0:
			s.run++
			s.seg++
		case 1:
			s.seg++
		case 2:
			s.wait(r.IntN(20000))
		case 3:
			s.wait(r.IntN(500))
		case 4:
			from := s.at
			s.wait(1 + r.IntN(3000))
			s.Withheld = append(s.Withheld, accesslog.Withheld{From: from, To: s.at, Why: accesslog.ErrRestricted})
		}
		gap := len(s.Pieces) > 0 && s.Pieces[len(s.Pieces)-1].End().Before(s.at)
		p := s.add(r.IntN(4) == 0, 1+r.IntN(1200))
		p.GapBefore = gap && r.IntN(2) == 0
		if r.IntN(3) == 0 {
			sound := *p
			s.record++
			sound.Kind, sound.Record, sound.KeyFrame = segment.Audio, s.record, true
			sound.Start = sound.Start.Add(time.Duration(r.IntN(500)) * time.Millisecond)
			s.Pieces = append(s.Pieces, sound)
		}
	}
	slices.SortStableFunc(s.Pieces, func(a, b accesslog.Piece) int { return a.Start.Compare(b.Start) })
	return s
}

// decodable are the pictures that have their key frame and all between, told apart from how the planner does it:
// group by group.
func decodable(s *story, w playback.Window) (list []accesslog.Piece) {
	var before accesslog.Piece
	playing := false
	for _, p := range s.Pieces {
		if p.Kind != segment.Video {
			continue
		}
		torn := before.Run != p.Run || p.Start.Sub(before.End()) > 500*time.Millisecond && !p.GapBefore
		for _, h := range s.Withheld {
			torn = torn || h.From.Before(p.Start) && before.Start.Before(h.To)
		}
		if p.KeyFrame {
			playing = !p.Start.Before(w.From) && p.Start.Before(w.To)
		} else if torn {
			playing = false
		}
		if playing {
			list = append(list, p)
		}
		before = p
	}
	return list
}

// TestPlanRandom holds plans of random timelines against what the package promises.
func TestPlanRandom(t *testing.T) {
	t.Parallel()
	for seed := range uint64(3000) {
		r := rand.New(rand.NewPCG(seed, 1))
		s := random(r)
		// A window in the middle of its range; what is behind it is there.
		from := dawn.Add(time.Duration(r.IntN(30)) * time.Second)
		w := playback.Window{From: from, To: from.Add(time.Duration(1+r.IntN(60)) * time.Second)}
		parts := playback.Plan(s.Timeline, w, true)
		var pictures []accesslog.Piece
		sounds := map[int]int{}
		for i, p := range parts {
			holds(t, seed, parts, i)
			for _, piece := range p.Pieces {
				if piece.Kind == segment.Video {
					pictures = append(pictures, piece)
				} else {
					sounds[piece.Record]++
				}
			}
		}
		if want := decodable(s, w); !slices.Equal(pictures, want) {
			t.Fatalf("seed %d: %d pictures, want %d", seed, len(pictures), len(want))
		}
		for _, piece := range s.Pieces {
			in := slices.ContainsFunc(parts, func(p playback.Part) bool {
				return p.Run == piece.Run && !piece.Start.Before(p.From) && piece.Start.Before(p.To)
			})
			if piece.Kind == segment.Audio && (sounds[piece.Record] == 1) != in || sounds[piece.Record] > 1 {
				t.Fatalf("seed %d: sound %d is in %d parts", seed, piece.Record, sounds[piece.Record])
			}
		}
	}
}

// TestLastWindow: nothing is played that begins behind the end of the range that was asked for.
func TestLastWindow(t *testing.T) {
	t.Parallel()
	for seed := range uint64(500) {
		r := rand.New(rand.NewPCG(seed, 3))
		s := random(r)
		w := playback.Window{From: dawn, To: dawn.Add(time.Duration(1+r.IntN(60)) * time.Second), Last: true}
		var got []accesslog.Piece
		parts := playback.Plan(s.Timeline, w, true)
		for i, p := range parts {
			holds(t, seed, parts, i)
			for _, piece := range p.Pieces {
				if !piece.Start.Before(w.To) {
					t.Fatalf("seed %d: a piece at %v is in a range to %v", seed, piece.Start, w.To)
				}
				if piece.Kind == segment.Video {
					got = append(got, piece)
				}
			}
		}
		want := slices.DeleteFunc(decodable(s, w), func(p accesslog.Piece) bool { return !p.Start.Before(w.To) })
		if !slices.Equal(got, want) {
			t.Fatalf("seed %d: %d pictures, want %d", seed, len(got), len(want))
		}
	}
}

// holds checks one part, and how it follows the one before.
func holds(t *testing.T, seed uint64, parts []playback.Part, i int) {
	t.Helper()
	p := parts[i]
	first := slices.IndexFunc(p.Pieces, func(p accesslog.Piece) bool { return p.Kind == segment.Video })
	if first < 0 || !p.Pieces[first].KeyFrame || !p.Pieces[first].Start.Equal(p.From) {
		t.Fatalf("seed %d: part %d does not begin with a key frame", seed, i)
	}
	var sum time.Duration
	var end time.Time
	for n, piece := range p.Pieces {
		if piece.Run != p.Run || n > 0 && piece.Start.Before(p.Pieces[n-1].Start) {
			t.Fatalf("seed %d: part %d, piece %d is out of place", seed, i, n)
		}
		if piece.Kind != segment.Video {
			continue
		}
		if hole := piece.Start.Sub(end); !end.IsZero() && hole > 500*time.Millisecond {
			sum += hole
		}
		sum, end = sum+piece.Duration, piece.End()
	}
	if sum != p.Duration {
		t.Fatalf("seed %d: part %d lasts %v, its pictures %v", seed, i, p.Duration, sum)
	}
	if p.To.Sub(end) > 500*time.Millisecond {
		t.Fatalf("seed %d: part %d lasts until %v, its pictures until %v", seed, i, p.To, end)
	}
	if i == 0 {
		return
	}
	before := parts[i-1]
	apart := before.Run != p.Run || !before.To.Equal(p.From)
	if p.From.Before(before.To) || apart && !p.Break {
		t.Fatalf("seed %d: part %d from %v follows one to %v, break %v", seed, i, p.From, before.To, p.Break)
	}
	if !p.Break && before.Duration < playback.LeastPart {
		t.Fatalf("seed %d: part %d lasts %v only", seed, i-1, before.Duration)
	}
}

// TestWindowsTile plays random timelines window by window: everything comes once, as in one window.
func TestWindowsTile(t *testing.T) {
	t.Parallel()
	for seed := range uint64(500) {
		r := rand.New(rand.NewPCG(seed, 2))
		s := random(r)
		end := s.at.Add(time.Second)
		var got []accesslog.Piece
		for at := dawn; at.Before(end); {
			to := at.Add(time.Duration(1+r.IntN(20)) * time.Second)
			w := playback.Window{From: at, To: to, First: at.Equal(dawn)}
			for _, p := range playback.Plan(s.Timeline, w, false) {
				got = append(got, p.Pieces...)
			}
			at = to
		}
		var want []accesslog.Piece
		for _, p := range playback.Plan(s.Timeline, s.whole(), false) {
			want = append(want, p.Pieces...)
		}
		if !slices.Equal(got, want) {
			t.Fatalf("seed %d: %d pieces by windows, %d at once", seed, len(got), len(want))
		}
	}
}

func TestWindows(t *testing.T) {
	t.Parallel()
	list, err := playback.Windows(dawn, dawn.Add(5*time.Hour)) // 6:30 to 11:30
	check(t, err)
	var got string
	for _, w := range list {
		got += fmt.Sprintf("%s–%s %v %v; ", w.From.Format("15:04"), w.To.Format("15:04"), w.First, w.Last)
	}
	if want := "06:30–08:00 true false; 08:00–10:00 false false; 10:00–11:30 false true; "; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	for _, to := range []time.Time{dawn, dawn.Add(-time.Hour)} {
		if _, err := playback.Windows(dawn, to); err == nil {
			t.Error("a range that ends before it begins is taken")
		}
	}
	day, err := playback.Windows(dawn, dawn.Add(accesslog.MaxSpan))
	check(t, err)
	if len(day) != 13 || !day[12].Last {
		t.Errorf("a day has %d windows", len(day))
	}
	for _, to := range []time.Time{dawn.Add(accesslog.MaxSpan + 1), dawn.AddDate(1000, 0, 0)} {
		if list, err := playback.Windows(dawn, to); !errors.Is(err, accesslog.ErrSpan) {
			t.Errorf("a range until %v has %d windows: %v", to, len(list), err)
		}
	}
}

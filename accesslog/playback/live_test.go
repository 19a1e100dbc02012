package playback_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"varuh/accesslog"
	"varuh/accesslog/people"
	"varuh/accesslog/playback"
	"varuh/recorder/rtsp/rtsptest/outside"
	"varuh/recorder/segment"
	"varuh/testdata/clips"
)

// studio is a box whose pieces are stored as time goes by, one picture after they end.
type studio struct {
	*box
	script []accesslog.Piece
	began  time.Time // of the bubble's clock, when it was dawn
	twice  int       // the piece before which the clock is put back by an hour; 0: none
	fresh  bool      // what is not seen live any more is too old

	mu    sync.Mutex
	back  time.Duration   // by which the clock was put back
	newer []playback.Mark // of each segment, in the order of their arrival
	wake  chan struct{}
}

// direct makes a studio of what is in a box.
func direct(b *box) *studio {
	s := &studio{box: b, script: b.pieces, began: time.Now(), wake: make(chan struct{})}
	b.pieces = nil
	return s
}

func (s *studio) now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return dawn.Add(time.Since(s.began) - s.back)
}

// hour is what the clock is put back by.
const hour = 45 * time.Second

func (s *studio) putBack() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.back = hour
}

// Pieces asks the box some moments after it is asked.
func (s *studio) Pieces(ctx context.Context, camera, stream string, from, to time.Time) (accesslog.Timeline, error) {
	t, err := s.box.Pieces(ctx, camera, stream, from, to)
	if edge := s.now().Add(time.Millisecond - accesslog.Fresh); s.fresh && from.Before(edge) {
		t.Withheld = append(t.Withheld, accesslog.Withheld{From: from, To: edge, Why: people.ErrTooOld})
	}
	return t, err
}

// play stores each piece in its time, until ctx ends.
func (s *studio) play(ctx context.Context) {
	for i, p := range s.script {
		if i > 0 && i == s.twice {
			s.putBack()
		}
		select {
		case <-time.After(p.End().Add(40 * time.Millisecond).Sub(s.now())):
		case <-ctx.Done():
			return
		}
		s.box.mu.Lock()
		s.pieces = append(s.pieces, p)
		s.box.mu.Unlock()
		s.mu.Lock()
		if n := len(s.newer); n == 0 || s.newer[n-1].Segment != p.Segment {
			s.newer = append(s.newer, playback.Mark{Segment: p.Segment})
		}
		s.newer[len(s.newer)-1].Record = p.Record
		close(s.wake)
		s.wake = make(chan struct{})
		s.mu.Unlock()
	}
}

// Next implements playback.Closed.
func (s *studio) Next(ctx context.Context, _, _ string, after playback.Mark) (playback.Mark, error) {
	for {
		s.mu.Lock()
		list, wake := slices.Clone(s.newer), s.wake
		s.mu.Unlock()
		at := slices.IndexFunc(list, func(m playback.Mark) bool { return m.Segment == after.Segment })
		switch {
		case at < 0 && len(list) > 0:
			return list[len(list)-1], nil
		case at >= 0 && list[at].Record > after.Record:
			return list[at], nil
		case at >= 0 && at+1 < len(list):
			return list[at+1], nil
		}
		select {
		case <-wake:
		case <-ctx.Done():
			return playback.Mark{}, ctx.Err()
		}
	}
}

// viewer takes what is sent, and when; the first flush may take a while.
type viewer struct {
	bytes.Buffer
	now     func() time.Time
	slow    time.Duration
	arrived []time.Time
}

func (v *viewer) flush() error {
	v.arrived = append(v.arrived, v.now())
	time.Sleep(v.slow) // a bubble's time
	v.slow = 0
	return nil
}

func (v *viewer) chunks(t *testing.T) (list []playback.Chunk) {
	t.Helper()
	for v.Len() > 0 {
		list = append(list, readChunk(t, v))
	}
	return list
}

// watch plays live from a moment on, for so long.
func watch(t *testing.T, s *studio, from, length time.Duration, change func(*playback.Live, *viewer)) ([]playback.Chunk, *viewer, error) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go s.play(ctx)
	time.Sleep(from)
	v := &viewer{now: s.now}
	l := &playback.Live{Viewing: s, Closed: s, Camera: "hall", Stream: "main", Sound: true, Now: s.now}
	if change != nil {
		change(l, v)
	}
	time.AfterFunc(length, cancel)
	err := l.Run(ctx, v, v.flush)
	return v.chunks(t), v, err
}

// TestLive joins a camera with 2-s groups of pictures in the middle of one: it begins with the last key frame, every
// picture comes within 3 s of being taken, and ffmpeg plays what came.
func TestLive(t *testing.T) {
	t.Parallel()
	outside.NeedsFFmpeg(t)
	b := newBox()
	b.record(t, load(t, clips.Entrance, 2), dawn, 10*time.Second, nil)
	var list []playback.Chunk
	synctest.Test(t, func(t *testing.T) {
		s := direct(b)
		chunks, v, err := watch(t, s, 9500*time.Millisecond, 20*time.Second, nil)
		if !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		list = chunks
		if late := v.arrived[0].Sub(s.now()); late > 0 {
			t.Error("the first chunk waited")
		}
		worst := time.Duration(0)
		for i, c := range list[1 : len(list)-1] {
			worst = max(worst, v.arrived[i+1].Sub(c.At))
		}
		t.Logf("the latest picture came %v after it was taken", worst)
		if worst > 3*time.Second {
			t.Error("that is too late")
		}
	})
	first, last := list[0], list[len(list)-1]
	if mime, _, _ := bytes.Cut(first.Payload, []byte{0}); first.Kind != playback.ChunkInit || string(mime) != `video/mp4; codecs="avc1.64001E, mp4a.40.2"` {
		t.Errorf("it begins with %c %q", first.Kind, mime)
	}
	if !first.At.Equal(dawn.Add(8*time.Second)) || list[1].Flags != playback.FlagKey {
		t.Errorf("it begins at %v with %+v", first.At, list[1].Flags)
	}
	if last.Kind != playback.ChunkEnd || string(last.Payload) != "stopped" {
		t.Errorf("it ends with %c %q", last.Kind, last.Payload)
	}
	same(t, "pictures", coded(t, film1(t, list), "v"), sums(b.samples(t, b.delivered, segment.Video)))
	same(t, "sounds", coded(t, film1(t, list), "a"), sums(b.samples(t, b.delivered, segment.Audio)))
	var stored []accesslog.Piece
	for _, p := range b.pieces {
		if !p.Start.Before(first.At) && p.Kind == segment.Video {
			stored = append(stored, p)
		}
	}
	if got := slices.DeleteFunc(slices.Clone(b.delivered), func(p accesslog.Piece) bool { return p.Kind != segment.Video }); !slices.Equal(got, stored) {
		t.Errorf("%d pieces of the picture came, %d were stored", len(got), len(stored))
	}
}

// film1 is a file of one run's chunks.
func film1(t *testing.T, list []playback.Chunk) string {
	t.Helper()
	_, whole, _ := bytes.Cut(list[0].Payload, []byte{0})
	whole = bytes.Clone(whole)
	for _, c := range list[1:] {
		if c.Kind == playback.ChunkFragment {
			whole = append(whole, c.Payload...)
		}
	}
	name := filepath.Join(t.TempDir(), "live.mp4")
	check(t, os.WriteFile(name, whole, 0o600))
	return name
}

// outline spells chunks: I, K for a key frame, p for other pictures, s for sound, a | before a break, and the last word.
func outline(list []playback.Chunk) string {
	var b strings.Builder
	for _, c := range list {
		if c.Flags&playback.FlagBreak != 0 {
			b.WriteByte('|')
		}
		switch {
		case c.Kind == playback.ChunkEnd:
			b.WriteString(" " + string(c.Payload))
		case c.Kind == playback.ChunkInit:
			b.WriteByte('I')
		case c.Flags&playback.FlagKey != 0:
			b.WriteByte('K')
		case c.Flags&playback.FlagSound != 0:
			b.WriteByte('s')
		default:
			b.WriteByte('p')
		}
	}
	return b.String()
}

func TestLiveCourse(t *testing.T) {
	t.Parallel()
	sub := func(t *testing.T, b *box) { b.record(t, load(t, clips.YardSub, 1), dawn, time.Minute, nil) }
	sentry := func(at time.Duration, why error) func(*studio, *playback.Live, *viewer) {
		return func(s *studio, _ *playback.Live, _ *viewer) {
			time.AfterFunc(at, func() {
				s.box.mu.Lock()
				s.refuse = why
				s.box.mu.Unlock()
			})
		}
	}
	for _, tt := range []struct {
		name         string
		record       func(*testing.T, *box)
		from, length time.Duration
		change       func(*studio, *playback.Live, *viewer)
		want         string
	}{
		{"from the beginning", sub, 0, 6500 * time.Millisecond, nil, "IKpKpKp stopped"},
		{"the session ends", sub, 0, time.Minute, sentry(4500*time.Millisecond, accesslog.ErrSession), "IKpKp session"},
		{"the viewing ends", sub, 0, time.Minute, sentry(4500*time.Millisecond, accesslog.ErrEnded), "IKpKp ended"},
		{"the diary is down", sub, 0, time.Minute, sentry(4500*time.Millisecond, accesslog.ErrDiary), "IKpKp diary"},
		{"locked", sub, 0, time.Minute, sentry(4500*time.Millisecond, accesslog.ErrLocked), "IKpKp locked"},
		{"the session ends while the camera is silent", sub, 18 * time.Second, time.Hour, sentry(30*time.Second, accesslog.ErrSession), "IKpKp session"},
		{"restricted from a moment on", sub, 0, time.Minute, func(s *studio, _ *playback.Live, _ *viewer) {
			s.withheld = []accesslog.Withheld{{From: dawn.Add(4 * time.Second), To: dawn.Add(time.Hour), Why: accesslog.ErrRestricted}}
		}, "IKpKp refused"},
		{"one fragment is damaged", sub, 0, 8500 * time.Millisecond, func(s *studio, _ *playback.Live, _ *viewer) {
			s.withheld = []accesslog.Withheld{{From: dawn.Add(2100 * time.Millisecond), To: dawn.Add(2200 * time.Millisecond), Why: accesslog.ErrDamaged}}
		}, "IKp|KpKp stopped"},
		{"one fragment does not decrypt", sub, 0, 8500 * time.Millisecond, func(s *studio, _ *playback.Live, _ *viewer) {
			s.damaged = map[place]bool{{s.script[2].Segment, s.script[2].Record}: true}
		}, "IKp|KpKp stopped"},
		{"another run", func(t *testing.T, b *box) {
			b.record(t, load(t, clips.YardSub, 1), dawn, time.Minute, nil)
			b.record(t, load(t, clips.YardSub, 1), dawn.Add(25*time.Second), time.Minute, nil)
		}, 19 * time.Second, 10500 * time.Millisecond, nil, "IKpKpI|KpKp stopped"},
		{"a camera that has stopped", sub, time.Minute, time.Minute, nil, " stopped"},
		{"a camera that comes back", func(t *testing.T, b *box) {
			b.record(t, load(t, clips.YardSub, 1), dawn, time.Minute, nil)
			b.record(t, load(t, clips.YardSub, 1), dawn.Add(time.Minute), time.Minute, nil)
		}, 50 * time.Second, 14500 * time.Millisecond, nil, "IKpKp stopped"},
		{"a camera that was silent, with no look-back", sub, 0, 2 * time.Minute, func(s *studio, _ *playback.Live, _ *viewer) { s.fresh = true },
			"IKpKpKpKpKpKpKpKpKpKp stopped"},
		{"a line that stands still for a while", sub, 0, 19500 * time.Millisecond, func(_ *studio, _ *playback.Live, v *viewer) {
			v.slow = 14500 * time.Millisecond
		}, "IK|KpKpK stopped"},
		{"a line that stands still while no key frame comes", func(t *testing.T, b *box) {
			f := load(t, clips.YardSub, 1)
			for i := range f.units {
				f.units[i].Key = i == 0
			}
			b.record(t, f, dawn, time.Minute, nil)
		}, 0, 16500 * time.Millisecond, func(_ *studio, _ *playback.Live, v *viewer) {
			v.slow = 14500 * time.Millisecond
		}, "IKppppppppppppppp stopped"},
		{"the notice allows sound no more", func(t *testing.T, b *box) {
			b.record(t, load(t, clips.Entrance, 1), dawn, time.Minute, nil)
		}, 0, 6500 * time.Millisecond, func(s *studio, _ *playback.Live, _ *viewer) { s.silent = dawn.Add(3500 * time.Millisecond) }, "IKspsKIKpKp stopped"}, // the last group again, without
		{"no sound is wanted", func(t *testing.T, b *box) {
			b.record(t, load(t, clips.Entrance, 1), dawn, time.Minute, nil)
		}, 0, 4500 * time.Millisecond, func(_ *studio, l *playback.Live, _ *viewer) { l.Sound = false }, "IKpKp stopped"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBox()
				tt.record(t, b)
				s := direct(b)
				list, _, err := watch(t, s, tt.from, tt.length, func(l *playback.Live, v *viewer) {
					if tt.change != nil {
						tt.change(s, l, v)
					}
				})
				if err == nil {
					t.Error("it ends without a reason")
				}
				if got := outline(list); got != tt.want {
					t.Errorf("%s, want %s", got, tt.want)
				}
			})
		})
	}
}

// TestLiveClockPutBack: a stream goes on at once when the clock is put back, with the camera's new run and not with what
// was recorded in that time before; and one that begins then shows what is recorded now.
func TestLiveClockPutBack(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		from time.Duration
		want string
	}{
		{"while it runs", 3500 * time.Millisecond, "IKpKpKpKI|KpKpKpKpKp stopped"}, // what lies ahead of the clock is not live
		{"before it begins", 12600 * time.Millisecond, "IKpKpKpKpKp stopped"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBox()
				b.record(t, load(t, clips.YardSub, 2), dawn.Add(-hour), time.Minute, nil)
				before := b.pieces
				b.pieces = nil
				b.record(t, load(t, clips.YardSub, 1), dawn, time.Minute, func(since time.Duration) bool { return since >= 10*time.Second })
				b.record(t, load(t, clips.YardSub, 1), dawn.Add(10500*time.Millisecond-hour), time.Minute, func(since time.Duration) bool { return since >= 10*time.Second })
				s := direct(b)
				s.twice = slices.IndexFunc(s.script, func(p accesslog.Piece) bool { return p.Start.Before(dawn) })
				b.pieces = slices.Clone(before)
				list, _, _ := watch(t, s, tt.from, 25*time.Second, nil)
				if got := outline(list); got != tt.want {
					t.Errorf("%s, want %s", got, tt.want)
				}
				for _, p := range b.delivered {
					if slices.Contains(before, p) {
						t.Errorf("a piece of %v was recorded long ago", p.Start)
					}
				}
			})
		})
	}
}

// TestLiveHangsUp: nothing is sent to a viewer who has gone.
func TestLiveHangsUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBox()
		b.record(t, load(t, clips.YardSub, 1), dawn, time.Minute, nil)
		s := direct(b)
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		go s.play(ctx)
		l := &playback.Live{Viewing: s, Closed: s, Camera: "hall", Stream: "main", Now: s.now}
		if err := l.Run(ctx, full{}, func() error { return nil }); !errors.Is(err, errFull) {
			t.Error(err)
		}
		if len(b.delivered) > 0 {
			t.Errorf("%d pieces were delivered", len(b.delivered))
		}
	})
}

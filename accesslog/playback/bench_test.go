package playback_test

import (
	"context"
	"io"
	"testing"
	"time"

	"varuh/accesslog"
	"varuh/accesslog/playback"
	"varuh/recorder/keyring"
	"varuh/recorder/segment"
	"varuh/testdata/clips"
)

// day is a day of fragments of 1 s with sound, in segments of 10 min.
func day() accesslog.Timeline {
	s := &story{at: dawn.Truncate(24 * time.Hour)}
	for i := range 86400 {
		if i%600 == 0 {
			s.seg++
			s.record = 0
		}
		p := *s.add(i%2 == 0, 1000)
		s.record++
		p.Kind, p.Record = segment.Audio, s.record
		s.Pieces = append(s.Pieces, p)
	}
	s.Runs = []accesslog.Run{{ID: keyring.ID{1, 0}, Init: keyring.ID{0, 1}}}
	return s.Timeline
}

// archive is a viewing that has nothing but a timeline.
type archive struct {
	playback.Viewing
	accesslog.Timeline
}

func (s archive) Pieces(_ context.Context, _, _ string, from, to time.Time) (accesslog.Timeline, error) {
	t := s.Timeline
	t.Pieces = nil
	for i := range s.Timeline.Pieces {
		if p := &s.Timeline.Pieces[i]; !p.Start.Before(from) && p.Start.Before(to) {
			t.Pieces = append(t.Pieces, *p)
		}
	}
	return t, nil
}

// BenchmarkPlaylistDay makes the playlists of a day of 1-s fragments with sound.
func BenchmarkPlaylistDay(b *testing.B) {
	t := day()
	windows, err := playback.Windows(t.Pieces[0].Start, t.Pieces[0].Start.Add(24*time.Hour))
	check(b, err)
	p := player(nil)
	p.Viewing = archive{Timeline: t}
	b.ReportAllocs()
	for b.Loop() {
		longest := 0
		for _, w := range windows {
			list, err := p.Playlist(b.Context(), w, true)
			check(b, err)
			longest = max(longest, len(list.Text))
		}
		b.ReportMetric(float64(longest)/1e3, "KB/window")
	}
}

// BenchmarkPlan is what the bare planning of a day costs.
func BenchmarkPlan(b *testing.B) {
	t := day()
	w := playback.Window{From: t.Pieces[0].Start, To: t.Pieces[0].Start.Add(24 * time.Hour), First: true, Last: true}
	b.ReportAllocs()
	for b.Loop() {
		if parts := playback.Plan(t, w, true); len(parts) != 21600 {
			b.Fatalf("%d parts", len(parts))
		}
	}
}

// BenchmarkPart finds and sends one part; what decrypting it costs is the door's.
func BenchmarkPart(b *testing.B) {
	box := newBox()
	box.record(b, load(b, clips.Entrance, 1), dawn, time.Minute, nil)
	p := player(box)
	list, err := p.Playlist(b.Context(), playback.Window{From: dawn, To: dawn.Add(time.Minute), First: true, Last: true}, true)
	check(b, err)
	name := addresses(list, "part")[2]
	b.ReportAllocs()
	for b.Loop() {
		part, err := p.Part(b.Context(), name)
		check(b, err)
		check(b, p.Send(b.Context(), part, io.Discard))
		b.SetBytes(part.Size())
	}
}

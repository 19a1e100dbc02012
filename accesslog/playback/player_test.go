package playback_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"varuh/accesslog"
	"varuh/accesslog/playback"
	"varuh/recorder/keyring"
	"varuh/recorder/segment"
	"varuh/testdata/clips"
)

func player(b *box) *playback.Player {
	return &playback.Player{Viewing: b, Names: playback.NewNames(),
		Scope: playback.Scope{Viewing: "v1", Camera: "hall", Stream: "main"}}
}

// addresses are those of a playlist.
func addresses(list playback.Playlist, folder string) (names []string) {
	for _, m := range regexp.MustCompile(folder+`/([^"\n]+)`).FindAllSubmatch(list.Text, -1) {
		names = append(names, string(m[1]))
	}
	return names
}

// TestPlaylist is one playlist spelt out: two segments, a gap, another run.
func TestPlaylist(t *testing.T) {
	t.Parallel()
	b := newBox()
	start := dawn.Add(123456 * time.Microsecond)
	b.record(t, load(t, clips.YardSub, 1), start, 15*time.Second, func(since time.Duration) bool {
		return since >= 8*time.Second && since < 10*time.Second
	})
	b.record(t, load(t, clips.Stairs, 1), start.Add(30*time.Second), time.Minute, nil)
	p, w := player(b), playback.Window{From: dawn, To: dawn.Add(time.Hour), First: true, Last: true}
	list, err := p.Playlist(t.Context(), w, true)
	check(t, err)
	got := regexp.MustCompile(`(part|init)/[A-Za-z0-9_-]{44,76}\.`).ReplaceAllString(string(list.Text), "$1/NAME.")
	want := `#EXTM3U
#EXT-X-VERSION:7
#EXT-X-TARGETDURATION:10
#EXT-X-MEDIA-SEQUENCE:0
#EXT-X-PLAYLIST-TYPE:VOD
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-MAP:URI="init/NAME.mp4"
#EXT-X-PROGRAM-DATE-TIME:2026-11-21T06:30:00.123Z
#EXTINF:4.000000,
part/NAME.m4s
#EXTINF:4.000000,
part/NAME.m4s
#EXT-X-DISCONTINUITY
#EXT-X-PROGRAM-DATE-TIME:2026-11-21T06:30:10.123Z
#EXTINF:4.000000,
part/NAME.m4s
#EXTINF:4.000000,
part/NAME.m4s
#EXT-X-PROGRAM-DATE-TIME:2026-11-21T06:30:18.123Z
#EXTINF:2.000000,
part/NAME.m4s
#EXT-X-DISCONTINUITY
#EXT-X-MAP:URI="init/NAME.mp4"
#EXT-X-PROGRAM-DATE-TIME:2026-11-21T06:30:30.123Z
#EXTINF:10.000000,
part/NAME.m4s
#EXTINF:10.000000,
part/NAME.m4s
#EXT-X-ENDLIST
`
	if got != want {
		t.Errorf("got\n%s", got)
	}
	again, err := p.Playlist(t.Context(), w, true)
	check(t, err)
	if !bytes.Equal(list.Text, again.Text) {
		t.Error("the same window has another playlist")
	}
	if inits := addresses(list, "init"); inits[0] == inits[1] {
		t.Error("two runs have one init segment")
	}
	later := playback.Window{From: dawn.Add(25 * time.Second), To: dawn.Add(time.Hour), First: true, Last: true}
	rest, err := p.Playlist(t.Context(), later, true)
	check(t, err)
	if all, some := addresses(list, "part"), addresses(rest, "part"); !slices.Equal(all[5:], some) {
		t.Errorf("parts of the same pieces have other names:\n%v\n%v", all[5:], some)
	}
}

// TestPlaylistRandom reads playlists of random timelines line by line, and holds them against RFC 8216 and the plan.
func TestPlaylistRandom(t *testing.T) {
	t.Parallel()
	for seed := range uint64(300) {
		s := random(rand.New(rand.NewPCG(seed, 4)))
		b := newBox()
		for i := range s.Pieces {
			p := &s.Pieces[i]
			p.Camera, p.Stream = "hall", "main"
			if !slices.ContainsFunc(b.runs, func(r accesslog.Run) bool { return r.ID == p.Run }) {
				b.runs = append(b.runs, accesslog.Run{ID: p.Run, Init: p.Segment})
			}
		}
		b.pieces, b.withheld = s.Pieces, s.Withheld
		p, w := player(b), s.whole()
		list, err := p.Playlist(t.Context(), w, true)
		check(t, err)
		seen, err := b.Pieces(t.Context(), "hall", "main", w.From, w.To)
		check(t, err)
		parts := playback.Plan(seen, w, list.Sound)
		if list.Parts != len(parts) {
			t.Fatalf("seed %d: %d parts, want %d", seed, list.Parts, len(parts))
		}
		var target, length float64
		var run, stored keyring.ID
		broken, mapped, dated, n := false, false, time.Time{}, 0
		for line := range strings.Lines(string(list.Text)) {
			name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ":")
			switch name {
			case "#EXT-X-TARGETDURATION":
				target = number(t, value)
			case "#EXTINF":
				length = number(t, strings.TrimSuffix(value, ","))
			case "#EXT-X-DISCONTINUITY":
				broken = true
			case "#EXT-X-MAP":
				mapped = true
			case "#EXT-X-PROGRAM-DATE-TIME":
				dated, err = time.Parse(time.RFC3339Nano, value)
				check(t, err)
			}
			if strings.HasPrefix(line, "#") {
				continue
			}
			want := parts[n]
			got, err := p.Part(t.Context(), strings.TrimPrefix(name, "part/"))
			check(t, err)
			first := got.Pieces[slices.IndexFunc(got.Pieces, func(p accesslog.Piece) bool { return p.Kind == segment.Video })].Segment
			switch {
			case !slices.Equal(got.Pieces, want.Pieces):
				t.Fatalf("seed %d: part %d has other pieces", seed, n)
			case math.Abs(length-want.Duration.Seconds()) > 1e-6 || math.Round(length) > target:
				t.Fatalf("seed %d: part %d lasts %v s, want %v, at most %v", seed, n, length, want.Duration, target)
			case broken != want.Break || mapped != (want.Run != run) || mapped && n > 0 && !broken:
				t.Fatalf("seed %d: part %d: discontinuity %v, map %v", seed, n, broken, mapped)
			case dated.IsZero() == (n == 0 || broken || first != stored) || !dated.IsZero() && dated.Sub(want.From).Abs() > time.Millisecond:
				t.Fatalf("seed %d: part %d of %v is dated %v", seed, n, want.From, dated)
			}
			run, stored = want.Run, first
			broken, mapped, dated, n = false, false, time.Time{}, n+1
		}
		if n != len(parts) {
			t.Fatalf("seed %d: %d parts, want %d", seed, n, len(parts))
		}
	}
}

// TestSoundThatComesAndGoes: a window is played with sound if all of its runs have some.
func TestSoundThatComesAndGoes(t *testing.T) {
	t.Parallel()
	b := newBox()
	b.record(t, load(t, clips.Entrance, 1), dawn, time.Minute, nil)
	b.record(t, load(t, clips.Hall, 1), dawn.Add(time.Hour), time.Minute, nil)
	b.record(t, load(t, clips.Entrance, 1), dawn.Add(2*time.Hour), time.Minute, nil)
	for _, tt := range []struct {
		from, to time.Duration
		ask, get bool
		parts    int
	}{
		{0, time.Minute, true, true, 5},
		{0, time.Minute, false, false, 5},
		{time.Hour, time.Hour + time.Minute, true, false, 5},
		{0, time.Hour + time.Minute, true, false, 10},
		{time.Minute, time.Hour, true, false, 0},
	} {
		list, err := player(b).Playlist(t.Context(), playback.Window{From: dawn.Add(tt.from), To: dawn.Add(tt.to), First: true, Last: true}, tt.ask)
		check(t, err)
		if list.Sound != tt.get || list.Parts != tt.parts {
			t.Errorf("%v to %v: sound %v and %d parts, want %v and %d", tt.from, tt.to, list.Sound, list.Parts, tt.get, tt.parts)
		}
	}
}

func number(t *testing.T, text string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(text, 64)
	check(t, err)
	return v
}

// TestSend: a part is its stored fragments, and they alone are counted.
func TestSend(t *testing.T) {
	t.Parallel()
	b := newBox()
	b.record(t, load(t, clips.Entrance, 1), dawn, 5*time.Second, nil)
	p := player(b)
	list, err := p.Playlist(t.Context(), playback.Window{From: dawn.Add(9 * time.Second), To: dawn.Add(13 * time.Second), First: true}, true)
	check(t, err)
	if len(b.delivered) > 0 {
		t.Error("a playlist delivers footage")
	}
	names := addresses(list, "part")
	part, err := p.Part(t.Context(), names[0])
	check(t, err)
	var out bytes.Buffer
	check(t, p.Send(t.Context(), part, &out))
	var want []byte
	for _, piece := range part.Pieces {
		want = append(want, b.data[place{piece.Segment, piece.Record}]...)
	}
	if !bytes.Equal(out.Bytes(), want) || part.Size() != int64(len(want)) || !slices.Equal(b.delivered, part.Pieces) {
		t.Errorf("%d bytes of %d pieces left, want %d of %d", out.Len(), len(b.delivered), len(want), len(part.Pieces))
	}
	if !part.From.Equal(dawn.Add(8*time.Second)) || part.Pieces[0].Kind != segment.Video {
		t.Errorf("the range begins at %v", part.From)
	}
	b.delivered = nil
	if err := p.Send(t.Context(), part, full{}); !errors.Is(err, errFull) || len(b.delivered) != 1 {
		t.Errorf("a reader that hangs up: %v, %d pieces counted", err, len(b.delivered))
	}
}

// TestDamage: what is damaged is left out with the pictures that need it, and the rest of the part comes.
func TestDamage(t *testing.T) {
	t.Parallel()
	b := newBox()
	b.record(t, load(t, clips.Entrance, 1), dawn, time.Minute, nil)
	p := player(b)
	list, err := p.Playlist(t.Context(), playback.Window{From: dawn, To: dawn.Add(time.Minute), First: true, Last: true}, true)
	check(t, err)
	part, err := p.Part(t.Context(), addresses(list, "part")[0]) // two groups of two fragments, and sound
	check(t, err)
	spell := func(pieces []accesslog.Piece) (s string) {
		for _, p := range pieces {
			s += fmt.Sprintf("%d%c ", p.Start.Sub(dawn)/time.Second, " ps"[p.Kind])
		}
		return s
	}
	if got, want := spell(part.Pieces), "0p 0s 1p 1s 2p 2s 3p 3s "; got != want {
		t.Fatalf("the part is %s, want %s", got, want)
	}
	for _, tt := range []struct {
		damaged []int
		want    string
	}{
		{[]int{0}, "0s 1s 2p 2s 3p 3s "},
		{[]int{2}, "0p 0s 1s 2p 2s 3p 3s "},
		{[]int{1}, "0p 1p 1s 2p 2s 3p 3s "},
		{[]int{0, 4}, "0s 1s 2s 3s "},
		{[]int{6, 7}, "0p 0s 1p 1s 2p 2s "},
		{[]int{0, 1, 2, 3, 4, 5, 6, 7}, ""},
	} {
		b.delivered, b.damaged = nil, map[place]bool{}
		for _, i := range tt.damaged {
			b.damaged[place{part.Pieces[i].Segment, part.Pieces[i].Record}] = true
		}
		err := p.Send(t.Context(), part, io.Discard)
		if got := spell(b.delivered); got != tt.want || !errors.Is(err, accesslog.ErrDamaged) {
			t.Errorf("without %v: %s, %v, want %s", tt.damaged, got, err, tt.want)
		}
	}
}

type full struct{}

var errFull = errors.New("the reader hung up")

func (full) Write(b []byte) (int, error) { return len(b) / 2, errFull }

// TestNames: a name is worth nothing elsewhere, nor when something of its part is gone.
func TestNames(t *testing.T) {
	t.Parallel()
	b := newBox()
	b.record(t, load(t, clips.YardSub, 1), dawn, time.Minute, nil)
	p := player(b)
	w := playback.Window{From: dawn, To: dawn.Add(time.Minute), First: true, Last: true}
	list, err := p.Playlist(t.Context(), w, false)
	check(t, err)
	part, init := addresses(list, "part")[1], addresses(list, "init")[0]
	if _, err := p.Part(t.Context(), part); err != nil {
		t.Error(err)
	}
	for _, scope := range []playback.Scope{{Viewing: "v2", Camera: "hall", Stream: "main"}, {Viewing: "v1", Camera: "yard", Stream: "main"},
		{Viewing: "v1", Camera: "hall", Stream: "sub"}, {Viewing: "v1h", Camera: "all", Stream: "main"}} {
		wrong := &playback.Player{Viewing: b, Names: p.Names, Scope: scope}
		wantNone(t, wrong, part, init)
	}
	wantNone(t, &playback.Player{Viewing: b, Names: playback.NewNames(), Scope: p.Scope}, part, init)
	wantNone(t, p, init, part)
	wantNone(t, p, "", "")
	wantNone(t, p, strings.TrimSuffix(part, ".m4s"), strings.TrimSuffix(init, ".mp4"))
	wantNone(t, p, flip(part), flip(init))

	b.withheld = []accesslog.Withheld{{From: dawn.Add(5 * time.Second), To: dawn.Add(6 * time.Second), Why: accesslog.ErrRestricted}}
	if _, err := p.Part(t.Context(), part); !errors.Is(err, playback.ErrName) {
		t.Errorf("a part that was restricted meanwhile: %v", err)
	}
	b.withheld, b.pieces[6].Record = nil, 1000
	if _, err := p.Part(t.Context(), part); !errors.Is(err, playback.ErrName) {
		t.Errorf("a part with another piece in it: %v", err)
	}
	b.refuse = accesslog.ErrSession
	if _, err := p.Part(t.Context(), part); !errors.Is(err, accesslog.ErrSession) {
		t.Errorf("a part after the session: %v", err)
	}
	if _, err := p.Playlist(t.Context(), w, true); !errors.Is(err, accesslog.ErrSession) {
		t.Errorf("a playlist after the session: %v", err)
	}
}

// A part that ends now is found again after the recorder has gone on: the next picture begins a little before the last
// one ends, for the clocks are held against each other, and sound is stored behind its picture.
func TestPartThatEndsNow(t *testing.T) {
	t.Parallel()
	b := newBox()
	now := story{at: dawn}
	now.group(4)
	sound := func(at time.Time) accesslog.Piece {
		now.record++
		return accesslog.Piece{Segment: keyring.ID{0, now.seg}, Record: now.record, Kind: segment.Audio, Run: keyring.ID{1, now.run},
			Start: at, Duration: time.Second, KeyFrame: true, Size: 100}
	}
	now.Pieces = append(now.Pieces, sound(dawn))
	show := func() {
		b.pieces = slices.Clone(now.Pieces)
		for i := range b.pieces {
			b.pieces[i].Camera, b.pieces[i].Stream = "hall", "main"
		}
		slices.SortStableFunc(b.pieces, func(x, y accesslog.Piece) int { return x.Start.Compare(y.Start) })
	}
	show()
	b.runs = []accesslog.Run{{ID: keyring.ID{1, now.run}}}
	p := player(b)
	for _, withSound := range []bool{false, true} {
		parts := playback.Plan(accesslog.Timeline{Pieces: b.pieces}, now.whole(), withSound)
		name := p.Names.Part(p.Scope, &parts[0], withSound)
		now.wait(-3)
		now.add(true, 1000)
		now.Pieces = append(now.Pieces, sound(dawn.Add(2*time.Second)))
		show()
		again, err := p.Part(t.Context(), name)
		check(t, err)
		if !slices.Equal(again.Pieces, parts[0].Pieces) {
			t.Errorf("with sound %t: found again as %v, was %v", withSound, again.Pieces, parts[0].Pieces)
		}
	}
}

func wantNone(t *testing.T, p *playback.Player, part, init string) {
	t.Helper()
	if _, err := p.Part(t.Context(), part); !errors.Is(err, playback.ErrName) {
		t.Errorf("part %q: %v", part, err)
	}
	if _, err := p.Init(t.Context(), init); !errors.Is(err, playback.ErrName) {
		t.Errorf("init segment %q: %v", init, err)
	}
}

// flip changes one character of a name.
func flip(name string) string {
	if name[0] == 'a' {
		return "b" + name[1:]
	}
	return "a" + name[1:]
}

// TestReach: a window's last group of pictures is found however long it is, and what comes behind is not asked for.
func TestReach(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		pieces, asked int
	}{{10, 1}, {60, 2}, {400, 3}} {
		b, s := newBox(), &story{at: dawn}
		for range 40 {
			s.group(tt.pieces)
		}
		for i := range s.Pieces {
			s.Pieces[i].Camera, s.Pieces[i].Stream = "hall", "main"
		}
		b.pieces = s.Pieces
		list, err := player(b).Playlist(t.Context(), playback.Window{From: dawn, To: dawn.Add(time.Second)}, true)
		check(t, err)
		if parts := addresses(list, "part"); len(parts) != 1 || b.asked != tt.asked {
			t.Errorf("groups of %d s: %d parts, asked %d times, want %d", tt.pieces, len(parts), b.asked, tt.asked)
		}
		part, err := player(b).Part(context.Background(), "x.m4s")
		if !errors.Is(err, playback.ErrName) {
			t.Errorf("%v, %v", part, err)
		}
	}
}

func TestSpan(t *testing.T) {
	t.Parallel()
	for _, w := range []playback.Window{{}, {From: dawn, To: dawn}, {From: dawn, To: dawn.Add(-1)},
		{From: dawn, To: dawn.Add(playback.MostWindow + 1)}} {
		if _, err := player(newBox()).Playlist(t.Context(), w, true); !errors.Is(err, accesslog.ErrSpan) {
			t.Errorf("%v: %v", w, err)
		}
	}
}

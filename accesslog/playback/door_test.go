package playback_test

import (
	"bytes"
	"context"
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"varuh/accesslog"
	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/accesslog/notice"
	"varuh/accesslog/people"
	"varuh/accesslog/playback"
	"varuh/recorder/durable"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
	"varuh/recorder/rtsp/rtsptest/outside"
	"varuh/recorder/segment"
	"varuh/retention"
	"varuh/testdata/clips"
)

// house is a box with a store, an index, a diary and a door, all real; persons, notices and restrictions are not.
type house struct {
	t          *testing.T
	store      footage.Store
	index      *footage.Index
	diary      *diary.Diary
	door       *accesslog.Door
	restricted []retention.Restriction
	silent     time.Time // from when on the notice allows no sound; zero: it always does
	now        time.Time
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, now: dawn.Add(time.Hour)}
	dir := t.TempDir()
	for _, d := range []string{"store", "state", "twin", "keys"} {
		check(t, os.Mkdir(filepath.Join(dir, d), 0o700))
	}
	reading, err := keyring.GenerateKey()
	check(t, err)
	public := []keyring.PublicKey{reading.Public()}
	h.store = footage.Store{ID: keyring.NewID(dawn), Dir: filepath.Join(dir, "store")}
	h.store.Ring, err = keyring.Open(durable.OS, filepath.Join(dir, "state"), filepath.Join(dir, "twin"), h.store.ID, public)
	check(t, err)
	h.index, _, err = footage.OpenOrRebuild(t.Context(), durable.OS, filepath.Join(dir, "footage.db"), []footage.Store{h.store})
	check(t, err)
	t.Cleanup(func() { check(t, h.index.Close()) })
	clock := func() time.Time { return h.now }
	h.diary, err = diary.Create(t.Context(), diary.Options{Path: filepath.Join(dir, "varuh.db"), Keys: filepath.Join(dir, "keys"),
		Public: public, Now: clock}, "sola.example", diary.Entry{Body: proof.Body{Note: "first start"}})
	check(t, err)
	t.Cleanup(func() { check(t, h.diary.Close()) })
	keys := accesslog.NewKeys(accesslog.KeyOptions{FS: durable.OS, Now: clock, InUse: func(people.Which) keyring.KeyID { return reading.Public().ID() },
		Store: func(id keyring.ID) (footage.Store, bool) { return h.store, id == h.store.ID }})
	keys.UnlockAuto(people.FootageKey, keyring.Identity{reading})
	h.door = accesslog.NewDoor(accesslog.Options{Diary: h.diary, Keys: keys, Index: h.index, Sessions: h, Notices: h, Restrictions: h,
		Premises: []netip.Prefix{netip.MustParsePrefix("192.168.1.0/24")}, Now: clock})
	return h
}

func (h *house) Still(_ context.Context, s people.Session) (people.Session, error) {
	long := dawn.AddDate(-1, 0, 0)
	s.Authorisations = []people.Authorisation{{ID: "approver", Role: people.Approver, From: long, Paper: long}}
	return s, nil
}

func (h *house) Restrictions(context.Context) ([]retention.Restriction, error) {
	return h.restricted, nil
}

func (h *house) Spans(_ context.Context, _ string, from, to time.Time) ([]notice.Span, error) {
	both := notice.Text{Sl: "besedilo", En: "text"}
	list := []notice.Purpose{{ID: "property", Sl: "varovanje premoženja", En: "protection of property", Basis: "ZVOP-2, 77. člen"}}
	sign := notice.Notice{ID: "n1", Content: notice.Content{
		Controller: notice.Party{Name: "Šola", Address: "Cesta 1", Phone: "01 234 56 78"}, Officer: notice.Officer{None: true},
		Area: both, Purposes: list, Recipients: both, Kept: both, Effects: both, Live: true}}
	loud := sign
	loud.Audio, loud.AudioReason = true, both
	switch change := h.silent; {
	case change.IsZero() || !change.Before(to):
		return []notice.Span{{From: from, To: to, Notice: &loud, Purposes: list}}, nil
	case !change.After(from):
		return []notice.Span{{From: from, To: to, Notice: &sign, Purposes: list}}, nil
	default:
		return []notice.Span{{From: from, To: change, Notice: &loud, Purposes: list}, {From: change, To: to, Notice: &sign, Purposes: list}}, nil
	}
}

// record stores what is in a box as the recorder does. The last segment is left open on wish.
func (h *house) record(b *box, open bool) {
	t := h.t
	t.Helper()
	for i := 0; i < len(b.pieces); {
		n := i
		for n < len(b.pieces) && b.pieces[n].Segment == b.pieces[i].Segment {
			n++
		}
		h.segment(b, b.pieces[i:n], open && n == len(b.pieces))
		i = n
	}
}

func (h *house) segment(b *box, pieces []accesslog.Piece, open bool) {
	t := h.t
	t.Helper()
	first := pieces[0]
	key, slot, err := h.store.Ring.Create(t.Context(), first.Segment, keyring.KindSegment)
	check(t, err)
	head := segment.Header{ID: first.Segment, Store: h.store.ID, Slot: slot, Camera: first.Camera, Stream: first.Stream, Run: first.Run,
		Start: first.Start, Boot: [16]byte{1}, BootTime: first.Start.Sub(dawn) + time.Hour, Clock: segment.Synchronised, Format: "H264 640x360"}
	name := h.store.Path(head.Camera, head.ID)
	check(t, os.MkdirAll(filepath.Dir(name), 0o700))
	row := footage.NewSegment(head)
	check(t, h.index.Begin(row))
	w, err := segment.Create(durable.OS, name, head, key, segment.PreferredCipher())
	check(t, err)
	check(t, w.Append(segment.Record{Kind: segment.Init, Start: first.Start}, b.inits[first.Segment]))
	for _, p := range pieces {
		r := segment.Record{Kind: p.Kind, Start: p.Start, Duration: p.Duration}
		if p.KeyFrame {
			r.Flags |= segment.KeyFrame
		}
		check(t, w.Append(r, b.data[place{p.Segment, p.Record}]))
	}
	if open {
		t.Cleanup(func() { check(t, w.Close()) })
		return
	}
	seal, err := w.Seal(false)
	check(t, err)
	size := w.Size()
	check(t, w.Close())
	check(t, h.store.Ring.Seal(t.Context(), []keyring.Sealing{{Ref: keyring.Ref{ID: row.ID, Slot: row.Slot}, Records: seal.Records, Root: seal.Root}}))
	check(t, h.index.Sealed(row.WithSeal(seal, size)))
}

func (h *house) open(live bool) *accesslog.Viewing {
	h.t.Helper()
	v, err := h.door.Open(h.t.Context(), accesslog.Ask{Purpose: "property", Camera: "hall", Stream: "main", From: dawn, To: dawn.Add(time.Minute), Live: live,
		Session: people.Session{ID: "s1", Person: people.Person{ID: "ana", Name: "Person Ana"}, Proof: "password"}, Address: netip.MustParseAddr("192.168.1.20")})
	check(h.t, err)
	return v
}

// ops are the operations in the diary since the first.
func (h *house) ops(which ...string) (ops []string) {
	h.t.Helper()
	list, err := h.diary.EntriesOf(h.t.Context(), which...)
	check(h.t, err)
	for _, e := range list {
		ops = append(ops, e.Op)
	}
	return ops
}

// TestThroughTheDoor plays encrypted segments through the real door: ffmpeg reads what was recorded, but for the groups
// of pictures that a restriction tears.
func TestThroughTheDoor(t *testing.T) {
	t.Parallel()
	outside.NeedsFFmpeg(t)
	h, b := newHouse(t), newBox()
	b.record(t, load(t, clips.Entrance, 2), dawn, 8*time.Second, nil)
	h.record(b, false)
	h.restricted = []retention.Restriction{{Camera: "hall", From: dawn.Add(14500 * time.Millisecond), To: dawn.Add(17500 * time.Millisecond)}}
	v := h.open(false)
	url, list := serve(t, v, playback.Window{From: dawn, To: dawn.Add(time.Minute), First: true, Last: true}, false)
	if strings.Count(list, "#EXT-X-DISCONTINUITY\n") != 1 {
		t.Errorf("the restricted time is not to be seen in\n%s", list)
	}
	free := slices.DeleteFunc(slices.Clone(b.pieces), func(p accesslog.Piece) bool {
		at := p.Start.Sub(dawn)
		return p.Kind != segment.Video || at >= 14*time.Second && at < 18*time.Second
	})
	same(t, "pictures", coded(t, url, "v"), sums(b.samples(t, free, segment.Video)))
	decode(t, url, true)
	check(t, v.End(t.Context(), accesslog.NothingFound))
	// One lease before what is restricted, one behind.
	if got := h.ops("view.start", "view.more", "view.end"); !slices.Equal(got, []string{"view.start", "view.more", "view.end"}) {
		t.Errorf("the diary has %v", got)
	}
	p := player(nil)
	p.Viewing = v
	if _, err := p.Playlist(t.Context(), playback.Window{From: dawn, To: dawn.Add(time.Minute)}, true); !errors.Is(err, accesslog.ErrEnded) {
		t.Errorf("a playlist after the end: %v", err)
	}
}

// TestSilenceThroughTheDoor: where the notice allowed no sound in a part of a window, the window is played without, since
// browsers take no sound that goes; no request gets it all the same, not even by the name of a part with sound.
func TestSilenceThroughTheDoor(t *testing.T) {
	t.Parallel()
	h, b := newHouse(t), newBox()
	b.record(t, load(t, clips.Entrance, 2), dawn, 8*time.Second, nil)
	h.record(b, false)
	p := player(nil)
	p.Viewing = h.open(false)
	both := func() (first, whole playback.Playlist) {
		t.Helper()
		first, err := p.Playlist(t.Context(), playback.Window{From: dawn, To: dawn.Add(6 * time.Second), First: true, Last: true}, true)
		check(t, err)
		whole, err = p.Playlist(t.Context(), playback.Window{From: dawn, To: dawn.Add(time.Minute), First: true, Last: true}, true)
		check(t, err)
		return first, whole
	}
	first, loud := both()
	if !first.Sound || !loud.Sound {
		t.Fatalf("with a notice of sound: %v, %v", first.Sound, loud.Sound)
	}
	text := string(loud.Text)
	last, _, _ := strings.Cut(text[strings.LastIndex(text, "part/")+len("part/"):], "\n")
	part, err := p.Part(t.Context(), last)
	check(t, err)
	h.silent = dawn.Add(8 * time.Second)
	_, err = h.diary.Append(t.Context(), diary.Entry{Op: "notice.add"}, nil)
	check(t, err)
	first, whole := both()
	if !first.Sound || whole.Sound || whole.Parts != loud.Parts {
		t.Errorf("before the change sound %v, across it %v; %d parts, and %d with sound", first.Sound, whole.Sound, whole.Parts, loud.Parts)
	}
	if _, err := p.Part(t.Context(), last); !errors.Is(err, playback.ErrName) {
		t.Errorf("a part with sound, asked for by its name: %v", err)
	}
	var out bytes.Buffer
	if err := p.Send(t.Context(), part, &out); !errors.Is(err, accesslog.ErrSound) {
		t.Errorf("a part with sound that was found before: %v", err)
	}
	for _, piece := range b.pieces {
		if plain := b.data[place{piece.Segment, piece.Record}]; piece.Kind == segment.Audio && bytes.Contains(out.Bytes(), plain) {
			t.Errorf("sound of %v left", piece.Start.Sub(dawn))
		}
	}
}

// TestDamageThroughTheDoor: a bad block on the disk costs the group of pictures that it is in.
func TestDamageThroughTheDoor(t *testing.T) {
	t.Parallel()
	outside.NeedsFFmpeg(t)
	h, b := newHouse(t), newBox()
	b.record(t, load(t, clips.Entrance, 1), dawn, time.Minute, nil)
	h.record(b, false)
	hit := slices.IndexFunc(b.pieces, func(p accesslog.Piece) bool { return p.Kind == segment.Video && p.Start.Equal(dawn.Add(6*time.Second)) })
	h.spoil(b.pieces[hit])
	url, _ := serve(t, h.open(false), playback.Window{From: dawn, To: dawn.Add(time.Minute), First: true, Last: true}, false)
	rest := slices.DeleteFunc(slices.Clone(b.pieces), func(p accesslog.Piece) bool {
		at := p.Start.Sub(dawn)
		return p.Kind != segment.Video || at >= 6*time.Second && at < 8*time.Second
	})
	same(t, "pictures", coded(t, url, "v"), sums(b.samples(t, rest, segment.Video)))
}

// spoil changes one byte of a piece on the disk.
func (h *house) spoil(p accesslog.Piece) {
	h.t.Helper()
	name := h.store.Path(p.Camera, p.Segment)
	r, err := segment.Open(durable.OS, name)
	check(h.t, err)
	e, err := r.Entry(p.Record)
	check(h.t, err)
	check(h.t, r.Close())
	content, err := os.ReadFile(name)
	check(h.t, err)
	content[e.Offset+e.Size/2] ^= 1
	check(h.t, os.WriteFile(name, content, 0o600))
}

// once is a Closed that has nothing new.
type once struct{}

func (once) Next(ctx context.Context, _, _ string, _ playback.Mark) (playback.Mark, error) {
	return playback.Mark{}, errOver
}

var errOver = errors.New("the test is over")

// TestLiveThroughTheDoor plays the segment that is being written.
func TestLiveThroughTheDoor(t *testing.T) {
	t.Parallel()
	h, b := newHouse(t), newBox()
	b.record(t, load(t, clips.Entrance, 1), dawn, time.Minute, nil)
	last := b.pieces[len(b.pieces)-1].End()
	h.record(b, true)
	h.now = last.Add(100 * time.Millisecond)
	v := h.open(true)
	out := &viewer{now: func() time.Time { return h.now }}
	l := &playback.Live{Viewing: v, Closed: once{}, Camera: "hall", Stream: "main", Sound: true, Now: func() time.Time { return h.now }}
	if err := l.Run(t.Context(), out, out.flush); !errors.Is(err, errOver) {
		t.Error(err)
	}
	if got := outline(out.chunks(t)); got != "IKsps failed" {
		t.Errorf("%s", got)
	}
	for _, silent := range []time.Duration{-time.Second, 0, 20 * time.Second} { // before the end of what is stored
		h.silent = last.Add(-silent)
		_, err := h.diary.Append(t.Context(), diary.Entry{Op: "notice.add"}, nil)
		check(t, err)
		want := "IKsps failed"
		if silent > 0 {
			want = "IKp failed"
		}
		l = &playback.Live{Viewing: v, Closed: once{}, Camera: "hall", Stream: "main", Sound: true, Now: func() time.Time { return h.now }}
		if err := l.Run(t.Context(), out, out.flush); !errors.Is(err, errOver) {
			t.Error(err)
		}
		list := out.chunks(t)
		if mime, _, _ := bytes.Cut(list[0].Payload, []byte{0}); outline(list) != want || bytes.Contains(mime, []byte("mp4a")) != (silent <= 0) {
			t.Errorf("without sound for %v: %s, %s", silent, outline(list), mime)
		}
	}
	h.restricted = []retention.Restriction{{From: dawn, To: last.Add(time.Hour)}}
	l = &playback.Live{Viewing: v, Closed: once{}, Camera: "hall", Stream: "main", Now: func() time.Time { return h.now }}
	if err := l.Run(t.Context(), out, out.flush); !errors.Is(err, accesslog.ErrRestricted) {
		t.Error(err)
	}
	if got := outline(out.chunks(t)); got != " refused" {
		t.Errorf("%s", got)
	}
}

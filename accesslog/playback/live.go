package playback

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"slices"
	"time"

	"varuh/accesslog"
	"varuh/accesslog/people"
	"varuh/recorder/keyring"
	"varuh/recorder/segment"
)

const (
	// stale is how old the newest picture may be for a live stream to begin with it. An older one is of a camera
	// that has stopped.
	stale = 10 * time.Second

	// behind is how much may wait for a viewer on a slow line, before it is passed over up to the newest key frame.
	behind = 10 * time.Second

	// reread is the most that is looked at again to find what is new.
	reread = time.Minute

	// patience is how long a camera may be silent before the viewing is asked whether it goes on.
	patience = 10 * time.Second
)

// Mark is a place among the fragments of a stream, in the order in which they were stored: segments by ID,
// then records by number. The zero Mark is before all.
type Mark struct {
	Segment keyring.ID
	Record  int
}

func (m Mark) compare(o Mark) int {
	return cmp.Or(bytes.Compare(m.Segment[:], o.Segment[:]), cmp.Compare(m.Record, o.Record))
}

func markOf(p *accesslog.Piece) Mark { return Mark{p.Segment, p.Record} }

// Closed tells of fragments as they are stored. It gives none of them away.
type Closed interface {
	// Next waits until a fragment of the stream is stored behind the mark, and tells where the newest one is; it
	// returns at once if there already is one. The errors are that of ctx, or why there will be none.
	Next(ctx context.Context, camera, stream string, after Mark) (Mark, error)
}

// Live plays one stream of a camera as it is stored, as chunks. It begins with the last key frame and sends each
// fragment as soon as it is closed; one that cannot keep up skips to the newest key frame. The viewing must
// be one for live footage, and ends the stream when it ends.
//
// The words of its ChunkEnd are "session" (the person's session has ended), "ended" (the viewing has, or must, and
// another can be opened), "refused" (an authorisation has ended, or the footage is withheld from now on), "locked",
// "diary" (it cannot be written), "stopped" (the caller's ctx) and "failed".
type Live struct {
	Viewing        Viewing
	Closed         Closed
	Camera, Stream string
	Sound          bool // whether sound is wanted
	Now            func() time.Time

	pictures
	mark    Mark       // of the last piece that was looked at
	newest  Mark       // that Closed told of
	last    time.Time  // when the newest piece that was looked at ends
	run     keyring.ID // of the last init chunk
	decodes bool       // the next picture can be decoded
	broken  bool       // the next picture does not continue the last one sent
}

// Run plays until something ends it, and returns that; it is never nil. A Live runs once. flush sends on what
// out may hold back.
func (l *Live) Run(ctx context.Context, out io.Writer, flush func() error) error {
	line := &line{out: out, flush: flush}
	err := l.play(ctx, line)
	if line.err == nil {
		line.send(Chunk{Kind: ChunkEnd, At: l.Now(), Payload: []byte(word(ctx, err))})
	}
	return errors.Join(err, line.err)
}

func (l *Live) play(ctx context.Context, line *line) error {
	l.last = l.Now().Add(-stale)
	for {
		now := l.Now()
		t, err := l.Viewing.Pieces(ctx, l.Camera, l.Stream, later(l.last.Add(-stale), now.Add(-reread)), now.Add(time.Second))
		if err == nil {
			err = l.send(ctx, line, t)
		}
		if err == nil {
			err = l.refusal(t)
		}
		if err == nil {
			err = l.wait(ctx)
		}
		if err != nil {
			return err
		}
	}
}

// wait is until there is something new, but not for long: the viewing may have ended meanwhile. What is new and
// then not among the pieces is withheld, and not waited for again.
func (l *Live) wait(ctx context.Context) error {
	short, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	newest, err := l.Closed.Next(short, l.Camera, l.Stream, l.mark)
	if err != nil && short.Err() != nil && ctx.Err() == nil {
		return nil
	}
	if newest.compare(l.newest) > 0 {
		l.newest = newest
	}
	return err
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// refusal is why the newest footage is withheld, or nil. Footage that is damaged or gone ends no live stream: what
// follows may be well.
func (l *Live) refusal(t accesslog.Timeline) error {
	newest := latest(t.Pieces)
	for _, w := range t.Withheld {
		lost := errors.Is(w.Why, accesslog.ErrNothing) || errors.Is(w.Why, accesslog.ErrErased) ||
			errors.Is(w.Why, accesslog.ErrDamaged) || errors.Is(w.Why, accesslog.ErrAway)
		if !lost && w.To.After(newest) && w.To.After(l.last) {
			return w.Why
		}
	}
	return nil
}

// send plays what is new in a timeline.
func (l *Live) send(ctx context.Context, line *line, t accesslog.Timeline) error {
	fresh := l.fresh(t.Pieces)
	if l.newest.compare(l.mark) > 0 {
		l.mark = l.newest
	}
	if len(fresh) == 0 {
		return nil
	}
	if last := markOf(&fresh[len(fresh)-1]); last.compare(l.mark) > 0 {
		l.mark = last
	}
	from := fresh[0].Start
	l.last = latest(fresh)
	begins := l.run == keyring.ID{}
	if key := newestKey(fresh); begins || l.last.Sub(from) > behind && key < len(fresh) {
		fresh, l.decodes, l.broken = fresh[key:], false, !begins
	}
	if begins && l.last.Before(l.Now().Add(-stale)) {
		return nil
	}
	l.withheld = t.Withheld
	segments := heads(t)
	for len(fresh) > 0 {
		n := 1
		for n < len(fresh) && fresh[n].Run == fresh[0].Run {
			n++
		}
		if err := l.sendRun(ctx, line, segments[fresh[0].Run], fresh[:n]); err != nil {
			return err
		}
		fresh = fresh[n:]
	}
	return nil
}

// fresh are the pieces behind the mark, in the order in which they were stored.
func (l *Live) fresh(pieces []accesslog.Piece) (fresh []accesslog.Piece) {
	for i := range pieces {
		if markOf(&pieces[i]).compare(l.mark) > 0 {
			fresh = append(fresh, pieces[i])
		}
	}
	slices.SortFunc(fresh, func(a, b accesslog.Piece) int { return markOf(&a).compare(markOf(&b)) })
	return fresh
}

func latest(pieces []accesslog.Piece) (end time.Time) {
	for i := range pieces {
		if e := pieces[i].End(); e.After(end) {
			end = e
		}
	}
	return end
}

// newestKey is the index of the last key frame, or the number of pieces.
func newestKey(pieces []accesslog.Piece) int {
	for i := len(pieces) - 1; i >= 0; i-- {
		if pieces[i].Kind == segment.Video && pieces[i].KeyFrame {
			return i
		}
	}
	return len(pieces)
}

// sendRun plays pieces of one run, from the first that can be decoded.
func (l *Live) sendRun(ctx context.Context, line *line, init keyring.ID, pieces []accesslog.Piece) error {
	flags := make(map[Mark]ChunkFlags, len(pieces))
	playable := slices.DeleteFunc(pieces, func(p accesslog.Piece) bool {
		flag, ok := l.judge(p)
		flags[markOf(&p)] = flag
		return !ok
	})
	if len(playable) == 0 {
		return nil
	}
	if run := playable[0].Run; run != l.run {
		if err := l.sendInit(ctx, line, init, playable[0].Start); err != nil {
			return err
		}
		l.run = run
	}
	return l.Viewing.Deliver(ctx, playable, func(p accesslog.Piece, plain []byte) (bool, error) {
		return true, line.send(Chunk{ChunkFragment, flags[markOf(&p)], p.Start, plain})
	})
}

// judge tells whether a piece can be played, and the flags of its chunk. Sound goes with a picture only.
func (l *Live) judge(p accesslog.Piece) (ChunkFlags, bool) {
	if p.Kind != segment.Video {
		return FlagSound, l.Sound && l.decodes && l.before.Run == p.Run
	}
	whole, gap := l.next(&p)
	if l.decodes = p.KeyFrame || l.decodes && whole; !l.decodes {
		l.broken = true
		return 0, false
	}
	var flags ChunkFlags
	if p.KeyFrame {
		flags |= FlagKey
	}
	if l.broken || gap > 0 || !whole && l.run != (keyring.ID{}) {
		flags |= FlagBreak
	}
	l.broken = false
	return flags, true
}

func (l *Live) sendInit(ctx context.Context, line *line, id keyring.ID, at time.Time) error {
	init, err := initOf(ctx, l.Viewing, id, l.Sound)
	if err != nil {
		return err
	}
	head, err := ReadHead(init)
	if err != nil {
		return err
	}
	payload := append([]byte(head.MIME(l.Sound)), 0)
	return line.send(Chunk{Kind: ChunkInit, At: at, Payload: append(payload, init...)})
}

// line is where chunks go; its first error stays.
type line struct {
	out   io.Writer
	flush func() error
	err   error
}

func (l *line) send(c Chunk) error {
	if l.err == nil {
		_, l.err = c.WriteTo(l.out)
	}
	if l.err == nil {
		l.err = l.flush()
	}
	return l.err
}

// word says for the page why a stream has ended.
func word(ctx context.Context, err error) string {
	for _, w := range []struct {
		word string
		why  []error
	}{
		{"session", []error{accesslog.ErrSession}},
		{"ended", []error{accesslog.ErrEnded, accesslog.ErrFull}},
		{"locked", []error{accesslog.ErrLocked}},
		{"diary", []error{accesslog.ErrDiary}},
		{"refused", []error{accesslog.ErrLive, accesslog.ErrRestricted, accesslog.ErrPurpose, accesslog.ErrScope, accesslog.ErrPremises,
			people.ErrNotAllowed, people.ErrTooOld, people.ErrNotYet, people.ErrExpired, people.ErrUnsigned}},
	} {
		if slices.ContainsFunc(w.why, func(why error) bool { return errors.Is(err, why) }) {
			return w.word
		}
	}
	if ctx.Err() != nil {
		return "stopped"
	}
	return "failed"
}

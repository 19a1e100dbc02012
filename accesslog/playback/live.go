package playback

import (
	"context"
	"errors"
	"io"
	"slices"
	"time"

	"varuh/accesslog"
	"varuh/accesslog/people"
	"varuh/recorder/keyring"
)

const (
	// stale is how old the newest picture may be for a live stream to begin with it. An older one is of a camera
	// that has stopped.
	stale = 10 * time.Second

	// behind is how much may wait for a viewer on a slow line, before it is passed over up to the newest key frame.
	behind = 10 * time.Second

	// reread is the most that is looked at again to find what is new: less than what is seen live, so that a guard with no look-back
	// is not told that a part of it is too old where the camera was silent.
	reread = accesslog.Fresh - 10*time.Second

	// patience is how long a camera may be silent before the viewing is asked whether it goes on.
	patience = 10 * time.Second
)

// Mark is a place among the fragments of a stream. Within a segment, records come by number; which segment came after
// which nobody can tell by their IDs, which are of a clock that may have been put back. The zero Mark is before all.
type Mark struct {
	Segment keyring.ID
	Record  int
}

// Closed tells of fragments as they are stored. It gives none of them away.
type Closed interface {
	// Next waits until a fragment of the stream is stored behind the mark, in the order of their arrival, and tells
	// where: the newest of the mark's segment if that has grown, else the newest of the segment that came next. Behind
	// the zero Mark, or one of a segment that is not remembered, it tells the newest of all. It returns at once,
	// whatever ctx says, if there already is one. The errors are that of ctx, or why there will be none.
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
	Sound          bool // whether sound is wanted; it ends where the notice allowed none
	Now            func() time.Time

	pictures
	mark    Mark       // of the last piece that was looked at
	told    Mark       // of what is to be looked at next: what Closed told of last
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
	if line.err != nil {
		return err
	}
	return errors.Join(err, line.send(Chunk{Kind: ChunkEnd, At: l.Now(), Payload: []byte(word(ctx, err))}))
}

func (l *Live) play(ctx context.Context, line *line) error {
	l.look(ctx)
	for {
		now := l.Now()
		t, err := l.Viewing.Pieces(ctx, l.Camera, l.Stream, l.since(now), now.Add(time.Second))
		if err == nil {
			l.mute(t)
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

// mute plays on without sound where the notice did not allow all of it. The stream begins anew with the picture alone,
// since browsers take no sound that goes.
func (l *Live) mute(t accesslog.Timeline) {
	if l.Sound && len(t.Silent) > 0 {
		l.Sound, l.run = false, keyring.ID{}
	}
}

// since is from when on to look for what is new. Where the clock was put back, that is no longer behind the last piece.
func (l *Live) since(now time.Time) time.Time {
	if l.last.IsZero() || l.last.After(now) {
		l.last = now.Add(-stale)
	}
	return later(l.last.Add(-stale), now.Add(-reread))
}

// look takes what was told already, and waits for nothing. If nothing was, wait will say why.
func (l *Live) look(ctx context.Context) {
	over, cancel := context.WithCancel(ctx)
	cancel()
	if told, err := l.Closed.Next(over, l.Camera, l.Stream, Mark{}); err == nil {
		l.told = told
	}
}

// wait is until there is something new, but not for long: the viewing may have ended meanwhile. What is new and
// then not among the pieces is withheld, and not waited for again.
func (l *Live) wait(ctx context.Context) error {
	short, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	told, err := l.Closed.Next(short, l.Camera, l.Stream, l.mark)
	if err != nil && short.Err() != nil && ctx.Err() == nil {
		return nil
	}
	if err == nil {
		l.told = told
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
		{"ended", []error{accesslog.ErrEnded, accesslog.ErrFull, accesslog.ErrSound}},
		{"locked", []error{accesslog.ErrLocked}},
		{"diary", []error{accesslog.ErrDiary}},
		{"refused", []error{accesslog.ErrLive, accesslog.ErrRestricted, accesslog.ErrTerm, accesslog.ErrPurpose, accesslog.ErrScope, accesslog.ErrPremises,
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

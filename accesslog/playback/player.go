package playback

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"varuh/accesslog"
	"varuh/recorder/keyring"
	"varuh/recorder/segment"
)

// Viewing is what playback needs of an [accesslog.Viewing].
type Viewing interface {
	Pieces(ctx context.Context, camera, stream string, from, to time.Time) (accesslog.Timeline, error)
	Deliver(ctx context.Context, pieces []accesslog.Piece, use func(p accesslog.Piece, plain []byte) (left bool, err error)) error
	KeyFrame(ctx context.Context, p accesslog.Piece, use func(accesslog.Still) (left bool, err error)) error
	Init(ctx context.Context, id keyring.ID) ([]byte, error)
}

var _ Viewing = (*accesslog.Viewing)(nil)

// Player plays one stream of a camera for one viewing. It holds nothing between two calls; many goroutines may
// use it.
type Player struct {
	Viewing Viewing
	Names   *Names
	Scope   Scope
}

// Playlist is the playlist of a window, with sound if that is wanted and can be had. The errors are
// [accesslog.ErrSpan] for a window that Windows does not give, and those of the viewing.
func (p *Player) Playlist(ctx context.Context, w Window, sound bool) (Playlist, error) {
	if err := w.check(); err != nil {
		return Playlist{}, err
	}
	t, err := p.reach(ctx, w)
	if err != nil {
		return Playlist{}, err
	}
	parts := Plan(t, w, sound)
	if sound && !audible(t, parts) {
		sound, parts = false, Plan(t, w, false)
	}
	segments := heads(t)
	text := playlist(parts,
		func(part *Part) string { return p.Names.part(p.Scope, part, sound) },
		func(run keyring.ID) string { return p.Names.init(p.Scope, segments[run], sound) })
	return Playlist{Text: text, Parts: len(parts), Sound: sound}, nil
}

// aheads are how far behind a window's end its last group of pictures is looked for, one after the other. Groups
// of more than a minute are rare, but a camera may be set to anything.
var aheads = []time.Duration{30 * time.Second, 5 * time.Minute, MostWindow}

// reach is the timeline of a window up to the end of its last group of pictures.
func (p *Player) reach(ctx context.Context, w Window) (t accesslog.Timeline, err error) {
	if w.Last {
		return p.pieces(ctx, w.From, w.To)
	}
	for _, ahead := range aheads {
		if t, err = p.pieces(ctx, w.From, w.To.Add(ahead)); err != nil || settled(t, w.To, ahead) {
			break
		}
	}
	return t, err
}

// settled tells whether the group of pictures at the end of a window has ended: with a key frame, or because
// nothing more was recorded.
func settled(t accesslog.Timeline, end time.Time, ahead time.Duration) bool {
	var last time.Time
	for i := len(t.Pieces) - 1; i >= 0; i-- {
		piece := &t.Pieces[i]
		if piece.Kind != segment.Video {
			continue
		}
		if last.IsZero() {
			last = piece.End()
		}
		if piece.Start.Before(end) {
			return last.Before(end.Add(ahead))
		}
		if piece.KeyFrame {
			return true
		}
	}
	return true
}

func (p *Player) pieces(ctx context.Context, from, to time.Time) (accesslog.Timeline, error) {
	return p.Viewing.Pieces(ctx, p.Scope.Camera, p.Scope.Stream, from, to)
}

// Part finds a part again by its name. The error is [ErrName] or one of the viewing.
func (p *Player) Part(ctx context.Context, text string) (Part, error) {
	v, err := p.Names.parse(p.Scope, kindPart, text)
	if err != nil {
		return Part{}, err
	}
	from, to := v.span()
	t, err := p.pieces(ctx, from, to)
	if err != nil {
		return Part{}, err
	}
	parts := []Part{{Run: v.id, From: from, To: to}}
	fill(parts, t.Pieces, v.sound)
	part := parts[0]
	if known, all := v.known(part.Pieces); all {
		part.Pieces = known
		return part, nil
	}
	return Part{}, fmt.Errorf("%w: what it was made of has changed since; ask for the playlist again", ErrName)
}

// Send writes a part as it is decrypted, each fragment once a lease that covers it is durable. Where it fails, out
// may have got the beginning.
//
// With [accesslog.ErrDamaged] out has got all that can be played: a damaged fragment is left out, and the pictures
// behind it up to a key frame. So the length that Size tells is the most that comes.
func (p *Player) Send(ctx context.Context, part Part, out io.Writer) error {
	damage, err := deliver(ctx, p.Viewing, part.Pieces, func(_ accesslog.Piece, plain []byte) error {
		_, err := out.Write(plain)
		return err
	})
	return cmp.Or(err, damage)
}

// deliver gives pieces to use, and leaves out what is damaged with the pictures that need it. Damage is the first
// that was found; err is what ended it.
func deliver(ctx context.Context, v Viewing, pieces []accesslog.Piece, use func(accesslog.Piece, []byte) error) (damage, err error) {
	for len(pieces) > 0 {
		used := 0
		err := v.Deliver(ctx, pieces, func(p accesslog.Piece, plain []byte) (bool, error) {
			used++
			return true, use(p, plain) // where use failed, something may have left
		})
		if !errors.Is(err, accesslog.ErrDamaged) || used == len(pieces) {
			return damage, err
		}
		damage, pieces = cmp.Or(damage, err), playable(pieces[used:])
	}
	return damage, nil
}

// playable are the pieces that can be played though the first is damaged.
func playable(pieces []accesslog.Piece) (rest []accesslog.Piece) {
	torn := pieces[0].Kind == segment.Video
	for _, p := range pieces[1:] {
		if p.Kind == segment.Video && p.KeyFrame {
			torn = false
		}
		if p.Kind != segment.Video || !torn {
			rest = append(rest, p)
		}
	}
	return rest
}

// Init is an init segment by its name. The error is [ErrName] or one of the viewing.
func (p *Player) Init(ctx context.Context, text string) ([]byte, error) {
	v, err := p.Names.parse(p.Scope, kindInit, text)
	if err != nil {
		return nil, err
	}
	return initOf(ctx, p.Viewing, v.id, v.sound)
}

// initOf is the init record of a segment, without the tracks of sound if no sound is wanted.
func initOf(ctx context.Context, v Viewing, id keyring.ID, sound bool) ([]byte, error) {
	init, err := v.Init(ctx, id)
	if err != nil || sound {
		return init, err
	}
	return silent(init)
}

package playback

import (
	"cmp"
	"context"
	"slices"
	"time"

	"varuh/accesslog"
	"varuh/recorder/keyring"
	"varuh/recorder/segment"
)

// before tells whether a mark that came up next lies behind this one: in another segment it does.
func (m Mark) before(next Mark) bool {
	return next != (Mark{}) && (next.Segment != m.Segment || next.Record > m.Record)
}

func markOf(p *accesslog.Piece) Mark { return Mark{p.Segment, p.Record} }

// send plays what is new in a timeline.
func (l *Live) send(ctx context.Context, line *line, t accesslog.Timeline) error {
	begins := l.run == keyring.ID{}
	fresh := l.fresh(t.Pieces, begins)
	if l.mark.before(l.told) {
		l.mark = l.told
	}
	if len(fresh) == 0 {
		return nil
	}
	if last := markOf(&fresh[len(fresh)-1]); l.mark.before(last) {
		l.mark = last // stored since it was told
	}
	from := fresh[0].Start
	l.last = latest(fresh)
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

// fresh are the pieces to play next, in the order in which they were stored. It goes by what was told and not by the
// clock, which may have been put back: then what lies in the same time may be an hour old. To begin with it is all of
// the run that is being stored, or, where nothing was told yet, of the run with the newest piece. From then on it is
// what lies behind the mark in the segment that was told.
func (l *Live) fresh(pieces []accesslog.Piece, begins bool) (fresh []accesslog.Piece) {
	run, found := l.running(pieces)
	after := 0
	if l.mark.Segment == l.told.Segment {
		after = l.mark.Record
	}
	rank := map[keyring.ID]int{} // of segments; in a run, time never goes back
	for i := range pieces {
		p := &pieces[i]
		if begins && found && p.Run == run || !begins && p.Segment == l.told.Segment && p.Record > after {
			fresh = append(fresh, *p)
			if _, seen := rank[p.Segment]; !seen {
				rank[p.Segment] = len(rank)
			}
		}
	}
	slices.SortFunc(fresh, func(a, b accesslog.Piece) int {
		return cmp.Or(cmp.Compare(rank[a.Segment], rank[b.Segment]), cmp.Compare(a.Record, b.Record))
	})
	return fresh
}

// running is the run that is being stored, if any piece is of it.
func (l *Live) running(pieces []accesslog.Piece) (run keyring.ID, ok bool) {
	for i := len(pieces) - 1; i >= 0; i-- {
		if l.told == (Mark{}) || pieces[i].Segment == l.told.Segment {
			return pieces[i].Run, true
		}
	}
	return run, false
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

// sendRun plays pieces of one run, from the first that can be decoded. Behind a damaged one it waits for a key frame.
func (l *Live) sendRun(ctx context.Context, line *line, init keyring.ID, pieces []accesslog.Piece) error {
	flags := make(map[Mark]ChunkFlags, len(pieces))
	play := slices.DeleteFunc(pieces, func(p accesslog.Piece) bool {
		flag, ok := l.judge(p)
		flags[markOf(&p)] = flag
		return !ok
	})
	if len(play) == 0 {
		return nil
	}
	if run := play[0].Run; run != l.run {
		if err := l.sendInit(ctx, line, init, play[0].Start); err != nil {
			return err
		}
		l.run = run
	}
	damage, err := deliver(ctx, l.Viewing, play, func(p accesslog.Piece, plain []byte) error {
		return line.send(Chunk{ChunkFragment, flags[markOf(&p)], p.Start, plain})
	})
	if damage != nil {
		l.decodes, l.broken = false, true
	}
	return err
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

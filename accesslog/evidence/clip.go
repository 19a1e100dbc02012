package evidence

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"varuh/accesslog/diary/proof"
)

// place is a fragment in a stretch.
type place struct{ part, record int }

// stretch writes the clips of a stretch. Of each it reads the fragments twice: first what their boxes say, until it is
// known where the clip ends; then all, to write it.
func (w *writer) stretch(s Stretch) error {
	if err := s.check(); err != nil {
		return err
	}
	at, more := place{0, s[0].From}, true
	for more {
		plan := &plan{from: at, limits: w.limits}
		var err error
		if at, err = w.walk(s, at, nextPart(s, len(s)-1), plan); err != nil {
			return err
		}
		if plan.index == nil || plan.count == 0 {
			return fmt.Errorf("%w: a part without fragments", ErrFormat)
		}
		if more = at.part < len(s); plan.index.samples == 0 {
			continue // nothing but sound that stays behind
		}
		if err := w.clip(s, plan, at); err != nil {
			return err
		}
	}
	return nil
}

func (s Stretch) check() error {
	if len(s) == 0 {
		return fmt.Errorf("%w: a stretch of no parts", ErrFormat)
	}
	for _, p := range s {
		if p.From < 1 || p.To <= p.From || p.Camera != s[0].Camera || p.Stream != s[0].Stream {
			return fmt.Errorf("%w: a stretch of %s %s with records %d to %d of %s %s", ErrFormat, s[0].Camera, s[0].Stream, p.From, p.To, p.Camera, p.Stream)
		}
	}
	return nil
}

// step is given the records of a stretch in order.
type step interface {
	// init is given the init record of each part that is come to.
	init(p *Part, r Records, data []byte) error
	// fragment returns false if the walk is to end before it.
	fragment(at place, r Records, record Record, boxes, payload []byte, f *fragment) (bool, error)
}

// walk goes from a place on up to another, and returns the one at which it ended.
func (w *writer) walk(s Stretch, at, to place, next step) (place, error) {
	for ; at.part < len(s) && at != to; at = nextPart(s, at.part) {
		p := &s[at.part]
		var ended bool
		err := w.opened(p, func(r Records) error {
			first, err := r.Read(0, w.buf)
			if err == nil {
				err = next.init(p, r, first.Data)
			}
			for ; err == nil && at.record < p.To; at.record++ {
				on := at != to
				if on {
					on, err = w.read(r, at, next)
				}
				if ended = !on && err == nil; ended {
					return nil
				}
			}
			return err
		})
		if err != nil {
			return at, fmt.Errorf("couldn't take segment %x of %s into the package: %w", p.Segment, p.Camera, err)
		}
		if ended {
			return at, nil
		}
	}
	return at, nil
}

func nextPart(s Stretch, part int) place {
	if part++; part < len(s) {
		return place{part, s[part].From}
	}
	return place{part, 0}
}

func (w *writer) opened(p *Part, do func(Records) error) error {
	r, err := p.Open(w.ctx)
	if err != nil {
		return err
	}
	return errors.Join(do(r), r.Close())
}

// read gives a record to a step, cut into its boxes and its samples; it returns what the step does, false to end the walk. Of sound
// that stays behind there are boxes alone.
func (w *writer) read(r Records, at place, next step) (bool, error) {
	if err := w.ctx.Err(); err != nil {
		return false, context.Cause(w.ctx)
	}
	record, err := r.Read(at.record, w.buf)
	if err != nil {
		return false, err
	}
	if cap(record.Data) > cap(w.buf) {
		w.buf = record.Data[:0]
	}
	boxes, payload, err := record.Data, []byte(nil), error(nil)
	if record.Withheld != nil {
		err = readBoxes(boxes, &w.frag)
	} else {
		boxes, payload, err = cut(boxes, &w.frag)
	}
	if err != nil {
		return false, fmt.Errorf("record %d: %w", at.record, err)
	}
	return next.fragment(at, r, record, boxes, payload, &w.frag)
}

// plan is the first pass: it finds where a clip ends, and its index.
type plan struct {
	limits
	from     place
	index    *index
	head     []byte // the init record
	other    bool   // the part come to has another, or its clock was off by something else
	sequence uint32
	count    int   // fragments
	silent   int64 // of them, those of sound that stays behind

	correction time.Duration
}

func (p *plan) init(part *Part, _ Records, data []byte) error {
	if p.index != nil {
		p.other = !bytes.Equal(data, p.head) || part.Correction != p.correction
		return nil
	}
	p.head, p.correction = bytes.Clone(data), part.Correction
	tracks, err := readInit(p.head)
	p.index = newIndex(tracks)
	return err
}

// fragment takes a fragment into the clip. It returns false where that ends: with another init record or clock, a number that does
// not follow, a track whose time does not, or at a bound of [limits].
func (p *plan) fragment(_ place, _ Records, r Record, _, _ []byte, f *fragment) (bool, error) {
	t, ok := p.index.track(f)
	if !ok || r.Withheld != nil && !t.sound {
		return false, fmt.Errorf("%w: a fragment of track %d", ErrFormat, f.track)
	}
	if p.count > 0 && (p.other || f.sequence != p.sequence+1 || r.Withheld == nil && t.follows(f) != nil || p.ends(t, f)) {
		return false, nil
	}
	if r.Withheld == nil {
		p.index.add(f)
	} else {
		p.silent++
	}
	p.sequence = f.sequence
	p.count++
	return true, nil
}

// ends tells whether a clip is to end before a fragment.
func (p *plan) ends(t *table, f *fragment) bool {
	most := int64(mdatHead+len(ftyp)) + p.index.payload + f.payload + p.index.room() + 64*int64(len(f.samples))
	if most > p.hard || p.index.samples+len(f.samples) > 2*p.samples || p.count >= 2*p.fragments {
		return true // however far the next key frame is
	}
	_, film := p.index.picture()
	start := !film || !t.sound && f.samples[0].key
	return start && (p.index.payload >= p.soft || p.index.samples >= p.samples || p.count >= p.fragments)
}

// clip is the second pass: it writes the clip that was planned, and its sidecar. Files are written one after the other,
// so the sidecar waits in memory: it has some 1.2 kB for each of at most 16384 fragments.
func (w *writer) clip(s Stretch, p *plan, to place) error {
	n := len(w.manifest.Clips) + 1
	film, err := w.create(clipName(n))
	if err != nil {
		return err
	}
	c := &cutter{w: w, film: bufio.NewWriterSize(film, 256<<10), clip: Clip{Path: clipName(n), Sidecar: sidecarName(n),
		Camera: s[0].Camera, Stream: s[0].Stream, Fragments: int64(p.count) - p.silent, Silent: p.silent, Decodable: p.index.decodable(), Tracks: p.index.tracks()}}
	_, err = c.film.Write(p.index.head())
	if err == nil {
		_, err = w.walk(s, p.from, to, c)
	}
	listed, err := film.close(errors.Join(err, c.film.Flush()))
	if err != nil {
		return err
	}
	listed.Kind = KindClip
	if c.fragments != c.clip.Fragments || listed.Size != int64(len(p.index.head()))+p.index.payload {
		return fmt.Errorf("%s has %d of %d fragments: the footage was not the same when it was read again", listed.Path, c.fragments, c.clip.Fragments)
	}
	w.manifest.Files = append(w.manifest.Files, listed)
	if w.listing += 400 + 46*len(listed.Chunks); w.listing+150*len(w.manifest.Segments) > proof.MaxManifest {
		return ErrTooLarge // that is known now, and not after a week of footage
	}
	if err := w.sidecar(c); err != nil {
		return err
	}
	return w.copied(c.clip, func(dst io.Writer) error {
		if _, err := dst.Write(p.index.head()); err != nil {
			return err
		}
		_, err := w.walk(s, p.from, to, samples{dst})
		return err
	})
}

// copied encloses the copy of a clip for viewing, if there is to be one.
func (w *writer) copied(c Clip, film Film) error {
	if w.derive == nil {
		return nil
	}
	e, ok := w.derive(c, film)
	if !ok {
		return nil
	}
	e.Kind, e.Of = KindDerived, c.Path
	return w.enclose(e, true)
}

// samples writes those of fragments.
type samples struct{ to io.Writer }

func (s samples) init(*Part, Records, []byte) error { return nil }

func (s samples) fragment(_ place, _ Records, _ Record, _, payload []byte, _ *fragment) (bool, error) {
	_, err := s.to.Write(payload)
	return true, err
}

func (w *writer) sidecar(c *cutter) error {
	f, err := w.create(c.clip.Sidecar)
	if err != nil {
		return err
	}
	_, err = f.Write(c.side.Bytes())
	listed, err := f.close(err)
	listed.Kind = KindSidecar
	w.manifest.Files = append(w.manifest.Files, listed)
	w.manifest.Clips = append(w.manifest.Clips, c.clip)
	return err
}

// cutter takes the fragments of one clip.
type cutter struct {
	w         *writer
	clip      Clip
	film      *bufio.Writer
	side      bytes.Buffer
	tracks    []description
	tree      *tree // of the segment come to
	fragments int64
}

// init begins a part of a segment: it checks that the part lies in the segment, and notes its init record among the lines that are
// verified.
func (c *cutter) init(p *Part, r Records, data []byte) (err error) {
	if c.tracks, err = readInit(data); err != nil {
		return err
	}
	leaves, err := r.Leaves()
	if err != nil {
		return err
	}
	if c.tree, err = newTree(leaves); err != nil {
		return err
	}
	if int64(p.To) > c.tree.size {
		return fmt.Errorf("%w: %d records of a segment of %d", ErrFormat, p.To, c.tree.size)
	}
	if err := c.segment(p); err != nil {
		return err
	}
	return c.line(r, line{Segment: p.Segment, Boxes: data}, digest(nil))
}

// segment lists a segment in the manifest, once.
func (c *cutter) segment(p *Part) error {
	root, err := c.tree.root()
	if err != nil {
		return err
	}
	s := Segment{ID: p.Segment, Camera: p.Camera, Stream: p.Stream, Records: c.tree.size, Root: root, Collect: p.Collect, Correction: p.Correction.Truncate(time.Microsecond)}
	if n, ok := c.w.at[p.Segment]; !ok {
		c.w.at[p.Segment] = len(c.w.manifest.Segments)
		c.w.manifest.Segments = append(c.w.manifest.Segments, s)
	} else if c.w.manifest.Segments[n] != s {
		return fmt.Errorf("%w: segment %x was another when it was opened before", ErrFormat, p.Segment)
	}
	return nil
}

// fragment writes the samples of a fragment into the film, and a line with its boxes and the digest of its samples. Of sound that
// stays behind there is only the line.
func (c *cutter) fragment(at place, r Records, record Record, boxes, payload []byte, f *fragment) (bool, error) {
	if int(f.track) > len(c.tracks) {
		return false, fmt.Errorf("%w: a fragment of track %d", ErrFormat, f.track)
	}
	if record.Withheld != nil {
		return true, c.line(r, line{Record: int64(at.record), Boxes: boxes, Time: f.wall, Lost: record.Lost, Withheld: record.Withheld}, *record.Withheld)
	}
	if _, err := c.film.Write(payload); err != nil {
		return false, err
	}
	c.lasts(f, c.tracks[f.track-1].timescale)
	if c.fragments++; record.Lost {
		c.clip.Lost++
	}
	return true, c.line(r, line{Record: int64(at.record), Boxes: boxes, Time: f.wall, Lost: record.Lost}, digest(payload))
}

// lasts notes from when to when the clip is.
func (c *cutter) lasts(f *fragment, timescale uint32) {
	from, to := f.shown()
	begin, end := f.wall.Add(span(from, timescale)), f.wall.Add(span(to, timescale))
	if c.fragments == 0 {
		c.clip.From, c.clip.To = begin, end
	}
	if begin.Before(c.clip.From) {
		c.clip.From = begin
	}
	if end.After(c.clip.To) {
		c.clip.To = end
	}
}

// line writes a line of the sidecar. A record that does not fit its leaf is found here, and not by the police.
func (c *cutter) line(r Records, l line, samples [32]byte) (err error) {
	if l.Salt, err = r.Salt(int(l.Record)); err != nil {
		return err
	}
	if l.Path, err = c.tree.path(l.Record); err != nil {
		return err
	}
	if err := c.tree.has(l.Record, leaf(l.Salt, l.Boxes, samples)); err != nil {
		return err
	}
	b, err := l.encode()
	c.side.Write(b)
	return err
}

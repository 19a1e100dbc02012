package packing

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/accesslog/disclosure"
	"varuh/accesslog/evidence"
	"varuh/accesslog/evidence/derived"
	"varuh/accesslog/packing/sealed"
	"varuh/recorder/keyring"
)

// build is one package on its way.
type build struct {
	j *Jobs
	*running
	Order
	export   Export
	object   *sealed.Writer
	key      proof.Key
	disclose int64
	manifest []byte
	segments []Segment
	copies   *derived.Maker // for viewing; nil: none
}

// build builds a package up to its entry package.stage. After an error nothing of it is left but entries; that disclose is
// answered, if it came to that, settle sees to.
func (j *Jobs) build(ctx context.Context, r *running, p Package) (err error) {
	q, err := j.o.Register.Request(ctx, p.Request)
	if err != nil {
		return err
	}
	if err := q.May(disclosure.Build); err != nil {
		return fmt.Errorf("request %s: %w", q.ID, err)
	}
	c, err := j.content(ctx, q)
	if err != nil {
		return err
	}
	b := &build{j: j, running: r, Order: Order{p, q, c}}
	if b.export, err = j.o.Source.Export(ctx, b.Order); err != nil {
		return err
	}
	defer b.close(context.WithoutCancel(ctx))
	r.of.Store(b.export.Bytes())
	if b.object, err = j.o.Shelf.Begin(ctx, b.export.Bytes()); err != nil {
		return err
	}
	b.witnessed(ctx)
	place, err := b.write(ctx)
	if err != nil {
		return errors.Join(err, b.object.Discard(context.WithoutCancel(ctx)))
	}
	if err = b.stage(ctx, place); err != nil && !errors.Is(err, diary.ErrUncertain) {
		err = errors.Join(err, j.o.Shelf.Destroy(context.WithoutCancel(ctx), place))
	}
	return err
}

// close ends the export. An entry that the diary does not take now the door writes later: the package is none the worse.
func (b *build) close(ctx context.Context) {
	if err := b.export.Close(ctx); err != nil {
		b.j.o.Log.Warn("the end of an export is not entered yet; the door does so as soon as it can", "entry", b.export.Entry(), "err", err)
	}
}

// witnessMost is how long a package waits for outside parties.
const witnessMost = time.Minute

// witnessed has the outside parties see what is to be disclosed.
func (b *build) witnessed(ctx context.Context) {
	if b.j.o.Witness == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, witnessMost)
	defer cancel()
	if err := b.j.o.Witness(ctx); err != nil {
		b.j.o.Log.Warn("not all outside parties could be asked before a package is made; what they saw before counts", "entry", b.Package.ID, "err", err)
	}
}

// write writes the package into the object and finishes that.
func (b *build) write(ctx context.Context) (place sealed.Place, err error) {
	p, err := b.pack(ctx)
	if err != nil {
		return place, err
	}
	b.j.at(b.running, b.Request.ID, Writing)
	if _, err := evidence.Write(ctx, counting{b.object.Create, b.running}, p); err != nil {
		return place, err
	}
	b.failedCopies()
	return b.object.Finish(context.WithoutCancel(ctx))
}

// failedCopies tells whoever looks after the appliance why a clip has no copy for viewing; the package says that it has none.
func (b *build) failedCopies() {
	if b.copies == nil {
		return
	}
	for _, c := range b.copies.Copies() {
		if c.Err != nil || c.Said != "" {
			b.j.o.Log.Warn("a clip has no whole copy for viewing", "package", b.Package.ID, "clip", c.Of, "err", c.Err, "ffmpeg", c.Said)
		}
	}
}

// pack is what evidence makes a package of.
func (b *build) pack(ctx context.Context) (p evidence.Package, err error) {
	o := b.j.o
	if p.About, err = o.About(ctx); err != nil {
		return p, err
	}
	p.About.ID, p.About.Made, p.About.Export = keyring.NewID(o.Now()), o.Now().UTC().Truncate(time.Second), b.export.Entry()
	p.About.Request = stated(b.Request, b.Content)
	p.About.Cameras = namesOf(p.About.Cameras, b.export.Asked())
	p.About.Asked, p.About.Gaps, p.About.Notices = b.export.Asked(), b.export.Gaps(), b.export.Notices()
	if b.key, err = o.Diary.SigningKey(ctx); err != nil {
		return p, err
	}
	if o.Enclosed != nil {
		if p.Enclosed, err = o.Enclosed(ctx); err != nil {
			return p, err
		}
	}
	if o.Copies != nil {
		b.copies = o.Copies()
		p.Derive, p.Enclosed = b.copies.Derive, append(p.Enclosed, b.copies.Words())
	}
	p.Footage, p.Guide, p.Key, p.Disclose = b.export.Footage(), o.Guide, b.key, b.disclosed
	p.Sign = func(text []byte) ([]byte, error) { return o.Diary.SignPackage(ctx, text) }
	return p, nil
}

// disclosed makes the entry disclose durable, if the request is still approved and nobody has cancelled, and gives what proves
// it and what can be made only now.
func (b *build) disclosed(ctx context.Context, manifest []byte) (d evidence.Disclosed, err error) {
	b.j.at(b.running, b.Request.ID, Proving)
	if err := b.still(ctx); err != nil {
		return d, err
	}
	if b.segments, err = b.j.segments(ctx, manifest); err != nil {
		return d, err
	}
	b.manifest = manifest
	sum := sha256.Sum256(manifest)
	entry := b.export.Entry()
	r, err := b.j.o.Diary.Append(ctx, diary.Entry{Op: opDisclose, Ref: &entry, Manifest: manifest, Body: proof.Body{Objects: ranges(b.export.Delivered()),
		Bytes: b.done.Load(), Data: map[string]any{"request": b.Request.ID, "package": b.Package.ID, "sha256": hex.EncodeToString(sum[:])}}}, nil)
	if err != nil {
		return d, fmt.Errorf("the package is not made, since its disclosure could not be entered: %w", err)
	}
	b.disclose = r.Index
	p, err := Prove(ctx, b.j.o.Diary, b.disclose, manifest)
	if err != nil {
		return d, err
	}
	d = p.Disclosed
	if b.j.o.Papers != nil {
		d.Enclosed, err = b.j.o.Papers(ctx, Papers{Order: b.Order, Manifest: manifest, Disclose: b.disclose, Proof: p})
	}
	return d, err
}

// still says why the package is not to be disclosed any more.
func (b *build) still(ctx context.Context) error {
	p, err := b.j.one(ctx, b.Package.ID)
	if err != nil {
		return err
	}
	if p.Ended != 0 {
		return context.Canceled
	}
	q, err := b.j.o.Register.Request(ctx, b.Request.ID)
	if err != nil {
		return err
	}
	return q.May(disclosure.Build)
}

// stage enters where the package is: from here on it is there. While nobody knows whether the entry is durable it tries to find
// out, and builds nothing else: the package must be there if it is, and must not if it isn't. An error that wraps
// [diary.ErrUncertain] says that the program ends before, and the next start finds out.
func (b *build) stage(ctx context.Context, place sealed.Place) error {
	p := b.staged(place)
	for doubt := false; ; {
		err := b.enter(context.WithoutCancel(ctx), p)
		if err == nil {
			return nil
		}
		again := doubt
		doubt = doubt || errors.Is(err, diary.ErrUncertain)
		switch {
		case !doubt, errors.Is(err, ErrMeanwhile):
			return fmt.Errorf("the package is destroyed again, since it could not be entered that it is there: %w", err)
		case ctx.Err() != nil:
			return fmt.Errorf("it is not known whether it could be entered that the package is there; the next start finds out: %w: %w", diary.ErrUncertain, err)
		}
		b.j.o.Log.Warn("it is not known whether it could be entered that a package is there; it is tried again", "entry", p.ID, "err", err)
		if again {
			b.j.pause(ctx, againEach)
		}
	}
}

// enter enters that a package is there, unless a try before did. The error is [ErrMeanwhile] where it is durable by now that it
// isn't; another one that is not [diary.ErrUncertain] says that this try entered nothing.
func (b *build) enter(ctx context.Context, p Package) error {
	_, err := b.j.o.Diary.Append(ctx, diary.Entry{Op: opStage, Ref: &b.disclose,
		Body: proof.Body{Bytes: p.Bytes, Data: map[string]any{"request": p.Request, "package": p.ID, "sha256": p.Manifest}}}, b.j.stages(ctx, p, b.segments))
	if err == nil {
		return nil
	}
	now, read := b.j.one(ctx, p.ID)
	switch {
	case read != nil:
		return errors.Join(err, read)
	case now.Staged() && now.Place == p.Place:
		return nil
	case now.Ended != 0:
		return fmt.Errorf("%w: it was ended", ErrMeanwhile)
	}
	return err
}

// staged is the package once it is there.
func (b *build) staged(place sealed.Place) Package {
	sum := sha256.Sum256(b.manifest)
	p := b.Package
	p.Place, p.Bytes, p.Disclose, p.Manifest = place, b.object.Size(), b.disclose, hex.EncodeToString(sum[:])
	p.Delivered = delivered(b.export.Delivered())
	return p
}

// stages is the change of a row whose package is finished.
func (j *Jobs) stages(ctx context.Context, p Package, made []Segment) diary.Change {
	return func(tx *sql.Tx) error {
		i, err := diary.Next(ctx, tx)
		if err != nil {
			return err
		}
		return p.stage(ctx, tx, i, made)
	}
}

// ranges is footage that was delivered, as an entry names it.
func ranges(list []evidence.Range) (out []proof.Object) {
	for _, r := range list {
		out = append(out, proof.Object{Camera: r.Camera, From: r.From, To: r.To})
	}
	return out
}

// delivered is what is in a package, as its request tells it: like the entry disclose, with what its clips take beside what was asked for.
func delivered(list []evidence.Range) (out []disclosure.Wanted) {
	for _, r := range list {
		out = append(out, disclosure.Wanted{Camera: r.Camera, From: r.From, To: r.To})
	}
	return out
}

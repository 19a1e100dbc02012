package diary

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"slices"

	"golang.org/x/mod/sumdb/tlog"

	"varuh/accesslog/diary/proof"
)

// Export says what a bundle is to hold.
type Export struct {
	From, To int64                    // entries, To not included; what is pruned is left out. To 0: all
	Opener   *Opener                  // opens bodies; nil leaves all of them out
	Redact   func(l proof.Leaf) bool  // true leaves out the body of an entry; nil leaves out none
	Each     func(proof.Leaf, []byte) // sees every entry with its body, nil if left out, for people's forms; nil for none
	Closed   func(i int64, err error) // is told of an entry that can't be opened: its leaf goes along without what it says; nil makes that an error
	Keys     []proof.Key              // of witnesses, to be in the bundle
	Stays    bool                     // the bundle is looked at here and handed to nobody: its checkpoint does not count as one that left

	// Finish adds the files for people after the last entry; nil for none. What it reads of the diary it is to
	// read through the snapshot.
	Finish func(*proof.BundleWriter, *Snapshot) error
}

// Export writes a bundle from one snapshot of the diary, whose checkpoint counts as one that left the
// appliance, but for [Export.Stays]. It holds no more than a few thousand entries in memory. An error leaves a part of a bundle
// in the archive, which is not to be handed out. What outside parties gave and does not fit is left out, and
// is then among the [Diary.Complaints].
//
// One export runs at a time, on a connection of its own: others wait for it, and nothing else does, however
// slowly somebody takes what is written. While it runs, the WAL can't be emptied.
func (d *Diary) Export(ctx context.Context, a proof.Archive, e Export) (err error) {
	conn, err := d.export.Conn(ctx)
	if err != nil {
		return explain(err, "couldn't read the diary for an export; another may be running")
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	checkpoint, err := d.checkpointFor(ctx, e, conn)
	if err != nil {
		return err
	}
	c, err := proof.ReadCheckpoint(checkpoint)
	if err != nil {
		return fmt.Errorf("%w: its last checkpoint: %w", ErrDamaged, err)
	}
	tx, err := conn.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return explain(err, "couldn't read the diary")
	}
	defer func() { err = errors.Join(err, rollback(tx)) }()
	x := exporter{d: d, ctx: ctx, tx: tx, e: e, at: c}
	return x.write(a, checkpoint)
}

// checkpointFor is the checkpoint of an export.
func (d *Diary) checkpointFor(ctx context.Context, e Export, db querier) (note []byte, err error) {
	if !e.Stays {
		return d.Checkpoint(ctx)
	}
	err = db.QueryRowContext(ctx, `SELECT checkpoint FROM diary_head`).Scan(&note)
	return note, explain(err, "couldn't read the last checkpoint")
}

// rollback ends a transaction that read, unless its context has done so.
func rollback(tx *sql.Tx) error {
	if err := tx.Rollback(); !errors.Is(err, sql.ErrTxDone) {
		return err
	}
	return nil
}

// exporter is one run of Export.
type exporter struct {
	d    *Diary
	ctx  context.Context
	tx   *sql.Tx
	e    Export
	at   proof.Checkpoint
	tree reader
	only map[int64]bool // sizes of the earlier checkpoints that are asked for; nil for all
}

func (x *exporter) write(a proof.Archive, checkpoint []byte) error {
	var cut int64
	if err := x.tx.QueryRowContext(x.ctx, `SELECT cut FROM diary_head`).Scan(&cut); err != nil {
		return explain(err, "couldn't read the diary")
	}
	x.tree = reader{x.ctx, x.tx, cut}
	asked := x.e.From
	x.e.From = max(x.e.From, cut)
	if x.e.To == 0 || x.e.To > x.at.Size {
		x.e.To = x.at.Size
	}
	if x.e.From > x.e.To {
		return fmt.Errorf("entries %d to %d of %d: %w", x.e.From, x.e.To, x.at.Size, ErrNoEntry)
	}
	o, err := x.options(checkpoint)
	if err != nil {
		return err
	}
	w, err := proof.NewBundleWriter(a, o)
	if err != nil {
		return err
	}
	if err := x.pinned(w, asked, checkpoint); err != nil {
		return err
	}
	for e, err := range x.entries() {
		if err != nil {
			return err
		}
		if err := x.add(w, e); err != nil {
			return err
		}
	}
	if x.e.Finish != nil {
		if err := x.e.Finish(w, &Snapshot{x}); err != nil {
			return err
		}
	}
	return w.Close()
}

// options is all of a bundle that is not entries.
func (x *exporter) options(checkpoint []byte) (o proof.BundleOptions, err error) {
	o.About = proof.About{Origin: x.at.Origin, Size: x.at.Size, From: x.e.From, To: x.e.To, Made: x.d.o.Now()}
	o.Checkpoint = checkpoint
	if o.Frontier, err = x.tree.frontier(x.e.From); err != nil {
		return o, err
	}
	if o.Onward, err = x.onward(x.e.To); err != nil {
		return o, err
	}
	if o.Keys, err = keysOf(x.ctx, x.tx); err != nil {
		return o, err
	}
	o.Keys = append(o.Keys, x.e.Keys...) // those of earlier origins, too: somebody may have kept a checkpoint of one
	if o.Past, err = x.past(); err != nil {
		return o, err
	}
	o.Rotations, err = x.rotations()
	return o, err
}

// onward is the consistency from a size to the bundle's checkpoint.
func (x *exporter) onward(size int64) ([]proof.Hash, error) {
	if size == 0 || size == x.at.Size {
		return nil, nil
	}
	p, err := tlog.ProveTree(x.at.Size, size, x.tree)
	if err != nil {
		return nil, fmt.Errorf("couldn't join %d entries with %d: %w", size, x.at.Size, err)
	}
	return p, nil
}

// past are the checkpoints that left, as far as a bundle must join them with its own: those that are
// anchored, each with what outside parties gave for it, and those outside of the bundle's entries.
func (x *exporter) past() ([]proof.Past, error) {
	o, err := outsideOf(x.ctx, x.tx, x.at.Size, x.tree.cut)
	if err != nil {
		return nil, err
	}
	for _, text := range o.check() {
		x.d.complain("%s", text)
	}
	bySize := map[int64][]Anchor{}
	for _, a := range o.anchors {
		bySize[a.Size] = append(bySize[a.Size], a)
	}
	var list []proof.Past
	for _, r := range o.released {
		if x.only != nil && !x.only[r.Size] {
			continue
		}
		p := proof.Past{Note: r.Note}
		for _, a := range bySize[r.Size] {
			switch {
			case a.Kind == "witness" && o.cosigns(a, r) == nil:
				p.Note = slices.Concat(p.Note, a.Data)
			case a.Kind == "tsa":
				p.Timestamps = append(p.Timestamps, a.Data)
			}
		}
		c, err := proof.ReadCheckpoint(r.Note)
		if err != nil {
			return nil, fmt.Errorf("%w: the checkpoint of %d entries that left: %w", ErrDamaged, r.Size, err)
		}
		inside := r.Size >= x.e.From && r.Size <= x.e.To // the leaves themselves lead to its root
		anchored := len(p.Note) > len(r.Note) || p.Timestamps != nil
		if c.Origin != x.at.Origin || inside && !anchored {
			continue
		}
		p.Consistency, err = x.onward(r.Size)
		switch {
		case errors.Is(err, ErrPruned): // by somebody else than a prune, which keeps what joins
			x.d.complain("the checkpoint of %d entries, which left, can't be joined with later ones any more, for hashes were deleted: it is left out", r.Size)
			continue
		case err != nil:
			return nil, err
		}
		list = append(list, p)
	}
	return list, nil
}

// rotations are the changes of the signing key.
func (x *exporter) rotations() ([]proof.RotationProof, error) {
	type row struct {
		first int64
		vkey  string
		path  []byte
		r     proof.RotationProof
	}
	rows, err := collect(x.ctx, x.tx, func(rows *sql.Rows) (r row, err error) {
		return r, rows.Scan(&r.first, &r.vkey, &r.r.Leaf, &r.r.Manifest, &r.path, &r.r.Checkpoint)
	}, `SELECT first, vkey, leaf, manifest, inclusion, checkpoint FROM diary_signers WHERE leaf IS NOT NULL ORDER BY first`)
	if err != nil {
		return nil, explain(err, "couldn't read the changes of the signing key")
	}
	var list []proof.RotationProof
	for _, r := range rows {
		if k, err := proof.ParseKey(r.vkey); err != nil || k.Name() != x.at.Origin {
			continue
		}
		l, err := proof.ParseLeaf(r.r.Leaf)
		if err == nil && (l.Index != r.first || r.first < 0 || r.first >= x.at.Size) {
			err = fmt.Errorf("it is of entry %d", l.Index)
		}
		if err == nil {
			r.r.Inclusion, err = unflatten(r.path)
		}
		if err != nil {
			x.d.complain("the row of entry %d in diary_signers is left out: %v", r.first, err)
			continue
		}
		if r.r.Consistency, err = x.onward(r.first + 1); err != nil {
			return nil, err
		}
		list = append(list, r.r)
	}
	return list, nil
}

// add writes one entry.
func (x *exporter) add(w *proof.BundleWriter, e Exported) error {
	if e.Err != nil {
		x.e.Closed(e.Index, e.Err)
	}
	if x.e.Each != nil {
		x.e.Each(e.Leaf, e.Body)
	}
	return w.Add(proof.Entry{Leaf: e.Raw, Body: e.Body, Manifest: e.Manifest})
}

// entries are those of the bundle, in order.
func (x *exporter) entries() iter.Seq2[Exported, error] {
	return func(yield func(Exported, error) bool) {
		i := x.e.From
		for raw, err := range leaves(x.ctx, x.tx, x.e.From, x.e.To) {
			e := Exported{}
			if err == nil {
				e, err = x.read(raw, i)
				i++
			}
			if !yield(e, err) || err != nil {
				return
			}
		}
	}
}

// read opens one entry, as far as the bundle is to say what is in it.
func (x *exporter) read(raw []byte, i int64) (e Exported, err error) {
	e.Raw = bytes.Clone(raw)
	if e.Leaf, err = parseLeaf(e.Raw, i); err != nil {
		return e, err
	}
	if x.e.Opener == nil || x.e.Redact != nil && x.e.Redact(e.Leaf) {
		return e, nil
	}
	e.Body, e.Manifest, e.Err = x.e.Opener.open(x.ctx, x.tx, Head{Origin: x.at.Origin, Size: x.at.Size, Root: x.at.Root, Cut: x.tree.cut}, e.Index)
	if e.Err == nil {
		return e, nil
	}
	if x.e.Closed == nil || !Unreadable(e.Err) {
		return e, e.Err
	}
	e.Manifest = nil // the body stays where it alone could be opened
	return e, nil
}

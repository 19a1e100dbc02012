package packing

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/accesslog/evidence"
)

// Diary is where the proofs come from. A *diary.Diary is one.
type Diary interface {
	Entries(ctx context.Context, from, to int64) iter.Seq2[diary.Stored, error]
	Leaf(ctx context.Context, i int64) (diary.Stored, error)
	Manifest(ctx context.Context, i int64) ([]byte, error)
	Anchors(ctx context.Context, size int64) ([]diary.Anchor, error)
	Bundle(ctx context.Context, sizes []int64) (proof.BundleOptions, error)
	Prove(ctx context.Context, i, size int64) (tlog.RecordProof, error)
}

// Proof is what the diary proves of a disclosure.
type Proof struct {
	evidence.Disclosed
	Outside
}

// Outside is what outside parties say of all the footage of a package, as far as the diary has it: the least that they say
// of any segment. Whether their keys are right is for others to say.
type Outside struct {
	Before bool      // a party had seen the collect of each segment before the request came; else there was no outside witness before it
	Since  time.Time // by the parties' clocks, the latest of the first times at which one had; zero where none has at all
	Party  string    // whose time that is
}

// Prove gives what proves a disclosure, once its entry disclose is durable: the checkpoint over it, which counts as one that
// left; disclose, export, the entries of the request up to then, and the collect of each segment with its list; for each
// collect the first checkpoint behind it that an outside party saw, of each party, with its consistency; and the keys with
// their changes. No body is in it, so it takes no key. manifest is that of the package.
func Prove(ctx context.Context, d Diary, disclose int64, manifest []byte) (p Proof, err error) {
	m, err := evidence.ParseManifest(manifest)
	if err != nil {
		return p, fmt.Errorf("couldn't prove the disclosure %d: %w", disclose, err)
	}
	c := prover{ctx: ctx, d: d, entries: map[int64]diary.Stored{}, collects: map[int64]bool{}}
	first, err := c.course(disclose)
	if err != nil {
		return p, err
	}
	for _, s := range m.Segments {
		c.collects[s.Collect] = true
	}
	anchors, err := d.Anchors(ctx, 0)
	if err != nil {
		return p, err
	}
	if p.Diary, err = d.Bundle(ctx, c.sizes(anchors)); err != nil {
		return p, err
	}
	if p.Entries, err = c.proven(p.Diary.Size); err != nil {
		return p, err
	}
	words, err := said(p.Diary, anchors)
	p.Outside = c.outside(words, first)
	return p, err
}

// prover gathers the entries that a disclosure hangs on.
type prover struct {
	ctx      context.Context
	d        Diary
	entries  map[int64]diary.Stored
	collects map[int64]bool // their entries
}

// course takes a disclosure with the entries that lead to it, and with what else was entered about the request by then. It
// returns the first of them: what is below it was there before anybody asked.
func (c *prover) course(disclose int64) (first int64, err error) {
	for ref := &disclose; ref != nil; {
		e, err := c.d.Leaf(c.ctx, *ref)
		if err != nil {
			return 0, fmt.Errorf("couldn't prove the disclosure %d: %w", disclose, err)
		}
		first, ref, c.entries[e.Index] = e.Index, e.Ref, e // a leaf's ref is always a lower index
	}
	for e, err := range c.d.Entries(c.ctx, first+1, disclose) {
		if err != nil {
			return 0, err
		}
		if strings.HasPrefix(e.Op, "request.") && e.Ref != nil && *e.Ref == first {
			c.entries[e.Index] = e
		}
	}
	return first, nil
}

// sizes are those of the checkpoints behind the collects that a party saw first.
func (c *prover) sizes(anchors []diary.Anchor) []int64 {
	parties := map[string][]int64{}
	for _, a := range anchors { // by size
		parties[a.Party] = append(parties[a.Party], a.Size)
	}
	var list []int64
	for i := range c.collects {
		for _, seen := range parties {
			if n, _ := slices.BinarySearch(seen, i+1); n < len(seen) {
				list = append(list, seen[n])
			}
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// proven are the entries with their hashes up to a checkpoint.
func (c *prover) proven(size int64) (list []evidence.Proven, err error) {
	for i := range c.collects {
		if c.entries[i], err = c.d.Leaf(c.ctx, i); err != nil {
			return nil, fmt.Errorf("couldn't prove what was recorded: %w", err)
		}
	}
	for _, i := range slices.Sorted(maps.Keys(c.entries)) {
		p := evidence.Proven{Entry: proof.Entry{Leaf: c.entries[i].Raw}}
		if c.collects[i] {
			if p.Manifest, err = c.d.Manifest(c.ctx, i); err != nil {
				return nil, err
			}
		}
		if p.Hashes, err = c.d.Prove(c.ctx, i, size); err != nil {
			return nil, err
		}
		list = append(list, p)
	}
	return list, nil
}

// word is what a party says: that a checkpoint was there at a time.
type word struct {
	size  int64
	at    time.Time
	party string
}

// said are the words that are in a bundle, by size and time.
func said(o proof.BundleOptions, anchors []diary.Anchor) (list []word, err error) {
	for _, p := range o.Past {
		s, err := proof.OpenCheckpoint(p.Note, o.Keys...)
		if err != nil {
			return nil, fmt.Errorf("couldn't read an earlier checkpoint: %w", err)
		}
		for _, w := range s.Cosignatures {
			list = append(list, word{s.Size, w.Time, w.Witness.Name()})
		}
		for _, a := range anchors {
			if a.Kind == "tsa" && a.Size == s.Size && len(p.Timestamps) > 0 {
				list = append(list, word{a.Size, a.Time, a.Party})
			}
		}
	}
	slices.SortFunc(list, func(a, b word) int { return cmp.Or(cmp.Compare(a.size, b.size), a.at.Compare(b.at)) })
	return list, nil
}

// outside is the least that words say of any collect, before the entry that was the first about the request.
func (c *prover) outside(words []word, first int64) (o Outside) {
	o.Before = true
	for i := range c.collects {
		n, _ := slices.BinarySearchFunc(words, i+1, func(w word, size int64) int { return cmp.Compare(w.size, size) })
		if n == len(words) {
			return Outside{}
		}
		o.Before = o.Before && words[n].size <= first
		if words[n].at.After(o.Since) {
			o.Since, o.Party = words[n].at, words[n].party
		}
	}
	return o
}

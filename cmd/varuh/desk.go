package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/recorder/keyring"
)

// desk hands the diary out: to the commands of this process, or through the socket to those of others. What
// is handed out with its contents is entered before.
type desk struct {
	diary  *diary.Diary
	keys   keyring.Identity            // that open bodies; nil: they stay closed
	closed error                       // why keys is nil
	wrote  func(op string)             // is told of what was entered; nil: nobody waits for that
	still  func(context.Context) error // says why an order may not go on; nil: it may
	told   func(int64)                 // is told how many entries were verified since the last time; nil: nobody waits for that
}

// diaryLine is an entry as it is handed out: the bytes that are hashed.
type diaryLine struct {
	Leaf       string `json:"leaf,omitempty"`
	Body       string `json:"body,omitempty"`
	Manifest   string `json:"manifest,omitempty"`
	Unreadable string `json:"unreadable,omitempty"` // why body or manifest can't be opened
	Of         int64  `json:"of,omitempty"`         // how many the order is for, if these are only the last; with the first entry alone
	Closed     string `json:"closed,omitempty"`     // why there is no body; with the first entry alone
	Fault      string `json:"fault,omitempty"`      // why the diary is not to be trusted; with the first entry alone
	Error      string `json:"error,omitempty"`
	End        bool   `json:"end,omitempty"` // nothing follows

	err error // what Unreadable says
}

// checkpointAnswer is a signed checkpoint and the keys that verify it.
type checkpointAnswer struct {
	Note  string   `json:"note"`
	Keys  []string `json:"keys"`
	Fault string   `json:"fault,omitempty"` // why the diary is not to be trusted
}

// enter writes who takes what, by an order that was checked: entries up to to, or up to this one if that is 0.
// Without this entry nothing is handed out.
func (k desk) enter(ctx context.Context, op string, o diaryOrder, from, to int64) (diary.Receipt, error) {
	opened := "yes"
	if o.Redact || k.keys == nil {
		opened = "no"
	}
	by, err := o.known()
	if err != nil {
		return diary.Receipt{}, err
	}
	b := proof.Body{Actor: &by, Purpose: o.Reason,
		Data: map[string]any{"from": from, "opened": opened}}
	if to > 0 {
		b.Data["to"] = to
	}
	if o.Op != "" {
		b.Data["op"] = o.Op
	}
	got, err := k.diary.Append(ctx, diary.Entry{Op: op, Body: b}, nil)
	if err != nil {
		return got, fmt.Errorf("nothing is handed out, since it could not be entered: %w", err)
	}
	if k.wrote != nil {
		k.wrote(op)
	}
	return got, nil
}

// fault says why the diary is not to be trusted, "" if nothing is known.
func (k desk) fault() string {
	if f := k.diary.Fault(); f != nil {
		return f.String()
	}
	return ""
}

// warn tells whoever is handed something out why the diary is not to be trusted.
func (t terminal) warn(fault string) {
	if fault != "" {
		fmt.Fprint(t.err, fold("warning: "+proof.Printable(fault), 79))
	}
}

// span is which entries an order is for, of those from the cut on.
func (k desk) span(o diaryOrder) (from, to int64, err error) {
	h := k.diary.Head()
	from, to = max(o.From, h.Cut), o.To
	if to <= 0 || to > h.Size {
		to = h.Size
	}
	if from >= to {
		return 0, 0, fmt.Errorf("the diary has the entries %d to %d", h.Cut, h.Size-1)
	}
	return from, to, nil
}

// opener opens bodies, nil if an order is for none or they stay closed.
func (k desk) opener(o diaryOrder) *diary.Opener {
	if o.Redact || k.keys == nil {
		return nil
	}
	return k.diary.Opener(k.keys)
}

// read hands out entries one by one.
func (k desk) read(ctx context.Context, o diaryOrder, each func(diaryLine) error) error {
	o, err := o.checked()
	if err != nil {
		return err
	}
	from, to := o.From, k.diary.Head().Size
	if o.To > 0 {
		to = min(to, o.To)
	}
	all := int64(0) // entries that the order is for, if not all of them are looked at
	if last := to - o.Last; o.Last > 0 && o.Op == "" && last >= k.diary.Head().Cut && last > from {
		all = to - max(from, k.diary.Head().Cut)
		from = last // before the cut there are gaps
	}
	c, err := k.choose(ctx, o, from, to)
	if err != nil {
		return err
	}
	if all > 0 {
		c.of = all
	}
	if _, err := k.enter(ctx, "diary.read", o, from, to); err != nil {
		return err
	}
	if len(c.entries) == 0 {
		return fmt.Errorf("no entry from %d to %d is of the operation %q; there are: %s", from, to-1, o.Op, strings.Join(slices.Sorted(maps.Keys(c.ops)), ", "))
	}
	opener := k.opener(o)
	first := diaryLine{Of: c.of, Fault: k.fault()}
	first.Closed, err = k.shut(o)
	for _, i := range c.entries {
		err := k.lines(ctx, opener, i, i+1, func(l diaryLine) error {
			l.Of, l.Closed, l.Fault, first = first.Of, first.Closed, first.Fault, diaryLine{}
			return each(l)
		})
		if err != nil {
			return err
		}
	}
	return err
}

// shut says why an order gets no bodies that it asks for, "" if it gets them. That the appliance is locked is no
// error; that a key is not where it should be is one.
func (k desk) shut(o diaryOrder) (closed string, err error) {
	switch {
	case o.Redact || k.keys != nil:
		return "", nil
	case errors.Is(k.closed, errLocked):
		return k.closed.Error(), nil
	}
	return k.closed.Error(), fmt.Errorf("what the entries say stays closed: %w", k.closed)
}

// choice is which entries an order gets.
type choice struct {
	entries []int64
	of      int64           // how many it is for, if it gets the last of them alone
	ops     map[string]bool // there are, among which it chose
}

// choose finds the entries of an order.
func (k desk) choose(ctx context.Context, o diaryOrder, from, to int64) (c choice, err error) {
	c.ops = map[string]bool{}
	for e, err := range k.entries(ctx, from, to) {
		if err != nil {
			return c, err
		}
		if c.ops[e.Op] = true; o.Op == "" || o.Op == e.Op {
			c.entries = append(c.entries, e.Index)
		}
	}
	if n := int64(len(c.entries)); o.Last > 0 && n > o.Last {
		c.of, c.entries = n, c.entries[n-o.Last:]
	}
	switch h := k.diary.Head(); {
	case len(c.ops) > 0:
		return c, nil
	case h.Cut > 0:
		return c, fmt.Errorf("%s: the diary has the entries %d to %d; those before came to the end of their term and were destroyed, but for what a hold keeps", none(from, o.To), h.Cut, h.Size-1)
	default:
		return c, fmt.Errorf("%s: the diary has the entries 0 to %d", none(from, o.To), h.Size-1)
	}
}

// none says that there are no such entries.
func none(from, to int64) string {
	switch to {
	case 0:
		return fmt.Sprintf("there is no entry from %d on", from)
	case from + 1:
		return fmt.Sprintf("there is no entry %d", from)
	}
	return fmt.Sprintf("there is no entry from %d to %d", from, to-1)
}

// entries reads leaves: those before the cut that a hold keeps, then all from the cut on.
func (k desk) entries(ctx context.Context, from, to int64) iter.Seq2[diary.Stored, error] {
	return func(yield func(diary.Stored, error) bool) {
		if cut := k.diary.Head().Cut; from < cut {
			for p, err := range k.diary.Parts(ctx, from, min(to, cut)) {
				s := diary.Stored{Leaf: p.Leaf}
				if err == nil {
					s.Raw, err = proof.EncodeLeaf(p.Leaf) // the bytes that were parsed, for there is one form
				}
				if !yield(s, err) || err != nil {
					return
				}
			}
		}
		for s, err := range k.diary.Entries(ctx, from, to) {
			if !yield(s, err) {
				return
			}
		}
	}
}

// lines reads entries, opened if opener is not nil. One that can't be opened says why, and the next follows.
// Whoever calls it has entered that.
func (k desk) lines(ctx context.Context, opener *diary.Opener, from, to int64, each func(diaryLine) error) error {
	for e, err := range k.entries(ctx, from, to) {
		if err == nil {
			err = k.may(ctx)
		}
		if err != nil {
			return err
		}
		line := diaryLine{Leaf: string(e.Raw)}
		if opener != nil {
			body, manifest, err := opener.Open(ctx, e.Index)
			if err != nil {
				if !diary.Unreadable(err) {
					return err
				}
				line.Unreadable, line.err, manifest = err.Error(), err, nil
			}
			line.Body, line.Manifest = string(body), string(manifest)
		}
		if err := each(line); err != nil {
			return err
		}
	}
	return nil
}

// checkpoint is the last one, which from now on counts as one that left the appliance.
// That it is taken out to be printed is entered.
func (k desk) checkpoint(ctx context.Context, page bool) (a checkpointAnswer, err error) {
	note, err := k.diary.Checkpoint(ctx)
	if err != nil {
		return a, err
	}
	keys, err := k.diary.Keys(ctx)
	if err != nil {
		return a, err
	}
	for _, key := range keys {
		a.Keys = append(a.Keys, key.String())
	}
	c, err := proof.ReadCheckpoint(note)
	if err != nil {
		return a, err
	}
	if page {
		if _, err := k.diary.Print(ctx, c.Size); err != nil {
			return a, fmt.Errorf("no page is made, since it could not be entered: %w", err)
		}
	}
	a.Note = string(note)
	a.Fault = k.fault()
	return a, nil
}

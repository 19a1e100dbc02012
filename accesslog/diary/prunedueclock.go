package diary

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// contradiction looks for what an outside party gave that tells that the appliance's clock can't be right.
//
// Each entry anchor of the log is asked for its row, the latest first, and not each row for its entry: whoever
// deletes or changes a row takes away no contradiction. An entry whose row is gone or does not verify is a doubt. No
// party's time is earlier than the one verified before it, so a doubt counts as if that time had been given: while
// the clock was shown to be right not long before, it stops nothing. Whatever verifies behind a doubt ends it.
type contradiction struct {
	d      *Diary
	y      *Prunable
	right  int64   // entry by which a clock that had contradicted a party was set right, -1 for none
	doubts []doubt // which nothing has verified behind
	found  error
}

// doubt is an entry anchor without a word that verifies.
type doubt struct {
	index int64
	time  time.Time // of the entry
	wrong error
}

// contradicted says why the appliance's clock can't be right by what each party gave last, or tells behind which entry
// alone anything counts as evidence that it is. entries are those of anchors.
func (d *Diary) contradicted(ctx context.Context, p Pruning, o *outside, entries []Stored, y *Prunable) (right int64, lacks, err error) {
	parties, err := d.Parties(ctx)
	if err != nil {
		return -1, nil, err
	}
	rows := map[int64]Anchor{}
	for _, a := range o.anchors {
		rows[a.Index] = a
	}
	c := contradiction{d: d, y: y, right: -1}
	heard := map[string]bool{}
	for _, e := range slices.Backward(entries) {
		earlier := slices.DeleteFunc(slices.Clone(parties), func(p Party) bool { return p.First >= e.Index })
		if len(c.doubts) == 0 && !slices.ContainsFunc(earlier, func(p Party) bool { return !heard[p.Name] }) {
			break // nobody who was asked by then has a word here that is his last
		}
		a, at, err := d.wordOf(ctx, p, o, earlier, rows, e.Index)
		switch {
		case err != nil && len(heard) == 0 && len(earlier) > 0:
			c.doubts = append(c.doubts, doubt{e.Index, e.Time, err})
		case err == nil:
			if err := c.settle(ctx, at); err != nil {
				return -1, nil, err
			}
			if !heard[a.Party] {
				said := fmt.Errorf("%s said at entry %d that it was %s, when that clock had %s: set it right, and have the diary anchored again",
					a.Party, e.Index, at.Format(time.DateOnly), e.Time.Format(time.DateOnly))
				if err := c.hold(ctx, e.Index, e.Time, at, said); err != nil {
					return -1, nil, err
				}
			}
			heard[a.Party] = true
		}
	}
	err = c.settle(ctx, time.Date(firstYear, time.January, 1, 0, 0, 0, 0, time.UTC))
	return c.right, c.found, err
}

// wordOf verifies what an entry anchor says that a party gave, who must be one of those configured by then.
func (d *Diary) wordOf(ctx context.Context, p Pruning, o *outside, parties []Party, rows map[int64]Anchor, i int64) (a Anchor, at time.Time, err error) {
	a, there := rows[i]
	if !there {
		return a, at, errors.New("it is gone: it was deleted")
	}
	n := slices.IndexFunc(parties, func(p Party) bool { return p.Name == a.Party && p.Kind == a.Kind })
	if n < 0 {
		return a, at, fmt.Errorf("no party that was configured by then is a %s called %q", a.Kind, a.Party)
	}
	at, err = d.anchorTime(ctx, p, o, parties[n], a)
	if err == nil && at.IsZero() {
		err = errors.New("nothing can verify it here")
	}
	return a, at, err
}

// settle judges the doubts by a time that what was given there can't have been before.
func (c *contradiction) settle(ctx context.Context, earliest time.Time) error {
	for _, o := range c.doubts {
		said := fmt.Errorf("what an outside party gave at entry %d does not count: %w, and nothing else shows that this clock was right then: have the diary anchored again, or put back a copy of the state folder that has it",
			o.index, o.wrong)
		if err := c.hold(ctx, o.index, o.time, earliest, said); err != nil {
			return err
		}
	}
	c.doubts = nil
	return nil
}

// hold holds the time that a party gave against that of its entry: by as much the clock was ahead, or less, and it is
// no more ahead now unless it was set. Where it was set back since, it is ahead by less.
func (c *contradiction) hold(ctx context.Context, index int64, entered, at time.Time, said error) error {
	if c.found != nil || !c.early(entered.Sub(at)) {
		return nil
	}
	lowest, set, err := c.d.lowestSince(ctx, index)
	if err != nil {
		return err
	}
	if !c.early(lowest.Sub(at)) {
		c.right = max(c.right, set)
		return nil
	}
	c.found = fmt.Errorf("the year %d was due on %s by the appliance's clock, but %w", c.y.Year, c.y.Since.Format(time.DateOnly), said)
	return nil
}

// early tells whether the year's term is not over if the clock is so far ahead.
func (c *contradiction) early(ahead time.Duration) bool {
	return c.d.o.Now().Add(-ahead).Before(c.y.Since)
}

// lowestSince is the earliest time of all entries from one on, and the first entry that has it.
func (d *Diary) lowestSince(ctx context.Context, from int64) (t time.Time, index int64, err error) {
	for e, err := range d.Entries(ctx, from, d.Head().Size) {
		if err != nil {
			return t, 0, err
		}
		if e.Index == from || e.Time.Before(t) {
			t, index = e.Time, e.Index
		}
	}
	return t, index, nil
}

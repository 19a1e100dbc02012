package disclosure

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
)

// opRestore is the operation by which an appliance that was put back from a copy goes on. Its manifest, which is in the clear, has
// when that copy was made.
const opRestore = "restore"

// Restored is that the appliance was put back from a copy. What left in between was entered in a diary that is there no more, so
// nothing here can know of it.
type Restored struct {
	Entry int64     // restore
	At    time.Time // when it was put back, as the clock was then
	Copy  time.Time // when the copy was made, as the clock was then; zero: its entry doesn't say

	by time.Time // by when it was put back, whatever the clock showed; zero: nobody knows
}

// restores remembers them: a restore comes before a start.
type restores struct {
	mu    sync.Mutex
	known bool
	list  []Restored // guarded by mu
}

// Restored are those after which something may be missing in a register from a time on, whenever that ends: all since then, in
// order. One whose entry was destroyed at the end of its term is not told, nor is anything that left before it.
func (r *Register) Restored(ctx context.Context, since time.Time) ([]Restored, error) {
	all, err := r.restored(ctx)
	return slices.DeleteFunc(slices.Clone(all), func(b Restored) bool { return !b.by.IsZero() && b.by.Before(since) }), err
}

// RestoredOver are the restores that came over a request while it was approved, in order: what was built for it may have left between
// the copy and the restore, so that nobody knows whether it was let go when it is refused or withdrawn. Whoever does so is told.
func (r *Register) RestoredOver(ctx context.Context, q Request) (over []Restored, err error) {
	if !slices.Contains([]State{Approved, Built, Refused, Withdrawn}, q.State) {
		return nil, nil // it doesn't come to that, or the register has it
	}
	all, err := r.restored(ctx)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	course, err := r.Course(ctx, q.ID)
	for _, b := range all {
		open := false
		for _, d := range course {
			switch {
			case d.Entry > b.Entry:
			case d.Op == opApprove:
				open = true
			case d.Op == opRefuse || d.Op == opWithdraw:
				open = false
			}
		}
		if open {
			over = append(over, b)
		}
	}
	return over, err
}

func (r *Register) restored(ctx context.Context) ([]Restored, error) {
	r.restores.mu.Lock()
	defer r.restores.mu.Unlock()
	if r.restores.known {
		return r.restores.list, nil
	}
	entries, err := r.Diary.EntriesOf(ctx, opRestore)
	var list []Restored
	for _, e := range entries {
		if err == nil {
			list = append(list, Restored{Entry: e.Index, At: e.Time})
			err = r.date(ctx, &list[len(list)-1])
		}
	}
	if err != nil {
		return nil, fmt.Errorf("couldn't look whether the appliance was put back from a copy: %w", err)
	}
	r.restores.list, r.restores.known = list, true
	return list, nil
}

// date looks when a copy was made, and by when the appliance was put back from it.
func (r *Register) date(ctx context.Context, b *Restored) error {
	by, known, err := r.Diary.Reached(ctx, b.Entry, r.Now())
	if err != nil {
		return err
	}
	if known {
		b.by = by
	}
	text, err := r.Diary.Manifest(ctx, b.Entry)
	if diary.Unreadable(err) || errors.Is(err, diary.ErrPruned) || err == nil && text == nil {
		return nil
	}
	if err != nil {
		return err
	}
	row, err := proof.Parse(text)
	if m, is := row.(map[string]any); err == nil && is {
		if made, is := m["made"].(int64); is {
			b.Copy = time.UnixMilli(made).UTC()
		}
	}
	return err
}

// Says is what stands on a register, by the clock of a zone: that something may be missing there.
func (b Restored) Says(zone *time.Location) Text {
	return b.says(zone, Text{"kar je napravo zapustilo vmes, ni v tej evidenci", "what left in between is not in this register"})
}

// SaysOf is the same about a request that came over it: see [Register.RestoredOver].
func (b Restored) SaysOf(zone *time.Location) Text {
	return b.says(zone, Text{"nihče ne ve, ali so vmes po tej zahtevi posnetki zapustili napravo: poglejte, ali je podpisan kak zapisnik o predaji, in vprašajte vlagatelja",
		"nobody knows whether footage left for this request in between: look whether there is a signed handover record, and ask the applicant"})
}

func (b Restored) says(zone *time.Location, what Text) Text {
	at, entry := b.At.In(zone), b.Entry
	if b.Copy.IsZero() {
		return Text{fmt.Sprintf("Naprava je bila %s obnovljena iz starejše kopije (zapis %d); %s.", at.Format(slovenian), entry, what.Sl),
			fmt.Sprintf("The appliance was put back on %s from an earlier copy (entry %d); %s.", at.Format(english), entry, what.En)}
	}
	made := b.Copy.In(zone)
	return Text{fmt.Sprintf("Naprava je bila %s obnovljena iz kopije, narejene %s (zapis %d); %s.", at.Format(slovenian), made.Format(slovenian), entry, what.Sl),
		fmt.Sprintf("The appliance was put back on %s from a copy of %s (entry %d); %s.", at.Format(english), made.Format(english), entry, what.En)}
}

// How a moment is written.
const (
	slovenian = "2. 1. 2006 ob 15.04 MST"
	english   = "2 January 2006, 15:04 MST"
)

package footage

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"varuh/recorder/durable"
	"varuh/recorder/keyring"
)

// CheckOptions say how deep Check looks.
type CheckOptions struct {
	Open  keyring.Identity    // private keys; with them every record is decrypted, too
	Keys  []keyring.PublicKey // that slots must be sealed to, all others being out of use; none: not looked at
	Quick bool                // leaves the records unread: of a file only header and seal are looked at
	Found func(Finding)       // is told of every finding at once, from the goroutine of Check
}

// Checked is what Check looked at, and how often it found something.
type Checked struct {
	Segments  int   `json:"segments"`
	Records   int64 `json:"records"`
	Bytes     int64 `json:"bytes"`
	Incidents int   `json:"incidents"`
	Warnings  int   `json:"warnings"`
	Notes     int   `json:"notes"`
}

// Check holds index, files and key slots against each other, and every record against its checksum
// and the root in its slot. It writes nothing and may run while cameras record; then it looks at
// what was there when it began. Unless Quick it reads all footage, so it takes as long as the disks do. The
// error is that of ctx, or that the index could not be read; whatever else is wrong is a finding.
//
// Each of the three is walked, so that nothing can be missing without a trace: a row leads to its slot
// and its file; a file without a row is found among the files, a slot without either among the slots.
func (ix *Index) Check(ctx context.Context, fsys durable.FS, stores []Store, o CheckOptions) (Checked, error) {
	c := &checker{
		CheckOptions: o, ctx: ctx, ix: ix, fsys: fsys,
		stores: map[keyring.ID]Store{}, absent: map[keyring.ID]int{}, known: map[slotPlace]bool{},
	}
	for _, s := range stores {
		c.stores[s.ID] = s
	}
	err := c.rows()
	for _, s := range stores {
		if err == nil {
			err = c.files(s)
		}
		if err == nil {
			err = c.slots(s)
		}
	}
	return c.sum, err
}

type checker struct {
	CheckOptions
	ctx    context.Context
	ix     *Index
	fsys   durable.FS
	stores map[keyring.ID]Store
	sum    Checked
	absent map[keyring.ID]int // rows by store that is not there
	known  map[slotPlace]bool // slots that a finding speaks of already
}

// slotPlace is where a slot lies: what is left of its name when it cannot be read.
type slotPlace struct {
	store keyring.ID
	day   string
	slot  uint32
}

func placeOf(store keyring.ID, r keyring.Ref) slotPlace {
	return slotPlace{store, r.ID.Time().Format(time.DateOnly), r.Slot}
}

func (c *checker) found(list ...Finding) {
	for _, f := range list {
		switch f.Severity {
		case Incident:
			c.sum.Incidents++
		case Warning:
			c.sum.Warnings++
		default:
			c.sum.Notes++
		}
		if c.Found != nil {
			c.Found(f)
		}
	}
}

// rows checks the index itself and what each row leads to.
func (c *checker) rows() error {
	problems, err := c.ix.integrity()
	if err != nil {
		return err
	}
	for _, p := range problems {
		c.found(Finding{Severity: Warning, Path: c.ix.path, Sentence: "the index is damaged, rebuild it: " + p})
	}
	for after := (keyring.ID{}); ; {
		page, err := c.ix.page(after)
		if err != nil || len(page) == 0 {
			c.tellAbsent()
			return err
		}
		for _, s := range page {
			if err := c.ctx.Err(); err != nil {
				return err
			}
			if err := c.row(s); err != nil {
				return err
			}
		}
		after = page[len(page)-1].ID
	}
}

func (c *checker) tellAbsent() {
	for id, n := range c.absent {
		c.found(Finding{Severity: Warning, Sentence: fmt.Sprintf("%d segments lie on the store %s, which is not here: connect it and check again", n, id)})
	}
}

// row checks one segment. What it finds counts only if the row is still the same afterwards: the
// recorder may have sealed or erased the segment meanwhile.
func (c *checker) row(s Segment) error {
	store, here := c.stores[s.Store]
	if !here {
		c.absent[s.Store]++
		return nil
	}
	c.sum.Segments++
	for {
		findings := c.segment(store, s)
		if len(findings) == 0 {
			break
		}
		now, err := c.ix.Get(s.ID)
		if errors.Is(err, ErrUnknown) {
			return nil
		} else if err != nil {
			return err
		}
		if now == s {
			c.found(findings...)
			break
		}
		s = now
	}
	if !c.Quick {
		c.sum.Records += int64(s.Records)
	}
	c.sum.Bytes += s.Bytes
	return nil
}

// files looks for segment files without a row.
func (c *checker) files(s Store) error {
	return s.walk(c.ctx, c.fsys, func(p place) error {
		if _, err := c.ix.Get(p.id); !errors.Is(err, ErrUnknown) {
			return err
		}
		r, finding := read(c.fsys, p)
		if _, err := c.fsys.Stat(p.path); errors.Is(err, fs.ErrNotExist) {
			return nil // erased since the folder was read
		}
		if r != nil {
			c.known[placeOf(s.ID, keyring.Ref{ID: r.ID, Slot: r.Slot})] = true
			c.found(Finding{Warning, p.id, p.path, "the index has no row for the file: rebuild the index"})
		}
		if finding != nil {
			c.found(*finding)
		}
		return nil
	}, func(f Finding) { c.found(f) })
}

// slots looks for key slots without a row and without a file.
func (c *checker) slots(s Store) error {
	for slot, err := range s.Ring.All(time.Time{}) {
		if ctxErr := c.ctx.Err(); ctxErr != nil {
			return ctxErr
		}
		switch {
		case c.known[placeOf(s.ID, slot.Ref)]:
		case err != nil:
			c.found(Finding{Severity: Incident, Sentence: fmt.Sprintf("a key slot of store %s can't be read, and what it was for can't be opened: %v", s.ID, err)})
		default:
			if err := c.slot(s, slot); err != nil {
				return err
			}
		}
	}
	return nil
}

// slot checks one slot that may have no row.
func (c *checker) slot(s Store, slot keyring.Slot) error {
	if slot.Kind != keyring.KindSegment || slot.State == keyring.StateErased && slot.Fault == nil {
		return nil
	}
	if _, err := c.ix.Get(slot.ID); !errors.Is(err, ErrUnknown) {
		return err // with a row, it was checked with that
	}
	tell := func(severity Severity, sentence string, args ...any) {
		c.found(Finding{Severity: severity, Segment: slot.ID, Sentence: fmt.Sprintf(sentence, args...)})
	}
	now, err := s.Ring.Slot(slot.Ref) // it may have been erased since the walk read it
	switch {
	case err != nil:
		tell(Incident, "its key slot can't be read: %v", err)
	case now.State == keyring.StateErased && now.Fault != nil:
		tell(Warning, "it was erased, but one twin of its key slot does not say so; the next start mends that: %v", now.Fault)
	case now.State == keyring.StateOpen:
		tell(Note, "a key was made for a segment that has not begun; it opens nothing")
	case now.State == keyring.StateSealed:
		tell(Incident, "it has a key, but no file and no row: either it was removed without being erased, or its key slot was put back from an old copy after it was erased")
	}
	return nil
}

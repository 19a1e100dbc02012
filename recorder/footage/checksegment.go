package footage

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"varuh/recorder/keyring"
	"varuh/recorder/segment"
)

// inspection is the check of one row with its slot and its file.
type inspection struct {
	*checker
	store    Store
	row      Segment
	path     string
	slot     keyring.Slot
	findings []Finding
}

// segment checks what the row of s leads to.
func (c *checker) segment(store Store, s Segment) []Finding {
	i := &inspection{checker: c, store: store, row: s, path: store.Path(s.Camera, s.ID)}
	if i.readSlot() && i.compareFile() && !c.Quick {
		i.verify()
	}
	return i.findings
}

func (i *inspection) note(severity Severity, format string, args ...any) {
	i.findings = append(i.findings, Finding{severity, i.row.ID, i.path, fmt.Sprintf(format, args...)})
}

// readSlot compares row and slot. It reports whether the file should be looked at: not after an erasure.
func (i *inspection) readSlot() bool {
	var err error
	if i.slot, err = i.store.Ring.Slot(keyring.Ref{ID: i.row.ID, Slot: i.row.Slot}); err != nil {
		i.known[placeOf(i.store.ID, keyring.Ref{ID: i.row.ID, Slot: i.row.Slot})] = true
		i.note(Incident, "its key slot can't be read, so the segment can't be opened: %v", err)
		return true
	}
	if i.slot.Fault != nil {
		i.note(Warning, "the twins of its key slot differ; the next start mends that: %v", i.slot.Fault)
	}
	switch {
	case i.slot.State == keyring.StateErased:
		i.note(Warning, "its key is destroyed, but the index still has it: the erasure was not finished")
		return false
	case i.slot.State == keyring.StateOpen && i.row.Sealed:
		i.note(Incident, "it was sealed, but its key slot says that it is still being written: the slot was put back from an old copy")
	case i.slot.State == keyring.StateSealed && !i.row.Sealed:
		i.note(Note, "it is sealed, and the index does not know yet; the next start enters it")
	case i.slot.State == keyring.StateSealed && (i.slot.Records != i.row.Records || i.slot.Root != i.row.Root):
		i.note(Incident, "count or root in the index are not those of its key slot")
	}
	i.compareKeys()
	return true
}

// compareKeys finds a slot that is older than the last rotation of keys.
func (i *inspection) compareKeys() {
	for _, k := range i.slot.Keys {
		if len(i.Keys) > 0 && !slices.ContainsFunc(i.Keys, func(p keyring.PublicKey) bool { return p.ID() == k.To }) {
			i.note(Incident, "its key is sealed to key %x, which is out of use: the slot was put back from an old copy, or a rotation of keys was not finished", k.To)
		}
	}
}

// compareFile compares the row with header and seal. It reports whether the file can be looked into.
func (i *inspection) compareFile() bool {
	in, err := segment.Open(i.fsys, i.path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && i.row.Sealed:
		i.note(Incident, "its file is gone, though it was not erased")
		return false
	case !i.row.Sealed && (errors.Is(err, fs.ErrNotExist) || errors.Is(err, segment.ErrNoHeader)):
		i.note(Note, "nothing of it is in its file yet; the next start removes it if nothing comes")
		return false
	case err != nil:
		i.note(Incident, "its file can't be read: %v", err)
		return false
	}
	if differ := i.differences(in); len(differ) > 0 {
		i.note(Incident, "the index and the file do not agree on %s: rebuild the index, and check with the private key whether the file was changed", strings.Join(differ, ", "))
	}
	if err := in.Close(); err != nil {
		i.note(Warning, "its file couldn't be closed: %v", err)
	}
	return true
}

// differences names what the row and the file do not agree on. A damaged seal is left to verify.
func (i *inspection) differences(in *segment.Reader) (names []string) {
	row, h := i.row, in.Header()
	file := NewSegment(h)
	if row.Sealed {
		var err error
		if file, err = sealed(i.fsys, in, i.path, file); err != nil {
			return nil
		}
	}
	for name, differs := range map[string]bool{
		"the segment's id": row.ID != file.ID,
		"store":            row.Store != file.Store,
		"key slot":         row.Slot != file.Slot,
		"camera":           row.Camera != file.Camera,
		"stream":           row.Stream != file.Stream,
		"run":              row.Run != file.Run,
		"start":            !row.HeaderStart.Equal(file.HeaderStart) || row.Clock != file.Clock,
		"length":           row.End.Sub(row.Start) != file.End.Sub(file.Start),
		"size":             row.Bytes != file.Bytes,
		"seal":             row.Recovered != file.Recovered || row.Loss != file.Loss || row.Records != file.Records || row.Root != file.Root,
		"format":           row.Format != file.Format,
		"boot":             row.Boot != file.Boot || row.BootTime != age(file.BootTime),
	} {
		if differs {
			names = append(names, name)
		}
	}
	if gaps, err := i.ix.carried(row.ID); err != nil {
		i.note(Warning, "the index can't be read, rebuild it: %v", err)
	} else if !slices.EqualFunc(gaps, h.Gaps, sameGap) {
		names = append(names, "gaps")
	}
	slices.Sort(names)
	return names
}

func sameGap(a, b segment.Gap) bool {
	return a.From.Equal(b.From) && a.To.Equal(b.To) && a.Cause == b.Cause
}

// verify reads all records. What the slot says of the segment counts, or else what the row says.
func (i *inspection) verify() {
	var want *segment.SealedAs
	if i.slot.State == keyring.StateSealed {
		want = &segment.SealedAs{Records: i.slot.Records, Root: i.slot.Root}
	} else if i.row.Sealed {
		want = &segment.SealedAs{Records: i.row.Records, Root: i.row.Root}
	}
	for _, p := range segment.Verify(i.fsys, i.path, want, i.key()) {
		switch {
		case want == nil && errors.Is(p, segment.ErrUnsealed):
		case want == nil && errors.Is(p, segment.ErrDamaged):
			i.note(Note, "it is being written, or the next start will cut it: %v", p)
		default:
			i.note(Incident, "%v", p)
		}
	}
}

// key is the segment's key, nil if the check is without keys or none fits.
func (i *inspection) key() *keyring.Key {
	if len(i.Open) == 0 || len(i.slot.Keys) == 0 {
		return nil
	}
	k, err := i.Open.Open(i.store.ID, i.slot)
	switch {
	case errors.Is(err, keyring.ErrNoKey):
		i.note(Warning, "no private key here opens it, so its contents were not checked")
	case err != nil:
		i.note(Incident, "its key can't be taken out of its slot: %v", err)
	default:
		return &k
	}
	return nil
}

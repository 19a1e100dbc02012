package keyring

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"

	"varuh/recorder/durable"
)

// SlotFile is the slot file of one day, as it was between two batches.
type SlotFile struct {
	Name string // such as 2026-11-21.slots
	Data []byte
}

// SlotFiles reads all slot files for a copy, oldest first. Each is read by the committer between two batches, so that no
// slot in it is half written; two files may be from different moments.
//
// The twin in the state folder is read, and that on the store only where the first can't be: a batch is durable in the
// state twin before it comes to the other, and [Ring.Mend] makes the twins equal at each start, so there is nothing
// in the store twin alone.
func (r *Ring) SlotFiles(ctx context.Context) iter.Seq2[SlotFile, error] {
	return func(yield func(SlotFile, error) bool) {
		days, err := r.twins[0].days()
		if err != nil {
			yield(SlotFile{}, err)
			return
		}
		slices.Sort(days)
		for _, d := range days {
			f := SlotFile{Name: string(d) + ".slots"}
			err := r.commit(ctx, newTask(func() (err error) {
				f.Data, err = r.slotFile(d)
				return err
			}))
			if err != nil {
				err = fmt.Errorf("couldn't read the key slots of %s for a copy: %w", d, err)
			}
			if !yield(f, err) || err != nil {
				return
			}
		}
	}
}

// slotFile runs in the committer.
func (r *Ring) slotFile(d day) ([]byte, error) {
	b, err := readAll(r.twins[0].fs, r.twins[0].file(d))
	if err == nil {
		return b, nil
	}
	b, other := readAll(r.twins[1].fs, r.twins[1].file(d))
	if other != nil {
		return nil, errors.Join(r.twins[0].wrap(d, err), r.twins[1].wrap(d, other))
	}
	return b, nil
}

func readAll(fsys durable.FS, name string) ([]byte, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(f)
	return b, errors.Join(err, f.Close())
}

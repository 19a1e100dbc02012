package keyring

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"varuh/recorder/durable"
)

// A mark is what somebody above the keyring wants to find again beside the slots, such as how far a record
// of their erasures went. To the ring it is opaque; its name is a plain file name without an ending.

// MaxMark is how many bytes a mark may have.
const MaxMark = 64 << 10

// Mark is what one twin remembers.
type Mark struct {
	Twin string // "state" or "store"
	Data []byte
}

// Marks returns the marks of a name in both twins: none of a twin that has none, such as one that was made anew. They
// differ after a crash in [Ring.SetMark], and where a twin was put back from a copy; which one counts is for
// the caller to say. An error tells of a twin that can't be read, and comes with the mark of the other.
func (r *Ring) Marks(name string) ([]Mark, error) {
	var marks []Mark
	var errs []error
	for _, t := range r.twins {
		b, err := durable.ReadFile(t.fs, t.mark(name), MaxMark)
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			errs = append(errs, fmt.Errorf("couldn't read the mark of the %s twin: %w", t.name, err))
		default:
			marks = append(marks, Mark{t.name, b})
		}
	}
	return marks, errors.Join(errs...)
}

// SetMark replaces the marks of a name in both twins as a whole, the state twin's first. When it returns nil, both are
// durable; after an error each twin has the old one or the new one. A twin that fails does not keep the
// other from being written. If ctx ends before, the mark may still be set.
func (r *Ring) SetMark(ctx context.Context, name string, mark []byte) error {
	if len(mark) > MaxMark {
		return fmt.Errorf("a mark of %d bytes, at most %d are allowed", len(mark), MaxMark)
	}
	return r.commit(ctx, newTask(func() error {
		var errs []error
		for _, t := range r.twins {
			if err := durable.WriteFile(t.fs, t.mark(name), mark, 0o600); err != nil {
				errs = append(errs, fmt.Errorf("couldn't write the mark of the %s twin: %w", t.name, err))
			}
		}
		return errors.Join(errs...)
	}))
}

func (t *twin) mark(name string) string { return filepath.Join(t.dir, name+".mark") }

package segment

import (
	"errors"
	"io"

	"varuh/recorder/durable"
	"varuh/recorder/internal/spare"
	"varuh/recorder/keyring"
)

// SealedAs is what the key slot says of a sealed segment.
type SealedAs struct {
	Records uint32
	Root    [32]byte
}

// Verify reads a whole segment and says everything that is wrong with it: header, every record's
// length and checksum, seal, root, all without a key. With want, count and root must also be
// those of the key slot; with a key, every record must decrypt, too, and fit its leaf.
// A segment that is still being written has the problem [ErrUnsealed], and perhaps a torn tail.
func Verify(fsys durable.FS, name string, want *SealedAs, key *keyring.Key) []*Problem {
	r, err := Open(fsys, name)
	if err != nil {
		return []*Problem{{-1, 0, err}}
	}
	v := verifier{r: r}
	if r.sealErr != nil {
		v.found(-1, r.head.size, r.sealErr)
	}
	if key != nil {
		if err := r.Unlock(*key); err != nil {
			v.found(-1, 0, err)
		}
	}
	v.records()
	v.tail()
	if r.sealErr == nil && v.whole() && v.tree.root() != r.seal.Root {
		v.found(-1, v.end, damaged("the seal's root is not that of the records"))
	}
	if want != nil {
		v.compare(want)
	}
	if err := r.Close(); err != nil {
		v.found(-1, 0, err)
	}
	return v.problems
}

type verifier struct {
	r        *Reader
	problems []*Problem
	tree     tree  // over the leaves of the records that are whole, as long as all are
	count    int   // of records that are there, whole or not
	end      int64 // of the last one
}

func (v *verifier) found(record int, off int64, err error) {
	if p := (*Problem)(nil); errors.As(err, &p) {
		record, off, err = p.Record, p.Offset, p.Err
	}
	v.problems = append(v.problems, &Problem{record, off, err})
}

// whole says whether every record's leaf is in the tree.
func (v *verifier) whole() bool { return v.count == int(v.tree.count) }

func (v *verifier) records() {
	buf := spare.Borrow(spare.Step)
	defer func() { spare.Return(buf) }()
	v.end = v.r.head.size
	for ; ; v.count++ {
		e, err := v.r.Entry(v.count)
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil { // the disk does not answer
			v.found(v.count, v.end, err)
			return
		}
		v.end = e.Offset + e.Size
		var h recordHead
		if h, buf, err = v.r.readEntry(v.count, buf); err != nil {
			v.found(v.count, e.Offset, err)
			continue
		}
		v.tree.add(h.leaf)
		if v.r.secrets != nil {
			if _, err := v.r.secrets.open(&h, buf, true); err != nil {
				v.found(v.count, e.Offset, err)
			}
		}
	}
}

// tail looks at what lies behind the last whole record of a file without a seal.
func (v *verifier) tail() {
	if !errors.Is(v.r.sealErr, ErrUnsealed) {
		return
	}
	st, err := v.r.file.Stat()
	if err != nil {
		v.found(-1, v.end, err)
	} else if st.Size() > v.end {
		v.found(v.count, v.end, damaged("%d bytes are behind the last whole record", st.Size()-v.end))
	}
}

// compare holds the file against its key slot.
func (v *verifier) compare(want *SealedAs) {
	if v.count != int(want.Records) {
		v.found(-1, v.end, damaged("%d records are there, the key slot says %d", v.count, want.Records))
		return
	}
	if v.r.sealErr == nil && v.r.seal.Root != want.Root || v.whole() && v.tree.root() != want.Root {
		v.found(-1, v.end, damaged("the root is not the one in the key slot"))
	}
}

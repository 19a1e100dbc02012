package segment

import (
	"errors"
	"fmt"
)

// What can be wrong with a segment file. They are told apart with [errors.Is].
var (
	// ErrNotSegment: the file does not begin as a segment does. It is somebody else's.
	ErrNotSegment = errors.New("not a segment file")
	// ErrVersion: the file is a segment of a version that this program cannot read.
	ErrVersion = errors.New("segment version not supported")
	// ErrNoHeader: the writer was cut off inside the header, so nothing else is in the file.
	ErrNoHeader = errors.New("segment has no whole header")
	// ErrDamaged: bytes are missing or are not those that were written.
	ErrDamaged = errors.New("damaged")
	// ErrUnsealed: there is no seal at the end. The segment is being written, or was cut off.
	ErrUnsealed = errors.New("segment is not sealed")
	// ErrSealed: nothing more can be appended.
	ErrSealed = errors.New("segment is sealed")
	// ErrFull: the segment has as many records as it can have; begin another.
	ErrFull = errors.New("segment is full")
	// ErrKey: the key is not this segment's.
	ErrKey = errors.New("key is of another segment")
	// ErrLocked: Read was called before Unlock.
	ErrLocked = errors.New("segment is not unlocked")
)

// Problem is one thing found wrong with a segment, and where.
type Problem struct {
	Record int   // number of the record, from 0; -1 when it is not in a record
	Offset int64 // of the damaged part's first byte in the file
	Err    error
}

func (p *Problem) Error() string {
	if p.Record < 0 {
		return fmt.Sprintf("at byte %d: %v", p.Offset, p.Err)
	}
	return fmt.Sprintf("record %d at byte %d: %v", p.Record, p.Offset, p.Err)
}

func (p *Problem) Unwrap() error { return p.Err }

// damaged is an [ErrDamaged] that says in which way.
func damaged(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrDamaged, fmt.Sprintf(format, args...))
}

package packing

import (
	"context"
	"errors"
	"fmt"
	"io"

	"varuh/accesslog/evidence/record"
	"varuh/accesslog/people"
)

// maxPaper bounds a handover record: it has some hundred lines.
const maxPaper = 8 << 20

// Paper is the handover record of a package that is there, as it is in it, to be printed and signed before the package leaves:
// only on paper from the appliance does its fingerprint tell a package from a forged one. Whoever reads it learns what the request
// says: that is for the caller to enter. The errors are those of Prepare.
func (j *Jobs) Paper(ctx context.Context, s people.Session, request string) (paper []byte, err error) {
	p, _, err := j.takeable(ctx, s, request)
	if err != nil {
		return nil, err
	}
	o, err := j.o.Shelf.Open(p.Place)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, o.Close()) }()
	f, err := o.Open(record.Name)
	if err != nil {
		return nil, fmt.Errorf("couldn't open the handover record: %w", err)
	}
	paper, err = io.ReadAll(io.LimitReader(f, maxPaper+1))
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, fmt.Errorf("couldn't read the handover record: %w", err)
	}
	if len(paper) > maxPaper {
		return nil, fmt.Errorf("the handover record has more than %d bytes", maxPaper)
	}
	return paper, nil
}

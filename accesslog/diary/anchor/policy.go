package anchor

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"varuh/accesslog/diary/proof"
)

// Policy is who is asked, and how many must answer.
type Policy struct {
	witnesses   []*Witness
	quorum      int
	authorities []*Authority
}

// NewPolicy takes the parties; quorum is how many of the witnesses must have cosigned a checkpoint for
// it to count as kept, 0 only where there are none.
func NewPolicy(witnesses []*Witness, quorum int, authorities []*Authority) (*Policy, error) {
	if quorum < 0 || quorum > len(witnesses) || quorum == 0 && len(witnesses) > 0 {
		return nil, fmt.Errorf("%d of %d witnesses can't be asked for; choose 1 to %[2]d", quorum, len(witnesses))
	}
	names, keys := map[string]bool{}, map[string]bool{}
	for _, w := range witnesses {
		// What a witness signs doesn't name its key, so two names with one key would be one voice heard twice.
		name, public := w.Name(), strings.SplitN(w.key.String(), "+", 3)[2]
		if names[name] {
			return nil, fmt.Errorf("two witnesses have the name %s; leave one out", name)
		}
		if keys[public] {
			return nil, fmt.Errorf("witness %s has the key of another; leave one out", name)
		}
		names[name], keys[public] = true, true
	}
	return &Policy{witnesses, quorum, authorities}, nil
}

// Failure is a party that gave nothing in a round.
type Failure struct {
	Party string
	Err   error
}

// Round is what came of asking everybody about one checkpoint.
type Round struct {
	Size         int64
	Checkpoint   []byte // with the cosignatures of this round behind the diary's own signatures
	Cosignatures []Cosignature
	Timestamps   []Timestamp
	Failures     []Failure
	Kept         bool // the quorum of witnesses has cosigned
	Enough       bool // nothing is to be tried again soon: kept if there are witnesses, timestamped if there are authorities
}

// Anchor asks all parties at the same time about a checkpoint, which must be durable in the diary. last
// tells the size that a witness cosigned last, by the name of its key, as far as is known, else 0.
func (p *Policy) Anchor(ctx context.Context, log Log, c proof.Signed, last func(witness string) int64) Round {
	cosignatures, timestamps := make([]Cosignature, len(p.witnesses)), make([]Timestamp, len(p.authorities))
	cosignErrs, timestampErrs := make([]error, len(p.witnesses)), make([]error, len(p.authorities))
	var asked sync.WaitGroup
	for i, w := range p.witnesses {
		known := last(w.Name())
		asked.Go(func() { cosignatures[i], cosignErrs[i] = w.Cosign(ctx, log, c, known) })
	}
	for i, s := range p.authorities {
		asked.Go(func() { timestamps[i], timestampErrs[i] = s.Timestamp(ctx, c) })
	}
	asked.Wait()

	r := Round{Size: c.Size, Checkpoint: ownNote(c)}
	for i, err := range cosignErrs {
		if err != nil {
			r.Failures = append(r.Failures, Failure{p.witnesses[i].Name(), err})
			continue
		}
		r.Cosignatures = append(r.Cosignatures, cosignatures[i])
		r.Checkpoint = append(r.Checkpoint, cosignatures[i].Line...)
	}
	for i, err := range timestampErrs {
		if err != nil {
			r.Failures = append(r.Failures, Failure{p.authorities[i].Name(), err})
			continue
		}
		r.Timestamps = append(r.Timestamps, timestamps[i])
	}
	r.Kept = p.quorum > 0 && len(r.Cosignatures) >= p.quorum
	r.Enough = (r.Kept || len(p.witnesses) == 0) && (len(r.Timestamps) > 0 || len(p.authorities) == 0)
	return r
}

// Err joins what went wrong, nil if nothing did.
func (r Round) Err() error {
	var errs []error
	for _, f := range r.Failures {
		errs = append(errs, f.Err)
	}
	return errors.Join(errs...)
}

// Rollback is the first [*AheadError] or [*ConflictError] of the round: the word of a witness that the
// diary is not what it was. One is enough for an incident, whatever the quorum.
func (r Round) Rollback() error {
	for _, f := range r.Failures {
		if _, ok := errors.AsType[*AheadError](f.Err); ok {
			return f.Err
		}
		if _, ok := errors.AsType[*ConflictError](f.Err); ok {
			return f.Err
		}
	}
	return nil
}

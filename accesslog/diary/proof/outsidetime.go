package proof

import (
	"slices"
	"time"
)

// clocksDiffer is how much the clock of an outside party may be slow without a prune being held to be early.
const clocksDiffer = time.Hour

// younger looks for an outside time that shows entries below the cut to be younger than the prune
// claims: what is behind a checkpoint arose after an outside party saw that. Two zones may differ by 14 hours.
func (v *verifier) younger(p Prune) (size int64, at time.Time, ok bool) {
	for _, e := range slices.Concat(v.past, v.held) {
		if e.state != Yes || e.Size >= p.Cut {
			continue
		}
		for _, a := range v.anchorsOf(e) {
			if a.at.Add(-14*time.Hour).Year() > p.Year {
				return e.Size, a.at, true
			}
		}
	}
	return 0, time.Time{}, false
}

// seenBehind finds the first trusted outside time before a moment, of a checkpoint that has the entry of that index: then
// the entry is older than the moment, whatever its own time and evidence say.
func (v *verifier) seenBehind(index int64, moment time.Time) (first Anchor, ok bool) {
	for _, e := range slices.Concat([]earlier{v.itself()}, v.past, v.held) {
		if e.state != Yes || e.Size <= index {
			continue
		}
		for _, a := range v.anchorsOf(e) {
			if a.Known && !a.at.IsZero() && a.at.Add(clocksDiffer).Before(moment) && (!ok || a.at.Before(first.at)) {
				first, ok = a, true
			}
		}
	}
	return first, ok
}

// shown tells whether the evidence of a prune is in the bundle and was verified.
func (v *verifier) shown(p Prune) bool {
	for _, e := range slices.Concat([]earlier{v.itself()}, v.past, v.held) {
		for _, a := range v.anchorsOf(e) {
			if e.state == Yes && e.Size == p.Size && a.Known && a.Party == p.Party && a.at.Equal(p.Time) {
				return true
			}
		}
	}
	return false
}

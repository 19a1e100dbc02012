package proof

import (
	"slices"
	"time"
)

// evidenceWrong says why the outside time that a prune rests on can't be true by what the prune and the entries say
// themselves, or nothing: nobody can have seen a checkpoint that was not there yet; one that lacks entries which are
// gone says that they arose after its time, so after their year; and nobody outside was there before entry 0.
func (v *verifier) evidenceWrong(m mark, p Prune) Sentence {
	switch {
	case p.Size > m.Index:
		return say("zunanji čas naj bi bil čas kontrolne točke z velikostjo %d, ki je takrat še ni bilo", "the outside time is said to be of the checkpoint of size %d, which was not there yet", p.Size)
	case p.Size < p.Cut:
		return say("zunanji čas je čas kontrolne točke z velikostjo %d, torej so izbrisani zapisi od %d naprej nastali po roku",
			"the outside time is of the checkpoint of size %d, so the entries from %d on that were destroyed arose after the term", p.Size, p.Size)
	case v.allFromStart() && !v.prunedBefore(m.Index):
		return say("prvi izbris sme potrditi le oseba, potrdila pa naj bi ga zunanja priča", "only a person can confirm the first pruning, but an outside party is said to have")
	}
	return Sentence{}
}

// allFromStart tells whether every entry from 0 on is there and what it says of the log is known.
func (v *verifier) allFromStart() bool { return v.about.From == 0 && v.whole && !v.tooMany }

// prunedBefore tells whether an earlier prune is among the entries.
func (v *verifier) prunedBefore(index int64) bool {
	return slices.ContainsFunc(v.marks, func(c mark) bool { return c.Op == OpPrune && c.Index < index })
}

// beforeAll tells whether a year was over before the first entry of the log, if that is there. Two zones may differ by 14
// hours.
func (v *verifier) beforeAll(year int) bool {
	return v.allFromStart() && v.began.Add(-14*time.Hour).Year() > year
}

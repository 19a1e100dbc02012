package proof

import (
	"cmp"
	"slices"
)

// change is a key.rotate that the bundle tells of.
type change struct {
	Rotation
	index  int64
	told   bool      // its manifest is at hand
	proven *rotation // nil where only its entry tells of it
}

// judgeOrder names the changes of the key whose old key was not in force any more, proven or not: whoever stole a key
// that was replaced can sign another change from it. No key follows from one like that.
func (v *verifier) judgeOrder() {
	var now *Key            // the key in force; nil where that is not told
	gone := map[Key]int64{} // the keys that were replaced, and by which entry
	for _, c := range v.changes() {
		by, replaced := gone[c.Old]
		switch {
		case !c.told:
			if now != nil {
				gone[*now] = c.index
			}
			now = nil
			continue
		case now == nil && replaced, now != nil && c.Old != *now:
			if c.proven != nil {
				c.proven.usurped = true
			}
			v.tellUsurped(c, by, replaced)
			continue
		}
		gone[c.Old], now = c.index, &c.New
	}
}

func (v *verifier) tellUsurped(c change, by int64, replaced bool) {
	s := say("Zamenjava podpisnega ključa z zapisom %d NE VELJA: ključ, ki naj bi ga zamenjala, takrat ni veljal.",
		"The change of the signing key by entry %d DOES NOT COUNT: the key that it says it replaces was not in force.", c.index)
	if replaced {
		s = say("Zamenjava podpisnega ključa z zapisom %d NE VELJA: ključ, ki naj bi ga zamenjala, je zamenjal že zapis %d.",
			"The change of the signing key by entry %d DOES NOT COUNT: entry %d had replaced that key already.", c.index, by)
	}
	v.report.add(Finding{Code: CodeOldKey, Bad: true, Index: &c.index, Sentence: s})
}

// changes are those of the diary's present name, by index. A change says by the names of its keys which name it is of;
// one whose manifest is withheld may be of it.
func (v *verifier) changes() (list []change) {
	for i := range v.trust.rotations {
		r := &v.trust.rotations[i]
		list = append(list, change{r.Rotation, r.index, true, r})
	}
	for _, m := range v.marks {
		if m.Op != OpRotate || slices.ContainsFunc(list, func(c change) bool { return c.index == m.Index }) {
			continue
		}
		r, err := ParseRotation(m.manifest)
		list = append(list, change{r, m.Index, err == nil, nil})
	}
	list = slices.DeleteFunc(list, func(c change) bool {
		return c.told && c.Old.Name() != v.about.Origin && c.New.Name() != v.about.Origin
	})
	slices.SortFunc(list, func(a, b change) int { return cmp.Compare(a.index, b.index) })
	return list
}

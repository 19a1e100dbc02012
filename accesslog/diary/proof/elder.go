package proof

import "slices"

// A diary that went back goes on under a new name, and so its earlier checkpoints are of another one. The
// tree is the same: up to the entry that begins the new name, a root is as good as under one name.

// openElder opens a checkpoint that somebody kept of a log of another name.
func (v *verifier) openElder(c Checkpoint, msg []byte) {
	e := earlier{held: true}
	var err error
	if e.Signed, err = OpenCheckpoint(msg, v.trust.elders...); err != nil {
		e.Signed = Signed{Checkpoint: c, Note: msg}
	}
	v.want(c.Size)
	v.held = append(v.held, e)
}

// compareElder decides whether the log goes on from a checkpoint of another name. An equal root says so by
// itself; that entries were lost takes a name that the diary had, and a signature.
func (v *verifier) compareElder(e *earlier) {
	left, ok := v.incidents.leftAt(e.Origin)
	root, computed := v.roots[e.Size]
	computed = computed && v.whole && v.fits
	e.state = Unknown
	switch {
	case !v.signed || !v.whole || !v.fits:
	case computed && e.Size > 0 && root == e.Root:
		e.state = Yes
	case !ok:
		e.code, e.why = CodeOtherLog, v.otherName(e)
	case len(e.Signers) == 0 && slices.ContainsFunc(v.trust.elders, func(k Key) bool { return k.Name() == e.Origin }):
		e.code, e.why = CodeOtherKey, say("Shranjena kontrolna točka nosi prejšnje ime tega dnevnika (%q), podpisana pa je z DRUGIM ključem ali napačno.",
			"The checkpoint that was kept bears the diary's earlier name (%q), but is signed by ANOTHER key, or wrongly.", e.Origin)
	case len(e.Signers) == 0:
		e.code, e.why = CodeNotJoined, say("Shranjena kontrolna točka je od prejšnjega imena tega dnevnika (%q), njenega podpisa pa ni mogoče preveriti: navedite ključ tistega imena (--key).",
			"The checkpoint that was kept is of the diary's earlier name (%q), but its signature can't be verified: give the key of that name (--key).", e.Origin)
	case e.Size > left, computed:
		e.state, e.left = No, left
	}
}

// otherName says that a checkpoint is of another diary, or that it might be of this one.
func (v *verifier) otherName(e *earlier) Sentence {
	if v.about.From > 0 || v.incidents.untold() {
		return say("Shranjena kontrolna točka je od dnevnika z imenom %q; ali se je ta prej imenoval tako, iz svežnja ni razvidno.",
			"The checkpoint that was kept is of a diary named %q; the bundle does not tell whether this one had that name before.", e.Origin)
	}
	return say("Shranjena kontrolna točka je od drugega dnevnika: %q.", "The checkpoint that was kept is of another diary: %q.", e.Origin)
}

// tellLost says that entries under the earlier name are gone, though two persons accepted that.
func (v *verifier) tellLost(e earlier) {
	v.report.add(Finding{Code: CodeRollback, Bad: true, Size: &e.Size, Sentence: say(
		"ZAPISI SO IZGUBLJENI: po shranjeni kontrolni točki je imel dnevnik pod prejšnjim imenom zapisov %d; nadaljuje se od zapisa %d, in tisti pred njim niso vsi isti.",
		"ENTRIES ARE LOST: by the checkpoint that was kept, the diary had %d entries under its earlier name; it goes on from entry %d, and those before it are not all the same.", e.Size, e.left)})
}

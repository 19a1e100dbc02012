package proof

import (
	"errors"
	"fmt"
	"slices"

	"golang.org/x/mod/sumdb/note"
)

// VerifyInclusion checks a proof that one entry is in the log. Attached are bodies and manifests that
// may belong to it, found by their hashes. The error is one of reading or of Each, or [ErrVersion] as with
// [VerifyBundle].
func VerifyInclusion(file []byte, attached [][]byte, o VerifyOptions) (*Report, error) {
	p, err := ParseInclusion(file)
	if err != nil {
		return nil, err
	}
	v, err := newSingle(p.Checkpoint, o)
	if err != nil {
		return nil, err
	}
	v.report.From, v.report.To = p.Index, p.Index+1
	if leaf, err := ParseLeaf(p.Leaf); errors.Is(err, ErrVersion) {
		v.newer, v.newerAt = fmt.Errorf("entry %d: %w", p.Index, err), p.Index
	} else if err != nil || leaf.Index != p.Index {
		v.report.add(badEntry(CodeEntry, p.Index, "v datoteki ni zapisa ali ni v pravi obliki", "the file lacks the entry, or it is not in its format"))
	} else if err := v.attach(leaf, attached); err != nil {
		return nil, err
	}
	v.fits = CheckInclusion(p.Hashes, v.main.Checkpoint, p.Index, HashLeaf(p.Leaf)) == nil
	if !v.fits {
		v.report.add(badEntry(CodeRoot, p.Index, "ni v dnevniku, za katerega je bila podpisana kontrolna točka", "not in the diary that the checkpoint was signed for"))
	}
	v.finish()
	if err := v.judgeNewer(); err != nil {
		return nil, err
	}
	v.concludeSingle()
	return &v.report, nil
}

// newSingle prepares verifying something that hangs on one checkpoint, without a bundle.
func newSingle(checkpoint []byte, o VerifyOptions) (*verifier, error) {
	c, err := ReadCheckpoint(checkpoint)
	if err != nil {
		return nil, err
	}
	v := &verifier{o: o, about: About{Origin: c.Origin, Size: c.Size, From: c.Size, To: c.Size}, roots: map[int64]Hash{}, whole: true, fits: true}
	v.report.Origin, v.report.Size, v.report.Root = c.Origin, c.Size, c.Root
	v.trust = newTrust(c.Origin, o.Keys, o.Fingerprints, o.Enclosed)
	v.main, err = OpenCheckpoint(checkpoint, v.trust.keys...)
	v.signed = err == nil
	if err != nil {
		var wrong *note.InvalidSignatureError
		v.forged = errors.As(err, &wrong)
		v.main = Signed{Checkpoint: c, Note: checkpoint}
	}
	return v, nil
}

// attach holds bodies and manifests against the leaf.
func (v *verifier) attach(leaf Leaf, attached [][]byte) error {
	var parts checkedChunk
	var body *Body
	var manifest []byte
	for _, b := range attached {
		switch HashBody(b) {
		case leaf.Body:
			body = parts.body(leaf, b)
		case orZero(leaf.Obj):
			manifest = parts.manifest(leaf, b)
		default:
			parts.finding(badEntry(CodeBody, leaf.Index, "priložena datoteka ni njegova vsebina in ne njegov seznam", "an enclosed file is neither its body nor its manifest"))
		}
	}
	v.report.Bodies = parts.bodies
	for _, f := range parts.findings {
		v.report.add(f)
	}
	if v.o.Each == nil {
		return nil
	}
	return v.o.Each(leaf, body, manifest)
}

func orZero(h *Hash) Hash {
	if h == nil {
		return Hash{}
	}
	return *h
}

// finish judges what hangs on one checkpoint: without the log's key nothing is known, but nothing is
// wrong yet either.
func (v *verifier) finish() {
	v.openHeld()
	v.judgeHistory()
	if !v.signed {
		v.judgeUnsigned()
	}
	v.judgeKeys()
	v.judgeStrangers()
	v.judgeAnchors()
}

// concludeSingle comes to the first verdict.
func (v *verifier) concludeSingle() {
	v.report.Intact = intact(&v.report, v.fits)
	if !v.signed && v.report.Intact.State != No {
		v.report.Intact = Verdict{Unknown, say("Dokaz se ujema, podpis pa ni preverjen.", "The proof fits, but the signature was not verified.")}
	}
}

// judgeUnsigned says why the signature is not known to be right.
func (v *verifier) judgeUnsigned() {
	switch {
	case v.forged:
		v.report.bad(CodeSignature, say("Podpis kontrolne točke ni pravi.", "The signature of the checkpoint is wrong."))
	case v.trust.knowsLogKey():
		v.report.bad(CodeSignature, say("Kontrolna točka ni podpisana z vašim ključem.", "The checkpoint is not signed by your key."))
	case v.trust.knowsLog():
		v.report.note(CodeKeyUnknown, say("Prstni odtis sam ne preveri podpisa: podajte še datoteko s ključem (keys.txt iz svežnja).",
			"A fingerprint alone does not verify a signature: give the file with the key, too (keys.txt of a bundle)."))
	default:
		v.report.note(CodeKeyUnknown, say("Navedite ključ dnevnika (--key); brez njega podpisa ni mogoče preveriti.", "Give the diary's key (--key); without it the signature can't be verified."))
	}
}

// VerifyCheckpoints checks whether of two checkpoints the larger goes on from the other. Proofs are
// files of consistency that may join them; checkpoints of one size need none.
func VerifyCheckpoints(one, other []byte, proofs [][]byte, o VerifyOptions) (*Report, error) {
	a, err := ReadCheckpoint(one)
	if err != nil {
		return nil, err
	}
	b, err := ReadCheckpoint(other)
	if err != nil {
		return nil, err
	}
	if a.Size > b.Size {
		one, other, a, b = other, one, b, a
	}
	if a.Origin != b.Origin {
		return nil, fmt.Errorf("%q and %q are two diaries: there is nothing to compare", a.Origin, b.Origin)
	}
	o.Held = append(slices.Clone(o.Held), one)
	v, err := newSingle(other, o)
	if err != nil {
		return nil, err
	}
	for _, file := range proofs {
		p, err := ParseConsistency(file)
		if err != nil {
			return nil, err
		}
		if p.Old == a.Size {
			v.past = append(v.past, earlier{Signed: Signed{Checkpoint: a}, consistency: &p})
		}
	}
	v.finish()
	v.concludeSingle()
	switch {
	case v.report.Intact.State == No:
	case v.signed:
		v.report.Intact = Verdict{Unknown, say("Primerjani sta bili le kontrolni točki; zapisov ni nihče pogledal.",
			"Only the two checkpoints were compared; nobody looked at the entries.")}
	default:
		v.report.Intact = Verdict{Unknown, say("Podpisov kontrolnih točk ni mogoče preveriti.", "The signatures of the checkpoints can't be verified.")}
	}
	return &v.report, nil
}

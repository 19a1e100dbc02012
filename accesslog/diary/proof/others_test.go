package proof

import (
	"bytes"
	"crypto/rand"
	"testing"

	tdlog "github.com/transparency-dev/formats/log"
	tdnote "github.com/transparency-dev/formats/note"
	tdtlogproof "github.com/transparency-dev/formats/proof"
	"golang.org/x/mod/sumdb/note"
)

// Somebody else's code reads our checkpoints, with a cosignature of ours.
func TestOthersReadCheckpoints(t *testing.T) {
	t.Parallel()
	l, w := newLog(t, 12), witness(t, "witness.example/1", testStart)
	log, err := note.NewVerifier(l.key().String())
	must(t, err)
	cosigned, err := tdnote.NewVerifierForCosignatureV1(w.String())
	must(t, err)
	c, _, n, err := tdlog.ParseCheckpoint(l.sign(12, w), l.origin, log, cosigned)
	must(t, err)
	if c.Origin != l.origin || c.Size != 12 || Hash(c.Hash) != l.at(12).Root || len(n.Sigs) != 2 {
		t.Errorf("they read %+v with %d signatures", c, len(n.Sigs))
	}
	for _, s := range n.Sigs {
		if s.Name != w.Name() {
			continue
		}
		if at, err := tdnote.CoSigV1Timestamp(s); err != nil || !at.Equal(testStart) {
			t.Errorf("they read the time %v, %v", at, err)
		}
	}
}

// We read somebody else's checkpoints and cosignatures.
func TestReadOthersCheckpoints(t *testing.T) {
	t.Parallel()
	secret, public, err := note.GenerateKey(rand.Reader, testOrigin)
	must(t, err)
	signer, err := note.NewSigner(secret)
	must(t, err)
	secret, public2, err := note.GenerateKey(rand.Reader, "witness.example/2")
	must(t, err)
	cosigner, err := tdnote.NewSignerForCosignatureV1(secret)
	must(t, err)
	public2, err = tdnote.VKeyToCosignatureV1(public2)
	must(t, err)
	want := newLog(t, 7).at(7)
	text := tdlog.Checkpoint{Origin: testOrigin, Size: 7, Hash: want.Root[:]}.Marshal()
	msg, err := note.Sign(&note.Note{Text: string(text)}, signer, cosigner)
	must(t, err)
	var keys []Key
	for _, s := range []string{public, public2} {
		k, err := ParseKey(s)
		must(t, err)
		keys = append(keys, k)
	}
	s, err := OpenCheckpoint(msg, keys...)
	must(t, err)
	if s.Checkpoint != want || len(s.Signers) != 1 || len(s.Cosignatures) != 1 || s.Cosignatures[0].Time.IsZero() {
		t.Errorf("we read %+v", s)
	}
}

// Files of proofs are the same by their hand and by ours.
func TestOthersProofFiles(t *testing.T) {
	t.Parallel()
	l := newLog(t, 12)
	for i := range l.size() {
		ours := l.proofFile(i, 12)
		var p tdtlogproof.TLogProof
		must(t, p.Unmarshal(ours))
		if p.Index != uint64(i) || !bytes.Equal(p.ExtraData, l.entries[i].Leaf) || !bytes.Equal(p.Marshal(), ours) {
			t.Errorf("they read entry %d as %+v", i, p)
		}
		p.ExtraData = nil
		again, err := ParseInclusion(p.Marshal())
		must(t, err)
		if _, err := again.Verify(l.entries[i].Leaf, l.keys...); err != nil {
			t.Error(err)
		}
	}
}

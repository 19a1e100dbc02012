package proof

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// An entry that a hold keeps past its term has lost the entries around it, so no chunk of leaves can have it. It is
// in a bundle with a proof of its own, in three files: the proof with its leaf, its body, its manifest.
const (
	pinnedProof    = ".tlog-proof"
	pinnedBody     = ".body.json"
	pinnedManifest = ".manifest.json"
)

// Pin writes an entry from before the bundle, with the hashes that prove it in the bundle's checkpoint. It is written
// before the first entry of the bundle itself, and each only once.
func (w *BundleWriter) Pin(e Entry, hashes []Hash, checkpoint []byte) error {
	l, err := w.checkPinned(e, hashes, checkpoint)
	w.fail(err)
	w.write(pinnedName(l.Index, pinnedProof), Inclusion{l.Index, e.Leaf, hashes, checkpoint}.Text())
	if e.Body != nil {
		w.write(pinnedName(l.Index, pinnedBody), e.Body)
	}
	if e.Manifest != nil {
		w.write(pinnedName(l.Index, pinnedManifest), e.Manifest)
	}
	return w.err
}

func (w *BundleWriter) checkPinned(e Entry, hashes []Hash, checkpoint []byte) (l Leaf, err error) {
	c, err := ReadCheckpoint(checkpoint)
	if err != nil {
		return l, err
	}
	if l, err = ParseLeaf(e.Leaf); err != nil {
		return l, fmt.Errorf("a pinned entry: %w", err)
	}
	switch {
	case l.Index >= w.about.From:
		return l, fmt.Errorf("entry %d is not from before the bundle, which begins with entry %d", l.Index, w.about.From)
	case c.Origin != w.about.Origin || c.Size != w.about.Size:
		return l, fmt.Errorf("entry %d comes with a proof for another checkpoint than the bundle's", l.Index)
	}
	if err := CheckInclusion(hashes, c, l.Index, HashLeaf(e.Leaf)); err != nil {
		return l, err
	}
	return l, parts(l, e)
}

// judgePinned checks the entries from before the bundle.
func (v *verifier) judgePinned() error {
	files, err := fs.ReadDir(v.bundle, pinnedDir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, f := range files {
		index, ok := strings.CutSuffix(f.Name(), pinnedProof)
		if !ok {
			continue // the parts are read with their proof; another file is named as one that nothing covers
		}
		v.read[path.Join(pinnedDir, f.Name())] = true
		if err := v.pinned(index); err != nil {
			return err
		}
	}
	if n := v.report.Pinned; n > 0 {
		v.report.note(CodePinned, say("Zapisi izpred svežnja, ki jih hrani zadržanje: %d; vsak ima svoje dokazilo.",
			"Entries from before the bundle that a hold keeps: %d, each with a proof of its own.", n))
	}
	return nil
}

// pinned checks one of them, by its index as its files are named.
func (v *verifier) pinned(name string) error {
	text, err := readFile(v.bundle, path.Join(pinnedDir, name+pinnedProof), MaxBody)
	if err != nil {
		return err
	}
	p, err := ParseInclusion(text)
	leaf := Leaf{}
	if err == nil {
		leaf, err = ParseLeaf(p.Leaf)
	}
	if err == nil && (leaf.Index != p.Index || pinnedName(p.Index, "") != path.Join(pinnedDir, name) || p.Index >= v.about.From) {
		err = fmt.Errorf("it is in the place of another entry: %w", ErrFormat)
	}
	if err == nil && !bytes.Equal(p.Checkpoint, v.main.Note) {
		err = fmt.Errorf("its proof is for another checkpoint: %w", ErrProof)
	}
	if err == nil {
		err = CheckInclusion(p.Hashes, v.main.Checkpoint, p.Index, HashLeaf(p.Leaf))
	}
	if errors.Is(err, ErrVersion) {
		return err
	}
	if err != nil {
		v.report.bad(CodeRoot, say("Zapis %s, ki ga hrani zadržanje, ni dokazan (%v).", "Entry %s, which a hold keeps, is not proven (%v).", name, err))
		return nil
	}
	return v.pinnedParts(leaf, name)
}

// pinnedParts checks body and manifest of an entry that is proven, as far as they are there.
func (v *verifier) pinnedParts(leaf Leaf, name string) error {
	var got checkedChunk
	var body *Body
	var manifest []byte
	for ending, limit := range map[string]int64{pinnedBody: MaxBody, pinnedManifest: MaxManifest} {
		file := path.Join(pinnedDir, name+ending)
		b, err := readFile(v.bundle, file, limit)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		v.read[file] = true
		if ending == pinnedBody {
			body = got.body(leaf, b)
		} else {
			manifest = got.manifest(leaf, b)
		}
	}
	for _, f := range got.findings {
		v.report.add(f)
	}
	v.report.Pinned++
	if v.o.Each != nil && !slices.ContainsFunc(got.findings, func(f Finding) bool { return f.Bad }) {
		return v.o.Each(leaf, body, manifest)
	}
	return nil
}

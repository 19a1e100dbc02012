package proof

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"io"
	"strings"
)

// BundleOptions are what a bundle holds beside its entries.
type BundleOptions struct {
	About
	Checkpoint []byte   // the signed note of Size entries, cosignatures included
	Keys       []Key    // that sign or signed the log, oldest first, and the witnesses' keys
	Frontier   Frontier // of the tree of From entries
	Onward     []Hash   // consistency from To to Size; none if they are equal
	Past       []Past   // earlier checkpoints worth showing: at prunes and anchors
	Rotations  []RotationProof
}

// NewZip begins a zip file that a bundle can be written to. It compresses quickly rather than well:
// most of a diary is hashes.
func NewZip(w io.Writer) *zip.Writer {
	z := zip.NewWriter(w)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) {
		return flate.NewWriter(w, flate.BestSpeed)
	})
	return z
}

// BundleWriter writes a bundle as its entries come, and holds no more than a chunk of them. It checks
// what it writes: a bundle that would not verify ends in an error. An error stays.
type BundleWriter struct {
	archive Archive
	about   About
	onward  func(Checkpoint) error
	tree    Frontier

	first                     int64 // index of the chunk's first entry
	leaves, bodies, manifests bytes.Buffer
	opened, listed            bool // whether the chunk has a body, a manifest
	err                       error
}

// NewBundleWriter begins a bundle in an archive with all that is not entries.
func NewBundleWriter(a Archive, o BundleOptions) (*BundleWriter, error) {
	c, err := ReadCheckpoint(o.Checkpoint)
	if err != nil {
		return nil, err
	}
	about, err := o.Encode()
	if err != nil {
		return nil, err
	}
	if c.Origin != o.Origin || c.Size != o.Size || o.Frontier.Size() != o.From {
		return nil, fmt.Errorf("a bundle of %d entries of %q from entry %d, but the checkpoint has %d of %q and the frontier %d: %w",
			o.Size, o.Origin, o.From, c.Size, c.Origin, o.Frontier.Size(), ErrFormat)
	}
	w := &BundleWriter{archive: a, about: o.About, tree: o.Frontier.Clone(), first: o.From}
	w.onward = func(to Checkpoint) error { return CheckConsistency(o.Onward, to, c) }
	w.write(aboutFile, append(about, '\n'))
	w.write(checkpointFile, o.Checkpoint)
	w.write(keysFile, keyLines(o.Keys))
	w.write(frontierFile, []byte(o.Frontier.Text()))
	if o.To < o.Size {
		w.write(onwardFile, Consistency{o.To, o.Onward, o.Checkpoint}.Text())
	}
	for n, p := range o.Past {
		w.past(n, p, o.Checkpoint)
	}
	for _, r := range o.Rotations {
		w.rotation(r, o.Checkpoint)
	}
	return w, w.err
}

func keyLines(keys []Key) []byte {
	var b bytes.Buffer
	for _, k := range keys {
		b.WriteString(k.String() + "\n")
	}
	return b.Bytes()
}

func (w *BundleWriter) past(n int, p Past, checkpoint []byte) {
	c, err := ReadCheckpoint(p.Note)
	if w.fail(err); n >= maxPast {
		w.fail(fmt.Errorf("a bundle takes at most %d earlier checkpoints", maxPast))
	}
	w.write(pastName(n, ".txt"), p.Note)
	if p.Consistency != nil {
		w.write(pastName(n, ".consistency"), Consistency{c.Size, p.Consistency, checkpoint}.Text())
	}
	for i, token := range p.Timestamps {
		w.write(pastName(n, fmt.Sprintf("-%d.tst", i)), token)
	}
}

func (w *BundleWriter) rotation(r RotationProof, checkpoint []byte) {
	l, err := ParseLeaf(r.Leaf)
	w.fail(err)
	w.write(rotationName(l.Index, ".tlog-proof"), Inclusion{l.Index, r.Leaf, r.Inclusion, r.Checkpoint}.Text())
	w.write(rotationName(l.Index, ".json"), r.Manifest)
	w.write(rotationName(l.Index, ".consistency"), Consistency{l.Index + 1, r.Consistency, checkpoint}.Text())
}

func (w *BundleWriter) fail(err error) {
	if w.err == nil {
		w.err = err
	}
}

// write puts one whole file into the archive.
func (w *BundleWriter) write(name string, b []byte) {
	if w.err != nil {
		return
	}
	f, err := w.archive.Create(name)
	if err == nil {
		_, err = f.Write(b)
	}
	if err != nil {
		w.fail(fmt.Errorf("couldn't write %s of the bundle: %w", name, err))
	}
}

// Add writes the next entry. It must be the one that follows, and its body and manifest those that
// its leaf says.
func (w *BundleWriter) Add(e Entry) error {
	if w.err != nil {
		return w.err
	}
	if err := w.check(e); err != nil {
		w.fail(err)
		return err
	}
	w.tree.Add(HashLeaf(e.Leaf))
	for _, part := range []struct {
		to    *bytes.Buffer
		bytes []byte
	}{{&w.leaves, e.Leaf}, {&w.bodies, e.Body}, {&w.manifests, e.Manifest}} {
		part.to.Write(part.bytes)
		part.to.WriteByte('\n')
	}
	w.opened = w.opened || e.Body != nil
	w.listed = w.listed || e.Manifest != nil
	if w.tree.Size()-w.first == chunkEntries || w.leaves.Len()+w.bodies.Len()+w.manifests.Len() >= chunkBytes {
		w.flush()
	}
	return w.err
}

func (w *BundleWriter) check(e Entry) error {
	l, err := ParseLeaf(e.Leaf)
	switch next := w.tree.Size(); {
	case err != nil:
		return fmt.Errorf("entry %d: %w", next, err)
	case l.Index != next || next >= w.about.To:
		return fmt.Errorf("entry %d came where entry %d of %d should", l.Index, next, w.about.To)
	}
	return parts(l, e)
}

// parts holds body and manifest of an entry, as far as they are handed out, against its leaf.
func parts(l Leaf, e Entry) error {
	switch {
	case e.Body != nil && HashBody(e.Body) != l.Body:
		return fmt.Errorf("the body of entry %d is not the one in its leaf", l.Index)
	case e.Manifest != nil && (l.Obj == nil || HashBody(e.Manifest) != *l.Obj):
		return fmt.Errorf("the manifest of entry %d is not the one in its leaf", l.Index)
	case len(e.Manifest) > MaxManifest || bytes.IndexByte(e.Manifest, '\n') >= 0:
		return fmt.Errorf("the manifest of entry %d is longer than %d bytes, or than a line", l.Index, MaxManifest)
	}
	return nil
}

// flush writes the chunk, if there is any.
func (w *BundleWriter) flush() {
	if w.first == w.tree.Size() {
		return
	}
	w.write(chunkName(leavesDir, w.first), w.leaves.Bytes())
	if w.opened {
		w.write(chunkName(bodiesDir, w.first), w.bodies.Bytes())
	}
	if w.listed {
		w.write(chunkName(manifestsDir, w.first), w.manifests.Bytes())
	}
	w.leaves.Reset()
	w.bodies.Reset()
	w.manifests.Reset()
	w.first, w.opened, w.listed = w.tree.Size(), false, false
}

// File begins a file for people, such as dnevnik.html, after the last entry. No proof covers it.
func (w *BundleWriter) File(name string) (io.Writer, error) {
	if name == "" || strings.ContainsAny(name, "/\\:") || name == aboutFile || strings.HasSuffix(name, ".txt") {
		return nil, fmt.Errorf("%q cannot be a file for people in a bundle", name)
	}
	w.flush()
	if w.err != nil {
		return nil, w.err
	}
	f, err := w.archive.Create(name)
	if err != nil {
		w.fail(fmt.Errorf("couldn't write %s of the bundle: %w", name, err))
	}
	return f, w.err
}

// Close ends the bundle, but not the archive. The error says so if the entries are not all of those
// of the checkpoint; such a bundle is not to be handed out.
func (w *BundleWriter) Close() error {
	w.flush()
	if w.err != nil {
		return w.err
	}
	if n := w.tree.Size(); n != w.about.To {
		w.fail(fmt.Errorf("the bundle ends at entry %d instead of %d", n, w.about.To))
	} else if err := w.onward(Checkpoint{w.about.Origin, n, w.tree.Root()}); err != nil {
		w.fail(fmt.Errorf("the entries are not those that the checkpoint was signed for: %w", err))
	}
	if err := w.err; err != nil {
		return err
	}
	w.err = errors.New("the bundle is closed")
	return nil
}

package evidence

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"varuh/accesslog/diary/proof"
)

// limits are where clips end.
type limits struct {
	soft      int64 // bytes after which a clip ends before the next key frame
	hard      int64 // bytes that none has more of
	samples   int   // after which one ends
	fragments int
}

// A file of 4 GiB does not fit a FAT32 stick. An index of 2^18 samples takes some 5 MB: 2.9 hours of 25 pictures a
// second, or an hour with sound.
var usual = limits{soft: 7 << 29, hard: 1<<32 - 1, samples: 1 << 18, fragments: 1 << 13}

// Write writes a package in the steps that the package comment lists. What it returns is what the manifest says. After
// an error what was written is no package, and is to be destroyed; the error is [ErrEmpty] or [ErrTooLarge] for footage
// that no package can be made of.
func Write(ctx context.Context, dst Folder, p Package) (Manifest, error) {
	return write(ctx, dst, p, usual)
}

// write is Write with limits that a test can lower.
func write(ctx context.Context, dst Folder, p Package, l limits) (Manifest, error) {
	w := &writer{ctx: ctx, dst: dst, limits: l, derive: p.Derive, manifest: Manifest{About: p.About, Key: p.Key.String()}, sums: map[string]proof.Hash{}, at: map[[16]byte]int{}}
	for stretch, err := range p.Footage {
		if err != nil {
			return w.manifest, err
		}
		if err := w.stretch(stretch); err != nil {
			return w.manifest, err
		}
	}
	if len(w.manifest.Clips) == 0 {
		return w.manifest, ErrEmpty
	}
	for _, e := range p.Enclosed {
		if err := w.enclose(e, true); err != nil {
			return w.manifest, err
		}
	}
	if err := w.guide(p); err != nil {
		return w.manifest, err
	}
	b, err := w.sign(p)
	if err != nil {
		return w.manifest, err
	}
	d, err := p.Disclose(ctx, b)
	if err != nil {
		return w.manifest, err
	}
	return w.manifest, w.finish(p, d)
}

// guide encloses the file that tells of the others.
func (w *writer) guide(p Package) error {
	if p.Guide == nil {
		return nil
	}
	e, err := p.Guide(w.manifest)
	if err != nil {
		return err
	}
	return w.enclose(e, true)
}

// writer is one package as it is written.
type writer struct {
	ctx      context.Context
	dst      Folder
	limits   limits
	derive   func(Clip, Film) (Enclosure, bool)
	manifest Manifest
	sums     map[string]proof.Hash // of each file
	at       map[[16]byte]int      // segments in the manifest
	listing  int                   // bytes that clips and segments take in the manifest, at least
	buf      []byte                // for a record
	frag     fragment
}

// sign writes the manifest and its signature.
func (w *writer) sign(p Package) ([]byte, error) {
	b, err := w.manifest.Encode()
	if err != nil {
		return nil, err
	}
	if _, err := ParseManifest(b); err != nil {
		return nil, fmt.Errorf("the manifest could not be read again: %w", err)
	}
	sig, err := p.signed(b)
	if err != nil {
		return nil, fmt.Errorf("couldn't sign the manifest: %w", err)
	}
	return b, errors.Join(w.plain(ManifestFile, b), w.plain(signatureFile, sig))
}

// signed is the signature of a text by the diary's key.
func (p *Package) signed(b []byte) ([]byte, error) {
	sig, err := p.Sign(b)
	if err == nil && !p.Key.Verify(b, sig) {
		err = errors.New("the signature is by another key than the diary's")
	}
	return sig, err
}

// finish writes what only the disclosure made possible, and the sums of all files: their signature first, for a folder with
// the sums is whole.
func (w *writer) finish(p Package, d Disclosed) error {
	if err := w.diary(d); err != nil {
		return fmt.Errorf("couldn't write the proofs of the diary: %w", err)
	}
	for _, e := range d.Enclosed {
		if e.Path != RecordFile {
			return fmt.Errorf("%q can't be enclosed in a package that is disclosed: %s alone may be", e.Path, RecordFile)
		}
		if err := w.enclose(e, false); err != nil {
			return err
		}
	}
	if _, there := w.sums[RecordFile]; !there {
		return fmt.Errorf("the package has no handover record (%s)", RecordFile)
	}
	sums := encodeSums(w.sums)
	sig, err := p.signed(sums)
	if err != nil {
		return fmt.Errorf("couldn't sign the sums of the files: %w", err)
	}
	if err := w.plain(sumsSignature, sig); err != nil {
		return err
	}
	return w.plain(sumsFile, sums)
}

// encodeSums is what sha256sum prints: each file in a line, by name.
func encodeSums(sums map[string]proof.Hash) []byte {
	var b bytes.Buffer
	for _, name := range slices.Sorted(maps.Keys(sums)) {
		h := sums[name]
		fmt.Fprintf(&b, "%x  %s\n", h[:], name)
	}
	return b.Bytes()
}

// diary writes the bundle that proves the entries.
func (w *writer) diary(d Disclosed) error {
	b, err := proof.NewBundleWriter(beneath{w}, d.Diary)
	if err != nil {
		return err
	}
	for _, e := range d.Entries {
		if err := b.Pin(e.Entry, e.Hashes, d.Diary.Checkpoint); err != nil {
			return err
		}
	}
	return b.Close()
}

// beneath writes the bundle's files into their folder. Each comes in one piece.
type beneath struct{ w *writer }

func (b beneath) Create(name string) (io.Writer, error) {
	return whole(func(p []byte) error { return b.w.plain(diaryDir+"/"+name, p) }), nil
}

type whole func([]byte) error

func (f whole) Write(p []byte) (int, error) { return len(p), f(p) }

// plain writes a file that is in memory.
func (w *writer) plain(name string, b []byte) error {
	f, err := w.create(name)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	_, err = f.close(err)
	return err
}

// enclose writes a file beside the footage. One that writes nothing is none.
func (w *writer) enclose(e Enclosure, listed bool) error {
	if err := enclosable(e.Path); err != nil {
		return err
	}
	f := &late{w: w, name: e.Path}
	err := e.Write(w.ctx, f)
	if f.output == nil {
		return err
	}
	x, err := f.output.close(err)
	if x.Kind, x.Of = e.Kind, e.Of; listed && err == nil {
		w.manifest.Files = append(w.manifest.Files, x)
	}
	return err
}

// late is a file that is made with its first byte.
type late struct {
	w      *writer
	name   string
	output *output
}

func (l *late) Write(b []byte) (n int, err error) {
	if len(b) == 0 {
		return 0, nil
	}
	if l.output == nil {
		if l.output, err = l.w.create(l.name); err != nil {
			return 0, err
		}
	}
	return l.output.Write(b)
}

// output is a file that is being written.
type output struct {
	*hasher
	w    *writer
	name string
	to   io.WriteCloser
}

func (w *writer) create(name string) (*output, error) {
	if err := w.ctx.Err(); err != nil {
		return nil, err
	}
	if _, twice := w.sums[name]; twice {
		return nil, fmt.Errorf("the package has a file %s already", name)
	}
	to, err := w.dst.Create(name)
	if err != nil {
		return nil, fmt.Errorf("couldn't create %s in the package: %w", name, err)
	}
	return &output{newHasher(), w, name, to}, nil
}

func (o *output) Write(p []byte) (int, error) {
	n, err := o.to.Write(p)
	if err == nil {
		o.hasher.Write(p)
	}
	return n, err
}

// close ends the file, also after an error.
func (o *output) close(wrong error) (File, error) {
	if err := errors.Join(wrong, o.to.Close()); err != nil {
		return File{}, fmt.Errorf("couldn't write %s in the package: %w", o.name, err)
	}
	h, chunks := o.sum()
	o.w.sums[o.name] = h
	return File{Path: o.name, Size: o.size, Hash: h, Chunks: chunks}, nil
}

// digest of samples, as leaves have it.
func digest(b []byte) [32]byte { return sha256.Sum256(b) }

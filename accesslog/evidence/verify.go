package evidence

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"math"
	"time"

	"varuh/accesslog/diary/proof"
)

// Options are what the person who verifies knows from elsewhere: keys or their fingerprints, checkpoints that somebody
// kept, time-stamping authorities. Each and Latest are not used.
type Options = proof.VerifyOptions

// Verify checks a package, in a folder or a zip file. The error is one of reading or of ctx, or [ErrVersion] where a newer
// varuh wrote the package and nothing else is wrong; what is wrong with the package is in the report.
func Verify(ctx context.Context, pkg fs.FS, o Options) (*Report, error) {
	if err := proof.CheckNames(pkg); err != nil {
		return nil, err
	}
	v := &verifier{report: Report{Clips: []Clipped{}}, ctx: ctx, fs: pkg, o: o, files: map[string]bool{}, hashed: map[string]File{}, listed: map[string]File{}, paths: map[proof.Hash]string{}, corrections: map[string]time.Duration{}, segments: map[[16]byte]*Segment{}, collected: map[[16]byte]collected{}}
	if err := v.list(); err != nil {
		return nil, err
	}
	v.readSums()
	newer := v.readManifest()
	v.sig, v.sealed = v.small(signatureFile, ed25519.SignatureSize)
	v.closing, v.closed = v.small(sumsSignature, ed25519.SignatureSize)
	if err := v.plainFiles(); err != nil {
		return nil, err
	}
	if err := v.diary(); errors.Is(err, proof.ErrVersion) {
		newer = err
	} else if err != nil {
		return nil, err
	}
	for _, c := range v.m.Clips {
		if err := v.clip(c); err != nil {
			return nil, err
		}
	}
	v.judgeFiles()
	v.judgeSignature()
	if newer != nil && !v.report.Bad() {
		return nil, fmt.Errorf("the package: %w", newer)
	}
	if newer != nil {
		v.report.bad(CodeManifest, ManifestFile, because(newer, "Paket pravi, da je od novejše različice, pa tudi sicer ni, kot bi moral biti", "The package says that it is of a newer version, and is not as it should be otherwise"))
	}
	v.judge()
	return &v.report, nil
}

// verifier is one run of Verify.
type verifier struct {
	ctx       context.Context
	fs        fs.FS
	o         Options
	m         Manifest
	raw       []byte                // the manifest
	sig       []byte                // its signature
	sealed    bool                  // there is one
	closing   []byte                // the signature of the sums
	closed    bool                  // there is one
	summing   []byte                // the sums, as they are
	readable  bool                  // it is in its format
	files     map[string]bool       // in the package
	left      Leftovers             // of operating systems, among them
	sums      map[string]proof.Hash // as SHA256SUMS.txt says; nil: it can't be read
	hashed    map[string]File       // files whose bytes were looked at
	listed    map[string]File       // as the manifest says
	paths     map[proof.Hash]string // likewise, by their hashes
	segments  map[[16]byte]*Segment // likewise
	proven    *proof.Report         // of the diary
	entries   []proof.Leaf          // that the package proves, but for collects
	collected map[[16]byte]collected
	buf       []byte // to read by
	report    Report

	corrections map[string]time.Duration // of the times of clips, by their paths
}

// maxFiles bounds how many files a package has.
const maxFiles = 100_000

// list sees what files there are.
func (v *verifier) list() error {
	err := fs.WalkDir(v.fs, ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil && e != nil && e.IsDir() && v.left.Add(v.fs, name, name, true) {
			return fs.SkipDir // the system alone may look into it
		}
		if err != nil || e.IsDir() {
			return err
		}
		if len(v.files) == maxFiles {
			return fmt.Errorf("more than %d files: %w", maxFiles, ErrFormat)
		}
		v.files[name] = true
		return v.ctx.Err()
	})
	if err != nil {
		return fmt.Errorf("couldn't list the files of the package: %w", err)
	}
	return nil
}

// input is a file that is hashed as it is read, as a whole: its chunks are hashed only once that is known to be wrong, for
// a third hash of all bytes would cost as much as each of the other two.
type input struct {
	whole hash.Hash
	size  int64
	file  fs.File
	from  io.Reader
	name  string
	err   error // of reading
}

// open opens a file; nil if it is not there or can't be read, which is then a finding. More than the manifest says that
// it has is not read.
func (v *verifier) open(name string, most int64) *input {
	if !v.files[name] {
		v.report.bad(CodeMissing, name, say("Manjka datoteka %s.", "The file %s is missing.", name))
		return nil
	}
	f, err := v.fs.Open(name)
	if err != nil {
		v.report.bad(CodeMissing, name, because(err, "Datoteke %s ni mogoče odpreti", "The file %s can't be opened", name))
		return nil
	}
	return &input{whole: sha256.New(), file: f, from: io.LimitReader(f, most), name: name}
}

// Read implements [io.Reader].
func (i *input) Read(p []byte) (int, error) {
	n, err := i.from.Read(p)
	i.took(p[:n], err)
	return n, err
}

func (i *input) took(p []byte, err error) {
	i.whole.Write(p)
	i.size += int64(len(p))
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		i.err = err
	}
}

// full fills p, and does something with it at the same time as it is hashed.
func (i *input) full(p []byte, do func()) error {
	n, err := io.ReadFull(i.from, p)
	if err != nil || len(p) < worth {
		i.took(p[:n], err)
		do()
		return err
	}
	done := make(chan struct{})
	go func() {
		i.took(p, nil)
		close(done)
	}()
	do()
	<-done
	return nil
}

// close reads what is left, and notes the file's hash.
func (v *verifier) close(i *input) error {
	if v.buf == nil {
		v.buf = make([]byte, 256<<10)
	}
	_, err := io.CopyBuffer(onlyWriter{io.Discard}, untilDone{v.ctx, i}, v.buf)
	if i.err == nil && err != nil && v.ctx.Err() != nil {
		return errors.Join(v.ctx.Err(), i.file.Close())
	}
	if err := errors.Join(i.err, i.file.Close()); err != nil {
		v.report.bad(CodeMissing, i.name, because(err, "Datoteke %s ni mogoče prebrati do konca", "The file %s can't be read to its end", i.name))
		return nil
	}
	v.hashed[i.name] = File{Path: i.name, Size: i.size, Hash: proof.Hash(i.whole.Sum(nil))}
	return nil
}

// onlyWriter hides from io.CopyBuffer that nothing is done with the bytes, so that it takes the buffer.
type onlyWriter struct{ w io.Writer }

func (o onlyWriter) Write(p []byte) (int, error) { return o.w.Write(p) }

// untilDone reads until a context is done.
type untilDone struct {
	ctx context.Context
	r   io.Reader
}

func (u untilDone) Read(p []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	return u.r.Read(p)
}

// small reads a file of a bounded size into memory, and hashes it.
func (v *verifier) small(name string, most int64) ([]byte, bool) {
	i := v.open(name, most+1)
	if i == nil {
		return nil, false
	}
	var b bytes.Buffer
	_, err := b.ReadFrom(i)
	if i.err = err; v.close(i) != nil || err != nil {
		return nil, false
	}
	if int64(b.Len()) > most {
		v.report.bad(CodeChanged, name, say("Datoteka %s je prevelika za to, kar bi morala biti.", "The file %s is too large for what it should be.", name))
		return nil, false
	}
	return b.Bytes(), true
}

// readManifest reads the manifest; the error is one of a newer version.
func (v *verifier) readManifest() error {
	var ok bool
	if v.raw, ok = v.small(ManifestFile, proof.MaxManifest); !ok {
		return nil
	}
	h := proof.HashBody(v.raw)
	v.report.Manifest = fmt.Sprintf("%x", h[:])
	m, err := ParseManifest(v.raw)
	switch {
	case errors.Is(err, ErrVersion):
		return err
	case err != nil:
		v.report.bad(CodeManifest, ManifestFile, because(err, "Seznam paketa (%s) ni v pravi obliki: bil je spremenjen ali poškodovan", "The package's manifest (%s) is not in its format", ManifestFile))
		return nil
	}
	v.m, v.readable = m, true
	v.report.ID, v.report.Cameras = fmt.Sprintf("%x", m.ID), m.Cameras
	for _, f := range m.Files {
		v.listed[f.Path], v.paths[f.Hash] = f, f.Path
	}
	for i := range m.Segments {
		v.segments[m.Segments[i].ID] = &m.Segments[i]
	}
	for _, c := range m.Clips {
		v.report.Clips = append(v.report.Clips, Clipped{c.Path, c.Camera, c.Stream, timeText(c.From), timeText(c.To), c.Fragments, c.Lost})
	}
	for _, r := range m.Asked {
		v.report.Asked = append(v.report.Asked, Wanted{r.Camera, timeText(r.From), timeText(r.To)})
	}
	for _, g := range m.Gaps {
		v.report.Gaps = append(v.report.Gaps, Missing{g.Camera, g.Stream, timeText(g.From), timeText(g.To), g.Cause})
	}
	return nil
}

// ofClip tells whether a file is looked at together with others.
func (v *verifier) ofClip(name string) bool {
	k := v.listed[name].Kind
	return k == KindClip || k == KindSidecar
}

// plainFiles hashes the files whose contents say nothing here.
func (v *verifier) plainFiles() error {
	for name := range v.files {
		if _, done := v.hashed[name]; done || v.ofClip(name) {
			continue
		}
		f, listed := v.listed[name]
		_, summed := v.sums[name]
		if !listed && !summed {
			continue // it is named as what the package doesn't list
		}
		most := int64(math.MaxInt64)
		if listed {
			most = f.Size + 1
		}
		if i := v.open(name, most); i != nil {
			if err := v.close(i); err != nil {
				return err
			}
		}
	}
	return v.ctx.Err()
}

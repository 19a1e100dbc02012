package main

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"varuh/accesslog/diary/proof"
	"varuh/accesslog/evidence"
)

// maxFile bounds the files other than bundles.
const maxFile = proof.MaxManifest

// inputs are the files given, by what they are.
type inputs struct {
	bundle      fs.FS
	pkg         fs.FS // a package
	inclusion   []byte
	consistency [][]byte
	checkpoints [][]byte
	keys        []proof.Key // that came with the files: they do for computing
	others      [][]byte    // bodies and manifests, found by their hashes
	unknown     error       // about the first file that is none of these
	close       []func() error
}

// verify sees what the files are, and checks them together.
func (p *program) verify(ctx context.Context, files []string) (r result, err error) {
	var in inputs
	defer func() {
		for _, c := range in.close {
			err = errors.Join(err, c())
		}
	}()
	o, err := p.options()
	if err != nil {
		return r, err
	}
	for _, name := range files {
		if err := p.sort(ctx, &in, name); err != nil {
			return r, err
		}
	}
	o.Enclosed = in.keys
	p.compares = len(o.Held)+len(in.checkpoints) > 0
	if err := in.unused(); err != nil {
		return r, err
	}
	if p.unpack != "" && !p.unpacked {
		return r, refuse(nil, "--unpack razširi paket iz arhiva ZIP; tu ga ni.", "--unpack unpacks a package out of a ZIP archive; there is none here.")
	}
	if p.report != "" && in.pkg == nil {
		return r, refuse(nil, "--report zapiše poročilo o paketu; tu ga ni.", "--report writes the report on a package; there is none here.")
	}
	if in.pkg != nil {
		if p.list {
			return r, refuse(nil, "--list izpiše zapise dnevnika; paket jih nima.", "--list prints the entries of a diary; a package has none.")
		}
		if err := p.fingerprint(ctx, &o); err != nil {
			return r, err
		}
		o.Held = append(o.Held, in.checkpoints...)
		p.kept = len(o.Held)
		if r.pkg, err = evidence.Verify(ctx, in.pkg, o); err == nil {
			r.pkg.Findings = append(r.pkg.Findings, p.left.Notes()...)
		}
		return r, err
	}
	r.diary, err = in.diary(ctx, o)
	return r, err
}

// diary checks what is of a diary alone.
func (in *inputs) diary(ctx context.Context, o proof.VerifyOptions) (*proof.Report, error) {
	switch {
	case in.bundle != nil:
		o.Held = append(o.Held, in.checkpoints...)
		return proof.VerifyBundle(ctx, in.bundle, o)
	case in.inclusion != nil:
		o.Held = append(o.Held, in.checkpoints...)
		return proof.VerifyInclusion(in.inclusion, in.others, o)
	case len(o.Held)+len(in.checkpoints) == 2:
		two := append(o.Held, in.checkpoints...)
		o.Held = nil
		return compareTwo(two[0], two[1], in.consistency, o)
	}
	return nil, in.tooFew(len(o.Held) + len(in.checkpoints))
}

// unused refuses files that would be left aside: whoever gave them believes that they were looked at.
func (in *inputs) unused() error {
	switch {
	case in.unknown != nil:
		return in.unknown
	case in.pkg != nil && (in.bundle != nil || in.inclusion != nil):
		return refuse(nil, "Paket in dnevnik preverite vsakega posebej.", "Check the package and the diary one after the other.")
	case in.bundle != nil && in.inclusion != nil:
		return refuse(nil, "Sveženj in dokaz enega zapisa preverite vsakega posebej.", "Check the bundle and the proof of an entry one after the other.")
	case len(in.others) > 0 && in.inclusion == nil:
		return refuse(nil, "Datoteka JSON sama ne pove ničesar. Če je iz paketa (manifest.json), podajte mapo paketa; vsebina zapisa dnevnika se preveri le skupaj z dokazom tega zapisa (.tlog-proof).",
			"A JSON file alone says nothing. If it is from a package (manifest.json), give the folder of that; what an entry of the diary says is checked with the proof of that entry (.tlog-proof) alone.")
	case len(in.consistency) > 0 && (in.pkg != nil || in.bundle != nil || in.inclusion != nil):
		return refuse(nil, "Dokaz, da se dnevnik nadaljuje, se preveri le skupaj z dvema kontrolnima točkama.",
			"A proof that a diary goes on is checked with two checkpoints alone.")
	}
	return nil
}

// compareTwo compares two checkpoints, which must be of one diary.
func compareTwo(one, other []byte, proofs [][]byte, o proof.VerifyOptions) (*proof.Report, error) {
	a, err := proof.ReadCheckpoint(one)
	if err != nil {
		return nil, err
	}
	b, err := proof.ReadCheckpoint(other)
	if err != nil {
		return nil, err
	}
	if a.Origin != b.Origin {
		return nil, refuse(nil, "Kontrolni točki sta od dnevnikov z različnima imenoma (%s in %s). Če je to isti dnevnik, ki se nadaljuje pod novim imenom, ju primerja le sveženj: podajte ga zraven.",
			"The checkpoints are of diaries of two names (%s and %s). If that is one diary which goes on under a new name, only a bundle compares them: give it, too.", a.Origin, b.Origin)
	}
	return proof.VerifyCheckpoints(one, other, proofs, o)
}

// tooFew says what is missing to check anything.
func (in *inputs) tooFew(checkpoints int) error {
	switch {
	case checkpoints == 1:
		return refuse(nil, "Ena sama kontrolna točka ne pove ničesar: podajte še sveženj (ZIP) ali drugo kontrolno točko.",
			"One checkpoint alone says nothing: give a bundle (ZIP), too, or two checkpoints.")
	case checkpoints > 2:
		return refuse(nil, "Kontrolnih točk je več kot dve: podajte še sveženj (ZIP) ali le dve.", "There are more than two checkpoints: give a bundle (ZIP), too, or two checkpoints alone.")
	}
	return refuse(nil, "Podajte sveženj (ZIP), dokaz enega zapisa (.tlog-proof) ali dve kontrolni točki.", "Give a bundle (ZIP), the proof of an entry (.tlog-proof) or two checkpoints.")
}

// headSize is how much of a file is looked at to see what it is.
const headSize = 512

// sort sees by the contents of a file what it is.
func (p *program) sort(ctx context.Context, in *inputs, name string) error {
	f, err := openFile(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return refuse(nil, "%s: take datoteke ni.", "%s: there is no such file.", name)
	case errors.Is(err, errIrregular):
		return unreadable(err, name)
	case err != nil:
		return fmt.Errorf("couldn't open %s: %w", name, err)
	}
	in.close = append(in.close, f.Close)
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("couldn't look at %s: %w", name, err)
	}
	if info.IsDir() {
		root, err := os.OpenRoot(name)
		if err != nil {
			return fmt.Errorf("couldn't open %s: %w", name, err)
		}
		in.close = append(in.close, root.Close)
		return p.set(in, folder{root}, name)
	}
	head := make([]byte, headSize)
	n, err := f.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("couldn't read %s: %w", name, err)
	}
	if head = head[:n]; bytes.HasPrefix(head, []byte("PK")) {
		return p.sortArchive(ctx, in, f, info.Size(), name)
	}
	if info.Size() > maxFile {
		return stranger(name, head)
	}
	b, err := readFile(name)
	if err != nil {
		return err
	}
	return in.sortText(b, name)
}

// sortArchive takes what is in an archive of some bytes, and unpacks a package where that is asked for.
func (p *program) sortArchive(ctx context.Context, in *inputs, f io.ReaderAt, size int64, name string) error {
	z, err := zip.NewReader(f, size)
	if err != nil {
		return fmt.Errorf("couldn't read %s as a zip file: %w", name, err)
	}
	if err := tiled(ctx, f, size, z); err != nil {
		return err
	}
	if err := settle(z); err != nil {
		return err
	}
	if err := proof.CheckNames(z); err != nil {
		return err
	}
	if err := p.unlock(ctx, z); err != nil {
		return err
	}
	if err := p.set(in, z, name); err != nil || in.pkg == nil {
		return err
	}
	if p.clicked && p.unpack == "" && !p.json {
		if err := p.offer(ctx, name); err != nil {
			return err
		}
	}
	if p.unpack == "" {
		return nil
	}
	p.unpacked = true
	return p.unpackPackage(ctx, in, size)
}

// set takes the bundle or the package in a folder or an archive.
func (p *program) set(in *inputs, all fs.FS, name string) error {
	if in.bundle != nil || in.pkg != nil {
		return refuse(nil, "%s je drugi sveženj ali paket: preverite vsakega posebej.", "%s is a second bundle or package: check one at a time.", name)
	}
	f, err := find(all, name)
	if err != nil {
		return err
	}
	p.looked, p.left = name, f.left
	if f.folder != "." {
		p.checked = filepath.Join(name, filepath.FromSlash(f.folder))
	}
	if f.isPackage {
		in.pkg = f.fs
	} else {
		in.bundle = f.fs
	}
	return nil
}

// sortText takes a file for what its text says it is: keys, a checkpoint, a proof, or else JSON, which is the body of an entry or a
// manifest. The first file that is none of these is remembered, and what is said of it is the answer in the end.
func (in *inputs) sortText(b []byte, name string) error {
	if keys, ok := keysIn(proof.PlainText(b)); ok {
		in.keys = append(in.keys, keys...)
		return nil
	}
	if c, ok := proof.FindCheckpoint(b); ok {
		in.checkpoints = append(in.checkpoints, c)
		return nil
	}
	for _, try := range [][]byte{b, proof.PlainText(b)} {
		if _, err := proof.ParseInclusion(try); err == nil {
			if in.inclusion != nil {
				return refuse(nil, "%s je drugi dokaz zapisa: preverite vsakega posebej.", "%s is a second proof of an entry: check one at a time.", name)
			}
			in.inclusion = try
			return nil
		}
		if _, err := proof.ParseConsistency(try); err == nil {
			in.consistency = append(in.consistency, try)
			return nil
		}
	}
	if !bytes.HasPrefix(b, []byte("{")) {
		if in.unknown == nil {
			in.unknown = stranger(name, b[:min(len(b), headSize)])
		}
		return nil
	}
	in.others = append(in.others, bytes.TrimSuffix(b, []byte("\n")))
	return nil
}

package evidence

import (
	"encoding/hex"
	"errors"
	"io/fs"
	"slices"
	"time"

	"varuh/accesslog/diary/proof"
)

// opDisclose is the operation of the entry that a package hangs on.
const opDisclose = "disclose"

// collected is a segment as an entry collect states it.
type collected struct {
	camera, stream string
	records        int64
	root           proof.Hash
	start, end     time.Time
	index          int64 // of the entry
}

// maxCollected bounds how many segments the entries of a package state: two years of a camera.
const maxCollected = 1 << 17

// diary checks the proofs of the entries. The error is one of ctx or of a newer version.
func (v *verifier) diary() error {
	sub, err := fs.Sub(v.fs, diaryDir)
	if err != nil {
		return err
	}
	o := v.o
	o.Each, o.Latest = v.entry, false
	v.proven, err = proof.VerifyBundle(v.ctx, tidy{sub}, o)
	switch {
	case errors.Is(err, proof.ErrVersion), err != nil && v.ctx.Err() != nil:
		return err
	case err != nil:
		v.proven = nil
		v.report.bad(CodeDiary, diaryDir, because(err, "Dokazil iz dnevnika ni mogoče prebrati", "The proofs of the diary can't be read"))
		return nil
	}
	v.report.Origin, v.report.Key, v.report.Fingerprint, v.report.Confirmed = v.proven.Origin, v.proven.Key, v.proven.Fingerprint, v.proven.Confirmed
	for _, f := range v.proven.Findings {
		v.pass(f)
	}
	for _, a := range v.proven.Anchors {
		if a.Kind == "held" {
			v.report.Held++
		}
	}
	return nil
}

// tidy is a folder without the files that operating systems leave in any: of these the package says what they are.
type tidy struct{ fs.FS }

// ReadDir implements [fs.ReadDirFS].
func (t tidy) ReadDir(name string) ([]fs.DirEntry, error) {
	list, err := fs.ReadDir(t.FS, name)
	return slices.DeleteFunc(list, func(e fs.DirEntry) bool { return !e.IsDir() && systemFile(e.Name()) != nil }), err
}

// ofPart are findings about a bundle that is a part of the diary, as each of a package is.
var ofPart = []proof.Code{proof.CodePinned, proof.CodeEmpty, proof.CodeStartMissing, proof.CodePartial, proof.CodeWithheld}

// pass hands on what verifying the diary found.
func (v *verifier) pass(f proof.Finding) {
	code := CodeDiary
	if f.Code == proof.CodeKeyUnknown {
		code = CodeKeyUnknown
	}
	switch {
	case f.Code == proof.CodeUncovered:
		v.report.bad(CodeExtra, diaryDir, f.Sentence)
	case f.Bad:
		v.report.bad(CodeDiary, diaryDir, f.Sentence)
	case !slices.Contains(ofPart, f.Code):
		v.report.note(code, diaryDir, f.Sentence)
	}
}

// entry takes an entry that is proven.
func (v *verifier) entry(l proof.Leaf, _ *proof.Body, manifest []byte) error {
	if l.Op != proof.OpCollect {
		if len(v.entries) < maxFiles {
			v.entries = append(v.entries, l)
		}
		return nil
	}
	if manifest == nil {
		return nil
	}
	list, err := readCollect(manifest, l.Index)
	if err != nil {
		v.report.bad(CodeDiary, diaryDir, because(err, "Seznam zapisa %d ni v pravi obliki", "The manifest of entry %d is not in its format", l.Index))
	}
	for id, c := range list {
		if len(v.collected) < maxCollected {
			v.collected[id] = c
		}
	}
	return nil
}

// readCollect reads the segments whose roots the manifest of a collect states. Of what else it has nothing is read here.
func readCollect(manifest []byte, index int64) (map[[16]byte]collected, error) {
	o, err := proof.Parse(manifest)
	if err != nil {
		return nil, err
	}
	f, found := in(o), map[[16]byte]collected{}
	camera, lists := f.text("camera"), f.list("segments")
	if f.has("late") {
		lists = append(slices.Clone(lists), f.list("late")...)
	}
	for _, s := range lists {
		g := in(s)
		if !g.has("root") {
			continue
		}
		c := collected{camera: camera, stream: g.text("stream"), records: g.number("records"), root: g.hash("root"), start: g.time("start"), end: g.time("end"), index: index}
		var id [16]byte
		g.fill(id[:], "id", hex.DecodeString)
		f.take(g.err)
		found[id] = c
	}
	return found, f.err
}

// judgeSegments holds the segments of the clips against what the diary says was recorded.
func (v *verifier) judgeSegments() {
	if v.proven == nil {
		return // it was said that nothing of the diary can be read
	}
	for _, s := range v.m.Segments {
		c, ok := v.collected[s.ID]
		switch {
		case !ok:
			v.report.bad(CodeSegment, ManifestFile, say("Dnevnik ne pove, da je bil posnet odsek %x kamere %s: njegovega dokazila ni v paketu.",
				"The diary does not say that segment %x of camera %s was recorded: its proof is not in the package.", s.ID, s.Camera))
		case c.root != s.Root || c.records != s.Records || c.camera != s.Camera || c.stream != s.Stream || c.index != s.Collect:
			v.report.bad(CodeSegment, ManifestFile, say("Odsek %x kamere %s ni tisti, za katerega dnevnik (zapis %d) pravi, da je bil posnet.",
				"Segment %x of camera %s is not the one that the diary (entry %d) says was recorded.", s.ID, s.Camera, c.index))
		}
	}
}

// judgeSignature holds the signatures of the manifest and of the sums against the key of the diary. They are of the bytes,
// whatever version these are of. A file that is missing was named.
func (v *verifier) judgeSignature() {
	key := v.m.Key
	if !v.readable && v.proven != nil {
		key = v.proven.Key
	}
	k, err := proof.ParseKey(key)
	wrong := func(text, sig []byte) bool { return err != nil || k.Witness() || !k.Verify(text, sig) }
	if v.closed && v.summing != nil && key != "" && wrong(v.summing, v.closing) {
		v.report.bad(CodeSignature, sumsSignature, say("Podpis datoteke %s ni pravi: ta ali podpis je spremenjen. Morda je kdo v paketu kaj zamenjal, dodal ali odstranil in ta seznam popravil.",
			"The signature of the file %s is wrong: that or the signature was changed. Perhaps somebody exchanged, added or took out something of the package, and put this list right.", sumsFile))
	}
	switch {
	case !v.sealed || v.raw == nil:
	case wrong(v.raw, v.sig):
		v.report.bad(CodeSignature, signatureFile, say("Podpis seznama paketa ni pravi: seznam ali podpis je spremenjen.", "The signature of the package's manifest is wrong: the manifest or the signature was changed."))
	case v.proven != nil && v.proven.Key != key:
		v.report.bad(CodeSignature, ManifestFile, say("Seznam paketa je podpisan z DRUGIM ključem kot dnevnik: %s.", "The package's manifest is signed by ANOTHER key than the diary: %s.", k.Fingerprint()))
	}
}

// judgeAsking looks for the entries that say when somebody asked for this package.
func (v *verifier) judgeAsking() {
	if first, proven := v.asked(); v.readable && v.proven != nil && !proven {
		v.report.bad(CodeRequest, diaryDir, say("Paket ne dokaže, kdaj je bilo zahtevano, kar je v njem: zapisa %d, ki bi bil o izvozu ali o zahtevi, v dokazilih ni ali je drug. Morda ga je kdo odstranil.",
			"The package does not prove when its contents were asked for: entry %d, which would be about the export or the request, is not in the proofs, or is another. Perhaps somebody took it out.", first))
	}
}

// judgeDisclose looks for the entry that says that this package was disclosed.
func (v *verifier) judgeDisclose() {
	want := proof.HashBody(v.raw)
	i := slices.IndexFunc(v.entries, func(l proof.Leaf) bool { return l.Op == opDisclose && l.Obj != nil && *l.Obj == want })
	switch {
	case !v.readable:
	case i < 0:
		v.report.bad(CodeDisclose, diaryDir, say("V dnevniku ni dokazanega zapisa, da je bil ta paket posredovan: morda je bil posredovan drug.", "No entry that is proven says that this package was disclosed: perhaps another one was."))
	case v.entries[i].Ref == nil || *v.entries[i].Ref != v.m.Export:
		v.report.bad(CodeDisclose, ManifestFile, say("Zapis %d o posredovanju ni odgovor na izvoz (zapis %d), ki ga navaja paket.", "Entry %d of the disclosure does not belong to the export (entry %d) that the package names.", v.entries[i].Index, v.m.Export))
	}
}

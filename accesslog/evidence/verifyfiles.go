package evidence

import (
	"bytes"
	"encoding/hex"
	"errors"
	"io"
	"maps"
	"path"
	"slices"
	"strings"

	"varuh/accesslog/diary/proof"
)

// maxSums bounds SHA256SUMS.txt.
const maxSums = 16 << 20

// readSums reads SHA256SUMS.txt, in its one form alone.
func (v *verifier) readSums() {
	b, ok := v.small(sumsFile, maxSums)
	if !ok {
		return
	}
	var odd []byte // the first line that is not in its form
	v.summing = b
	v.sums = map[string]proof.Hash{}
	for line := range bytes.Lines(b) {
		if !v.readSum(line) && odd == nil {
			odd = line[:min(len(line), 100)]
		}
	}
	switch {
	case odd != nil:
		v.report.bad(CodeSums, sumsFile, say("V datoteki %s je vrstica, ki ni v pravi obliki: %q.", "The file %s has a line that is not in its form: %q.", sumsFile, odd))
	case !bytes.Equal(encodeSums(v.sums), b):
		v.report.bad(CodeSums, sumsFile, say("Datoteka %s ni v pravi obliki: bila je spremenjena.", "The file %s is not in its form: it was changed.", sumsFile))
	}
}

// readSum reads a line as sha256sum prints it, and returns false for another.
func (v *verifier) readSum(line []byte) bool {
	const digits = 2 * len(proof.Hash{})
	if len(line) < digits+4 || len(line) > digits+4+maxName || string(line[digits:digits+2]) != "  " {
		return false
	}
	var h proof.Hash
	name := string(bytes.TrimSuffix(line[digits+2:], []byte("\n")))
	if _, err := hex.Decode(h[:], line[:digits]); err != nil || checkPath(name) != nil {
		return false
	}
	v.sums[name] = h
	return true
}

// judgeFiles holds the bytes that were read against what is listed.
func (v *verifier) judgeFiles() {
	for _, name := range slices.Sorted(maps.Keys(v.listed)) {
		v.judgeListed(v.listed[name])
	}
	v.judgeSums()
	v.judgeOthers()
}

// judgeListed holds a file against the manifest.
func (v *verifier) judgeListed(want File) {
	got, read := v.hashed[want.Path]
	if !read {
		if !v.files[want.Path] && !v.ofClip(want.Path) { // of those of clips it was said when they were to be opened
			v.report.bad(CodeMissing, want.Path, say("Manjka datoteka %s.", "The file %s is missing.", want.Path))
		}
		return
	}
	if got.Hash == want.Hash && got.Size == want.Size {
		return
	}
	if other, ok := v.paths[got.Hash]; ok {
		v.report.bad(CodeSwapped, want.Path, say("Datoteka %s je zamenjana: v resnici je to %s.", "The file %s was exchanged: it is really %s.", want.Path, other))
		return
	}
	at := int64(firstOther(v.chunks(want), want.Chunks)) * chunkSize
	end := min(at+chunkSize, max(got.Size, want.Size))
	v.report.add(Finding{Code: CodeChanged, Bad: true, File: want.Path, Offset: &at, Sentence: say(
		"Datoteka %s je spremenjena: prvi napačni bajt je med %d in %d (ima jih %d, imeti bi jih morala %d).",
		"The file %s was changed: the first wrong byte is between %d and %d (it has %d, and should have %d).", want.Path, at, end-1, got.Size, want.Size)})
}

// chunks reads a file once more, to see where it was changed. What can't be read any more has none.
func (v *verifier) chunks(want File) []proof.Hash {
	f, err := v.fs.Open(want.Path)
	if err != nil {
		return nil
	}
	h := newHasher()
	_, err = io.Copy(h, untilDone{v.ctx, io.LimitReader(f, want.Size+1)})
	_, chunks := h.sum()
	if errors.Join(err, f.Close()) != nil {
		return nil
	}
	return chunks
}

// firstOther is where two lists of hashes begin to differ.
func firstOther(a, b []proof.Hash) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// judgeSums holds all files against SHA256SUMS.txt.
func (v *verifier) judgeSums() {
	for _, name := range slices.Sorted(maps.Keys(v.sums)) {
		got, read := v.hashed[name]
		listed, signed := v.listed[name]
		switch {
		case !v.files[name] && !signed && !v.own(name):
			v.report.bad(CodeMissing, name, say("Manjka datoteka %s.", "The file %s is missing.", name))
		case signed && listed.Hash != v.sums[name]:
			v.report.bad(CodeSums, sumsFile, say("V datoteki %s je za %s napisano nekaj drugega kot v podpisanem seznamu.", "The file %s says something else of %s than the signed manifest.", sumsFile, name))
		case read && !signed && got.Hash != v.sums[name]:
			v.report.bad(CodeSums, name, say("Datoteka %s ni takšna, kot piše v %s: ena od njiju je spremenjena.", "The file %s is not as %s says: one of the two was changed.", name, sumsFile))
		}
	}
}

// own tells whether a file is one of the lists or a signature of one: that it is missing was said when it was to be opened.
func (v *verifier) own(name string) bool {
	return name == ManifestFile || name == signatureFile || name == sumsFile || name == sumsSignature
}

// judgeOthers names the files that nothing lists.
func (v *verifier) judgeOthers() {
	for _, name := range slices.Sorted(maps.Keys(v.files)) {
		_, signed := v.listed[name]
		_, summed := v.sums[name]
		switch {
		case name == sumsFile || name == sumsSignature || (signed || name == RecordFile) && (summed || v.sums == nil):
		case signed || name == RecordFile:
			v.report.bad(CodeSums, sumsFile, say("V datoteki %s ni vrstice za %s.", "The file %s has no line for %s.", sumsFile, name))
		case v.left.Add(v.fs, name, name, false): // no signature covers it, whatever the sums say
		case v.strange(name, summed) || systemFile(path.Base(name)) != nil: // which the diary does not look at
			v.report.bad(CodeExtra, name, say("Datoteka %s ni del paketa: nekdo jo je dodal.", "The file %s is no part of the package: somebody added it.", name))
		}
	}
	for _, f := range v.left.Notes() {
		v.report.add(f)
	}
	if _, summed := v.sums[RecordFile]; !v.files[RecordFile] && !summed {
		v.report.bad(CodeMissing, RecordFile, say("Manjka datoteka %s.", "The file %s is missing.", RecordFile))
	}
}

// strange tells whether a file that the manifest doesn't list has no place in the package: nothing may be there that no
// signature covers, wherever it lies. What the diary's folder may have verifying the diary says. Without a manifest nobody can tell.
func (v *verifier) strange(name string, summed bool) bool {
	if v.own(name) || strings.HasPrefix(name, diaryDir+"/") {
		return !summed && v.sums != nil
	}
	return v.readable
}

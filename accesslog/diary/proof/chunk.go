package proof

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strconv"
	"strings"
	"time"
)

// maxChunkFile bounds a file of a chunk: the last entry may be as long as it likes.
const maxChunkFile = chunkBytes + MaxManifest + MaxBody

// chunk is a run of entries in files of one name.
type chunk struct{ first, end int64 }

// chunks lists the chunks of a bundle in order, by the names of the files of leaves alone.
func chunks(bundle fs.FS, about About) ([]chunk, error) {
	if about.From == about.To {
		return nil, nil
	}
	files, err := fs.ReadDir(bundle, leavesDir)
	if err != nil {
		return nil, fmt.Errorf("couldn't list the entries of the bundle: %w", err)
	}
	var list []chunk
	for _, f := range files { // sorted by name, so by number
		first, ok := chunkOf(f.Name())
		if !ok {
			continue // some systems put files of their own into every folder; it is named as what nothing covers
		}
		if n := len(list); n > 0 {
			list[n-1].end = first
		}
		list = append(list, chunk{first, about.To})
	}
	for _, c := range list {
		if n := c.end - c.first; n < 1 || n > chunkEntries {
			return nil, fmt.Errorf("%s would have %d entries, at most %d are allowed: %w", chunkName(leavesDir, c.first), n, chunkEntries, ErrFormat)
		}
	}
	if len(list) == 0 || list[0].first != about.From {
		return nil, fmt.Errorf("the bundle does not begin with entry %d: %w", about.From, ErrFormat)
	}
	return list, nil
}

// chunkOf is the index that a file of a chunk is named by.
func chunkOf(base string) (first int64, ok bool) {
	first, err := strconv.ParseInt(strings.TrimSuffix(base, ".txt"), 10, 64)
	return first, err == nil && chunkName(leavesDir, first) == path.Join(leavesDir, base)
}

// mark is an entry that says something of the log itself.
type mark struct {
	Leaf
	manifest []byte // nil if it is not there, or not the right one; cut where it is longer than any that is read
	body     *Body  // nil if it is not there, not the right one, or nothing in it is read
}

// incidentPrefix begins the operations that say what the appliance found wrong.
const incidentPrefix = "incident."

// maxMarks bounds how many marks a bundle may have, but for incidents. A diary has a few a year.
const maxMarks = 10000

func marking(op string) bool {
	switch op {
	case OpRotate, OpPrune, OpConfirm, OpBegin:
		return true
	}
	return strings.HasPrefix(op, incidentPrefix)
}

// checkedChunk is what checking a chunk came to.
type checkedChunk struct {
	hashes      []Hash // of all leaves, or none if the chunk can't be read
	entries     []entryParts
	bodies      int64
	marks       []mark
	pieces      []collected
	withheld    int64 // manifests that are not there
	closed      int64 // bodies that are not there
	findings    []Finding
	newer       error // the first leaf that a newer varuh wrote, nil for none
	newerAt     int64
	back        int64 // entries dated more than a second before the one before them
	firstBack   int64
	begin, last time.Time
}

// entryParts is an entry with its parsed parts, for VerifyOptions.Each.
type entryParts struct {
	leaf     Leaf
	body     *Body
	manifest []byte
}

// check reads a chunk and holds all in it against each other. What is wrong is a finding.
func (c chunk) check(bundle fs.FS, keep bool) (got checkedChunk) {
	leaves, err := c.lines(bundle, leavesDir)
	if err != nil {
		return checkedChunk{findings: []Finding{c.unreadable(err)}}
	}
	bodies, bodyErr := c.optional(bundle, bodiesDir)
	manifests, manifestErr := c.optional(bundle, manifestsDir)
	for _, err := range []error{bodyErr, manifestErr} {
		if err != nil {
			got.findings = append(got.findings, c.unreadable(err))
		}
	}
	got.hashes = make([]Hash, len(leaves))
	for i, b := range leaves {
		got.hashes[i] = HashLeaf(b)
		got.entry(c.first+int64(i), Entry{b, bodies[i], manifests[i]}, keep)
	}
	return got
}

func (c chunk) unreadable(err error) Finding {
	return Finding{Code: CodeMissing, Bad: true, Index: &c.first, Sentence: because(err,
		"Zapisov od %d do %d v svežnju ni mogoče prebrati, ker datoteka manjka ali je poškodovana",
		"Entries %d to %d of the bundle can't be read", c.first, c.end-1)}
}

// lines reads a file that has one line for each entry of the chunk.
func (c chunk) lines(bundle fs.FS, dir string) ([][]byte, error) {
	b, err := readFile(bundle, chunkName(dir, c.first), maxChunkFile)
	if err != nil {
		return nil, err
	}
	lines := make([][]byte, c.end-c.first)
	for i := range lines {
		line, rest, ended := bytes.Cut(b, []byte("\n"))
		if !ended {
			return nil, fmt.Errorf("%s ends before entry %d: %w", chunkName(dir, c.first), c.first+int64(i), ErrFormat)
		}
		lines[i], b = line, rest
	}
	if len(b) > 0 {
		return nil, fmt.Errorf("%s goes on behind entry %d: %w", chunkName(dir, c.first), c.end-1, ErrFormat)
	}
	return lines, nil
}

// optional reads such a file, or empty lines if it is not there or can't be read.
func (c chunk) optional(bundle fs.FS, dir string) ([][]byte, error) {
	lines, err := c.lines(bundle, dir)
	if err == nil {
		return lines, nil
	}
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return make([][]byte, c.end-c.first), err
}

// entry checks one entry.
func (got *checkedChunk) entry(index int64, e Entry, keep bool) {
	l, err := ParseLeaf(e.Leaf)
	if errors.Is(err, ErrVersion) {
		got.ofNewer(index, err)
		return
	}
	if err != nil || l.Index != index {
		if err == nil {
			err = fmt.Errorf("it says that it is entry %d", l.Index)
		}
		got.finding(misplaced(index, err))
		return
	}
	got.dated(l)
	parts := entryParts{leaf: l}
	if len(e.Body) > 0 {
		parts.body = got.body(l, e.Body)
	} else {
		got.closed++
	}
	if l.Obj != nil && len(e.Manifest) == 0 {
		got.withheld++
	}
	if len(e.Manifest) > 0 {
		parts.manifest = got.manifest(l, e.Manifest)
	}
	if marking(l.Op) {
		m := mark{Leaf: l, manifest: bytes.Clone(parts.manifest[:min(len(parts.manifest), MaxBody)])}
		if l.Op == OpBegin || l.Op == OpRollback {
			m.body = parts.body
		}
		got.marks = append(got.marks, m)
	}
	if l.Op == OpCollect {
		got.pieces = append(got.pieces, newCollected(l, parts.manifest))
	}
	if keep {
		got.entries = append(got.entries, parts)
	}
}

// ofNewer notes an entry that this program can't read. It may be a piece of any camera.
func (got *checkedChunk) ofNewer(index int64, err error) {
	if got.newer == nil {
		got.newer, got.newerAt = fmt.Errorf("entry %d: %w", index, err), index
	}
	got.pieces = append(got.pieces, collected{index: index})
}

func misplaced(index int64, err error) Finding {
	return badEntry(CodeEntry, index, "ni v pravi obliki ali na pravem mestu", fmt.Sprintf("not in its format or place (%v)", err))
}

func (got *checkedChunk) body(l Leaf, b []byte) *Body {
	if HashBody(b) != l.Body {
		got.finding(badEntry(CodeBody, l.Index, "njegova vsebina ni tista, ki je bila podpisana", "its body is not the one that was signed"))
		return nil
	}
	got.bodies++
	body, err := ParseBody(b)
	if err != nil {
		got.finding(badEntry(CodeBody, l.Index, "njegova vsebina ni v pravi obliki", fmt.Sprintf("its body is not in its format (%v)", err)))
		return nil
	}
	return &body
}

// manifest checks the form of every manifest, for whoever reads it later may read it by another parser.
func (got *checkedChunk) manifest(l Leaf, b []byte) []byte {
	if l.Obj == nil || HashBody(b) != *l.Obj {
		got.finding(badEntry(CodeBody, l.Index, "njegov seznam ni tisti, ki je bil podpisan", "its manifest is not the one that was signed"))
		return nil
	}
	_, err := Parse(b)
	if err == nil && len(b) > MaxManifest {
		err = fmt.Errorf("it has %d bytes, at most %d are allowed: %w", len(b), MaxManifest, ErrFormat)
	}
	if err != nil {
		got.finding(badEntry(CodeBody, l.Index, "njegov seznam ni v pravi obliki", fmt.Sprintf("its manifest is not in its format (%v)", err)))
		return nil
	}
	return b
}

// dated notes where times go back by more than a second; a clock that is being corrected may go
// back by less.
func (got *checkedChunk) dated(l Leaf) {
	if got.begin.IsZero() {
		got.begin = l.Time
	} else if l.Time.Before(got.last.Add(-time.Second)) {
		if got.back == 0 {
			got.firstBack = l.Index
		}
		got.back++
	}
	got.last = l.Time
}

func (got *checkedChunk) finding(f Finding) {
	if len(got.findings) <= maxFindings { // one more, so that the report says that there is more
		got.findings = append(got.findings, f)
	}
}

// readFile reads a file of at most max bytes.
func readFile(bundle fs.FS, name string, max int64) ([]byte, error) {
	f, err := bundle.Open(name)
	if err != nil {
		return nil, fmt.Errorf("couldn't open %s: %w", name, err)
	}
	defer f.Close()
	var b bytes.Buffer
	if info, err := f.Stat(); err == nil && info.Size() <= max {
		b.Grow(int(info.Size()) + bytes.MinRead)
	}
	n, err := io.Copy(&b, io.LimitReader(f, max+1))
	if err != nil {
		return nil, fmt.Errorf("couldn't read %s: %w", name, err)
	}
	if n > max {
		return nil, fmt.Errorf("%s is longer than %d bytes: %w", name, max, ErrFormat)
	}
	return b.Bytes(), nil
}

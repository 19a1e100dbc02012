package evidencetest

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"varuh/accesslog/evidence"
	"varuh/testdata/clips"
)

// Sums lists the files of a package, and SumsSignature is its signature.
const (
	Sums          = "SHA256SUMS.txt"
	SumsSignature = "SHA256SUMS.sig"
)

// Move is what somebody without a key did to a package: files taken out, and files that are there with the bytes of others.
type Move struct {
	What  string
	Gone  []string
	From  map[string]string // by name: whose bytes a file has, "" for bytes that were nowhere
	Again bool              // the sums were made anew, without their signature
}

// Named are the files of which a verifier has to name one: those that were moved, or the signature where the sums hide it.
func (m Move) Named() []string {
	names := slices.Concat(m.Gone, slices.Sorted(maps.Keys(m.From)))
	if m.Again {
		names = append(names, SumsSignature)
	}
	return names
}

// Done is a package after a move.
func (m Move) Done(pkg fstest.MapFS) fstest.MapFS {
	after := maps.Clone(pkg)
	for _, name := range m.Gone {
		delete(after, name)
	}
	for name, from := range m.From {
		after[name] = &fstest.MapFile{Data: []byte("added"), Mode: 0o600}
		if from != "" {
			after[name] = pkg[from]
		}
	}
	if m.Again {
		after[Sums] = &fstest.MapFile{Data: Summed(after), Mode: 0o600}
	}
	return after
}

// Summed is what sha256sum prints of a package.
func Summed(pkg fstest.MapFS) []byte {
	var b bytes.Buffer
	for _, name := range slices.Sorted(maps.Keys(pkg)) {
		if name != Sums && name != SumsSignature {
			fmt.Fprintf(&b, "%x  %s\n", sha256.Sum256(pkg[name].Data), name)
		}
	}
	return b.Bytes()
}

// Moves are all of a kind: each file taken out, each called otherwise, each pair that ends alike exchanged, and one put into each
// folder, each with the sums as they were and made anew.
func Moves(pkg fstest.MapFS) (list []Move) {
	names, folders := slices.Sorted(maps.Keys(pkg)), map[string]bool{}
	add := func(m Move) {
		list = append(list, m)
		if !slices.Contains(m.Named(), Sums) {
			m.Again, m.What = true, m.What+", with new sums"
			list = append(list, m)
		}
	}
	for i, name := range names {
		folders[path.Dir(name)] = true
		add(Move{What: name + " is taken out", Gone: []string{name}})
		add(Move{What: name + " is called otherwise", Gone: []string{name}, From: map[string]string{renamed(name): name}})
		for _, other := range names[i+1:] {
			if path.Ext(other) == path.Ext(name) && !bytes.Equal(pkg[name].Data, pkg[other].Data) {
				add(Move{What: name + " and " + other + " are exchanged", From: map[string]string{name: other, other: name}})
			}
		}
	}
	for _, dir := range slices.Sorted(maps.Keys(folders)) {
		for _, base := range []string{"x", "9999.mp4", "9999.jsonl", "0000000000000000.tlog-proof", "000999.txt"} {
			add(Move{What: base + " is put into " + dir, From: map[string]string{path.Join(dir, base): ""}})
		}
	}
	return list
}

// renamed is another name in the same folder, of the same kind: the number is a much higher one, or a letter is added.
func renamed(name string) string {
	ext := path.Ext(name)
	base := strings.TrimSuffix(name, ext)
	if last := base[len(base)-1]; last >= '0' && last <= '9' {
		return base[:len(base)-4] + "9" + base[len(base)-3:] + ext
	}
	return base + "x" + ext
}

// Whole is a case with something of everything that a package can have, in few bytes: sound of two cameras, a copy for viewing, a
// program, entries about the request that lead nowhere, and two checkpoints that a witness and a timestamping authority saw.
func Whole(t testing.TB, seed string) *Case {
	t.Helper()
	c := NewCase(t, seed, true,
		Segments(t, Load(t, 1, clips.ALaw), "hall", "main", Dawn, 5),
		Segments(t, Load(t, 1, clips.MuLaw), "yard", "main", Dawn, 4))
	request := c.About.Export - 1
	c.Entries = append(c.Entries, c.Diary.Add("request.complete", nil, &request), c.Diary.Add("request.approve", nil, &request))
	c.Diary.Witnessed()
	c.Diary.Stamp = func(text []byte) []byte { return append([]byte("stamp of "), text...) }
	c.Enclosed = []evidence.Enclosure{Text("1_PREBERI.html", evidence.KindReading, "<p>Preberi\n"), Text("varuh-verify.exe", evidence.KindProgram, "MZ"),
		Text("OGLEDNA_KOPIJA_0001.mp4", evidence.KindDerived, "copy")}
	return c
}

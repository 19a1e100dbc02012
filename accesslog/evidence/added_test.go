package evidence_test

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"varuh/accesslog/evidence"
	"varuh/accesslog/evidence/evidencetest"
)

// Whatever is added is named and bad, wherever it lies and however it is spelled, with a line in the sums or without. What a
// system makes in a folder that somebody opened or copied is named, and no harm, unless somebody has put it into the sums.
func TestAdded(t *testing.T) {
	t.Parallel()
	c := evidencetest.Small(t, "a")
	pkg, _ := c.Written(t)
	for name, bad := range map[string]bool{
		"varuh-verify.exe": true, "autorun.inf": true, "0_ODPRI_NAJPREJ.html": true, "OGLEDNA_KOPIJA_0001.mp4": true, "1_PREBERI.htm": true,
		"posnetki2/0001.mp4": true, "Posnetki/0003.mp4": true, "posnetki/0003.mp4": true, "Proof/clips/0003.jsonl": true, "proof/clipsx/1": true, "zapisnik_o_predaji.pdf": true,
		"x/" + evidence.RecordFile: true, "posnetki/" + evidence.RecordFile: true, "proof/clips/.DS_Store": false, "proof/.DS_Store": false, ".DS_Store": false, "posnetki/.DS_Store": false,
		"posnetki/Thumbs.db": false, "proof/diary/._bundle.json": false, "proof/diary/pinned/.DS_Store": false, "desktop.ini": false, "posnetki/._0001.mp4": false,
		// A name of a system's hides nothing in a folder of that name, nor its folder's a file, or one that lies deeper.
		".DS_Store/0003.mp4": true, "posnetki/._x/0003.mp4": true, "._": true, "x.DS_Store": true, "System Volume Information": true, "posnetki/System Volume Information/x": true, "proof/.Trashes/0003.mp4": true, ".Trash-": true, ".Trash-/x": true, "System Volume Information.mp4": true,
	} {
		for _, summed := range []bool{true, false} {
			f := forge(t, c, pkg)
			f.put(name, []byte("x"))
			if summed {
				f.sum()
			}
			r := verified(t, f.files, c.Knowing())
			named := slices.ContainsFunc(r.Findings, func(x evidence.Finding) bool {
				return x.Code == evidence.CodeExtra && x.File == name && x.Bad == bad && strings.Contains(x.EN, name)
			})
			if !named || r.Bad() != (bad || summed) || r.Good() == (bad || summed) {
				t.Errorf("%s, with its sum %v: good %v, bad %v, %+v", name, summed, r.Good(), r.Bad(), r.Findings)
			}
		}
	}
}

// What operating systems leave at the root of a drive is told by its folder, how much it is, and what in it could be taken for a
// part of the package; it is no harm, though nobody may look into it, and drives nothing that is wrong out of the report.
func TestLeftovers(t *testing.T) {
	t.Parallel()
	c := evidencetest.Small(t, "a")
	pkg, _ := c.Written(t)
	for _, name := range []string{"System Volume Information/WPSettings.dat", "System Volume Information/0001.mp4", "System Volume Information/x/1_PREBERI.HTML", ".Trash-1000/info/x", ".fseventsd/fseventsd-uuid",
		"$RECYCLE.BIN/desktop.ini", "__MACOSX/._manifest.json", "lost+found/#12", "._1_PREBERI.html", "posnetki/._0001.mp4", "Thumbs.db"} {
		pkg[name] = &fstest.MapFile{Data: []byte("x"), Mode: 0o600}
	}
	for n := range 300 {
		pkg[fmt.Sprintf(".Spotlight-V100/%d", n)] = &fstest.MapFile{Data: []byte("x"), Mode: 0o600}
	}
	r := verified(t, pkg, c.Knowing())
	if !r.Good() || len(r.Findings) != 11 {
		t.Errorf("%d findings, %+v", len(r.Findings), r)
	}
	for file, want := range map[string]string{
		"System Volume Information":          "The folder System Volume Information is no part of the package: operating systems make it. Files in it: 3; none was checked.",
		"System Volume Information/0001.mp4": "looks by its name like a clip, a page or a program, but is none of the package's and was not checked. There are 2 such files.",
		".Trash-1000":                        "Files in it: 1",
		".Spotlight-V100":                    "Files in it: 300",
		"._1_PREBERI.html":                   "and 1 others of its kind",
		"Thumbs.db":                          "The file Thumbs.db is no part of the package: operating systems make it.",
	} {
		if !slices.ContainsFunc(r.Findings, func(f evidence.Finding) bool { return f.File == file && strings.Contains(f.EN, want) && !f.Bad }) {
			t.Errorf("%s: %+v", file, r.Findings)
		}
	}
	pkg["posnetki/0003.mp4"] = &fstest.MapFile{Data: []byte("x"), Mode: 0o600}
	if r := verified(t, pkg, c.Knowing()); !r.Bad() {
		t.Error("a film was added beside all that, and nobody minds")
	}
	if r, err := evidence.Verify(t.Context(), closed{pkg}, c.Knowing()); err != nil || r.Good() || !slices.ContainsFunc(r.Findings, func(f evidence.Finding) bool {
		return f.File == "lost+found" && strings.Contains(f.EN, "Files in it: 0")
	}) {
		t.Errorf("%+v, %v", r, err)
	}
}

// closed has a folder that the system alone may look into.
type closed struct{ fstest.MapFS }

// ReadDir implements [fs.ReadDirFS].
func (c closed) ReadDir(name string) ([]fs.DirEntry, error) {
	if name == "lost+found" {
		return nil, fs.ErrPermission
	}
	return c.MapFS.ReadDir(name)
}

// A file that the manifest does not list is refused as it is written, but for the record, and a package without that.
func TestWriteRecord(t *testing.T) {
	t.Parallel()
	for what, after := range map[string][]evidence.Enclosure{
		"no record": nil,
		"another":   {evidencetest.Text(evidence.RecordFile, evidence.KindReading, "%PDF-"), evidencetest.Text("opombe.txt", evidence.KindReading, "x")},
		"an empty":  {evidencetest.Text(evidence.RecordFile, evidence.KindReading, "")},
	} {
		c := evidencetest.Tiny(t, "a")
		c.After = after
		m := evidencetest.Memory{}
		if _, err := evidence.Write(t.Context(), m, c.Package()); err == nil || m["SHA256SUMS.txt"] != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
}

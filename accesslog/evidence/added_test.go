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
			f.put(name, evidencetest.Left(name))
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

// What operating systems leave at the root of a drive is told by its folder, and how much it is; it is no harm, though nobody may
// look into it, and drives nothing that is wrong out of the report.
func TestLeftovers(t *testing.T) {
	t.Parallel()
	c := evidencetest.Small(t, "a")
	pkg, _ := c.Written(t)
	put := func(name string) { pkg[name] = &fstest.MapFile{Data: evidencetest.Left(name), Mode: 0o600} }
	for _, name := range []string{"System Volume Information/WPSettings.dat", "System Volume Information/tracking.log", "System Volume Information/x/y", ".Trash-1000/info/x", ".fseventsd/fseventsd-uuid",
		"$RECYCLE.BIN/desktop.ini", "__MACOSX/._manifest.json", "lost+found/#12", "._1_PREBERI.html", "posnetki/._0001.mp4", "Thumbs.db", ".Trash-1000/files/._0001.mp4"} {
		put(name)
	}
	for n := range 300 {
		put(fmt.Sprintf(".Spotlight-V100/%d", n))
	}
	r := verified(t, pkg, c.Knowing())
	if !r.Good() || len(r.Findings) != 9 {
		t.Errorf("%d findings, %+v", len(r.Findings), r)
	}
	for file, want := range map[string]string{
		"System Volume Information": "The folder System Volume Information is no part of the package: operating systems make it. Files in it: 3; none was checked.",
		".Trash-1000":               "Files in it: 2",
		".Spotlight-V100":           "Files in it: 300",
		"._1_PREBERI.html":          "and 1 others of its kind",
		"Thumbs.db":                 "The file Thumbs.db is no part of the package: operating systems make it.",
	} {
		if !slices.ContainsFunc(r.Findings, func(f evidence.Finding) bool { return f.File == file && strings.Contains(f.EN, want) && !f.Bad }) {
			t.Errorf("%s: %+v", file, r.Findings)
		}
	}
	put("posnetki/0003.mp4")
	if r := verified(t, pkg, c.Knowing()); !r.Bad() {
		t.Error("a film was added beside all that, and nobody minds")
	}
	if r, err := evidence.Verify(t.Context(), closed{pkg}, c.Knowing()); err != nil || r.Good() || !slices.ContainsFunc(r.Findings, func(f evidence.Finding) bool {
		return f.File == "lost+found" && strings.Contains(f.EN, "Files in it: 0")
	}) {
		t.Errorf("%+v, %v", r, err)
	}
}

// A film under the name of a system's file, or in the folder of a system's, is one that somebody added, and so is anything else that
// isn't what its name says, or is larger than that.
func TestHiddenAsSystems(t *testing.T) {
	t.Parallel()
	c := evidencetest.Tiny(t, "a")
	pkg, _ := c.Written(t)
	for name, b := range evidencetest.Hidden(pkg["posnetki/0001.mp4"].Data) {
		f := forge(t, c, pkg)
		f.put(name, b)
		r := verified(t, f.files, c.Knowing())
		if !r.Bad() || !slices.ContainsFunc(r.Findings, func(x evidence.Finding) bool { return x.Code == evidence.CodeExtra && x.File == name && x.Bad }) {
			t.Errorf("%s: good %v, %+v", name, r.Good(), r.Findings)
		}
	}
	for _, s := range evidence.SystemFiles {
		name := strings.ReplaceAll(s.Name, "*", "x")
		b := evidencetest.Left(name)
		for more, good := range map[int]bool{0: true, int(s.Most) - len(b): true, int(s.Most) - len(b) + 1: false} {
			f := forge(t, c, pkg)
			f.put("posnetki/"+name, append(slices.Clone(b), make([]byte, more)...))
			if r := verified(t, f.files, c.Knowing()); r.Good() != good {
				t.Errorf("%s with %d more bytes: %+v", name, more, r.Findings)
			}
		}
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

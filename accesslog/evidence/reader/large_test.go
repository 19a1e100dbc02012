package reader_test

import (
	"strings"
	"testing"

	"varuh/accesslog/evidence"
	"varuh/accesslog/evidence/evidencetest"
)

// slow lets no more of a file come once the page has told how far it is, as a stick that is very slow, until quick is called.
const slow = `{
	const real = Blob.prototype.arrayBuffer, quick = new Promise((done) => { globalThis.quick = done; });
	Blob.prototype.arrayBuffer = function () { return (document.getElementById('bar').value > 0 ? quick : Promise.resolve()).then(() => real.call(this)); };
}`

// A file of several chunks is told to be changed in the right one, also one that only the sums list. Verifying tells how far it
// is, can be stopped, and begins anew.
func TestLarge(t *testing.T) {
	t.Parallel()
	c := evidencetest.NewCase(t, "a", true, evidencetest.Segments(t, evidencetest.Second(t, 9<<20), "hall", "main", evidencetest.Dawn, 5))
	c.After = []evidence.Enclosure{evidencetest.Text(evidence.RecordFile, evidence.KindReading, strings.Repeat("zapisnik", 5<<17))}
	pkg := packageOf(t, c)
	dir, film := unpack(t, pkg), pkg["posnetki/0001.mp4"].Data
	b := tabOf(t, slow)
	b.open(dir)
	b.types(c.Diary.Key.Fingerprint())
	b.Pick("#folder", dir)
	b.until("!document.getElementById('busy').hidden && document.getElementById('bar').value > 0 && /Preverjam: \\d+ % /.test(document.getElementById('busy-text').textContent)")
	b.Click("#stop")
	js[bool](b, "(quick(), true)")
	b.until("document.getElementById('busy').hidden && document.getElementById('stopped').textContent.includes('ustavljeno')")
	if js[bool](b, "!document.getElementById('result').hidden") {
		t.Error("there is a result of what was stopped")
	}
	b.pick(dir)
	if got := b.told(); got.Sum != "good" {
		t.Errorf("begun anew: %+v", got)
	}
	write(t, dir, "posnetki/0001.mp4", flipped(film, 5<<20))
	write(t, dir, evidence.RecordFile, flipped(pkg[evidence.RecordFile].Data, 4<<20))
	b.pick(dir)
	want := []string{"changed: The file posnetki/0001.mp4 was changed: the first wrong byte is between 4194304 and 8388607", "sumWrong: The file ZAPISNIK_O_PREDAJI.pdf is not as SHA256SUMS.txt says",
		"fragment: Fragment 1 of posnetki/0001.mp4 is not as it was recorded"}
	got := b.told()
	for n, w := range want {
		if len(got.Bad) != len(want) || !strings.HasPrefix(got.Bad[n], w) {
			t.Errorf("want %q: %+v", w, got)
		}
	}
	b.quiet()
}

package reader_test

import (
	"context"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"varuh/accesslog/evidence"
	"varuh/accesslog/evidence/evidencetest"
	"varuh/accesslog/evidence/reader"
	"varuh/testdata/clips"
)

// packageOf is a case as a package with its page.
func packageOf(t testing.TB, c *evidencetest.Case) fstest.MapFS {
	t.Helper()
	c.Enclosed = nil
	p := c.Package()
	p.Guide = func(m evidence.Manifest) (evidence.Enclosure, error) {
		b, err := reader.Page(m)
		return evidence.Enclosure{Path: reader.Name, Kind: evidence.KindReading, Write: func(_ context.Context, to io.Writer) error {
			_, err := to.Write(b)
			return err
		}}, err
	}
	m := evidencetest.Memory{}
	_, err := evidence.Write(t.Context(), m, p)
	must(t, err)
	return m.FS()
}

// films is a case of two cameras whose clips a browser plays, one of them with sound, in two segments each, and of one that
// did not answer.
func films(t testing.TB) *evidencetest.Case {
	t.Helper()
	c := evidencetest.NewCase(t, "a", true,
		evidencetest.Segments(t, evidencetest.Load(t, 1, clips.Hall), "hall", "main", evidencetest.Dawn, 5)[:2],
		evidencetest.Segments(t, evidencetest.Load(t, 1, clips.OpusSound), "yard", "main", evidencetest.Dawn, 4)[:2])
	c.About.Asked = append(c.About.Asked, evidence.Range{Camera: "gate", From: evidencetest.Dawn, To: evidencetest.Dawn.Add(time.Minute)})
	c.About.Gaps = []evidence.Gap{{Camera: "gate", Stream: "main", From: evidencetest.Dawn, To: evidencetest.Dawn.Add(time.Minute), Cause: "unreachable"}}
	return c
}

// small is such a package, and whose key signed it.
func small(t testing.TB) (fstest.MapFS, *evidencetest.Case) {
	t.Helper()
	c := films(t)
	return packageOf(t, c), c
}

// The page plays the clips, verifies the folder, and says that all is well only once the fingerprint on paper was typed. It
// asks nothing of a network, and has nothing to complain of.
func TestGood(t *testing.T) {
	t.Parallel()
	b := tabOf(t, "")
	pkg, c := small(t)
	dir := unpack(t, pkg)
	b.open(dir)
	b.until("document.querySelector('video').readyState >= 2 && document.querySelector('video').videoWidth > 0")
	b.Click("[data-clip='1']") // a press of somebody's, or a browser plays no sound
	b.until("document.querySelector('video').currentTime > 0.3 && document.querySelector('video').src.endsWith('posnetki/0002.mp4')")
	js[bool](b, "(document.querySelector('video').pause(), true)")
	b.types(c.Diary.Key.Fingerprint())
	b.types("")

	b.pick(dir)
	if got := b.told(); got.Sum != "waiting" || slices.ContainsFunc(slices.Collect(maps.Values(got.Verdicts)), func(s string) bool { return s != "waiting" }) || len(got.Verdicts) != 3 {
		t.Errorf("before the fingerprint: %+v", got)
	}
	if strings.Contains(js[string](b, "document.body.innerText"), c.Diary.Key.Fingerprint()) {
		t.Error("the page shows the fingerprint before somebody typed it")
	}
	b.types(strings.ToUpper(c.Diary.Key.Fingerprint()))
	got := b.told()
	if got.Sum != "good" || len(got.Bad) > 0 || got.Verdicts["exported"] != "yes" || got.Verdicts["disclosed"] != "yes" || got.Verdicts["unchanged"] != "elsewhere" {
		t.Errorf("with the fingerprint: %+v", got)
	}
	if len(got.Notes) > 0 {
		t.Errorf("notes: %q", got.Notes)
	}
	b.until("document.querySelector('video').src.startsWith('blob:')")
	b.Click("[data-clip='0']") // a press of somebody's, or a browser plays no sound
	b.until("document.querySelector('video').src.startsWith('blob:') && document.querySelector('video').currentTime > 0.3")
	b.types(strings.Repeat("0", 32))
	if got := b.told(); got.Sum != "bad" || got.Verdicts["exported"] != "no" || got.Verdicts["disclosed"] != "no" || got.Verdicts["unchanged"] != "no" {
		t.Errorf("with another's fingerprint: %+v", got)
	}
	b.quiet()
}

// The page is for everybody: axe finds nothing, nothing is wider than a telephone, in both languages, light and dark.
func TestLooks(t *testing.T) {
	t.Parallel()
	axe, err := os.ReadFile("../../web/pages/testdata/axe.min.js")
	must(t, err)
	b := tabOf(t, "")
	pkg, c := small(t)
	dir := unpack(t, pkg)
	b.open(dir)
	b.until("document.querySelector('video').readyState >= 2")
	js[bool](b, string(axe)+"\n;true")
	look := func(name string) {
		for _, language := range []string{"sl", "en"} {
			js[bool](b, "document.querySelector('[data-speak="+language+"]').click(); true")
			for _, scheme := range []string{"light", "dark"} {
				for _, width := range []int{360, 1280} {
					b.look(width, scheme)
					if wide := js[int](b, "document.documentElement.scrollWidth"); wide > width {
						t.Errorf("%s is %d wide on a screen of %d", name, wide, width)
					}
					if os.Getenv("VARUH_SCREENS") != "" {
						b.picture(strings.Join([]string{name, language, scheme, map[int]string{360: "360", 1280: "1280"}[width]}, "-"))
					}
				}
				for _, barrier := range js[[]string](b, `axe.run(document, {resultTypes: ['violations']}).then((r) => r.violations.map((v) => v.id + ': ' + v.nodes.map((n) => n.target.join(' ')).join('; ')))`) {
					t.Errorf("%s, %s, %s: %s", name, language, scheme, barrier)
				}
			}
		}
	}
	look("begin")
	b.pick(dir)
	look("waiting")
	b.types(c.Diary.Key.Fingerprint())
	look("good")
	must(t, os.WriteFile(dir+"/posnetki/0001.mp4", pkg["posnetki/0002.mp4"].Data, 0o600))
	b.pick(dir)
	look("bad")
	b.quiet()
}

// The verdicts are the same where WebCrypto refuses the page, or is not there.
func TestWithoutWebCrypto(t *testing.T) {
	t.Parallel()
	pkg, c := small(t)
	dir := unpack(t, pkg)
	for what, before := range map[string]string{
		"verify throws": "SubtleCrypto.prototype.verify = () => { throw new Error('no verify'); }; SubtleCrypto.prototype.importKey = SubtleCrypto.prototype.verify;",
		"digest throws": "SubtleCrypto.prototype.digest = () => { throw new Error('no digest'); };",
		"no subtle":     "Object.defineProperty(Crypto.prototype, 'subtle', {get: () => undefined});",
	} {
		b := tabOf(t, before)
		b.open(dir)
		b.pick(dir)
		b.types(c.Diary.Key.Fingerprint())
		if got := b.told(); got.Sum != "good" || len(got.Bad) > 0 {
			t.Errorf("%s: %+v", what, got)
		}
		b.quiet()
	}
}

package reader_test

import (
	"crypto/sha256"
	"fmt"
	"html"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"varuh/accesslog/evidence"
	"varuh/accesslog/evidence/evidencetest"
	"varuh/accesslog/evidence/reader"
)

// The page says which clips browsers don't show and plays their copies, how far the times can be trusted, and why something is
// missing; what comes from elsewhere stays text.
func TestPage(t *testing.T) {
	t.Parallel()
	m := evidence.Manifest{Clips: []evidence.Clip{{Path: "posnetki/0001.mp4", Camera: "yard", From: evidencetest.Dawn, To: evidencetest.Dawn.Add(time.Hour),
		Tracks: []evidence.Track{{Entry: "hvc1"}, {Entry: "alaw", Sound: true}, {Entry: "new1"}}}}}
	m.Files = []evidence.File{{Path: "OGLEDNA_KOPIJA_0001.mp4", Kind: evidence.KindDerived, Of: "posnetki/0001.mp4"}}
	m.Segments = []evidence.Segment{{Camera: "yard", Correction: 90 * time.Second}}
	m.Cameras = map[string]string{"yard": "Dvorišče <b>"}
	m.Controller = `<script>alert("1")</script>`
	m.Request = map[string]string{"case": `</script><img src=x>`, "something": "else"}
	m.Clock = evidence.Clock{Zone: "Nowhere/Atall", Cameras: map[string]time.Duration{"yard": -1500 * time.Millisecond}}
	m.Gaps = []evidence.Gap{{Camera: "yard", Cause: "erased"}, {Camera: "yard", Cause: "a new cause"}}
	b, err := reader.Page(m)
	must(t, err)
	text := string(b)
	for _, want := range []string{"H.265, G.711", "H.265 + G.711 + new1", `"copy":"OGLEDNA_KOPIJA_0001.mp4"`, "21. 11. 2026 06:30:00 UTC – 21. 11. 2026 07:30:00 UTC", "add up to 90.000 s to the times of clips of camera yard (Dvori", "kamera yard (Dvorišče &lt;b&gt;)", "z zadnjo celo sliko", "with the last whole picture",
		"is behind by 1.500 s", "zaostaja za 1,500 s", "posnetek je bil izbrisan", "a new cause", "Številka zadeve", "something", "was not compared with outside time", "smete uporabiti samo za namen"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if n := strings.Count(text, "<script"); n != 2 || strings.Contains(text, "<img") || strings.Count(text, "</script>") != 2 {
		t.Errorf("%d scripts, or a picture", n)
	}
	// Nothing in it leads elsewhere.
	if other := regexp.MustCompile(`(https?:|//[a-z]+\.|\burl\(|@import|\b(src|href)="[^"]*:)`).FindString(regexp.MustCompile(`xmlns="[^"]*"`).ReplaceAllString(text, "")); other != "" {
		t.Errorf("the page leads to %q", other)
	}
}

// The scripts are in the language of Chrome and Edge 109 and Firefox 115: what came later is not called.
func TestBaseline(t *testing.T) {
	t.Parallel()
	b, err := reader.Page(evidence.Manifest{})
	must(t, err)
	later := regexp.MustCompile(`\.(toSorted|toReversed|toSpliced|with|groupBy|fromAsync|withResolvers|isWellFormed|toWellFormed|toHex|toBase64|fromBase64|setFromBase64|fromHex|setFromHex|checkVisibility|union|intersection|difference|symmetricDifference|isSubsetOf|isSupersetOf|isDisjointFrom|any|canParse|transfer|getSetCookie|sumPrecise|try|escape|isError|f16round)\(` +
		`|\.(values|keys|entries)\(\)\.(map|filter|some|every|reduce|find|forEach|flatMap|take|drop|toArray)\(|\bnew Iterator|\bIterator\.|\bTemporal\.|\bIntl\.(Segmenter|DurationFormat)|\b(await )?using [a-z]+ =|\(\?[ims]*-?[ims]*:\w` + // the last: flags in a part of an expression
		`|\bimport\b|/v[);,]|:has\(|color-mix|light-dark\(|@container|@scope|@starting-style|subgrid|text-wrap|popover|[;{}]\s*&[ .:>]|<details name`)
	if found := later.Find(b); found != nil {
		t.Errorf("the page has %q, which the oldest browsers that it is for do not know", found)
	}
	for _, new := range []string{"a.toSorted(", "files.values().map(", "Promise.try(", "/(?i:x)/", "import x", "a:has(b)", "p { color: red; & b {", "Set.union(", "/x/v)"} {
		if !later.MatchString(new) {
			t.Errorf("%q would not be found", new)
		}
	}
}

// The commands on the page, as they stand there, verify the package with programs of others, and mind what was changed.
func TestCommands(t *testing.T) {
	t.Parallel()
	_, err := exec.LookPath("openssl")
	if err != nil && os.Getenv("CI") == "" {
		t.Skip("openssl is missing: apt-get install openssl")
	}
	must(t, err)
	pkg, c := small(t)
	dir := unpack(t, pkg)
	text := regexp.MustCompile(`(?s)<pre id="commands">(.*?)</pre>`).FindStringSubmatch(string(pkg["1_PREBERI.html"].Data))
	if text == nil {
		t.Fatal("the page has no commands")
	}
	run := func() (string, error) {
		cmd := exec.CommandContext(t.Context(), "sh", "-e", "-c", html.UnescapeString(text[1]))
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	want := fmt.Sprintf("%s\n%x  manifest.json\n", strings.ReplaceAll(c.Diary.Key.Fingerprint(), " ", ""), sha256.Sum256(pkg["manifest.json"].Data))
	if out, err := run(); err != nil || !strings.HasPrefix(out, want) || strings.Count(out, "Signature Verified Successfully") != 2 {
		t.Errorf("%v\n%s\nwant %s", err, out, want)
	}
	for _, name := range []string{"manifest.json", "manifest.sig", "posnetki/0001.mp4", "1_PREBERI.html", evidence.RecordFile, "SHA256SUMS.txt", "SHA256SUMS.sig"} {
		b := pkg[name].Data
		write(t, dir, name, flipped(b, len(b)/2))
		if out, err := run(); err == nil {
			t.Errorf("%s was changed, and nobody minds:\n%s", name, out)
		}
		write(t, dir, name, b)
	}
}

package anchor

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"varuh/accesslog/diary/proof"
)

// photograph is what a QR reader sees in an image, byte for byte.
func photograph(t *testing.T, drawing []byte, width int) []byte {
	t.Helper()
	draw, read := tool(t, "rsvg-convert", "librsvg2-bin"), tool(t, "zbarimg", "zbar-tools")
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "code.svg"), drawing, 0o600))
	out, err := exec.Command(draw, "--width", fmt.Sprint(width), "-o", filepath.Join(dir, "code.png"), filepath.Join(dir, "code.svg")).CombinedOutput()
	if err != nil {
		t.Fatalf("rsvg-convert: %v: %s", err, out)
	}
	out, err = exec.Command(read, "--quiet", "--raw", "--oneshot", "-Sdisable", "-Sqrcode.enable", "-Sqrcode.binary", filepath.Join(dir, "code.png")).Output()
	if err != nil {
		t.Fatalf("zbarimg: %v: %s", err, out)
	}
	return out
}

var drawing = regexp.MustCompile(`(?s)<svg .*</svg>`)

// The code on the page, read by somebody else's reader, is a checkpoint that verifies.
func TestPageReadsBack(t *testing.T) {
	t.Parallel()
	d := newDiary(t)
	k := newKeeper(t, "witness.example/w1", d.key)
	for _, size := range []int64{1, 100, 4321} {
		c := d.grow(t, size).now(t)
		c, err := proof.OpenCheckpoint(append(c.Note, cosignature(k.Cosigner, c.Checkpoint)...), d.key)
		must(t, err)
		var page bytes.Buffer
		must(t, Page{Controller: "Osnovna šola Zgled", Checkpoint: c, Made: noon}.HTML(&page))
		for _, width := range []int{300, 900} {
			read := photograph(t, drawing.Find(page.Bytes()), width)
			if want := d.now(t).Note; !bytes.Equal(read, want) {
				t.Fatalf("at %d pixels it reads\n%q\nnot\n%q", width, read, want)
			}
			back, err := proof.OpenCheckpoint(read, d.key)
			if err != nil || back.Checkpoint != c.Checkpoint {
				t.Errorf("read back as %+v, %v", back, err)
			}
		}
	}
}

// The page is whole by itself: well-formed, without script or address of another file, and the same
// checkpoint is on it as text.
func TestPage(t *testing.T) {
	t.Parallel()
	d := newDiary(t).grow(t, 42)
	var page bytes.Buffer
	must(t, Page{Controller: "<script>alert(1)</script> & sinovi", Checkpoint: d.now(t), Made: noon}.HTML(&page))
	text := page.String()
	for _, want := range []string{"Kontrolna točka", "Checkpoint", origin, "<td>42</td>", "21. 11. 2026 ob 12:00 UTC", "2026-11-21 12:00 UTC", d.key.Fingerprint(), "&lt;script&gt;alert(1)&lt;/script&gt; &amp; sinovi", "varuh-verify --held", "size: A4"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not on the page", want)
		}
	}
	for _, bad := range []string{"<script", "href=", "src=", "url("} {
		if strings.Contains(text, bad) {
			t.Errorf("%q is on the page", bad)
		}
	}
	note := regexp.MustCompile(`(?s)<pre>(.*)</pre>`).FindStringSubmatch(text)[1]
	var plain struct {
		Text string `xml:",chardata"`
	}
	must(t, xml.Unmarshal([]byte("<pre>"+note+"</pre>"), &plain))
	if _, err := proof.OpenCheckpoint([]byte(plain.Text), d.key); err != nil {
		t.Errorf("the text on the page: %v", err)
	}
	if err := (Page{Checkpoint: proof.Signed{Checkpoint: d.now(t).Checkpoint}}).HTML(&page); err == nil {
		t.Error("a checkpoint that nobody signed was printed")
	}
}

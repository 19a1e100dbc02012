package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"varuh/accesslog/diary/proof"
	"varuh/accesslog/web/browsertest"
	"varuh/testdata/clips"
)

// whole tells whether the picture of a moment is one from before the window was broken: it is more like the first of one
// clip than of the other.
func (s *story) whole(v *visitor, viewing string, at time.Time) bool {
	s.t.Helper()
	shown := s.small(v.gets("GET", "/viewings/"+viewing+"/hall/main/frame?at="+at.Format(time.RFC3339Nano), nil))
	return apart(shown, s.first(clips.Entrance)) < apart(shown, s.first(clips.Hall))
}

// first is the first picture of a clip, small.
func (s *story) first(c clips.Clip) []byte {
	s.t.Helper()
	file, err := clips.Files.ReadFile(c.File)
	must(s.t, err)
	return s.small(file)
}

// small is the first picture of a film as 16 × 9 colours.
func (s *story) small(film []byte) []byte {
	s.t.Helper()
	file := filepath.Join(s.t.TempDir(), "film")
	must(s.t, os.WriteFile(file, film, 0o600))
	out, err := exec.Command("ffmpeg", "-nostdin", "-v", "error", "-i", file, "-map", "0:v", "-frames:v", "1", "-vf", "scale=16:9:flags=area,format=rgb24", "-f", "rawvideo", "-").Output()
	if err != nil || len(out) != 16*9*3 {
		s.t.Fatalf("%d bytes of a picture: %v", len(out), err)
	}
	return out
}

func apart(a, b []byte) (sum int) {
	for i := range a {
		d := int(a[i]) - int(b[i])
		sum += d * d
	}
	return sum
}

// entry is one of the diary, as varuh-verify lists it.
type entry struct {
	I    int64
	Op   string
	Ref  *int64
	Body proof.Body
}

// listed are the entries that varuh-verify lists.
func listed(t *testing.T, text string) (list []entry) {
	t.Helper()
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "{") {
			continue
		}
		var e entry
		raw := struct {
			*entry
			Body json.RawMessage
		}{entry: &e}
		must(t, json.Unmarshal([]byte(line), &raw))
		body, err := proof.ParseBody(raw.Body)
		must(t, err)
		e.Body = body
		list = append(list, e)
	}
	return list
}

// paperText is what stands on a PDF, in one line.
func paperText(t *testing.T, pdf []byte) string {
	t.Helper()
	cmd := exec.Command("pdftotext", "-layout", "-", "-")
	cmd.Stdin = bytes.NewReader(pdf)
	out, err := cmd.Output()
	must(t, err)
	return strings.Join(strings.Fields(string(out)), " ")
}

// fingerprintOn is the fingerprint as the officer reads it on the handover record, which names the manifest, too.
func fingerprintOn(t *testing.T, name, manifest string) string {
	t.Helper()
	raw, err := os.ReadFile(name)
	must(t, err)
	text := paperText(t, raw)
	_, behind, _ := strings.Cut(text, "Prstni odtis ključa naprave")
	found := regexp.MustCompile(`(?:[0-9a-f]{4} ){7}[0-9a-f]{4}`).FindAllString(text, -1)
	if len(found) == 0 || !strings.Contains(behind, found[0]) || !strings.Contains(strings.ReplaceAll(text, " ", ""), manifest) {
		t.Fatalf("of what looks like fingerprints, %q, the first is not the one on the handover record:\n%s", found, text)
	}
	return found[0]
}

// told is what the page of a package says: the sum, the verdicts, and what is wrong.
type told struct {
	Sum      string            `json:"sum"`
	Verdicts map[string]string `json:"verdicts"`
	Bad      []string          `json:"bad"`
}

func toldBy(b *browsertest.Browser) told {
	return browsertest.Evaluate[told](b, `(() => ({sum: document.getElementById('sum').dataset.sum ?? '',
		bad: Array.from(document.querySelectorAll('#findings li.bad'), (l) => l.innerText),
		verdicts: Object.fromEntries(Array.from(document.querySelectorAll('[data-verdict]'), (v) => [v.dataset.verdict, v.dataset.state]))}))()`)
}

// types enters a fingerprint, as if by keys.
func types(b *browsertest.Browser, fingerprint string) {
	browsertest.Evaluate[bool](b, "(() => { const f = document.getElementById('fingerprint'); f.value = '"+fingerprint+"'; f.dispatchEvent(new Event('input')); return true; })()")
}

package evidence_test

import (
	"errors"
	"testing"
	"time"

	"varuh/accesslog/diary/proof"
	"varuh/accesslog/evidence"
	"varuh/accesslog/evidence/evidencetest"
)

// A manifest that no writer makes is refused, though it is in the one form.
func TestManifestRefused(t *testing.T) {
	t.Parallel()
	pkg, _ := evidencetest.Small(t, "a").Written(t)
	for what, change := range map[string]func(*evidence.Manifest){
		"a clip for two":        func(m *evidence.Manifest) { m.Clips[1].Path = m.Clips[0].Path },
		"a clip without a file": func(m *evidence.Manifest) { m.Clips[0].Path = "posnetki/0009.mp4" },
		"a file of no clip":     func(m *evidence.Manifest) { m.Clips = m.Clips[:1] },
		"a page as a clip":      func(m *evidence.Manifest) { m.Clips[0].Path = "1_PREBERI.html" },
		"a file twice":          func(m *evidence.Manifest) { m.Files = append(m.Files, m.Files[4]) },
		"in another case":       func(m *evidence.Manifest) { f := m.Files[4]; f.Path = "1_preberi.HTML"; m.Files = append(m.Files, f) },
		"out of the folder":     func(m *evidence.Manifest) { m.Files[4].Path = "../1_PREBERI.html" },
		"a chunk more":          func(m *evidence.Manifest) { m.Files[4].Chunks = make([]proof.Hash, 2) },
		"another chunk":         func(m *evidence.Manifest) { m.Files[4].Chunks[0][0] ^= 1 },
		"no size":               func(m *evidence.Manifest) { m.Files[4].Size = -1 },
		"too much asked":        func(m *evidence.Manifest) { m.Asked = make([]evidence.Range, 1001) },
		"too many gaps":         func(m *evidence.Manifest) { m.Gaps = make([]evidence.Gap, 10_001) },
	} {
		m, err := evidence.ParseManifest(pkg["manifest.json"].Data)
		must(t, err)
		change(&m)
		b, err := m.Encode()
		must(t, err)
		if _, err := evidence.ParseManifest(b); !errors.Is(err, evidence.ErrFormat) && !errors.Is(err, evidence.ErrTooLarge) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// Whatever the caller says of a package is read back as it was said.
func TestManifestAbout(t *testing.T) {
	t.Parallel()
	c := evidencetest.Tiny(t, "a")
	c.About.Clock.Cameras = map[string]time.Duration{"hall": -90 * time.Second}
	c.About.Cameras = map[string]string{"hall": "Avla, 1. nadstropje"}
	c.About.Notices = []evidence.Notice{{Camera: "hall", Version: "2", Hash: proof.Hash{1}, Purposes: []string{"varovanje premoženja"}}}
	c.About.Gaps = []evidence.Gap{{Camera: "hall", Stream: "main", From: evidencetest.Dawn, To: evidencetest.Dawn.Add(1), Cause: "unreachable"}}
	pkg, m := c.Written(t)
	got, err := evidence.ParseManifest(pkg["manifest.json"].Data)
	must(t, err)
	again, err := got.Encode()
	must(t, err)
	if string(again) != string(pkg["manifest.json"].Data) || got.Clock.Cameras["hall"] != -90*time.Second || got.Notices[0].Purposes[0] != "varovanje premoženja" ||
		got.Gaps[0] != m.Gaps[0] || got.Request["case"] != "KU 1/2026" || got.Named("hall") != "hall (Avla, 1. nadstropje)" || got.Named("yard") != "yard" || got.Clock.Offset != 12*time.Millisecond || got.Export != c.About.Export {
		t.Errorf("%+v", got)
	}
	for _, b := range []string{"", "{}", `{"v":1}`, string(again) + " ", `{"format":"varuh package","v":2}`} {
		if _, err := evidence.ParseManifest([]byte(b)); !errors.Is(err, evidence.ErrFormat) && !errors.Is(err, evidence.ErrVersion) {
			t.Errorf("%.60s: %v", b, err)
		}
	}
}

package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"varuh/accesslog/diary/proof"
	"varuh/recorder/keyring"
)

// upload sends a file as it is.
func (c *client) upload(media string, r io.Reader) *httptest.ResponseRecorder {
	c.t.Helper()
	q := httptest.NewRequestWithContext(c.t.Context(), "POST", "https://varuh.local"+prefix+"/scans", r)
	q.RemoteAddr = c.from
	q.Header.Set("Content-Type", media)
	q.AddCookie(&http.Cookie{Name: cookieName, Value: c.cookie})
	w := answer(c.r.Handler(), q)
	checkAnswer(c.t, "uploadScan", w.Code, w.Header().Get("Content-Type"), w.Body.Bytes())
	return w
}

// endless are bytes without end, which counts how many were read.
type endless struct {
	begins string
	read   int64
}

func (e *endless) Read(p []byte) (int, error) {
	n := 0
	if e.read < int64(len(e.begins)) {
		n = copy(p, e.begins[e.read:])
	} else {
		for i := range p {
			p[i] = 'x'
		}
		n = len(p)
	}
	e.read += int64(n)
	return n, nil
}

// A scan is kept encrypted as it comes, read by who handles its request with an entry, and refused early where it is too
// large or no scan.
func TestScan(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	clerk := d.clients["caretaker"]
	paper := append([]byte("%PDF-1.7 "), bytes.Repeat([]byte("skrivna listina "), 20_000)...)
	w := clerk.upload("application/pdf", bytes.NewReader(paper))
	var info ScanInfo
	must(t, json.Unmarshal(w.Body.Bytes(), &info))
	sum := sha256.Sum256(paper)
	if info.Scan != hex.EncodeToString(sum[:]) || info.Bytes != int64(len(paper)) || info.Media != "application/pdf" {
		t.Fatalf("%+v", info)
	}
	d.onDisk(t, "skrivna listina")

	var got RequestEntered
	clerk.api("POST", "/requests", RequestAsked{Kind: "authority", Way: "paper", Content: contentOf(d.asked(groups[0]).Content), Scan: info.Scan}, &got)
	size := d.diary.Head().Size
	w = clerk.do("POST", prefix+"/requests/"+got.Request.ID+"/scans/"+info.Scan+"/readings", RequestReadingAsked{})
	if w.Code != 200 || !bytes.Equal(w.Body.Bytes(), paper) || w.Header().Get("Content-Type") != "application/pdf" || !strings.HasPrefix(w.Header().Get("Content-Disposition"), "attachment") {
		t.Fatal(w.Code, w.Header(), w.Body.Len())
	}
	if e := d.body(t, size); d.diary.Head().Size != size+1 || e.Actor.Name != "Oseba caretaker" || e.Data["scan"] != info.Scan || e.Data["request"] != got.Request.ID || !strings.Contains(e.Purpose, got.Request.ID) {
		t.Errorf("entered: %+v", e)
	}
	d.onDisk(t, "skrivna listina")
	for _, who := range []string{"police", "other police"} {
		if w := d.clients[who].do("POST", prefix+"/requests/"+got.Request.ID+"/scans/"+info.Scan+"/readings", RequestReadingAsked{}); w.Code != 403 {
			t.Errorf("%s reads a scan: %d", who, w.Code)
		}
	}
	if id, _ := clerk.refused("POST", "/requests/"+got.Request.ID+"/scans/"+strings.Repeat("5c", 32)+"/readings", RequestReadingAsked{}); id != "no-scan" {
		t.Error(id)
	}
	if id, p := clerk.refused("POST", "/requests", RequestAsked{Kind: "authority", Way: "paper", Content: contentOf(d.asked(groups[0]).Content), Scan: strings.Repeat("5c", 32)}); id != "request-wrong" || !strings.Contains(p.Reason, "naložite") {
		t.Error(id, p)
	}
}

// What is no scan, or too large, is refused with a sentence, before it is read as a whole.
func TestScanRefused(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	clerk := d.clients["caretaker"]
	said := &endless{begins: "%PDF-1.7"}
	for name, tt := range map[string]struct {
		media string
		r     io.Reader
		id    string
	}{
		"a text":                {"text/plain", strings.NewReader("zahteva"), "scan-kind"},
		"a page as PDF":         {"application/pdf", strings.NewReader("<html>"), "scan-kind"},
		"nothing":               {"image/png", strings.NewReader(""), "scan-kind"},
		"1 GB that it says":     {"application/pdf", &sized{said, 1 << 30}, "scan-large"},
		"without an end":        {"application/pdf", &endless{begins: "%PDF-1.7"}, "scan-large"},
		"a picture that is one": {"image/jpeg", strings.NewReader("\xff\xd8\xff\xe0 slika"), ""},
	} {
		q := httptest.NewRequestWithContext(t.Context(), "POST", "https://varuh.local"+prefix+"/scans", tt.r)
		if s, ok := tt.r.(*sized); ok {
			q.ContentLength = s.size
		}
		q.RemoteAddr = clerk.from
		q.Header.Set("Content-Type", tt.media)
		q.AddCookie(&http.Cookie{Name: cookieName, Value: clerk.cookie})
		w := answer(d.Handler(), q)
		var p Problem
		must(t, json.Unmarshal(w.Body.Bytes(), &p))
		if id := p.Type[strings.LastIndex(p.Type, "/")+1:]; id != tt.id || tt.id != "" && p.Detail == "" {
			t.Errorf("%s: %d %q %s", name, w.Code, id, p.Detail)
		}
	}
	if said.read > 0 {
		t.Errorf("%d bytes were read of a file that said how large it is", said.read)
	}
	entries, err := os.ReadDir(filepath.Join(d.disk, "store", "_sealed", "scans"))
	if must(t, err); len(entries) != 1 {
		t.Errorf("%d objects are left, and one was taken", len(entries))
	}
}

// sized is a body that says how large it is.
type sized struct {
	io.Reader
	size int64
}

// onDisk fails if a text is in a file of the store or of the diary.
func (d *desk) onDisk(t *testing.T, text string) {
	t.Helper()
	for _, dir := range []string{d.disk, d.dir} {
		must(t, filepath.WalkDir(dir, func(name string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() {
				return err
			}
			b, err := os.ReadFile(name)
			if bytes.Contains(b, []byte(text)) {
				t.Errorf("%s has %q in the clear", name, text)
			}
			return err
		}))
	}
}

// body is what an entry says.
func (d *desk) body(t *testing.T, i int64) proof.Body {
	t.Helper()
	text, _, err := d.diary.Opener(keyring.Identity{d.reading}).Open(t.Context(), i)
	must(t, err)
	b, err := proof.ParseBody(text)
	must(t, err)
	return b
}

package web

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	inpage "github.com/chromedp/cdproto/page"

	"varuh/accesslog/diary/proof"
	"varuh/accesslog/people"
	"varuh/accesslog/web/browsertest"
	"varuh/recorder/keyring"
	"varuh/recorder/rtsp/rtsptest/outside"
)

// diaryLooks are those at the diary.
var diaryLooks = map[string]visit{
	"diaryPage": {who: "auditor", path: "/diary", do: func(b *tab) {
		b.until("document.querySelector('#look-state').textContent.length > 10")
	}},
	"diaryPage list": {who: "auditor", path: "/diary", do: func(b *tab) {
		b.reads("control", "zadeva 12/2026")
		b.says("#why", "notranji nadzor: zadeva 12/2026", "internal control: zadeva 12/2026")
	}},
	"diaryPage none": {who: "inspector", path: "/diary", do: func(b *tab) {
		b.reads("supervision", "inšpekcijski pregled")
		b.enter("#find", "person", "Nihče Tak")
		b.until("document.querySelector('#list .empty')")
	}},
	"diaryPage entry": {who: "auditor", path: "/diary#entry=0", do: func(b *tab) {
		b.enter("#reason-form", "purpose", "lawfulness")
		b.until("document.querySelector('#proof-verdict.good')")
		b.says("#entry .checks", "drži", "holds")
		js[bool](b, "import([...document.querySelectorAll('script[type=module]')].at(-1).src.replace(/[^/]+$/, 'entry.js')).then(({ spanOf }) => { window.short = spanOf({ camera: 'x', from: '2026-11-21T11:00:00.25Z', to: '2026-11-21T11:00:00.75Z' }, []); }), true")
		b.until("/12:00:00[,.]250 CET – 12:00:00[,.]750 CET$/.test(window.short)") // and no range without a length
	}},
}

// reads says why the diary is read, and waits for the list.
func (b *tab) reads(purpose, detail string) {
	b.t.Helper()
	b.enter("#reason-form", "purpose", purpose, "detail", detail)
	b.until("document.querySelector('#list table')")
}

// auditorOf is a browser in which the auditor has logged in, on the page of the diary.
func (s *stage) auditorOf() *tab {
	s.t.Helper()
	b := s.tab()
	b.visit("/diary")
	b.at("/login")
	b.enter("#login", "login", "auditor.sl", "password", ownPassword)
	b.at("/diary")
	return b
}

// said is what an entry of the diary says.
func (s *stage) said(i int64) proof.Body {
	s.t.Helper()
	text, _, err := s.diary.Opener(keyring.Identity{s.reading}).Open(s.t.Context(), i)
	must(s.t, err)
	body, err := proof.ParseBody(text)
	must(s.t, err)
	return body
}

// The auditor's path: he logs in, says why, filters, opens an entry, whose proof his browser checks, has the whole diary
// checked, and takes a bundle, which varuh-verify accepts. All of it is in the diary, with the reason.
func TestAuditorInBrowser(t *testing.T) {
	t.Parallel()
	outside.Needs(t, "chromium", "chromium", "--version")
	s := newStage(t)
	s.addCast()
	s.addFootage()
	b := s.auditorOf()
	before := s.diary.Head().Size
	b.enter("#reason-form", "detail", "brez namena") // the purpose is missing
	b.until("document.querySelector('#purpose-error')")
	if s.diary.Head().Size != before {
		t.Error("something was entered without a reason")
	}
	b.reads("control", "zadeva 12/2026")
	if body := s.said(before); body.Purpose != "notranji nadzor: zadeva 12/2026" || body.Actor.Name != "Dana Zupan" {
		t.Errorf("the reading is entered as %+v", body)
	}
	b.enter("#find", "op", "hold.", "person", "vida", "camera", "hall", "since", "2026-11-21", "until", "2026-11-21")
	b.until("document.querySelectorAll('#list tbody tr').length === 1 && !document.querySelector('#list[aria-busy]')")
	if body := s.said(s.diary.Head().Size - 1); body.Data["op"] != "hold." || body.Data["person"] != "vida" || body.Data["since"] != "2026-11-20T23:00:00Z" {
		t.Errorf("the second reading is entered as %+v", body)
	}
	b.click("#list tbody a")
	b.until("document.querySelector('#proof-verdict.good')")
	b.says("#entry", "razbito okno", "")
	b.says("#entry", "Avla: 20. november 2026, 14:00:00 CET – 15:00:00 CET", "")
	if text := js[string](b, "document.body.innerText"); strings.Contains(text, "[object") {
		t.Errorf("the page says %s", text)
	}
	if js[bool](b, "document.querySelector('#entry .checks .bad, #entry .checks .warn') !== null") {
		t.Errorf("not all is checked: %s", js[string](b, "document.querySelector('#entry .checks').innerText"))
	}
	b.compare(t, s)
	b.printed("diaryPage-entry")
	b.click("#look")
	b.until("document.querySelector('#look-state .note.good')")
	s.acceptBundle(b)
	wrong, _ := b.take()
	for _, w := range wrong {
		t.Error(w)
	}
}

// compare types the fingerprint of the key, right and wrong.
func (b *tab) compare(t *testing.T, s *stage) {
	t.Helper()
	keys, err := s.diary.Keys(t.Context())
	must(t, err)
	print := keys[0].Fingerprint()
	b.keysInto("#fingerprint", strings.ToUpper(print))
	b.until("document.querySelector('#entry [role=status] .tag.good')")
	b.keysInto("#fingerprint", "0"+print[1:2]+"ffff")
	b.until("document.querySelector('#entry [role=status] .tag.bad')")
}

// keysInto types into a field that is emptied before.
func (b *tab) keysInto(field, text string) {
	b.t.Helper()
	js[bool](b, "(document.querySelector('"+field+"').value = '', document.querySelector('"+field+"').focus(), true)")
	b.keys(text)
}

// acceptBundle takes a bundle as the page gives it, and has it checked by the program that people check it with.
func (s *stage) acceptBundle(b *tab) {
	s.t.Helper()
	dir := s.t.TempDir()
	b.Downloads(dir)
	size := s.diary.Head().Size
	b.click("#bundle button[type=submit]")
	b.until("document.querySelector('#bundle-state .tag.good')")
	if body := s.said(size); body.Purpose != "notranji nadzor: zadeva 12/2026" || body.Data["opened"] != "yes" {
		s.t.Errorf("the export is entered as %+v", body)
	}
	name := filepath.Join(dir, "dnevnik.zip")
	browsertest.Appears(s.t, name)
	program := filepath.Join(s.t.TempDir(), "varuh-verify")
	b.click("#paper")
	page := filepath.Join(dir, "kontrolna-tocka.html")
	browsertest.Appears(s.t, page)
	text, err := os.ReadFile(page)
	must(s.t, err)
	keep(s.t, "diaryPage-checkpoint.html", text)
	if out, err := exec.Command("go", "build", "-o", program, "varuh/cmd/varuh-verify").CombinedOutput(); err != nil {
		s.t.Fatalf("couldn't build varuh-verify: %v: %s", err, out)
	}
	keys, err := s.diary.Keys(s.t.Context())
	must(s.t, err)
	if !strings.Contains(string(text), keys[0].Fingerprint()) {
		s.t.Errorf("the page for paper lacks the key: %s", text)
	}
	out, err := exec.Command(program, "--key", keys[0].String(), name).CombinedOutput()
	if err != nil {
		s.t.Errorf("varuh-verify: %v: %s", err, out)
	}
}

// The browser's own check agrees with that of the program, for each entry of logs of many sizes, and finds each change of a
// proof that matters.
func TestInclusionInBrowser(t *testing.T) {
	t.Parallel()
	outside.Needs(t, "chromium", "chromium", "--version")
	s := newStage(t)
	s.addCast()
	b := s.auditorOf()
	head := s.head(t)
	keys, err := s.diary.Keys(t.Context())
	must(t, err)
	check := func(text string) string {
		script := fmt.Sprintf(`(async () => { try { const p = m.parse(%q); const by = await m.signer(p.checkpoint, [%q]); return [await m.isIn(p), by?.right, by?.fingerprint].join(' '); } catch (e) { return e.name; } })()`, text, keys[0])
		return module[string](b, "inclusion", script)
	}
	want := "true true " + keys[0].Fingerprint()
	for range 9 {
		size := s.diary.Head().Size
		for _, i := range []int64{0, 1, size / 2, size - 2, size - 1} {
			text := head.do("GET", fmt.Sprintf("%s/diary/entries/%d/proof", prefix, i), nil).Body.String()
			if got := check(text); got != want {
				t.Fatalf("entry %d of %d: %s", i, size, got)
			}
		}
		head.api("POST", "/diary/readings", ReadingAsked{Reason: "pregled", Most: 1}, nil)
	}
	text := head.do("GET", prefix+"/diary/entries/3/proof", nil).Body.String()
	p, err := proof.ParseInclusion([]byte(text))
	must(t, err)
	for n, h := range p.Hashes {
		h[n%32] ^= 1
		other := p
		other.Hashes = append(append(append([]proof.Hash{}, p.Hashes[:n]...), h), p.Hashes[n+1:]...)
		if got := check(string(other.Text())); !strings.HasPrefix(got, "false") {
			t.Errorf("with another hash %d: %s", n, got)
		}
	}
	for name, other := range map[string]func(*proof.Inclusion){
		"index":   func(p *proof.Inclusion) { p.Index++ },
		"beyond":  func(p *proof.Inclusion) { p.Index = 1 << 40 },
		"leaf":    func(p *proof.Inclusion) { p.Leaf = bytes.Replace(p.Leaf, []byte(`"i":3`), []byte(`"i":4`), 1) },
		"fewer":   func(p *proof.Inclusion) { p.Hashes = p.Hashes[1:] },
		"more":    func(p *proof.Inclusion) { p.Hashes = append(p.Hashes[:len(p.Hashes):len(p.Hashes)], p.Hashes[0]) },
		"nothing": func(p *proof.Inclusion) { p.Hashes = nil },
	} {
		changed := p
		other(&changed)
		if got := check(string(changed.Text())); !strings.HasPrefix(got, "false") {
			t.Errorf("%s: %s", name, got)
		}
	}
	lines := strings.Split(strings.TrimSuffix(string(p.Checkpoint), "\n"), "\n")
	signature := lines[len(lines)-1]
	raw, err := base64.StdEncoding.DecodeString(signature[strings.LastIndexByte(signature, ' ')+1:])
	must(t, err)
	raw[40] ^= 1
	forged := strings.Replace(text, signature, signature[:strings.LastIndexByte(signature, ' ')+1]+base64.StdEncoding.EncodeToString(raw), 1)
	if got := check(forged); !strings.HasPrefix(got, "true false") {
		t.Errorf("with another signature: %s", got)
	}
	if got := check("c2sp.org/tlog-proof@v1\nindex 1\n\n"); got != "SyntaxError" {
		t.Errorf("half a proof: %s", got)
	}
}

// A browser that knows no Ed25519 says so, and calls the signature checked not.
func TestOldBrowser(t *testing.T) {
	t.Parallel()
	outside.Needs(t, "chromium", "chromium", "--version")
	s := newStage(t)
	s.addCast()
	b := s.tab()
	b.Before(`crypto.subtle.importKey = () => Promise.reject(new DOMException('no', 'NotSupportedError'))`)
	b.as(s.session(t, "auditor", "sl"))
	b.visit("/diary#entry=1")
	b.enter("#reason-form", "purpose", "control")
	b.until("document.querySelector('#proof-verdict')")
	b.says("#entry .checks", "Ta brskalnik podpisov Ed25519 ne preverja", "")
	if n := js[int](b, "document.querySelectorAll('#entry .checks .tag.warn').length"); n != 1 {
		t.Errorf("%d steps are not checked", n)
	}
}

// Who may not read the diary gets neither the page nor anything of it; who may not export it has no form for that.
func TestDiaryPageOfRoles(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	head := r.head(t)
	for _, role := range people.Roles {
		c := r.visitor(t, head, string(role), r.granted(role))
		w := c.look("/diary")
		may := people.Allows(role, people.ReadDiary)
		if has := strings.Contains(w.Body.String(), `id="reason-form"`); has != may || has != (w.Code == 200) {
			t.Errorf("%s: %d", role, w.Code)
		}
		if has := strings.Contains(w.Body.String(), `id="bundle"`); has != people.Allows(role, people.ExportDiary) {
			t.Errorf("%s has the form of the bundle: %v", role, has)
		}
	}
}

// printed is what a page comes to on paper.
func (b *tab) printed(name string) {
	b.t.Helper()
	yes := true
	out := command(b, inpage.PrintToPDF, inpage.PrintToPDFParams{PrintBackground: &yes, PreferCSSPageSize: &yes})
	keep(b.t, name+".pdf", out.Data)
}

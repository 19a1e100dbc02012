package main

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"varuh/accesslog/aeszip"
	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/accesslog/evidence"
	"varuh/accesslog/evidence/record"
	"varuh/accesslog/packing"
	"varuh/accesslog/pdf/pdftest"
	"varuh/accesslog/playback"
	"varuh/accesslog/web"
	"varuh/configs"
	"varuh/recorder/rtsp/rtsptest"
	"varuh/testdata/clips"
)

// An officer asks for what a camera records; the request is approved, its package built while the camera records on, written
// onto a disk, downloaded under a passphrase, and fetched by an outsider with a link: all of it verifies, and the entries come before the bytes.
func TestPackageWhole(t *testing.T) {
	t.Parallel()
	server, err := rtsptest.Serve("127.0.0.1:0", []rtsptest.Camera{{Path: "hall", FS: clips.Files, Clip: clips.YardSub.File}}, rtsptest.Options{})
	must(t, err)
	defer server.Close()
	keys, err := memoryFolder("test")
	must(t, err)
	t.Cleanup(func() { must(t, os.RemoveAll(keys)) })
	https := freeAddr(t)
	published := strings.Replace(https, "127.0.0.1", "localhost", 1)
	text := strings.Replace(configs.New(configs.Choice{Store: []string{"store"}, KeyFile: keys + "/k", Metrics: "off"}), "https: off\n",
		"https: "+https+"\npublished: "+published+"\ncertificate:\n  names: [localhost]\n", 1)
	b := startBoxWith(t, keys+"/k", "off", map[string]string{"varuh.yml": text, "cameras.d/hall.yml": camera("hall", server.URL("hall"), "")})
	b.opensToday(t)
	p := &outgoing{visitor: b.visit(t, https), box: b}
	p.isBuilt()
	m := p.ontoDisk()
	p.isToBeSigned()
	p.isPrintedAgain()
	p.isDownloaded()
	p.isFetched(b.stranger(t, https), "https://"+published+"/pickup#")
	p.leftByAllWays()
	p.isHandedOver()
	b.erasesPacked(t, p.visitor, p.id, m)
	b.end(t)
}

// outgoing is the package of a request, and the head who sees to it.
type outgoing struct {
	*visitor
	box      *box
	diary    *diary.Diary
	known    evidence.Options // what verifies it
	id       string           // of the request
	manifest string
	dir      string // where it was written
}

// isBuilt asks for four seconds of the hall, approves that, and waits for the package.
func (p *outgoing) isBuilt() {
	p.t.Helper()
	mark := playback.Mark{}
	for range 4 { // seconds
		f, err := p.box.entrance.fragments.Next(p.t.Context(), "hall", "main", mark)
		must(p.t, err)
		mark = f
	}
	p.id = p.asks(p.t, time.Now().Add(-time.Minute), time.Now().Add(-time.Second))
	p.do(p.t.Context(), "POST", "/requests/"+p.id+"/approve", map[string]any{"content": p.reads(p.t, p.id), "single_reason": "nihče drug ni pooblaščen"}, new(any))
	p.do(p.t.Context(), "POST", "/requests/"+p.id+"/build", map[string]any{}, new(any))
	p.box.log.await(p.t, "a package is built")
	var info struct {
		Step, Manifest string
		Disclose       int64
		Delivered      []any
	}
	if p.do(p.t.Context(), "GET", "/requests/"+p.id+"/package", nil, &info); info.Step != "built" || len(info.Delivered) == 0 {
		p.t.Fatalf("the package is %+v\n%s", info, p.box.log)
	}
	p.manifest = info.Manifest
	var err error
	p.diary, err = p.box.clerk.use()
	must(p.t, err)
	key, err := p.diary.SigningKey(p.t.Context())
	must(p.t, err)
	p.known = evidence.Options{Fingerprints: []string{key.Fingerprint()}}
}

// ontoDisk writes it onto a disk by the command, where it verifies.
func (p *outgoing) ontoDisk() (m evidence.Manifest) {
	p.t.Helper()
	stick := p.t.TempDir()
	var out bytes.Buffer
	deliver := packageDeliverCmd{Request: p.id, To: stick, Recipient: "Janez Novak, PP Primer", Medium: "USB 7", Folder: true, Warned: true, who: as("ravnatelj")}
	must(p.t, deliver.Run(p.t.Context(), &cli{Dir: p.box.dir}, terminal{strings.NewReader(goodPassword + "\n"), &out, &out}))
	p.dir = filepath.Join(stick, "paket-"+p.id)
	if !strings.Contains(out.String(), p.manifest) {
		p.t.Errorf("it says\n%s", out.String())
	}
	report, err := evidence.Verify(p.t.Context(), os.DirFS(p.dir), p.known)
	must(p.t, err)
	if report.Bad() || report.Exported.State != proof.Yes || report.Disclosed.State != proof.Yes || report.Manifest != p.manifest {
		p.t.Errorf("on the disk: %+v", report)
	}
	manifest, err := os.ReadFile(filepath.Join(p.dir, "manifest.json"))
	must(p.t, err)
	m, err = evidence.ParseManifest(manifest)
	must(p.t, err)
	if m.Software == "" || strings.Contains(m.Software, "varuh") || m.Clock.Zone == "" || m.Clock.Zone == "Local" { // papers and the page say varuh before the version
		p.t.Errorf("the manifest is of software %q, in zone %q", m.Software, m.Clock.Zone)
	}
	return m
}

// isToBeSigned prints the handover record, which says who got it on what; that in the package was made before anybody knew.
func (p *outgoing) isToBeSigned() {
	p.t.Helper()
	enclosed, err := os.ReadFile(filepath.Join(p.dir, record.Name))
	must(p.t, err)
	entered := p.diary.Head().Size
	printed := p.do(p.t.Context(), "POST", "/requests/"+p.id+"/package/record", nil, nil)
	paper, err := io.ReadAll(printed.Body)
	must(p.t, errors.Join(err, printed.Body.Close()))
	toSign := pdftest.Text(p.t, paper)
	if bytes.Equal(paper, enclosed) || !strings.Contains(toSign, "Janez Novak, PP Primer") || !strings.Contains(toSign, "USB 7") || !strings.Contains(toSign, "Izneseno iz naprave mapa na nosilcu") || printed.Header.Get("Content-Type") != "application/pdf" || p.diary.Head().Size == entered {
		p.t.Errorf("the handover record to print: %s, %d bytes, %d in the package; the diary went from %d to %d\n%s", printed.Status, len(paper), len(enclosed), entered, p.diary.Head().Size, toSign)
	}
}

// isPrintedAgain writes the handover record by the command, which is one entry.
func (p *outgoing) isPrintedAgain() {
	p.t.Helper()
	file := filepath.Join(p.t.TempDir(), "zapisnik.pdf")
	write := packageRecordCmd{Request: p.id, Out: file, who: as("ravnatelj")}
	before, err := p.diary.EntriesOf(p.t.Context(), "diary.read")
	must(p.t, err)
	var out bytes.Buffer
	must(p.t, write.Run(p.t.Context(), &cli{Dir: p.box.dir}, terminal{strings.NewReader(goodPassword + "\n"), &out, &out}))
	paper, err := os.ReadFile(file)
	must(p.t, err)
	after, err := p.diary.EntriesOf(p.t.Context(), "diary.read")
	must(p.t, err)
	if again := pdftest.Text(p.t, paper); !strings.Contains(again, "Izneseno iz naprave mapa na nosilcu") || len(after) != len(before)+1 {
		p.t.Errorf("the record on the console was read in %d entries:\n%s", len(after)-len(before), again)
	}
}

// verifies unlocks what was downloaded.
func (p *outgoing) verifies(r *http.Response, passphrase string) {
	p.t.Helper()
	raw, err := io.ReadAll(r.Body)
	must(p.t, errors.Join(err, r.Body.Close()))
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	must(p.t, err)
	must(p.t, aeszip.Unlock(z, passphrase))
	if report, err := evidence.Verify(p.t.Context(), z, p.known); err != nil || report.Bad() {
		p.t.Errorf("downloaded: %+v, %v", report, err)
	}
}

// isDownloaded downloads it under a passphrase.
func (p *outgoing) isDownloaded() {
	p.t.Helper()
	var ready struct{ Download, Passphrase string }
	p.do(p.t.Context(), "POST", "/requests/"+p.id+"/package/downloads", map[string]any{"recipient": "Janez Novak, PP Primer", "encrypted": true, "warned": true}, &ready)
	p.verifies(p.do(p.t.Context(), "GET", ready.Download, nil, nil), ready.Passphrase)
}

// isFetched has an outsider fetch it by a link that is good once.
func (p *outgoing) isFetched(outsider *visitor, address string) {
	p.t.Helper()
	var link struct{ Address, Passphrase string }
	p.do(p.t.Context(), "POST", "/requests/"+p.id+"/package/links", map[string]any{"recipient": "Janez Novak, PP Primer", "until": time.Now().Add(time.Hour).Format(time.RFC3339), "uses": 1, "warned": true}, &link)
	secret, ok := strings.CutPrefix(link.Address, address)
	if !ok {
		p.t.Errorf("the address is %s", link.Address)
	}
	var ready struct{ Download string }
	outsider.do(p.t.Context(), "POST", "/links/uses", map[string]any{"secret": secret, "passphrase": link.Passphrase, "warned": true}, &ready)
	p.verifies(outsider.do(p.t.Context(), "GET", ready.Download, nil, nil), link.Passphrase)
	r := outsider.do(p.t.Context(), "GET", ready.Download, nil, nil)
	if must(p.t, r.Body.Close()); r.StatusCode != http.StatusGone {
		p.t.Errorf("once more: %s", r.Status)
	}
}

// leftByAllWays finds that the appliance knows each way out, and that all of it left.
func (p *outgoing) leftByAllWays() {
	p.t.Helper()
	var left web.PackageInfo
	p.do(p.t.Context(), "GET", "/requests/"+p.id+"/package", nil, &left)
	ways := []packing.Way{packing.Folder, packing.Download, packing.ByLink}
	for i, d := range left.Deliveries {
		if i >= len(ways) || d.Way != ways[i] || d.Result != packing.Whole || d.Bytes != left.Bytes || d.End == 0 {
			p.t.Errorf("delivery %d: %+v", i, d)
		}
	}
	if len(left.Deliveries) != len(ways) || !left.Taken {
		p.t.Errorf("%+v", left)
	}
}

// isHandedOver enters the handover; the diary has each step before what it allowed.
func (p *outgoing) isHandedOver() {
	p.t.Helper()
	var done struct{ Request struct{ State string } }
	p.do(p.t.Context(), "POST", "/requests/"+p.id+"/handover", map[string]any{"recipient": "Janez Novak", "known": "službena izkaznica", "medium": "USB 7", "warned": true}, &done)
	if done.Request.State != "handed over" {
		p.t.Errorf("the request is %s", done.Request.State)
	}
	var ops []string
	entries, err := p.diary.EntriesOf(p.t.Context(), "package.order", "export", "disclose", "package.stage", "request.built", "handover", "handover.end", "request.handover")
	must(p.t, err)
	for _, e := range entries {
		ops = append(ops, e.Op)
	}
	if want := []string{"package.order", "export", "disclose", "package.stage", "request.built", "handover", "handover.end", "handover", "handover.end", "handover", "handover.end", "request.handover"}; !slices.Equal(ops, want) {
		p.t.Errorf("entries %q", ops)
	}
}

// asks enters an urgent request of the police for footage of the hall, made orally.
func (v *visitor) asks(t *testing.T, from, to time.Time) (id string) {
	t.Helper()
	var got struct{ Request struct{ ID, State string } }
	v.do(t.Context(), "POST", "/requests", map[string]any{"kind": "authority", "way": "oral", "content": map[string]any{
		"applicant": map[string]any{"name": "Policijska postaja Primer", "address": "Cesta 1, 1000 Ljubljana", "signatory": "Janez Novak", "rank": "višji policist"},
		"basis":     "zkp-148", "purpose": "preiskava tatvine kolesa", "case": map[string]any{"subject": "tatvina", "number": "2302-55/2026", "body": "PP Primer"},
		"footage": []any{map[string]any{"camera": "hall", "from": from.UTC().Format(time.RFC3339Nano), "to": to.UTC().Format(time.RFC3339Nano)}},
		"data":    []string{"picture", "place", "time"}, "form": "folder", "manner": "osebno v tajništvu"}}, &got)
	if got.Request.State != "complete" {
		t.Fatalf("the request is %+v", got)
	}
	return got.Request.ID
}

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
	v := b.visit(t, https)
	mark := playback.Mark{}
	for range 4 { // seconds
		f, err := b.entrance.fragments.Next(t.Context(), "hall", "main", mark)
		must(t, err)
		mark = f
	}
	id := v.asks(t, time.Now().Add(-time.Minute), time.Now().Add(-time.Second))
	v.do(t.Context(), "POST", "/requests/"+id+"/approve", map[string]any{"content": v.reads(t, id), "single_reason": "nihče drug ni pooblaščen"}, new(any))
	v.do(t.Context(), "POST", "/requests/"+id+"/build", map[string]any{}, new(any))
	b.log.await(t, "a package is built")
	var info struct {
		Step, Manifest string
		Disclose       int64
		Delivered      []any
	}
	if v.do(t.Context(), "GET", "/requests/"+id+"/package", nil, &info); info.Step != "built" || len(info.Delivered) == 0 {
		t.Fatalf("the package is %+v\n%s", info, b.log)
	}

	stick := t.TempDir()
	var out bytes.Buffer
	deliver := packageDeliverCmd{Request: id, To: stick, Recipient: "Janez Novak, PP Primer", Medium: "USB 7", Folder: true, Warned: true, who: as("ravnatelj")}
	must(t, deliver.Run(t.Context(), &cli{Dir: b.dir}, terminal{strings.NewReader(goodPassword + "\n"), &out, &out}))
	dir := filepath.Join(stick, "paket-"+id)
	if !strings.Contains(out.String(), info.Manifest) {
		t.Errorf("it says\n%s", out.String())
	}
	open, err := b.clerk.use()
	must(t, err)
	key, err := open.SigningKey(t.Context())
	must(t, err)
	known := evidence.Options{Fingerprints: []string{key.Fingerprint()}}
	report, err := evidence.Verify(t.Context(), os.DirFS(dir), known)
	must(t, err)
	if report.Bad() || report.Exported.State != proof.Yes || report.Disclosed.State != proof.Yes || report.Manifest != info.Manifest {
		t.Errorf("on the disk: %+v", report)
	}
	manifest, err := os.ReadFile(filepath.Join(dir, "manifest.json"))
	must(t, err)
	m, err := evidence.ParseManifest(manifest)
	must(t, err)
	if m.Software == "" || strings.Contains(m.Software, "varuh") || m.Clock.Zone == "" || m.Clock.Zone == "Local" { // papers and the page say varuh before the version
		t.Errorf("the manifest is of software %q, in zone %q", m.Software, m.Clock.Zone)
	}
	enclosed, err := os.ReadFile(filepath.Join(dir, record.Name))
	must(t, err)
	entered := open.Head().Size
	printed := v.do(t.Context(), "POST", "/requests/"+id+"/package/record", nil, nil)
	paper, err := io.ReadAll(printed.Body)
	must(t, errors.Join(err, printed.Body.Close()))
	toSign := pdftest.Text(t, paper) // that in the package was made before anybody knew who gets it
	if bytes.Equal(paper, enclosed) || !strings.Contains(toSign, "Janez Novak, PP Primer") || !strings.Contains(toSign, "USB 7") || !strings.Contains(toSign, "Izneseno iz naprave mapa na nosilcu") || printed.Header.Get("Content-Type") != "application/pdf" || open.Head().Size == entered {
		t.Errorf("the handover record to print: %s, %d bytes, %d in the package; the diary went from %d to %d\n%s", printed.Status, len(paper), len(enclosed), entered, open.Head().Size, toSign)
	}

	file := filepath.Join(t.TempDir(), "zapisnik.pdf")
	write := packageRecordCmd{Request: id, Out: file, who: as("ravnatelj")}
	before, err := open.EntriesOf(t.Context(), "diary.read")
	must(t, err)
	must(t, write.Run(t.Context(), &cli{Dir: b.dir}, terminal{strings.NewReader(goodPassword + "\n"), &out, &out}))
	paper, err = os.ReadFile(file)
	must(t, err)
	after, err := open.EntriesOf(t.Context(), "diary.read")
	must(t, err)
	if again := pdftest.Text(t, paper); !strings.Contains(again, "Izneseno iz naprave mapa na nosilcu") || len(after) != len(before)+1 {
		t.Errorf("the record on the console was read in %d entries:\n%s", len(after)-len(before), again)
	}

	var ready struct {
		Download, Passphrase string
		Entry                int64
	}
	v.do(t.Context(), "POST", "/requests/"+id+"/package/downloads", map[string]any{"recipient": "Janez Novak, PP Primer", "encrypted": true, "warned": true}, &ready)
	r := v.do(t.Context(), "GET", ready.Download, nil, nil)
	raw, err := io.ReadAll(r.Body)
	must(t, err)
	must(t, r.Body.Close())
	verifies := func(raw []byte, passphrase string) {
		t.Helper()
		z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
		must(t, err)
		must(t, aeszip.Unlock(z, passphrase))
		if report, err = evidence.Verify(t.Context(), z, known); err != nil || report.Bad() {
			t.Errorf("downloaded: %+v, %v", report, err)
		}
	}
	verifies(raw, ready.Passphrase)

	var link struct{ Address, Passphrase string }
	v.do(t.Context(), "POST", "/requests/"+id+"/package/links", map[string]any{"recipient": "Janez Novak, PP Primer", "until": time.Now().Add(time.Hour).Format(time.RFC3339), "uses": 1, "warned": true}, &link)
	secret, ok := strings.CutPrefix(link.Address, "https://"+published+"/pickup#")
	if !ok {
		t.Errorf("the address is %s", link.Address)
	}
	outsider := b.stranger(t, https)
	outsider.do(t.Context(), "POST", "/links/uses", map[string]any{"secret": secret, "passphrase": link.Passphrase, "warned": true}, &ready)
	r = outsider.do(t.Context(), "GET", ready.Download, nil, nil)
	raw, err = io.ReadAll(r.Body)
	must(t, errors.Join(err, r.Body.Close()))
	verifies(raw, link.Passphrase)
	if r = outsider.do(t.Context(), "GET", ready.Download, nil, nil); r.StatusCode != http.StatusGone {
		t.Errorf("once more: %s", r.Status)
	}
	must(t, r.Body.Close())

	var left web.PackageInfo
	v.do(t.Context(), "GET", "/requests/"+id+"/package", nil, &left)
	ways := []packing.Way{packing.Folder, packing.Download, packing.ByLink}
	for i, d := range left.Deliveries {
		if i >= len(ways) || d.Way != ways[i] || d.Result != packing.Whole || d.Bytes != left.Bytes || d.End == 0 {
			t.Errorf("delivery %d: %+v", i, d)
		}
	}
	if len(left.Deliveries) != len(ways) || !left.Taken {
		t.Errorf("%+v", left)
	}

	var done struct{ Request struct{ State string } }
	v.do(t.Context(), "POST", "/requests/"+id+"/handover", map[string]any{"recipient": "Janez Novak", "known": "službena izkaznica", "medium": "USB 7", "warned": true}, &done)
	if done.Request.State != "handed over" {
		t.Errorf("the request is %s", done.Request.State)
	}
	var ops []string
	entries, err := open.EntriesOf(t.Context(), "package.order", "export", "disclose", "package.stage", "request.built", "handover", "handover.end", "request.handover")
	must(t, err)
	for _, e := range entries {
		ops = append(ops, e.Op)
	}
	if want := []string{"package.order", "export", "disclose", "package.stage", "request.built", "handover", "handover.end", "handover", "handover.end", "handover", "handover.end", "request.handover"}; !slices.Equal(ops, want) {
		t.Errorf("entries %q", ops)
	}
	b.erasesPacked(t, v, id, m)
	b.end(t)
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

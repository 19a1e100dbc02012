package main

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"varuh/accesslog/evidence/record"
	"varuh/accesslog/web/browsertest"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
	tools "varuh/recorder/rtsp/rtsptest/outside"
)

// TestWindowStory is the whole course over the real program: in the night a window is broken, and for a while the camera gives
// nothing. The caretaker finds when, and secures it; the police asks, first without all that it has to say; another person
// than entered the letter approves it; the package goes onto a stick, which verifies in a browser and by varuh-verify; the
// auditor finds all of it in the diary; then the footage and the package go, and the stick still proves what it did.
func TestWindowStory(t *testing.T) {
	tools.NeedsFFmpeg(t)
	tools.Needs(t, "poppler-utils", "pdftotext", "-v")
	s := newStory(t)

	hisnik := s.comes("hisnik")
	broken := s.finds(hisnik)
	s.secures(hisnik, broken)

	tajnica, pomocnik := s.comes("tajnica"), s.comes("pomocnik")
	s.letter(tajnica, pomocnik)
	s.approved(hisnik, tajnica, pomocnik)
	s.built(tajnica)
	s.tooSmall()
	stick := s.onto().elsewhere().overFAT("paket-" + s.id)
	s.read(stick)
	s.handedOver(tajnica)
	s.audited()
	s.end(t)

	s.kept()
	s.gone()
	s.end(t)
	s.burnt(stick)
}

// finds halves the night until it has the two seconds between which the picture changed.
func (s *story) finds(v *visitor) time.Time {
	t := s.t
	t.Helper()
	var o struct {
		ID    string
		Entry int64
	}
	v.do(t.Context(), "POST", "/viewings", map[string]any{"purpose": "safety", "camera": "hall", "from": s.from, "to": s.to}, &o)
	var line struct {
		Gaps []struct {
			From, To time.Time
			Cause    string
		}
	}
	last := s.to.Add(-time.Second) // the gap between the night and the first segment of the program begins some ms before s.to
	v.do(t.Context(), "GET", "/viewings/"+o.ID+"/hall/main/timeline?from="+s.from.Format(time.RFC3339)+"&to="+last.Format(time.RFC3339), nil, &line)
	if len(line.Gaps) != 1 || line.Gaps[0].From.Sub(s.dark[0]).Abs() > time.Second || line.Gaps[0].To.Sub(s.dark[1]).Abs() > time.Second {
		t.Errorf("the night has the gaps %+v, not %v", line.Gaps, s.dark)
	}
	before, after, looks := s.from, last, 0
	for after.Sub(before) > 3*time.Second {
		middle := before.Add(after.Sub(before) / 2)
		if s.whole(v, o.ID, middle) {
			before = middle
		} else {
			after = middle
		}
		looks++
	}
	if before.After(s.broken) || after.Before(s.broken) || looks > 8 {
		t.Errorf("after %d looks it is between %v and %v, and was %v", looks, before, after, s.broken)
	}
	v.done("/viewings/"+o.ID+"/end", map[string]string{"outcome": "secured"})
	s.entered("view.start", "view.end")
	return before
}

// secures keeps some minutes around a moment, for 14 days.
func (s *story) secures(v *visitor, at time.Time) {
	var got struct {
		Segments int
		Until    time.Time
	}
	v.do(s.t.Context(), "POST", "/cameras/hall/holds", map[string]any{"from": s.from, "to": s.to, "basis": "razbito okno v avli"}, &got)
	if days := time.Until(got.Until).Hours() / 24; got.Segments < 4 || days < 12 || days > 15 || at.Before(s.from) {
		s.t.Errorf("held until %v: %+v", got.Until, got)
	}
	s.entered("hold.set")
}

// letter enters that of the police, which lacks a number and a legal basis, and what came after the school had asked for it.
func (s *story) letter(tajnica, pomocnik *visitor) {
	t := s.t
	t.Helper()
	content := s.asks()
	number, basis := content["case"].(map[string]any)["number"], content["basis"]
	content["case"].(map[string]any)["number"] = ""
	delete(content, "basis")
	var got struct {
		Request struct {
			ID, State string
			Missing   []struct{ Field, Text string }
			Holds     []any
		}
	}
	tajnica.do(t.Context(), "POST", "/requests", map[string]any{"kind": "authority", "content": content, "scan": s.scan(tajnica, "dopis")}, &got)
	s.id = got.Request.ID
	if got.Request.State != "incomplete" || len(got.Request.Missing) != 2 || len(got.Request.Holds) != 1 {
		t.Fatalf("without a number and a basis: %+v", got.Request)
	}
	pomocnik.refused("/requests/"+s.id+"/approve", map[string]any{"content": 1}, http.StatusConflict, "step")
	text := paperText(t, tajnica.gets("POST", "/requests/"+s.id+"/letters/missing", map[string]any{"number": "0701-5/2026"}))
	for _, want := range []string{"Policijska postaja Primer", "pravna podlaga", "številka ali druga identifikacija zadeve", "0701-5/2026"} {
		if !strings.Contains(text, want) {
			t.Errorf("the letter lacks %q:\n%s", want, text)
		}
	}
	content["case"].(map[string]any)["number"], content["basis"] = number, basis
	tajnica.do(t.Context(), "POST", "/requests/"+s.id+"/supplement", map[string]any{"content": content, "scan": s.scan(tajnica, "dopolnitev")}, &got)
	if got.Request.State != "complete" || len(got.Request.Missing) != 0 {
		t.Fatalf("supplemented: %+v", got.Request)
	}
	s.entered("request.receive", "request.supplement")
}

// approved is it by somebody else than entered it: she is refused, and so is the caretaker.
func (s *story) approved(hisnik, tajnica, pomocnik *visitor) {
	s.t.Helper()
	tajnica.refused("/requests/"+s.id+"/approve", map[string]any{"content": 1}, http.StatusConflict, "four-eyes")
	hisnik.refused("/requests/"+s.id+"/approve", map[string]any{"content": 1}, http.StatusForbidden, "")
	tajnica.refused("/requests/"+s.id+"/build", map[string]any{}, http.StatusConflict, "step")
	s.steps(pomocnik, "approve", map[string]any{"content": pomocnik.reads(s.t, s.id), "remark": "odobreno"}, "approved")
	s.entered("request.approve")
}

// built is the package, once its disclosure is entered.
func (s *story) built(v *visitor) {
	t := s.t
	t.Helper()
	v.do(t.Context(), "POST", "/requests/"+s.id+"/build", map[string]any{}, new(any))
	s.until("the package", func() bool { return slices.Contains(s.ops(), "request.built") })
	var info struct {
		Step, Manifest string
		Disclose       int64
		Delivered      []any
	}
	if v.do(t.Context(), "GET", "/requests/"+s.id+"/package", nil, &info); info.Step != "built" || len(info.Delivered) == 0 {
		t.Fatalf("the package is %+v\n%s", info, s.log)
	}
	s.manifest = info.Manifest
	s.entered("package.order", "export", "disclose", "package.stage", "request.built")
}

// tooSmall is a stick that takes no package: nothing is entered as handed over, and nothing lies on it.
func (s *story) tooSmall() {
	t := s.t
	t.Helper()
	small := newUSB(t, 8)
	if said := s.deliver(small, 1); !strings.Contains(said, "take a larger disk") {
		t.Errorf("a stick of 8 MiB: %s", said)
	}
	empty(t, small.dir)
	if slices.Contains(s.ops(), "handover") {
		t.Error("it is entered that the package was taken out")
	}
}

// onto is the folder on a stick that takes it.
func (s *story) onto() *usb {
	t := s.t
	t.Helper()
	u := newUSB(t, 96)
	said := s.deliver(u, 0)
	raw, err := os.ReadFile(filepath.Join(s.folder(u), "manifest.json"))
	must(t, err)
	sum := sha256.Sum256(raw)
	if got := hex.EncodeToString(sum[:]); got != s.manifest || !strings.Contains(said, got) {
		t.Errorf("on the stick lies the manifest %s, the package has %s: %s", got, s.manifest, said)
	}
	must(t, takenByWindows(paths(t, s.folder(u))))
	s.entered("handover", "handover.end")
	return u
}

// read is the stick by the officer, as he has it before him: on another machine, with the fingerprint on the paper.
func (s *story) read(u *usb) {
	t := s.t
	t.Helper()
	b := browsertest.File(t, filepath.Join(s.folder(u), "1_PREBERI.html"))
	b.Until("document.querySelector('video')?.readyState >= 2 && document.querySelector('video').videoWidth === 640")
	b.Pick("#folder", s.folder(u))
	b.Until("!document.getElementById('result').hidden || !document.getElementById('stopped').hidden")
	if got := toldBy(b); got.Sum != "waiting" {
		t.Errorf("before the fingerprint: %+v", got)
	}
	s.paper = fingerprintOn(t, filepath.Join(s.folder(u), record.Name), s.manifest)
	types(b, s.paper)
	if got := toldBy(b); got.Sum != "good" || len(got.Bad) > 0 || got.Verdicts["exported"] != "yes" || got.Verdicts["disclosed"] != "yes" {
		t.Errorf("with the fingerprint: %+v", got)
	}
	types(b, strings.Repeat("0", 32))
	if got := toldBy(b); got.Sum != "bad" {
		t.Errorf("with another: %+v", got)
	}
	if wrong, _ := b.Take(); len(wrong) > 0 {
		t.Errorf("the page: %q", wrong)
	}
	s.proves(u)
}

// proves has varuh-verify say all three verdicts of the folder, from the paper and the key of the witness.
func (s *story) proves(u *usb) {
	t := s.t
	t.Helper()
	code, out := s.verify("--key", s.paper, "--key", s.witness.Key.String(), s.folder(u))
	sl, _, _ := strings.Cut(out, "\n----\n")
	if code != 0 || strings.Count(out, "[√]") != 6 || !strings.Contains(strings.Join(strings.Fields(sl), " "), "NESPREMENJENO od snemanja") {
		t.Errorf("varuh-verify ended with %d:\n%s", code, out)
	}
	if code, out = s.verify("--key", strings.Repeat("0", 32), s.folder(u)); code != 1 {
		t.Errorf("by another fingerprint it ended with %d:\n%s", code, out)
	}
}

// handedOver is the stick, and its receipt confirmed.
func (s *story) handedOver(v *visitor) {
	s.t.Helper()
	s.steps(v, "handover", map[string]any{"recipient": "Janez Novak", "known": "službena izkaznica", "medium": "USB 7", "warned": true}, "handed over")
	s.steps(v, "confirm", map[string]any{"how": "podpis na zapisniku", "scan": s.scan(v, "podpis")}, "confirmed")
	s.entered("request.handover", "request.confirm")
}

// audited is the diary by the data protection officer, from a bundle, without the appliance.
func (s *story) audited() {
	t := s.t
	t.Helper()
	dpo := s.comes("dpo")
	must(t, s.clerk.anchoring.schedule.Request(t.Context()))
	name := filepath.Join(t.TempDir(), "dnevnik.zip")
	must(t, os.WriteFile(name, dpo.gets("POST", "/diary/bundle", map[string]any{"reason": "nadzor posredovanja"}), 0o600))
	code, out := s.verify("--list", "--key", s.paper, "--key", s.witness.Key.String(), name)
	if code != 0 {
		t.Fatalf("varuh-verify ended with %d:\n%s", code, out)
	}
	s.course(listed(t, out))
	dpo.refused("/requests/"+s.id+"/package/downloads", map[string]any{"recipient": "dpo", "encrypted": false, "warned": true}, http.StatusForbidden, "")
}

// kept is what the court's order holds, when the year is over: it stays, and what nobody asked for goes. The package has gone,
// seven days after it was handed over.
func (s *story) kept() {
	t := s.t
	t.Helper()
	s.later(367)
	s.as(t, 0, "clock", "confirm", "--reason", "po uri na steni", "--time", s.boot.Now().UTC().Format(time.RFC3339))
	s.until("the end of the evening", func() bool {
		return s.slot(s.evening) == keyring.StateErased && count1(s.ops(), "erase.end") == 1
	})
	s.until("the end of the package", func() bool { return slices.Contains(s.ops(), "erase.package") && s.objects() == 0 })
	for _, row := range s.night {
		(&still{s.site, s.index}).whole(t, s.site.stores[0], row)
	}
}

// gone is all once nobody holds it any more.
func (s *story) gone() {
	t := s.t
	t.Helper()
	pomocnik := s.comes("pomocnik")
	var info struct{ Step string }
	if pomocnik.do(t.Context(), "GET", "/requests/"+s.id+"/package", nil, &info); info.Step != "over" {
		t.Errorf("the package is %s", info.Step)
	}
	before := count1(s.ops(), "erase.end")
	s.steps(pomocnik, "release", map[string]any{"reason": "postopek je končan"}, "confirmed")
	s.until("the end of the night", func() bool {
		return !slices.ContainsFunc(s.night, func(row footage.Segment) bool { return s.slot(row) != keyring.StateErased })
	})
	s.until("the entry", func() bool { return count1(s.ops(), "erase.end") > before })
	for _, row := range s.night {
		(&still{s.site, s.index}).gone(t, s.site.stores[0], row)
	}
	s.entered("erase.start", "erase.end", "request.release", "erase.start", "erase.end")
}

// burnt is the appliance with all that it knew: the stick alone still proves what it did.
func (s *story) burnt(u *usb) {
	s.t.Helper()
	must(s.t, os.RemoveAll(s.dir))
	s.proves(u)
}

// course is what the diary says: who did what, in this order, each entry behind the one that it refers to.
func (s *story) course(all []entry) {
	t := s.t
	t.Helper()
	first := map[string]entry{}
	var got []string
	for _, e := range all {
		if _, there := first[e.Op]; !there {
			first[e.Op] = e
		}
		if e.Ref != nil && *e.Ref >= e.I {
			t.Errorf("the entry %d refers to %d", e.I, *e.Ref)
		}
		name := ""
		if e.Body.Actor != nil {
			name = strings.TrimPrefix(e.Body.Actor.Name, "Oseba ")
		}
		if strings.HasPrefix(e.Op, "view.") || strings.HasPrefix(e.Op, "hold.") || strings.HasPrefix(e.Op, "request.") || strings.HasPrefix(e.Op, "package.") || e.Op == "export" || e.Op == "disclose" || strings.HasPrefix(e.Op, "handover") {
			got = append(got, e.Op+" "+name)
		}
	}
	want := []string{"view.start hisnik", "view.activity hisnik", "view.end hisnik", "hold.set hisnik", "hold.set tajnica", "request.receive tajnica", "hold.set tajnica", "request.supplement tajnica", "hold.clear tajnica",
		"request.approve pomocnik", "package.order tajnica", "export tajnica", "disclose ", "package.stage ", "request.built ", "handover tajnica", "handover.end ", "request.handover tajnica", "request.confirm tajnica"}
	if !slices.Equal(got, want) {
		t.Errorf("the diary says\n%q, not\n%q", got, want)
	}
	for op, behind := range map[string]string{"request.supplement": "request.receive", "request.approve": "request.receive", "package.order": "request.receive", "disclose": "export",
		"handover": "disclose", "handover.end": "handover", "request.handover": "request.receive", "request.confirm": "request.receive"} {
		if e := first[op]; e.Ref == nil || *e.Ref != first[behind].I {
			t.Errorf("%s refers to %v, not to %s, the entry %d", op, e.Ref, behind, first[behind].I)
		}
	}
	if h := first["handover"].Body; h.Data["sha256"] != s.manifest || h.Recipient != "Janez Novak, PP Primer" || h.Data["warned"] != "yes" {
		t.Errorf("the handover is %+v", h)
	}
	if end := first["handover.end"].Body; end.Result != "whole" || end.Bytes == 0 {
		t.Errorf("its end is %+v", end)
	}
}

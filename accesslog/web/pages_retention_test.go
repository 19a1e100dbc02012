package web

import (
	"path/filepath"
	"strings"
	"testing"

	"varuh/accesslog/people"
	"varuh/accesslog/web/browsertest"
	"varuh/recorder/rtsp/rtsptest/outside"
)

// retentionLooks are those at how long footage stays.
var retentionLooks = map[string]visit{
	"retentionPage": {who: "head", path: "/retention", do: func(b *tab) {
		b.says("#depth", "obljuba ni izpolnjena", "promise not kept")
		b.says("#holds", "začasno zadržanje", "provisional")
		b.says("#waits", "30 dni → 7 dni", "30 days → 7 days")
	}},
	"retentionPage hold": {who: "head", path: "/retention", do: func(b *tab) {
		b.click("#hold-new")
		b.until("document.querySelector('dialog[open]')")
	}},
	"retentionPage end": {who: "head", path: "/retention", do: func(b *tab) {
		b.click("#holds button:last-child")
		b.until("document.querySelector('dialog[open]')")
		b.says("dialog", "se izbriše v eni uri", "is erased within an hour")
	}},
	"retentionPage erased": {who: "auditor", path: "/retention", do: func(b *tab) {
		b.enter("#erased", "reason", "letni pregled")
		b.until("document.querySelector('#erased-list article')")
	}},
	"retentionPage maintainer": {who: "maintainer", path: "/retention", do: func(b *tab) {
		b.says("#waits", "Čaka na odločevalca.", "It waits for an approver.")
	}},
}

// An approver confirms what is held provisionally, ends it with a reason, restricts footage, lifts that, and confirms a term; what
// is incomplete is told at the form, and changes nothing. Each is entered with who and why.
func TestRetentionInBrowser(t *testing.T) {
	t.Parallel()
	outside.Needs(t, "chromium", "chromium", "--version")
	s := newStage(t)
	s.addCast()
	s.addFootage()
	b := s.tab()
	b.as(s.session(t, "head", "sl"))
	b.visit("/retention")
	b.until("document.querySelectorAll('#holds tbody tr').length === 1")

	b.click("#holds tbody button:first-child")
	b.until("document.querySelector('dialog[open]')")
	b.enter("dialog form", "kind", "rights")
	b.until("document.querySelector('#ask-basis-error')") // the basis is missing
	b.enter("dialog form", "basis", "zahteva za dostop", "case", "0701-3/2026")
	b.until("!document.querySelector('dialog') && document.querySelector('#holds').textContent.includes('zahteva posameznika')")
	if body := s.said(s.lastOf("hold.confirm")); body.Case != "0701-3/2026" || body.Basis != "zahteva za dostop" || body.Actor.Name != "Vera Zajc" {
		t.Errorf("%+v", body)
	}

	b.click("#restrict-new")
	b.enter("dialog form", "camera", "hall", "from_day", "2026-11-20", "from_time", "14:00:00", "to_day", "2026-11-20", "to_time", "13:00:00", "ground", "claims", "basis", "zahteva po členu 18")
	b.until("!document.querySelector('dialog .form-error').hidden") // its end is before its beginning
	b.enter("dialog form", "to_time", "15:00:00")
	b.until("!document.querySelector('dialog') && document.querySelectorAll('#holds tbody tr').length === 2")
	b.click("#holds tbody tr:last-child button")
	b.enter("dialog form", "reason", "oseba je obveščena")
	b.until("!document.querySelector('dialog') && document.querySelectorAll('#holds tbody tr').length === 1")

	b.click("#holds tbody button")
	b.enter("dialog form", "reason", "zahteva je rešena")
	b.until("document.querySelector('#holds .empty')")
	if body := s.said(s.lastOf("hold.clear")); !strings.Contains(body.Note+body.Purpose+body.Basis, "zahteva je rešena") {
		t.Errorf("%+v", body)
	}

	b.click("#waits button")
	b.enter("dialog form", "reason", "sklep sveta šole")
	b.until("document.querySelector('.toast.good:last-child')?.textContent.includes('Potrjeno')")
	if k := s.o.Retention.(*keeper); k.reason != "sklep sveta šole" || k.by.Name != "Vera Zajc" {
		t.Errorf("%+v", k)
	}
	dir := t.TempDir()
	b.Downloads(dir)
	b.keysInto("#reason", "letni pregled")
	b.click("#record")
	browsertest.Appears(t, filepath.Join(dir, "zapisnik-o-izbrisu.html"))
	wrong, _ := b.take()
	for _, w := range wrong {
		if !strings.Contains(w, "the server responded with a status of 4") {
			t.Error(w)
		}
	}
}

// lastOf is the last entry of an operation.
func (s *stage) lastOf(op string) (last int64) {
	s.t.Helper()
	last = -1
	for e, err := range s.diary.Entries(s.t.Context(), 0, s.diary.Head().Size) {
		must(s.t, err)
		if e.Op == op {
			last = e.Index
		}
	}
	if last < 0 {
		s.t.Fatalf("the diary has no %s", op)
	}
	return last
}

// What a role may not see is not on the page: holds, restrictions, erasures.
func TestRetentionPageOfRoles(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	head := r.head(t)
	for _, role := range people.Roles {
		w := r.visitor(t, head, string(role), r.granted(role)).look("/retention")
		if may := people.Allows(role, people.System); may != (w.Code == 200) {
			t.Errorf("%s: %d", role, w.Code)
		}
		for id, action := range map[string]people.Action{"holds": people.Hold, "restrict-new": people.Restrict, "erased": people.ReadDiary} {
			want := people.Allows(role, people.System) && people.Allows(role, action)
			if has := strings.Contains(w.Body.String(), `id="`+id+`"`); has != want {
				t.Errorf("%s has %s: %v", role, id, has)
			}
		}
		if strings.Contains(w.Body.String(), "data-approve") != (w.Code == 200 && people.Allows(role, people.Approve)) {
			t.Errorf("%s may confirm", role)
		}
	}
}

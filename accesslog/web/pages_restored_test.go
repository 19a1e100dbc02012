package web

import (
	"testing"

	"varuh/accesslog/disclosure"
	"varuh/recorder/rtsp/rtsptest/outside"
)

// The page of a request that was approved when the appliance was put back from a copy says that nobody knows what left for it in
// between, and says so once more where it is refused.
func TestRequestOverRestoreInBrowser(t *testing.T) {
	t.Parallel()
	outside.Needs(t, "chromium", "chromium", "--version")
	s := newStage(t)
	s.addCast()
	d := &sidesteps{s.tab(), s, s.client(t).logIn("caretaker.sl", ownPassword), t.TempDir()}
	id := d.enters(disclosure.Authority, disclosure.Paper, disclosure.Folder)
	q, err := s.o.Requests.Request(t.Context(), id)
	must(t, err)
	_, err = s.o.Requests.Approve(t.Context(), s.deputy(), id, disclosure.Approval{Content: q.Content})
	must(t, err)
	s.putBack(t, dawn.AddDate(0, 0, -1))
	d.look(widths[2], "light")
	d.as(s.session(t, "head", "sl"))
	d.visit("/request#id=" + id)
	d.until("document.querySelector('#request[data-state=approved] #next-now .restored')")
	d.says("#next-now .restored", "ali so vmes po tej zahtevi posnetki zapustili napravo", "")
	d.click("[data-step=refuse]")
	d.until("document.querySelector('dialog[open] .restored')")
	d.enter("dialog form", "reasons", "Pravne podlage ni.")
	d.is("refused")
	d.says("#next-now .restored", "vprašajte vlagatelja", "")
	wrong, _ := d.take()
	for _, w := range wrong {
		t.Error(w)
	}
}

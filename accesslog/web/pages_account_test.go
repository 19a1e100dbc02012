package web

import (
	"testing"

	"varuh/recorder/rtsp/rtsptest/outside"
)

// accountLooks are those at the own account, where one is logged in at another device.
var accountLooks = map[string]visit{
	"accountPage": {who: "caretaker", path: "/account", do: func(b *tab) {
		b.until("document.querySelector('#elsewhere-end')")
		b.says("#elsewhere", "Če katere od teh naprav ne prepoznate", "If you don’t recognise one of these devices")
	}},
}

// Somebody who has stayed logged in at another device sees where, and ends that; the session here goes on. It is entered.
func TestElsewhereInBrowser(t *testing.T) {
	t.Parallel()
	outside.Needs(t, "chromium", "chromium", "--version")
	s := newStage(t)
	s.addCast()
	other := s.client(t).logIn("auditor.sl", ownPassword)
	b := s.tab()
	b.as(s.session(t, "auditor", "sl"))
	b.visit("/account")
	b.until("document.querySelectorAll('#elsewhere tbody tr').length === 2") // with that of the first password
	b.says("#elsewhere tbody", "192.168.1.20", "")
	b.click("#elsewhere-end")
	b.until("document.querySelector('dialog[open]')")
	b.says("dialog", "se boste morali prijaviti znova", "")
	b.click("dialog button[value=yes]")
	b.until("document.querySelector('#elsewhere').textContent === 'Nikjer drugje.'")
	if w := other.do("GET", prefix+"/session", nil); w.Code != 401 {
		t.Errorf("the session elsewhere is answered %d", w.Code)
	}
	if body := s.said(s.lastOf("logout")); body.Actor.Name != "Dana Zupan" || body.Result != "asked for elsewhere" {
		t.Errorf("%+v", body)
	}
	var list ElsewhereList
	s.client(t).logIn("auditor.sl", ownPassword).api("GET", "/session/elsewhere", nil, &list)
	if len(list.Sessions) != 1 || list.Sessions[0].Address != "127.0.0.1" && list.Sessions[0].Address != "192.168.1.20" {
		t.Errorf("%+v", list)
	}
	noOtherWrong(t, b)
}

package web

import (
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/chromedp"

	"varuh/accesslog/web/browsertest"
	"varuh/recorder/rtsp/rtsptest/outside"
)

// What is submitted before the modules of a page have come is neither sent by the browser nor lost: it waits for them. With
// no script at all there is no form to be sent, and a plain sentence.
func TestEarlyInBrowser(t *testing.T) {
	t.Parallel()
	outside.Needs(t, "chromium", "chromium", "--version")
	s := newStage(t)
	s.addCast()
	b := s.tab()
	paused := make(chan fetch.RequestID, 8)
	must(t, chromedp.Listen(b.Ctx, func(event any) {
		if e, ok := event.(*fetch.EventRequestPaused); ok {
			paused <- e.RequestID
		}
	}))
	command(b, fetch.Enable, fetch.EnableParams{Patterns: []*fetch.RequestPattern{{URLPattern: "*/login.js"}}})
	js[bool](b, "(location.assign('https://"+b.host+"/login?language=sl'), true)")
	var held fetch.RequestID
	select {
	case held = <-paused:
	case <-time.After(browsertest.Most):
		t.Fatal("the page asks for no login.js")
	}
	b.until("document.getElementById('password')")
	js[bool](b, "(document.getElementById('name').value = 'caretaker.sl', document.getElementById('password').value = '"+ownPassword+"', document.getElementById('password').focus(), true)")
	b.keys("\r")
	b.until("document.getElementById('login').dataset.waits === 'yes' && location.pathname === '/login'")
	command(b, fetch.ContinueRequest, fetch.ContinueRequestParams{RequestID: held})
	b.at("/footage")
	command(b, fetch.Disable, cdp.Empty{})
	wrong, _ := b.take()
	for _, w := range wrong {
		t.Error(w)
	}

	b.as("")
	command(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	b.Run(chromedp.Navigate("https://" + b.host + "/login?language=sl"))
	b.until("document.body.innerText.includes('JavaScript')")
	if !js[bool](b, "document.querySelector('form').getClientRects().length === 0") {
		t.Error("there is a form that nothing takes")
	}
	b.picture("login-without-script-sl")
}

package browsertest

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// Ears hear what goes wrong in a browser without being seen: errors on the console, exceptions that nobody caught, requests to
// another host, and breaches of a page's policy.
type Ears struct {
	host string

	mu     sync.Mutex
	wrong  []string // guarded by mu
	loaded int      // bytes that came over the wire; guarded by mu
}

// tells tells of breaches of the policy on the console, and lets nobody be asked whether he leaves a page: that would wait for ever.
// It runs before the scripts of a page.
const tells = `addEventListener('securitypolicyviolation', (e) => console.error('policy: ' + e.violatedDirective + ' ' + e.blockedURI));
addEventListener('beforeunload', (e) => { if (e.isTrusted) e.stopImmediatePropagation(); });`

// Listen is the page of a browser that is to ask a host, and its port, alone; of one that is to ask nobody with "".
func Listen(t testing.TB, ctx context.Context, host string) *Page {
	t.Helper()
	p := &Page{&Ears{host: host}, t, ctx}
	if err := chromedp.Listen(ctx, p.hears); err != nil {
		t.Fatal(err)
	}
	Command(p, network.Enable, network.EnableParams{})
	Command(p, log.Enable, cdp.Empty{})
	p.Before(tells)
	return p
}

// hears takes note of what goes wrong.
func (e *Ears) hears(event any) {
	e.mu.Lock()
	defer e.mu.Unlock()
	switch ev := event.(type) {
	case *runtime.EventConsoleAPICalled:
		if ev.Type == runtime.ConsoleAPICalledTypeError || ev.Type == runtime.ConsoleAPICalledTypeAssert {
			e.wrong = append(e.wrong, fmt.Sprintf("console: %s", said(ev.Args)))
		}
	case *runtime.EventExceptionThrown:
		e.wrong = append(e.wrong, "exception: "+ev.ExceptionDetails.Text+" "+said([]*runtime.RemoteObject{ev.ExceptionDetails.Exception}))
	case *log.EventEntryAdded:
		if ev.Entry.Level == log.EntryLevelError {
			e.wrong = append(e.wrong, "log: "+ev.Entry.Text+" "+ev.Entry.URL)
		}
	case *network.EventRequestWillBeSent:
		if u, err := url.Parse(ev.Request.URL); err != nil || u.Scheme != "data" && u.Scheme != "blob" && u.Host != e.host {
			e.wrong = append(e.wrong, "another host: "+ev.Request.URL)
		}
	case *network.EventLoadingFinished:
		e.loaded += int(ev.EncodedDataLength)
	}
}

// said is what was said on the console.
func said(list []*runtime.RemoteObject) string {
	var words []string
	for _, o := range list {
		if o != nil {
			words = append(words, string(o.Value)+o.Description)
		}
	}
	return strings.Join(words, " ")
}

// Take is what went wrong since the last time, and how many bytes were loaded.
func (e *Ears) Take() (wrong []string, loaded int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	wrong, loaded = e.wrong, e.loaded
	e.wrong, e.loaded = nil, 0
	return wrong, loaded
}

package web

import (
	"encoding/json"
	"strings"
	"time"

	"varuh/accesslog/disclosure"
	"varuh/accesslog/people"
)

// requestsLooks are those at requests for footage, from the list to the register.
var requestsLooks = map[string]visit{
	"requestsPage": {who: "head", path: "/requests", do: func(b *tab) {
		b.says("#list", "Zadnji dan je nedelja, 22. november 2026; po pravilu velja ponedeljek", "The last day is Sunday")
		b.says("#list .tag.bad", "Zamuja", "Late")
		b.says("#list", "odobrila ena oseba", "approved by one person")
	}},
	"receivePage filled": {who: "caretaker", path: "/receive#camera=hall&from=2026-11-20T13:00:00Z&to=2026-11-20T14:00:00Z", do: func(b *tab) {
		b.click("#kind-authority")
		b.keysInto("#r-name", "Policijska postaja Breg")
		b.until("document.querySelectorAll('#missing li').length === 12")
	}},
	"receivePage no camera": {who: "caretaker", path: "/receive#camera=klet&from=2026-11-20T13:00:00Z&to=x", do: func(b *tab) {
		b.says("#trouble", "Kamere »klet« iz povezave ni med kamerami naprave", "The camera “klet” of the link is not one of this appliance")
		b.says("#trouble", "Časa iz povezave ni mogoče prebrati", "The time in the link can't be read")
	}},
	"receivePage summary": {who: "caretaker", path: "/receive#camera=hall&from=2026-11-20T13:00:00Z&to=2026-11-20T14:00:00Z", do: func(b *tab) {
		b.click("#kind-subject")
		b.click("#receive button[type=submit]")
		b.until("document.querySelector('dialog[open]')")
		b.says("dialog", "Od zdaj bodo zadržani", "From now on this is held")
	}},
	"requestPage incomplete": {who: "caretaker", path: "/requests", do: func(b *tab) { b.request("incomplete") }},
	"requestPage": {who: "head", path: "/requests", do: func(b *tab) {
		b.request("complete")
		b.click("#read")
		b.until("document.querySelector('#content dl')")
		b.says("#due", "Rok je 15 dni; dan prejema se ne šteje.", "The term is 15 days")
	}},
	"requestPage auditor": {who: "auditor", path: "/requests", do: func(b *tab) {
		b.request("handed over")
		b.click("#read")
		b.enter("dialog form", "reason", "letni pregled")
		b.until("document.querySelector('#content dl') && !document.querySelector('dialog, [data-step]')")
		b.says("#course", "Zakaj je odločila ena oseba: Drugega odločevalca ta teden ni", "Why alone: Drugega odločevalca ta teden ni")
	}},
	"requestPage approve": {who: "head", path: "/requests", do: func(b *tab) {
		b.request("complete")
		b.click("[data-step=approve]")
		b.until("document.querySelector('dialog[open]')")
		b.says("dialog", "dva para oči", "two pairs of eyes")
	}},
	"requestPage release": {who: "head", path: "/requests", do: func(b *tab) {
		b.request("handed over")
		b.click("[data-step=release]")
		b.until("document.querySelector('dialog[open]')")
		b.says("dialog", "se izbriše v eni uri", "is erased within an hour")
	}},
	"registerPage": {who: "auditor", path: "/register", do: func(b *tab) {
		b.enter("#asked", "reason", "letni pregled")
		b.until("document.querySelector('.register-table')")
		b.says(".register-table", "Policijska postaja Breg", "Policijska postaja Breg")
	}},
}

// request goes from the list to the first request in a state.
func (b *tab) request(state string) {
	b.t.Helper()
	b.until("document.querySelector('#list a[data-state=\"" + state + "\"]')")
	b.click("#list a[data-state=\"" + state + "\"]")
	b.until("location.pathname === '/request' && document.querySelector('#request[data-state=\"" + state + "\"]:not([aria-busy])')")
}

// paperOf is what a complete paper of the police says.
func paperOf(from time.Time, number string) RequestContent {
	return RequestContent{
		Applicant: disclosure.Applicant{Name: "Policijska postaja Breg", Address: "Cesta 5, 1000 Ljubljana", Contact: "01 234 56 70", Signatory: "Matej Hren", Rank: "policijski inšpektor"},
		Basis:     "zkp-148", Purpose: "Preiskava vloma v shrambo koles; na posnetku so vidne osebe pri vhodu.",
		Case:    disclosure.Case{Subject: "vlom v shrambo koles", Number: number, Body: "Policijska postaja Breg"},
		Footage: []Footage{{"hall", span{moment{from}, moment{from.Add(30 * time.Minute)}}}},
		Data:    []disclosure.Datum{disclosure.Picture, disclosure.Moment}, Form: disclosure.Folder, Manner: "osebno v tajništvu",
	}
}

// addRequests has requests in several states: one that is late, one whose last day is a Sunday, one that lacks something, one
// whose paper is awaited, and one that was handed over, approved by one person.
func (s *stage) addRequests() {
	s.t.Helper()
	caretaker, head := s.client(s.t).logIn("caretaker.sl", ownPassword), s.client(s.t).logIn("head.sl", ownPassword)
	enter := func(c *client, days int, content RequestContent, change func(*RequestAsked)) (id string) {
		s.t.Helper()
		asked := RequestAsked{Kind: disclosure.Authority, Content: content, Received: moment{noon.AddDate(0, 0, -days)}, Scan: s.scan(c)}
		if change != nil {
			change(&asked)
		}
		var out RequestEntered
		c.api("POST", "/requests", asked, &out)
		return out.Request.ID
	}
	day := noon.AddDate(0, 0, -2)
	enter(caretaker, 19, paperOf(day, "2254-7/2026"), func(a *RequestAsked) {
		a.Content.Footage = append(a.Content.Footage, Footage{"hall", span{moment{day.Add(3 * time.Hour)}, moment{day.Add(4 * time.Hour)}}})
	})
	enter(caretaker, 14, paperOf(day.Add(-time.Hour), "2254-8/2026"), nil)
	incomplete := paperOf(day.Add(time.Hour), "")
	incomplete.Applicant.Rank = ""
	enter(caretaker, 1, incomplete, nil)
	enter(caretaker, 0, paperOf(day.Add(2*time.Hour), "2254-9/2026"), func(a *RequestAsked) { a.Way, a.Scan = disclosure.Oral, "" })
	id := enter(head, 6, paperOf(day.Add(-3*time.Hour), "2254-3/2026"), nil)
	q, err := s.o.Requests.Request(s.t.Context(), id)
	must(s.t, err)
	head.api("POST", "/requests/"+id+"/approve", RequestApproval{Content: q.Content, Single: "Drugega odločevalca ta teden ni, posnetki so nujni."}, nil)
	s.built(id)
}

// scan is the fingerprint of one that somebody uploads.
func (s *stage) scan(c *client) string {
	s.t.Helper()
	var info ScanInfo
	must(s.t, json.Unmarshal(c.upload("application/pdf", strings.NewReader("%PDF-1.4\ndopis")).Body.Bytes(), &info))
	return info.Scan
}

// built has a package for a request, which is handed over.
func (s *stage) built(id string) {
	s.t.Helper()
	q, err := s.o.Requests.Request(s.t.Context(), id)
	must(s.t, err)
	manifest := strings.Repeat("4f", 32)
	_, err = s.o.Requests.Built(s.t.Context(), id, disclosure.Packed{Manifest: manifest, Entry: q.Last, Delivered: q.Wanted})
	must(s.t, err)
	_, err = s.o.Requests.HandOver(s.t.Context(), s.deputy(), id, disclosure.Handing{Recipient: "Matej Hren, PP Breg", Known: "službena izkaznica št. 1234",
		Medium: "ključ USB z oznako 3", Manifest: manifest, Warned: true})
	must(s.t, err)
}

// deputy is a session of somebody who may do all that an approver may.
func (s *stage) deputy() people.Session {
	return people.Session{Person: people.Person{ID: "deputy", Name: "Vera Zajc"}, Proof: "password",
		Authorisations: []people.Authorisation{{ID: "by-head", Role: people.Approver, From: noon.AddDate(0, 0, -1), Paper: noon.AddDate(0, 0, -1)}}}
}

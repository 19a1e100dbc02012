package web

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/accesslog/disclosure"
	"varuh/accesslog/people"
)

// desk is a rig with those who could handle requests, and requests of all kinds in all states.
type desk struct {
	*rig
	t        *testing.T
	clients  map[string]*client
	sessions map[string]people.Session
	bodies   map[string]request // examples, by the names of routes
	keys     int
	paper    string // hash of a scan that was uploaded
}

// Everybody who could: a person of each role, the head who has several and who made the others' accounts, and tokens. The
// caretaker enters requests, unless the police do with their token.
var handlers = []string{"approver", "head", "caretaker", "auditor", "inspector", "administrator", "maintainer", "guard", "police", "other police"}

func newDesk(t *testing.T) *desk {
	d := &desk{rig: newRigFor(t, 60*24*time.Hour), t: t, clients: map[string]*client{}, sessions: map[string]people.Session{}, bodies: requests(t)}
	head := d.head(t)
	d.clients["head"] = head
	for _, role := range people.Roles {
		d.clients[string(role)] = d.visitor(t, head, string(role), d.granted(role))
	}
	for _, who := range []string{"police", "other police"} {
		a := d.granted(people.Applicant)
		a.Cameras = []string{"hall"}
		d.clients[who] = d.machine(t, head, a)
	}
	for who, c := range d.clients {
		var err error
		if c.bearer != "" {
			d.sessions[who], err = d.people.Bearer(t.Context(), c.bearer, netip.MustParseAddr("192.168.1.20"))
		} else {
			d.sessions[who], err = d.people.Session(t.Context(), c.cookie)
		}
		must(t, err)
	}
	return d
}

// group is a kind of request, in the way it came and the form of delivery.
type group struct {
	name string
	kind disclosure.Kind
	way  disclosure.Way
	form disclosure.Form
	left bool // a delivery of the package has begun
}

var groups = []group{
	{"authority, on paper", disclosure.Authority, disclosure.Paper, disclosure.Folder, false},
	{"authority, by token", disclosure.Authority, disclosure.Token, disclosure.Zip, false},
	{"authority, orally", disclosure.Authority, disclosure.Oral, disclosure.Folder, false},
	{"own initiative", disclosure.Own, disclosure.Paper, disclosure.Folder, false},
	{"another applicant", disclosure.Other, disclosure.Paper, disclosure.Zip, false},
	{"person concerned, a masked copy", disclosure.Subject, disclosure.Paper, disclosure.Masked, false},
	{"person concerned, a copy", disclosure.Subject, disclosure.Paper, disclosure.Zip, false},
	{"person concerned, a look", disclosure.Subject, disclosure.Paper, disclosure.View, false},
	{"authority, on paper, of which something has left", disclosure.Authority, disclosure.Paper, disclosure.Folder, true},
}

// asked is a complete request of a group.
func (d *desk) asked(g group) disclosure.Asked {
	a := disclosure.Asked{Kind: g.kind, Way: g.way, Content: disclosure.Content{
		Applicant: disclosure.Applicant{Name: "Policijska postaja Primer", Address: "Cesta 1, 1000 Ljubljana", Signatory: "Janez Novak", Rank: "višji policist"},
		Basis:     "zkp-148", Purpose: "preiskava tatvine kolesa", Case: disclosure.Case{Subject: "tatvina", Number: "2302-55/2026", Body: "PP Primer"},
		Wanted: []disclosure.Wanted{{Camera: "hall", From: noon.Add(-5 * time.Hour), To: noon.Add(-4 * time.Hour)}},
		Data:   []disclosure.Datum{disclosure.Picture}, Form: g.form, Manner: "osebno v tajništvu", Identity: "osebna izkaznica"}}
	switch g.kind {
	case disclosure.Own, disclosure.Other:
		a.Basis, a.BasisText = "zvop2-41", "76. člen ZVOP-2"
	case disclosure.Subject:
		a.Basis = "gdpr-15"
	}
	switch g.way {
	case disclosure.Paper:
		a.Scan = d.scan()
	case disclosure.Token:
		d.keys++
		a.Key = fmt.Sprintf("0123456789abcdef-%d", d.keys)
	}
	return a
}

// scan uploads one, and gives that once more afterwards.
func (d *desk) scan() string {
	if d.paper != "" {
		return d.paper
	}
	w := d.clients["caretaker"].upload("application/pdf", strings.NewReader("%PDF-1.7 listina"))
	var info ScanInfo
	must(d.t, json.Unmarshal(w.Body.Bytes(), &info))
	d.paper = info.Scan
	return d.paper
}

// in is a request of a group in a state, or false where there is none.
func (d *desk) in(g group, state disclosure.State) (disclosure.Request, bool) {
	if g.left && state != disclosure.Built {
		return disclosure.Request{}, false // it is as without
	}
	ctx, r, a := d.t.Context(), d.o.Requests, d.asked(g)
	if state == disclosure.Incomplete {
		a.Applicant.Name = ""
	}
	who := d.sessions["caretaker"]
	if g.way == disclosure.Token {
		who = d.sessions["police"]
	}
	got, err := r.Receive(ctx, who, a)
	must(d.t, err)
	id := got.Request.ID
	for _, step := range ways[state] {
		if err := d.does(step, g, id); err != nil {
			return disclosure.Request{}, false
		}
	}
	if g.left {
		d.leaves(id)
	}
	q, err := r.Request(ctx, id)
	must(d.t, err)
	if g.form.Shown() && state == disclosure.Built {
		return q, false
	}
	if q.State != state {
		d.t.Fatalf("%s: %s, not %s", g.name, q.State, state)
	}
	return q, true
}

// leaves enters that a delivery of a request has begun.
func (d *desk) leaves(id string) {
	d.t.Helper()
	ctx := d.t.Context()
	_, err := d.diary.Append(ctx, diary.Entry{Op: "handover"}, func(tx *sql.Tx) error {
		entry, err := diary.Next(ctx, tx)
		if err != nil {
			return err
		}
		return disclosure.SetLeft(ctx, tx, id, []disclosure.Departure{{Left: disclosure.Left{Delivery: entry, At: noon, Manifest: manifest}}})
	})
	must(d.t, err)
}

// ways are the shortest ways into the states.
var ways = map[disclosure.State][]disclosure.Step{
	disclosure.Extended: {disclosure.Extend}, disclosure.OwnLaw: {disclosure.FollowLaw}, disclosure.Approved: {disclosure.Approve}, disclosure.Refused: {disclosure.Refuse},
	disclosure.Silent: {disclosure.Lapse}, disclosure.Withdrawn: {disclosure.Withdraw}, disclosure.Built: {disclosure.Approve, disclosure.Build},
	disclosure.HandedOver: {disclosure.Approve, disclosure.Build, disclosure.HandOver}, disclosure.Confirmed: {disclosure.Approve, disclosure.Build, disclosure.HandOver, disclosure.Confirm},
}

var manifest = strings.Repeat("ab", 32)

// does does a step as the program does it, or the approver or the caretaker.
func (d *desk) does(step disclosure.Step, g group, id string) (err error) {
	ctx, r, approver, clerk := d.t.Context(), d.o.Requests, d.sessions["approver"], d.sessions["caretaker"]
	footage := []disclosure.Wanted{{Camera: "hall", From: noon.Add(-5 * time.Hour), To: noon.Add(-5*time.Hour + 20*time.Minute)}}
	if g.form.Shown() && step == disclosure.Build {
		return nil
	}
	if g.form.Shown() && step == disclosure.HandOver {
		step = disclosure.Show
	}
	switch step {
	case disclosure.Extend:
		_, err = r.Extend(ctx, approver, id, noon.AddDate(0, 2, 0), "po telefonu")
	case disclosure.FollowLaw:
		_, err = r.FollowLaw(ctx, approver, id, "ZKP, 164. člen", time.Time{})
	case disclosure.Approve:
		_, err = r.Approve(ctx, approver, id, disclosure.Approval{Content: d.content(id)})
	case disclosure.Refuse:
		_, err = r.Refuse(ctx, approver, id, "ni podlage")
	case disclosure.Lapse:
		if list, failed := r.Silence(ctx, noon.AddDate(0, 3, 0)); failed != nil || len(list) != 1 {
			err = fmt.Errorf("%d lapsed: %w", len(list), disclosure.ErrStep)
		}
	case disclosure.Withdraw:
		_, err = r.Withdraw(ctx, clerk, id, "po telefonu")
	case disclosure.Build:
		_, err = r.Built(ctx, id, disclosure.Packed{Manifest: manifest, Entry: 1, Delivered: footage})
	case disclosure.HandOver:
		_, err = r.HandOver(ctx, clerk, id, disclosure.Handing{Recipient: "Janez Novak, PP Primer", Known: "službena izkaznica", Medium: "disk USB 7", Manifest: manifest, Warned: true})
	case disclosure.Show:
		_, err = r.Shown(ctx, clerk, id, disclosure.Showing{Recipient: "Meta Kos", Known: "osebna izkaznica", Viewing: d.viewed("caretaker", id), Footage: footage, Warned: true})
	case disclosure.Confirm:
		_, err = r.Confirmed(ctx, clerk, id, "podpis na zapisniku", "")
	}
	return err
}

// viewed enters a viewing by which somebody showed all that a request asks for, as the door does.
func (d *desk) viewed(who, id string) int64 {
	d.t.Helper()
	q, err := d.o.Requests.Request(d.t.Context(), id)
	must(d.t, err)
	var seen []proof.Object
	for _, w := range q.Wanted {
		seen = append(seen, proof.Object{Camera: w.Camera, From: w.From, To: w.To})
	}
	by := d.sessions[who].Actor()
	began, err := d.diary.Append(d.t.Context(), diary.Entry{Op: "view.start", Ref: &q.Entry,
		Body: proof.Body{Actor: &by, Objects: seen, Data: map[string]any{"request": id, "showing": "yes"}}}, nil)
	must(d.t, err)
	_, err = d.diary.Append(d.t.Context(), diary.Entry{Op: "view.end", Ref: &began.Index, Body: proof.Body{Actor: &by, Objects: seen, Result: "reported"}}, nil)
	must(d.t, err)
	return began.Index
}

// stepRoutes are the steps of persons over the API; that of the package has routes of its own.
var stepRoutes = map[disclosure.Step]string{
	disclosure.Supplement: "supplementRequest", disclosure.Scan: "enterPaper", disclosure.Extend: "extendRequest", disclosure.FollowLaw: "followLaw", disclosure.Approve: "approveRequest",
	disclosure.Refuse: "refuseRequest", disclosure.Withdraw: "withdrawRequest", disclosure.Show: "showFootage", disclosure.Confirm: "confirmReceipt", disclosure.Release: "releaseRequest",
}

// verdictOf is whether somebody may do a step by what he is told of the request.
func (d *desk) verdictOf(who string, q disclosure.Request) map[disclosure.Step]string {
	out := map[disclosure.Step]string{}
	c := d.clients[who]
	w := c.do("GET", prefix+"/requests/"+q.ID, nil)
	if w.Code != 200 {
		for step := range stepRoutes {
			out[step] = judged(w)
			if w.Code == 404 {
				out[step] = "none"
			}
		}
		return out
	}
	var detail RequestDetail
	must(d.t, json.Unmarshal(w.Body.Bytes(), &detail))
	for _, s := range detail.Steps {
		switch {
		case s.May && s.Single:
			out[s.Step] = "alone"
		case s.May:
			out[s.Step] = "+"
		default:
			out[s.Step] = "-"
		}
		if s.May == (s.Why != "") && !s.Single {
			d.t.Errorf("%s, %s, %s: may %v, but %q", q.State, who, s.Step, s.May, s.Why)
		}
	}
	return out
}

// content is the entry that has what a request says now.
func (d *desk) content(id string) int64 {
	d.t.Helper()
	q, err := d.o.Requests.Request(d.t.Context(), id)
	must(d.t, err)
	return q.Content
}

// step does a step over the API.
func (d *desk) step(who string, step disclosure.Step, g group, q disclosure.Request, alone bool) (status int, problem string) {
	name := stepRoutes[step]
	var of route
	for _, r := range routes() {
		if r.name == name {
			of = r
		}
	}
	var body map[string]any
	must(d.t, json.Unmarshal(d.bodies[name].Body, &body))
	switch step {
	case disclosure.Approve:
		body["content"] = d.content(q.ID)
		if delete(body, "single_reason"); alone {
			body["single_reason"] = "nihče drug ni pooblaščen"
		}
	case disclosure.Extend:
		body["day"] = "2027-02-21"
	case disclosure.Scan:
		body["scan"] = d.scan()
	case disclosure.Confirm:
		delete(body, "scan")
	case disclosure.Supplement:
		delete(body, "received")
	case disclosure.Show:
		if q.Showing() {
			body["viewing"] = d.viewed(who, q.ID)
		}
	}
	path := strings.ReplaceAll(of.path(), "{request}", q.ID)
	w := d.clients[who].do("POST", path, body)
	if w.Code == 200 {
		return 200, ""
	}
	var p Problem
	must(d.t, json.Unmarshal(w.Body.Bytes(), &p))
	return p.Status, p.Type[strings.LastIndex(p.Type, "/")+1:]
}

// Every step, in every state of every kind of request, for everybody: what the page is told is what the
// table in testdata says, and what is refused over the API is just what the page is told can't be done.
func TestRequestWorkflow(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	var steps []disclosure.Step
	for _, s := range disclosure.Steps {
		if stepRoutes[s] != "" {
			steps = append(steps, s)
		}
	}
	var table strings.Builder
	fmt.Fprintf(&table, "# What may be done with a request: + may, alone with a written reason alone, - may not now; none: there is no such request for him; else why he may do nothing.\n# %v\n", steps)
	states := append([]disclosure.State{disclosure.Silent}, disclosure.States...) // silence takes all that waits
	for at, state := range states {
		if at > 0 && state == disclosure.Silent {
			continue
		}
		for _, g := range groups {
			q, there := d.in(g, state)
			if !there {
				continue
			}
			fmt.Fprintf(&table, "\n%s, %s\n", g.name, state)
			for _, who := range handlers {
				verdicts := d.verdictOf(who, q)
				var row []string
				for _, step := range steps {
					row = append(row, fmt.Sprintf("%-5s", verdicts[step]))
					d.holdsAgainst(who, step, g, state, q, verdicts[step])
				}
				fmt.Fprintf(&table, "  %-13s %s\n", who, strings.TrimSpace(strings.Join(row, " ")))
			}
		}
	}
	const name = "testdata/requests_workflow.txt"
	if *update {
		must(t, os.WriteFile(name, []byte(table.String()), 0o644))
		return
	}
	want, err := os.ReadFile(name)
	must(t, err)
	if table.String() != string(want) {
		t.Errorf("%s is not what is so: run this test with -update, and look through the change", name)
	}
}

// holdsAgainst does a step over the API that the page said may not be done, or on another request one that may.
func (d *desk) holdsAgainst(who string, step disclosure.Step, g group, state disclosure.State, q disclosure.Request, verdict string) {
	d.t.Helper()
	if verdict == "+" || verdict == "alone" {
		if (g != groups[0] && (step != disclosure.Show || who != "caretaker") && step != disclosure.Scan) || state == disclosure.Silent {
			return // they do it as the first kind does
		}
		q, _ = d.in(g, state)
	}
	if verdict != "+" && verdict != "alone" && g != groups[0] && g != groups[1] && who != "approver" {
		return // it is the same for the other kinds
	}
	size := d.diary.Head().Size
	status, problem := d.step(who, step, g, q, verdict == "alone")
	switch {
	case verdict == "+" || verdict == "alone":
		if status != 200 {
			d.t.Errorf("%s, %s: %s may %s, but %d %s", g.name, state, who, step, status, problem)
		}
		if verdict == "alone" {
			if now, err := d.o.Requests.Request(d.t.Context(), q.ID); err != nil || !now.Single {
				d.t.Errorf("%s, %s: %s alone is not entered as single-handed", g.name, state, who)
			}
		}
	case status/100 != 4:
		d.t.Errorf("%s, %s: %s may not %s, but %d %s", g.name, state, who, step, status, problem)
	case d.diary.Head().Size != size && step != disclosure.Scan && (step != disclosure.Show || !q.Showing()): // its scan is uploaded before, without an entry
		d.t.Errorf("%s, %s: %s may not %s, but something was entered", g.name, state, who, step)
	}
}

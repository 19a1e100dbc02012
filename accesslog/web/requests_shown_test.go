package web

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"varuh/accesslog"
	"varuh/accesslog/people"
)

// A person concerned looks at footage on the premises: the caretaker opens a viewing for the request, and enters as shown what that
// delivered. All of it is found by the request.
func TestShownOnThePremises(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.entrance(dawn)
	boss := s.head(t)
	clerk := s.visitor(t, boss, "caretaker", s.granted(people.Caretaker))
	v, head := s.sharing(clerk.cookie), s.sharing(boss.cookie)
	var scan ScanInfo
	must(t, json.Unmarshal(clerk.upload("application/pdf", strings.NewReader("%PDF-1.7 zahteva")).Body.Bytes(), &scan))
	asked := Footage{"hall", span{moment{dawn.Add(5 * time.Second)}, moment{dawn.Add(50 * time.Second)}}}
	var got RequestEntered
	v.json("POST", prefix+"/requests", RequestAsked{Kind: "subject", Scan: scan.Scan, Content: RequestContent{
		Applicant: contentOf((&desk{rig: s.rig, t: t, paper: scan.Scan}).asked(groups[5]).Content).Applicant, Basis: "gdpr-15", Footage: []Footage{asked},
		Form: "view", Manner: "v tajništvu", Identity: "osebna izkaznica"}}, &got)
	id := got.Request.ID
	path := prefix + "/requests/" + id
	head.json("POST", path+"/approve", RequestApproval{Content: got.Request.ContentEntry, Single: "nihče drug ni pooblaščen"}, nil)

	var list purposeList
	v.json("GET", prefix+"/cameras/hall/purposes?from="+asked.From.Format(time.RFC3339)+"&to="+asked.To.Format(time.RFC3339), nil, &list)
	if len(list.Decisions) != 1 || !list.Decisions[0].Showing || !strings.Contains(list.Decisions[0].Text, id) {
		t.Fatalf("%+v", list.Decisions)
	}
	o := v.open(askedViewing{Request: id, place: place{Camera: "hall", From: asked.From, To: asked.To}})
	showing := RequestShowing{Recipient: "Meta Kos", Known: "osebna izkaznica", Viewing: o.Entry, Warned: true}
	shown := func(who *viewer) (one ShowingInfo) {
		t.Helper()
		var list ShowingList
		who.json("GET", path+"/viewings", nil, &list)
		if len(list.Viewings) == 1 {
			one = list.Viewings[0]
		}
		return one
	}
	if one := shown(v); one.Entry != o.Entry || one.Ended || one.May || one.Why == "" {
		t.Errorf("while it goes on: %+v", one)
	}
	if status, problem := v.refused("POST", path+"/show", showing); status != 422 || problem != "request-wrong" {
		t.Error(status, problem)
	}
	parts, _ := v.playlist(o.Windows[0].Playlist)
	v.get(parts[1])
	v.json("POST", prefix+"/viewings/"+o.ID+"/end", endedViewing{accesslog.Reported}, nil)
	one := shown(v)
	if !one.May || !one.Ended || len(one.Seen) != 1 || one.Seen[0].From.Before(asked.From.Time) || one.Seen[0].To.After(asked.To.Time) {
		t.Errorf("when it has ended: %+v", one)
	}
	if other := shown(head); other.Entry != 0 {
		t.Errorf("another one is told of it: %+v", other)
	}
	if status, problem := head.refused("POST", path+"/show", showing); status != 422 || problem != "request-wrong" {
		t.Error("another's viewing:", status, problem)
	}
	var done RequestStepped
	v.json("POST", path+"/show", showing, &done)
	if !slices.Equal(done.Request.Delivered, one.Seen) || done.Request.State != "handed over" {
		t.Errorf("%+v", done.Request)
	}
	foundByRequest(t, head, id, asked)
}

// foundByRequest reads the diary of a request, and of its footage.
func foundByRequest(t *testing.T, who *viewer, id string, of Footage) {
	t.Helper()
	var read Reading
	who.json("POST", prefix+"/diary/readings", ReadingAsked{Reason: "pregled zahteve", Filter: Filter{Request: id}}, &read)
	var ops []string
	for _, e := range read.Entries {
		if ops = append(ops, e.Op); e.Op == "view.end" && !strings.Contains(e.Body, `"request":"`+id+`"`) {
			t.Errorf("the end of the viewing: %s", e.Body)
		}
	}
	if want := []string{"request.receive", "request.approve", "view.start", "view.end", "request.shown"}; !slices.Equal(ops, want) {
		t.Errorf("by the request: %v", ops)
	}
	var uses Uses
	who.json("POST", prefix+"/diary/uses", UsesAsked{Reason: "kdo je gledal", Camera: "hall", span: of.span}, &uses)
	at := slices.IndexFunc(uses.Uses, func(u Use) bool { return u.Op == "view.start" })
	if at < 0 || uses.Uses[at].Request != id || uses.Uses[at].Purpose != "ogled v prostorih po zahtevi "+id {
		t.Errorf("by the footage: %+v", uses.Uses)
	}
}

package web

import (
	"slices"
	"testing"
	"time"

	"varuh/accesslog/hold"
	"varuh/accesslog/people"
)

// A hold and a restriction are set, confirmed and ended over HTTP. Each change is remembered outside the diary, and entries
// about it are kept apart, before whoever made it is answered.
func TestHolds(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	head := r.head(t)
	r.recorded(t, noon.Add(-time.Hour))
	year := span{moment{noon.Add(-time.Hour)}, moment{noon.AddDate(0, 1, 0)}}
	review := day{noon.AddDate(0, 2, 0)}

	var held, restricted HeldNow
	told := func(what string) {
		t.Helper()
		if r.decided.Swap(0) == 0 {
			t.Errorf("%s was answered before it was remembered", what)
		}
	}
	head.api("POST", "/holds", HoldAsked{"hall", year, Settled{Kind: hold.Rights, Basis: "zahteva", Review: review}}, &held)
	told("a hold")
	if held.Segments != 1 || held.Bytes != sizeStep || held.Waits || held.Kept == 0 {
		t.Errorf("%+v", held)
	}
	head.api("POST", "/restrictions", RestrictionAsked{Camera: "*", span: year, Ground: hold.Accuracy, Basis: "ugovor", Review: review}, &restricted)
	told("a restriction")
	var secured Secured
	head.api("POST", "/cameras/hall/holds", SecureAsked{span{moment{noon.Add(-time.Hour)}, moment{noon}}, "okno", ""}, &secured)
	told("securing")
	var entered Entered
	head.api("POST", "/holds/"+secured.ID+"/confirmation", Settled{Kind: hold.Incident, Basis: "vlom", TermBasis: "člen 76", Review: review}, &entered)
	told("confirming")
	var list HoldList
	head.api("GET", "/holds", nil, &list)
	if len(list.Holds) != 3 || slices.ContainsFunc(list.Holds, func(h HoldInfo) bool { return !h.Pinned || h.PastTerm == (h.ID == restricted.ID) }) {
		t.Errorf("%+v", list)
	}
	if id, _ := head.refused("POST", "/holds/"+secured.ID+"/confirmation", Settled{Kind: hold.Order, Basis: "odredba", Review: review}); id != "hold-lasts" {
		t.Error(id)
	}
	for path, id := range map[string]string{"/holds/": secured.ID, "/restrictions/": restricted.ID} {
		r.decided.Store(0)
		head.api("POST", path+id+"/end", Reason{"končano"}, &entered)
		told("an end")
		if id, _ := head.refused("POST", path+id+"/end", Reason{"končano"}); id != "no-hold" {
			t.Error(id)
		}
	}
	var kept Kept
	head.api("POST", "/holds/entries", nil, &kept)
	if kept.For != 2 { // the entries of a restriction outlast it
		t.Errorf("%+v", kept)
	}
}

// Who is authorised for some cameras holds nothing of others, ends nothing there, and sees nothing of it.
func TestHoldsInScope(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	head := r.head(t)
	deputy := r.visitor(t, head, "boris", AskedAuthorisation{Role: people.Approver, Cameras: []string{"yard"}, Paper: day{noon.AddDate(0, 0, -1)}})
	ahead := span{moment{noon}, moment{noon.AddDate(0, 1, 0)}}
	asked := HoldAsked{"hall", ahead, Settled{Kind: hold.Rights, Basis: "zahteva", Review: day{noon.AddDate(0, 2, 0)}}}
	var ids []string
	for _, camera := range []string{"hall", "*"} {
		var held HeldNow
		asked.Camera = camera
		if id, _ := deputy.refused("POST", "/holds", asked); id != "scope" {
			t.Errorf("%s: %s", camera, id)
		}
		restricted := RestrictionAsked{Camera: camera, span: ahead, Ground: hold.Claims, Basis: "zahteva", Review: day{noon.AddDate(0, 2, 0)}}
		if id, _ := deputy.refused("POST", "/restrictions", restricted); id != "scope" {
			t.Errorf("%s: %s", camera, id)
		}
		head.api("POST", "/holds", asked, &held)
		ids = append(ids, held.ID)
	}
	for _, id := range ids {
		if why, _ := deputy.refused("POST", "/holds/"+id+"/end", Reason{"x"}); why != "scope" {
			t.Error(why)
		}
	}
	asked.Camera = "yard"
	deputy.api("POST", "/holds", asked, nil)
	asked.Camera = "attic"
	if id, _ := head.refused("POST", "/holds", asked); id != "no-camera" {
		t.Error(id)
	}
	var list HoldList
	deputy.api("GET", "/holds", nil, &list)
	if len(list.Holds) != 2 || slices.ContainsFunc(list.Holds, func(h HoldInfo) bool { return h.Camera == "hall" }) {
		t.Errorf("%+v", list)
	}
}

// While the keys are locked a hold is in force all the same, and it is said that the entries about it wait.
func TestHoldWhileLocked(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	head := r.head(t)
	head.api("POST", "/lock", nil, nil)
	var held HeldNow
	head.api("POST", "/holds", HoldAsked{"hall", span{moment{noon}, moment{noon.AddDate(0, 1, 0)}},
		Settled{Kind: hold.Order, Basis: "odredba", Review: day{noon.AddDate(0, 2, 0)}}}, &held)
	if !held.Waits || held.Kept != 0 {
		t.Errorf("%+v", held)
	}
	if id, _ := head.refused("POST", "/holds/entries", nil); id != "locked" {
		t.Error(id)
	}
}

// Whoever secures footage is told how long it stays, be that until its term ends, and so is who decides about it.
func TestSecuredUntilTerm(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	head := r.head(t)
	from := noon.AddDate(0, 0, -80)
	r.recorded(t, from)
	var secured Secured
	head.api("POST", "/cameras/hall/holds", SecureAsked{span{moment{from}, moment{from.Add(time.Hour)}}, "okno", ""}, &secured)
	var list HoldList
	head.api("GET", "/holds", nil, &list)
	term := from.AddDate(0, 0, 90)
	if !secured.Until.Equal(term) || len(list.Holds) != 1 || !list.Holds[0].Goes.Equal(term) || !list.Holds[0].Review.After(term) {
		t.Errorf("%+v %+v", secured, list)
	}
}

package web

import (
	"fmt"
	"testing"
	"time"

	"varuh/accesslog/hold"
	"varuh/accesslog/people"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
)

// Who secures footage looks at nothing, and is told no size: that of a segment says whether somebody was there. Who holds it is
// told a size in which no segment is seen.
func TestHeldTellsNoSizes(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	head := r.head(t)
	ana := r.visitor(t, head, "ana", AskedAuthorisation{Role: people.Caretaker, Cameras: []string{"hall"}, Paper: day{noon.AddDate(0, 0, -1)}})
	for i, bytes := range []int64{1 << 20, 9 << 20, 1 << 20} { // in the second ten minutes somebody was there
		at := noon.Add(-time.Hour + time.Duration(i)*10*time.Minute)
		s := footage.Segment{ID: keyring.NewID(at), Store: r.store.ID, Camera: "hall", Stream: "main", Start: at, HeaderStart: at, End: at.Add(10*time.Minute - time.Second),
			Run: keyring.NewID(at), Bytes: bytes, Records: 600, Sealed: true}
		must(t, r.index.Begin(s))
		must(t, r.index.Sealed(s))
		asked := span{moment{at.Add(time.Minute)}, moment{at.Add(2 * time.Minute)}}
		var secured Secured
		ana.api("POST", "/cameras/hall/holds", SecureAsked{asked, "okno", fmt.Sprint(i)}, &secured)
		var held HeldNow
		head.api("POST", "/holds", HoldAsked{"hall", asked, Settled{Kind: hold.Rights, Basis: "zahteva", Review: day{noon.AddDate(0, 2, 0)}}}, &held)
		if secured.Segments != 1 || held.Segments != 1 || held.Bytes != sizeStep {
			t.Errorf("%+v %+v", secured, held)
		}
	}
}

// What is told of terms has no size in which a segment is seen, and no depth by which the sizes could be reckoned.
func TestTermsTellNoSizes(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	head := r.head(t)
	var all Overview
	head.api("GET", "/retention", nil, &all)
	hall := all.Cameras[0]
	if all.HeldBytes != sizeStep || hall.HeldBytes != sizeStep || hall.Bytes%sizeStep != 0 || hall.Bytes == 0 || hall.Forecast%86400 != 0 {
		t.Errorf("%+v", all)
	}
	var next GoingList
	head.api("GET", "/retention/next", nil, &next)
	var terms TermList
	head.api("GET", "/retention/terms", nil, &terms)
	if next.Next[0].Bytes != sizeStep || terms.Waits[0].Bytes%sizeStep != 0 {
		t.Errorf("%+v %+v", next, terms)
	}
	o := Overview{Cameras: []CameraDepth{{Forecast: 35*86400 + 7}, {Forecast: 30*3600 + 7}}}
	if o.coarse(); o.Cameras[0].Forecast != 35*86400 || o.Cameras[1].Forecast != 30*3600 {
		t.Errorf("%+v", o)
	}
}

package web

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"varuh/accesslog"
	"varuh/accesslog/diary/proof"
	"varuh/accesslog/hold"
	"varuh/accesslog/playback"
	"varuh/recorder/cmaf"
	"varuh/testdata/clips"
)

// A viewing from its purpose to its outcome: what may be chosen, what is allowed and withheld, a further camera, and the
// entries of all that.
func TestViewing(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	film := s.entrance(dawn)
	s.record(t, reel{Camera: "yard", Stream: "main", Film: load(t, clips.YardSub, 1), Start: dawn, Segment: time.Minute})
	restrict(t, s, dawn.Add(40*time.Second), dawn.Add(45*time.Second))
	v := s.viewer()

	var list purposeList
	v.json("GET", prefix+"/cameras/hall/purposes?from=2026-11-21T12:00:00%2b01:00&to=2026-11-21T11:01:00Z", nil, &list)
	if len(list.Whole) != 5 || list.Whole[0] != (purpose{"property", "varovanje premoženja", "ZVOP-2, 77. člen", false}) || !list.Whole[1].Law ||
		len(list.Spans) != 1 || !list.Spans[0].Complete || !list.Spans[0].Live || list.Spans[0].Notice == "" {
		t.Errorf("%+v", list)
	}

	ask := asks("hall", dawn, time.Minute)
	ask.Purpose = "curiosity"
	if status, id := v.refused("POST", prefix+"/viewings", ask); status != 403 || id != "purpose" {
		t.Errorf("%d %s", status, id)
	}
	o := v.open(asks("hall", dawn.Add(-time.Minute), 3*time.Minute))
	if len(o.Withheld) < 2 || o.Withheld[0].Code != "nothing" || !slices.ContainsFunc(o.Withheld, func(w withheld) bool {
		return w.Code == "restricted" && w.Why == "Obdelava teh posnetkov je omejena" && w.From.Equal(dawn.Add(40*time.Second)) && w.To.Equal(dawn.Add(45*time.Second))
	}) {
		t.Errorf("%+v", o.Withheld)
	}
	var own ownViewings
	v.json("GET", prefix+"/viewings", nil, &own)
	if !slices.Equal(own.Viewings, []string{o.ID}) {
		t.Errorf("%+v", own)
	}

	var line timeline
	v.json("GET", stream(o, "hall")+"/timeline?from=2026-11-21T11:00:00Z&to=2026-11-21T11:00:20Z", nil, &line)
	if len(line.Fragments) != 20 || len(line.Runs) != 1 || !line.Fragments[0].KeyFrame || line.Fragments[3].Bytes != int64(len(film[3].Data)) ||
		!line.Fragments[3].At.Equal(film[3].Start) || line.Fragments[3].Duration != 1000 {
		t.Errorf("%+v", line)
	}

	if n := s.entries("view.activity"); len(n) != 1 || *n[0].Ref != o.Entry || n[0].Objects[0].Camera != "hall" {
		t.Errorf("that sizes were looked at is entered %d times: %+v", len(n), n)
	}
	further := place{Camera: "yard", From: moment{dawn}, To: moment{dawn.Add(time.Minute)}}
	var r reach
	v.json("POST", prefix+"/viewings/"+o.ID+"/cameras", further, &r)
	if more := s.entries("view.more"); len(more) != 1 || more[0].Objects[0].Camera != "yard" || *more[0].Ref != o.Entry || len(r.Windows) != 1 {
		t.Errorf("%+v %+v", more, r)
	}
	further.From, further.To = moment{dawn.Add(-2 * time.Hour)}, moment{dawn.Add(-time.Hour)}
	if status, id := v.refused("POST", prefix+"/viewings/"+o.ID+"/cameras", further); status != 404 || id != "nothing" {
		t.Errorf("%d %s", status, id)
	}

	end := prefix + "/viewings/" + o.ID + "/end"
	if status, id := v.refused("POST", end, endedViewing{"cut off"}); status != 422 || id != "ask" {
		t.Errorf("%d %s", status, id)
	}
	v.json("POST", end, endedViewing{accesslog.Secured}, nil)
	if status, id := v.refused("POST", end, endedViewing{accesslog.Secured}); status != 404 || id != "no-viewing" {
		t.Errorf("%d %s", status, id)
	}
	if ends := s.entries("view.end"); len(ends) != 1 || ends[0].Result != "secured" || len(ends[0].Objects) != 0 {
		t.Errorf("%+v", ends)
	}
	if refused := s.entries("view.refused"); len(refused) != 1 {
		t.Errorf("%d refusals are entered", len(refused))
	}
}

// What can't be asked for is refused in the person's language, with what to do.
func TestWrongAsks(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.entrance(dawn)
	v := s.viewer()
	for name, tt := range map[string]struct {
		change func(*askedViewing)
		status int
		id     string
	}{
		"no purpose":         {func(a *askedViewing) { a.Purpose = "" }, 422, "ask"},
		"another purpose":    {func(a *askedViewing) { a.Purpose = "curiosity" }, 403, "purpose"},
		"no camera":          {func(a *askedViewing) { a.Camera = "" }, 422, "ask"},
		"an unknown camera":  {func(a *askedViewing) { a.Camera = "cellar" }, 404, "no-camera"},
		"an unknown stream":  {func(a *askedViewing) { a.Stream = "third" }, 422, "ask"},
		"no time":            {func(a *askedViewing) { a.From, a.To = moment{}, moment{} }, 422, "span"},
		"the end first":      {func(a *askedViewing) { a.From, a.To = a.To, a.From }, 422, "span"},
		"a year":             {func(a *askedViewing) { a.From = moment{dawn.AddDate(-1, 0, 0)} }, 422, "span"},
		"what is to come":    {func(a *askedViewing) { a.From, a.To = moment{noon.Add(time.Hour)}, moment{noon.Add(2 * time.Hour)} }, 422, "span"},
		"when none recorded": {func(a *askedViewing) { a.From, a.To = moment{dawn.Add(-2 * time.Hour)}, moment{dawn.Add(-time.Hour)} }, 404, "nothing"},
		"an unknown ground":  {func(a *askedViewing) { a.Ground = "curiosity" }, 422, "ask"},
		"a long remark":      {func(a *askedViewing) { a.Remark = strings.Repeat("a", 2001) }, 422, "ask"},
	} {
		a := asks("hall", dawn, time.Minute)
		tt.change(&a)
		if status, id := v.refused("POST", prefix+"/viewings", a); status != tt.status || id != tt.id {
			t.Errorf("%s: %d %s", name, status, id)
		}
	}
	noZone := `{"purpose": "property", "camera": "hall", "from": "2026-11-21T11:00:00", "to": "2026-11-21T11:01:00Z"}`
	if status, id := v.refused("POST", prefix+"/viewings", json.RawMessage(noZone)); status != 422 || id != "request" {
		t.Errorf("a time without zone: %d %s", status, id)
	}
	v.json("GET", prefix+"/cameras/hall/purposes?from=2026-11-21T11:00:00Z&to=2026-11-21T11:01:00Z", nil, nil)
	if status, id := v.refused("GET", prefix+"/cameras/cellar/purposes?from=2026-11-21T11:00:00Z&to=2026-11-21T11:01:00Z", nil); status != 404 || id != "no-camera" {
		t.Errorf("the purposes of no camera: %d %s", status, id)
	}
}

// restrict restricts the processing of footage of the hall.
func restrict(t *testing.T, s *stage, from, to time.Time) {
	t.Helper()
	_, err := s.o.Holds.Restrict(t.Context(), hold.AskedRestriction{Ground: hold.Objection, Range: hold.Range{Camera: "hall", From: from, To: to},
		Basis: "zahteva št. 7", Review: noon.AddDate(0, 1, 0), By: proof.Actor{Name: "Vida Ravnik", Proof: "console"}})
	must(t, err)
}

// A key frame comes as what a page can show: an MP4 of one picture, a message for WebCodecs, or the JPEG picture as the
// camera made it. It alone is counted.
func TestKeyFrame(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	film := s.entrance(dawn)
	motion := s.record(t, reel{Camera: "yard", Stream: "main", Film: load(t, clips.Motion, 2), Start: dawn, Segment: time.Minute})
	v := s.viewer()
	o := v.open(asks("hall", dawn, time.Minute))
	key := samples(t, film[8:9])[0]
	a, still := v.get(stream(o, "hall") + "/frame?at=2026-11-21T11:00:09.3Z")
	if a.Header.Get("Content-Type") != "video/mp4" || a.Header.Get(takenAt) != "2026-11-21T11:00:08Z" || !bytes.HasSuffix(still, key) {
		t.Errorf("%d %v %d", a.StatusCode, a.Header, len(still))
	}
	init, err := cmaf.Timescales(still)
	if err != nil || len(init) != 1 {
		t.Errorf("%v %v", init, err)
	}
	_, message := v.get(stream(o, "hall") + "/frame?at=2026-11-21T11:00:09.3Z&chunk=true")
	c, err := chunk(bytes.NewReader(message))
	if err != nil || c.Kind != playback.ChunkStill || !c.At.Equal(dawn.Add(8*time.Second)) || !bytes.HasSuffix(c.Payload, key) || !bytes.HasPrefix(c.Payload, []byte("avc1.")) {
		t.Errorf("%v %+v", err, c.At)
	}
	a, picture := v.get(stream(o, "yard") + "/frame?at=2026-11-21T11:00:03Z")
	if a.Header.Get("Content-Type") != "image/jpeg" || !bytes.Equal(picture, samples(t, motion)[30]) {
		t.Errorf("%d %v %d", a.StatusCode, a.Header, len(picture))
	}
	v.json("POST", prefix+"/viewings/"+o.ID+"/end", endedViewing{accesslog.NothingFound}, nil)
	end := s.entries("view.end")[0]
	if end.Bytes != int64(2*len(key)+len(picture)) || len(end.Objects) != 2 || end.Objects[0].To.Sub(end.Objects[0].From) != 40*time.Millisecond {
		t.Errorf("%d bytes, %+v", end.Bytes, end.Objects)
	}
}

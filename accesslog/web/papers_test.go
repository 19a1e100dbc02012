package web

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/accesslog/people"
)

// What is printed comes as a file that needs nothing else, in the language that is asked for.
func TestPapers(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	head := r.head(t)
	var asked AskedNotice
	must(t, json.Unmarshal(requests(t)["addNotice"].Body, &asked))
	asked.From = moment{}
	var added Added
	head.api("POST", "/notices", asked, &added)
	if id, _ := head.refused("GET", "/cameras/hall/notices/"+added.ID+"/decision", nil); id != "undecided" {
		t.Errorf("a decision that was not entered: %s", id)
	}
	head.api("POST", "/decisions", AskedDecision{Cameras: []string{"hall", "yard"}, Number: "031-1/2026", Date: day{noon.AddDate(0, -1, 0)}, Reasons: "Vlomi v letu 2025."}, nil)
	var ana Person
	head.api("POST", "/persons", AskedPerson{Login: "ana", Name: "Ana Novak", Password: firstOne}, &ana)
	var granted Authorisation
	head.api("POST", "/persons/"+ana.ID+"/authorisations", AskedAuthorisation{Role: people.Guard, Cameras: []string{"hall"}, Back: 15}, &granted)

	at := "/cameras/hall/notices/" + added.ID
	for _, tt := range []struct{ method, path, want string }{
		{"GET", at + "/sign", "varovanje premoženja"},
		{"GET", at + "/sign?language=en", "protection of property"},
		{"GET", at + "/web?language=sl", "Osnovna šola Primer"},
		{"GET", at + "/informed", "Osnovna šola Primer"},
		{"GET", at + "/decision", "kamere: Avla, Dvorišče"},
		{"GET", at + "/decision?language=en", "Vlomi v letu 2025."},
		{"GET", "/authorisations/" + granted.ID + "/paper", "Ana Novak"},
		{"GET", "/authorisations/" + granted.ID + "/paper?language=en", "Ana Novak"},
		{"POST", "/diary/checkpoint/page", "<svg"},
	} {
		w := head.do(tt.method, prefix+tt.path, nil)
		if w.Code != http.StatusOK || !strings.HasPrefix(w.Header().Get("Content-Disposition"), "attachment") || !strings.Contains(w.Body.String(), tt.want) || strings.Contains(w.Body.String(), "<script") {
			t.Errorf("%s %s: %d %v %.300s", tt.method, tt.path, w.Code, w.Header(), w.Body)
		}
	}
	for path, want := range map[string]string{at + "/poster": "no-page", at + "/sign?language=de": "request", "/cameras/yard/notices/" + added.ID + "/sign": "no-notice", "/authorisations/ffffffff/paper": "no-person"} {
		if id, _ := head.refused("GET", path, nil); id != want {
			t.Errorf("%s: %s", path, id)
		}
	}
}

// Incidents are listed without what they say, the last ones first.
func TestIncidents(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	head := r.head(t)
	for range 3 {
		_, err := r.diary.Append(t.Context(), diary.Entry{Op: "incident.open", Body: proof.Body{Note: "secret"}}, nil)
		must(t, err)
	}
	w := head.do("GET", prefix+"/incidents", nil)
	var list IncidentList
	must(t, json.Unmarshal(w.Body.Bytes(), &list))
	if len(list.Incidents) != 3 || list.Incidents[0].Entry < list.Incidents[2].Entry || list.Next != 0 || strings.Contains(w.Body.String(), "secret") {
		t.Errorf("%s", w.Body)
	}
	head.api("GET", "/incidents?before=1", nil, &list)
	if len(list.Incidents) != 0 {
		t.Errorf("%+v", list)
	}
}

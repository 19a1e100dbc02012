package web

import (
	"bytes"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"varuh/accesslog/people"
	"varuh/recorder/rtsp/rtsptest/outside"
)

// answered are the answers of the API that pages were given: by the address, what was said.
type answered struct {
	mu   sync.Mutex
	list []apiAnswer // guarded by mu
}

type apiAnswer struct {
	method, path string
	status       int
	body         bytes.Buffer
}

// tap keeps all answers of the API but the stream that tells of changes, which has no end.
func (a *answered) tap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, prefix) || r.URL.Path == prefix+"/events" {
			next.ServeHTTP(w, r)
			return
		}
		one := &keptAnswer{ResponseWriter: w}
		next.ServeHTTP(one, r)
		one.method, one.path = r.Method, strings.TrimPrefix(r.URL.Path, prefix)
		a.mu.Lock()
		defer a.mu.Unlock()
		a.list = append(a.list, one.apiAnswer)
	})
}

// take are the answers since the last time.
func (a *answered) take() []apiAnswer {
	a.mu.Lock()
	defer a.mu.Unlock()
	list := a.list
	a.list = nil
	return list
}

// keptAnswer keeps what is written.
type keptAnswer struct {
	http.ResponseWriter
	apiAnswer
}

func (k *keptAnswer) WriteHeader(status int) {
	k.status = status
	k.ResponseWriter.WriteHeader(status)
}

func (k *keptAnswer) Write(b []byte) (int, error) {
	if k.status == 0 {
		k.status = http.StatusOK
	}
	k.body.Write(b)
	return k.ResponseWriter.Write(b)
}

func (k *keptAnswer) Unwrap() http.ResponseWriter { return k.ResponseWriter }

// What only some may read: why footage was secured; who asks for an extract, and the beginning of his case's number.
const (
	privately  = "razlog 4471"
	applicant  = "Policijska postaja Breg"
	caseNumber = "2254-"
)

// unseen is what a role must not see on any page, in its HTML, nor in any answer that the page is given.
var unseen = []struct {
	role    people.Role
	never   []string // texts
	calls   []string // parts of the API of which it gets nothing
	changes bool     // pages offer him to change something
}{
	{people.Guard, []string{"Vida Ravnik", privately, "Dvorišče", `"2026-11-20T`, `"2026-11-19T`, `"2026-10`, applicant, caseNumber}, []string{"/diary", "/persons", "/status", "/retention", "/requests", "/uses", "/health"}, true},
	{people.Maintainer, []string{"Vida Ravnik", privately, "Oseba caretaker", "<video", applicant, caseNumber}, []string{"/days", "/ranges", "/viewings", "/diary", "/persons", "/requests"}, false},
	{people.Inspector, []string{"Dvorišče"}, []string{"/persons", "/status", "/retention", "/health"}, false},
	{people.Approver, []string{ownPassword, firstOne}, nil, true},
	{people.Caretaker, []string{"Vida Ravnik", privately, "Oseba auditor"}, []string{"/diary", "/persons", "/uses"}, true},
	{people.Auditor, []string{"<video"}, []string{"/days", "/ranges", "/viewings", "/persons"}, false},
	{people.Administrator, []string{privately, "<video", applicant, caseNumber}, []string{"/days", "/ranges", "/viewings", "/diary", "/requests"}, true},
}

// places are what is asked for on pages behind #, whether or not it may be had; on others nothing is.
var places = map[string][]string{
	"/footage": {"#camera=hall&day=2026-11-20", "#camera=hall&day=2026-11-21", "#camera=yard&day=2026-11-21"},
	"/find":    {"#camera=yard&from=2026-11-20T10:00:00Z&to=2026-11-20T11:00:00Z"},
	"/system":  {"#camera=yard"},
	"/notices": {"#camera=yard"},
	"/diary":   {"#entry=3"},
	"/seen":    {"#camera=hall&from=2026-11-20T10:00:00Z&to=2026-11-20T14:10:00Z"},
	"/request": {"#request=0"},
}

// controls change something. Pages in which one only reads and asks have none.
const controls = "#hold-new, #restrict-new, #new, #decide, #add, #issue, #write, [data-may], [data-approve], [data-persons]"

// For each role and each page: what the role must not see is not on the page, not in the HTML, and in no answer that the page is
// given by the API, whatever it is asked for; a page that the role may not have has nothing of it; and who may only read is offered
// nothing else.
func TestUnseenInBrowser(t *testing.T) {
	t.Parallel()
	outside.Needs(t, "chromium", "chromium", "--version")
	s := newStage(t)
	s.addCast()
	s.addFootage()
	s.indexed("yard", noon.Add(-26*time.Hour), noon.Add(-24*time.Hour), true)
	answers := new(answered)
	s.serve(answers.tap(s.Handler()))
	s.addRequests()
	head := s.head(t)
	head.api("POST", "/cameras/hall/holds", SecureAsked{span{moment{noon.Add(-5 * time.Hour)}, moment{noon.Add(-4 * time.Hour)}}, privately, ""}, nil)
	who := map[people.Role]*client{}
	for _, role := range people.Roles {
		who[role] = s.visitor(t, head, string(role), s.granted(role))
	}
	b := s.tab()
	for _, tt := range unseen {
		b.as(who[tt.role].cookie)
		for _, r := range pageRoutes {
			path, _, odd := strings.Cut(r.pattern, "{")
			if r.handler.media != "text/html" || odd || r.access.kind != byRole {
				continue
			}
			may := slices.ContainsFunc(r.access.actions, func(a people.Action) bool { return people.Allows(tt.role, a) })
			if w := who[tt.role].look(path); may != (w.Code == http.StatusOK) {
				t.Fatalf("%s %s: %d", tt.role, path, w.Code)
			} else if !may {
				lacks(t, string(tt.role)+" "+path, w.Body.String(), tt.never, controls, tt.changes)
				continue
			}
			asked := places[path]
			if asked == nil {
				asked = []string{""}
			}
			for _, place := range asked {
				b.visit(path + place)
				lacks(t, string(tt.role)+" "+path+place, js[string](b, "document.documentElement.outerHTML"), tt.never, "", true)
				if offered := js[int](b, "document.querySelectorAll('"+controls+"').length"); !tt.changes && offered > 0 {
					t.Errorf("%s %s: %d controls are offered", tt.role, path+place, offered)
				}
				for _, a := range answers.take() {
					name := string(tt.role) + " " + path + place + ": " + a.method + " " + a.path
					lacks(t, name, a.body.String(), tt.never, "", true)
					if got := slices.IndexFunc(tt.calls, func(part string) bool { return strings.Contains(a.path, part) }); got >= 0 && a.status < 300 {
						t.Errorf("%s: it is answered with %d", name, a.status)
					}
				}
			}
		}
	}
	if wrong, _ := b.take(); slices.ContainsFunc(wrong, func(w string) bool { return !strings.Contains(w, "the server responded with a status of 4") }) {
		t.Errorf("%q", wrong)
	}
}

// lacks complains of texts that are there, and of controls in HTML that was not loaded.
func lacks(t *testing.T, where, text string, never []string, without string, changes bool) {
	t.Helper()
	for _, word := range never {
		if strings.Contains(text, word) || strings.Contains(text, url.QueryEscape(word)) {
			t.Errorf("%s: it has %q", where, word)
		}
	}
	for id := range strings.FieldsFuncSeq(without, func(r rune) bool { return r == ',' || r == ' ' }) {
		if id, isID := strings.CutPrefix(id, "#"); isID && strings.Contains(text, `id="`+id+`"`) && !changes {
			t.Errorf("%s: it has the control %s", where, id)
		}
	}
}

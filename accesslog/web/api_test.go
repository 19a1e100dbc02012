package web

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/accesslog/hold"
	"varuh/accesslog/people"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
	"varuh/recorder/segment"
)

// recorded enters rows of sealed segments of the hall's main stream, of ten minutes each, without files.
func (r *rig) recorded(t testing.TB, starts ...time.Time) {
	t.Helper()
	for i, at := range starts {
		h := segment.Header{ID: keyring.NewID(at.Add(time.Duration(i))), Camera: "hall", Stream: "main", Start: at, Clock: segment.Synchronised}
		s := footage.NewSegment(h)
		s.Store = r.store.ID
		must(t, r.index.Begin(s))
		s.Sealed, s.End, s.Bytes, s.Records = true, at.Add(10*time.Minute), 1<<20, 600
		must(t, r.index.Sealed(s))
	}
}

// A guard is told of the last minutes, and of no day before.
func TestRecordedForGuard(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	gorazd := r.visitor(t, r.head(t), "gorazd", AskedAuthorisation{Role: people.Guard, Cameras: []string{"hall"}, Paper: day{noon.AddDate(0, 0, -1)}, Back: 15})
	r.recorded(t, noon.AddDate(0, 0, -20), noon.Add(-30*time.Minute), noon.Add(-20*time.Minute))
	var days DayList
	gorazd.api("GET", "/cameras/hall/days", nil, &days)
	if len(days.Days) != 1 || !days.Days[0].Day.Equal(noon.Truncate(24*time.Hour)) {
		t.Errorf("%+v", days)
	}
	for span, want := range map[string]int{"from=2026-11-21T11:00:00Z&to=2026-11-21T12:00:00Z": 1, "from=2026-11-01T11:00:00Z&to=2026-11-01T13:00:00Z": 0} {
		var ranges Ranges
		gorazd.api("GET", "/cameras/hall/ranges?"+span, nil, &ranges)
		if len(ranges.Recorded) != want || want > 0 && !ranges.Recorded[0].From.Equal(noon.Add(-15*time.Minute)) {
			t.Errorf("%s: %+v", span, ranges)
		}
	}
}

// What was recorded is told by days and by ranges, with gaps; what is held is marked, and by kind only for who may hold.
func TestRecorded(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	head := r.head(t)
	ana := r.visitor(t, head, "ana", AskedAuthorisation{Role: people.Caretaker, Cameras: []string{"hall"}, Paper: day{noon.AddDate(0, 0, -1)}})
	first := noon.Add(-time.Hour)
	r.recorded(t, first, first.Add(10*time.Minute), first.Add(30*time.Minute))
	must(t, r.index.AddGap(footage.Gap{Camera: "hall", Stream: "main", Gap: segment.Gap{From: first.Add(20 * time.Minute), To: first.Add(30 * time.Minute), Cause: "unreachable"}}))

	var days DayList
	head.api("GET", "/cameras/hall/days", nil, &days)
	if len(days.Days) != 1 || days.Days[0].Segments != 3 || days.Days[0].Recorded != 1800 || !days.Days[0].Day.Equal(noon.Truncate(24*time.Hour)) {
		t.Errorf("%+v", days)
	}
	var secured Secured
	ana.api("POST", "/cameras/hall/holds", SecureAsked{span{moment{first}, moment{first.Add(15 * time.Minute)}}, "razbito okno", ""}, &secured)
	if secured.Segments != 2 || !secured.Until.Equal(noon.AddDate(0, 0, hold.ProvisionalDays)) {
		t.Errorf("%+v", secured)
	}
	const asked = "/cameras/hall/ranges?from=2026-11-21T10:00:00Z&to=2026-11-21T12:00:00Z"
	for _, tt := range []struct {
		who *client
		why string
	}{{head, "provisional"}, {ana, ""}} {
		var ranges Ranges
		tt.who.api("GET", asked, nil, &ranges)
		if len(ranges.Recorded) != 2 || !ranges.Recorded[0].To.Equal(first.Add(20*time.Minute)) || len(ranges.Gaps) != 1 || ranges.Gaps[0].Cause != "unreachable" {
			t.Errorf("%+v", ranges)
		}
		if len(ranges.Marks) != 1 || ranges.Marks[0].Kind != "hold" || ranges.Marks[0].Why != tt.why {
			t.Errorf("%+v", ranges.Marks)
		}
	}
	var list HoldList
	head.api("GET", "/holds", nil, &list)
	if len(list.Holds) != 1 || list.Holds[0].ID != secured.ID || list.Holds[0].Entry != secured.Entry {
		t.Errorf("%+v", list)
	}
	var cameras CameraList
	head.api("GET", "/cameras", nil, &cameras)
	if len(cameras.Cameras) != 2 || !slices.Contains(cameras.Cameras[0].May, people.Play) {
		t.Errorf("%+v", cameras)
	}
	if id, _ := ana.refused("POST", "/cameras/hall/holds", `{"from":"2027-11-21T11:00:00Z","to":"2027-11-21T12:00:00Z","basis":"x"}`); id != "span" {
		t.Error(id)
	}
	if id, p := ana.refused("POST", "/cameras/hall/holds", `{"from":"2026-11-21T11:00:00Z","to":"2026-11-21T11:10:00Z","basis":" "}`); id != "hold-incomplete" || p.Reason == "" {
		t.Error(id, p)
	}
}

// A notice is entered, seen to be complete, ended, and what the law asks beside it is told.
func TestNotices(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	head := r.head(t)
	var missing MissingList
	head.api("GET", "/notices/missing", nil, &missing)
	if len(missing.Cameras) != 2 || missing.Cameras[0].Notice != "" || len(missing.Cameras[0].Missing) == 0 {
		t.Errorf("%+v", missing)
	}
	var asked AskedNotice
	must(t, json.Unmarshal(requests(t)["addNotice"].Body, &asked))
	asked.From = moment{}
	var added Added
	head.api("POST", "/notices", asked, &added)
	if added.EnteredLater || len(added.Missing) != 0 {
		t.Errorf("%+v", added)
	}
	asked.From, asked.Stated = moment{noon.AddDate(0, -1, 0)}, ""
	if id, p := head.refused("POST", "/notices", asked); id != "notice-incomplete" || !strings.Contains(p.Reason, "kdo izjavlja") {
		t.Error(id, p)
	}
	var entered Entered
	head.api("POST", "/decisions", AskedDecision{Cameras: []string{"hall"}, Number: "031-1", Date: day{noon.AddDate(0, 0, -1)}, Reasons: "vlomi"}, &entered)
	head.api("POST", "/notices/"+added.ID+"/informed", AskedInformed{Names: []string{"Ana Novak"}, Date: day{noon.AddDate(0, 0, -1)}, All: true}, &entered)
	var list NoticeList
	head.api("GET", "/cameras/hall/notices", nil, &list)
	if len(list.Notices) != 1 || list.Notices[0].Decision == nil || len(list.Notices[0].Informed) != 1 || len(list.Notices[0].Pending) != 0 {
		t.Errorf("%+v", list)
	}
	r.set(noon.Add(time.Hour))
	head.api("POST", "/notices/"+added.ID+"/end", AskedEnd{Cameras: []string{"hall"}, Reason: "snet"}, &entered)
	if id, _ := head.refused("POST", "/notices/"+added.ID+"/end", AskedEnd{Cameras: []string{"hall"}, Reason: "snet"}); id != "not-in-force" {
		t.Error(id)
	}
	if id, _ := head.refused("POST", "/notices/ffffffff/end", AskedEnd{Cameras: []string{"hall"}, Reason: "snet"}); id != "no-notice" {
		t.Error(id)
	}
	head.api("GET", "/notices/usual", nil, nil)
}

// Persons come, get roles, have their passwords reset and go; nobody does for himself what he must not.
func TestPersons(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	head := r.head(t)
	var ana Person
	head.api("POST", "/persons", AskedPerson{Login: "ana", Name: "Ana Novak", Password: firstOne}, &ana)
	var granted Authorisation
	head.api("POST", "/persons/"+ana.ID+"/authorisations", AskedAuthorisation{Role: people.Guard, Cameras: []string{"yard", "hall", "yard"}, Back: 15}, &granted)
	if !slices.Equal(granted.Cameras, []string{"hall", "yard"}) || granted.Back != 15 || !granted.Paper.IsZero() {
		t.Errorf("%+v", granted)
	}
	c := r.client(t)
	if id, _ := c.refused("POST", "/session", Credentials{Login: "ana", Password: firstOne}); id != "unsigned" {
		t.Error(id)
	}
	head.api("PUT", "/authorisations/"+granted.ID+"/paper", Paper{day{noon.AddDate(0, 0, -1)}}, nil)
	c.logIn("ana", firstOne)
	if id, _ := c.refused("GET", "/cameras", nil); id != "password-first" {
		t.Error(id)
	}
	if id, _ := c.refused("PUT", "/session/password", PasswordChange{firstOne, "ana novak 123"}); id != "weak" {
		t.Error(id)
	}
	c.api("PUT", "/session/password", PasswordChange{firstOne, ownPassword}, nil)
	c.api("GET", "/cameras", nil, nil)
	head.api("PUT", "/persons/"+ana.ID, Names{Login: "ana.novak", Name: "Ana Novak", Language: "en"}, nil)
	head.api("PUT", "/persons/"+ana.ID+"/password", NewPassword{firstOne, "pozabila"}, nil)
	if id, _ := c.refused("GET", "/cameras", nil); id != "no-session" {
		t.Error(id)
	}
	c.logIn("ana.novak", firstOne)
	var me Me
	c.api("GET", "/session", nil, &me)
	if me.Reset == nil || me.Reset.By != "Vida Ravnik" || me.Duty != people.DutyPassword || me.Person.Language != "en" {
		t.Errorf("%+v", me)
	}
	var list PersonList
	head.api("GET", "/persons", nil, &list)
	if len(list.Persons) != 2 {
		t.Errorf("%+v", list)
	}
	vida := list.Persons[1]
	for path, want := range map[string]string{"/removal": "self", "/password": "self", "/authorisations": "self"} {
		method, body := "POST", `{"reason":"x"}`
		switch path {
		case "/password":
			method, body = "PUT", `{"password":"`+firstOne+`","reason":"x"}`
		case "/authorisations":
			body = `{"role":"auditor","cameras":["*"]}`
		}
		if id, _ := head.refused(method, "/persons/"+vida.Person.ID+path, body); id != want {
			t.Errorf("%s: %s", path, id)
		}
	}
	for _, a := range vida.Authorisations {
		if a.Role == people.Administrator {
			if id, _ := head.refused("POST", "/authorisations/"+a.ID+"/end", Reason{"x"}); id != "last-administrator" {
				t.Error(id)
			}
		}
	}
	for body, want := range map[string]string{
		`{"role":"king","cameras":["*"]}`:                                     "person-incomplete",
		`{"role":"guard","cameras":[]}`:                                       "request",
		`{"role":"guard","cameras":["attic"]}`:                                "no-camera",
		`{"role":"guard","cameras":["*"],"back_minutes":9223372036854775807}`: "request",
		`{"role":"inspector","cameras":["*"]}`:                                "person-incomplete",
	} {
		if id, _ := head.refused("POST", "/persons/"+ana.ID+"/authorisations", body); id != want {
			t.Errorf("%s: %s", body, id)
		}
	}
	head.api("POST", "/authorisations/"+granted.ID+"/end", Reason{"konec"}, nil)
	head.api("POST", "/persons/"+ana.ID+"/removal", Reason{"odšla"}, nil)
	var sets SetList
	head.api("GET", "/sets", nil, &sets)
	if len(sets.Sets) != len(people.Sets) || len(sets.Roles) != len(people.Roles) {
		t.Errorf("%+v", sets)
	}
}

// Whoever has the link of the console becomes the first person, once; while there is one, nobody does.
func TestFirstPerson(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	if id, _ := r.client(t).refused("POST", "/first", string(requests(t)["firstPerson"].Body)); id != "link" {
		t.Error(id)
	}
	empty := newEmptyRig(t)
	link, _, err := empty.people.Link(t.Context())
	must(t, err)
	asked := AskedFirst{Token: strings.Repeat("A", 43), Login: "vida.head", Name: "Vida Ravnik", Password: headPassword,
		Roles: []people.Role{people.Administrator}, Paper: day{noon.AddDate(0, 0, -1)}}
	c := empty.client(t)
	if id, _ := c.refused("POST", "/first", asked); id != "link" {
		t.Error(id)
	}
	asked.Token = link.Text()
	c.api("POST", "/first", asked, nil)
	c.logIn("vida.head", headPassword)
	if id, _ := c.refused("POST", "/first", asked); id != "link" {
		t.Error(id)
	}
}

// A second factor is enrolled, asked for, and good by its one-time codes too.
func TestSecondFactor(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	head := r.head(t)
	var drawn Secret
	head.api("POST", "/session/second/secret", nil, &drawn)
	secret, err := people.ParseURI(drawn.URI)
	must(t, err)
	if id, _ := head.refused("PUT", "/session/second", Enrolment{headPassword, drawn.Secret, "000000"}); id != "person-incomplete" {
		t.Error(id)
	}
	var enrolled Enrolled
	head.api("PUT", "/session/second", Enrolment{headPassword, drawn.Secret, secret.Code(noon)}, &enrolled)
	if len(enrolled.Codes) == 0 || !enrolled.Me.Person.Second {
		t.Errorf("%+v", enrolled)
	}
	c := r.client(t)
	if id, _ := c.refused("POST", "/session", Credentials{Login: "vida.head", Password: headPassword}); id != "code-missing" {
		t.Error(id)
	}
	if id, _ := c.refused("POST", "/session", Credentials{Login: "vida.head", Password: headPassword, Code: "000000"}); id != "refused" {
		t.Error(id)
	}
	var me Me
	c.api("POST", "/session", Credentials{Login: "vida.head", Password: headPassword, Code: enrolled.Codes[0]}, &me)
	if me.Proof != "password+one-time code" {
		t.Error(me.Proof)
	}
	if id, _ := c.refused("POST", "/session/second/removal", Confirmation{"ni pravo geslo"}); id != "refused" {
		t.Error(id)
	}
	c.api("POST", "/session/second/removal", Confirmation{headPassword}, nil)
}

// A token opens what its role may, in its scope, and nothing once it has ended.
func TestTokens(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	head := r.head(t)
	var issued Issued
	head.api("POST", "/tokens", AskedToken{Name: "IP", Holder: "Mara Nadzor", Role: people.Inspector, Cameras: []string{"hall"}, To: moment{noon.AddDate(0, 1, 0)}, Basis: "zahteva"}, &issued)
	c := r.client(t)
	c.bearer = issued.Text
	c.api("GET", "/cameras/hall/days", nil, nil)
	if id, _ := c.refused("GET", "/cameras/yard/days", nil); id != "scope" {
		t.Error(id)
	}
	c.cookie = head.cookie
	if id, _ := c.refused("GET", "/cameras/hall/days", nil); id != "no-session" {
		t.Errorf("a token beside a cookie: %s", id)
	}
	c.cookie = ""
	var list TokenList
	head.api("GET", "/tokens", nil, &list)
	if len(list.Tokens) != 1 || list.Tokens[0].ID != issued.Token.ID {
		t.Errorf("%+v", list)
	}
	head.api("POST", "/tokens/"+issued.Token.ID+"/end", Reason{"konec"}, nil)
	if id, _ := c.refused("GET", "/cameras/hall/days", nil); id != "no-session" {
		t.Error(id)
	}
}

// The diary is read only with a reason that is entered before; a proof verifies.
func TestDiary(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	head := r.head(t)
	before := r.diary.Head().Size
	var reading Reading
	head.api("POST", "/diary/readings", ReadingAsked{Reason: "pregled", Filter: Filter{Op: "login"}, Open: true}, &reading)
	if reading.Entry != before || len(reading.Entries) != 1 || !strings.Contains(reading.Entries[0].Body, "Vida Ravnik") {
		t.Errorf("%+v", reading)
	}
	text, _, err := r.diary.Opener(keyring.Identity{r.reading}).Open(t.Context(), before)
	must(t, err)
	body, err := proof.ParseBody(text)
	must(t, err)
	if body.Purpose != "pregled" || body.Actor.Name != "Vida Ravnik" || body.Actor.Role != string(people.Approver) || body.Data["op"] != "login" {
		t.Errorf("%s", text)
	}
	var two Reading
	head.api("POST", "/diary/readings", ReadingAsked{Reason: "pregled", Newest: true, Most: 2}, &two)
	if len(two.Entries) != 2 || two.Next != two.Entries[1].Index || two.Entries[0].Body != "" {
		t.Errorf("%+v", two)
	}
	head.refused("POST", "/diary/readings", ReadingAsked{Reason: "pregled", Most: mostEntries + 1})
	var entry Entry
	head.api("POST", "/diary/entries/0/readings", Reason{"pritožba"}, &entry)
	if entry.Op != "origin.begin" || entry.Body == "" {
		t.Errorf("%+v", entry)
	}
	w := head.do("GET", prefix+"/diary/entries/0/proof", nil)
	p, err := proof.ParseInclusion(w.Body.Bytes())
	must(t, err)
	if p.Index != 0 || base64.StdEncoding.EncodeToString(p.Leaf) != base64.StdEncoding.EncodeToString([]byte(entry.Leaf)) {
		t.Errorf("%+v", p)
	}
	note, err := r.diary.Checkpoint(t.Context())
	must(t, err)
	left, err := proof.ReadCheckpoint(note)
	must(t, err)
	for _, size := range []int64{left.Size, left.Size} { // of each party the first is told
		_, err = r.diary.Anchored(t.Context(), diary.Anchor{Kind: "witness", Party: "priča.example", Size: size, Time: noon, Data: []byte("x")})
		must(t, err)
	}
	var vouches VouchList
	head.api("GET", "/diary/entries/0/vouches", nil, &vouches)
	if len(vouches.Vouches) != 1 || vouches.Vouches[0].Size != left.Size || vouches.Vouches[0].Party != "priča.example" {
		t.Errorf("%+v", vouches)
	}
	if head.api("GET", fmt.Sprintf("/diary/entries/%d/vouches", left.Size), nil, &vouches); len(vouches.Vouches) != 0 {
		t.Errorf("a checkpoint vouches for an entry that it does not have: %+v", vouches)
	}
	head.refused("GET", "/diary/entries/99999/vouches", nil)
	var checkpoint Checkpoint
	head.api("GET", "/diary/checkpoint", nil, &checkpoint)
	if c, err := proof.ReadCheckpoint([]byte(checkpoint.Note)); err != nil || c.Size != r.diary.Head().Size || len(checkpoint.Keys) != 1 {
		t.Errorf("%+v %v", checkpoint, err)
	}
	var verified Verified
	head.api("POST", "/diary/verification", nil, &verified)
	for path, want := range map[string]string{"/diary/entries/99999/proof": "no-entry", "/diary/entries/x/proof": "no-entry", "/diary/entries/-1/proof": "no-entry"} {
		if id, _ := head.refused("GET", path, nil); id != want {
			t.Errorf("%s: %s", path, id)
		}
	}
}

// Locked keys open nothing, and the session says so; a status has no word of persons.
func TestLock(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	head := r.head(t)
	head.api("POST", "/lock", nil, nil)
	var me Me
	head.api("GET", "/session", nil, &me)
	if len(me.Locked) != 2 {
		t.Errorf("%+v", me)
	}
	size := r.diary.Head().Size
	if id, _ := head.refused("POST", "/diary/readings", ReadingAsked{Reason: "pregled", Open: true}); id != "locked" || r.diary.Head().Size != size {
		t.Error(id)
	}
	head.api("POST", "/diary/readings", ReadingAsked{Reason: "pregled"}, nil)
	w := head.do("GET", prefix+"/status", nil)
	if w.Code != http.StatusOK || strings.Contains(w.Body.String(), "Vida") {
		t.Error(w.Body)
	}
}

package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"varuh/accesslog/disclosure"
)

// filed sends a request with a token and an idempotency key.
func (c *client) filed(key string, in RequestAsked) *httptest.ResponseRecorder {
	c.t.Helper()
	text, err := json.Marshal(in)
	must(c.t, err)
	q := httptest.NewRequestWithContext(c.t.Context(), "POST", "https://varuh.local"+prefix+"/requests", bytes.NewReader(text))
	q.RemoteAddr = c.from
	q.Header.Set("Content-Type", "application/json")
	q.Header.Set("Authorization", "Bearer "+c.bearer)
	q.Header.Set("Accept-Language", c.accept)
	if key != "" {
		q.Header.Set(keyHeader, key)
	}
	w := answer(c.r.Handler(), q)
	checkAnswer(c.t, "receiveRequest", w.Code, w.Header().Get("Content-Type"), w.Body.Bytes())
	return w
}

// problemOf is what an answer says is wrong.
func problemOf(t *testing.T, w *httptest.ResponseRecorder) (id string, p Problem) {
	t.Helper()
	must(t, json.Unmarshal(w.Body.Bytes(), &p))
	return p.Type[strings.LastIndex(p.Type, "/")+1:], p
}

// A request of the police goes its way over the API: incomplete, with a letter that says what is missing, supplemented, refused
// to who entered it alone, approved, built, handed over, confirmed and released. What was asked is read with an entry alone.
func TestRequestGoesItsWay(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	clerk, approver, auditor := d.clients["caretaker"], d.clients["approver"], d.clients["auditor"]
	content := contentOf(d.asked(groups[0]).Content)
	number := content.Case.Number
	content.Case.Number = ""
	var got RequestEntered
	clerk.api("POST", "/requests", RequestAsked{Kind: "authority", Content: content, Scan: d.scan()}, &got)
	id := got.Request.ID
	if got.Request.State != "incomplete" || len(got.Request.Missing) != 1 || got.Request.Missing[0].Field != disclosure.NoNumber || !got.Request.Mine || len(got.Held)+len(got.Gone) != 1 {
		t.Fatalf("%+v", got)
	}
	letter := clerk.do("POST", prefix+"/requests/"+id+"/letters/missing", LetterAsked{Number: "0701-5/2026"})
	if letter.Code != 200 || letter.Header().Get("Content-Type") != pdfType || !bytes.HasPrefix(letter.Body.Bytes(), []byte("%PDF-")) {
		t.Fatal(letter.Code, letter.Body)
	}
	if why, p := clerk.refused("POST", "/requests/"+id+"/letters/refusal", LetterAsked{}); why != "step" || p.Reason == "" {
		t.Error(why, p)
	}
	if why, p := approver.refused("POST", "/requests/"+id+"/approve", RequestApproval{Content: got.Request.ContentEntry}); why != "step" || !strings.Contains(p.Reason, "nepopolna") {
		t.Error(why, p)
	}
	content.Case.Number = number
	clerk.api("POST", "/requests/"+id+"/supplement", RequestSupplement{Content: content}, &got)
	if got.Request.State != "complete" || got.Request.Deadline == nil || len(got.Held) != 0 {
		t.Fatalf("%+v", got)
	}
	line := got.Request.Deadline // 15 days from a Saturday end on a Sunday
	if line.Days != 15 || line.Last.Format(time.DateOnly) != "2026-12-06" || line.Ends.Format(time.DateOnly) != "2026-12-07" || !line.Moved || line.Rule != disclosure.ByZUP || line.Text == "" || line.Late {
		t.Errorf("%+v", line)
	}
	var stepped RequestStepped
	if why, _ := approver.refused("POST", "/requests/"+id+"/approve", RequestApproval{Content: got.Request.Entry}); why != "meanwhile" {
		t.Errorf("what it said before is approved: %s", why)
	}
	approver.api("POST", "/requests/"+id+"/approve", RequestApproval{Content: got.Request.ContentEntry}, &stepped)
	if stepped.Request.State != "approved" || stepped.Request.Single || stepped.Entry != stepped.Request.Last {
		t.Fatalf("%+v", stepped)
	}
	must(t, d.does(disclosure.Build, groups[0], id))
	must(t, d.does(disclosure.HandOver, groups[0], id))
	clerk.api("POST", "/requests/"+id+"/confirm", RequestConfirmation{How: "podpis na zapisniku", Scan: d.scan()}, &stepped)
	told := d.decided.Load()
	approver.api("POST", "/requests/"+id+"/release", Reason{Reason: "postopek je končan"}, &stepped)
	if !stepped.Request.Released || d.decided.Load() == told {
		t.Errorf("%+v", stepped.Request)
	}

	size := d.diary.Head().Size
	var all RequestTold
	auditor.api("POST", "/requests/"+id+"/readings", RequestReadingAsked{Reason: "letni pregled"}, &all)
	if e := d.body(t, size); all.Entry != size || e.Purpose != "letni pregled" || e.Data["request"] != id {
		t.Errorf("entered: %+v", e)
	}
	if all.Content.Case.Number != number || all.Content.Applicant.Name != "Policijska postaja Primer" || len(all.Course) != 7 || all.Course[2].Person != "Oseba approver" || all.Course[4].Medium != "disk USB 7" {
		t.Errorf("%+v", all)
	}
	d.registerHas(t, id)
}

// registerHas looks a request up in the disclosure register, and on the timeline of its camera.
func (d *desk) registerHas(t *testing.T, id string) {
	t.Helper()
	auditor := d.clients["auditor"]
	var plain DisclosureList
	d.clients["caretaker"].api("GET", "/disclosures", nil, &plain)
	if len(plain.Disclosures) != 1 || plain.Disclosures[0].Request != id || plain.Disclosures[0].Manifest != manifest {
		t.Fatalf("%+v", plain)
	}
	size := d.diary.Head().Size
	var told DisclosuresTold
	auditor.api("POST", "/disclosures/readings", DisclosuresReadingAsked{Reason: "letni pregled"}, &told)
	if len(told.Disclosures) != 1 || told.Disclosures[0].Recipient != "Janez Novak, PP Primer" || told.Disclosures[0].Content.Purpose == "" || told.Disclosures[0].Person != "Oseba caretaker" || told.Entry != size {
		t.Errorf("%+v", told)
	}
	auditor.api("POST", "/disclosures/readings", DisclosuresReadingAsked{DisclosuresAsked: DisclosuresAsked{To: day{noon.AddDate(0, 0, -1)}}, Reason: "letni pregled"}, &told)
	if len(told.Disclosures) != 0 {
		t.Errorf("before it was: %+v", told)
	}
	if why, _ := auditor.refused("POST", "/disclosures/readings", DisclosuresReadingAsked{}); why != "request" {
		t.Error(why)
	}
	var marks DisclosedList
	d.clients["caretaker"].api("GET", "/cameras/hall/disclosed?from=2026-11-21T00:00:00Z&to=2026-11-22T00:00:00Z", nil, &marks)
	if len(marks.Disclosed) != 1 || marks.Disclosed[0].Request != id || !marks.Disclosed[0].From.Equal(noon.Add(-5*time.Hour)) {
		t.Errorf("%+v", marks)
	}
	d.clients["caretaker"].api("GET", "/cameras/hall/disclosed?from=2026-11-20T00:00:00Z&to=2026-11-21T00:00:00Z", nil, &marks)
	if len(marks.Disclosed) != 0 {
		t.Errorf("of the day before: %+v", marks)
	}
}

// A refusal has its letter, and so has an extension; nobody else than who may decide gets either.
func TestRequestLetters(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for state, letter := range map[disclosure.State]string{disclosure.Refused: "refusal", disclosure.Extended: "extension"} {
		q, _ := d.in(groups[0], state)
		w := d.clients["approver"].do("POST", prefix+"/requests/"+q.ID+"/letters/"+letter, LetterAsked{})
		if w.Code != 200 || !bytes.HasPrefix(w.Body.Bytes(), []byte("%PDF-")) {
			t.Errorf("%s: %d %s", letter, w.Code, w.Body)
		}
		if name := w.Header().Get("Content-Disposition"); !strings.Contains(name, q.ID+".pdf") || strings.Contains(name, letter) {
			t.Errorf("the %s of %s is kept as %s", letter, q.ID, name)
		}
		for _, other := range []string{"missing", "other"} {
			if w := d.clients["approver"].do("POST", prefix+"/requests/"+q.ID+"/letters/"+other, LetterAsked{}); w.Code/100 != 4 {
				t.Errorf("%s of what is %s: %d", other, state, w.Code)
			}
		}
		if w := d.clients["police"].do("POST", prefix+"/requests/"+q.ID+"/letters/"+letter, LetterAsked{}); w.Code != 403 {
			t.Errorf("the police print it: %d", w.Code)
		}
	}
}

// The police file with their token: once, however often they send it, for what is in its scope; another token knows nothing
// of it, and the own one sees what has become of it and nothing more.
func TestTokenFiles(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	police, others := d.clients["police"], d.clients["other police"]
	in := RequestAsked{Kind: "authority", Content: contentOf(d.asked(groups[1]).Content)}
	const key = "naključen-ključ-1"
	if id, _ := problemOf(t, police.filed("", in)); id != "request-wrong" {
		t.Error("without a key:", id)
	}
	asked := "b5d1c1a0-1111-4222-8333-123456789abc"
	var first, again RequestEntered
	w := police.filed(asked, in)
	must(t, json.Unmarshal(w.Body.Bytes(), &first))
	if w.Code != 200 || first.Request.State != "complete" || !first.Request.ByToken || first.Again {
		t.Fatal(w.Code, w.Body)
	}
	size := d.diary.Head().Size
	must(t, json.Unmarshal(police.filed(asked, in).Body.Bytes(), &again))
	if !again.Again || again.Request.ID != first.Request.ID || d.diary.Head().Size != size {
		t.Errorf("%+v", again)
	}
	other := in
	other.Content.Purpose = "nekaj drugega"
	if id, _ := problemOf(t, police.filed(asked, other)); id != "key-used" {
		t.Error("the key of another request:", id)
	}
	if id, p := problemOf(t, police.filed(key, in)); id != "request-wrong" || p.Reason == "" {
		t.Error("a key that is none:", id)
	}
	out := in
	out.Content.Footage = []Footage{{"yard", in.Content.Footage[0].span}}
	if id, _ := problemOf(t, police.filed(asked+"2", out)); id != "scope" {
		t.Error("out of scope:", id)
	}
	out.Content.Footage = []Footage{{everyCamera, in.Content.Footage[0].span}}
	if id, _ := problemOf(t, police.filed(asked+"3", out)); id != "scope" {
		t.Error("all cameras:", id)
	}
	path := "/requests/" + first.Request.ID
	if id, _ := others.refused("GET", path, nil); id != "no-request" {
		t.Error("another token looks:", id)
	}
	if id, _ := others.refused("POST", path+"/supplement", RequestSupplement{Content: in.Content}); id != "no-request" {
		t.Error("another token supplements:", id)
	}
	var list RequestList
	others.api("GET", "/requests", nil, &list)
	if len(list.Requests) != 0 {
		t.Errorf("another token lists %+v", list)
	}
	police.api("GET", "/requests", nil, &list)
	if len(list.Requests) != 1 {
		t.Errorf("its own: %+v", list)
	}
	if w := police.do("POST", prefix+path+"/readings", RequestReadingAsked{}); w.Code != 403 {
		t.Error("it reads entries:", w.Code)
	}
	police.from = street
	if id, _ := police.refused("GET", path, nil); id != "outside" {
		t.Error("from the street:", id)
	}
}

// What a token files names it in the entry; ended or expired, it files nothing more and sees nothing, and another one with the same key
// gets a request of its own.
func TestTokenEnds(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	police, others := d.clients["police"], d.clients["other police"]
	in := RequestAsked{Kind: "authority", Content: contentOf(d.asked(groups[1]).Content), Received: moment{noon.Add(-time.Hour)}}
	const key = "b5d1c1a0-1111-4222-8333-123456789abc"
	var first, second RequestEntered
	must(t, json.Unmarshal(police.filed(key, in).Body.Bytes(), &first))
	must(t, json.Unmarshal(others.filed(key, in).Body.Bytes(), &second))
	if second.Again || second.Request.ID == first.Request.ID {
		t.Errorf("the key of another token: %+v", second)
	}
	if e := d.body(t, first.Entry); e.Actor.ID != d.sessions["police"].Person.ID || e.Actor.Proof != "token" || e.Actor.Role != "applicant" || e.Actor.Name == "" {
		t.Errorf("entered by %+v", e.Actor)
	}
	later := in
	later.Received = moment{noon.Add(-30 * time.Minute)}
	if id, _ := problemOf(t, police.filed(key, later)); id != "key-used" {
		t.Error("received at another time, with the same key:", id)
	}
	var list TokenList
	d.clients["head"].api("GET", "/tokens", nil, &list)
	for _, token := range list.Tokens {
		if "token-"+token.ID == d.sessions["police"].Person.ID {
			d.clients["head"].api("POST", "/tokens/"+token.ID+"/end", Reason{"zamenjan"}, nil)
		}
	}
	size := d.diary.Head().Size
	for _, again := range []string{key, key + "-2"} {
		if w := police.filed(again, in); w.Code != 401 {
			t.Errorf("an ended token files: %d %s", w.Code, w.Body)
		}
	}
	if w := police.do("GET", prefix+"/requests/"+first.Request.ID, nil); w.Code != 401 {
		t.Error("an ended token looks:", w.Code)
	}
	d.set(noon.AddDate(0, 0, 11)) // a day after the other one ended by itself
	if w := others.filed(key, in); w.Code/100 != 4 {
		t.Errorf("an expired token files: %d %s", w.Code, w.Body)
	}
	if w := others.do("GET", prefix+"/requests/"+second.Request.ID, nil); w.Code/100 != 4 {
		t.Error("an expired token looks:", w.Code)
	}
	if d.diary.Head().Size != size {
		t.Errorf("%d entries", d.diary.Head().Size-size)
	}
}

// What can't be a request is refused with a sentence in the language of who asks, and leaves no entry and no hold.
func TestBadRequests(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	clerk := d.clients["caretaker"]
	footage := func(from, to time.Time) func(*RequestAsked) {
		return func(a *RequestAsked) { a.Content.Footage = []Footage{{"hall", span{moment{from}, moment{to}}}} }
	}
	slovenian, asked := map[string]Problem{}, map[string]RequestAsked{}
	for name, tt := range map[string]struct {
		change func(*RequestAsked)
		id, sl string
	}{
		"a case number of 10 kB": {func(a *RequestAsked) { a.Content.Case.Number = strings.Repeat("7", 10<<10) }, "request-wrong", "številka zadeve: več kot 200 znakov"},
		"more than a year":       {footage(noon.AddDate(-1, 0, -2), noon.Add(-time.Hour)), "request-wrong", "več kot leto posnetkov"},
		"in the future":          {footage(noon.Add(time.Hour), noon.Add(2*time.Hour)), "footage-to-come", "preverite uro naprave"},
		"no camera":              {func(a *RequestAsked) { a.Content.Footage[0].Camera = "attic" }, "scope", ""},
		"all cameras and a year": {func(a *RequestAsked) { *a = allAndAYear(*a) }, "scope", ""},
		"the end first":          {footage(noon.Add(-time.Hour), noon.Add(-2*time.Hour)), "request-wrong", "konec mora biti za začetkom"},
		"another kind":           {func(a *RequestAsked) { a.Kind = "police" }, "request-wrong", "ni vrsta zahteve"},
		"an insurer in a hurry":  {func(a *RequestAsked) { a.Kind, a.Way = "other", "oral" }, "request-wrong", "nujna ali z žetonom"},
		"as if by token":         {func(a *RequestAsked) { a.Way = "token" }, "request-wrong", "način token"},
		"too many stretches":     {func(a *RequestAsked) { a.Content.Footage = many(65) }, "request-wrong", "65 odsekov"},
		"a line in the name":     {func(a *RequestAsked) { a.Content.Applicant.Name = "a\nb" }, "request-wrong", "ime vlagatelja: prelom vrstice"},
		"a tab in the name":      {func(a *RequestAsked) { a.Content.Applicant.Name = "Janez\tNovak" }, "request-wrong", "ime vlagatelja: prelom vrstice ali znak, ki ga nihče ne vidi"},
		"NUL in the case":        {func(a *RequestAsked) { a.Content.Case.Number = "2302\x00-55" }, "request-wrong", "številka zadeve: prelom vrstice ali znak, ki ga nihče ne vidi"},
		"from right to left":     {func(a *RequestAsked) { a.Content.Applicant.Signatory = "Janez \u202eKAVON" }, "request-wrong", "podpisnik: prelom vrstice ali znak, ki ga nihče ne vidi"},
		"an isolate":             {func(a *RequestAsked) { a.Content.Purpose = "preiskava \u2067tatvine" }, "request-wrong", "namen: prelom vrstice ali znak, ki ga nihče ne vidi"},
		"nothing in the middle":  {func(a *RequestAsked) { a.Content.Manner = "oseb\u200bno" }, "request-wrong", "način pridobitve: prelom vrstice ali znak, ki ga nihče ne vidi"},
		"another kind of line":   {func(a *RequestAsked) { a.Content.Case.Body = "PP\u2028Primer" }, "request-wrong", "organ, ki zadevo obravnava: prelom vrstice"},
		"no years":               {footage(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC), noon.Add(-time.Hour)), "request-wrong", "več kot leto posnetkov"},
		"the same twice":         {func(a *RequestAsked) { a.Content.Footage = append(a.Content.Footage, a.Content.Footage[0]) }, "request-wrong", "zahtevan dvakrat"},
		"a form that is none":    {func(a *RequestAsked) { a.Content.Form = "e-mail" }, "request-wrong", "ni oblika pridobitve"},
		"a kind of data":         {func(a *RequestAsked) { a.Content.Data = []disclosure.Datum{"smell"} }, "request-wrong", "ni vrsta podatkov"},
		"a scan of nobody":       {func(a *RequestAsked) { a.Scan = strings.Repeat("5c", 32) }, "request-wrong", "najprej ga naložite"},
		"from tomorrow":          {func(a *RequestAsked) { a.Received = moment{noon.AddDate(0, 0, 1)} }, "request-wrong", "ta čas pa še ni prišel"},
	} {
		in := RequestAsked{Kind: "authority", Way: "paper", Content: contentOf(d.asked(groups[0]).Content)}
		tt.change(&in)
		size := d.diary.Head().Size
		id, p := clerk.refused("POST", "/requests", in)
		if id != tt.id || tt.sl != "" && !strings.Contains(p.Reason, tt.sl) || d.diary.Head().Size != size {
			t.Errorf("%s: %s, %+v", name, id, p)
		}
		slovenian[name], asked[name] = p, in
	}
	clerk.api("PUT", "/session/language", LanguageChange{"en"}, nil)
	for name, in := range asked {
		sl := slovenian[name]
		_, en := clerk.refused("POST", "/requests", in)
		if en.Title == sl.Title || en.Title == "" || sl.Reason != "" && (en.Reason == sl.Reason || en.Reason == "") || strings.ContainsAny(sl.Reason+en.Reason, "\x00\u202e\u2067") {
			t.Errorf("%s, in English: %+v", name, en)
		}
	}
	w := clerk.do("POST", prefix+"/requests", fmt.Sprintf(`{"kind": "authority", "content": {"purpose": %q}}`, strings.Repeat("x", longBody)))
	if id, _ := problemOf(t, w); w.Code != http.StatusRequestEntityTooLarge || id != "large" {
		t.Error(w.Code, id)
	}
}

// allAndAYear asks for all cameras and a year.
func allAndAYear(a RequestAsked) RequestAsked {
	a.Content.Footage = []Footage{{everyCamera, span{moment{noon.AddDate(-1, 0, 0)}, moment{noon.Add(-time.Hour)}}}}
	return a
}

// many are so many stretches of footage.
func many(n int) (list []Footage) {
	for i := range n {
		list = append(list, Footage{"hall", span{moment{noon.Add(-time.Duration(i+2) * time.Hour)}, moment{noon.Add(-time.Duration(i+1) * time.Hour)}}})
	}
	return list
}

// Of a range that was recorded in part, or not at all, it is told how much is here; the police's token is told nothing of it.
func TestRequestForAPart(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.recorded(t, noon.Add(-5*time.Hour), noon.Add(-4*time.Hour-5*time.Minute)) // ten minutes each; the second half of the last is not asked for
	a := d.asked(groups[0]).Content
	a.Wanted = append(a.Wanted, disclosure.Wanted{Camera: "hall", From: noon.Add(-5*time.Hour + time.Minute), To: noon.Add(-5*time.Hour + 9*time.Minute)},
		disclosure.Wanted{Camera: "hall", From: noon.Add(-3 * time.Hour), To: noon.Add(-2 * time.Hour)})
	var got RequestEntered
	d.clients["caretaker"].api("POST", "/requests", RequestAsked{Kind: "authority", Content: contentOf(a)}, &got)
	if len(got.Held) != 2 || len(got.Gone) != 1 || !got.Gone[0].From.Equal(noon.Add(-3*time.Hour)) {
		t.Errorf("%+v", got)
	}
	var detail RequestDetail
	d.clients["caretaker"].api("GET", "/requests/"+got.Request.ID, nil, &detail)
	var told []string
	for _, h := range detail.Here {
		told = append(told, fmt.Sprint(h.Recorded, " ", h.Whole))
	}
	if want := "[900 false 480 true 0 false]"; fmt.Sprint(told) != want {
		t.Errorf("%v, not %s", told, want)
	}
	w := d.clients["police"].filed("b5d1c1a0-1111-4222-8333-123456789abc", RequestAsked{Kind: "authority", Content: contentOf(a)})
	must(t, json.Unmarshal(w.Body.Bytes(), &got))
	d.clients["police"].api("GET", "/requests/"+got.Request.ID, nil, &detail)
	if len(got.Held)+len(got.Gone)+len(got.Request.Holds)+len(detail.Here)+len(detail.Holds) != 0 {
		t.Errorf("the police are told what there is before anybody decided: %s, %+v", w.Body, detail)
	}
}

// Who may see all cameras may ask for all of them and a year; what of it is not here (any more) is told, and a request for
// what is gone, too, is entered.
func TestRequestForWhatIsGone(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	var got RequestEntered
	d.clients["head"].api("POST", "/requests", allAndAYear(RequestAsked{Kind: "authority", Content: contentOf(d.asked(groups[0]).Content), Scan: d.scan()}), &got)
	if len(got.Held)+len(got.Gone) != 1 || got.Request.Footage[0].Camera != everyCamera || got.Request.State != "complete" {
		t.Errorf("%+v", got)
	}
	var list RequestList
	d.clients["caretaker"].api("GET", "/requests", nil, &list)
	if len(list.Requests) != 0 {
		t.Errorf("who has one camera sees a request for all: %+v", list)
	}
	if id, _ := d.clients["caretaker"].refused("GET", "/requests/"+got.Request.ID, nil); id != "scope" {
		t.Error(id)
	}
	d.clients["auditor"].api("GET", "/requests", nil, &list)
	if len(list.Requests) != 1 {
		t.Errorf("the auditor sees %+v", list)
	}
}

// An approver looks at what a request asks for to decide on it: the purpose is the request, and nothing else of the camera is
// shown for it. Nobody else has that purpose.
func TestPreview(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	q, _ := d.in(groups[0], disclosure.Complete)
	path := "/cameras/hall/purposes?from=2026-11-21T06:00:00Z&to=2026-11-21T09:00:00Z"
	var list purposeList
	d.clients["approver"].api("GET", path, nil, &list)
	if len(list.Decisions) != 1 || list.Decisions[0].Request != q.ID || !strings.Contains(list.Decisions[0].Text, q.ID) {
		t.Fatalf("%+v", list.Decisions)
	}
	list = purposeList{}
	d.clients["approver"].api("GET", "/cameras/hall/purposes?from=2026-11-21T09:00:00Z&to=2026-11-21T10:00:00Z", nil, &list)
	if len(list.Decisions) != 0 {
		t.Errorf("of other footage: %+v", list.Decisions)
	}
	list = purposeList{}
	d.clients["caretaker"].api("GET", path, nil, &list)
	if len(list.Decisions) != 0 {
		t.Errorf("for the caretaker: %+v", list.Decisions)
	}
	asked := askedViewing{Request: q.ID, place: place{Camera: "hall", From: moment{noon.Add(-5 * time.Hour)}, To: moment{noon.Add(-4 * time.Hour)}}}
	if id, _ := d.clients["caretaker"].refused("POST", "/viewings", asked); id != "not-allowed" {
		t.Error(id)
	}
	w := d.clients["approver"].do("POST", prefix+"/viewings", asked)
	if id, _ := problemOf(t, w); w.Code/100 != 2 && id != "nothing" {
		t.Error(w.Code, w.Body)
	}
}

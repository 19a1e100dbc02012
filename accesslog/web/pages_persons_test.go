package web

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"varuh/accesslog/people"
	"varuh/accesslog/web/browsertest"
	"varuh/recorder/rtsp/rtsptest/outside"
)

// personsLooks are those at persons and what they may do.
var personsLooks = map[string]visit{
	"personsPage": {who: "head", path: "/persons", do: func(b *tab) {
		b.says("#list", "najprej zamenja geslo", "changes the password first")
		b.says("#list", "podelil: Vida Ravnik", "granted by Vida Ravnik")
		b.says("#tokens", "Noben žeton ni izdan.", "No token is issued.")
		b.click("#roles-title ~ details summary")
		b.says("#roles", "branje dnevnika", "reading the diary")
	}},
	"personsPage person": {who: "head", path: "/persons", do: func(b *tab) {
		b.opens("Ana Novak")
		b.says("#person", "Prijavno ime", "Log-in name")
		b.says("#person table", "Listina", "Paper")
	}},
	"personsPage add": {who: "head", path: "/persons", bad: true, do: func(b *tab) {
		b.click("#add")
		b.enter("dialog form", "name", "Tina Kralj", "login", "1tina", "role", "guard")
		b.until("document.querySelector('#ask-login-error')")
		b.says("#ask-login-error", "začne s črko", "begins with a letter")
		b.says("#ask-role-may", "spremljanje v živo", "watching live")
	}},
}

// opens shows the person of the cast who reads the page's language in detail.
func (b *tab) opens(name string) {
	b.t.Helper()
	if js[string](b, "document.documentElement.lang") == "en" {
		name = strings.Replace(name, " ", " E. ", 1)
	}
	js[bool](b, "([...document.querySelectorAll('#list th a')].find((a) => a.textContent === '"+name+"').click(), true)")
	b.until("!document.querySelector('#person').hidden && document.querySelector('#person h2').textContent === '" + name + "'")
}

// secret is what is shown once; after it was read the dialog is closed.
func (b *tab) secret() string {
	b.t.Helper()
	b.until("document.querySelector('#once')?.textContent")
	text := js[string](b, "document.querySelector('#once').textContent")
	b.click("#once-done")
	b.until("!document.querySelector('dialog')")
	return text
}

// An administrator adds somebody, who logs in with the password that was shown once, but only from the signed paper on, is
// watched by the diary, and is refused from the end of the authorisation on. Each step is entered with who and why.
func TestPersonsInBrowser(t *testing.T) {
	t.Parallel()
	outside.Needs(t, "chromium", "chromium", "--version")
	s := newStage(t)
	s.addCast()
	dir := t.TempDir()
	head := s.tab()
	head.Downloads(dir)
	head.as(s.session(t, "head", "sl"))
	head.visit("/persons")
	head.click("#add")
	head.keysInto("#ask-name", "Ana Novak") // as one of the cast is called
	head.enter("dialog form", "role", "caretaker", "cameras", "some")
	head.until("document.querySelector('#ask-cameras-error')")
	head.click("dialog input[value=hall]")
	head.enter("dialog form", "to", "2026-11-20") // before today
	head.until("document.querySelector('#ask-to-error')")
	head.enter("dialog form", "to", "2026-12-24")
	head.until("document.querySelector('#ask-name-error')?.textContent.includes('že ima druga oseba')")
	head.keysInto("#ask-name", "Tina Kralj Šuštar")
	if login := js[string](head, "document.querySelector('#ask-login').value"); login != "tina.kralj.sustar" {
		t.Errorf("the log-in name is proposed as %q", login)
	}
	head.click("dialog button[type=submit]")
	head.until("document.querySelector('#once')")
	head.says("dialog:last-of-type", "tina.kralj.sustar", "")
	head.inspect("personsPage-once-sl")
	head.click("dialog a[download]")
	browsertest.Appears(t, filepath.Join(dir, "pooblastilo.html"))
	first := head.secret()
	if !regexp.MustCompile(`^([a-z2-9]{5}-){3}[a-z2-9]{5}$`).MatchString(first) {
		t.Errorf("the first password is %q", first)
	}
	head.until("document.querySelector('#person h2')?.textContent === 'Tina Kralj Šuštar'")
	if strings.Contains(js[string](head, "document.documentElement.outerHTML"), first) {
		t.Error("the password is still on the page")
	}

	tina := s.tab()
	logIn := func(password, then string) {
		t.Helper()
		tina.as("")
		tina.visit("/login?language=sl")
		tina.enter("#login", "login", "tina.kralj.sustar", "password", password)
		tina.until(then)
	}
	logIn(first, "document.querySelector('.form-error')?.textContent.includes('še ni podpisano')")
	head.click("#person tbody .do button") // enter the signature
	head.enter("dialog form", "day", "2026-11-22")
	head.until("document.querySelector('#ask-day-error')") // to come
	head.enter("dialog form", "day", "2026-11-21")
	head.until("!document.querySelector('dialog') && document.querySelector('#person .tag').textContent === 'najprej zamenja geslo'")
	logIn(first, "location.pathname === '/password' && document.readyState === 'complete'")
	tina.enter("#password-form", "old", first, "next", ownPassword, "again", ownPassword)
	tina.at("/footage")
	if body := s.said(s.lastOf("login")); body.Actor.Name != "Tina Kralj Šuštar" {
		t.Errorf("%+v", body)
	}

	head.click("#person tbody .do button:last-child")
	head.says("dialog", "se slika ustavi", "")
	head.says("dialog", "prijava ne bo več mogoča", "")
	head.enter("dialog form")
	head.until("document.querySelector('#ask-reason-error')")
	head.enter("dialog form", "reason", "konec pogodbe")
	head.until("!document.querySelector('dialog') && document.querySelector('#person .empty')")
	tina.visit("/footage")
	tina.until("document.querySelector('h1')?.textContent === 'Your authorisations do not allow this'") // in the browser's language: there is no session
	logIn(ownPassword, "!document.querySelector('.form-error').hidden")
	for op, want := range map[string]string{"person.add": "", "authorise.sign": "", "authorise.end": "konec pogodbe"} {
		if body := s.said(s.lastOf(op)); body.Actor.Name != "Vera Zajc" || body.Data["name"] != "Tina Kralj Šuštar" || body.Note != want {
			t.Errorf("%s: %+v", op, body)
		}
	}
	head.printed("personsPage-person")
	head.click("#accesses")
	head.at("/diary")
	head.reads("control", "kaj je oseba delala")
	if whose := js[[]string](head, "[...new Set([...document.querySelectorAll('#list tbody td:nth-of-type(3)')].map((one) => one.textContent))]"); !slices.Equal(whose, []string{"Tina Kralj Šuštar"}) {
		t.Errorf("the diary is shown of %q", whose)
	}
	noOtherWrong(t, head)
}

// noOtherWrong complains of what went wrong in a browser but was not refused by the API on purpose.
func noOtherWrong(t *testing.T, b *tab) {
	t.Helper()
	wrong, _ := b.take()
	for _, w := range wrong {
		if !strings.Contains(w, "the server responded with a status of 4") {
			t.Error(w)
		}
	}
}

// By the keyboard alone a password is set for somebody, an authorisation replaced and a token issued and revoked. Whoever sets
// a password closes the session of its owner; the last administrator stays, and why is said.
func TestPersonsByKeyboard(t *testing.T) {
	t.Parallel()
	outside.Needs(t, "chromium", "chromium", "--version")
	s := newStage(t)
	s.addCast()
	b := s.tab()
	b.as(s.session(t, "head", "sl"))
	ana := s.client(t).logIn("caretaker.sl", ownPassword)
	b.visit("/persons")
	b.printed("personsPage")
	b.goes("Ana Novak", "\r")
	b.until("document.activeElement.id === 'person'")
	b.goes("Novo geslo", "\r")
	b.goes("", "konec dopusta\r")
	b.until("document.activeElement.textContent === 'Kopiraj'")
	b.keys("\r")
	b.until("document.querySelector('dialog [role=status]').textContent")
	password := js[string](b, "document.querySelector('#once').textContent")
	b.goes("Imam, zapri", "\r")
	b.until("!document.querySelector('dialog')")
	if w := ana.do("GET", prefix+"/session", nil); w.Code != 401 {
		t.Errorf("the session of before is answered %d", w.Code)
	}
	s.client(t).logIn("caretaker.sl", password)
	if body := s.said(s.lastOf("person.reset")); body.Note != "konec dopusta" || body.Data["name"] != "Ana Novak" {
		t.Errorf("%+v", body)
	}

	b.goes("Zamenjaj", "\r")
	b.until("document.querySelector('dialog[open]')")
	js[bool](b, "(document.querySelector('#ask-role').focus(), true)")
	b.keys("va") // varnostnik
	b.until("!document.querySelector('#ask-back_minutes').closest('.field').hidden")
	b.keysInto("#ask-back_minutes", "30\r")
	b.until("!document.querySelector('dialog') && document.querySelector('#person table').textContent.includes('zadnjih 30 minut')")
	if body := s.said(s.lastOf("authorise.end")); !strings.HasPrefix(body.Note, "zamenjano s pooblastilom ") {
		t.Errorf("%+v", body)
	}

	b.goes("← Vse osebe", "\r")
	b.until("document.querySelector('#person').hidden")
	b.goes("Izdaj žeton", "\r")
	b.until("document.querySelector('dialog[open]')")
	b.keysInto("#ask-name", "Informacijski pooblaščenec\tMara Nadzornik\tin")
	b.keysInto("#ask-basis", "zahteva 0612-1/2026\r")
	b.until("document.querySelector('#ask-to-error')") // a token has an end
	js[string](b, "document.querySelector('#ask-to').value = '2026-11-30'")
	b.keysInto("#ask-basis", "zahteva 0612-1/2026\r")
	token := b.secret()
	machine := s.client(t)
	machine.bearer = token
	if w := machine.do("GET", prefix+"/session", nil); w.Code != 200 {
		t.Errorf("the token is answered %d: %s", w.Code, w.Body)
	}
	b.until("document.querySelector('#tokens').textContent.includes('Mara Nadzornik')")
	b.goes("Prekliči žeton", "\r")
	b.goes("", "nadzor je končan\r")
	b.until("document.querySelector('#tokens .empty')")
	if w := machine.do("GET", prefix+"/session", nil); w.Code != 401 {
		t.Errorf("the revoked token is answered %d", w.Code)
	}

	const known = `{roles: [{role: 'auditor', may: ['read diary']}, {role: 'guard', may: ['live']}, {role: 'approver', may: ['play', 'read diary']}], persons: [
		{opens: ['footage', 'diary'], authorisations: [{role: 'approver', state: 'in force'}]},
		{opens: ['diary'], authorisations: [{role: 'auditor', state: '%s'}]}]}`
	for state, want := range map[string]string{"in force": "footage", "expired": "footage diary"} {
		script := fmt.Sprintf("((known) => [m.onlyOpener(known.persons[0], [], known), m.onlyOpener(known.persons[0], [{role: 'approver'}], known)].map((list) => list.join(' ')).join('|'))("+known+")", state)
		if got := module[string](b, "person", script); got != want+"|" {
			t.Errorf("where the other's authorisation is %s, nobody else opens %q", state, got)
		}
	}
	for _, name := range []string{"Vera E. Zajc", "Vida Ravnik"} { // the other administrators
		b.removes(name)
	}
	b.opens("Vera Zajc")
	b.says("#person .note", "To ste vi.", "")
	b.click("#person tbody .do button:last-child")
	b.enter("dialog form", "reason", "dopust")
	b.until("document.querySelector('dialog .form-error')?.textContent.includes('Ne bi ostal noben skrbnik')")
	noOtherWrong(t, b)
}

// goes goes by the Tab key to what says a text, or with "" to the first field of a dialog, and types there.
func (b *tab) goes(text, keys string) {
	b.t.Helper()
	if text == "" {
		b.until("document.querySelector('dialog[open]')")
	}
	b.TabTo(fmt.Sprintf("%[1]q ? e.textContent === %[1]q : e.closest('dialog') && e.matches('input')", text))
	b.keys(keys)
}

// removes removes somebody.
func (b *tab) removes(name string) {
	b.t.Helper()
	js[bool](b, "([...document.querySelectorAll('#list th a')].find((a) => a.textContent === '"+name+"').click(), true)")
	b.until("document.querySelector('#person h2')?.textContent === '" + name + "'")
	b.click("#remove")
	b.enter("dialog form", "reason", "ni več zaposlena")
	b.until("!document.querySelector('dialog') && !document.querySelector('#all').hidden && !document.querySelector('#list').textContent.includes('" + name + "')")
}

// Who may authorise has the page and its place in the menu, who may not has neither; persons are an administrator's to add,
// tokens an approver's to issue.
func TestPersonsPageOfRoles(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	head := r.head(t)
	for _, role := range people.Roles {
		visitor := r.visitor(t, head, string(role), r.granted(role))
		w := visitor.look("/persons")
		may := people.Allows(role, people.Authorise)
		if may != (w.Code == 200) || may != strings.Contains(w.Body.String(), `id="list"`) {
			t.Errorf("%s: %d", role, w.Code)
		}
		if menu := strings.Contains(visitor.look("/account").Body.String(), `href="/persons"`); menu != may {
			t.Errorf("the menu of %s has the page: %v", role, menu)
		}
		for part, action := range map[string]people.Action{`id="add"`: people.Persons, "data-persons": people.Persons, `id="tokens"`: people.Tokens, `id="issue"`: people.Tokens, "data-diary": people.ReadDiary} {
			if has := strings.Contains(w.Body.String(), part); has != (may && people.Allows(role, action)) {
				t.Errorf("%s has %s: %v", role, part, has)
			}
		}
	}
}

// What is wrong with a person, an authorisation or a token is told with the field that it is about.
func TestPersonFields(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	head := r.head(t)
	var ana Person
	head.api("POST", "/persons", AskedPerson{Login: "ana", Name: "Ana Novak", Password: firstOne}, &ana)
	granted := r.granted(people.Inspector)
	endless, backwards, far, early := granted, granted, granted, granted
	endless.To = moment{}
	backwards.To = moment{granted.From.Add(-time.Hour)}
	far.To = moment{granted.From.AddDate(3, 0, 0)}
	early.Paper = day{noon.AddDate(0, 0, 2)}
	token := AskedToken{Name: "Organ", Holder: "Oseba", Role: people.Inspector, Cameras: []string{"hall"}, To: moment{noon.AddDate(0, 0, 3)}, Basis: "zahteva"}
	nameless, baseless, endlessToken := token, token, token
	nameless.Name, baseless.Basis, endlessToken.To = " ", " ", moment{noon.AddDate(5, 0, 0)}
	for _, tt := range []struct {
		path  string
		body  any
		field string
	}{
		{"/persons", AskedPerson{Login: "1", Name: "Tine", Password: firstOne}, "login"},
		{"/persons", AskedPerson{Login: "tine", Name: "12", Password: firstOne}, "name"},
		{"/persons", AskedPerson{Login: "tine", Name: "Tine", Password: firstOne, Authorisations: []AskedAuthorisation{endless}}, "to"},
		{"/persons/" + ana.ID + "/authorisations", backwards, "to"},
		{"/persons/" + ana.ID + "/authorisations", far, "to"},
		{"/persons/" + ana.ID + "/authorisations", early, "paper"},
		{"/persons/" + ana.ID + "/removal", Reason{" "}, "reason"},
		{"/tokens", nameless, "name"},
		{"/tokens", baseless, "basis"},
		{"/tokens", endlessToken, "to"},
	} {
		if id, p := head.refused("POST", tt.path, tt.body); p.Field != tt.field || id != "person-incomplete" || p.Reason == "" {
			t.Errorf("%s %+v: %s %+v", tt.path, tt.body, id, p)
		}
	}
	var a Authorisation
	head.api("POST", "/persons/"+ana.ID+"/authorisations", AskedAuthorisation{Role: people.Caretaker, Cameras: []string{"hall"}}, &a)
	if _, p := head.refused("PUT", "/authorisations/"+a.ID+"/paper", Paper{day{noon.AddDate(0, 0, 2)}}); p.Field != "day" || a.State != "unsigned" {
		t.Errorf("%+v, %+v", p, a)
	}
	limited := r.visitor(t, head, "limited", r.granted(people.Approver))
	if id, p := limited.refused("POST", "/persons/"+ana.ID+"/authorisations", AskedAuthorisation{Role: people.Caretaker, Cameras: []string{"yard"}, To: moment{noon.AddDate(0, 0, 1)}}); id != "not-allowed" || p.Field != "cameras" || p.Reason == "" {
		t.Errorf("%s %+v", id, p)
	}
}

package web

import (
	"errors"
	"net/http"
	"time"

	"varuh/accesslog/people"
)

// sessionRoutes are what a person does about his own session.
var sessionRoutes = []route{
	{"POST", "/session", "logIn", forAll, takes((*Site).logIn), "Logs a person in with password and code, and sets the session's cookie."},
	{"GET", "/session", "whoAmI", forHolder, gives((*Site).whoAmI), "Tells who is logged in, and by which authorisations."},
	{"DELETE", "/session", "logOut", forSelf, gives((*Site).logOut).ending(), "Ends the session."},
}

// Credentials are what somebody enters to log in.
type Credentials struct {
	Login    string `json:"login"`
	Password string `json:"password"`
	Code     string `json:"code,omitempty"` // of the second factor, or a one-time code
}

// Me is who is logged in.
type Me struct {
	Person         Person          `json:"person"`
	Proof          string          `json:"proof"` // how it is known who it is
	Duty           people.Duty     `json:"duty"`  // what comes first; empty for nothing
	Began          moment          `json:"began"`
	Ends           moment          `json:"ends"` // at the latest
	Entry          int64           `json:"entry"`
	Authorisations []Authorisation `json:"authorisations"`
	May            []people.Action `json:"may"`              // with an authorisation in force, from here
	Reset          *Reset          `json:"reset,omitempty"`  // somebody else has set the password
	Locked         []people.Which  `json:"locked"`           // keys that are not open
	Closed         string          `json:"closed,omitempty"` // why the log-in opened no keys
}

// Reset tells a person that somebody else has set his password.
type Reset struct {
	Entry int64  `json:"entry"`
	At    moment `json:"at"`
	By    string `json:"by"`
}

func resetOf(r *people.Reset) *Reset {
	if r == nil {
		return nil
	}
	return &Reset{r.Entry, moment{r.At}, r.By}
}

func (s *Site) logIn(c *call, in Credentials) (Me, error) {
	session, err := s.o.People.Login(c.Context(), people.Attempt{Login: in.Login, Password: in.Password, Code: in.Code, Address: c.address})
	if err != nil {
		return Me{}, err
	}
	c.session, c.language = session, session.Person.Language
	c.setCookie(session.Token.Text())
	return c.me(), nil
}

// setCookie gives the browser the session, until it is closed: how long a session lasts the register says.
func (c *call) setCookie(token string) {
	http.SetCookie(c.w, &http.Cookie{Name: cookieName, Value: token, Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteStrictMode})
}

func (s *Site) whoAmI(c *call) (Me, error) { return c.me(), nil }

// me is the session as its person sees it.
func (c *call) me() Me {
	s := c.session
	m := Me{Person: personOf(s.Person), Proof: s.Proof, Duty: s.Duty, Began: moment{s.Began}, Ends: moment{s.Ends}, Entry: s.Entry,
		Authorisations: authorisationsOf(s.Authorisations, c.site.o.Now()), May: []people.Action{}, Locked: c.site.locked()}
	for _, a := range people.Actions {
		if c.allowed(a, "") {
			m.May = append(m.May, a)
		}
	}
	m.Reset = resetOf(s.Reset)
	if s.Closed != nil {
		m.Closed = sayingOf(s.Closed).title.in(c.language)
	}
	return m
}

func (s *Site) logOut(c *call) (nothing, error) {
	http.SetCookie(c.w, &http.Cookie{Name: cookieName, Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteStrictMode, MaxAge: -1})
	return nothing{}, errors.Join(s.endViewings(c), s.o.People.Logout(c.Context(), c.session))
}

// Person is somebody who can log in.
type Person struct {
	ID       string `json:"id"`
	Login    string `json:"login,omitempty"` // none for an authority
	Name     string `json:"name"`
	Language string `json:"language"`
	Second   bool   `json:"second"` // there is a second factor
}

func personOf(p people.Person) Person { return Person{p.ID, p.Login, p.Name, p.Language, p.Second} }

// Authorisation lets a person do what a role may, within its scope and its time.
type Authorisation struct {
	ID       string      `json:"id"`
	Role     people.Role `json:"role"`
	Cameras  []string    `json:"cameras"` // in scope; "*": all, those to come included
	From     moment      `json:"from"`
	To       moment      `json:"to,omitzero"`          // not included; none: without end
	Paper    moment      `json:"paper,omitzero"`       // when the day of its signature began; none: not signed
	Granted  string      `json:"granted_by,omitempty"` // id of who granted it; none: said on the console
	DeputyOf string      `json:"deputy_of,omitempty"`
	Outside  bool        `json:"outside"`                // also from outside the premises
	Back     int64       `json:"back_minutes,omitempty"` // how far back a guard sees
	State    string      `json:"state"`                  // in force, unsigned, not yet, or expired; that of a deputy is as the approver's
	Entry    int64       `json:"entry"`
}

func authorisationsOf(list []people.Authorisation, now time.Time) []Authorisation {
	out := make([]Authorisation, 0, len(list))
	for _, a := range list {
		out = append(out, authorisationOf(a, now))
	}
	return out
}

func authorisationOf(a people.Authorisation, now time.Time) Authorisation {
	return Authorisation{a.ID, a.Role, scopeOf(a.Cameras), moment{a.From}, moment{a.To}, moment{a.Paper}, a.GrantedBy, a.DeputyOf, a.Outside,
		int64(a.Back / time.Minute), stateOf(a.Standing(now)), a.Entry}
}

// stateOf is how an authorisation stands, by why it is not in force.
func stateOf(why error) string {
	switch why {
	case nil:
		return "in force"
	case people.ErrUnsigned:
		return "unsigned"
	case people.ErrNotYet:
		return "not yet"
	}
	return "expired"
}

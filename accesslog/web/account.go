package web

import (
	"fmt"
	"net/url"

	"varuh/accesslog/people"
)

// accountRoutes are what a person changes about himself.
var accountRoutes = []route{
	{"POST", "/first", "firstPerson", forAll, takes((*Site).firstPerson), "Adds the first person, for whoever has the one-time link that the console shows."},
	{"PUT", "/session/password", "changePassword", forSelf, takes((*Site).changePassword), "Changes the own password. All other sessions of the person end."},
	{"PUT", "/session/language", "changeLanguage", forSelf, takes((*Site).changeLanguage), "Changes the own language."},
	{"GET", "/session/elsewhere", "listElsewhere", forSelf, gives((*Site).elsewhere), "The own sessions that are open at other devices, that used last the first."},
	{"DELETE", "/session/elsewhere", "endElsewhere", forSelf, gives((*Site).endElsewhere), "Ends the own sessions at other devices."},
	{"POST", "/session/second/secret", "newSecond", forSelf, gives((*Site).newSecond), "Draws a secret for a second factor, which is nowhere kept until it is enrolled."},
	{"PUT", "/session/second", "enrolSecond", forSelf, takes((*Site).enrolSecond), "Sets up the own second factor, and gives one-time codes that are shown this once."},
	{"POST", "/session/second/removal", "dropSecond", forSelf, takes((*Site).dropSecond), "Takes the own second factor away, unless a role asks for one."},
}

// AskedFirst is the first person, who is an administrator.
type AskedFirst struct {
	Token    string        `json:"token"` // of the link
	Login    string        `json:"login"`
	Name     string        `json:"name"`
	Language string        `json:"language,omitempty"` // sl if it is missing
	Password string        `json:"password"`
	Roles    []people.Role `json:"roles"` // administrator among them
	Paper    day           `json:"paper"` // on which he signed the authorisation and the statement of confidentiality
}

func (s *Site) firstPerson(c *call, in AskedFirst) (Person, error) {
	p, err := s.o.People.Redeem(c.Context(), in.Token, people.First{Person: people.Person{Login: in.Login, Name: in.Name, Language: in.Language},
		Password: in.Password, Roles: in.Roles, Paper: in.Paper.in(s.o.Notices.Zone)})
	return personOf(p), err
}

// PasswordChange is the password that somebody has and the one that he wants.
type PasswordChange struct {
	Old  string `json:"old"`
	Next string `json:"next"`
}

func (s *Site) changePassword(c *call, in PasswordChange) (Me, error) {
	session, err := s.o.People.ChangePassword(c.Context(), c.session, in.Old, in.Next)
	if err != nil {
		return Me{}, err
	}
	c.session = session
	return c.me(), nil
}

// LanguageChange is the language that somebody wants.
type LanguageChange struct {
	Language string `json:"language"` // sl or en
}

func (s *Site) changeLanguage(c *call, in LanguageChange) (nothing, error) {
	if in.Language != "sl" && in.Language != "en" {
		return nothing{}, &wrong{"language", text{"Jezik je sl ali en.", "The language is sl or en."}}
	}
	p := c.session.Person
	if p.Language == in.Language {
		return nothing{}, nil // as it is: nothing is entered
	}
	p.Language = in.Language
	return nothing{}, s.o.People.Change(c.Context(), c.session, p)
}

// Elsewhere is an own session at another device.
type Elsewhere struct {
	Address string `json:"address,omitempty"` // of the log-in; none: the console
	Began   moment `json:"began"`
	Used    moment `json:"used"` // the last time
}

// ElsewhereList are such sessions.
type ElsewhereList struct {
	Sessions []Elsewhere `json:"sessions"`
}

func (s *Site) elsewhere(c *call) (ElsewhereList, error) {
	list := ElsewhereList{Sessions: []Elsewhere{}}
	for _, e := range s.o.People.Elsewhere(c.session) {
		one := Elsewhere{Began: moment{e.Began}, Used: moment{e.Used}}
		if e.Address.IsValid() {
			one.Address = e.Address.String()
		}
		list.Sessions = append(list.Sessions, one)
	}
	return list, nil
}

func (s *Site) endElsewhere(c *call) (nothing, error) {
	return nothing{}, s.o.People.EndElsewhere(c.Context(), c.session)
}

// Secret is that of a second factor, as authenticators take it.
type Secret struct {
	URI    string `json:"uri"`
	Secret string `json:"secret"` // to type: base32
	QR     QR     `json:"qr"`     // of the URI
}

func (s *Site) newSecond(c *call) (Secret, error) {
	uri := people.NewSecond().URI(s.o.Issuer, c.session.Person.Login)
	secret, err := secretIn(uri)
	if err != nil {
		return Secret{}, err
	}
	drawn, err := qrOf(uri)
	return Secret{uri, secret, drawn}, err
}

// Enrolment is a second factor that somebody sets up.
type Enrolment struct {
	Password string `json:"password"`
	Secret   string `json:"secret"`
	Code     string `json:"code"` // that the authenticator shows for the secret
}

// Enrolled is what came of it.
type Enrolled struct {
	Codes []string `json:"codes"` // each is good once, where the authenticator is not at hand
	Me    Me       `json:"me"`
}

func (s *Site) enrolSecond(c *call, in Enrolment) (Enrolled, error) {
	secret, err := people.ParseSecond(in.Secret)
	if err != nil {
		return Enrolled{}, &wrong{"secret", text{"To ni skrivnost drugega dejavnika; ima 32 črk in števk.", "This is no secret of a second factor: it has 32 letters and digits."}}
	}
	codes, session, err := s.o.People.EnrolSecond(c.Context(), c.session, in.Password, secret, in.Code)
	if err != nil {
		return Enrolled{}, err
	}
	c.session = session
	return Enrolled{codes, c.me()}, nil
}

// Confirmation is a password that shows that it is still the same person.
type Confirmation struct {
	Password string `json:"password"`
}

func (s *Site) dropSecond(c *call, in Confirmation) (nothing, error) {
	return nothing{}, s.o.People.DropSecond(c.Context(), c.session, in.Password)
}

// secretIn is the secret that a URI for authenticators says.
func secretIn(uri string) (string, error) {
	u, err := url.Parse(uri)
	if err != nil {
		return "", fmt.Errorf("the URI of a new second factor can't be read: %w", err)
	}
	return u.Query().Get("secret"), nil
}

package web

import (
	"time"

	"varuh/accesslog/people"
)

// personRoutes are about persons and what they may do.
var personRoutes = []route{
	{"GET", "/persons", "listPersons", may(people.Persons, people.Authorise), gives((*Site).persons), "All persons with their authorisations."},
	{"POST", "/persons", "addPerson", may(people.Persons), takes((*Site).addPerson), "Adds a person, with authorisations. The password is a first one."},
	{"PUT", "/persons/{person}", "changePerson", may(people.Persons), takes((*Site).changePerson), "Gives a person other names or another language."},
	{"POST", "/persons/{person}/removal", "removePerson", may(people.Persons), takes((*Site).removePerson), "Removes a person with authorisations, keys and sessions."},
	{"PUT", "/persons/{person}/password", "resetPassword", may(people.Persons), takes((*Site).resetPassword), "Sets a password, which its owner must change; he is told who did it."},
	{"POST", "/persons/{person}/authorisations", "authorise", may(people.Authorise), takes((*Site).authorise), "Grants an authorisation."},
	{"PUT", "/authorisations/{authorisation}/paper", "signAuthorisation", may(people.Authorise), takes((*Site).sign), "States on what day the paper was signed."},
	{"POST", "/authorisations/{authorisation}/end", "endAuthorisation", may(people.Authorise), takes((*Site).endAuthorisation), "Ends an authorisation now."},
	{"GET", "/sets", "listSets", may(people.Persons, people.Authorise), gives((*Site).sets), "The ready-made divisions of the work, and what each role may."},
}

// PersonInfo is a person with what belongs to him.
type PersonInfo struct {
	Person         Person          `json:"person"`
	Authorisations []Authorisation `json:"authorisations"`
	Opens          []people.Which  `json:"opens"` // keys that he opens by logging in
	Renew          bool            `json:"renew"` // the password is to be changed at the next log-in
	Duty           people.Duty     `json:"duty"`  // what comes first at the next log-in; empty for nothing
	Codes          int             `json:"codes"` // one-time codes, the used ones included
	Reset          *Reset          `json:"reset,omitempty"`
}

// PersonList are persons, by their names.
type PersonList struct {
	Persons []PersonInfo `json:"persons"`
}

func (s *Site) persons(c *call) (PersonList, error) {
	records, err := s.o.People.Persons(c.Context())
	if err != nil {
		return PersonList{}, err
	}
	list := PersonList{Persons: make([]PersonInfo, 0, len(records))}
	for _, r := range records {
		list.Persons = append(list.Persons, PersonInfo{personOf(r.Person), authorisationsOf(r.Authorisations, s.o.Now()), append([]people.Which{}, r.Wraps...),
			r.Renew, r.Duty, r.Codes, resetOf(r.Reset)})
	}
	return list, nil
}

// AskedPerson is a person whom somebody adds.
type AskedPerson struct {
	Login          string               `json:"login"`
	Name           string               `json:"name"`
	Language       string               `json:"language,omitempty"` // sl if it is missing
	Password       string               `json:"password"`
	Authorisations []AskedAuthorisation `json:"authorisations,omitempty"`
}

func (s *Site) addPerson(c *call, in AskedPerson) (Person, error) {
	var list []people.Authorisation
	for _, a := range in.Authorisations {
		asked, err := s.wished(a)
		if err != nil {
			return Person{}, err
		}
		list = append(list, asked)
	}
	p, err := s.o.People.Add(c.Context(), c.session, people.Person{Login: in.Login, Name: in.Name, Language: in.Language}, in.Password, list...)
	return personOf(p), atField(err)
}

// Names are what a person is called.
type Names struct {
	Login    string `json:"login"`
	Name     string `json:"name"`
	Language string `json:"language"`
}

func (s *Site) changePerson(c *call, in Names) (nothing, error) {
	return nothing{}, atField(s.o.People.Change(c.Context(), c.session, people.Person{ID: c.PathValue("person"), Login: in.Login, Name: in.Name, Language: in.Language}))
}

// Reason is why somebody does something; it is entered.
type Reason struct {
	Reason string `json:"reason"`
}

func (s *Site) removePerson(c *call, in Reason) (nothing, error) {
	return nothing{}, atField(s.o.People.Remove(c.Context(), c.session, c.PathValue("person"), in.Reason))
}

// NewPassword is a password that somebody sets for another.
type NewPassword struct {
	Password string `json:"password"`
	Reason   string `json:"reason"`
}

func (s *Site) resetPassword(c *call, in NewPassword) (nothing, error) {
	return nothing{}, atField(s.o.People.ResetPassword(c.Context(), c.session, c.PathValue("person"), in.Password, in.Reason))
}

func (s *Site) authorise(c *call, in AskedAuthorisation) (Authorisation, error) {
	a, err := s.wished(in)
	if err != nil {
		return Authorisation{}, err
	}
	a.Person = c.PathValue("person")
	if a, err = s.o.People.Authorise(c.Context(), c.session, a); err != nil {
		return Authorisation{}, atField(err)
	}
	return authorisationOf(a, s.o.Now()), nil
}

// Paper is on what day a paper was signed.
type Paper struct {
	Day day `json:"day"`
}

func (s *Site) sign(c *call, in Paper) (nothing, error) {
	if err := s.o.People.Sign(c.Context(), c.session, c.PathValue("authorisation"), in.Day.in(s.o.Notices.Zone)); err != nil {
		return nothing{}, &fielded{"day", err}
	}
	return nothing{}, nil
}

func (s *Site) endAuthorisation(c *call, in Reason) (nothing, error) {
	return nothing{}, atField(s.o.People.End(c.Context(), c.session, c.PathValue("authorisation"), in.Reason))
}

// SetList are the ready-made divisions of the work.
type SetList struct {
	Sets   []Set      `json:"sets"`
	Roles  []RoleInfo `json:"roles"`  // that persons have
	Tokens []RoleInfo `json:"tokens"` // that tokens of authorities have
}

// Set is one of them.
type Set struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Posts []Post `json:"posts"`
}

// Post is one place in a set.
type Post struct {
	Name     string        `json:"name"`
	Roles    []people.Role `json:"roles"`
	Outside  bool          `json:"outside"`
	Back     int64         `json:"back_minutes"`
	External bool          `json:"external"` // somebody from another organisation: a contract comes before the paper
}

// RoleInfo is what a role may.
type RoleInfo struct {
	Role   people.Role     `json:"role"`
	Name   string          `json:"name"`
	May    []people.Action `json:"may"`
	Does   []string        `json:"does"`   // may, in words
	Ends   bool            `json:"ends"`   // an authorisation must have an end
	Second bool            `json:"second"` // it asks for a second factor
}

func (s *Site) sets(c *call) (SetList, error) {
	list := SetList{Sets: []Set{}, Roles: []RoleInfo{}, Tokens: []RoleInfo{}}
	for _, set := range people.Sets {
		out := Set{ID: set.ID, Name: text{set.Sl, set.En}.in(c.language), Posts: []Post{}}
		for _, p := range set.Posts {
			out.Posts = append(out.Posts, Post{text{p.Sl, p.En}.in(c.language), p.Roles, p.Outside, int64(p.Back / time.Minute), p.External})
		}
		list.Sets = append(list.Sets, out)
	}
	for _, r := range people.Roles {
		list.Roles = append(list.Roles, c.roleOf(r))
	}
	for _, r := range people.TokenRoles {
		list.Tokens = append(list.Tokens, c.roleOf(r))
	}
	return list, nil
}

// roleOf is what a role may, in the language of whoever asks.
func (c *call) roleOf(r people.Role) RoleInfo {
	info := RoleInfo{r, r.Word(c.language), []people.Action{}, []string{}, r.Limited(), c.site.o.People.AsksSecond(r)}
	for _, a := range people.Actions {
		if people.Allows(r, a) {
			info.May, info.Does = append(info.May, a), append(info.Does, a.Word(c.language))
		}
	}
	return info
}

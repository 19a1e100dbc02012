package people

import "slices"

// Role is what an authorisation makes of a person.
type Role string

// The roles. A person may hold several, each by an authorisation of its own.
const (
	Administrator Role = "administrator" // persons and settings
	Approver      Role = "approver"      // the head: decides on holds, requests and terms; a deputy acts for one
	Caretaker     Role = "caretaker"     // looks at footage and secures it
	Auditor       Role = "auditor"       // the diary, no footage: the data protection officer
	Maintainer    Role = "maintainer"    // the system, no footage
	Guard         Role = "guard"         // live, and the last minutes that the authorisation says
	Inspector     Role = "inspector"     // footage and diary in supervision, for a limited time
	Applicant     Role = "applicant"     // an authority that files requests for disclosure; only tokens have it
)

// Roles are all roles that persons have, in the order in which people read them.
var Roles = []Role{Administrator, Approver, Caretaker, Auditor, Maintainer, Guard, Inspector}

// TokenRoles are all roles that tokens of authorities have.
var TokenRoles = []Role{Auditor, Inspector, Applicant}

// Action is something that takes a role.
type Action string

// The actions. Those of the first group are about footage of one camera, and ask for its being in scope.
const (
	Live       Action = "live"       // look at what is recorded now
	Play       Action = "play"       // look at footage
	Secure     Action = "secure"     // set a provisional hold
	Hold       Action = "hold"       // set, confirm and clear holds
	Restrict   Action = "restrict"   // set and clear restrictions
	Restricted Action = "restricted" // look at footage whose processing is restricted, on a ground of art. 18(2) GDPR
	Extract    Action = "extract"    // enter a request for disclosure, and hand a package over
	File       Action = "file"       // file a request for disclosure with a token, and see what has become of it
	Aim        Action = "aim"        // see an aiming picture that somebody present has opened
	OpenAim    Action = "open aim"   // open an aiming picture for a maintainer

	Approve     Action = "approve"      // decide on requests, confirm terms, clocks and prunes
	Authorise   Action = "authorise"    // grant authorisations to others, and end them
	Persons     Action = "persons"      // add, change and remove persons, reset their passwords
	Settings    Action = "settings"     // cameras and configuration
	Notices     Action = "notices"      // enter notices and decisions
	Tokens      Action = "tokens"       // issue tokens to authorities, and end them
	Incidents   Action = "incidents"    // work on the incident register
	ReadDiary   Action = "read diary"   // with a reason, which is entered
	ExportDiary Action = "export diary" // a bundle that verifies without the appliance
	System      Action = "system"       // state of recorder, stores, copies and clock
	Lock        Action = "lock"         // take the keys out of memory
)

// ofCamera are the actions for which a camera has to be in scope.
var ofCamera = []Action{Live, Play, Secure, Hold, Restrict, Restricted, Extract, File, Aim, OpenAim, Approve}

// Actions are all actions.
var Actions = slices.Concat(ofCamera, []Action{Authorise, Persons, Settings, Notices, Tokens, Incidents, ReadDiary, ExportDiary, System, Lock})

// may is what each role may: the only place that says so.
var may = map[Role][]Action{
	Administrator: {Persons, Authorise, Settings, Notices, System, Lock},
	Approver: {Live, Play, Secure, Hold, Restrict, Restricted, Extract, OpenAim, Approve, Authorise, Notices, Tokens,
		Incidents, ReadDiary, ExportDiary, System, Lock},
	Caretaker:  {Live, Play, Secure, Extract, OpenAim, Incidents, System, Lock},
	Auditor:    {ReadDiary, ExportDiary, Incidents, System},
	Maintainer: {Aim, System},
	Guard:      {Live, Play, Secure, Lock},
	Inspector:  {Play, ReadDiary, ExportDiary},
	Applicant:  {File},
}

// Allows tells whether a role may do something.
func Allows(r Role, a Action) bool { return slices.Contains(may[r], a) }

// known tells whether persons can have the role.
func (r Role) known() bool { return slices.Contains(Roles, r) }

// Limited tells whether an authorisation of the role must have an end.
func (r Role) Limited() bool { return r == Inspector || r == Applicant }

// needs tells whether a role opens something with a key. The live picture is footage.
func (r Role) needs(w Which) bool {
	if w == DiaryKey {
		return Allows(r, ReadDiary)
	}
	return Allows(r, Play) || Allows(r, Live) || Allows(r, OpenAim)
}

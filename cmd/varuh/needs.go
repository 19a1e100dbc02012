package main

import "varuh/accesslog/people"

// need is what whoever orders something must be.
type need struct {
	login  bool          // known: a person who logs in; a name alone only while no person is there yet
	action people.Action // by an authorisation for this; "": the register of persons decides, for it depends on whom it is about
	due    bool          // also by who has a password to change or a second factor to set up first: he can't before this is done
	bare   bool          // while no person is there, no name is asked for either: there is nothing to see
}

func role(a people.Action) need { return need{login: true, action: a} }

var (
	nobody  = need{}            // what is shown or done is no person's matter
	anybody = need{login: true} // whoever logs in, as far as the register allows
)

// takes says what each order takes, by its path on the socket, with what a kind of order is behind it: the only place that
// says so. A path that is missing here is refused, and a test walks all of them. The socket itself is for root and the
// account of the program alone.
//
// Nobody logs in for what an operator and a timer look at, and what names no person: the state of the recorder, what was
// recorded when, what is held, restricted and decided of it, notices, which hang on the wall anyway, copies, and the last
// checkpoint, which everybody may have. A whole check opens every record and every entry, and shows nothing of them: it
// needs the private key or the recovery words, and whoever has these needs no varuh to read; the daemon does it where the
// machine has the key, so that what is damaged is found by a timer and not on the day when it is needed.
var takes = map[string]need{
	"/status": nobody, "/reload": nobody, "/footage": nobody, "/check": nobody, "/promises": nobody,
	"/hold/list": nobody, "/policy/show": nobody, "/clock/show": nobody, "/notice/list": nobody, "/notice/print": nobody,
	"/diary/verify": nobody, "/diary/checkpoint": nobody, "/diary/prune": nobody, "/backup": nobody, "/store/lost": nobody,

	"/diary/verify in person": role(people.ReadDiary), // by whose log-in it is opened
	"/diary/read":             role(people.ReadDiary),
	"/diary/export":           role(people.ExportDiary),
	"/erasures":               role(people.ReadDiary),

	"/hold/set":             role(people.Hold),
	"/hold/set provisional": role(people.Secure),
	"/hold/confirm":         role(people.Hold),
	"/hold/clear":           role(people.Hold),
	"/hold/pin":             role(people.Hold),
	"/restrict/set":         role(people.Restrict),
	"/restrict/clear":       role(people.Restrict),

	// A package is listed by its request, its size and its state, and not by who ordered it and what footage is in it. How a delivery
	// ended tells who has its token: who has had it begun.
	"/package/list":       nobody,
	"/package/build":      role(people.Extract),
	"/package/cancel":     role(people.Extract),
	"/package/deliver":    role(people.Extract),
	"/package/delivered":  nobody,
	"/package/record":     role(people.Extract),
	"/package/handover":   role(people.Extract),
	"/package/link/issue": role(people.Extract),
	"/package/link/list":  role(people.Extract),
	"/package/link/end":   role(people.Extract),

	"/request/list":       nobody, // kinds, states and days, and no name
	"/request/add":        role(people.Extract),
	"/request/supplement": role(people.Extract),
	"/request/withdraw":   role(people.Extract),
	"/request/scan":       role(people.Extract),
	"/request/shown":      role(people.Extract),
	"/request/viewings":   role(people.Extract),
	"/request/confirm":    role(people.Extract),
	"/request/extend":     role(people.Approve),
	"/request/own-law":    role(people.Approve),
	"/request/approve":    role(people.Approve),
	"/request/refuse":     role(people.Approve),
	"/request/release":    role(people.Approve),

	// What lets footage or entries go, or hands the key to all of them out, is the head's to decide.
	"/policy/confirm":        role(people.Approve),
	"/clock/confirm":         role(people.Approve),
	"/clock/set-back":        role(people.Approve),
	"/diary/prune confirm":   role(people.Approve),
	"/diary/accept":          {login: true, action: people.Approve, due: true},
	"/store/lost confirm":    role(people.Approve),
	"/rotate":                role(people.Approve),
	"/rotate/ready":          role(people.Approve),
	"/rotate/signing":        role(people.Approve),
	"/backup make":           role(people.System),
	"/backup destroyed":      role(people.System),
	"/notice/add":            role(people.Notices),
	"/notice/end":            role(people.Notices),
	"/notice/inform":         role(people.Notices),
	"/notice/decide":         role(people.Notices),
	"/person/second":         anybody, // his own
	"/person/link":           nobody,  // refused once somebody is there
	"/unlock":                anybody,
	"/unlock envelope":       nobody, // whoever has the private keys
	"/lock":                  role(people.Lock),
	"/person/first":          nobody, // refused once somebody is there
	"/person/list":           {login: true, action: people.Authorise, bare: true},
	"/person/paper":          role(people.Authorise),
	"/person/add":            role(people.Persons),
	"/person/remove":         role(people.Persons),
	"/person/reset":          role(people.Persons),
	"/person/grant":          role(people.Authorise),
	"/person/sign":           role(people.Authorise),
	"/person/end":            anybody, // his own, too
	"/person/password":       anybody, // his own
	"/person/token/issue":    role(people.Tokens),
	"/person/token/list":     role(people.Tokens),
	"/person/token/end":      role(people.Tokens),
	"/diary/accept second":   {login: true, action: people.System, due: true}, // the other of two persons
	"/clock/set-back second": role(people.System),
}

// needOf is what an order takes.
func needOf(path string, order any) (need, bool) {
	if k, ok := order.(interface{ kind() string }); ok && k.kind() != "" {
		path += " " + k.kind()
	}
	n, ok := takes[path]
	return n, ok
}

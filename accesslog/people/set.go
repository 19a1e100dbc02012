package people

import "time"

// Set is a ready-made division of the work: who is there, and in what roles. It is where people begin from; whatever comes
// of it is granted to each by hand.
type Set struct {
	ID     string
	Sl, En string // its name
	Posts  []Post
}

// Post is one place in a set.
type Post struct {
	Sl, En   string
	Roles    []Role
	Outside  bool          // also from outside the premises
	Back     time.Duration // a guard's look-back
	External bool          // somebody from another organisation: a contract comes before the paper
}

// lookBack is what a guard gets where nobody says otherwise.
const lookBack = 15 * time.Minute

var (
	head      = Post{Sl: "ravnatelj ali direktor", En: "head", Roles: []Role{Administrator, Approver, Caretaker}}
	caretaker = Post{Sl: "hišnik", En: "caretaker", Roles: []Role{Caretaker}}
	officer   = Post{Sl: "pooblaščena oseba za varstvo podatkov", En: "data protection officer", Roles: []Role{Auditor}, Outside: true, External: true}
	guard     = Post{Sl: "varnostnik", En: "guard", Roles: []Role{Guard}, Back: lookBack, External: true}
)

// Sets are the ready-made ones. In each, somebody is administrator, somebody decides, and somebody who sees no footage looks
// at the diary.
var Sets = []Set{
	{ID: "school", Sl: "šola treh", En: "school of three", Posts: []Post{head, caretaker, officer}},
	{ID: "guarded", Sl: "z varnostno službo", En: "with guard service", Posts: []Post{head, caretaker, officer, guard}},
	{ID: "municipality", Sl: "občina", En: "municipality", Posts: []Post{
		{Sl: "župan ali direktor uprave", En: "mayor or head of the administration", Roles: []Role{Approver}},
		{Sl: "informatik", En: "administrator", Roles: []Role{Administrator}},
		{Sl: "redar", En: "warden", Roles: []Role{Caretaker}},
		officer,
		{Sl: "vzdrževalec", En: "maintainer", Roles: []Role{Maintainer}, External: true},
	}},
}

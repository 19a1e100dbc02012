package pages

import (
	"fmt"
	"slices"
	"time"

	"varuh/accesslog/people"
)

// View is what a page shows of who reads it.
type View struct {
	Page     string // its name; [Pages.Write] sets it
	Language string // sl or en
	Whose    string // the appliance is
	Folder   string // of the appliance, as commands that a page shows are given it; "" where they find it by themselves
	Reader   *Reader
	Menu     []Link
	Locked   bool // the footage key is not open; only if the reader could open it
	Next     string
	Problem  *Problem
	Install  *Install
}

// Reader is who has logged in.
type Reader struct {
	Name, Login    string
	Duty           people.Duty
	Second         bool
	Began, Ends    time.Time
	Authorisations []Authorisation
	Reset          *Reset
	May            []people.Action
}

// Authorisation is one of the reader's.
type Authorisation struct {
	Role     string
	Cameras  []string // none: all
	From, To time.Time
	Signed   bool
	Deputy   bool
	Outside  bool
}

// Reset is that somebody else has set the reader's password.
type Reset struct {
	By string
	At time.Time
}

// Link is a page in the menu.
type Link struct{ Page, Path string }

// Problem is what is shown in the place of a page.
type Problem struct {
	Status        int
	Title, Detail string
}

// Install is the authority that people install in their devices.
type Install struct {
	Name        string
	Fingerprint []string // in rows
}

// May tells whether the reader may do something now, of any camera. An action that there is not is a mistake of the page.
func (v View) May(action string) (bool, error) {
	if !slices.Contains(people.Actions, people.Action(action)) {
		return false, fmt.Errorf("there is no action %q", action)
	}
	return v.Reader != nil && slices.Contains(v.Reader.May, people.Action(action)), nil
}

// Other is the language that the page is not in.
func (v View) Other() string {
	if v.Language == "en" {
		return "sl"
	}
	return "en"
}

// Time is a moment as machines read it; modules put it into words in the reader's zone.
func (v View) Time(t time.Time) string { return t.UTC().Format(time.RFC3339) }

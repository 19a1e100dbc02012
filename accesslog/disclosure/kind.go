package disclosure

import (
	"slices"

	"varuh/accesslog/hold"
)

// Text is the same in both languages.
type Text struct{ Sl, En string }

// In is the text in a language, "sl" or "en".
func (t Text) In(language string) string {
	if language == "en" {
		return t.En
	}
	return t.Sl
}

// Kind says who asks.
type Kind string

// The kinds.
const (
	Authority Kind = "authority"      // the police, a prosecutor, a court, another authority
	Own       Kind = "own initiative" // nobody: the controller itself reports
	Other     Kind = "other"          // an insurer, a lawyer, an injured person
	Subject   Kind = "subject"        // a person who is in the footage (GDPR art. 15)
)

// Kinds are all kinds.
var Kinds = []Kind{Authority, Own, Other, Subject}

var kindWords = map[Kind]Text{
	Authority: {"zahteva organa", "request of an authority"},
	Own:       {"posredovanje na lastno pobudo", "disclosure on own initiative"},
	Other:     {"zahteva drugega vlagatelja", "request of another applicant"},
	Subject:   {"zahteva posameznika za dostop", "request of a person concerned for access"},
}

// In is the kind in a language, "sl" or "en".
func (k Kind) In(language string) string { return kindWords[k].In(language) }

// Way says how a request came.
type Way string

// The ways.
const (
	Paper Way = "paper" // signed, with its scan; or the controller's own note
	Token Way = "token" // by an authority's token, which stands for the signature
	Oral  Way = "oral"  // urgent; its paper is awaited
)

// Ways are all ways.
var Ways = []Way{Paper, Token, Oral}

// Comes tells whether a request of a kind may come in a way.
func (k Kind) Comes(w Way) bool {
	return w == Paper || k == Authority && (w == Token || w == Oral)
}

// BasisID names a legal basis.
type BasisID string

// In is its title in a language, "sl" or "en"; "" for none.
func (id BasisID) In(language string) string {
	at := slices.IndexFunc(Bases, func(b Basis) bool { return b.ID == id })
	if at < 0 {
		return ""
	}
	return Bases[at].Title.In(language)
}

// Stated is its title in a language, with the words of its own that a request has: as entries and papers name it. "" for none.
func (id BasisID) Stated(language, words string) string {
	title := id.In(language)
	if title == "" || words == "" {
		return title
	}
	return title + ", " + words
}

// Basis is one on which footage may be asked for. That it fits is for the approver to say.
type Basis struct {
	ID    BasisID
	Title Text
	Kinds []Kind
	Says  bool // it takes words of its own: which article, number or law
	order bool // an order, which keeps footage past its term (the rulebook, chapter IV)
}

// Bases are those that there are, in the order of the page.
var Bases = []Basis{
	{"zkp-148", Text{"ZKP, 148. člen", "Criminal Procedure Act (ZKP), art. 148"}, []Kind{Authority, Own}, false, false},
	{"zkp-220", Text{"ZKP, 220. člen", "Criminal Procedure Act (ZKP), art. 220"}, []Kind{Authority}, false, false},
	{"zkp-223a", Text{"ZKP, 223.a člen", "Criminal Procedure Act (ZKP), art. 223.a"}, []Kind{Authority}, false, false},
	{"zp-1", Text{"ZP-1", "Minor Offences Act (ZP-1)"}, []Kind{Authority, Own}, true, false},
	{"court-order", Text{"odredba ali sklep sodišča", "order of a court"}, []Kind{Authority, Other}, true, true},
	{"zvop2-41", Text{"ZVOP-2, 41. člen", "Personal Data Protection Act (ZVOP-2), art. 41"}, []Kind{Authority, Own, Other}, true, false},
	{"gdpr-15", Text{"Splošna uredba (GDPR), 15. člen", "GDPR, art. 15"}, []Kind{Subject}, false, false},
	{"other", Text{"druga podlaga", "another basis"}, []Kind{Authority, Own, Other}, true, false},
}

// basis is the one of an id, and false for none that fits the kind.
func (k Kind) basis(id BasisID) (Basis, bool) {
	at := slices.IndexFunc(Bases, func(b Basis) bool { return b.ID == id && slices.Contains(b.Kinds, k) })
	if at < 0 {
		return Basis{}, false
	}
	return Bases[at], true
}

// holds is the kind of hold for what a request asks for.
func (k Kind) holds(id BasisID) hold.Kind {
	b, _ := k.basis(id)
	switch {
	case k == Subject:
		return hold.Rights
	case b.order:
		return hold.Order
	}
	return hold.Disclosure
}

// Form is the form in which the footage is to be delivered.
type Form string

// The forms.
const (
	Folder Form = "folder" // a signed folder on a disk, in hand
	Zip    Form = "zip"    // an encrypted ZIP, over a network
	View   Form = "view"   // a look on the premises
	Masked Form = "masked" // a copy in which other persons are masked, which is done outside: no package is built for it
)

// Shown tells whether footage is shown on the premises in this form, and never built into a package.
func (f Form) Shown() bool { return f == View || f == Masked }

var formWords = map[Form]Text{
	Folder: {"podpisana mapa na nosilcu, osebna predaja", "a signed folder on a disk, in hand"},
	Zip:    {"šifrirana datoteka ZIP, prek omrežja", "an encrypted ZIP, over a network"},
	View:   {"ogled v prostorih upravljavca", "a look on the premises"},
	Masked: {"kopija z zakritimi drugimi osebami", "a copy in which other persons are masked"},
}

// In is the form in a language, "sl" or "en".
func (f Form) In(language string) string { return formWords[f].In(language) }

// Forms are all forms.
var Forms = []Form{Folder, Zip, View, Masked}

// Datum is a kind of data that footage has.
type Datum string

// The kinds of data (ZVOP-2 art. 76(7)).
const (
	Picture Datum = "picture"
	Sound   Datum = "sound"
	Place   Datum = "place"
	Moment  Datum = "time"
)

var dataWords = map[Datum]Text{
	Picture: {"slika", "picture"},
	Sound:   {"zvok", "sound"},
	Place:   {"lokacija", "place"},
	Moment:  {"datum in čas", "date and time"},
}

// In is the kind of data in a language, "sl" or "en".
func (d Datum) In(language string) string { return dataWords[d].In(language) }

// Data are all kinds of data.
var Data = []Datum{Picture, Sound, Place, Moment}

package notice

import "strings"

// Field is a part of a notice that can be missing.
type Field string

// What a notice has to say (ZVOP-2 art. 76(4), GDPR art. 13).
const (
	NoController Field = "controller"
	NoAddress    Field = "address"
	NoContact    Field = "contact"
	NoOfficer    Field = "officer"
	NoArea       Field = "area"
	NoPurposes   Field = "purposes"
	NoWording    Field = "purpose" // of one purpose
	NoBasis      Field = "basis"   // of one purpose
	NoRecipients Field = "recipients"
	NoKept       Field = "kept"
	NoEffects    Field = "effects"
	NoCountries  Field = "countries"
	NoOther      Field = "other"
	NoAudio      Field = "audio"
)

// What the law asks of the controller beside the notice.
const (
	NoDecision Field = "decision"
	NoInformed Field = "informed"
)

// Missing is one thing that is missing, for the page.
type Missing struct {
	Field    Field
	Purpose  string // the id, where it is about one
	Language string // "sl" or "en", where the text is there in the other language alone; else ""
}

// fieldNames say what is missing.
var fieldNames = map[Field]Text{
	NoController: {"navedba upravljavca", "the controller's name"},
	NoAddress:    {"naslov upravljavca", "the controller's address"},
	NoContact:    {"telefon, e-naslov ali spletni naslov za uveljavljanje pravic", "a phone number, e-mail or web address for exercising rights"},
	NoOfficer:    {"telefon ali e-naslov pooblaščene osebe za varstvo podatkov", "the data protection officer's phone number or e-mail address"},
	NoArea:       {"nadzorovano območje", "the area under surveillance"},
	NoPurposes:   {"namen obdelave, vsaj eden", "at least one purpose"},
	NoWording:    {"besedilo namena", "the wording of the purpose"},
	NoBasis:      {"pravna podlaga namena", "the legal basis of the purpose"},
	NoRecipients: {"uporabniki posnetkov", "the recipients of footage"},
	NoKept:       {"čas hrambe posnetkov", "how long footage is kept"},
	NoEffects:    {"posebni vplivi obdelave, zlasti nadaljnje obdelave", "special effects, above all of further processing"},
	NoCountries:  {"prenosi v tretje države", "transfers to third countries"},
	NoOther:      {"druge neobičajne nadaljnje obdelave", "other unusual further processing"},
	NoAudio:      {"razlog, zakaj je snemanje zvoka nujno potrebno", "the reason why recording sound is strictly necessary"},
	NoDecision:   {"pisna odločitev predstojnika o uvedbi videonadzora", "the head's written decision to introduce video surveillance"},
	NoInformed:   {"pisna obvestitev vseh zaposlenih v nadzorovanem prostoru", "all employees in the area informed in writing"},
}

// In says it in a language, "sl" or "en".
func (m Missing) In(language string) string {
	text := fieldNames[m.Field].In(language)
	if m.Purpose != "" {
		text += " »" + m.Purpose + "«"
	}
	switch {
	case m.Language == "":
	case language == "en":
		text += map[string]string{"sl": " in Slovenian", "en": " in English"}[m.Language]
	default:
		text += map[string]string{"sl": " v slovenščini", "en": " v angleščini"}[m.Language]
	}
	return text
}

// Missing is what the notice does not say and has to say. While there is something, the cameras are recorded and
// not looked at.
func (c Content) Missing() (list []Missing) {
	need := func(f Field, there bool) {
		if !there {
			list = append(list, Missing{Field: f})
		}
	}
	need(NoController, some(c.Controller.Name))
	need(NoAddress, some(c.Controller.Address))
	need(NoContact, some(c.Controller.Phone, c.Controller.Email, c.Controller.Web))
	need(NoOfficer, c.Officer.None || some(c.Officer.Phone, c.Officer.Email))
	list = append(list, c.Area.missing(NoArea, "")...)
	need(NoPurposes, len(c.Purposes) > 0)
	for _, p := range c.Purposes {
		list = append(list, Text{p.Sl, p.En}.missing(NoWording, p.ID)...)
		if !some(p.Basis) {
			list = append(list, Missing{Field: NoBasis, Purpose: p.ID})
		}
	}
	list = append(list, c.Recipients.missing(NoRecipients, "")...)
	list = append(list, c.Kept.missing(NoKept, "")...)
	list = append(list, c.Effects.missing(NoEffects, "")...)
	if c.Countries != (Text{}) {
		list = append(list, c.Countries.missing(NoCountries, "")...)
	}
	if c.Other != (Text{}) {
		list = append(list, c.Other.missing(NoOther, "")...)
	}
	if c.Audio {
		list = append(list, c.AudioReason.missing(NoAudio, "")...)
	}
	return list
}

// Complete tells whether nothing is missing.
func (c Content) Complete() bool { return len(c.Missing()) == 0 }

// Pending is what the law asks of the controller beside the notice and is not there: shown, but no reason to refuse
// a viewing.
func (n Notice) Pending() (list []Missing) {
	if n.Decision == nil {
		list = append(list, Missing{Field: NoDecision})
	}
	for _, s := range n.Informed {
		if s.All {
			return list
		}
	}
	return append(list, Missing{Field: NoInformed})
}

// missing is what a text in two languages lacks.
func (t Text) missing(f Field, purpose string) []Missing {
	switch {
	case !some(t.Sl) && !some(t.En):
		return []Missing{{Field: f, Purpose: purpose}}
	case !some(t.Sl):
		return []Missing{{f, purpose, "sl"}}
	case !some(t.En):
		return []Missing{{f, purpose, "en"}}
	}
	return nil
}

// some tells whether one of the texts says something.
func some(texts ...string) bool { return strings.TrimSpace(strings.Join(texts, "")) != "" }

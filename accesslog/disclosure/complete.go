package disclosure

import (
	"slices"
	"strings"
)

// Field is a part of a request that can be missing.
type Field string

// What a request has to say (ZVOP-2 art. 41(1); the rulebook, chapter IV).
const (
	NoApplicant Field = "applicant"
	NoAddress   Field = "address"
	NoSignatory Field = "signatory"
	NoRank      Field = "rank"
	NoSignature Field = "signature"
	NoBasis     Field = "basis"
	NoBasisText Field = "basis text"
	NoPurpose   Field = "purpose"
	NoSubject   Field = "subject"
	NoNumber    Field = "number"
	NoBody      Field = "body"
	NoWanted    Field = "footage"
	NoData      Field = "data"
	NoForm      Field = "form"
	NoManner    Field = "manner"
	NoIdentity  Field = "identity"
)

// Fields are all fields, in the order of a letter.
var Fields = []Field{NoApplicant, NoAddress, NoSignatory, NoRank, NoSignature, NoBasis, NoBasisText, NoPurpose, NoSubject,
	NoNumber, NoBody, NoWanted, NoData, NoForm, NoManner, NoIdentity}

var fieldWords = map[Field]Text{
	NoApplicant: {"podatki o vlagatelju: osebno ime, naziv ali firma", "the applicant's name"},
	NoAddress:   {"naslov ali sedež vlagatelja oziroma matična številka", "the applicant's address or register number"},
	NoSignatory: {"ime podpisnika oziroma pooblaščene osebe", "the name of the person who signed"},
	NoRank:      {"čin ali položaj podpisnika", "the rank or post of the person who signed"},
	NoSignature: {"podpis vlagatelja oziroma pooblaščene osebe", "the signature"},
	NoBasis:     {"pravna podlaga za pridobitev posnetkov", "the legal basis for getting the footage"},
	NoBasisText: {"natančna navedba pravne podlage: člen, številka odredbe ali zakon", "the exact legal basis: article, number of the order, or law"},
	NoPurpose:   {"namen obdelave oziroma razlogi, ki izkazujejo potrebnost in primernost posnetkov", "the purpose, or the reasons why the footage is needed and fit"},
	NoSubject:   {"predmet zadeve", "the subject of the case"},
	NoNumber:    {"številka ali druga identifikacija zadeve", "the number of the case"},
	NoBody:      {"organ ali drug subjekt, ki zadevo obravnava", "the body that handles the case"},
	NoWanted:    {"kamere oziroma kraj ter datum in čas posnetkov", "the cameras or the place, and date and time of the footage"},
	NoData:      {"vrste osebnih podatkov, ki naj se posredujejo", "the kinds of data"},
	NoForm:      {"oblika pridobitve posnetkov", "the form of delivery"},
	NoManner:    {"način pridobitve posnetkov", "the manner of delivery"},
	NoIdentity:  {"podatki, potrebni za potrditev identitete posameznika", "what is needed to confirm the person's identity"},
}

// In says it in a language, "sl" or "en".
func (f Field) In(language string) string { return fieldWords[f].In(language) }

// required is what a request of each kind has to say: the only place that says so.
var required = map[Kind][]Field{
	Authority: {NoApplicant, NoAddress, NoSignatory, NoRank, NoSignature, NoBasis, NoBasisText, NoPurpose, NoSubject, NoNumber, NoBody, NoWanted, NoData, NoForm, NoManner},
	Own:       {NoApplicant, NoBasis, NoBasisText, NoPurpose, NoSubject, NoBody, NoWanted, NoData, NoForm, NoManner},
	Other:     {NoApplicant, NoAddress, NoSignatory, NoSignature, NoBasis, NoBasisText, NoPurpose, NoSubject, NoNumber, NoBody, NoWanted, NoData, NoForm, NoManner},
	Subject:   {NoApplicant, NoAddress, NoSignature, NoBasis, NoWanted, NoForm, NoManner, NoIdentity},
}

// Required is what a request of a kind has to say, in the order of a letter.
func (k Kind) Required() []Field { return slices.Clone(required[k]) }

// readable tells whether one of the texts says something that anybody can read: a dash, or a letter that nobody sees, is nothing.
func readable(texts ...string) bool { return seen(strings.Join(texts, "")) > 0 }

// says tells whether a field is there. signed is what stands for a signature: the scan of a paper, the token, or that
// the paper is awaited.
func (c Content) says(f Field, k Kind, signed bool) bool {
	basis, fits := k.basis(c.Basis)
	switch f {
	case NoApplicant:
		return readable(c.Applicant.Name)
	case NoAddress:
		return readable(c.Applicant.Address, c.Applicant.Register)
	case NoSignatory:
		return readable(c.Applicant.Signatory)
	case NoRank:
		return readable(c.Applicant.Rank)
	case NoSignature:
		return signed
	case NoBasis:
		return fits
	case NoBasisText:
		return !basis.Says || readable(c.BasisText)
	case NoPurpose:
		return readable(c.Purpose)
	case NoSubject:
		return readable(c.Case.Subject)
	case NoNumber:
		return readable(c.Case.Number)
	case NoBody:
		return readable(c.Case.Body)
	case NoWanted:
		return len(c.Wanted) > 0
	case NoData:
		return len(c.Data) > 0
	case NoForm:
		return c.Form != "" && (k == Subject || c.Form != View && c.Form != Masked)
	case NoManner:
		return readable(c.Manner)
	case NoIdentity:
		return readable(c.Identity)
	}
	return false
}

// Missing is what a request of a kind does not say and has to say, in the order of a letter. While there is something,
// it can't be approved. Signed tells whether it has a signature, or what stands for one.
func (c Content) Missing(k Kind, signed bool) (list []Field) {
	for _, f := range required[k] {
		if !c.says(f, k, signed) {
			list = append(list, f)
		}
	}
	return list
}

package notice

import (
	"slices"
	"time"
)

// lawPrefix is what ids of statutory purposes begin with; those on notices can't.
const lawPrefix = "law:"

// The ids of the statutory purposes.
const (
	Authority   = lawPrefix + "authority"   // request of the police, a prosecutor, a court or another authority
	Subject     = lawPrefix + "subject"     // request of a person who is in the footage
	Supervision = lawPrefix + "supervision" // inspection by the Information Commissioner
	Claims      = lawPrefix + "claims"      // establishing, exercising or defending legal claims
)

// statute is a purpose that a law gives.
type statute struct {
	Purpose
	since   time.Time // the day from which on the cited article applies, in Slovenia
	obliges bool      // whether the controller has to; else the law lets him
}

// winter is the zone of the dates below where they lie in winter, summer where they lie in summer.
var winter, summer = time.FixedZone("CET", 3600), time.FixedZone("CEST", 7200)

// The General Data Protection Regulation applies since 25 May 2018, ZVOP-2 (Uradni list RS 163/22) since 26 January 2023.
var (
	gdpr  = time.Date(2018, time.May, 25, 0, 0, 0, 0, summer)
	zvop2 = time.Date(2023, time.January, 26, 0, 0, 0, 0, winter)
)

// statutes is all that a law gives. What a law gives later is added with its date, what it takes away gets an end.
var statutes = []statute{
	{Purpose{Authority, "zahteva policije, tožilstva, sodišča ali drugega organa", "request of the police, a prosecutor, a court or another authority",
		"ZVOP-2, 41. člen; ZKP, 148. in 220. člen"}, zvop2, true},
	{Purpose{Subject, "zahteva posameznika, na katerega se posnetek nanaša", "request of a person who is in the footage",
		"Splošna uredba (GDPR), 15. člen"}, gdpr, true},
	{Purpose{Supervision, "nadzor Informacijskega pooblaščenca", "supervision by the Information Commissioner",
		"Splošna uredba (GDPR), 31. in 58. člen"}, gdpr, true},
	{Purpose{Claims, "uveljavljanje, izvajanje ali obramba pravnih zahtevkov", "establishing, exercising or defending legal claims",
		"Splošna uredba (GDPR), točka (f) prvega odstavka 6. člena v povezavi s točko (e) tretjega odstavka 17. člena"}, gdpr, false},
}

// Statutory are the purposes that a law gave at a moment, whatever the notice says. Without a complete notice they
// are only those by which the law obliges the controller: who hangs no sign does not use the footage for himself.
func Statutory(at time.Time, complete bool) (list []Purpose) {
	for _, s := range statutes {
		if !at.Before(s.since) && (s.obliges || complete) {
			list = append(list, s.Purpose)
		}
	}
	return slices.Clip(list)
}

package people

// text is something in both languages.
type text struct{ sl, en string }

// in is the text in a language; Slovenian where it is not English.
func (t text) in(language string) string {
	if language == "en" {
		return t.en
	}
	return t.sl
}

// Word is the role in a language, sl or en.
func (r Role) Word(language string) string { return roleWords[r].in(language) }

// Word is the action in a language, sl or en.
func (a Action) Word(language string) string { return actionWords[a].in(language) }

var roleWords = map[Role]text{
	Administrator: {"skrbnik", "administrator"},
	Approver:      {"odločevalec", "approver"},
	Caretaker:     {"oskrbnik", "caretaker"},
	Auditor:       {"nadzornik dnevnika", "auditor"},
	Maintainer:    {"vzdrževalec", "maintainer"},
	Guard:         {"varnostnik", "guard"},
	Inspector:     {"inšpektor", "inspector"},
	Applicant:     {"vlagatelj zahtev", "applicant"},
}

var actionWords = map[Action]text{
	Live:        {"spremljanje v živo", "watching live"},
	Play:        {"vpogled v posnetke", "looking at footage"},
	Secure:      {"začasno zadržanje posnetkov", "securing footage provisionally"},
	Hold:        {"zadržanje posnetkov", "holding footage"},
	Restrict:    {"omejitev obdelave posnetkov", "restricting footage"},
	Restricted:  {"vpogled v posnetke z omejeno obdelavo", "looking at restricted footage"},
	Extract:     {"vpis zahtev za posredovanje in predaja paketov", "entering requests for disclosure and handing packages over"},
	File:        {"vlaganje zahtev za posredovanje z žetonom", "filing requests for disclosure with a token"},
	Aim:         {"ogled nastavitvene slike kamere", "seeing an aiming picture"},
	OpenAim:     {"odpiranje nastavitvene slike za vzdrževalca", "opening an aiming picture for a maintainer"},
	Approve:     {"odločanje o zahtevah, rokih in izbrisih", "deciding on requests, terms and erasures"},
	Authorise:   {"podeljevanje in ukinjanje pooblastil", "granting and ending authorisations"},
	Persons:     {"vodenje oseb in gesel", "managing persons and passwords"},
	Settings:    {"nastavitve in kamere", "settings and cameras"},
	Notices:     {"vodenje obvestil", "managing notices"},
	Tokens:      {"izdaja žetonov organom", "issuing tokens to authorities"},
	Incidents:   {"vodenje incidentov", "working on incidents"},
	ReadDiary:   {"branje dnevnika", "reading the diary"},
	ExportDiary: {"izvoz dnevnika", "exporting the diary"},
	System:      {"vpogled v stanje naprave", "seeing the state of the appliance"},
	Lock:        {"zaklep ključev", "locking the keys"},
}

// paperWords are what stands on the paper for signatures.
var paperWords = map[string]text{
	"title":     {"Pooblastilo za obdelavo posnetkov videonadzora", "Authorisation to process video surveillance footage"},
	"number":    {"Pooblastilo številka", "Authorisation number"},
	"person":    {"Pooblaščena oseba", "Authorised person"},
	"role":      {"Vloga", "Role"},
	"may":       {"Obseg: oseba sme", "Scope: the person may"},
	"cameras":   {"Kamere", "Cameras"},
	"all":       {"vse, tudi tiste, ki bodo dodane", "all, those to come included"},
	"valid":     {"Velja", "Valid"},
	"from":      {"od", "from"},
	"to":        {"do", "until"},
	"open":      {"do preklica", "until it is ended"},
	"signed":    {"vendar ne pred dnem podpisa", "but not before the day of its signature"},
	"deputy":    {"Namestnik osebe", "Deputy of"},
	"back":      {"Pogled nazaj največ", "Looking back at most"},
	"minutes":   {"min", "min"},
	"premises":  {"Kje", "Where"},
	"inside":    {"samo v prostorih upravljavca", "on the controller's premises only"},
	"outside":   {"tudi zunaj prostorov upravljavca", "also outside the controller's premises"},
	"statement": {"Izjava o varovanju osebnih podatkov", "Statement of confidentiality"},
	"secret": {"Zavezujem se, da bodo osebni podatki, s katerimi se seznanim pri tem delu, zame poklicna skrivnost, tudi po prenehanju dela ali pooblastila.",
		"I undertake to keep the personal data that I come to know in this work as a professional secret, also after the work or the authorisation has ended."},
	"purpose": {"Posnetki so mi na voljo samo v obsegu pooblastila in samo za namene, ki so bili ob snemanju navedeni na obvestilu ali določeni z zakonom. Posnetkov ne snemam z zaslona in jih ne iznašam drugače.",
		"I will look at footage and use it only within this authorisation, and only for purposes that were on the notice when it was recorded or that a law gives. I will not film the screen nor take footage out in any other way."},
	"own": {"Prijavljam se samo s svojim imenom in geslom. Gesla ne zaupam nikomur, tudi skrbniku ne.",
		"I will log in with my own name and password alone. I will tell the password to nobody, not even to the administrator."},
	"logged": {"Vem, da se vsak vpogled, uporaba in posredovanje zapiše v dnevnik z mojim imenom, časom in namenom.",
		"I know that each viewing, use and disclosure is entered in the diary with my name, the time and the purpose."},
	"breach": {"Poznam interna pravila, Splošno uredbo o varstvu podatkov in ZVOP-2 ter vem, da je kršitev te zaveze kršitev delovnih ali pogodbenih obveznosti, za katero odgovarjam tudi odškodninsko, prekrškovno in kazensko.",
		"I know the internal rules, the General Data Protection Regulation and ZVOP-2, and that a breach of this undertaking is a breach of the duties of my employment or contract, for which I am also liable for damages, for an offence and under criminal law."},
	"grants": {"Pooblastilo daje (ime, podpis)", "Granted by (name, signature)"},
	"signs":  {"Pooblaščena oseba (datum, podpis)", "Authorised person (date, signature)"},
}

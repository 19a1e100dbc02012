package web

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// reasons are what errors for people say behind their own words, as formats of package fmt, and the same in Slovenian.
// What is filled in stands in the same order.
var reasons = slices.Concat([]struct{ en, sl string }{
	// persons
	{"%q is no role", "%s ni vloga"},
	{"your own authorisation is limited, and makes nobody an administrator", "vaše pooblastilo je omejeno, z njim ne morete imenovati skrbnika"},
	{"a deputy makes nobody an approver", "namestnik ne more imenovati odločevalca"},
	{"your own authorisation does not cover all these cameras", "vaše pooblastilo ne zajema vseh teh kamer"},
	{"your own authorisation ends before, at %s", "vaše pooblastilo se konča prej, %s"},
	{"your own authorisation is for the premises only", "vaše pooblastilo velja le v prostorih"},
	{"a deputy ends nothing of whom he acts for", "namestnik ne more končati pooblastila tistega, ki ga nadomešča"},
	{"a role of yours asks for a second factor", "vaša vloga zahteva drugi dejavnik"},
	{"the code does not fit; enter the one that the authenticator shows now, and look whether the clocks agree", "koda se ne ujema; vpišite tisto, ki jo avtentikator kaže zdaj, in preverite, ali se uri ujemata"},
	{"the reason has more than %d bytes", "razlog ima več kot %s bajtov"},
	{"it has %d characters, and may have %d", "ima %s znakov, sme jih imeti %s"},
	{"it has %d characters, and needs %d; a few words are easy to remember", "ima %s znakov, potrebuje jih %s; nekaj besed si je lahko zapomniti"},
	{"it has characters that a keyboard does not have", "ima znake, ki jih na tipkovnici ni"},
	{"it is little more than the name of its owner", "je komaj kaj več kot ime lastnika"},
	{"it is one of those that are tried first", "je eno tistih, ki jih vsakdo poskusi najprej"},
	{"a deputy is an approver who acts for another one", "namestnik je odločevalec, ki deluje namesto drugega"},
	{"a log-in name has 2 to 32 characters and begins with a letter from a to z", "prijavno ime ima od 2 do 32 znakov in se začne s črko od a do z"},
	{"a log-in name has only a to z, 0 to 9, dots, dashes and underscores", "prijavno ime ima le črke od a do z, števke, pike, vezaje in podčrtaje"},
	{"a token has an end, at most %d days after its beginning", "žeton ima konec, največ %s dni po začetku"},
	{"a token is for an auditor, an inspector or an applicant", "žeton je za nadzornika dnevnika, inšpektorja ali vlagatelja"},
	{"an authorisation of an inspector lasts at most %d days", "pooblastilo inšpektorja traja največ %s dni"},
	{"an authorisation of an inspector or a deputy has an end: say until when", "pooblastilo inšpektorja ali namestnika ima konec: povejte, do kdaj"},
	{"it ends before it begins", "konča se, preden se začne"},
	{"name each camera once by its id, in the order of the alphabet", "vsako kamero navedite enkrat z njeno oznako, po abecedi"},
	{"name each role once", "vsako vlogo navedite enkrat"},
	{"name the cameras, %d at most, or none for all of them", "navedite kamere, največ %s, ali nobene za vse"},
	{"only a guard has a look-back, of at most %v", "pogled nazaj ima le varnostnik, največ %s"},
	{"person %s is no approver, so nobody can act as the deputy", "oseba %s ni odločevalec, zato ne more imeti namestnika"},
	{"say from when it is valid", "povejte, od kdaj velja"},
	{"say on what day the first person signed the authorisation and the statement of confidentiality", "povejte, katerega dne je prva oseba podpisala pooblastilo in izjavo o varovanju podatkov"},
	{"say on what day the paper was signed", "povejte, katerega dne je bila listina podpisana"},
	{"say the person's name", "povejte ime osebe"},
	{"say which authority the token is for, and who answers for its use", "povejte, za kateri organ je žeton in kdo odgovarja za njegovo uporabo"},
	{"say who opened the envelope", "povejte, kdo je odprl ovojnico"},
	{"say why", "povejte, zakaj"},
	{"the first person is an administrator", "prva oseba je skrbnik"},
	{"the language is sl or en", "jezik je sl ali en"},
	{"the name has a character that nobody sees", "ime ima znak, ki ga nihče ne vidi"},
	{"the name has more than %d characters", "ime ima več kot %s znakov"},
	{"the name is not readable text", "ime ni berljivo besedilo"},
	{"the names have more than %d bytes", "imeni imata več kot %s bajtov"},
	{"the new password is the old one", "novo geslo je enako staremu"},
	{"the paper was signed on a day to come; the clock here says %s", "listina je podpisana z dnem, ki še ni prišel; ura naprave kaže %s"},
	{"its days lie between 1970 and %d: look at the years", "njegovi dnevi so med letoma 1970 in %s: preverite leta"},
	{"the paper was signed on %s: look at the year", "listina je podpisana z dnem %s: preverite leto"},
	{"there is no second factor", "drugega dejavnika ni"},

	// notices
	{"%d names; enter them in lists of at most %d", "%s imen; vpišite jih v seznamih po največ %s"},
	{"%d purposes, at most %d fit on the sign", "%s namenov, na znak jih gre največ %s"},
	{"%q can't be the id of a purpose: want a to z, 0 to 9 and -, at most 32 of them, another one for each purpose", "%s ne more biti oznaka namena: ima največ 32 črk od a do z, števk in vezajev, za vsak namen svojo"},
	{"%s has a line break, or a character that nobody sees", "%s: prelom vrstice ali znak, ki ga nihče ne vidi"},
	{"%s has more than %d characters", "%s: več kot %s znakov"},
	{"%s is not UTF-8", "%s: ni UTF-8"},
	{"%q is %q (%s); give the new one another id", "%s je %s (%s); novemu dajte drugo oznako"},
	{"a name is empty", "eno od imen je prazno"},
	{"camera %s is named twice", "kamera %s je navedena dvakrat"},
	{"it begins at %s; look at the date, and at the appliance's clock", "začne se %s; preverite datum in uro naprave"},
	{"it begins before now: say who states that the sign has hung since then, and how he knows", "začne se pred tem trenutkom: povejte, kdo izjavlja, da znak visi od takrat, in kako to ve"},
	{"it ends at %s; look at the date, and at the appliance's clock", "konča se %s; preverite datum in uro naprave"},
	{"its day, %s, has not come yet; look at the appliance's clock", "njen dan, %s, še ni prišel; preverite uro naprave"},
	{"say for which cameras", "povejte, za katere kamere"},
	{"say on what day it was taken", "povejte, katerega dne je bila sprejeta"},
	{"say on what day the last one signed", "povejte, katerega dne se je podpisal zadnji"},
	{"say the number of the decision", "povejte številko odločitve"},
	{"say the reasons of the decision", "povejte razloge za odločitev"},
	{"say who ends it, and why", "povejte, kdo konča in zakaj"},
	{"say who enters it", "povejte, kdo vpisuje"},
	{"say who was informed, or that nobody works in the area", "povejte, kdo je bil obveščen, ali da na območju nihče ne dela"},
	{"the day of the last signature, %s, has not come yet; look at the appliance's clock", "dan zadnjega podpisa, %s, še ni prišel; preverite uro naprave"},
	{"the end of the footage comes after its beginning", "konec posnetkov je za njihovim začetkom"},
	{"the reasons have more than %d characters", "razlogi imajo več kot %s znakov"},
	{"the web address %q has to begin with https://", "spletni naslov %s se mora začeti s https://"},
	{"who speaks into the area watches live: allow live view, or no speaking", "kdor govori v območje, spremlja v živo: dovolite spremljanje v živo ali prepovejte govorjenje"},

	// holds
	{"%q is no ground of art. 18(1); there are accuracy, unlawful, claims and objection", "%s ni razlog po členu 18(1); razlogi so accuracy, unlawful, claims in objection"},
	{"%q is no kind of hold; there are rights, order, disclosure, incident and provisional", "%s ni vrsta zadržanja; vrste so rights, order, disclosure, incident in provisional"},
	{"a legal basis for passing the term belongs to a hold for a disclosure or an incident alone", "pravna podlaga za preseganje roka gre le k zadržanju zaradi posredovanja ali incidenta"},
	{"a provisional hold lasts at most %d days", "začasno zadržanje traja največ %s dni"},
	{"confirm it as rights, order, disclosure or incident", "potrdite ga kot rights, order, disclosure ali incident"},
	{"footage of before %d or after %d is held by nobody: if the end is open, say a day in some years; the hold is looked at again before", "posnetkov izpred leta %s ali po letu %s nihče ne zadrži: če je konec odprt, navedite dan čez nekaj let; zadržanje se prej znova pregleda"},
	{"say from when to when the footage was recorded; the end comes after the beginning", "povejte, od kdaj do kdaj je nastal posnetek; konec mora biti za začetkom"},
	{"say on what basis: the request that it answers", "povejte, na kakšni podlagi: zahteva, ki ji ugodi"},
	{"say on what basis: the request, the order or the incident that it is for", "povejte, na kakšni podlagi: zahteva, odredba ali incident"},
	{"say on what day it is to be reviewed", "povejte, katerega dne bo pregledano"},
	{"say who asks for it", "povejte, kdo ga želi"},
	{"the day of its review is more than a year away; a hold is looked at once a year at least", "dan pregleda je več kot leto daleč; zadržanje se pregleda vsaj enkrat na leto"},
	{"the day of its review, %s, has passed", "dan pregleda, %s, je minil"},

	// viewings
	{"%q is no ground of art. 18(2) GDPR: there are consent, claims, other person and public interest", "%s ni podlaga po členu 18(2) Splošne uredbe: podlage so consent, claims, other person in public interest"},
	{"it has not come yet", "ta čas še ni prišel"},
	{"it is longer than %d hours", "daljši je od %s ur"},
	{"say from when to when the footage was recorded", "povejte, od kdaj do kdaj je nastal posnetek"},
	{"the end comes after the beginning", "konec mora biti za začetkom"},
	{"there is no footage of that year", "iz tistega leta ni posnetkov"},
	{"a stream is main or sub", "pretok je main ali sub"},
	{"record %d of segment %v does not begin with a key frame", "zapis %s odseka %s se ne začne s ključno sliko"},
	{"say for what purpose", "povejte, s kakšnim namenom"},
	{"a request gives the purpose itself, and is for what was recorded", "zahteva namen določi sama in velja za posnetke, ne za sliko v živo"},
	{"the number of the case has to be text of at most %d characters", "številka zadeve je besedilo z največ %s znaki"},
	{"say what came of it: nothing found, secured, extract asked, reported or not stated", "povejte, kaj je iz tega nastalo: nothing found, secured, extract asked, reported ali not stated"},
	{"say which camera", "povejte, katera kamera"},
	{"that is no id of a purpose", "to ni oznaka namena"},
	{"the remark has to be text of at most %d characters", "opomba je besedilo z največ %s znaki"},

	// footage that is taken out
	{"say what footage is taken out", "povejte, kateri posnetki se izločijo"},
	{"say for what request", "povejte, za katero zahtevo"},
	{"say who asks: a session, or the person of an order", "povejte, kdo želi posnetke: prijavljena oseba ali tista, ki je paket naročila"},
	{"%d ranges of %d hours of footage are more than %d, or than %d hours, which one package takes: divide it",
		"%s odsekov, skupaj %s ur posnetkov: en paket jih sprejme največ %s oziroma %s ur; razdelite jih"},
	{"it is longer than %d hours: divide it", "daljši je od %s ur: razdelite ga"},
	{"it has %d gaps, more than one package states: divide it", "ima %s vrzeli, več, kot jih navede en paket: razdelite ga"},
	{"about %d MiB are needed, and there is room for %d MiB on the roomiest disk: ask for a shorter range, or have a disk added",
		"potrebnih je približno %s MiB, na najprostornejšem disku pa je prostora za %s MiB: zahtevajte krajši čas ali dajte dodati disk"},
	{"entry %d is no order for the request %s", "vpis %s ni naročilo paketa za zahtevo %s"},
}, requestReasons)

// parts are what stands in reasons for a part of a statement, and the same in Slovenian.
var parts = map[string]string{
	"the controller's name": "ime upravljavca", "the controller's address": "naslov upravljavca", "the controller's phone number": "telefon upravljavca",
	"the controller's e-mail address": "e-naslov upravljavca", "the controller's web address": "spletni naslov upravljavca",
	"the officer's name": "ime pooblaščene osebe", "the officer's phone number": "telefon pooblaščene osebe", "the officer's e-mail address": "e-naslov pooblaščene osebe",
	"a purpose": "namen", "the basis of a purpose": "podlaga namena", "the area": "območje", "the time that footage is kept": "čas hrambe",
	"the recipients": "uporabniki posnetkov", "the special effects": "posebni vplivi",
	"the transfers to third countries": "prenosi v tretje države", "other unusual processing": "druga neobičajna obdelava", "the reason for sound": "razlog za zvok",
	"the number": "številka", "the reasons": "razlogi", "a name": "ime",
}

// reasonForms are what texts that come of the formats look like, in their order.
var reasonForms = func() (list []*regexp.Regexp) {
	verbs := strings.NewReplacer("%q", `(".*")`, "%s", `(.*)`, "%v", `(.*)`, "%d", `(-?[0-9]+)`)
	for _, r := range reasons {
		list = append(list, regexp.MustCompile("^"+verbs.Replace(regexp.QuoteMeta(r.en))+"$"))
	}
	return list
}()

// reasonIn is a reason in a language; "" if there are no words for it.
func reasonIn(language, en string) string {
	if language == "en" {
		return en
	}
	for i, form := range reasonForms {
		found := form.FindStringSubmatch(en)
		if found == nil {
			continue
		}
		var filled []any
		for _, part := range found[1:] {
			if known := cmp.Or(parts[part], requestParts[part]); known != "" {
				part = known
			}
			filled = append(filled, part)
		}
		return fmt.Sprintf(reasons[i].sl, filled...)
	}
	return ""
}

// reasonOf is what an error says behind the words of its sentinel, once for each line of it.
func reasonOf(err, sentinel error, language string) string {
	var list []string
	for line := range strings.SplitSeq(err.Error(), "\n") {
		if _, en, ok := strings.Cut(line, sentinel.Error()+": "); ok {
			if said := reasonIn(language, en); said != "" {
				list = append(list, said)
			}
		}
	}
	return strings.Join(list, "; ")
}

package disclosure

// Warning is what a recipient is told expressly (ZVOP-2 art. 41; the rulebook, chapter IV): in the package, in the
// handover record, on the page of the download.
var Warning = Text{
	"Prejemnik sme posredovane osebne podatke obdelovati samo za namen, za uresničevanje katerega so mu bili posredovani.",
	"The recipient may process the personal data only for the purpose for which they were disclosed to him.",
}

// words are what stands in letters.
var words = map[string]Text{
	"missing":     {"Poziv k dopolnitvi zahteve za posredovanje posnetkov", "Request for footage: please complete it"},
	"refusal":     {"Zavrnitev zahteve za posredovanje posnetkov", "Request for footage: refused"},
	"extension":   {"Podaljšanje roka za odločitev o zahtevi za posredovanje posnetkov", "Request for footage: term extended"},
	"to":          {"Vlagatelj", "Applicant"},
	"request":     {"Zahteva", "Request"},
	"came":        {"prejeta", "received on"},
	"case":        {"Vaša zadeva", "Your case"},
	"number":      {"Številka", "Number"},
	"date":        {"Datum", "Date"},
	"incomplete":  {"Vaša zahteva ni popolna. Po 41. členu ZVOP-2 in notranjem pravilniku v njej manjka:", "Your request is incomplete. Under ZVOP-2 art. 41 it lacks:"},
	"complete":    {"Prosimo, da zahtevo dopolnite. Dokler ni popolna, posnetkov ne smemo posredovati; rok za odgovor teče od prejema popolne zahteve.", "Please complete it. Until then no footage may be disclosed; the term runs from the complete request."},
	"runs":        {"Prosimo, da zahtevo dopolnite. Rok za odgovor teče od prejema zahteve.", "Please complete it. The term runs from the receipt of the request."},
	"held":        {"Zahtevani posnetki, kolikor še obstajajo, so do odločitve zadržani in se ne izbrišejo, razen če zakon zahteva drugače.", "The footage, as far as it is still here, is held until the decision and not erased, unless the law requires otherwise."},
	"refused":     {"Vaši zahtevi ne ugodimo iz naslednjih razlogov:", "Your request is refused for these reasons:"},
	"complaint":   {"Pouk o pravici do pritožbe", "Your right to complain"},
	"complaintTo": {"Zoper to odločitev lahko vložite pritožbo pri Informacijskem pooblaščencu, Dunajska cesta 22, 1000 Ljubljana, telefon 01 230 97 30, www.ip-rs.si. Pravica do sodnega varstva ostaja nedotaknjena.", "You may lodge a complaint with the Information Commissioner, Dunajska cesta 22, 1000 Ljubljana, Slovenia, phone +386 1 230 97 30, www.ip-rs.si, and seek a judicial remedy."},
	"kept":        {"Zahtevani posnetki, kolikor še obstajajo, ostanejo zadržani, dokler zadržanja ne odpravi pooblaščena oseba.", "The footage, as far as it is still here, stays held until an authorised person releases it."},
	"agreed":      {"Kot smo se dogovorili, bomo o vaši zahtevi odločili najpozneje", "As agreed, your request will be decided by"},
	"how":         {"Dogovor", "Agreement"},
	"authorised":  {"Pooblaščena oseba", "Authorised person"},
}

package print

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"varuh/accesslog/diary/proof"
)

// operations are the words for operations. What is not here is written as it is in the leaf.
var operations = map[string]string{
	"anchor": "potrdilo od zunaj", "authorise": "pooblastilo", "authorise.end": "konec pooblastila",
	"authorise.sign": "podpis pooblastila", "backup": "varnostna kopija", "backup.destroyed": "uničenje varnostne kopije",
	"backup.mended": "popravek seznama kopij", "backup.removed": "odstranitev varnostne kopije", "clock.back": "preklic napačne ure", "clock.confirm": "potrditev ure", "clock.step": "nastavitev ure",
	"collect": "zbiranje", "collect.mended": "popravek stanja zbiranja", "config": "nastavitve", "diary.export": "izvoz dnevnika", "diary.read": "branje dnevnika",
	"disclose": "posredovanje", "erase.end": "konec izbrisa", "erase.start": "začetek izbrisa", "export": "izvoz posnetkov", "export.end": "konec izvoza posnetkov",
	"gap": "izpad", "handover": "predaja", "handover.end": "konec predaje", "hold.clear": "konec zadržanja", "hold.confirm": "potrditev zadržanja",
	"hold.lapse": "potek začasnega zadržanja", "hold.set": "zadržanje", "incident.erasure": "incident: izbris",
	"incident.open": "incident", "incident.rollback": "incident: dnevnik se je vrnil nazaj",
	"key.reading": "zamenjava bralnih ključev", "key.rotate": "zamenjava podpisnega ključa", "lock": "zaklep",
	"login": "prijava", "login.failed": "neuspela prijava", "logout": "odjava",
	"notice.add": "novo obvestilo", "notice.decide": "odločitev o videonadzoru", "notice.end": "konec obvestila",
	"notice.informed": "obvestitev zaposlenih", "origin.begin": "začetek dnevnika", "party.add": "nova zunanja stranka",
	"erase.package": "uničenje paketa", "package.cancel": "preklic izdelave paketa", "package.fail": "izdelava paketa ni uspela",
	"package.link": "povezava za prevzem paketa", "package.link.end": "konec povezave za prevzem", "package.link.use": "uporaba povezave za prevzem",
	"package.order": "naročilo paketa", "package.stage": "paket pripravljen za predajo",
	"person.add": "nova oseba", "person.change": "sprememba podatkov osebe", "person.link": "povezava za prvo osebo",
	"person.password": "zamenjava gesla", "person.recover": "nova gesla po uporabi obnovitvenega ključa",
	"person.remove": "odstranitev osebe", "person.reset": "ponastavitev gesla", "person.second": "drugi dejavnik prijave",
	"person.wrap": "dostop osebe do ključev", "pin.end": "konec ohranitve zapisov dnevnika", "pin.set": "ohranitev zapisov dnevnika",
	"policy.confirm": "potrditev roka hrambe", "policy.set": "rok hrambe", "prune": "izbris dela dnevnika",
	"prune.confirm": "potrditev izbrisa dela dnevnika", "recovery.used": "uporaba obnovitvenega ključa",
	"request.approve": "odobritev zahteve", "request.built": "izdelava paketa", "request.confirm": "potrditev prejema paketa",
	"request.expire": "uničenje neprevzetega paketa", "request.extend": "podaljšanje roka za odločitev", "request.handover": "predaja paketa",
	"request.law": "odločanje po posebnem zakonu", "request.receive": "prejem zahteve", "request.refuse": "zavrnitev zahteve",
	"request.release": "sprostitev zadržanj zahteve", "request.scan": "prejem pisne zahteve", "request.shown": "prikaz posnetkov v prostorih", "request.silence": "molk: zahteva se šteje za zavrnjeno",
	"request.supplement": "dopolnitev zahteve", "request.withdraw": "umik zahteve",
	"restore": "obnova iz varnostne kopije", "restrict.clear": "konec omejitve obdelave", "restrict.set": "omejitev obdelave",
	"start": "zagon", "state.digest": "zgoščene vrednosti stanja", "stop": "ustavitev", "store.lost": "izguba diska", "token.end": "konec žetona organa",
	"token.issue": "žeton za organ", "unlock": "odklep",
	"view.activity": "potek dogajanja", "view.aim": "slika za usmeritev kamere", "view.end": "konec vpogleda", "view.more": "nadaljevanje vpogleda",
	"view.refused": "zavrnjen vpogled", "view.start": "vpogled", "year.close": "zaključek leta",
}

// results are the words for what came of a viewing, or why it was refused. Others are written as they are in the body.
var results = map[string]string{
	"not built": "ni izdelan", "handed over": "predan", "term": "potek roka hrambe posnetkov", "lost": "izgubljen z diskom",
	"whole": "v celoti", "not fetched": "ni bil prevzet", "unknown": "ni znano, ali v celoti",
	"undone":        "zahteva zavrnjena, umaknjena ali sproščena",
	"nothing found": "nič najdenega", "secured": "zavarovano", "extract asked": "zahtevan izsek", "reported": "prijavljeno",
	"not stated": "ni navedeno", "cut off": "prekinjeno", "interrupted": "prekinjeno zaradi izpada sistema", "exported": "v paketu",
	"request": "zahteva tega zdaj ne dopušča", "purpose": "namen ob zajemu ni bil dovoljen", "live": "obvestilo ne dovoljuje spremljanja v živo", "sound": "obvestilo ne dovoljuje zvoka",
	"restricted": "obdelava je omejena", "role": "pooblastilo tega ne dovoljuje", "scope": "kamera ni v obsegu pooblastila",
	"look-back": "posnetek je starejši, kot dovoljuje pooblastilo", "premises": "dostop zunaj prostorov ni dovoljen",
	"not yet in force": "pooblastilo še ne velja", "expired": "pooblastilo je poteklo", "not signed": "pooblastilo ni podpisano",
	"password first": "geslo še ni zamenjano", "second factor first": "drugi dejavnik še ni nastavljen", "idle": "zaradi nedejavnosti",
}

// columns are the heads of the table.
var columns = []string{"Zapis", "Čas (UTC)", "Vrsta obdelave", "K zapisu", "Oseba", "Izkazano z", "Namen ali razlog",
	"Pravna podlaga", "Zadeva", "Uporabnik", "Kamera in obdobje", "Izid", "Opomba", "Drugo"}

// cells are an entry in the order of the columns.
func cells(r Row) []string {
	l := r.Leaf
	operation, known := operations[l.Op]
	if !known {
		operation = l.Op
	}
	ref := ""
	if l.Ref != nil {
		ref = fmt.Sprint(*l.Ref)
	}
	row := []string{fmt.Sprint(l.Index), moment(l.Time), operation, ref}
	b := r.Body
	if b == nil && r.Unreadable != "" {
		return append(row, "(VSEBINE NI MOGOČE ODPRETI: "+r.Unreadable+")", "", "", "", "", "", "", "", "", "")
	}
	if b == nil {
		return append(row, "(vsebina ni priložena)", "", "", "", "", "", "", "", "", "")
	}
	person, shown := "", ""
	if a := b.Actor; a != nil {
		parts := slices.DeleteFunc([]string{a.Name, a.ID, a.Role, a.Authorisation}, func(s string) bool { return s == "" })
		person, shown = strings.Join(parts, ", "), means(a.Proof)
	}
	rest := data(b)
	if r.Unreadable != "" {
		rest = strings.TrimPrefix(rest+"; (SEZNAMA NI MOGOČE ODPRETI: "+r.Unreadable+")", "; ")
	}
	return append(row, person, shown, b.Purpose, b.Basis, b.Case, b.Recipient, objects(b.Objects), result(l.Op, b.Result), b.Note, rest)
}

// result is what came of an operation; only those of viewings and of the lock have words of their own.
func result(op, text string) string {
	if word := results[text]; word != "" && (strings.HasPrefix(op, "view.") || op == "lock") {
		return word
	}
	return text
}

// means says how a person was known.
func means(proof string) string {
	switch proof {
	case "claimed on the console":
		return "navedba ob konzoli"
	case "password":
		return "geslo"
	case "password+totp":
		return "geslo in koda"
	case "password+one-time code":
		return "geslo in enkratna koda"
	case "token":
		return "žeton"
	case "recovery key":
		return "obnovitveni ključ"
	}
	return proof
}

func moment(t time.Time) string { return t.UTC().Format("2. 1. 2006 15:04:05") }

func objects(list []proof.Object) string {
	var parts []string
	for _, o := range list {
		parts = append(parts, fmt.Sprintf("%s: od %s do %s", o.Camera, moment(o.From), moment(o.To)))
	}
	return strings.Join(parts, "; ")
}

// data is what only the operation has, with the rest that has no column.
func data(b *proof.Body) string {
	var parts []string
	for name, v := range b.Data {
		name, v := inWords(name, v)
		parts = append(parts, fmt.Sprintf("%s: %v", name, v))
	}
	slices.Sort(parts)
	if b.Bytes != 0 {
		parts = append(parts, fmt.Sprintf("bajtov: %d", b.Bytes))
	}
	if b.Clock == "not synchronised" {
		parts = append(parts, "ura ni bila usklajena")
	}
	return strings.Join(parts, "; ")
}

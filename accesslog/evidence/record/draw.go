package record

import (
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"varuh/accesslog/evidence"
	"varuh/accesslog/pdf"
)

// draw is the paper, from top to bottom.
func (r Record) draw(p *pdf.Paper) {
	p.From(r.Controller)
	p.Title(title)
	p.Both(intro)
	r.handover(p)
	r.why(p)
	r.footage(p)
	r.clock(p)
	r.who(p)
	r.proof(p)
	p.Heading(pdf.Text{SL: "Opozorilo prejemniku", EN: "Warning to the recipient"})
	p.Boxed(pdf.Text(r.Warning))
	p.Both(signing)
	p.Signatures(pdf.Signer{Who: pdf.Text{SL: "Predal(a)", EN: "Handed over by"}, Name: r.By},
		pdf.Signer{Who: pdf.Text{SL: "Prevzel(a)", EN: "Received by"}, Name: r.Recipient.Name})
}

// handover is what, to whom, on what.
func (r Record) handover(p *pdf.Paper) {
	p.Heading(pdf.Text{SL: "Predaja", EN: "Handover"})
	var list []pdf.Fact
	if r.Number != "" {
		list = append(list, fact("Številka", "Number", r.Number))
	}
	if r.Built != "" {
		list = append(list, fact("Paket izdelal(a)", "Package built by", r.Built))
	}
	if d := r.Delivery; d.Entry != 0 {
		list = append(list, both("Izneseno iz naprave", "Taken out of the appliance", lines(d.Way.SL, r.moment(d.At), d.By), d.Way.EN),
			both("Zapis v dnevniku", "Entry in the diary", fmt.Sprintf("št. %d (predaja)", d.Entry), fmt.Sprintf("no. %d (handover)", d.Entry)))
	}
	p.Facts(append(list,
		fact("Predano dne", "Handed over on", r.moment(r.At)),
		fact("Predal(a)", "By", r.By),
		fact("Prevzel(a)", "Received by", r.Recipient.Name),
		fact("Organ ali družba", "Body or company", r.Recipient.Body),
		fact("Naziv oziroma čin", "Rank", r.Recipient.Rank),
		fact("Istovetnost ugotovljena", "Identity known by", r.Recipient.Known),
		fact("Nosilec", "Medium", r.Medium),
		fact("Paket", "Package", hex.EncodeToString(r.Manifest.ID[:])), // in one piece: nobody is to take it for the fingerprint
	))
}

// why is who asked, and by which law.
func (r Record) why(p *pdf.Paper) {
	q := r.Request
	p.Heading(pdf.Text{SL: "Zahteva in pravna podlaga", EN: "Request and legal basis"})
	id := fact("Zahteva", "Request", q.ID)
	if !q.Received.IsZero() {
		id.Value += ", prejeta " + r.moment(q.Received)
	}
	basis := fact("Pravna podlaga", "Legal basis", q.Basis.SL)
	basis.Gloss = q.Basis.EN
	list := []pdf.Fact{id, fact("Vlagatelj", "Applicant", lines(q.Applicant...))}
	// What no law asked for in this request is not written by hand afterwards.
	for _, f := range []pdf.Fact{fact("Podpisnik zahteve", "Signatory", q.Signatory), basis, fact("Namen", "Purpose", q.Purpose),
		fact("Zadeva", "Case", q.Case), fact("Predmet zadeve", "Subject of the case", q.Subject), fact("Organ, ki vodi zadevo", "Handling body", q.Body)} {
		if f.Value != "" {
			list = append(list, f)
		}
	}
	for _, s := range r.Approved {
		list = append(list, fact(s.What.SL, s.What.EN, lines(s.By, r.moment(s.At))))
	}
	if r.Single != "" {
		list = append(list, fact("Odločila ena sama oseba, ker", "Decided single-handed, because", r.Single))
	}
	p.Facts(list)
}

// clock says how far the times can be trusted.
func (r Record) clock(p *pdf.Paper) {
	c := r.Manifest.Clock
	p.Heading(pdf.Text{SL: "Ura", EN: "Clock"})
	zone := r.zone()
	list := []pdf.Fact{both("Časi v zapisniku", "Times in this record", zone.SL, zone.EN)}
	if c.Measured.IsZero() {
		list = append(list, both("Odstopanje", "Offset", "Ura naprave ni bila primerjana z zunanjim časom.", "The appliance's clock was not compared with outside time."))
	} else {
		by, surely := evidence.SecondsInWords(c.Offset), evidence.SecondsInWords(c.Uncertainty)
		list = append(list,
			both("Odstopanje", "Offset", fmt.Sprintf("Časom naprave je treba prišteti %s (± %s).", by.SL, surely.SL), fmt.Sprintf("Add %s to the appliance's times (± %s).", by.EN, surely.EN)),
			fact("Primerjano", "Compared", lines(r.moment(c.Measured), c.Source)))
	}
	for _, camera := range sorted(c.Cameras) {
		ahead := c.Cameras[camera]
		how, en, by := "prehiteva", "ahead", evidence.SecondsInWords(ahead.Abs())
		if ahead < 0 {
			how, en = "zaostaja", "behind"
		}
		list = append(list, both("Ura v sliki kamere "+r.Manifest.Named(camera), "Clock in the picture", fmt.Sprintf("%s za %s", how, by.SL), fmt.Sprintf("%s by %s", en, by.EN)))
	}
	for _, camera := range sorted(r.corrections()) {
		by := evidence.SecondsInWords(r.corrections()[camera])
		list = append(list, both("Popravek časov, kamera "+r.Manifest.Named(camera), "Correction of times",
			fmt.Sprintf("Ura naprave je bila nastavljena šele med snemanjem: časom prištejte do %s; za vsak posnetek pove preverjanje.", by.SL),
			fmt.Sprintf("The clock was set only while recording: add up to %s; verifying tells it for each clip.", by.EN)))
	}
	p.Facts(list)
}

// corrections are the largest of each camera.
func (r Record) corrections() map[string]time.Duration {
	all := map[string]time.Duration{}
	for _, s := range r.Manifest.Segments {
		if s.Correction.Abs() > all[s.Camera].Abs() {
			all[s.Camera] = s.Correction
		}
	}
	return all
}

// who saw the footage, and what is held.
func (r Record) who(p *pdf.Paper) {
	p.Heading(pdf.Text{SL: "Kdo je posnetke gledal pred predajo", EN: "Who saw the footage before the handover"})
	until := pdf.Text{SL: "do izdelave paketa", EN: "until the package was built"}
	if r.Delivery.Entry != 0 {
		until = pdf.Text{SL: "do predaje paketa", EN: "until the package was handed over"}
	}
	switch {
	case len(r.Seen) > 0:
		var rows [][]pdf.Text
		for _, s := range limited(r.Seen) {
			rows = append(rows, []pdf.Text{own(s.By), own(r.span(s.From, s.To)), own(s.Purpose)})
		}
		p.Table([]pdf.Column{{Label: pdf.Text{SL: "Oseba", EN: "Person"}, Wide: 4}, {Label: pdf.Text{SL: "Kdaj", EN: "When"}, Wide: 5}, {Label: pdf.Text{SL: "Namen", EN: "Purpose"}, Wide: 5}}, rows)
		more(p, len(r.Seen), "dnevnik", "the diary")
	case r.Unread > 0 || len(r.Restored) > 0 || !r.Pruned.IsZero():
		p.Both(pdf.Text{SL: "Zapisi, ki jih je mogoče prebrati, ne povedo, da bi zahtevane posnetke " + until.SL + " kdo gledal.", EN: "The entries that can be read tell of nobody who saw the footage " + until.EN + "."})
	default:
		p.Both(pdf.Text{SL: "Po dnevniku naprave zahtevanih posnetkov " + until.SL + " ni gledal nihče.", EN: "By the diary, nobody saw the footage " + until.EN + "."})
	}
	if r.Unread > 0 {
		p.Both(pdf.Text{SL: fmt.Sprintf("Zapisi o vpogledih, ki jih ni mogoče prebrati: %d. Kdo je takrat gledal in katere posnetke, ni znano.", r.Unread),
			EN: fmt.Sprintf("Entries about viewings that can't be read: %d. Who saw which footage by those is not known.", r.Unread)})
	}
	r.limits(p)
	p.Heading(pdf.Text{SL: "Zadržanje izvirnih posnetkov", EN: "Hold on the originals"})
	if len(r.Holds) == 0 {
		p.Both(pdf.Text{SL: "Izvirni posnetki niso zadržani: naprava jih izbriše, ko poteče njihov rok.", EN: "The originals are not held: the appliance erases them when their term is over."})
		return
	}
	p.Both(pdf.Text{SL: "Izvirni posnetki ostanejo v napravi zadržani, dokler zadržanja ne odpravi pooblaščena oseba ali dokler zakon ne zahteva izbrisa.",
		EN: "The originals stay held in the appliance until an authorised person releases them, or the law requires their erasure."})
	var rows [][]pdf.Text
	for _, h := range limited(r.Holds) {
		rows = append(rows, []pdf.Text{own(h.ID), own(r.Manifest.Named(h.Camera)), own(r.span(h.From, h.To))})
	}
	p.Table([]pdf.Column{{Label: pdf.Text{SL: "Zadržanje", EN: "Hold"}, Wide: 4}, {Label: pdf.Text{SL: "Kamera", EN: "Camera"}, Wide: 3}, {Label: pdf.Text{SL: "Posnetki od – do", EN: "Footage from – to"}, Wide: 7}}, rows)
	more(p, len(r.Holds), "dnevnik", "the diary")
}

// limits say of which viewings the diary can't tell any more.
func (r Record) limits(p *pdf.Paper) {
	if !r.Pruned.IsZero() {
		p.Both(pdf.Text{SL: fmt.Sprintf("Zapisi dnevnika izpred %s so izbrisani, ker je potekel njihov rok, razen tistih, ki jih ohranja zadržanje posnetkov.", r.moment(r.Pruned)),
			EN: fmt.Sprintf("Entries of the diary from before %s were erased when their term was over, but for those that a hold on footage keeps.", r.moment(r.Pruned))})
	}
	for _, at := range limited(r.Restored) {
		p.Both(pdf.Text{SL: fmt.Sprintf("Naprava je bila %s obnovljena iz varnostne kopije: vpogledi od izdelave kopije do takrat morda niso zapisani.", r.moment(at)),
			EN: fmt.Sprintf("The appliance was put back from a copy on %s: viewings between that copy and then may not be entered.", r.moment(at))})
	}
	more(p, len(r.Restored), "dnevnik", "the diary")
}

// proof is what tells this package from another.
func (r Record) proof(p *pdf.Paper) {
	p.Heading(pdf.Text{SL: "Overjanje", EN: "Authenticity"})
	p.Both(proves)
	print := strings.Fields(r.Key.Fingerprint())
	fingerprint := strings.Join(print, " ")
	p.Digits(pdf.Text{SL: "Prstni odtis ključa naprave (v kodi QR isto besedilo)", EN: "Fingerprint of the appliance's key (the QR code has the same text)"},
		[]string{strings.Join(print[:len(print)/2], " "), strings.Join(print[len(print)/2:], " ")}, fingerprint)
	p.Digits(pdf.Text{SL: "SHA-256 datoteke manifest.json", EN: "SHA-256 of the file manifest.json"}, pdf.Groups(hex.EncodeToString(r.Hash[:]), 8), "")
	p.Facts([]pdf.Fact{
		both("Postopek", "Method", "Zgostitev SHA-256 (FIPS 180-4) vseh bajtov datoteke manifest.json, šestnajstiško. Seznam je podpisan z Ed25519 (RFC 8032) v manifest.sig in vsebuje SHA-256 vsake datoteke, ki je bila takrat v paketu; SHA256SUMS.txt poleg teh našteje še dokazila in zapisnik, podpisan je v SHA256SUMS.sig.",
			"SHA-256 (FIPS 180-4) of all bytes of manifest.json, in hexadecimal. It is signed with Ed25519 (RFC 8032) in manifest.sig, and has the SHA-256 of each file that was there then; SHA256SUMS.txt lists the proofs and this record as well, signed in SHA256SUMS.sig."),
		both("Prstni odtis", "Fingerprint", "Prvih 16 bajtov SHA-256 besedila ključa, ki je v manifest.json pod imenom key.", "The first 16 bytes of the SHA-256 of the key's text, which is in manifest.json by the name key."),
		both("Zapis v dnevniku", "Entry in the diary", fmt.Sprintf("št. %d (posredovanje); izvoz je zapis št. %d", r.Disclose, r.Manifest.Export), fmt.Sprintf("no. %d (disclose); the export is entry no. %d", r.Disclose, r.Manifest.Export)),
		fact("Program", "Software", "varuh "+r.Manifest.Software),
	})
	p.Together(35) // the text and its commands
	p.Space(2)
	p.Both(compute)
	p.Code(Commands)
}

// Commands compute the hash of the manifest without any program of ours.
var Commands = []string{
	"certutil -hashfile manifest.json SHA256     Windows",
	"sha256sum manifest.json                     Linux",
	"shasum -a 256 manifest.json                 macOS",
}

func fact(sl, en, value string) pdf.Fact {
	return pdf.Fact{Label: pdf.Text{SL: sl, EN: en}, Value: value}
}

func both(sl, en, value, gloss string) pdf.Fact {
	f := fact(sl, en, value)
	f.Gloss = gloss
	return f
}

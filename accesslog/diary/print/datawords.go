package print

// dataNames are the words for what only some operations have. What is not here is written as it is in the body.
var dataNames = map[string]string{
	"addresses": "naslovi", "assessment": "ocena tveganja", "begins": "začetek veljavnosti", "below": "pregledano do zapisa", "camera": "kamera",
	"cameras": "kamere", "case": "zadeva", "count": "število", "damaged": "poškodovanih", "date": "datum", "entered_later": "vpisano pozneje",
	"entries": "zapisov", "expires": "velja do", "from": "od", "ground": "razlog", "held": "zadržanih", "hold": "zadržanje", "holder": "nosilec",
	"kind": "vrsta", "language": "jezik", "late": "pozneje", "leases": "odobritev", "live": "v živo", "lost": "izgubljenih", "name": "ime",
	"names": "imena", "newest": "od zadnjega", "no_code": "brez kode", "not_in_force": "brez veljavnega pooblastila", "notice": "obvestilo",
	"number": "številka", "old_login": "prejšnje prijavno ime", "old_name": "prejšnje ime", "old_origin": "prejšnji izvor", "op": "vrsta obdelave", "opened": "odprto",
	"opened_by": "odprla oseba", "opened_by_name": "odprl(a)", "paper": "listina z dne", "past_term": "prek roka", "person": "oseba",
	"purpose": "namen", "ranges": "obdobij", "remark": "opomba", "replaces": "nadomešča", "restriction": "omejitev", "review": "pregled dne",
	"second_id": "druga oseba", "second_name": "ime druge osebe", "second_proof": "druga oseba izkazana z", "segment": "odsek", "segments": "odsekov",
	"since": "od časa", "size": "velikost dnevnika", "stated_by": "izjavlja", "stream": "pretok", "term_basis": "podlaga za preseganje roka",
	"content": "vsebina", "content_entry": "zapis z vsebino", "delivered": "posredovanih obdobij", "disclose": "zapis posredovanja", "due": "rok", "gone": "ne obstaja več", "holds": "zadržanja",
	"identity": "istovetnost izkazana z", "manifest": "zgoščena vrednost seznama", "medium": "nosilec podatkov", "missing": "manjka", "received": "prejeto",
	"request": "zahteva", "rule": "pravilo", "scan": "zgoščena vrednost skena", "single_handed": "odobrila ena oseba", "single_reason": "zakaj ena oseba",
	"state": "stanje", "warned": "prejemnik opozorjen", "way": "pot",
	"left":      "preostalih",
	"package":   "paket",
	"encrypted": "šifrirano",
	"sound":     "zvok",
	"order":     "naročilo",
	"to":        "do", "until": "do časa", "viewing": "vpogled", "wrong_code": "napačna koda", "year": "leto",
}

// values are the words for values that all such names have.
var values = map[any]string{"yes": "da", "no": "ne"}

// inWords is a name with its value, in words.
func inWords(name string, v any) (string, any) {
	if word, known := dataNames[name]; known {
		name = word
	}
	if word, known := values[v]; known {
		return name, word
	}
	return name, v
}

package main

import "bytes"

// strangers are files that people give by mistake, by how they begin, and what to give instead.
var strangers = []struct {
	begin  string
	sl, en string
}{
	{"SQLite format 3\x00", "To je podatkovna baza (morda varuh.db z naprave). Preverja se izvoz; na napravi ga naredi: varuh diary export --out dnevnik.zip",
		"This is a database (perhaps varuh.db of an appliance). What is checked is an export; on the appliance: varuh diary export --out dnevnik.zip"},
	{"%PDF-", "To je PDF, namenjen branju. Podajte sveženj, datoteko ZIP, iz katere je.", "This is a PDF, for reading. Give the bundle, the ZIP file that it is from."},
	{"7z\xbc\xaf\x27\x1c", "To je arhiv 7z. Razširite ga s programom 7-Zip in podajte, kar je v njem.", "This is a 7z archive. Unpack it with 7-Zip, and give what is in it."},
	{"Rar!", "To je arhiv RAR. Razširite ga in podajte, kar je v njem.", "This is a RAR archive. Unpack it, and give what is in it."},
	{"\x1f\x8b", "To je stisnjena datoteka (gzip). Razširite jo in podajte, kar je v njej.", "This is a compressed file (gzip). Unpack it, and give what is in it."},
	{"\x89PNG", "To je slika. Podajte sveženj, datoteko ZIP.", "This is a picture. Give the bundle, a ZIP file."},
	{"\xff\xd8\xff", "To je slika. Podajte sveženj, datoteko ZIP.", "This is a picture. Give the bundle, a ZIP file."},
	{"<", "To je stran za branje. Podajte sveženj, datoteko ZIP, iz katere je.", "This is a page for reading. Give the bundle, the ZIP file that it is from."},
	{"Zapis;", "To je preglednica za branje. Podajte sveženj, datoteko ZIP, iz katere je.", "This is a table for reading. Give the bundle, the ZIP file that it is from."},
	{"MZ", "To je program. Podajte sveženj, datoteko ZIP.", "This is a program. Give the bundle, a ZIP file."},
}

// stranger says what a file is that nothing here reads.
func stranger(name string, head []byte) error {
	head = bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\ufeff")), " \t\r\n")
	if len(head) == 0 {
		return refuse(nil, "%s: datoteka je prazna. Prenesite ali kopirajte jo znova.", "%s: the file is empty. Download or copy it again.", name)
	}
	for _, s := range strangers {
		if bytes.HasPrefix(head, []byte(s.begin)) {
			return refuse(nil, "%[1]s: "+s.sl, "%[1]s: "+s.en, name)
		}
	}
	return refuse(nil, "%s: te datoteke varuh-verify ne prepozna. Podajte sveženj (ZIP), dokaz enega zapisa (.tlog-proof) ali dve kontrolni točki.",
		"%s: varuh-verify does not know what this is. Give a bundle (ZIP), the proof of an entry (.tlog-proof) or two checkpoints.", name)
}

package main

import "bytes"

// strangers are files that people give by mistake, by what they have at their beginning, and what to give instead.
var strangers = []struct {
	at     int // bytes before it
	begin  string
	sl, en string
}{
	{4, "ftyp", "To je posnetek. Podajte mapo paketa, v kateri je.", "This is a clip. Give the folder of the package that it is in."},
	{0, "SQLite format 3\x00", "To je podatkovna baza (morda varuh.db z naprave). Preverja se izvoz; na napravi ga naredi: varuh diary export --out dnevnik.zip",
		"This is a database (perhaps varuh.db of an appliance). What is checked is an export; on the appliance: varuh diary export --out dnevnik.zip"},
	{0, "%PDF-", "To je PDF, namenjen branju. Podajte sveženj ali paket (ZIP ali mapo), iz katerega je.", "This is a PDF, for reading. Give the bundle or the package (a ZIP or a folder) that it is from."},
	{0, "7z\xbc\xaf\x27\x1c", "To je arhiv 7z. Razširite ga s programom 7-Zip in podajte, kar je v njem.", "This is a 7z archive. Unpack it with 7-Zip, and give what is in it."},
	{0, "Rar!", "To je arhiv RAR. Razširite ga in podajte, kar je v njem.", "This is a RAR archive. Unpack it, and give what is in it."},
	{0, "\x1f\x8b", "To je stisnjena datoteka (gzip). Razširite jo in podajte, kar je v njej.", "This is a compressed file (gzip). Unpack it, and give what is in it."},
	{0, "\x89PNG", "To je slika. Podajte sveženj (ZIP) ali paket (ZIP ali mapo).", "This is a picture. Give the bundle (a ZIP) or the package (a ZIP or a folder)."},
	{0, "\xff\xd8\xff", "To je slika. Podajte sveženj (ZIP) ali paket (ZIP ali mapo).", "This is a picture. Give the bundle (a ZIP) or the package (a ZIP or a folder)."},
	{0, "<", "To je stran za branje. Podajte sveženj ali paket (ZIP ali mapo), iz katerega je.", "This is a page for reading. Give the bundle or the package (a ZIP or a folder) that it is from."},
	{0, "Zapis;", "To je preglednica za branje. Podajte sveženj ali paket (ZIP ali mapo), iz katerega je.", "This is a table for reading. Give the bundle or the package (a ZIP or a folder) that it is from."},
	{0, "MZ", "To je program. Podajte sveženj (ZIP) ali paket (ZIP ali mapo).", "This is a program. Give the bundle (a ZIP) or the package (a ZIP or a folder)."},
}

// stranger says what a file is that nothing here reads.
func stranger(name string, head []byte) error {
	head = bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\ufeff")), " \t\r\n")
	if len(head) == 0 {
		return refuse(nil, "%s: datoteka je prazna. Prenesite ali kopirajte jo znova.", "%s: the file is empty. Download or copy it again.", name)
	}
	for _, s := range strangers {
		if bytes.HasPrefix(head[min(s.at, len(head)):], []byte(s.begin)) {
			return refuse(nil, "%[1]s: "+s.sl, "%[1]s: "+s.en, name)
		}
	}
	return refuse(nil, "%s: te datoteke varuh-verify ne prepozna. Podajte paket ali sveženj (ZIP ali mapo), dokaz enega zapisa (.tlog-proof) ali dve kontrolni točki.",
		"%s: varuh-verify does not know what this is. Give a package or a bundle (a ZIP or a folder), the proof of an entry (.tlog-proof) or two checkpoints.", name)
}

package proof

import "testing"

func TestSamePerson(t *testing.T) {
	t.Parallel()
	for _, p := range [][2]string{
		{"Nguyễn Lan", "Nguye\u0302\u0303n Lan"}, {"Ǎna", "A\u030cna"}, {"Ivȃn", "Iva\u0311n"}, {"Ẑiva", "Z\u0302iva"}, {"Ḱ", "K\u0301"},
		{"Živa Črnko", "ziva crnko"}, {"ǅivo", "Dživo"}, {"İvan", "Ivan"}, {"IVAN", "ıvan"}, {"Straße", "STRASSE"}, {"STRAẞE", "strasse"},
		{"Đorđe Łuk", "Dorde Luk"}, {"Ægir", "Aegir"}, {"Ｊože", "Jože"}, {"ﬁlip", "Filip"}, {"ΝΙΚΟΣ", "Νίκος"},
		{"Ana Kovač", "Ana Kovač\u3164"}, {"Ana\u2800Kovač", "Ana Kovač"}, {"Ana\u3164Kovač", "Kovač Ana"}, {"Ko\u3164vač Ana", "Ana Kovač"},
		{"Ana\u00adx", "Anax"}, {"Ana\ufe0f", "Ana"}, {"\u200eAna\u200b", "Ana"}, {"An\u2800a", "Ana"}, {"Ana\U000e0001", "Ana"},
		{"Jože.", "Jože"}, {"Ana-Marija", "Ana  Marija"}, {"O'Hara", "O’Hara"}, {"O'Hara", "OHara"}, {"Kovač, Ana", "Ana Kovač"}, {"Ana Ana Kovač", "Ana Kovač"},
		{"7", "７"}, {"7", " 7."}, {"...", "!"},
	} {
		if !SamePerson(p[0], p[1]) || !SamePerson(p[1], p[0]) {
			t.Errorf("%q and %q are two persons", p[0], p[1])
		}
	}
	for _, p := range [][2]string{
		{"Ana Kovač", "Ana Novak"}, {"Ana Kovač", "Anja Kovač"}, {"12", "21"}, {"1", "11"}, {"Ana", "Ana Kovač"}, {"Αλέξης", "Άννα"}, {"राम", "रीमा"}, {"李娜", "李明"},
	} {
		if SamePerson(p[0], p[1]) {
			t.Errorf("%q and %q are one person", p[0], p[1])
		}
	}
}

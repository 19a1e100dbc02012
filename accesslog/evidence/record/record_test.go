package record_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"varuh/accesslog/diary/proof"
	"varuh/accesslog/evidence"
	"varuh/accesslog/evidence/record"
	"varuh/accesslog/pdf/pdftest"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

var dawn = time.Date(2026, 11, 21, 6, 30, 0, 0, time.UTC)

// whole is a record with something of everything.
func whole(t testing.TB) record.Record {
	t.Helper()
	_, key, err := proof.NewSigningKey("sola.example/varuh/4f2a9c31d07be856/dnevnik")
	must(t, err)
	zone, err := time.LoadLocation("Europe/Ljubljana")
	must(t, err)
	at := func(minutes int) time.Time { return dawn.Add(time.Duration(minutes) * time.Minute) }
	tracks := []evidence.Track{{Entry: "avc1"}, {Entry: "mp4a", Sound: true}}
	return record.Record{
		Controller: []string{"Osnovna šola Primer", "Šolska ulica 1, 1000 Ljubljana"}, Number: "071-4/2026", Made: at(600), Zone: zone,
		At: at(620), By: "Žiga Čuden, tajnik", Built: "Ana Črnič", Medium: "ključ USB, oznaka A-17",
		Recipient: record.Recipient{Name: "Špela Šuštar Đurić", Body: "Policijska postaja Primer", Rank: "višja policistka", Known: "službena izkaznica št. 12345"},
		Request: record.Request{ID: "z-2026-0004", Received: at(60), Applicant: []string{"Policijska postaja Primer", "Cesta 2, 1000 Ljubljana", "matična številka 1234567000"},
			Signatory: "Jože Žagar, komandir", Basis: proof.Sentence{SL: "ZKP, 148. člen", EN: "Criminal Procedure Act (ZKP), art. 148"},
			Purpose: "Ugotovitev storilca poškodovanja vhodnih vrat v noči na 21. 11. 2026.", Case: "KU 1/2026", Subject: "poškodovanje tuje stvari", Body: "Policijska postaja Primer"},
		Approved: []record.Step{{What: proof.Sentence{SL: "Odobril(a)", EN: "Approved by"}, By: "Metka Kovač, ravnateljica", At: at(300)}},
		Single:   "Ravnateljica je odsotna, zadeva je nujna.",
		Manifest: evidence.Manifest{About: evidence.About{ID: [16]byte{0x5f, 0x20, 0x91, 0xab, 0xcd, 0xef, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}, Software: "v1.0.0", Export: 4711, Cameras: map[string]string{"vhod": "Glavni vhod"},
			Asked: []evidence.Range{{Camera: "vhod", From: at(0), To: at(180)}, {Camera: "dvorišče", From: at(0), To: at(60 * 24)}},
			Clock: evidence.Clock{Source: "NTP, ntp1.arnes.si", Offset: 12 * time.Millisecond, Uncertainty: 3 * time.Millisecond, Measured: at(1), Cameras: map[string]time.Duration{"vhod": -1500 * time.Millisecond}},
			Gaps:  []evidence.Gap{{Camera: "vhod", From: at(100), To: at(110), Cause: "unreachable"}, {Camera: "dvorišče", From: at(180), To: at(60 * 24), Cause: "erased"}}},
			Clips: []evidence.Clip{{Camera: "vhod", Stream: "main", From: at(0), To: at(90), Tracks: tracks, Fragments: 5400, Lost: 3, Silent: 2}, {Camera: "vhod", Stream: "main", From: at(90), To: at(100), Tracks: tracks, Fragments: 600},
				{Camera: "vhod", Stream: "main", From: at(110), To: at(180), Tracks: tracks, Fragments: 4200}, {Camera: "dvorišče", Stream: "main", From: at(0), To: at(180), Tracks: []evidence.Track{{Entry: "hvc1"}}, Fragments: 10800}},
			Segments: []evidence.Segment{{Camera: "dvorišče", Correction: 2 * time.Second}}},
		Hash: proof.Hash(sha256.Sum256([]byte("manifest"))), Key: key, Disclose: 4712,
		Seen:    []record.Seen{{By: "Metka Kovač, ravnateljica", From: at(200), To: at(215), Purpose: "odločitev o zahtevi z-2026-0004"}},
		Holds:   []record.Hold{{ID: "h-31", Camera: "vhod", From: at(0), To: at(180)}},
		Warning: proof.Sentence{SL: "Prejemnik sme posredovane osebne podatke obdelovati samo za namen, za uresničevanje katerega so mu bili posredovani.", EN: "The recipient may process the personal data only for the purpose for which they were disclosed to him."},
	}
}

func written(t testing.TB, r record.Record) []byte {
	t.Helper()
	var b bytes.Buffer
	must(t, record.PDF(&b, r))
	return b.Bytes()
}

// read is the text of a record, its words one space apart.
func read(t *testing.T, r record.Record) string {
	t.Helper()
	return pdftest.Text(t, written(t, r))
}

// All that the record is for stands on it, as people write it.
func TestSaysAll(t *testing.T) {
	t.Parallel()
	r := whole(t)
	text := read(t, r)
	for _, want := range []string{
		"Zapisnik o predaji posnetkov", "Osnovna šola Primer", "071-4/2026", "Predano dne 21. 11. 2026 ob 17.50.00", "Žiga Čuden, tajnik", "ključ USB, oznaka A-17",
		"Špela Šuštar Đurić", "Policijska postaja Primer", "višja policistka", "službena izkaznica št. 12345",
		"z-2026-0004, prejeta 21. 11. 2026 ob 08.30.00", "matična številka 1234567000", "Jože Žagar, komandir", "ZKP, 148. člen", "Criminal Procedure Act (ZKP), art. 148",
		"Ugotovitev storilca", "KU 1/2026", "poškodovanje tuje stvari", "Metka Kovač, ravnateljica", "Odločila ena sama oseba, ker Ravnateljica je odsotna, zadeva je nujna.",
		"vhod (Glavni vhod) 21. 11. 2026 ob 07.30.00 – 10.30.00",                              // asked for
		"dvorišče 21. 11. 2026 ob 07.30.00 – 22. 11. 2026 ob 07.30.00",                        // likewise
		"vhod (Glavni vhod) 21. 11. 2026 ob 07.30.00 – 09.10.00 slika in zvok (H.264, AAC) 2", // delivered, in two clips
		"vhod (Glavni vhod) 21. 11. 2026 ob 09.20.00 – 10.30.00 slika in zvok (H.264, AAC) 1", // after the gap
		"dvorišče 21. 11. 2026 ob 07.30.00 – 10.30.00 slika (H.265) 1",                        // delivered
		"vhod (Glavni vhod) 21. 11. 2026 ob 09.10.00 – 09.20.00 kamera se ne odziva",          // a gap
		"the camera does not answer", "posnetek je bil izbrisan", "V 3 od 21000 odlomkov", // its cause, and loss
		"Časom naprave je treba prišteti 0,012 s (± 0,003 s).", "NTP, ntp1.arnes.si", "Add 0.012 s", "zaostaja za 1,500 s", "2,000 s; za vsak posnetek pove preverjanje", "Europe/Ljubljana",
		"odločitev o zahtevi z-2026-0004", "h-31 vhod (Glavni vhod)", "Posnetek se začne z zadnjo celo sliko pred zahtevanim časom", "št. 4712 (posredovanje); izvoz je zapis št. 4711", "varuh v1.0.0",
		"Paket izdelal(a) Ana Črnič", "Zvok, ki je bil posnet, ni predan", "SHA-256 (FIPS 180-4)", "Ed25519 (RFC 8032)", "sha256sum manifest.json", "Prejemnik sme posredovane osebne podatke", "S podpisom prejemnik potrjuje",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the record does not say %q\n%s", want, text)
		}
	}
	digits := strings.ReplaceAll(text, " ", "")
	for _, want := range []string{fmt.Sprintf("%x", r.Hash[:]), strings.ReplaceAll(r.Key.Fingerprint(), " ", ""), fmt.Sprintf("%x", r.Manifest.ID[:])} {
		if !strings.Contains(digits, want) {
			t.Errorf("the record does not have %s", want)
		}
	}
	if half := r.Key.Fingerprint()[:19]; !strings.Contains(text, half) {
		t.Errorf("the fingerprint is not in groups of four: %s", half)
	}
}

// That nobody saw the footage is not said where the diary can't be read to the end, and how many are left out is said.
func TestSeenInPart(t *testing.T) {
	t.Parallel()
	r := whole(t)
	r.Unread, r.Seen = 2, nil
	if text := read(t, r); strings.Contains(text, "ni gledal nihče") || !strings.Contains(text, "ki jih ni mogoče prebrati: 2") || !strings.Contains(text, "can't be read: 2") {
		t.Errorf("nobody is known, and two entries can't be read:\n%s", text)
	}
	r.Unread, r.Seen = 1, slices.Repeat(whole(t).Seen, 125)
	if text := read(t, r); !strings.Contains(text, "Še 5; vse ima dnevnik.") || !strings.Contains(text, "ki jih ni mogoče prebrati: 1") {
		t.Errorf("125 viewings, and one entry can't be read:\n%s", text)
	}
}

// What is not known yet is left to be written by hand, and what there is none of is said.
func TestUnknownIsLeft(t *testing.T) {
	t.Parallel()
	r := whole(t)
	r.At, r.By, r.Medium, r.Recipient, r.Number, r.Single = time.Time{}, "", "", record.Recipient{}, "", ""
	r.Manifest.Gaps, r.Manifest.Clock, r.Seen, r.Holds, r.Zone = nil, evidence.Clock{}, nil, nil, nil
	text := read(t, r)
	for _, want := range []string{"Predano dne", "Prevzel(a)", "Istovetnost ugotovljena", "Nosilec", "ni zabeležen noben izpad", "ni bila primerjana z zunanjim časom", "ni gledal nihče", "niso zadržani",
		"Časi v zapisniku UTC", "21. 11. 2026 ob 06.30.00 – 09.30.00"} {
		if !strings.Contains(text, want) {
			t.Errorf("the record does not say %q\n%s", want, text)
		}
	}
	for _, not := range []string{"1. 1. 1", "0001", "ena sama oseba", "Številka Number", "%!"} {
		if strings.Contains(text, not) {
			t.Errorf("the record says %q", not)
		}
	}
}

// Times can be read by who does not know the zone, also where the clocks were set between the footage and the handover.
func TestOffsets(t *testing.T) {
	t.Parallel()
	autumn := time.Date(2026, 10, 25, 0, 0, 0, 0, time.UTC) // an hour before the clocks in Slovenia go back from 3 to 2
	for name, tt := range map[string]struct {
		zone     string
		from, to time.Time
		want     []string
	}{
		"winter":   {"Europe/Ljubljana", dawn, dawn.Add(time.Hour), []string{"Časi v zapisniku Europe/Ljubljana, UTC+1 "}},
		"autumn":   {"Europe/Ljubljana", autumn.Add(30 * time.Minute), autumn.Add(90 * time.Minute), []string{"Europe/Ljubljana, UTC+2; od 25. 10. 2026 ob 02.00.00 UTC+1", "25. 10. 2026 ob 02.30.00 (UTC+2) – 02.30.00 (UTC+1)"}},
		"half":     {"Asia/Kolkata", dawn, dawn.Add(time.Hour), []string{"Asia/Kolkata, UTC+5:30"}},
		"west":     {"America/St_Johns", dawn, dawn.Add(time.Hour), []string{"America/St_Johns, UTC-3:30"}},
		"undated":  {"Europe/Ljubljana", time.Unix(60, 0), time.Unix(120, 0), []string{"Europe/Ljubljana, UTC+1 ali UTC+2"}},
		"nowhere":  {"UTC", dawn, dawn.Add(time.Hour), []string{"Časi v zapisniku UTC"}},
		"Scotland": {"Europe/London", dawn, dawn.Add(time.Hour), []string{"Europe/London, UTC"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := whole(t)
			var err error
			r.Zone, err = time.LoadLocation(tt.zone)
			must(t, err)
			r.Manifest.Asked = []evidence.Range{{Camera: "vhod", From: tt.from, To: tt.to}}
			text := read(t, r)
			for _, want := range tt.want {
				if !strings.Contains(text, want) {
					t.Errorf("the record does not say %q\n%s", want, text)
				}
			}
		})
	}
}

// What nobody could sign for is refused.
func TestIncomplete(t *testing.T) {
	t.Parallel()
	for what, spoil := range map[string]func(*record.Record){
		"controller": func(r *record.Record) { r.Controller = nil }, "request": func(r *record.Record) { r.Request.ID = "" }, "basis": func(r *record.Record) { r.Request.Basis = proof.Sentence{} },
		"clips": func(r *record.Record) { r.Manifest.Clips = nil }, "hash": func(r *record.Record) { r.Hash = proof.Hash{} }, "key": func(r *record.Record) { r.Key = proof.Key{} },
		"warning": func(r *record.Record) { r.Warning = proof.Sentence{} },
	} {
		r := whole(t)
		spoil(&r)
		var b bytes.Buffer
		if err := record.PDF(&b, r); !errors.Is(err, record.ErrIncomplete) || b.Len() > 0 {
			t.Errorf("without %s: %v, %d bytes", what, err, b.Len())
		}
	}
}

// The same record has the same bytes, and however much is in the package, it has an end and says where the rest is.
func TestSameBytesAndBounded(t *testing.T) {
	t.Parallel()
	r := whole(t)
	for n := range 10_000 {
		at := dawn.Add(time.Duration(n) * time.Hour)
		r.Manifest.Gaps = append(r.Manifest.Gaps, evidence.Gap{Camera: "vhod", From: at, To: at.Add(time.Minute), Cause: "silent"})
	}
	a := written(t, r)
	if !bytes.Equal(a, written(t, r)) {
		t.Error("the same record has other bytes")
	}
	if len(a) > 1<<20 {
		t.Errorf("%d bytes", len(a))
	}
	if text := read(t, r); !strings.Contains(text, "Še 9882; vse ima manifest.json.") {
		t.Error("the record does not say how many gaps it leaves out")
	}
}

// The command on the record computes the hash on the record.
func TestCommand(t *testing.T) {
	t.Parallel()
	r, dir := whole(t), t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "manifest.json"), []byte("manifest"), 0o600)) // what its hash is of
	i := slices.IndexFunc(record.Commands, func(c string) bool { return strings.HasSuffix(c, " Linux") })
	cmd := exec.CommandContext(t.Context(), "sh", "-c", strings.TrimSuffix(record.Commands[i], "Linux"))
	cmd.Dir = dir
	out, err := cmd.Output()
	if err != nil || !strings.HasPrefix(string(out), fmt.Sprintf("%x ", r.Hash[:])) {
		t.Errorf("%v: %s", err, out)
	}
}

// The QR code has the fingerprint, as somebody else's program reads it.
func TestQR(t *testing.T) {
	t.Parallel()
	path, err := exec.LookPath("zbarimg")
	if err != nil && os.Getenv("CI") == "" {
		t.Skip("zbarimg is missing: apt-get install zbar-tools")
	}
	must(t, err)
	r, dir := whole(t), t.TempDir()
	file := filepath.Join(dir, "a.pdf")
	must(t, os.WriteFile(file, written(t, r), 0o600))
	if out, err := exec.CommandContext(t.Context(), "pdftoppm", "-r", "150", "-png", file, filepath.Join(dir, "p")).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	pages, err := filepath.Glob(filepath.Join(dir, "p*.png"))
	must(t, err)
	out, err := exec.CommandContext(t.Context(), path, append([]string{"-q", "--raw"}, pages...)...).Output()
	if strings.TrimSpace(string(out)) != r.Key.Fingerprint() {
		t.Errorf("%v: the code says %q instead of %q", err, out, r.Key.Fingerprint())
	}
}

// The record to be signed tells by which delivery the package left, and leaves what only both know who sign it.
func TestDelivery(t *testing.T) {
	t.Parallel()
	r := whole(t)
	r.At, r.Recipient, r.Seen = time.Time{}, record.Recipient{Name: "Špela Šuštar Đurić, PP Primer"}, nil
	r.Delivery = record.Delivery{Entry: 57, At: dawn.Add(10 * time.Hour), By: "Ana Črnič", Way: proof.Sentence{SL: "mapa na nosilcu", EN: "a folder on the medium"}}
	text := read(t, r)
	for _, want := range []string{"Izneseno iz naprave mapa na nosilcu", "21. 11. 2026 ob 17.30.00 Ana Črnič", "a folder on the medium", "št. 57 (predaja)", "no. 57 (handover)", "Prevzel(a) Špela Šuštar Đurić, PP Primer",
		"ključ USB, oznaka A-17", "do predaje paketa ni gledal nihče", "Predano dne Handed over on", "Istovetnost ugotovljena Identity known by"} {
		if !strings.Contains(text, want) {
			t.Errorf("the record does not say %q\n%s", want, text)
		}
	}
}

// Where the diary does not reach back to the footage, or was put back from a copy, nobody is told that nobody saw it.
func TestSeenBeforeTheDiary(t *testing.T) {
	t.Parallel()
	for what, tt := range map[string]struct {
		spoil func(*record.Record)
		want  string
	}{
		"pruned":   {func(r *record.Record) { r.Pruned = dawn.Add(time.Hour) }, "Zapisi dnevnika izpred 21. 11. 2026 ob 08.30.00 so izbrisani"},
		"restored": {func(r *record.Record) { r.Restored = []time.Time{dawn.Add(2 * time.Hour)} }, "Naprava je bila 21. 11. 2026 ob 09.30.00 obnovljena iz varnostne kopije"},
	} {
		r := whole(t)
		r.Seen = nil
		tt.spoil(&r)
		if text := read(t, r); strings.Contains(text, "ni gledal nihče") || !strings.Contains(text, tt.want) || !strings.Contains(text, "ki jih je mogoče prebrati") {
			t.Errorf("%s:\n%s", what, text)
		}
	}
}

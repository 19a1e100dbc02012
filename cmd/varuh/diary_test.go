package main

import (
	"archive/zip"
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/configs"
	"varuh/recorder"
)

// shelfBox is a state folder whose diary has some entries, and whose daemon may run.
type shelfBox struct {
	dir, key string
	end      func(testing.TB) // stops the daemon, nil while none runs
}

func newShelfBox(t *testing.T) *shelfBox {
	t.Helper()
	keys, err := memoryFolder("test")
	must(t, err)
	t.Cleanup(func() { os.RemoveAll(keys) })
	b := &shelfBox{dir: filepath.Join(t.TempDir(), "box"), key: filepath.Join(keys, "k")}
	if code, said := b.run(t, "init", "--key", b.key, "--accept-box-theft-reveals-footage", "--controller", "sola.example", "--yes-i-wrote-it-down"); code != 0 {
		t.Fatal(said)
	}
	for i := range 8 {
		if code, said := b.run(t, "diary", "list", "--actor", "Ana Kovač", "--reason", fmt.Sprintf("reason %d", i)); code != 0 {
			t.Fatal(said)
		}
	}
	return b
}

// run runs a command on the folder, and returns what it said.
func (b *shelfBox) run(t *testing.T, args ...string) (code int, said string) {
	t.Helper()
	var out strings.Builder
	code = run(t.Context(), append([]string{"--dir", b.dir}, args...), terminal{strings.NewReader(""), &out, &out})
	return code, out.String()
}

// tamper runs statements on the database as its administrator can.
func (b *shelfBox) tamper(t *testing.T, statements ...string) {
	t.Helper()
	db, err := sql.Open("sqlite3", diaryFile(b.dir))
	must(t, err)
	for _, s := range statements {
		if _, err := db.Exec(s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
	must(t, db.Close())
}

// serve runs the daemon until it is ended.
func (b *shelfBox) serve(t *testing.T) {
	t.Helper()
	r := &box{dir: b.dir, log: newTap(), done: make(chan error, 1)}
	cfg, err := loadConfig(r.dir, terminal{nil, r.log, r.log})
	must(t, err)
	cfg.Metrics = configs.MetricsOff
	ready := make(chan struct{})
	r.Daemon = &Daemon{Log: slog.New(slog.NewTextHandler(r.log, nil)), Ready: func() { close(ready) }}
	var ctx context.Context
	ctx, r.stop = context.WithCancel(t.Context())
	go func() { r.done <- r.Run(ctx, cfg) }()
	select {
	case err := <-r.done:
		t.Fatal(err)
	case <-ready:
	}
	r.clerk.awaitOpen(t)
	b.end = r.end
}

// awaitOpen waits until the diary was opened, or refused.
func (c *clerk) awaitOpen(t *testing.T) {
	t.Helper()
	select {
	case <-c.opened:
	case <-t.Context().Done():
		t.Fatal(t.Context().Err())
	}
}

// both runs a test on the folder itself and through the daemon; what is said must be the same.
func (b *shelfBox) both(t *testing.T, test func(t *testing.T) string) {
	t.Helper()
	here := test(t)
	b.serve(t)
	there := test(t)
	b.end(t)
	if here != there {
		t.Errorf("here it is said\n%s\nand through the daemon\n%s", here, there)
	}
}

// Damage that the start of a diary can't see, for it is not in a leaf.
var behindLeaves = []string{
	`UPDATE diary_bodies SET body = (SELECT body FROM diary_bodies WHERE i = 2) WHERE i = 1`,
	`DELETE FROM diary_bodies WHERE i = 3`,
	`UPDATE diary_bodies SET body = substr(body, 1, 40) WHERE i = 4`,
	`UPDATE diary_bodies SET key = 99 WHERE i = 5`,
}

func holds(t *testing.T, text string, want ...string) {
	t.Helper()
	flat := strings.Join(strings.Fields(text), " ")
	for _, w := range want {
		if !strings.Contains(flat, w) {
			t.Errorf("%q is not in\n%s", w, text)
		}
	}
}

// list, show and export go on past what can't be opened, mark it, and end with status 1.
func TestUnreadableEntries(t *testing.T) {
	t.Parallel()
	b := newShelfBox(t)
	b.tamper(t, behindLeaves...)
	who := []string{"--actor", "auditor", "--reason", "check"}
	b.both(t, func(t *testing.T) string {
		code, list := b.run(t, append([]string{"diary", "list", "--to", "7"}, who...)...)
		holds(t, list, "cannot be opened: the diary is damaged: the body of entry 1", "entry 3 has no body", "4 entries cannot be opened: varuh diary verify")
		if code != 1 || strings.Count(list, "! cannot be opened") != 4 || !strings.Contains(list, "reason 5") {
			t.Errorf("%d:\n%s", code, list)
		}
		code, one := b.run(t, append([]string{"diary", "show", "1"}, who...)...)
		holds(t, one, `"op": "diary.read"`, "! cannot be opened: the diary is damaged: the body of entry 1")
		if code != 1 || strings.Contains(one, "reason") {
			t.Errorf("%d:\n%s", code, one)
		}
		code, lines := b.run(t, append([]string{"diary", "list", "--json", "--to", "4"}, who...)...)
		if code != 1 || strings.Count(lines, `"unreadable":"the diary is damaged`) != 2 {
			t.Errorf("%d:\n%s", code, lines)
		}
		return list + one + lines
	})
	b.both(t, func(t *testing.T) string {
		name := filepath.Join(t.TempDir(), "all.zip")
		code, said := b.run(t, append([]string{"diary", "export", "--out", name}, who...)...)
		holds(t, said, "Wrote "+name, "4 entries say, which cannot be opened (1, 3, 4, 5)", unreadableFile)
		if code != 1 {
			t.Error(code)
		}
		b.judge(t, name)
		return strings.ReplaceAll(said, name, "")
	})
	name := filepath.Join(t.TempDir(), "closed.zip")
	if code, said := b.run(t, append([]string{"diary", "export", "--redact", "--out", name}, who...)...); code != 0 {
		t.Errorf("without what entries say: %d %s", code, said)
	}
}

// judge looks at a bundle of which four entries can't be opened.
func (b *shelfBox) judge(t *testing.T, name string) {
	t.Helper()
	z, err := zip.OpenReader(name)
	must(t, err)
	defer z.Close()
	r, err := proof.VerifyBundle(t.Context(), z, proof.VerifyOptions{})
	must(t, err)
	if r.Bad() || r.Size-r.Bodies != 4 {
		t.Errorf("%+v", r)
	}
	read := func(name string) string {
		f, err := z.Open(name)
		must(t, err)
		defer f.Close()
		text, err := io.ReadAll(f)
		must(t, err)
		return string(text)
	}
	if list := read(unreadableFile); strings.Count(list, "manjka ali je poškodovana") != 4 || !strings.Contains(list, "\n3;") {
		t.Error(list)
	}
	for _, file := range []string{"dnevnik.csv", "dnevnik.html"} {
		if text := read(file); strings.Count(text, "(VSEBINE NI MOGOČE ODPRETI: v dnevniku naprave manjka ali je poškodovana)") != 4 || strings.Contains(text, "ni priložena") {
			t.Errorf("%s:\n%s", file, text)
		}
	}
}

// diary verify names what is wrong behind the leaves, as far as it can tell, and makes no entry.
func TestVerifyLooksBehindLeaves(t *testing.T) {
	t.Parallel()
	b := newShelfBox(t)
	report := func(t *testing.T, want int) (r diaryReport) {
		t.Helper()
		code, text := b.run(t, "diary", "verify", "--json")
		if code != want {
			t.Errorf("%d: %s", code, text)
		}
		must(t, json.Unmarshal([]byte(text), &r))
		return r
	}
	if r := report(t, 0); r.Size != 9 || r.Bodies != 9 || r.Contents.Entries != 9 || r.Contents.Closed != "" || r.Bad() {
		t.Errorf("a good diary: %+v", r)
	}
	if r := report(t, 0); r.Size != 9 {
		t.Errorf("verifying made an entry: %d", r.Size)
	}
	b.tamper(t, append(behindLeaves, `INSERT INTO diary_bodies (i, key, body, clear) VALUES (99, 1, x'00', 0)`)...)
	b.both(t, func(t *testing.T) string {
		_, text := b.run(t, "diary", "verify", "--json")
		var r diaryReport
		must(t, json.Unmarshal([]byte(text), &r))
		if r.Contents.Bad != 5 || r.Contents.Flaws[0].Entry != 1 || r.Contents.Flaws[3].Entry != 5 || r.Report.Bad() {
			t.Error(text)
		}
		code, text := b.run(t, "diary", "verify")
		holds(t, text, "[✗] CONTENTS NOT WHOLE: what was entered is missing", "(5 of", "✗ the body of entry 1 is not what was written", "✗ entry 3 has no body", "the body of entry 4", "entry 5: ",
			"bodies of entries that are not there: 99")
		if code != 1 {
			t.Error(code)
		}
		return "" // the daemon writes a start, so that the sizes differ
	})
	must(t, os.Rename(diaryKeyFile(b.key), diaryKeyFile(b.key)+".away"))
	b.both(t, func(t *testing.T) string {
		code, text := b.run(t, "diary", "verify")
		holds(t, text, "[✗] CONTENTS NOT WHOLE: what was entered is missing", "(4 of", "✗ entry 3 has no body", "✗ entry 4 has a body of 40 bytes, which can't be",
			"✗ entry 5 is encrypted under content key 99, which is not there", "Nothing was opened, so there may be more: the diary can't be read here")
		if code != 1 || strings.Contains(text, "entry 1") {
			t.Errorf("%d: %s", code, text)
		}
		return ""
	})
}

// A locked diary that is whole says that nothing was opened; one that went back says that, and ends with 1.
func TestVerifyLockedAndFault(t *testing.T) {
	t.Parallel()
	b := newShelfBox(t)
	must(t, os.Rename(diaryKeyFile(b.key), diaryKeyFile(b.key)+".away"))
	old, err := os.ReadFile(diaryFile(b.dir))
	must(t, err)
	b.both(t, func(t *testing.T) string {
		code, text := b.run(t, "diary", "verify")
		holds(t, text, "[?] CONTENTS NOT CHECKED: something encrypted is there for each of", "was not opened: the diary can't be read here")
		if code != 0 {
			t.Error(code)
		}
		return ""
	})
	must(t, os.Rename(diaryKeyFile(b.key)+".away", diaryKeyFile(b.key)))
	must(t, os.WriteFile(diaryFile(b.dir), old, 0o600))
	b.both(t, func(t *testing.T) string {
		code, text := b.run(t, "diary", "verify")
		holds(t, text, "[✓] CONTENTS", "✗ the diary has 9 entries, but the note beside the signing key remembers", "until two persons have accepted that (varuh diary accept)",
			"Incidents that the appliance entered", "(entry 9")
		if code != 1 {
			t.Error(code)
		}
		_, list := b.run(t, "diary", "list", "--actor", "a", "--reason", "b", "--to", "9")
		holds(t, list, "warning: the diary has 9 entries")
		name := filepath.Join(t.TempDir(), "all.zip")
		code, said := b.run(t, "diary", "export", "--actor", "a", "--reason", "b", "--out", name)
		holds(t, said, "warning: the diary has 9 entries", "Wrote "+name)
		_, note := b.run(t, "diary", "checkpoint")
		holds(t, note, "warning: the diary has 9 entries", "sola.example/varuh/")
		return fmt.Sprint(code, list)
	})
}

// What is no order is refused in words before anything is entered, here and by the daemon.
func TestOrders(t *testing.T) {
	t.Parallel()
	b := newShelfBox(t)
	long := strings.Repeat("č", maxSaid)
	b.both(t, func(t *testing.T) string {
		all := ""
		for _, tt := range []struct {
			want string
			args []string
		}{
			{"no negative number", []string{"show", "--actor", "a", "--reason", "b", "--", "-1"}},
			{"no negative number", []string{"list", "--actor", "a", "--reason", "b", "--from=-5"}},
			{"no negative number", []string{"export", "--actor", "a", "--reason", "b", "--from=-5", "--out", "x.zip"}},
			{"no negative number", []string{"list", "--actor", "a", "--reason", "b", "--last=-1"}},
			{"no entry lies from 10 to before 3", []string{"list", "--actor", "a", "--reason", "b", "--from", "10", "--to", "3"}},
			{"no entry lies from 10 to before 3", []string{"export", "--actor", "a", "--reason", "b", "--from", "10", "--to", "3", "--out", "x.zip"}},
			{"the diary has the entries 0 to 8", []string{"list", "--actor", "a", "--reason", "b", "--from", "500"}},
			{"log in with --as LOGIN", []string{"list", "--actor", " \u00a0 ", "--reason", "b"}},
			{"give --reason TEXT, and --as LOGIN", []string{"show", "1", "--actor", "a", "--reason", "\t\n"}},
			{"--reason has 501 characters", []string{"list", "--actor", "a", "--reason", long + "x"}},
			{"--actor holds characters that can't be printed", []string{"list", "--actor", "a\u202eb", "--reason", "b"}},
			{"--reason holds characters that can't be printed", []string{"export", "--actor", "a", "--reason", "b\nc", "--out", "x.zip"}},
		} {
			code, said := b.run(t, append([]string{"diary"}, tt.args...)...)
			if code == 0 {
				t.Errorf("%q is taken", tt.args)
			}
			if tt.want == "the diary has the entries 0 to 8" { // the daemon wrote a start
				tt.want, said = "the diary has the entries 0 to", strings.TrimRight(said, "0123456789\n")
			}
			holds(t, said, tt.want)
			all += said
		}
		return all
	})
	if code, said := b.run(t, "diary", "list", "--actor", "  Ana \u00a0", "--reason", long); code != 0 {
		t.Error(said)
	}
	code, said := b.run(t, "diary", "list", "--actor", "x", "--reason", "y", "--last", "1")
	if code != 0 || !strings.Contains(said, "  Ana  "+long) {
		t.Errorf("%d %s", code, said)
	}
	for _, args := range [][]string{{"--actor", " ", "--second", "b", "--reason", "c"}, {"--actor", "Ana", "--second", "ana ", "--reason", "c"},
		{"--actor", "Živa  Zor", "--second", "Z\u030civa Zor", "--reason", "c"}, {"--actor", "a", "--second", "b", "--reason", "c\x1b[2J"}} {
		if code, said := b.run(t, append([]string{"diary", "accept"}, args...)...); code == 0 || !strings.Contains(said, "log in with --as") && !strings.Contains(said, "printed") && !strings.Contains(said, "it takes two persons") {
			t.Errorf("%q: %s", args, said)
		}
	}
}

// The daemon takes no order that the command would have refused.
func TestDaemonChecksOrders(t *testing.T) {
	t.Parallel()
	b := newShelfBox(t)
	b.serve(t)
	defer b.end(t)
	for _, path := range []string{"/diary/read", "/diary/export"} {
		for _, o := range []diaryOrder{{}, {who: claims("a")}, {who: claims(" "), Reason: "b"}, {who: claims("a"), Reason: "\n"}, {who: claims("a"), Reason: "b", From: -1},
			{who: claims("a\u2028b"), Reason: "b"}, {who: claims("a"), Reason: "b", From: 3, To: 2}, {who: played("a"), Reason: "b"}} {
			if answer, err := askDesk(t.Context(), b.dir, path, o); err == nil {
				t.Errorf("%s takes %+v: %v", path, o, answer.Close())
			}
		}
	}
}

// What a person wrote can't move the cursor or turn the direction of writing in a table.
func TestListIsPrintable(t *testing.T) {
	t.Parallel()
	body, err := proof.EncodeBody(proof.Body{Salt: proof.NewSalt(), Actor: &proof.Actor{Name: "Živa \u202e\u2066\u200f\u2028\x1b[2J"}, Purpose: "čšž – „navedek“ €", Note: "a\u0085\ue000\u00adb"})
	must(t, err)
	leaf, err := proof.EncodeLeaf(proof.Leaf{Index: 1, Op: "diary.read", Body: proof.HashBody(body)})
	must(t, err)
	var out strings.Builder
	table := newEntryTable(&out)
	must(t, table.add(diaryLine{Leaf: string(leaf), Body: string(body)}))
	must(t, table.end(nil, 0))
	must(t, showParts(&out, diaryLine{Body: string(body)}))
	text := out.String()
	if strings.ContainsAny(text, "\u202e\u2066\u200f\u2028\x1b\u0085\ue000\u00ad") || !strings.Contains(text, "Živa") || !strings.Contains(text, "čšž – „navedek“ €") {
		t.Errorf("%q", text)
	}
}

// A shelf of several chunks verifies like a bundle, and is not held in memory at once.
func TestShelfOfManyEntries(t *testing.T) {
	t.Parallel()
	c, keys := keyed(t)
	d, err := openDiary(t.Context(), c.state, c.appliance)
	must(t, err)
	defer d.Close()
	fill(t, d, 2*proof.ChunkEntries)
	_, err = d.Append(t.Context(), diary.Entry{Op: "incident.open", Body: proof.Body{Note: "n"}}, nil)
	must(t, err)
	held, err := d.Checkpoint(t.Context())
	must(t, err)
	r, err := desk{diary: d, keys: keys}.verify(t.Context(), []string{string(held)})
	must(t, err)
	if r.Bad() || r.Bodies != d.Head().Size || r.Complete.State != proof.Yes || r.Incidents == 0 {
		t.Errorf("%s\n%+v", r.text(), r)
	}
}

// A list is aligned, folded on a terminal alone, and does not hold more than a part of a long diary.
func TestEntryTable(t *testing.T) {
	t.Parallel()
	line := func(i int64, who, why string) diaryLine {
		b, err := proof.EncodeBody(proof.Body{Actor: &proof.Actor{Name: who}, Purpose: why})
		must(t, err)
		l, err := proof.EncodeLeaf(proof.Leaf{Index: i, Op: "diary.read", Time: noonThen})
		must(t, err)
		return diaryLine{Leaf: string(l), Body: string(b)}
	}
	var out strings.Builder
	table := newEntryTable(&out)
	table.width = 70
	must(t, table.add(line(7, "Živa Črnko", "ena dva tri štiri pet šest sedem osem devet deset")))
	must(t, table.add(line(12, strings.Repeat("x", 40), "kratko")))
	must(t, table.end(nil, 0))
	const want = `ENTRY  TIME (UTC)           OPERATION   WHO                   WHAT
7      2026-11-22 12:00:00  diary.read  Živa Črnko            ena dva tri štiri pet šest sedem osem devet deset
12     2026-11-22 12:00:00  diary.read  xxxxxxxxxxxxxxxxxxx…  kratko
`
	if got := out.String(); got != want {
		t.Errorf("too narrow to fold:\n%s", got)
	}
	out.Reset()
	table = newEntryTable(&out)
	table.width = 100
	must(t, table.add(line(7, "Živa Črnko", "ena dva tri štiri pet šest sedem osem devet deset enajst")))
	must(t, table.end(nil, 0))
	if got := out.String(); !strings.Contains(got, "sedem osem devet\n"+strings.Repeat(" ", 52)+"deset enajst\n") {
		t.Errorf("folded:\n%s", got)
	}
	out.Reset()
	table = newEntryTable(&out)
	for i := range int64(3 * tableRows) {
		must(t, table.add(line(i, "a", strings.Repeat("long ", 50))))
		if len(table.rows) >= tableRows {
			t.Fatal("all rows are held")
		}
	}
	must(t, table.end(nil, 0))
	if got := out.String(); strings.Count(got, "\n") != 3*tableRows+1 || strings.Count(got, "ENTRY") != 1 {
		t.Error(strings.Count(got, "\n"))
	}
}

var noonThen = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// With the recovery words a locked diary is opened to be verified; while the daemon runs they are not sent to it.
func TestVerifyWithWords(t *testing.T) {
	t.Parallel()
	b := &shelfBox{dir: filepath.Join(t.TempDir(), "box")}
	code, said := b.run(t, "init", "--controller", "sola.example", "--yes-i-wrote-it-down")
	if code != 0 {
		t.Fatal(said)
	}
	words := strings.Join(strings.Split(said, "\n")[3:8], "\n") + "\n"
	verify := func(in string) (int, string) {
		var out strings.Builder
		code := run(t.Context(), []string{"--dir", b.dir, "diary", "verify", "--words"}, terminal{strings.NewReader(in), &out, &out})
		return code, out.String()
	}
	if code, said := verify(words); code != 0 || !strings.Contains(said, "[✓] CONTENTS: what was entered can be opened") {
		t.Errorf("%d %s", code, said)
	}
	b.tamper(t, `UPDATE diary_bodies SET body = randomblob(length(body)) WHERE i = 0`)
	if code, said := verify(words); code != 1 || !strings.Contains(said, "the body of entry 0 is not what was written") {
		t.Errorf("%d %s", code, said)
	}
	b.serve(t)
	defer b.end(t)
	if code, said := verify(words); code != 1 || !strings.Contains(said, "stop varuh first") {
		t.Errorf("%d %s", code, said)
	}
}

// What a camera says in an error can't move the cursor either.
func TestPlain(t *testing.T) {
	t.Parallel()
	if got := plain("kamera \u201edvorišče\u201c: 404 (\x1b[2J\u202e)\nčšž\r"); got != "kamera \u201edvorišče\u201c: 404 (\ufffd[2J\ufffd)\nčšž\ufffd" {
		t.Errorf("%q", got)
	}
	st := status{Status: recorder.Status{Streams: []recorder.StreamStatus{{Camera: "a", Stream: "main", Sentence: "it said \x1b]0;x\a"}}}}
	for _, text := range []string{st.table(), line(st)} {
		if !strings.Contains(text, "it said") || strings.ContainsAny(text, "\x1b\a") {
			t.Errorf("%q", text)
		}
	}
}

// Of a pruned diary what a hold keeps can be read, exported is what lies behind the cut, and verify looks at both.
func TestPrunedDiary(t *testing.T) {
	t.Parallel()
	c, keys := keyed(t)
	now := time.Now()
	d, err := openDiary(t.Context(), c.state, c.appliance, func(o *diary.Options) { o.Now = func() time.Time { return now } })
	must(t, err)
	defer d.Close()
	k := desk{diary: d, keys: keys}
	who := diaryOrder{who: played("auditor"), Reason: "why"}
	for range 5 {
		_, err := k.enter(t.Context(), "diary.read", who, 0, 1)
		must(t, err)
	}
	by := proof.Body{Actor: &proof.Actor{ID: "a", Name: "a"}}
	_, err = d.Pin(t.Context(), "hold 1", []int64{2}, keys, by, nil)
	must(t, err)
	for range 4 {
		now = now.AddDate(1, 0, 0)
		_, err := k.enter(t.Context(), "diary.read", who, 0, 1)
		must(t, err)
	}
	_, err = d.ConfirmPrune(t.Context(), by)
	must(t, err)
	now = now.AddDate(0, 0, 31)
	_, err = d.Prune(t.Context(), diary.Pruning{Years: 2})
	must(t, err)
	cut := d.Head().Cut
	if cut < 5 {
		t.Fatalf("the cut is at %d", cut)
	}
	seen := func(o diaryOrder) (list []int64, err error) {
		o.who, o.Reason = who.who, who.Reason
		return list, k.read(t.Context(), o, func(l diaryLine) error {
			leaf, err := proof.ParseLeaf([]byte(l.Leaf))
			if list = append(list, leaf.Index); l.Body == "" {
				t.Errorf("entry %d is not opened: %s", leaf.Index, l.Unreadable)
			}
			return err
		})
	}
	if list, err := seen(diaryOrder{To: cut + 2}); err != nil || !slices.Equal(list, []int64{2, cut, cut + 1}) {
		t.Error(list, err)
	}
	if list, err := seen(diaryOrder{From: 2, To: 3}); err != nil || !slices.Equal(list, []int64{2}) {
		t.Error(list, err)
	}
	size := d.Head().Size
	if list, err := seen(diaryOrder{From: 3, To: 4}); err == nil || !strings.Contains(err.Error(), "came to the end of their term") || d.Head().Size != size {
		t.Error(list, err)
	}
	r, err := k.verify(t.Context(), nil)
	must(t, err)
	if r.Bad() || r.From != cut || r.Contents.Entries != r.Size-cut+1 || r.Contents.Bad != 0 {
		t.Errorf("%s\n%+v", r.text(), r)
	}
	var b bytes.Buffer
	if out, err := k.export(t.Context(), who, &b); err != nil || out.err() != nil {
		t.Error(out, err)
	}
	report, err := verifyBundle(t.Context(), b.Bytes(), proof.VerifyOptions{})
	must(t, err)
	if report.Bad() || report.From != cut || report.Bodies != report.Size-cut {
		t.Errorf("%+v", report)
	}
}

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
)

// Damage that the start of a diary can't see, for it is not in a leaf.
var behindLeaves = []string{
	`UPDATE diary_bodies SET body = (SELECT body FROM diary_bodies WHERE i = 2) WHERE i = 1`,
	`DELETE FROM diary_bodies WHERE i = 3`,
	`UPDATE diary_bodies SET body = substr(body, 1, 40) WHERE i = 4`,
	`UPDATE diary_bodies SET key = 99 WHERE i = 5`,
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

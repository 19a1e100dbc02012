package main

import (
	"archive/zip"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"golang.org/x/sys/unix"
)

// asAna are the arguments of somebody who reads the diary.
var asAna = []string{"--actor", "Ana", "--reason", "check"}

// reads runs a command that reads the diary.
func (b *shelfBox) reads(t *testing.T, args ...string) (code int, said string) {
	t.Helper()
	return b.run(t, append(append([]string{"diary"}, args...), asAna...)...)
}

// A list that leaves entries out says so, and how to see them.
func TestListSaysWhatItLeavesOut(t *testing.T) {
	t.Parallel()
	b := newShelfBox(t)
	b.both(t, func(t *testing.T) string {
		for _, tt := range []struct {
			args string
			want string // "" for nothing left out
		}{
			{"--to 8 --last 3", "The last 3 of 8 entries. All: --last 0"}, {"--from 2 --to 8 --last 3", "The last 3 of 6 entries."},
			{"--to 8 --last 3 --op diary.read", "The last 3 of 7 such entries."}, {"--to 8 --last 3 --json", "The last 3 of 8 entries."},
			{"--to 8 --last 8", ""}, {"--to 8 --last 0", ""}, {"--to 8", ""}, {"--to 8 --op origin.begin", ""},
		} {
			code, said := b.reads(t, append([]string{"list"}, strings.Fields(tt.args)...)...)
			if left := strings.Contains(said, "The last "); code != 0 || left != (tt.want != "") {
				t.Errorf("%s: %d\n%s", tt.args, code, said)
			}
			holds(t, said, tt.want)
		}
		return ""
	})
}

// Nobody who asks for certain entries gets the last of them alone.
func TestListOfMany(t *testing.T) {
	t.Parallel()
	b := newShelfBox(t)
	for range lastShown {
		if code, said := b.reads(t, "show", "0"); code != 0 {
			t.Fatal(said)
		}
	}
	for _, tt := range []struct {
		args string
		rows int
	}{{"", lastShown}, {"--op diary.read", lastShown}, {"--to 55", 55}, {"--from 1 --to 55", 54}, {"--to 55 --last 5", 5}} {
		code, said := b.reads(t, append([]string{"list", "--json"}, strings.Fields(tt.args)...)...)
		if rows := strings.Count(said, `{"leaf"`); code != 0 || rows != tt.rows {
			t.Errorf("%q: %d, %d entries, want %d", tt.args, code, rows, tt.rows)
		}
	}
}

// An operation that no entry has is told with those there are, and not as an empty list.
func TestUnknownOperation(t *testing.T) {
	t.Parallel()
	b := newShelfBox(t)
	b.both(t, func(t *testing.T) string {
		code, said := b.reads(t, "list", "--to", "8", "--op", "nosuch")
		holds(t, said, `no entry from 0 to 7 is of the operation "nosuch"; there are: diary.read, origin.begin`)
		if code != 1 {
			t.Error(code)
		}
		return said
	})
	if _, said := b.reads(t, "list", "--op", "diary.read"); !strings.Contains(said, "check") {
		t.Errorf("what was told of operations was not entered:\n%s", said)
	}
}

// inZip is a file of a bundle, "" if there is none.
func inZip(t *testing.T, name, file string) string {
	t.Helper()
	z, err := zip.OpenReader(name)
	must(t, err)
	defer z.Close()
	f, err := z.Open(file)
	if err != nil {
		return ""
	}
	b, err := io.ReadAll(f)
	must(t, err)
	return string(b)
}

// On a locked appliance it is no failure that entries stay closed, where a key is lost it is; both are told, and
// stand in the bundle.
func TestReadingClosedEntries(t *testing.T) {
	t.Parallel()
	lost := newShelfBox(t)
	must(t, os.Rename(diaryKeyFile(lost.key), diaryKeyFile(lost.key)+".away"))
	locked := &shelfBox{dir: filepath.Join(t.TempDir(), "box")}
	if code, said := locked.run(t, "init", "--controller", "sola.example", "--yes-i-wrote-it-down"); code != 0 {
		t.Fatal(said)
	}
	for what, tt := range map[string]struct {
		box  *shelfBox
		code int
		says string
		why  string
	}{
		"locked": {locked, 0, "this appliance is locked: a log-in of somebody who can open it does (varuh unlock), or stop varuh and give --words", "naprava je zaklenjena"},
		"lost":   {lost, 1, "the diary can't be read here", "ključa za branje ni tam"},
	} {
		tt.box.both(t, func(t *testing.T) string {
			name := filepath.Join(t.TempDir(), "all.zip")
			for _, args := range [][]string{{"list", "--to", "1"}, {"show", "0"}, {"export", "--out", name}} {
				code, said := tt.box.reads(t, args...)
				holds(t, said, tt.says)
				if code != tt.code || args[0] == "list" && !strings.Contains(said, "(closed)") {
					t.Errorf("%s %v: %d\n%s", what, args, code, said)
				}
			}
			entries := strings.Count(inZip(t, name, "leaves/0000000000000000.txt"), "\n")
			if list := inZip(t, name, unreadableFile); strings.Count(list, tt.why) != entries || entries < 3 {
				t.Errorf("%s: %d entries, and %s is\n%s", what, entries, unreadableFile, list)
			}
			redacted := filepath.Join(t.TempDir(), "redacted.zip")
			if code, said := tt.box.reads(t, "export", "--redact", "--out", redacted); code != 0 || inZip(t, redacted, unreadableFile) != "" {
				t.Errorf("%s: redacted: %d\n%s", what, code, said)
			}
			return ""
		})
	}
}

// Who holds a folder is told where it is known.
func TestHolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	f, err := lockState(dir)
	must(t, err)
	defer f.Close()
	for text, want := range map[string]string{"": "is in use by another process: stop", "12\n": "process (pid 12): stop", "\x1b[2J": "process: stop"} {
		must(t, os.WriteFile(filepath.Join(dir, "lock"), []byte(text), 0o600))
		if _, err := lockState(dir); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// What is due fits a terminal of 80 columns.
func TestPruneWidth(t *testing.T) {
	t.Parallel()
	entry := int64(123456)
	a := pruneAnswer{Years: 2, Entered: &entry, Due: []dueYear{
		{Year: 2026, From: 100000, Below: 123456, Since: time.Now(), Lacks: strings.Repeat("no outside party said so ", 9), Counts: time.Now()},
		{Year: 2025, Below: 100000, Since: time.Now(), Shown: strings.Repeat("a witness said so ", 9)}}}
	for line := range strings.Lines(a.text() + pruneAnswer{Years: 2}.text()) {
		if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > 79 {
			t.Errorf("%d columns: %s", n, line)
		}
	}
}

// A name out of the database makes no lines of its own.
func TestOriginWithLineBreak(t *testing.T) {
	t.Parallel()
	b := newShelfBox(t)
	b.tamper(t, `UPDATE diary_origins SET origin = 'sola.example'||char(10)||'varuh: all is well'||char(27)||'[2J'`)
	code, said := b.run(t, "diary", "verify")
	for line := range strings.Lines(said) {
		if strings.HasPrefix(line, "varuh: all is well") || strings.Contains(line, "\x1b") {
			t.Errorf("%q", said)
		}
	}
	if code == 0 {
		t.Error(said)
	}
}

// Two files of one name are refused before anything is entered.
func TestCheckpointNames(t *testing.T) {
	t.Parallel()
	b, name := newShelfBox(t), filepath.Join(t.TempDir(), "c")
	code, said := b.run(t, "diary", "checkpoint", "--out", name, "--page", name)
	holds(t, said, "give two names")
	if _, list := b.reads(t, "list"); code != 1 || strings.Contains(list, "anchor") {
		t.Errorf("%d: %s\n%s", code, said, list)
	}
}

// Who asks for entries that there are not is told so, and which there are.
func TestNoSuchEntries(t *testing.T) {
	t.Parallel()
	b := newShelfBox(t)
	for args, want := range map[string]string{"show 99": "there is no entry 99: the diary has", "list --from 99": "there is no entry from 99 on: the diary has the entries 0 to", "list --from 99 --to 120": "there is no entry from 99 to 119"} {
		code, said := b.reads(t, strings.Fields(args)...)
		holds(t, said, want)
		if code != 1 {
			t.Errorf("%s: %d", args, code)
		}
	}
}

// On a terminal no word of an error is broken at the edge.
func TestErrorOnTerminal(t *testing.T) {
	t.Parallel()
	ours, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	must(t, err)
	defer ours.Close()
	must(t, unix.IoctlSetPointerInt(int(ours.Fd()), unix.TIOCSPTLCK, 0))
	n, err := unix.IoctlGetInt(int(ours.Fd()), unix.TIOCGPTN)
	must(t, err)
	must(t, unix.IoctlSetWinsize(int(ours.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: 80}))
	tty, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	must(t, err)
	defer tty.Close()
	if code := run(t.Context(), []string{"diary", "accept", "--dir", t.TempDir()}, terminal{tty, tty, tty}); code != 2 {
		t.Error(code)
	}
	b := make([]byte, 4096)
	got, err := ours.Read(b)
	must(t, err)
	if said := string(b[:got]); said != "varuh: missing flags: --reason=TEXT, --second=LOGIN; see varuh diary accept\r\n  --help\r\n" {
		t.Errorf("%q", said)
	}
}

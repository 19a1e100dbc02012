package main

import (
	"strings"
	"testing"
)

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

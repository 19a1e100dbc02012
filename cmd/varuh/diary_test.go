package main

import (
	"archive/zip"
	"context"
	"database/sql"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"varuh/accesslog/diary/proof"
	"varuh/configs"
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

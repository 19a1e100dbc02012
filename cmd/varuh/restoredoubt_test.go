package main

import (
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"varuh/configs"
)

// backedUp makes a backup and returns its file. Something comes after it that is lost with the box.
func (b *box) backedUp(t *testing.T) string {
	t.Helper()
	usb := t.TempDir()
	b.as(t, 0, "backup", usb)
	files, err := filepath.Glob(filepath.Join(usb, "*.age"))
	if err != nil || len(files) != 1 {
		t.Fatalf("on the stick: %v, %v", files, err)
	}
	return files[0]
}

// burnt restores a box that was stopped into another folder, and says what was said.
func (b *box) burnt(t *testing.T, file string) (*box, string) {
	t.Helper()
	c := &box{dir: filepath.Join(t.TempDir(), "fresh"), recovery: b.recovery, log: newTap(), reload: b.reload, done: make(chan error, 1)}
	said := c.does(t, typed(b.recovery), 0, "restore", file, "--store", filepath.Join(b.dir, "store"), "--actor", "Vid Rus", "--reason", "burnt")
	c.write(t, configs.File, configs.New(configs.Choice{Store: []string{filepath.Join(b.dir, "store")}, Metrics: configs.MetricsOff}))
	return c, said
}

// entered are the operations in the diary of a stopped box.
func (b *box) entered(t *testing.T) (list []string) {
	t.Helper()
	a, err := readAppliance(b.dir)
	must(t, err)
	d, err := openDiary(t.Context(), b.dir, a)
	must(t, err)
	defer d.Close()
	return ops(t, d)
}

// A box with one person, who has forgotten the password, is put back from its backup: the words and whoever stands beside it
// accept that, and nothing before it uses the envelope up. Then the words give the person a new password, and with it the keys.
func TestRestoredAlone(t *testing.T) {
	t.Parallel()
	b := loginBox(t, headAdmin(), nil)
	file := b.backedUp(t)
	b.as(t, 0, "unlock")
	b.end(t)
	c, said := b.burnt(t, file)
	toldOf(t, said, "the recovery words stand for one of the two", "--words --actor NAME --second NAME", "ravnatelj (Ana Novak)", "Remove again at once")

	const next = "rdeca streha pod snegom"
	use := []string{"unlock", "--envelope", "--name", "Vid Rus", "--reason", "forgotten", "--person", "ravnatelj"}
	envelope := func() io.Reader { return io.MultiReader(typedLines(next, next), typed(c.recovery)) }
	c.again(t)
	toldOf(t, c.does(t, envelope(), 1, use...), "the diary went back", "varuh diary accept (with --words")
	toldOf(t, c.as(t, 1, "unlock"), "the diary went back", "varuh diary accept")
	c.locked(t, whiches...)
	c.end(t)
	if list := c.entered(t); times(list, "recovery.used") > 0 {
		t.Errorf("entered: %v", list)
	}

	accept := func(more ...string) []string {
		return append([]string{"diary", "accept", "--reason", "restored"}, more...)
	}
	toldOf(t, c.does(t, typed(c.recovery), 1, accept("--words", "--second", "Bor Kos")...), "--words --actor NAME")
	toldOf(t, c.does(t, typed(c.recovery), 1, accept("--words", "--actor", "Vid Rus", "--second", "vid rus")...), "two persons")
	toldOf(t, c.does(t, io.MultiReader(typed(c.recovery), typedLines(next)), 1, accept("--words", "--actor", "Vid Rus", "--second", "ravnatelj")...), "ravnatelj: the log-in was refused")
	toldOf(t, c.does(t, typed(c.recovery), 0, accept("--words", "--actor", "Vid Rus", "--second", "Bor Kos")...), "The diary goes on as")
	c.again(t)
	toldOf(t, c.does(t, envelope(), 0, use...), "Footage and diary are open")
	c.does(t, typedLines(next), 0, "lock", "--as", "ravnatelj")
	c.does(t, typedLines(next), 0, "unlock", "--as", "ravnatelj")
	c.locked(t)
	toldOf(t, c.does(t, typedLines(next), 0, "diary", "list", "--op", "origin.begin", "--as", "ravnatelj", "--reason", "a look"), "Vid Rus")
	c.end(t)
}

// A restore is a use of the recovery key: who was removed after the backup is named, and opens nothing by the old password;
// nor does anybody before two have accepted it, who may do so though they have passwords to change. Tokens are over.
func TestRestoredCredentials(t *testing.T) {
	t.Parallel()
	b := loginBox(t, headAdmin(), map[string]string{"cameras.d/hall.yml": camera("hall", "rtsp://127.0.0.1:1/hall", "")})
	b.second(t)
	b.as(t, 0, "person", "token", "issue", "Informacijski pooblaščenec", "--holder", "Cene Mlakar", "--role", "inspector", "--camera", "hall",
		"--to", time.Now().AddDate(0, 0, 30).Format(time.DateOnly), "--basis", "07121-1/2026")
	file := b.backedUp(t)
	b.as(t, 0, "person", "remove", "bor", "--reason", "he left")
	b.end(t)
	c, said := b.burnt(t, file)
	toldOf(t, said, "ravnatelj (Ana Novak), bor (Bor Kos)", "tokens of authorities are over")

	c.again(t)
	toldOf(t, c.does(t, typedLines(borPassword), 1, "unlock", "--as", "bor"), "the diary went back")
	c.locked(t, whiches...)
	c.end(t)
	c.does(t, typedLines(goodPassword, borPassword), 0, "diary", "accept", "--as", "ravnatelj", "--second", "bor", "--reason", "restored")
	c.again(t)
	toldOf(t, c.does(t, typedLines(borPassword), 1, "unlock", "--as", "bor"), "choose a new password first")
	toldOf(t, c.as(t, 1, "unlock"), "choose a new password first")
	const next = "rdeca streha pod snegom"
	c.does(t, typedLines(goodPassword, next, next), 0, "person", "password", "--as", "ravnatelj")
	c.does(t, typedLines(next), 0, "person", "remove", "bor", "--reason", "he left", "--as", "ravnatelj")
	if text := c.does(t, typedLines(next), 0, "person", "token", "list", "--as", "ravnatelj"); strings.Contains(text, "Mlakar") {
		t.Error(text)
	}
	c.end(t)
}

package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"varuh/accesslog/people"
	"varuh/accesslog/playback"
	"varuh/configs"
	"varuh/recorder/keyring"
	"varuh/recorder/rtsp/rtsptest"
	"varuh/testdata/clips"
)

// headAdmin is the first person of a school, as init enters her.
func headAdmin() firstAdmin {
	return firstAdmin{Admin: "ravnatelj", Name: "Ana Novak", Language: "sl", Paper: time.Now().AddDate(0, 0, -2).Format(time.DateOnly),
		Role: []people.Role{people.Administrator, people.Approver, people.Caretaker}}
}

// loginBox runs a daemon on a new state folder whose keys only a log-in opens, that of the head alone so far; of nobody
// without an admin. change is made in varuh.yml.
func loginBox(t *testing.T, admin firstAdmin, files map[string]string, change ...string) *box {
	t.Helper()
	b := &box{dir: filepath.Join(t.TempDir(), "box"), log: newTap(), reload: make(chan struct{}), done: make(chan error, 1)}
	c := initCmd{Store: []string{filepath.Join(b.dir, "store")}, Controller: "sola.example", YesIWroteDown: true, firstAdmin: admin}
	var err error
	b.recovery, err = c.make(b.dir, terminal{typedLines(goodPassword, goodPassword), io.Discard, b.log})
	must(t, err)
	b.write(t, configs.File, strings.NewReplacer(change...).Replace(configs.New(configs.Choice{Store: c.Store, Metrics: configs.MetricsOff})))
	for name, text := range files {
		b.write(t, name, text)
	}
	b.again(t)
	return b
}

func typedLines(text ...string) io.Reader { return strings.NewReader(strings.Join(text, "\n") + "\n") }

// does runs a command on the box, and fails unless it ends as it should. It returns what it printed.
func (b *box) does(t *testing.T, in io.Reader, want int, args ...string) string {
	t.Helper()
	var out strings.Builder
	if code := run(t.Context(), append(args, "--dir", b.dir), terminal{in, &out, &out}); code != want {
		t.Errorf("%v ended with %d:\n%s", args, code, out.String())
	}
	return strings.Join(strings.Fields(out.String()), " ")
}

// as runs a command as the head.
func (b *box) as(t *testing.T, want int, args ...string) string {
	t.Helper()
	return b.does(t, typedLines(goodPassword), want, append(args, "--as", "ravnatelj")...)
}

// locked fails unless just these keys are not in memory.
func (b *box) locked(t *testing.T, want ...people.Which) {
	t.Helper()
	if got := b.office.locked(); !slices.Equal(got, want) {
		t.Errorf("locked are %v, want %v", got, want)
	}
}

// toldOf fails unless a text has parts.
func toldOf(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(text, p) {
			t.Errorf("it does not say %q:\n%s", p, text)
		}
	}
}

// After a start nobody sees anything; the first log-in over HTTPS opens footage, a lock shuts it while recording goes on, and
// whoever logs in next opens it again. Each is entered.
func TestLogInOpensFootage(t *testing.T) {
	t.Parallel()
	server, err := rtsptest.Serve("127.0.0.1:0", []rtsptest.Camera{{Path: "hall", FS: clips.Files, Clip: clips.YardSub.File}}, rtsptest.Options{})
	must(t, err)
	defer server.Close()
	https := freeAddr(t)
	b := loginBox(t, headAdmin(), map[string]string{"cameras.d/hall.yml": camera("hall", server.URL("hall"), "")}, "https: off\n", "https: "+https+"\n")
	b.noticeToday(t)
	b.locked(t, whiches...)
	toldOf(t, b.does(t, nil, 0, "status"), "keys: Footage and diary are locked; recording goes on. After a start or a lock, footage opens by the log-in of 1 person, the diary by that of 1 person.")

	v := b.visit(t, https)
	b.locked(t)
	b.live(t, v)
	r := v.do(t.Context(), "POST", "/lock", nil, nil)
	must(t, r.Body.Close())
	if r.StatusCode/100 != 2 {
		t.Errorf("lock: %s", r.Status)
	}
	b.locked(t, whiches...)
	r = v.do(t.Context(), "POST", "/viewings", map[string]any{"purpose": "safety", "live": true, "camera": "hall"}, nil)
	text, err := io.ReadAll(r.Body)
	must(t, errors.Join(err, r.Body.Close()))
	if r.StatusCode != http.StatusServiceUnavailable || !strings.Contains(string(text), "Ključi so zaklenjeni") {
		t.Errorf("while locked: %s: %s", r.Status, text)
	}
	mark := playback.Mark{}
	for range 3 { // the last one of before, and two that were recorded meanwhile
		mark, err = b.entrance.fragments.Next(t.Context(), "hall", "main", mark)
		must(t, err)
	}
	toldOf(t, b.does(t, nil, 1, "footage", "check", "--open"), "the keys are locked", "open it (varuh unlock)")
	toldOf(t, b.as(t, 0, "unlock"), "Footage and diary are open.")
	b.locked(t)
	b.live(t, v)
	toldOf(t, b.does(t, nil, 0, "footage", "check", "--open"), "Checked")

	b.end(t)
	b.log = newTap() // that of before says already that pages are served
	b.again(t)
	b.locked(t, whiches...)
	b.visit(t, https)
	b.locked(t)
	b.end(t)
	d, err := openDiary(t.Context(), b.dir, b.site.appliance)
	must(t, err)
	defer d.Close()
	if list := ops(t, d); times(list, "unlock") != 3 || times(list, "lock") != 1 {
		t.Errorf("entered: %v", list)
	}
}

// live looks at what is recorded now.
func (b *box) live(t *testing.T, v *visitor) {
	t.Helper()
	_, err := b.entrance.fragments.Next(t.Context(), "hall", "main", playback.Mark{})
	must(t, err)
	var opened struct{ ID string }
	v.do(t.Context(), "POST", "/viewings", map[string]any{"purpose": "safety", "live": true, "camera": "hall"}, &opened)
	live := v.do(t.Context(), "GET", "/viewings/"+opened.ID+"/hall/main/live", nil, nil)
	defer live.Body.Close()
	head := make([]byte, 16)
	if _, err := io.ReadFull(live.Body, head); err != nil || playback.ChunkKind(head[0]) != playback.ChunkInit {
		t.Fatalf("live: %s, %x: %v", live.Status, head, err)
	}
}

func times(list []string, op string) (n int) {
	for _, one := range list {
		if one == op {
			n++
		}
	}
	return n
}

// second adds a caretaker, who has the keys of footage from the log-in of the head on, and chooses a password.
func (b *box) second(t *testing.T) {
	t.Helper()
	out := b.as(t, 0, "person", "add", "bor", "--name", "Bor Kos", "--role", "caretaker", "--paper", time.Now().AddDate(0, 0, -1).Format(time.DateOnly))
	_, rest, _ := strings.Cut(out, "first password: ")
	first, _, _ := strings.Cut(rest, " ")
	toldOf(t, b.does(t, typedLines(first), 1, "unlock", "--as", "bor"), "choose a new password first: varuh person password --as bor")
	b.does(t, typedLines(first, borPassword, borPassword), 0, "person", "password", "--as", "bor")
}

const borPassword = "zeleni kljuc brez vrat"

// Whoever is authorised while the keys are open opens what the authorisation is for; whoever is removed opens nothing any more.
// A lock takes a person who may.
func TestWhoOpensWhat(t *testing.T) {
	t.Parallel()
	b := loginBox(t, headAdmin(), nil)
	b.second(t)
	toldOf(t, b.as(t, 0, "lock"), "Footage and diary are locked", "any of 2 persons, the diary by that of 1 person")
	b.locked(t, whiches...)
	toldOf(t, b.does(t, typedLines(borPassword), 0, "unlock", "--as", "bor"), "Footage is open, the diary is locked.")
	b.locked(t, people.DiaryKey)
	b.does(t, typedLines(borPassword), 0, "lock", "--as", "bor")
	b.as(t, 0, "person", "remove", "bor", "--reason", "he left")
	b.as(t, 0, "lock")
	toldOf(t, b.does(t, typedLines(borPassword), 1, "unlock", "--as", "bor"), "the log-in was refused")
	b.locked(t, whiches...)
	if n := b.wraps(t); n != 2 {
		t.Errorf("%d wraps are there", n)
	}
	b.end(t)
	toldOf(t, b.as(t, 1, "unlock"), "varuh does not run here, so that there is nothing to lock or unlock")
	toldOf(t, b.as(t, 1, "lock"), "varuh does not run here")
	toldOf(t, b.as(t, 0, "diary", "list", "--reason", "a look"), "Ana Novak") // a command alone opens them for itself
}

// wraps counts all wraps.
func (b *box) wraps(t *testing.T) (n int) {
	t.Helper()
	r, err := b.office.persons(t.Context())
	must(t, err)
	list, err := r.Persons(t.Context())
	must(t, err)
	for _, p := range list {
		n += len(p.Wraps)
	}
	return n
}

// The envelope opens all where nobody can log in, after that is entered: the person named has a new password and the keys,
// everybody else chooses another, and it is said that a new envelope is needed.
func TestRecovery(t *testing.T) {
	t.Parallel()
	b := loginBox(t, headAdmin(), nil)
	b.second(t)
	b.as(t, 0, "lock")
	another, err := keyring.GenerateKey()
	must(t, err)
	use := []string{"unlock", "--envelope", "--name", "Cene Zupan", "--reason", "the head is ill", "--person", "ravnatelj"}
	const next = "rdeca streha pod snegom"
	toldOf(t, b.does(t, io.MultiReader(typedLines(next, next), typed(another)), 1, use...), "with these words no private reading keys can be had")
	b.locked(t, whiches...)
	toldOf(t, b.does(t, io.MultiReader(typedLines("kratko", "kratko"), typed(b.recovery)), 1, use...), "not safe")
	b.locked(t, whiches...)
	toldOf(t, b.does(t, io.MultiReader(typedLines(next, next), typed(b.recovery)), 0, use...), "Footage and diary are open", "Everybody has to choose another password", "Replace it now: varuh keys rotate")
	b.locked(t)
	b.as(t, 1, "lock")
	b.does(t, typedLines(next), 0, "lock", "--as", "ravnatelj")
	b.does(t, typedLines(next), 0, "unlock", "--as", "ravnatelj")
	b.locked(t)
	toldOf(t, b.does(t, typedLines(borPassword), 1, "unlock", "--as", "bor"), "choose a new password first")
	b.end(t)
	b.again(t)
	toldOf(t, b.does(t, nil, 0, "status"), "! the recovery words were used on ", "replace it with varuh keys rotate")
	b.does(t, typedLines(next), 0, "keys", "rotate", "--as", "ravnatelj", "--reason", "the envelope was opened", "--yes-i-wrote-it-down")
	if text := b.does(t, nil, 0, "status"); strings.Contains(text, "recovery words were used") {
		t.Error(text)
	}
	b.end(t)
	d, err := openDiary(t.Context(), b.dir, b.site.appliance)
	must(t, err)
	defer d.Close()
	list := ops(t, d)
	if i := slices.Index(list, "recovery.used"); i < 0 || list[i+1] != "person.recover" || times(list, "recovery.used") != 1 {
		t.Errorf("entered: %v", list)
	}
}

// Without a first person only the envelope opens anything, which the status says; the first one gets the keys by the words.
func TestFirstPersonGetsTheKeys(t *testing.T) {
	t.Parallel()
	b := loginBox(t, firstAdmin{}, nil)
	toldOf(t, b.does(t, nil, 0, "status"), "only the envelope opens footage or diary", "NOBODY can open them by logging in")
	first := []string{"person", "first", "ravnatelj", "--name", "Ana Novak", "--paper", time.Now().AddDate(0, 0, -1).Format(time.DateOnly)}
	toldOf(t, b.does(t, io.MultiReader(typedLines(goodPassword, goodPassword), typed(b.recovery)), 0, first...), "Ana Novak is the first person here")
	b.locked(t, whiches...)
	b.as(t, 0, "unlock")
	b.locked(t)
	toldOf(t, b.does(t, io.MultiReader(typedLines(goodPassword, goodPassword), typed(b.recovery)), 1, first...), "there are persons already")
	toldOf(t, b.does(t, typed(b.recovery), 1, "person", "first", "--link", "--name", "Bor Kos"), "no pages are served")
	b.end(t)

	b = loginBox(t, firstAdmin{}, nil)
	toldOf(t, b.does(t, typedLines(goodPassword, goodPassword, ""), 0, first...), "NOBODY can open footage or diary by logging in yet")
	toldOf(t, b.as(t, 1, "unlock"), "the keys are locked", "you have none of them yet")
	b.does(t, typed(b.recovery), 0, "unlock", "--envelope", "--name", "Ana Novak", "--reason", "nobody had the keys")
	b.locked(t)
	b.does(t, typedLines(goodPassword, borPassword, borPassword), 0, "person", "password", "--as", "ravnatelj")
	b.does(t, typedLines(borPassword), 0, "lock", "--as", "ravnatelj")
	b.does(t, typedLines(borPassword), 0, "unlock", "--as", "ravnatelj")
	b.locked(t)
	b.end(t)
}

// The link of the console is good once, and whoever comes in by it while the words have opened the keys gets them.
func TestLinkForTheFirstPerson(t *testing.T) {
	t.Parallel()
	https := freeAddr(t)
	b := loginBox(t, firstAdmin{}, nil, "https: off\n", "https: "+https+"\n")
	b.log.await(t, "pages are served")
	out := b.does(t, typed(b.recovery), 0, "person", "first", "--link", "--name", "Ana Novak")
	_, rest, _ := strings.Cut(out, "/first#")
	token, _, _ := strings.Cut(rest, " ")
	b.locked(t)
	v := b.stranger(t, https)
	body := map[string]any{"token": token, "login": "ravnatelj", "name": "Ana Novak", "password": goodPassword,
		"roles": []string{"administrator", "approver", "caretaker"}, "paper": time.Now().AddDate(0, 0, -1).Format(time.DateOnly)}
	v.do(t.Context(), "POST", "/first", body, new(any))
	if r := v.do(t.Context(), "POST", "/first", body, nil); r.Body.Close() != nil || r.StatusCode != http.StatusForbidden {
		t.Errorf("the second time: %s", r.Status)
	}
	b.as(t, 0, "lock")
	b.as(t, 0, "unlock")
	b.locked(t)
	b.end(t)
}

// A role that asks for a second factor keeps its person from everything else until there is one; then each log-in takes a code.
func TestSecondFactorOfARole(t *testing.T) {
	t.Parallel()
	b := loginBox(t, headAdmin(), nil, "# second_factor: [administrator, approver]", "second_factor: [approver]")
	toldOf(t, b.as(t, 1, "unlock"), "set up your second factor first: varuh person second --as ravnatelj")
	b.locked(t, whiches...)
	in, shown := io.Pipe()
	var out strings.Builder
	ended := make(chan int)
	go func() {
		ended <- run(t.Context(), []string{"person", "second", "--as", "ravnatelj", "--dir", b.dir}, terminal{in, &prompted{&out, shown}, &out})
	}()
	if code := <-ended; code != 0 {
		t.Fatal(out.String())
	}
	_, codes, _ := strings.Cut(out.String(), "in its place; keep them apart from the phone:")
	list := strings.Fields(codes)
	if len(list) < 2 {
		t.Fatal(out.String())
	}
	toldOf(t, b.as(t, 1, "unlock"), "a code is needed")
	b.as(t, 0, "unlock", "--code", list[0])
	b.locked(t)
	toldOf(t, b.as(t, 1, "lock", "--code", list[0]), "the log-in was refused")
	toldOf(t, b.as(t, 1, "person", "second", "--drop", "--code", list[1]), "a role of yours asks for a second factor")
	b.end(t)
}

// prompted is what a command prints; once the secret is there it types password and code.
type prompted struct {
	out   *strings.Builder
	typed *io.PipeWriter
}

func (w *prompted) Write(p []byte) (int, error) {
	if _, uri, ok := strings.Cut(string(p), "otpauth"); ok {
		secret, err := people.ParseURI("otpauth" + strings.Fields(uri)[0])
		if err != nil {
			return 0, err
		}
		go fmt.Fprintf(w.typed, "%s\n%s\n", secret.Code(time.Now()), goodPassword)
	}
	return w.out.Write(p)
}

// Keys that a log-in opened leave the memory when nobody has used them for the time configured; what the program does by
// itself is no use, and those of "unlock: auto" stay.
func TestIdleLock(t *testing.T) {
	t.Parallel()
	for _, unlock := range []string{configs.UnlockLogin, configs.UnlockAuto} {
		s, now := newStill(t), time.Now()
		cfg := *s.cfg
		cfg.Unlock, cfg.IdleLock = unlock, configs.Duration(30*time.Minute)
		one := &site{cfg: &cfg}
		keys := one.openKeys(func() time.Time { return now })
		k, err := keyring.GenerateKey()
		must(t, err)
		keys.Take(people.DiaryKey, keyring.Identity{k})
		for range 2 {
			now = now.Add(29 * time.Minute)
			if _, err := keys.Diary(); err != nil {
				t.Error(err)
			}
		}
		now = now.Add(29 * time.Minute)
		if _, err := keys.DiaryAside(); err != nil {
			t.Error(err)
		}
		now = now.Add(2 * time.Minute)
		if got := keys.Locked(people.DiaryKey); got != (unlock == configs.UnlockLogin) {
			t.Errorf("unlock: %s: locked %v", unlock, got)
		}
	}
}

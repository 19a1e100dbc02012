package main

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/people"
	"varuh/configs"
	"varuh/recorder/durable"
	"varuh/recorder/keyring"
)

// byAna is who rotates in tests.
var byAna = keyChange{who: played("Ana Kovač"), Reason: "yearly"}

// keyedSite is a state folder with key files, whose keys the test knows, held by this process.
type keyedSite struct {
	*site
	*clerk
	reading, recovery keyring.PrivateKey // of the diary
}

func newKeyedSite(t *testing.T) *keyedSite {
	t.Helper()
	c, _ := keyed(t)
	cfg, err := configs.Load(c.state)
	must(t, err)
	s, err := openSite(cfg)
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	k := &keyedSite{site: s, clerk: c}
	must(t, k.rotate(t, durable.OS, k.newRecovery(t)))
	k.reading, err = keyring.ReadKeyFile(durable.OS, k.diaryKey())
	must(t, err)
	return k
}

func (k *keyedSite) diaryKey() string { return diaryKeyFile(k.cfg.KeyFile()) }

func (k *keyedSite) newRecovery(t *testing.T) keyring.PublicKey {
	t.Helper()
	var err error
	k.recovery, err = keyring.GenerateKey()
	must(t, err)
	return k.recovery.Public()
}

// rotate is what the command does, but for the paper: it takes up a rotation that was begun.
func (k *keyedSite) rotate(t *testing.T, fsys durable.FS, recovery keyring.PublicKey) error {
	t.Helper()
	public, err := keyring.ReadPublic(durable.OS, publicFile(k.cfg.State))
	must(t, err)
	ro := k.rotation()
	ro.FS = fsys
	n := k.renewal(ro)
	if !public.Rotating() {
		if err := n.begin(t.Context(), recovery); err != nil {
			return err
		}
	}
	done, err := n.finish(t.Context())
	if err != nil {
		return err
	}
	return done.tell(terminal{strings.NewReader(""), io.Discard, io.Discard})
}

// renewal is one of this site where nobody is there who could log in.
func (k *keyedSite) renewal(ro keyring.Rotation) *renewal {
	return &renewal{site: k.site, ro: ro, by: byAna, out: io.Discard}
}

// beginDiary begins the part of a rotation that is about the diary.
func (k *keyedSite) beginDiary(t *testing.T, ro keyring.Rotation, recovery keyring.PublicKey) {
	t.Helper()
	reading, err := k.renewal(ro).fresh(t.Context(), people.DiaryKey, recovery)
	must(t, err)
	must(t, k.diaryRotation(ro).Begin(t.Context(), reading, recovery, time.Now()))
}

// opens tells how many entries of the diary the keys open, and fails if that is neither all nor none.
func (k *keyedSite) opens(t *testing.T, keys ...keyring.PrivateKey) bool {
	t.Helper()
	d, err := openDiary(t.Context(), k.cfg.State, k.site.appliance)
	must(t, err)
	defer d.Close()
	o, opened := d.Opener(keys), int64(0)
	for i := range d.Head().Size {
		_, _, err := o.Open(t.Context(), i)
		if err != nil && !errors.Is(err, diary.ErrNoKey) {
			t.Fatal(err)
		}
		if err == nil {
			opened++
		}
	}
	if opened != 0 && opened != d.Head().Size {
		t.Fatalf("%d of %d entries open", opened, d.Head().Size)
	}
	return opened > 0
}

// rotated fails unless the new keys of the diary open every entry, each alone, and those before none.
func (k *keyedSite) rotated(t *testing.T, old ...keyring.PrivateKey) {
	t.Helper()
	must(t, k.enter(t.Context(), diary.Entry{Op: "start"}, io.Discard))
	var err error
	k.reading, err = keyring.ReadKeyFile(durable.OS, k.diaryKey())
	must(t, err)
	if !k.opens(t, k.reading) || !k.opens(t, k.recovery) {
		t.Error("a new key does not open the diary")
	}
	if k.opens(t, old...) {
		t.Error("an old key opens the diary")
	}
	if _, err := os.Stat(k.diaryKey() + ".next"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("beside the key file there is another one: %v", err)
	}
	for _, name := range []string{publicFile(k.cfg.State), diaryPublicFile(k.cfg.State)} {
		p, err := keyring.ReadPublic(durable.OS, name)
		must(t, err)
		if p.Rotating() || current(p, keyring.Recovery) != k.recovery.Public() {
			t.Errorf("%s has the keys %+v", name, p)
		}
	}
}

var errPower = errors.New("the power failed")

// failing is a file system that changes nothing any more after so many changes.
type failing struct {
	durable.FS
	left int
}

func (f *failing) change() error {
	if f.left--; f.left < 0 {
		return errPower
	}
	return nil
}

func (f *failing) OpenRW(name string) (durable.File, error) {
	if err := f.change(); err != nil {
		return nil, err
	}
	return f.FS.OpenRW(name)
}

func (f *failing) Create(name string, perm fs.FileMode) (durable.File, error) {
	if err := f.change(); err != nil {
		return nil, err
	}
	return f.FS.Create(name, perm)
}

func (f *failing) Rename(old, name string) error {
	if err := f.change(); err != nil {
		return err
	}
	return f.FS.Rename(old, name)
}

func (f *failing) SyncDir(name string) error {
	if err := f.change(); err != nil {
		return err
	}
	return f.FS.SyncDir(name)
}

// Wherever a rotation of keys is cut off, the keys at hand open every entry, before the next run and after it;
// then the old ones open nothing, be it written before or after.
func TestRotateDiaryCrash(t *testing.T) {
	t.Parallel()
	k, cut := newKeyedSite(t), 0
	for ended := false; !ended; cut++ {
		oldReading, oldRecovery := k.reading, k.recovery
		next := k.newRecovery(t)
		err := k.rotate(t, &failing{durable.OS, cut}, next)
		if ended = err == nil; !ended && !errors.Is(err, errPower) {
			t.Fatal(err)
		}
		must(t, k.enter(t.Context(), diary.Entry{Op: "start"}, io.Discard)) // what a start would write
		keys, err := k.diaryIdentity()
		must(t, err)
		if !k.opens(t, keys...) {
			t.Fatalf("cut off at change %d: the keys at hand open nothing", cut)
		}
		if !ended {
			must(t, k.rotate(t, durable.OS, next))
		}
		k.rotated(t, oldReading, oldRecovery)
		if t.Failed() {
			t.Fatalf("cut off at change %d", cut)
		}
	}
	if cut < 30 {
		t.Errorf("a rotation has only %d changes", cut)
	}
}

// Between the new public keys and the sealing of the content keys the program may start and write.
func TestRotateDiaryBeforeReseal(t *testing.T) {
	t.Parallel()
	k := newKeyedSite(t)
	oldReading, oldRecovery := k.reading, k.recovery
	next := k.newRecovery(t)
	ro := k.rotation()
	must(t, k.renewal(ro).begin(t.Context(), next))
	k.beginDiary(t, ro, next)
	must(t, k.enter(t.Context(), diary.Entry{Op: "start"}, io.Discard))
	keys, err := k.diaryIdentity()
	must(t, err)
	if len(keys) != 2 || !k.opens(t, keys...) {
		t.Error("the two keys at hand do not open the diary")
	}
	must(t, k.rotate(t, durable.OS, next))
	k.rotated(t, oldReading, oldRecovery)
}

// A diary that can't be opened keeps no footage under the old keys. The old envelope is still needed, which is
// said, and the next rotation makes up for it.
func TestRotateWithoutDiary(t *testing.T) {
	t.Parallel()
	k := newKeyedSite(t)
	oldReading, oldRecovery := k.reading, k.recovery
	away := filepath.Join(t.TempDir(), "varuh.db")
	must(t, os.Rename(diaryFile(k.cfg.State), away))
	err := k.rotate(t, durable.OS, k.newRecovery(t))
	if err == nil || !strings.Contains(err.Error(), "KEEP the old envelope") || !errors.Is(err, diary.ErrMissing) {
		t.Errorf("without a diary: %v", err)
	}
	public, err := keyring.ReadPublic(durable.OS, publicFile(k.cfg.State))
	must(t, err)
	if public.Rotating() || current(public, keyring.Recovery) != k.recovery.Public() {
		t.Errorf("the footage's keys are %+v", public)
	}
	must(t, os.Rename(away, diaryFile(k.cfg.State)))
	if !k.opens(t, oldRecovery) || k.opens(t, k.recovery) {
		t.Error("another envelope than the old one opens the diary")
	}
	must(t, k.knowsDiary(oldRecovery))
	if err := k.knows(oldRecovery); err == nil {
		t.Error("the old envelope is taken for the footage's")
	}
	middle := k.recovery
	must(t, k.rotate(t, durable.OS, k.newRecovery(t)))
	k.rotated(t, oldReading, oldRecovery, middle)
}

// The daemon replaces the diary's keys, too, and goes on writing it.
func TestRotateRunning(t *testing.T) {
	t.Parallel()
	dir, err := memoryFolder("test")
	must(t, err)
	t.Cleanup(func() { must(t, os.RemoveAll(dir)) })
	file := filepath.Join(dir, "k")
	b := startBoxWith(t, file, configs.MetricsOff, nil)
	old, err := keyring.ReadKeyFile(durable.OS, diaryKeyFile(file))
	must(t, err)
	boxes := sealedBoxes(t, b.dir)
	recovery, err := keyring.GenerateKey()
	must(t, err)
	answer, err := ask(t.Context(), b.dir, "POST", "/rotate", strings.NewReader(fmt.Sprintf(`{"actor":"Ana Kovač","reason":"yearly","recovery":%q}`, recovery.Public())))
	must(t, err)
	var done rotateDone
	must(t, decodeAnswer(answer, &done))
	must(t, answer.Close())
	if done.Diary != "" || len(done.Lost) != 0 {
		t.Errorf("the daemon says %+v", done)
	}
	for _, name := range []string{diaryFile(b.dir), diaryFile(b.dir) + "-wal"} {
		raw, err := os.ReadFile(name)
		must(t, err)
		for _, box := range boxes {
			if bytes.Contains(raw, box) {
				t.Errorf("%s still has what was sealed to the old keys", filepath.Base(name))
			}
		}
	}
	b.clerk.config(nil, "afterwards")
	b.end(t)
	reading, err := keyring.ReadKeyFile(durable.OS, diaryKeyFile(file))
	must(t, err)
	k := &keyedSite{site: b.site, clerk: b.clerk}
	if !k.opens(t, reading) || !k.opens(t, recovery) || k.opens(t, old) {
		t.Error("the diary opens with other keys than the new ones")
	}
}

// sealedBoxes are the content keys of a diary, as they are sealed.
func sealedBoxes(t *testing.T, state string) (boxes [][]byte) {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+diaryFile(state)+"?mode=ro")
	must(t, err)
	defer db.Close()
	rows, err := db.Query(`SELECT box FROM diary_sealed`)
	must(t, err)
	defer rows.Close()
	for rows.Next() {
		var box []byte
		must(t, rows.Scan(&box))
		boxes = append(boxes, box)
	}
	must(t, rows.Err())
	if len(boxes) < 2 {
		t.Fatalf("there are %d sealed keys", len(boxes))
	}
	return boxes
}

// newLocked makes a state folder without a private key on the machine.
func newLocked(t *testing.T) *keyedSite {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "box")
	var paper strings.Builder
	c := initCmd{Store: []string{filepath.Join(dir, "store")}, Controller: "sola.example", YesIWroteDown: true}
	_, err := c.make(dir, terminal{strings.NewReader(""), &paper, io.Discard})
	must(t, err)
	cfg, err := configs.Load(dir)
	must(t, err)
	k := &keyedSite{recovery: onPaper(t, paper.String())}
	k.site, err = openSite(cfg)
	must(t, err)
	t.Cleanup(func() { must(t, k.site.Close()) })
	return k
}

// onPaper reads the words that a command printed.
func onPaper(t *testing.T, out string) keyring.PrivateKey {
	t.Helper()
	var words []string
	for line := range strings.Lines(out) {
		fields := strings.Fields(line)
		for i := 0; i+1 < len(fields) && fields[i] == fmt.Sprint(len(words)+1); i += 2 {
			words = append(words, fields[i+1])
		}
	}
	k, err := keyring.ParseWords(strings.Join(words, " "))
	must(t, err)
	return k
}

// typed are the words of keys, as a person types them.
func typed(keys ...keyring.PrivateKey) io.Reader {
	var b strings.Builder
	for _, k := range keys {
		words := k.Words()
		b.WriteString(strings.Join(words[:], " ") + "\n\n")
	}
	return strings.NewReader(b.String())
}

// Where no private key is on the machine, an interrupted rotation is ended with both envelopes, and the words of
// none get into a file that stays.
func TestRotateLockedResumed(t *testing.T) {
	t.Parallel()
	dir, err := memoryFolder("test")
	must(t, err)
	t.Cleanup(func() { must(t, os.RemoveAll(dir)) })
	for name, cut := range map[string]func(*testing.T, *keyedSite, keyring.Rotation, keyring.PublicKey){
		"before the diary": func(*testing.T, *keyedSite, keyring.Rotation, keyring.PublicKey) {},
		"in the diary": func(t *testing.T, k *keyedSite, ro keyring.Rotation, next keyring.PublicKey) {
			k.beginDiary(t, ro, next)
			must(t, k.enter(t.Context(), diary.Entry{Op: "start"}, io.Discard))
		},
		"after the diary": func(t *testing.T, k *keyedSite, ro keyring.Rotation, _ keyring.PublicKey) {
			must(t, k.rotateDiary(t.Context(), nil, ro, byAna, io.Discard, k.renewal(ro).fresh))
		},
	} {
		for _, file := range []string{"", filepath.Join(dir, strings.ReplaceAll(name, " ", "-"))} {
			k := newLocked(t)
			old, ro := k.recovery, k.rotation()
			next := k.newRecovery(t)
			lost := t.TempDir() // the memory that the new reading keys lay in
			ro.KeyFile, ro.Old = filepath.Join(lost, "key"), keyring.Identity{old}
			must(t, k.renewal(ro).begin(t.Context(), next))
			cut(t, k, ro, next)

			k.public, err = keyring.ReadPublic(durable.OS, publicFile(k.cfg.State)) // as a new process has it
			must(t, err)
			term := terminal{typed(k.recovery, old), io.Discard, io.Discard}
			ro = k.rotation()
			if err := (keysRotateCmd{keyChange: byAna, Key: file}).rotateLocked(t.Context(), k.renewal(ro), term); err == nil || !strings.Contains(err.Error(), "not the words of the new envelope") {
				t.Errorf("%s: the envelopes in the wrong order: %v", name, err)
			}
			term.in = typed(old, k.recovery)
			err := keysRotateCmd{keyChange: byAna, Key: file}.rotateLocked(t.Context(), k.renewal(ro), term)
			if (err == nil) != (file == "") || err != nil && !strings.Contains(err.Error(), "once more") {
				t.Errorf("%s, to %q: %v", name, file, err)
			}
			if !k.opens(t, k.recovery) || k.opens(t, old) {
				t.Errorf("%s: another envelope than the new one opens the diary", name)
			}
			if public, err := keyring.ReadPublic(durable.OS, publicFile(k.cfg.State)); err != nil || public.Rotating() {
				t.Errorf("%s: the footage's keys are %+v, %v", name, public, err)
			}
			if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
				t.Errorf("%s: there is a key file: %v, %v", name, left, err)
			}
		}
	}
}

// Where the private key of the diary is gone from its place, the present words stand in.
func TestRotateDiaryKeyGone(t *testing.T) {
	t.Parallel()
	k := newKeyedSite(t)
	old := k.recovery
	must(t, os.Remove(k.diaryKey()))
	var paper strings.Builder
	c := keysRotateCmd{keyChange: byAna, YesIWroteDown: true}
	if err := c.renew(t.Context(), k.renewal(k.rotation()), terminal{strings.NewReader(""), &paper, io.Discard}); err == nil {
		t.Error("without the words it was rotated")
	}
	public, err := keyring.ReadPublic(durable.OS, publicFile(k.cfg.State))
	must(t, err)
	k.public = public // as a new process has it
	must(t, c.renew(t.Context(), k.renewal(k.rotation()), terminal{typed(old), &paper, io.Discard}))
	k.recovery = onPaper(t, paper.String())
	k.rotated(t, k.reading, old)
}

package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"varuh/accesslog/diary"
	"varuh/configs"
	"varuh/recorder/durable"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
	"varuh/recorder/rtsp/rtsptest"
	"varuh/retention"
	"varuh/retention/copies"
	"varuh/testdata/clips"
)

// asTyped are recovery words as they are typed.
func asTyped(k keyring.PrivateKey) string {
	words := k.Words()
	return strings.Join(words[:], " ") + "\n\n"
}

// command runs a command with an input and returns its exit code and all that it said.
func command(t *testing.T, input string, args ...string) (int, string) {
	t.Helper()
	var out strings.Builder
	code := run(t.Context(), args, terminal{strings.NewReader(input), &out, &out})
	return code, out.String()
}

// must0 is a command that succeeds.
func must0(t *testing.T, input string, args ...string) string {
	t.Helper()
	code, said := command(t, input, args...)
	if code != 0 {
		t.Fatalf("varuh %s: exit status %d\n%s", strings.Join(args, " "), code, said)
	}
	return said
}

// The drill: a box records; a backup is made meanwhile; footage that is in it is erased afterwards; the box is lost, its
// disk is not. Restored from the backup and the disk, what was erased is erased, the rest opens with the words, and
// the diary goes on from the checkpoint that somebody kept.
func TestDrill(t *testing.T) {
	t.Parallel()
	server, err := rtsptest.Serve("127.0.0.1:0", []rtsptest.Camera{{Path: "hall", FS: clips.Files, Clip: clips.YardSub.File}}, rtsptest.Options{})
	must(t, err)
	defer server.Close()
	b := startBox(t, configs.MetricsOff, map[string]string{"cameras.d/hall.yml": camera("hall", server.URL("hall"), "")})
	words := asTyped(b.recovery)
	held, usb := b.isBackedUp(t)
	gone, kept := b.erasesFirst(t)
	disk := filepath.Join(t.TempDir(), "disk")
	must(t, os.Rename(filepath.Join(b.dir, "store"), disk))
	must(t, os.RemoveAll(b.dir)) // stolen
	b.isRestored(t, words, usb, disk, held)
	if code, said := command(t, words, "footage", "check", "--open", "--dir", b.dir); !strings.Contains(said, "Checked") || strings.Contains(said, kept.ID.String()) {
		t.Errorf("the footage is checked to %d:\n%s", code, said)
	}
	b.opensOnly(t, words, kept, gone)
}

// isBackedUp records a whole segment and a second one; while that is written somebody keeps the checkpoint, footage is held, and a backup
// goes onto a stick.
func (b *box) isBackedUp(t *testing.T) (held, usb string) {
	t.Helper()
	recorded := func() {
		t.Helper()
		b.log.await(t, "kind=connected camera=hall")
		ctx, cancel := context.WithTimeout(t.Context(), never)
		defer cancel()
		for b.status().Streams[0].Segments == 0 || b.status().Streams[0].LastFragment.IsZero() {
			if ctx.Err() != nil {
				t.Fatal("nothing is recorded")
			}
		}
	}
	recorded()
	b.end(t)
	b.again(t)
	recorded()
	held, usb = filepath.Join(t.TempDir(), "held.txt"), t.TempDir()
	must(t, os.WriteFile(held, []byte(must0(t, "", "diary", "checkpoint", "--dir", b.dir)), 0o600))
	day := time.Now().UTC()
	must0(t, "", "hold", "set", "--kind", "rights", "--camera", "hall", "--from", day.AddDate(0, 0, 2).Format(time.DateOnly), "--to", day.AddDate(0, 0, 3).Format(time.DateOnly),
		"--basis", "request of a person", "--review", day.AddDate(0, 1, 0).Format(time.DateOnly), "--actor", "Ana", "--dir", b.dir)
	must0(t, "", "backup", usb, "--actor", "Ana", "--dir", b.dir)
	b.end(t)
	return held, usb
}

// erasesFirst erases the first segment, whose key the backup has, and keeps the second.
func (b *box) erasesFirst(t *testing.T) (gone, kept footage.Segment) {
	t.Helper()
	s, store := b.opened(t)
	var rows []footage.Segment
	for row, err := range s.index.All() {
		must(t, err)
		rows = append(rows, row)
	}
	if len(rows) < 2 {
		t.Fatalf("%d segments", len(rows))
	}
	gone, kept = rows[0], rows[1]
	s.with(t, func(d *diary.Diary) {
		_, err := journal{d}.Enter(t.Context(), retention.Entry{Op: retention.OpStart, Manifest: listOf(t, gone), Note: "due"})
		must(t, err)
	})
	s.run(t)
	s.gone(t, store, gone)
	must(t, errors.Join(s.index.Close(), s.Close()))
	return gone, kept
}

// isRestored makes the box again from the stick and its disk, and has the diary go on from the checkpoint that somebody kept.
func (b *box) isRestored(t *testing.T, words, usb, disk, held string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(usb, "*.age"))
	if err != nil || len(files) != 1 {
		t.Fatalf("on the stick: %v, %v", files, err)
	}
	said := must0(t, words, "restore", files[0], "--dir", b.dir, "--store", disk, "--actor", "Ana", "--reason", "stolen")
	for _, want := range []string{"Joined the store " + disk, "newer on the stores", "persons have accepted it", "does not name the store"} {
		if !strings.Contains(said, want) {
			t.Errorf("the restore did not say %q:\n%s", want, said)
		}
	}
	text := configs.New(configs.Choice{Store: []string{disk}, Metrics: configs.MetricsOff})
	must(t, os.WriteFile(filepath.Join(b.dir, configs.File), []byte(text), 0o600))
	must0(t, "", "diary", "accept", "--dir", b.dir, "--actor", "Ana", "--second", "Bor", "--reason", "restored from a backup")
	if said := must0(t, "", "diary", "verify", "--dir", b.dir, "--held", held); !strings.Contains(said, "goes on under a new name") {
		t.Errorf("the diary verifies to:\n%s", said)
	}
	if said := must0(t, "", "hold", "list", "--dir", b.dir); !strings.Contains(said, "rights  hall") {
		t.Errorf("the hold is lost:\n%s", said)
	}
}

// opensOnly tries the words on what was kept, and on what was erased; the next start has nothing to say.
func (b *box) opensOnly(t *testing.T, words string, kept, gone footage.Segment) {
	t.Helper()
	s, store := b.opened(t)
	defer func() { must(t, errors.Join(s.index.Close(), s.Close())) }()
	if slot, err := store.Ring.Slot(keyring.Ref{ID: gone.ID, Slot: gone.Slot}); err != nil || slot.State != keyring.StateErased {
		t.Errorf("what was erased is %v, %v", slot.State, err)
	}
	key, err := keyring.ParseWords(words)
	must(t, err)
	if _, err := s.unseal(key); err != nil {
		t.Errorf("the words give the keys to nobody: %v", err)
	}
	slot, err := store.Ring.Slot(keyring.Ref{ID: kept.ID, Slot: kept.Slot})
	must(t, err)
	if _, err := (keyring.Identity{key}).Open(store.ID, slot); err != nil {
		t.Errorf("what was kept: %v", err)
	}
	c := s.run(t) // as the next start does
	if said := c.marks.sentence(); said != "" {
		t.Errorf("the next start says %q", said)
	}
}

// opened is a stopped box, looked into.
func (b *box) opened(t *testing.T) (*still, footage.Store) {
	t.Helper()
	cfg, err := configs.Load(b.dir)
	must(t, err)
	site, err := openSite(cfg)
	must(t, err)
	ix, err := footage.Open(indexFile(b.dir))
	must(t, err)
	return &still{site, ix}, site.stores[0]
}

// What is erased between the copying of the key slots and that of the diary is in the backup as a key, and in its diary
// as erased. Restored where an older copy of the disk has the key too, the next start erases it again.
func TestRestoreErasesAgain(t *testing.T) {
	t.Parallel()
	s := newStill(t)
	store := s.stores[0]
	row, kept := s.record(t, store), s.record(t, store)
	s.with(t, func(d *diary.Diary) { must(t, s.marks().write(t.Context(), d)) })
	old := filepath.Join(t.TempDir(), "old") // an image of the disk
	must(t, os.CopyFS(old, os.DirFS(store.Dir)))
	recovery, err := keyring.GenerateKey()
	must(t, err)
	var made copies.Copy
	s.with(t, func(d *diary.Diary) {
		m := s.backupMaker(d, func() []configs.Camera { return nil })
		m.Recovery = func() (keyring.PublicKey, error) { return recovery.Public(), nil }
		database := m.Database
		m.Database = func(ctx context.Context, name string) (copies.Snapshot, error) {
			i, err := journal{d}.Enter(ctx, retention.Entry{Op: retention.OpStart, Manifest: listOf(t, row)})
			must(t, err)
			must(t, store.Ring.Erase(ctx, []keyring.Ref{{ID: row.ID, Slot: row.Slot}}))
			must(t, os.Remove(store.Path(row.Camera, row.ID)))
			must(t, s.index.Remove(row.ID))
			_, err = journal{d}.Enter(ctx, retention.Entry{Op: retention.OpEnd, Ref: &i})
			must(t, err)
			return database(ctx, name)
		}
		made, err = m.Make(t.Context(), copies.Order{Dir: t.TempDir(), Keep: keptAnyway})
		must(t, err)
	})
	s.gone(t, store, row)

	b := &box{dir: filepath.Join(t.TempDir(), "box")}
	said := must0(t, asTyped(recovery), "restore", made.Path(), "--dir", b.dir, "--store", old, "--actor", "Ana", "--reason", "burnt")
	if !strings.Contains(strings.Join(strings.Fields(said), " "), "the lost machine, which entered this backup") {
		t.Errorf("the old disk knows more of the diary than the backup:\n%s", said)
	}
	must(t, os.WriteFile(filepath.Join(b.dir, configs.File), []byte(configs.New(configs.Choice{Store: []string{old}, Metrics: configs.MetricsOff})), 0o600))
	must0(t, "", "diary", "accept", "--dir", b.dir, "--actor", "Ana", "--second", "Bor", "--reason", "restored from a backup")
	again, oldStore := b.opened(t)
	defer func() { must(t, errors.Join(again.index.Close(), again.Close())) }()
	if slot, err := oldStore.Ring.Slot(keyring.Ref{ID: row.ID, Slot: row.Slot}); err != nil || slot.State != keyring.StateSealed {
		t.Fatalf("the backup does not bring the key back: %v, %v", slot.State, err)
	}
	if said := again.run(t).marks.sentence(); said != "" {
		t.Errorf("the next start says %q", said)
	}
	again.gone(t, oldStore, row)
	if _, err := again.index.Get(kept.ID); err != nil {
		t.Errorf("what was kept: %v", err)
	}
}

// Where the keys were replaced after the backup, the store says so: what is recorded from then on is sealed to the keys
// that are in force, not to those of the backup.
func TestRestoreAfterRotation(t *testing.T) {
	t.Parallel()
	s := newStill(t)
	recovery, err := keyring.GenerateKey()
	must(t, err)
	var made copies.Copy
	s.with(t, func(d *diary.Diary) {
		m := s.backupMaker(d, func() []configs.Camera { return nil })
		m.Recovery = func() (keyring.PublicKey, error) { return recovery.Public(), nil }
		made, err = m.Make(t.Context(), copies.Order{Dir: t.TempDir(), Keep: keptAnyway})
		must(t, err)
	})
	next, err := keyring.GenerateKey()
	must(t, err)
	old := filepath.Join(t.TempDir(), "disk")
	must(t, os.CopyFS(old, os.DirFS(s.stores[0].Dir)))
	must(t, keyring.WritePublic(durable.OS, publicFile(old), keyring.NewPublic(next.Public(), next.Public(), time.Now().Add(time.Hour))))
	dir := filepath.Join(t.TempDir(), "box")
	must(t, os.Mkdir(dir, 0o700))
	if os.Getuid() == 0 {
		must(t, os.Chown(dir, 1234, 1234)) // the account of the service
	}
	said := must0(t, asTyped(recovery), "restore", made.Path(), "--dir", dir, "--store", old, "--actor", "Ana", "--reason", "burnt")
	if !strings.Contains(said, "The keys were replaced after this backup") {
		t.Errorf("said:\n%s", said)
	}
	public, err := keyring.ReadPublic(durable.OS, publicFile(dir))
	must(t, err)
	if current(public, keyring.Recovery) != next.Public() {
		t.Error("the keys in force are those of the backup")
	}
	for _, name := range []string{"", "varuh.yml", "keys/diary.key", "varuh.db", "footage.db"} {
		st, err := os.Stat(filepath.Join(dir, name))
		must(t, err)
		if uid, _, _ := owner(st); os.Getuid() == 0 && uid != 1234 {
			t.Errorf("%s in the folder belongs to %d", name, uid)
		}
	}
}

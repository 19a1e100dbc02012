package people_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"varuh/accesslog"
	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/accesslog/people"
	"varuh/recorder/durable"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
)

// The register with the keys of the door and a diary: what was entered while nobody could read is read by whoever logs
// in after a start, under a password that was changed since.
func TestTogetherWithTheDoorsKeys(t *testing.T) {
	t.Parallel()
	reading := map[people.Which]keyring.PrivateKey{}
	for _, w := range []people.Which{people.FootageKey, people.DiaryKey} {
		var err error
		if reading[w], err = keyring.GenerateKey(); err != nil {
			t.Fatal(err)
		}
	}
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "keys"), 0o700); err != nil {
		t.Fatal(err)
	}
	d, err := diary.Create(t.Context(), diary.Options{Path: filepath.Join(dir, "varuh.db"), Keys: filepath.Join(dir, "keys"),
		Public: []keyring.PublicKey{reading[people.DiaryKey].Public()}, State: people.Tables, Schema: []string{people.Schema}},
		"sola.example", diary.Entry{Body: proof.Body{Note: "first start"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	start := func() (*people.Register, *accesslog.Keys) {
		keys := accesslog.NewKeys(accesslog.KeyOptions{FS: durable.OS, Now: time.Now,
			Store: func(keyring.ID) (footage.Store, bool) { return footage.Store{}, false },
			InUse: func(w people.Which) keyring.KeyID { return reading[w].Public().ID() }})
		r, err := people.New(t.Context(), people.Options{Diary: d, Keys: keys, Cost: people.Cost{Memory: 8, Passes: 1, Lanes: 1}})
		if err != nil {
			t.Fatal(err)
		}
		return r, keys
	}
	const one, other = "tri lipe ob cesti", "morje gora in polje"
	r, keys := start()
	for w, key := range reading {
		keys.UnlockAuto(w, keyring.Identity{key})
	}
	_, err = r.First(t.Context(), people.First{Person: people.Person{Login: "vida", Name: "Vida Ravnik"}, Password: one,
		Roles: []people.Role{people.Administrator, people.Approver}, Paper: time.Now().Add(-time.Hour)})
	if err != nil {
		t.Fatal(err)
	}

	r, keys = start()
	if _, err := r.Login(t.Context(), people.Attempt{Login: "vida", Password: other}); !errors.Is(err, people.ErrRefused) || !keys.Locked(people.FootageKey) {
		t.Fatalf("a wrong password: %v", err)
	}
	s, err := r.Login(t.Context(), people.Attempt{Login: "vida", Password: one})
	if err != nil || s.Closed != nil || keys.Locked(people.FootageKey) || keys.Locked(people.DiaryKey) {
		t.Fatalf("%v, %v", err, s.Closed)
	}

	r, _ = start()
	s, err = r.Login(t.Context(), people.Attempt{Login: "vida", Password: one})
	if err != nil {
		t.Fatal(err)
	}
	if _, err = r.ChangePassword(t.Context(), s, one, other); err != nil {
		t.Fatal(err)
	}

	r, keys = start()
	s, err = r.Login(t.Context(), people.Attempt{Login: "vida", Password: other})
	if err != nil || s.Closed != nil {
		t.Fatalf("%v, %v", err, s.Closed)
	}
	id, err := keys.Diary()
	if err != nil {
		t.Fatal(err)
	}
	text, _, err := d.Opener(id).Open(t.Context(), s.Entry)
	if err != nil {
		t.Fatal(err)
	}
	if body, err := proof.ParseBody(text); err != nil || body.Actor.Name != "Vida Ravnik" || body.Actor.Session != s.ID {
		t.Errorf("%+v, %v", body, err)
	}
}

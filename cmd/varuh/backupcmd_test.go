package main

import (
	"os"
	"strings"
	"testing"

	"varuh/accesslog/diary"
	"varuh/configs"
	"varuh/recorder/keyring"
	"varuh/retention/copies"
)

// The daemon takes no copy for destroyed that it sees lying where it was made; of a disk that is away it takes a person's word.
func TestNotDestroyed(t *testing.T) {
	t.Parallel()
	s := newStill(t)
	recovery, err := keyring.GenerateKey()
	must(t, err)
	s.with(t, func(d *diary.Diary) {
		m := s.backupMaker(d, func() []configs.Camera { return nil })
		m.Recovery = func() (keyring.PublicKey, error) { return recovery.Public(), nil }
		stick := t.TempDir()
		made, err := m.Make(t.Context(), copies.Order{Dir: stick, Keep: keptAnyway})
		must(t, err)
		order := backupOrder{Destroyed: &made.ID, who: herself, Reason: "burnt"}
		if _, err := order.carryOut(t.Context(), m); err == nil || !strings.Contains(err.Error(), "is still in "+made.Path()) {
			t.Errorf("a file that is there: %v", err)
		}
		if list, err := m.Register.List(t.Context()); err != nil || len(list) != 1 {
			t.Fatalf("%+v, %v", list, err)
		}
		must(t, os.Rename(stick, stick+".away"))
		a, err := order.carryOut(t.Context(), m)
		if err != nil || len(a.Copies) != 0 {
			t.Errorf("%+v, %v", a, err)
		}
	})
}

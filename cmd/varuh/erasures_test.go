package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"varuh/accesslog/diary/print"
	"varuh/recorder/keyring"
	"varuh/retention"
)

// The record says of each erasure only what happened: a disk that was given up is not read again, what is entered later did
// not begin then, and of what is not ended nothing is counted as erased.
func TestRecordSaysWhatHappened(t *testing.T) {
	t.Parallel()
	dir, here, lost, recovery := twoDisksOf(t) // a list of both is open
	two := filepath.Join(dir, "two")
	ask := func(d journal, e *eraser) []print.Erasure {
		t.Helper()
		e.begin(d.diary)
		a, err := e.erasures(t.Context(), erasuresOrder{who: herself, Reason: "check"})
		must(t, err)
		return a.Erasures
	}
	s, letGo := openStill(t, dir)
	e, d, _ := s.eraserOf(t, later(t, 7, 0))
	if x := ask(journal{d}, e); len(x) != 1 || x[0].Bytes != 0 || x[0].Lost != 0 || !strings.Contains(erasureLine(x[0]), "open\t2\t-\t") {
		t.Errorf("what is not ended is %+v", x)
	}
	must(t, d.Close())
	letGo()
	must(t, os.Rename(two, two+".away"))
	if code, out := answer(t, dir, "y\n", "store", "lost", two, "--actor", "Ana", "--reason", "stolen"); code != 0 {
		t.Fatal(out)
	}
	s, letGo = openStill(t, dir)
	defer letGo()
	e, d, _ = s.eraserOf(t, later(t, 7, 0))
	defer func() { must(t, d.Close()) }()
	must(t, e.replay(t.Context(), d, 0))
	start, err := (journal{d}).Enter(t.Context(), retention.Entry{Op: retention.OpStart, Manifest: listOf(t, here), Data: map[string]any{"late": "yes"}})
	must(t, err)
	_, err = (journal{d}).Enter(t.Context(), retention.Entry{Op: retention.OpEnd, Ref: &start})
	must(t, err)
	reading, err := keyring.GenerateKey()
	must(t, err)
	e.keys = func() (keyring.Identity, error) { return keyring.Identity{reading}, nil } // that opens nothing
	x := ask(journal{d}, e)
	if len(x) != 2 || x[0].Late != "" {
		t.Fatalf("%+v", x)
	}
	e.keys = func() (keyring.Identity, error) { return keyring.Identity{recovery}, nil }
	x = ask(journal{d}, e)
	if x[0].Lost != 1 || x[0].Bytes != here.Bytes || x[0].Segments[0].Lost == x[0].Segments[1].Lost {
		t.Errorf("on the lost disk were %v: %+v", lost.ID, x[0])
	}
	if x[0].Late != "no" || x[1].Late != "yes" {
		t.Errorf("later was entered %q, %q", x[0].Late, x[1].Late)
	}
	var page strings.Builder
	must(t, print.ErasureRecord(&page, print.ErasureHead{Made: time.Now()}, x))
	if strings.Count(page.String(), "the disk is lost; the key here is destroyed") != 1 {
		t.Error("the record does not say once that a disk is lost")
	}
}

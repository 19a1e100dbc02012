package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"varuh/recorder/durable"
	"varuh/retention/copies"
)

// A backup that is killed anywhere leaves a note, and the next one ends it: each file on the stick is whole, registered
// and entered, and nothing else is there.
func TestKillBackup(t *testing.T) {
	t.Parallel()
	dir, usb := filepath.Join(t.TempDir(), "box"), otherDisk(t)
	c := initCmd{Store: []string{filepath.Join(t.TempDir(), "disk")}, Controller: "sola.example", YesIWroteDown: true}
	key, err := c.make(dir, terminal{strings.NewReader(""), io.Discard, io.Discard})
	must(t, err)
	backup := func() *exec.Cmd { return exec.Command("varuh", "backup", usb, "--actor", "Ana", "--dir", dir) }
	began := time.Now()
	if out, err := backup().CombinedOutput(); err != nil {
		t.Fatal(err, string(out))
	}
	whole := time.Since(began)
	rounds := 20
	if os.Getenv("VARUH_LONG") != "" {
		rounds = 300
	}
	killed := 0
	for i := range rounds {
		cmd := backup()
		must(t, cmd.Start())
		done := make(chan error, 1)
		go func() { done <- cmd.Wait() }()
		select {
		case <-time.After(whole * time.Duration(i) / time.Duration(rounds)):
			if err := cmd.Process.Kill(); !errors.Is(err, os.ErrProcessDone) {
				must(t, err)
			}
			if <-done != nil {
				killed++
			}
		case err := <-done:
			must(t, err)
		}
	}
	if killed == 0 {
		t.Error("none was killed in the middle")
	}
	if out, err := backup().CombinedOutput(); err != nil {
		t.Fatal(err, string(out))
	}
	for _, name := range []string{"backup.db", "backup.begun"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
			t.Errorf("%s is left", name)
		}
	}
	a, err := readAppliance(dir)
	must(t, err)
	d, err := openDiary(t.Context(), dir, a)
	must(t, err)
	defer func() { must(t, d.Close()) }()
	list, err := copyRegister(d).List(t.Context())
	must(t, err)
	entered := 0
	for e, err := range d.Entries(t.Context(), 0, d.Head().Size) {
		must(t, err)
		if e.Op == copies.OpBackup {
			entered++
		}
	}
	files := filesOf(t, usb)
	if len(files) != len(list) || entered != len(list) {
		t.Errorf("%d files, %d registered, %d entered: %v", len(files), len(list), entered, files)
	}
	for _, c := range list {
		b, err := os.ReadFile(c.Path())
		must(t, err)
		r, err := copies.Open(bytes.NewReader(b), key)
		must(t, err)
		if _, err := r.Unpack(t.Context(), durable.OS, t.TempDir()); err != nil || c.Cut {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

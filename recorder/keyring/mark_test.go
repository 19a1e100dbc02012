package keyring

import (
	"bytes"
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"varuh/recorder/durable"
	"varuh/recorder/durable/durabletest"
)

// marked fails unless both twins remember just this.
func marked(t *testing.T, r *Ring, want string) {
	t.Helper()
	marks, err := r.Marks("diary")
	must(t, err)
	if len(marks) != 2 || marks[0].Twin != "state" || marks[1].Twin != "store" || string(marks[0].Data) != want || string(marks[1].Data) != want {
		t.Errorf("the marks are %q, want %q twice", marks, want)
	}
}

func TestMark(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	d, r := b.disk(t)
	if marks, err := r.Marks("diary"); err != nil || len(marks) != 0 {
		t.Errorf("a new ring remembers %q, %v", marks, err)
	}
	must(t, r.SetMark(t.Context(), "diary", []byte("one")))
	o := create(t, r)
	must(t, r.SetMark(t.Context(), "diary", []byte("two")))
	must(t, r.SetMark(t.Context(), "other", []byte("three")))
	marked(t, b.open(t, d), "two")
	o.opens(t, r, b.reading)

	must(t, d.Remove(filepath.Join(stateDir, "diary.mark")))
	marks, err := r.Marks("diary")
	if err != nil || len(marks) != 1 || marks[0].Twin != "store" || string(marks[0].Data) != "two" {
		t.Errorf("with one twin made anew the marks are %q, %v", marks, err)
	}
}

func TestMarkRefused(t *testing.T) {
	t.Parallel()
	d, r := newBox(t).disk(t)
	must(t, r.SetMark(t.Context(), "diary", bytes.Repeat([]byte("x"), MaxMark)))
	if err := r.SetMark(t.Context(), "diary", make([]byte, MaxMark+1)); err == nil {
		t.Error("a mark that is too large was taken")
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := r.SetMark(ended, "diary", nil); !errors.Is(err, context.Canceled) {
		t.Errorf("after its context ended: %v", err)
	}
	replace(t, d, filepath.Join(storeDir, "diary.mark"), make([]byte, MaxMark+1))
	marks, err := r.Marks("diary")
	if len(marks) != 1 || marks[0].Twin != "state" || len(marks[0].Data) != MaxMark || err == nil || !strings.Contains(err.Error(), "store twin") {
		t.Errorf("with one mark that can't be one: %d marks, %v", len(marks), err)
	}
}

// A twin that can't be written does not keep the other from remembering.
func TestMarkOneTwinFails(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	d, r := b.disk(t)
	must(t, d.Mkdir(filepath.Join(stateDir, "diary.mark"), 0o700))
	if err := r.SetMark(t.Context(), "diary", []byte("one")); err == nil || !strings.Contains(err.Error(), "state twin") {
		t.Error(err)
	}
	if got, err := durable.ReadFile(d, filepath.Join(storeDir, "diary.mark"), MaxMark); err != nil || string(got) != "one" {
		t.Errorf("the other twin remembers %q, %v", got, err)
	}
}

// After a crash each twin remembers what it did before or what it was to, and slots are as they were.
func TestCrashInSetMark(t *testing.T) {
	t.Parallel()
	var sc scene
	durabletest.Sweep(t, durabletest.Story{
		Before: func(t *testing.T, d *durabletest.Disk) {
			sc.before(t, d)
			must(t, sc.open(t, d).SetMark(t.Context(), "diary", []byte("before")))
		},
		Do: func(d *durabletest.Disk) error {
			r, err := sc.ring(d)
			if err != nil {
				return err
			}
			return r.SetMark(t.Context(), "diary", []byte("afterwards"))
		},
		Check: func(t *testing.T, d *durabletest.Disk, did error) {
			r := sc.restart(t, d)
			marks, err := r.Marks("diary")
			must(t, err)
			if len(marks) != 2 {
				t.Fatalf("the marks are %q", marks)
			}
			for _, m := range marks {
				if got := string(m.Data); got != "afterwards" && (got != "before" || did == nil) {
					t.Errorf("the %s twin remembers %q", m.Twin, got)
				}
			}
			must(t, r.SetMark(t.Context(), "diary", []byte("again")))
			marked(t, r, "again")
		},
	})
}

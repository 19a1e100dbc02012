package diary

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"varuh/recorder/durable/durabletest"
)

// Whatever a full disk refuses, the sentence names the disk and what to do, once.
func TestFullDiskIsNamed(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	disk := durabletest.Image(t, 24)
	r.dir = filepath.Join(disk, "diary")
	must(t, os.MkdirAll(filepath.Join(r.dir, "keys"), 0o700))
	d := r.create(t)
	appendAll(t, d, 5)
	check := func(what string, err error) {
		t.Helper()
		if err == nil || strings.Count(err.Error(), "; free space on the disk of "+filepath.Join(r.dir, "varuh.db")) != 1 {
			t.Errorf("%s on a full disk: %v", what, err)
		}
	}
	empty := durabletest.Fill(t, disk)
	var err error
	for i := 0; err == nil && i < 1000; i++ {
		_, err = d.Append(t.Context(), viewing(i), nil)
	}
	check("an entry", err)
	if err := d.Close(); err != nil { // unless there was room for the last of the WAL
		check("the end", err)
	}
	empty()

	d = r.open(t)
	appendAll(t, d, 5)
	shut(t, d)
	empty = durabletest.Fill(t, disk)
	_, err = Open(t.Context(), r.options())
	check("a start", err)
	empty()
	shut(t, r.open(t))

	empty = durabletest.Fill(t, disk)
	must(t, os.Rename(filepath.Join(r.dir, "varuh.db"), filepath.Join(r.dir, "aside")))
	_, err = Create(t.Context(), r.options(), "sola.example", Entry{})
	check("a new diary", err)
	empty()
}

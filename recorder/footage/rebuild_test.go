package footage

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"varuh/recorder/keyring"
	"varuh/recorder/segment"
)

// dump is every row of an index but the numbers that join tables.
func dump(t *testing.T, ix *Index) (lines []string) {
	t.Helper()
	for after := (keyring.ID{}); ; {
		page, err := ix.page(after)
		ok(t, err)
		if len(page) == 0 {
			break
		}
		for _, s := range page {
			lines = append(lines, fmt.Sprintf("%+v", s))
		}
		after = page[len(page)-1].ID
	}
	var camera string
	rows, err := ix.read.Query(`SELECT DISTINCT camera FROM streams ORDER BY 1`)
	ok(t, err)
	defer rows.Close()
	for rows.Next() {
		ok(t, rows.Scan(&camera))
		_, gaps, err := ix.Span(camera, "", time.Time{}, noon.AddDate(50, 0, 0))
		ok(t, err)
		for _, g := range gaps {
			lines = append(lines, fmt.Sprintf("%+v", g))
		}
	}
	ok(t, rows.Err())
	boots, err := collect(ix.read, func(r *sql.Rows) (s string, err error) { return s, r.Scan(&s) },
		`SELECT format('boot %s %d %d %d %d', hex(boot), origin, origin_age, unset, unset_age) FROM boots ORDER BY boot`)
	ok(t, err)
	return append(lines, boots...)
}

// rebuilt is the index made anew from the archive's files.
func (a *archive) rebuilt() (*Index, *Report) {
	a.t.Helper()
	path := filepath.Join(a.t.TempDir(), "footage.db")
	report, err := Rebuild(a.t.Context(), a.disk, path, []Store{a.store})
	ok(a.t, err)
	return open(a.t, path), report
}

// TestRebuild: the index lost, its rows come back the same. The archive has a boot without a clock,
// gaps that a reboot and the clock's setting ended, a segment erased and one still open.
func TestRebuild(t *testing.T) {
	t.Parallel()
	a := recordedArchive(t)
	rows, _ := coldStory()
	for _, r := range rows {
		h := a.header("cold", "main", r.HeaderStart, r.gaps...)
		h.Boot, h.BootTime, h.Clock = r.Boot, r.BootTime, r.Clock
		a.recordHeader(h)
	}
	gone := a.record("gate", "main", noon.Add(13*time.Hour), segment.Gap{From: noon, To: noon.Add(13 * time.Hour), Cause: "disk"})
	ok(t, a.store.Ring.Erase(t.Context(), []keyring.Ref{ref(gone)}))
	ok(t, a.disk.Remove(a.path(gone)))
	ok(t, a.ix.Remove(gone.ID))
	_, w := a.begin(a.header("gate", "main", noon.Add(14*time.Hour)))
	ok(t, w.Sync())

	got, report := a.rebuilt()
	if len(report.Findings) > 0 || report.Segments != 9 || report.Gaps != 5 {
		t.Errorf("report: %+v", report)
	}
	if have, want := dump(t, got), dump(t, a.ix); !reflect.DeepEqual(have, want) {
		t.Errorf("rebuilt:\n%v\nwant:\n%v", have, want)
	}
}

// TestRebuildFinds: what gets no row is told, and the rest is there.
func TestRebuildFinds(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		spoil    func(a *archive, s Segment)
		rows     int
		severity Severity
		words    string
	}{
		"no header":   {func(a *archive, s Segment) { a.write(a.path(s), nil) }, 3, Incident, "can't be read"},
		"newer":       {func(a *archive, s Segment) { a.write(a.path(s), newer(a.read(a.path(s)))) }, 3, Incident, "version"},
		"other place": {func(a *archive, s Segment) { a.write(a.path(s), a.read(a.path(a.list[1]))) }, 3, Incident, "another's place"},
		"wrong folder": {func(a *archive, s Segment) {
			ok(a.t, a.disk.Rename(a.path(s), filepath.Dir(a.path(a.list[3]))+"/"+filepath.Base(a.path(s))))
		}, 3, Warning, "wrong folder"},
		"stray":        {func(a *archive, s Segment) { a.write(filepath.Dir(a.path(s))+"/notes.txt", nil) }, 4, Note, "no segment"},
		"erased":       {func(a *archive, s Segment) { ok(a.t, a.store.Ring.Erase(a.t.Context(), []keyring.Ref{ref(s)})) }, 3, Warning, "key is destroyed"},
		"no slot":      {func(a *archive, s Segment) { a.loseSlot(s) }, 4, Incident, "key slot"},
		"seal cut off": {func(a *archive, s Segment) { b := a.read(a.path(s)); a.write(a.path(s), b[:len(b)-1]) }, 4, Incident, "lost its seal"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := recordedArchive(t)
			tt.spoil(a, a.list[0])
			ix, report := a.rebuilt()
			wants(t, report.Findings, tt.severity, tt.words)
			if report.Segments != tt.rows {
				t.Errorf("%d rows, want %d", report.Segments, tt.rows)
			}
			wantSegment(t, ix, a.list[2])
			if name == "seal cut off" { // count and root are in the slot
				want := a.list[0]
				want.Bytes--
				wantSegment(t, ix, want)
			}
		})
	}
}

// TestRebuildAbsurd: headers that claim ages out of all reason do not stop a rebuild, nor move others.
func TestRebuildAbsurd(t *testing.T) {
	t.Parallel()
	a := recordedArchive(t)
	for i, age := range []time.Duration{math.MinInt64, math.MaxInt64, setAt} {
		h := a.header("yard", "main", noon.Add(time.Duration(i+1)*time.Hour))
		h.BootTime, h.Boot = age, coldBoot
		if age != setAt {
			h.Clock = segment.Unsynchronised
		}
		a.recordHeader(h)
	}
	ix, report := a.rebuilt()
	if len(report.Findings) > 0 {
		t.Errorf("%+v", report)
	}
	if have, want := dump(t, ix), dump(t, a.ix); !reflect.DeepEqual(have, want) {
		t.Errorf("rebuilt:\n%v\nwant:\n%v", have, want)
	}
	if found := a.check(CheckOptions{}); len(found) > 0 {
		t.Errorf("check: %+v", found)
	}
	wantSegment(t, ix, a.list[0])
}

// TestRebuildGoesOn: a row that the tables refuse keeps no other out.
func TestRebuildGoesOn(t *testing.T) {
	t.Parallel()
	good, bad := recorded("yard", "main", noon), recorded("gate", "main", noon)
	bad.Clock = 7
	b := rebuild{ix: emptyIndex(t), report: &Report{}, rows: []row{{Segment: bad}, {Segment: good}}}
	ok(t, b.flush())
	wants(t, b.report.Findings, Incident, "can't hold")
	wantSegment(t, b.ix, good)
}

// newer is a segment file of the next version.
func newer(b []byte) []byte {
	b[11]++
	return b
}

// TestRebuildReplaces: a rebuild that fails leaves the old index; one that does not leaves nothing of it.
func TestRebuildReplaces(t *testing.T) {
	t.Parallel()
	a := recordedArchive(t)
	path := a.ix.path
	before := dump(t, a.ix)
	ok(t, a.ix.Close())
	broken := a.store
	broken.Dir = "/elsewhere"
	if _, err := Rebuild(t.Context(), a.disk, path, []Store{broken}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a store that is not there: %v", err)
	}
	if got := dump(t, open(t, path)); !reflect.DeepEqual(got, before) {
		t.Errorf("after a failed rebuild:\n%v\nwant:\n%v", got, before)
	}
	// An old log beside the new index would be applied to it.
	ok(t, os.WriteFile(path+"-wal", []byte("old"), 0o600))
	ok(t, os.WriteFile(path+".new", []byte("left by a crash"), 0o600))
	if _, err := Rebuild(t.Context(), a.disk, path, []Store{a.store}); err != nil {
		t.Fatal(err)
	}
	names, err := filepath.Glob(path + "*")
	if err != nil || len(names) != 1 {
		t.Errorf("left: %v, %v", names, err)
	}
	if got := dump(t, open(t, path)); !reflect.DeepEqual(got, before) {
		t.Errorf("after a rebuild:\n%v\nwant:\n%v", got, before)
	}
}

// TestNewerVersionLeftAlone: a segment that a newer varuh wrote is told of in words that say what to do, by
// check and by rebuild; neither touches the file or its key, so that the newer program has both again.
func TestNewerVersionLeftAlone(t *testing.T) {
	t.Parallel()
	a := recordedArchive(t)
	s := a.list[0]
	file := newer(a.read(a.path(s)))
	a.write(a.path(s), file)
	wants(t, a.check(CheckOptions{}), Incident, "a newer one wrote the file, so upgrade")
	_, report := a.rebuilt()
	wants(t, report.Findings, Incident, "a newer one wrote the file, so upgrade")
	if !bytes.Equal(a.read(a.path(s)), file) {
		t.Error("the file was changed")
	}
	if slot, err := a.store.Ring.Slot(ref(s)); err != nil || slot.State != keyring.StateSealed {
		t.Errorf("its key slot is %v, %v", slot.State, err)
	}
}

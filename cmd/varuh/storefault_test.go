package main

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"varuh/recorder/durable"
	"varuh/recorder/durable/durabletest"
	"varuh/recorder/footage"
	"varuh/recorder/rtsp/rtsptest"
	"varuh/testdata/clips"
)

// sick is the file system of stores with faults that a test turns on and off.
type sick struct {
	durable.FS
	readOnly atomic.Bool
	blind    atomic.Bool // it does not tell its free space
}

func (d *sick) refuses(op, name string) error {
	if d.readOnly.Load() {
		return &fs.PathError{Op: op, Path: name, Err: syscall.EROFS}
	}
	return nil
}

func (d *sick) Create(name string, perm fs.FileMode) (durable.File, error) {
	if err := d.refuses("open", name); err != nil {
		return nil, err
	}
	f, err := d.FS.Create(name, perm)
	return sickFile{f, d, name}, err
}

func (d *sick) Mkdir(name string, perm fs.FileMode) error {
	return orElse(d.refuses("mkdir", name), func() error { return d.FS.Mkdir(name, perm) })
}

func (d *sick) Remove(name string) error {
	return orElse(d.refuses("remove", name), func() error { return d.FS.Remove(name) })
}

func (d *sick) Free(name string) (uint64, error) {
	if d.blind.Load() {
		return 0, &fs.PathError{Op: "statfs", Path: name, Err: syscall.EIO}
	}
	return d.FS.Free(name)
}

func orElse(err error, work func() error) error {
	if err != nil {
		return err
	}
	return work()
}

type sickFile struct {
	durable.File
	disk *sick
	name string
}

func (f sickFile) Write(b []byte) (int, error) {
	if err := f.disk.refuses("write", f.name); err != nil {
		return 0, err
	}
	return f.File.Write(b)
}

// expiredOn is an appliance with one camera, whose state folder is not on the disk of the first store, and so many
// segments there that are past their term.
func expiredOn(t *testing.T, n int, stores ...string) (s *smallState, rows []footage.Segment) {
	t.Helper()
	server, err := rtsptest.Serve("127.0.0.1:0", []rtsptest.Camera{{Path: "a", FS: clips.Files, Clip: clips.YardSub.File}}, rtsptest.Options{})
	must(t, err)
	t.Cleanup(func() { server.Close() })
	s = bareState(t, t.TempDir(), stores...)
	must(t, s.start(t)) // the index gets to know the stores
	s.end(t)
	cfg, err := loadConfig(s.dir, terminal{nil, io.Discard, io.Discard})
	must(t, err)
	site, err := openSite(cfg)
	must(t, err)
	ix, err := footage.Open(indexFile(s.dir))
	must(t, err)
	for i := range n {
		rows = append(rows, (&still{site, ix}).recordAt(t, site.stores[0], "a", time.Now().Add(-400*24*time.Hour+time.Duration(i)*time.Hour)))
	}
	must(t, errors.Join(ix.Close(), site.Close()))
	s.write(t, "cameras.d/a.yml", camera("a", server.URL("a"), ""))
	return s, rows
}

// begin starts the daemon and waits until it records: one gap, since the expired footage.
func (s *smallState) begin(t *testing.T) {
	t.Helper()
	must(t, s.start(t))
	s.segments(t, 2)
}

// erase has the daemon run once, now that a person has said how late it is.
func (s *smallState) erase() {
	s.time.told("person", time.Now())
	s.eraser.decided()
}

// metric is a number that the daemon publishes, of whatever labels.
func (s *smallState) metric(t *testing.T, name string) (sum float64) {
	t.Helper()
	registry := prometheus.NewRegistry()
	must(t, registry.Register(statusMetrics{s.Daemon}))
	families, err := registry.Gather()
	must(t, err)
	for _, f := range families {
		if f.GetName() == name {
			for _, m := range f.Metric {
				sum += m.GetGauge().GetValue()
			}
			return sum
		}
	}
	t.Errorf("there is no metric %s", name)
	return 0
}

// alarmed waits until the status says something of the terms, and demands the metric and the log too.
func (s *smallState) alarmed(t *testing.T, sentence string) {
	t.Helper()
	s.until(t, "there is no alarm", func(st status) bool { return strings.Contains(strings.Join(st.Terms.Troubles, "\n"), sentence) })
	s.log.await(t, sentence)
	if ok := s.metric(t, "varuh_footage_terms_ok"); ok != 0 {
		t.Errorf("varuh_footage_terms_ok is %v", ok)
	}
}

// well waits until the status says nothing of the terms any more.
func (s *smallState) well(t *testing.T) {
	t.Helper()
	s.until(t, "the alarm lasts", func(st status) bool { return len(st.Terms.Troubles) == 0 && st.Stores[0].Sentence == "" })
	if ok, failed := s.metric(t, "varuh_footage_terms_ok"), s.metric(t, "varuh_footage_failed_segments"); ok != 1 || failed != 0 {
		t.Errorf("varuh_footage_terms_ok is %v, varuh_footage_failed_segments %v", ok, failed)
	}
}

// recordsOn waits until more segments were begun, and demands that nothing was lost.
func (s *smallState) recordsOn(t *testing.T) {
	t.Helper()
	gaps := s.status().Streams[0].Gaps
	s.segments(t, 2)
	if st := s.status().Streams[0]; st.State != "recording" || st.Dropped > 0 || st.Gaps > gaps {
		t.Errorf("the stream is %+v", st)
	}
}

// said ends the daemon and demands entries: so many of each operation, and notes that hold a text.
func (s *smallState) said(t *testing.T, want map[string]int, notes ...string) {
	t.Helper()
	s.end(t)
	a, err := readAppliance(s.dir)
	must(t, err)
	ix, err := footage.Open(indexFile(s.dir))
	must(t, err)
	defer func() { must(t, ix.Close()) }()
	c := &clerk{state: s.dir, appliance: a, index: ix}
	list, bodies, _ := entries(t, c, s.keys)
	var all strings.Builder
	for _, b := range bodies {
		all.WriteString(b.Result + ": " + b.Note + "\n")
	}
	for op, n := range want {
		if got := count1(list, op); got != n {
			t.Errorf("%d entries %s, want %d, in %q, which say\n%s", got, op, n, list, all.String())
		}
	}
	for _, note := range notes {
		if !strings.Contains(all.String(), note) {
			t.Errorf("no entry says %q:\n%s", note, all.String())
		}
	}
	verifies(t, c)
}

// A file that can't be removed is an alarm with the run that meets it: in the status, the metrics, the log and the diary. Its
// key is destroyed all the same, the others go, recording goes on, and the alarm ends by itself when the file can go.
func TestImmutableFile(t *testing.T) {
	t.Parallel()
	disk := durabletest.Image(t, 1024)
	s, rows := expiredOn(t, 3, filepath.Join(disk, "store"))
	s.begin(t)
	now := &still{s.site, s.index}
	store := s.site.stores[0]
	durabletest.AsRoot(t, "chattr", "+i", store.Path("a", rows[1].ID))
	s.erase()
	s.alarmed(t, "1 segment that is to be erased is still there")
	if failed := s.metric(t, "varuh_footage_failed_segments"); failed != 1 {
		t.Errorf("varuh_footage_failed_segments is %v", failed)
	}
	now.gone(t, store, rows[0])
	now.gone(t, store, rows[2])
	s.recordsOn(t)
	durabletest.AsRoot(t, "chattr", "-i", store.Path("a", rows[1].ID))
	s.erase()
	s.well(t)
	now.gone(t, store, rows[1])
	s.said(t, map[string]int{"erase.start": 1, "erase.end": 1, "incident.erasure": 1, "incident.open": 1, "gap": 1},
		"1 of 3 segments could not be erased, the first at its file", "operation not permitted", "erasure failed: ")
}

// A store that was remounted read-only keeps the files that are due, and one twin of their keys, and that is an alarm with
// the run that meets it. Recording goes on where there is another store. When the disk can be written again all goes and the alarm ends.
func TestReadOnlyStore(t *testing.T) {
	t.Parallel()
	disk := durabletest.Image(t, 1024) // the other has more room, so nothing is recorded there
	s, rows := expiredOn(t, 3, filepath.Join(disk, "store"), filepath.Join(t.TempDir(), "other"))
	s.begin(t)
	now := &still{s.site, s.index}
	store := s.site.stores[0]
	durabletest.AsRoot(t, "mount", "-o", "remount,ro", disk)
	s.erase()
	s.alarmed(t, "3 segments that are to be erased are still there")
	for _, r := range rows {
		_, err := os.Stat(store.Path("a", r.ID))
		must(t, err)
	}
	s.recordsOn(t)
	durabletest.AsRoot(t, "mount", "-o", "remount,rw", disk)
	s.erase()
	s.well(t)
	for _, r := range rows {
		now.gone(t, store, r)
	}
	s.said(t, map[string]int{"erase.start": 1, "erase.end": 1, "incident.erasure": 1, "incident.open": 1, "gap": 1},
		"3 of 3 segments could not be erased, the first at its key", "read-only file system")
}

// The only store turns read-only below the recorder: both parts say so, what the camera sends waits in memory, and when
// the disk can be written again nothing of it is missing.
func TestOnlyStoreReadOnly(t *testing.T) {
	t.Parallel()
	s, rows := expiredOn(t, 2, filepath.Join(t.TempDir(), "store"))
	disk := &sick{FS: durable.OS}
	s.fs = disk
	s.begin(t)
	disk.readOnly.Store(true)
	s.erase()
	s.alarmed(t, "2 segments that are to be erased are still there")
	s.until(t, "the store is in no trouble", func(st status) bool { return st.Stores[0].Sentence != "" && st.Streams[0].State == "stalled" })
	if ok := s.metric(t, "varuh_store_ok"); ok != 0 {
		t.Errorf("varuh_store_ok is %v", ok)
	}
	must(t, s.read(t.Context(), "the diary goes on"))
	disk.readOnly.Store(false)
	s.log.await(t, "kind=recovered")
	s.erase()
	s.well(t)
	s.recordsOn(t)
	now := &still{s.site, s.index}
	for _, r := range rows {
		now.gone(t, s.site.stores[0], r)
	}
	s.said(t, map[string]int{"erase.start": 1, "erase.end": 1, "incident.erasure": 1, "incident.open": 1, "diary.read": 1, "gap": 1},
		"2 of 2 segments could not be erased, the first at its file", "read-only file system")
}

// A store that does not tell its free space is in trouble at once, and with the next look at full disks that is an alarm and
// an incident: nothing is erased for room that nobody knows of. Recording goes on, what is due goes, and the alarm ends by itself.
func TestStoreTellsNoSpace(t *testing.T) {
	t.Parallel()
	s, rows := expiredOn(t, 1, filepath.Join(t.TempDir(), "store"))
	disk := &sick{FS: durable.OS}
	s.fs = disk
	s.begin(t)
	disk.blind.Store(true)
	s.erase()
	s.alarmed(t, "couldn't tell how full the disk "+s.site.stores[0].Dir+" is, so nothing is erased for it")
	(&still{s.site, s.index}).gone(t, s.site.stores[0], rows[0])
	s.until(t, "the store is in no trouble", func(st status) bool { return st.Stores[0].Sentence != "" })
	s.recordsOn(t)
	disk.blind.Store(false)
	s.erase()
	s.well(t)
	s.said(t, map[string]int{"erase.start": 1, "erase.end": 1, "incident.erasure": 0, "incident.open": 1, "gap": 1},
		"erasure failed: ", "input/output error")
}

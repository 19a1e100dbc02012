package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"varuh/accesslog/disclosure"
	"varuh/accesslog/evidence/evidencetest"
	"varuh/accesslog/packing"
	"varuh/accesslog/people"
	"varuh/configs"
	"varuh/recorder"
	"varuh/recorder/cmaf"
	"varuh/recorder/durable"
	"varuh/recorder/footage"
	"varuh/recorder/recordertest"
	"varuh/testdata/clips"
)

// What is promised of a package that is built beside recording: the cameras are those of an erasure beside recording. What was
// recorded is durable after one interval of syncing and the time that a sync takes. Where a build slows the disk down so that a
// sync takes half an interval longer, the worst is half as much again; beyond that the syncer would soon miss its turns, and a
// power cut would cost more than is promised. So that is the bound, and memory is that of the issue.
const (
	packedHour  = time.Hour       // of one camera, of 4 Mbit/s: what is packed
	packedSync  = 3 * time.Second // between two syncs: short, so that a build meets several
	packedLike  = 4 * packedSync  // of recording alone, to compare with
	packedWorse = 1.5             // times as long until what was recorded is durable
	packedMost  = 128 << 20       // bytes that the program grows by
)

// BenchmarkBuildWhileRecording has the daemon build a package of an hour of 4 Mbit/s for an approved request, by its job, while
// it records 16 cameras of 4 Mbit/s into the same store, in segments of 10 s.
//
// It reports how long the package took, how much the program grew, and how long it took at worst from the first picture that
// a sync did not find to its being durable: while nothing else was done, and while the package was built. It fails beyond what
// is promised, and if a fragment of a camera is missing, was dropped, or is not where the one before ends, as
// [BenchmarkViewersWhileRecording] does.
func BenchmarkBuildWhileRecording(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		began, disk := time.Now(), &agingDisk{FS: durable.OS}
		var from time.Time
		s, _ := watchedOn(b, func(s *smallState) {
			s.fs, from = disk, s.hour(b)
			s.amend(b, fmt.Sprintf("sync_interval: %v\n", packedSync))
		})
		disk.over(s.rec, s.site.stores[0].Dir)
		id := s.approved(b, from)
		<-time.After(packedLike)
		alone := disk.worst(b)

		b.StartTimer()
		at := time.Now()
		grew := evidencetest.Peak(func() { s.packed(b, id) })
		took := time.Since(at)
		b.StopTimer()
		<-time.After(packedSync) // what was recorded last meanwhile is durable
		beside := disk.worst(b)
		st, ended := s.status(), time.Now()
		s.builtWhole(b)
		s.end(b)
		s.allThere(b, st, began, ended)
		b.ReportMetric(took.Seconds(), "s-package")
		b.ReportMetric(float64(grew)/(1<<20), "MiB")
		b.ReportMetric(alone.Seconds(), "s-durable-alone")
		b.ReportMetric(beside.Seconds(), "s-durable-beside")
		if beside > time.Duration(packedWorse*float64(alone)) {
			b.Errorf("what was recorded was durable after %v at worst, and after %v while a package was built: promised is %v times as long", alone, beside, packedWorse)
		}
		if grew > packedMost {
			b.Errorf("the program grew by %d MiB, promised are %d", grew>>20, packedMost>>20)
		}
		b.StartTimer()
	}
}

// hour puts an hour of one camera into the store of a daemon that does not run, of as many bytes as the others send.
func (s *smallState) hour(b *testing.B) (from time.Time) {
	b.Helper()
	cfg, err := loadConfig(s.dir, terminal{nil, s.log, s.log})
	must(b, err)
	site, err := openSite(cfg)
	must(b, err)
	index, err := footage.Open(indexFile(s.dir))
	must(b, err)
	from = time.Now().Add(-2 * packedHour).Truncate(time.Second).UTC()
	film := recordertest.Load(b, clips.YardSub, 1)
	w := recordertest.NewWriting(b, site.stores[0], index, recordertest.Reel{Camera: "c00", Stream: "main", Film: film, Start: from, Segment: 10 * time.Minute})
	m := cmaf.NewMuxer([]cmaf.Track{film.Track}, func(f cmaf.Fragment) error {
		w.Store(recordertest.Fragment{Fragment: f})
		return nil
	})
	picture := bytes.Repeat([]byte{7}, eraseBitrate/8/wideRate)
	for n := range int64(packedHour.Seconds() * wideRate) {
		ticks := n * int64(film.Track.Timescale) / wideRate
		must(b, m.Write(cmaf.Unit{PTS: ticks, DTS: ticks, Key: n%wideRate == 0, Data: picture, Wall: from.Add(time.Duration(n) * time.Second / wideRate)}))
	}
	must(b, m.Flush())
	w.Seal()
	must(b, errors.Join(durable.OS.SyncFS(site.stores[0].Dir), index.Close(), site.Close()))
	return from
}

// amend adds a line to the configuration.
func (s *smallState) amend(b *testing.B, line string) {
	b.Helper()
	name := filepath.Join(s.dir, configs.File)
	text, err := os.ReadFile(name)
	must(b, err)
	key, _, _ := strings.Cut(line, ":")
	var kept []string
	for l := range strings.Lines(string(text)) {
		if !strings.HasPrefix(l, key+":") {
			kept = append(kept, l)
		}
	}
	must(b, os.WriteFile(name, []byte(strings.Join(kept, "")+line), 0o600))
}

// head is a session of the head.
func (s *smallState) head(b *testing.B) people.Session {
	b.Helper()
	r, err := s.office.persons(b.Context())
	must(b, err)
	head, err := r.Login(b.Context(), people.Attempt{Login: firstPerson().Person.Login, Password: goodPassword})
	must(b, err)
	return head
}

// approved is a request for the hour, approved by whoever entered it.
func (s *smallState) approved(b *testing.B, from time.Time) (id string) {
	b.Helper()
	s.log.await(b, "pages are served")
	requests, err := s.eraser.requests(b.Context())
	must(b, err)
	head := s.head(b)
	got, err := requests.Receive(b.Context(), head, disclosure.Asked{Kind: disclosure.Authority, Way: disclosure.Oral, Content: disclosure.Content{
		Applicant: disclosure.Applicant{Name: "Policijska postaja Primer", Address: "Cesta 1, 1000 Ljubljana", Signatory: "Janez Novak", Rank: "višji policist"},
		Basis:     "zkp-148", Purpose: "preiskava tatvine kolesa", Case: disclosure.Case{Subject: "tatvina", Number: "2302-55/2026", Body: "PP Primer"},
		Wanted: []disclosure.Wanted{{Camera: "c00", From: from, To: from.Add(packedHour)}},
		Data:   []disclosure.Datum{disclosure.Picture, disclosure.Place, disclosure.Moment}, Form: disclosure.Folder, Manner: "osebno v tajništvu"}})
	must(b, err)
	_, err = requests.Approve(b.Context(), head, got.Request.ID, disclosure.Approval{Content: got.Request.Content, Single: "nihče drug ni pooblaščen"})
	must(b, err)
	return got.Request.ID
}

// packed has the package of a request built.
func (s *smallState) packed(b *testing.B, id string) {
	b.Helper()
	_, err := s.entrance.packages.Load().Order(b.Context(), s.head(b), id, packing.Asked{})
	must(b, err)
	s.log.await(b, "a package is built")
}

// builtWhole fails unless the package has all of the hour.
func (s *smallState) builtWhole(b *testing.B) {
	b.Helper()
	list, err := s.entrance.packages.Load().List(b.Context(), true)
	must(b, err)
	if len(list) != 1 || list[0].Step != packing.Built || list[0].Bytes < eraseBitrate/8*int64(packedHour.Seconds()) {
		b.Errorf("the package is %+v\n%s", list, s.log)
	}
}

// agingDisk is a disk that notes how long it takes until what was recorded is durable.
type agingDisk struct {
	durable.FS

	mu     sync.Mutex
	rec    *recorder.Recorder       // nil: nothing is noted yet; guarded by mu, as all that follows
	dir    string                   // of its store
	before map[streamName]time.Time // end of what was stored when the last sync began
	ages   []time.Duration          // of the first picture behind that, once the next sync was over
}

// over begins to note.
func (d *agingDisk) over(rec *recorder.Recorder, dir string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.rec, d.dir = rec, dir
}

// SyncFS implements [durable.FS]. What is stored when it begins is durable when it ends.
func (d *agingDisk) SyncFS(name string) error {
	d.mu.Lock()
	rec, dir := d.rec, d.dir
	d.mu.Unlock()
	if rec == nil || name != dir {
		return d.FS.SyncFS(name)
	}
	now := map[streamName]time.Time{}
	for _, st := range rec.Status().Streams {
		now[streamName{st.Camera, st.Stream}] = st.LastFragment
	}
	err := d.FS.SyncFS(name)
	done := time.Now()
	d.mu.Lock()
	defer d.mu.Unlock()
	for stream, at := range d.before {
		if now[stream].After(at) {
			d.ages = append(d.ages, done.Sub(at))
		}
	}
	d.before = now
	return err
}

// worst is the oldest that any picture was when it was durable, since the last time.
func (d *agingDisk) worst(b *testing.B) time.Duration {
	b.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.ages) < eraseCameras {
		b.Fatalf("%d fragments were seen to be durable", len(d.ages))
	}
	worst := slices.Max(d.ages)
	d.ages = nil
	return worst
}

package accesslog

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"strings"
	"testing"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/accesslog/disclosure"
	"varuh/accesslog/evidence"
	"varuh/accesslog/evidence/evidencetest"
	"varuh/retention"
)

// Noon is when the tests play.
var Noon = noon

// Slack is by how much a promise may be missed.
func Slack() float64 { return slack() }

// Rig is lent to tests of this folder that see it from outside, since what they use knows this package.
type Rig struct{ *rig }

// NewRig makes one.
func NewRig(t testing.TB) Rig { return Rig{newRig(t)} }

// Film stores a film as the recorder does.
func (r Rig) Film(f evidencetest.Film, camera, stream string, start time.Time, each time.Duration) {
	r.film(f, camera, stream, start, each)
}

// Tape records pictures that are none, of so many bytes a second.
func (r Rig) Tape(camera string, start time.Time, length time.Duration, bytes int) {
	r.record(tape{camera: camera, stream: "main", start: start, length: length, size: bytes / 4})
}

// Dated records with a clock that was not set, and dates that anew.
func (r Rig) Dated(camera string, truth time.Time, length time.Duration) {
	r.record(tape{camera: camera, stream: "main", start: time.Date(1970, 1, 1, 0, 5, 0, 0, time.UTC), length: length, late: true})
	must(r.t, r.index.Redate([16]byte{2}, truth))
}

// Collect has what a camera recorded before a moment in the diary.
func (r Rig) Collect(camera string, before time.Time) {
	must(r.t, settling{r.rig}.Settle(r.t.Context(), camera, before))
}

// Request is an approved one for footage, by an authority.
func (r Rig) Request(list ...evidence.Range) disclosure.Request {
	return r.request(disclosure.Authority, list...)
}

// Export takes it out.
func (r Rig) Export(list ...evidence.Range) *Export { return r.export(takes(list...)) }

// Loud has the sign allow sound until a moment.
func (r Rig) Loud(until time.Time) { r.notices(until, loud(false, property), sign(false, property)) }

// ExportLoud takes footage out with its sound.
func (r Rig) ExportLoud(list ...evidence.Range) *Export {
	a := takes(list...)
	a.Sound = true
	return r.export(a)
}

// Without restricts footage.
func (r Rig) Without(camera string, from time.Time, length time.Duration) {
	r.law.restricted = append(r.law.restricted, retention.Restriction{Camera: camera, From: from, To: from.Add(length)})
}

// Hour moves the clock on by an hour.
func (r Rig) Hour() { r.law.change(func() { r.law.now = r.law.now.Add(time.Hour) }) }

// Diary is the real one.
func (r Rig) Diary() *diary.Diary { return r.diary.Diary }

// Witness has a witness see the diary as it is, and returns its key.
func (r Rig) Witness() proof.Key {
	r.t.Helper()
	seed := sha256.Sum256([]byte("witness"))
	w, err := proof.NewCosigner("witness.example/1", ed25519.NewKeyFromSeed(seed[:]), r.law.clock)
	must(r.t, err)
	parties, err := r.diary.Parties(r.t.Context())
	must(r.t, err)
	if len(parties) == 0 {
		_, err = r.diary.AddParty(r.t.Context(), diary.Party{Name: w.Name(), Kind: "witness", Key: w.Key.String()}, proof.Body{Actor: head()})
		must(r.t, err)
	}
	note, err := r.diary.Checkpoint(r.t.Context())
	must(r.t, err)
	c, err := proof.ReadCheckpoint(note)
	must(r.t, err)
	signed, err := proof.SignCheckpoint(c, w)
	must(r.t, err)
	_, line, _ := strings.Cut(string(signed), "\n\n")
	_, err = r.diary.Anchored(r.t.Context(), diary.Anchor{Kind: "witness", Party: w.Name(), Size: c.Size, Time: r.law.clock(), Data: []byte(line)})
	must(r.t, err)
	return w.Key
}

// Written writes an export as a package, and enters disclose.
func (r Rig) Written(to evidence.Folder, e *Export, prove func(disclose int64, manifest []byte) (evidence.Disclosed, error)) evidence.Manifest {
	r.t.Helper()
	ctx := r.t.Context()
	key, err := r.diary.SigningKey(ctx)
	must(r.t, err)
	about := evidence.About{ID: [16]byte{7}, Made: noon, Software: "v1.0.0", Controller: "Osnovna šola Primer", Export: e.Entry(), Asked: e.Asked(), Gaps: e.Gaps(), Notices: e.Notices(),
		Request: map[string]string{"authority": "PP Primer"}, Clock: evidence.Clock{Source: "NTP", Zone: "Europe/Ljubljana", Measured: noon}}
	m, err := evidence.Write(ctx, to, evidence.Package{About: about, Footage: e.Footage(), Key: key,
		Sign: func(b []byte) ([]byte, error) { return r.diary.SignPackage(ctx, b) },
		Disclose: func(ctx context.Context, manifest []byte) (evidence.Disclosed, error) {
			entry := e.Entry()
			got, err := r.diary.Append(ctx, diary.Entry{Op: "disclose", Ref: &entry, Manifest: manifest}, nil)
			if err != nil {
				return evidence.Disclosed{}, err
			}
			d, err := prove(got.Index, manifest)
			d.Enclosed = []evidence.Enclosure{evidencetest.Text(evidence.RecordFile, evidence.KindReading, "%PDF-")}
			return d, err
		}})
	must(r.t, err)
	must(r.t, e.Close(ctx))
	return m
}

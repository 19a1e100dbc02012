package record

import (
	"context"
	"encoding/hex"
	"errors"
	"io"
	"strings"
	"time"

	"varuh/accesslog/diary/proof"
	"varuh/accesslog/evidence"
	"varuh/accesslog/pdf"
)

// Name is that of the record in a package.
const Name = evidence.RecordFile

// Record is what a handover record says. A text that is empty is written by hand, but for those that say otherwise.
type Record struct {
	Controller []string // name and address, by lines
	Number     string
	Made       time.Time      // of the paper; it is in the file
	Zone       *time.Location // of all times; nil: UTC

	// The handover.
	At       time.Time // zero: to be written by hand
	By       string    // who hands over
	Built    string    // who had the package built; "": not told
	Medium   string    // such as a USB disk, with its mark
	Delivery Delivery  // by which it left the appliance; none is told while there is none

	// To whom.
	Recipient Recipient

	// Why.
	Request  Request
	Approved []Step // who decided, and when
	Single   string // why one person alone did what two should; "": two did

	// What.
	Manifest evidence.Manifest
	Hash     proof.Hash  // SHA-256 of the exact bytes of manifest.json
	Key      proof.Key   // that signs
	Disclose int64       // index of the entry
	Seen     []Seen      // by the diary, until the package was built, or taken out if that is told; none: nobody
	Unread   int         // entries of the diary that may tell of more who saw it, and can't be read
	Restored []time.Time // when the appliance was put back from a copy: viewings of shortly before may not be entered
	Pruned   time.Time   // entries from before it went with their term, but for those that a hold keeps; zero: none that matter
	Holds    []Hold      // that the request set and that are in force; none is told, too

	Warning proof.Sentence // what the recipient is told expressly
}

// Delivery is how a package left the appliance, by the diary.
type Delivery struct {
	Entry int64 // its index; 0: none is known
	At    time.Time
	By    string         // who took it out; "": not told
	Way   proof.Sentence // such as a folder on the medium
}

// Recipient is who takes the package.
type Recipient struct {
	Name, Body, Rank string
	Known            string // how his identity is known, such as by his service card
}

// Request is what was asked for.
type Request struct {
	ID        string
	Received  time.Time // zero: not told
	Applicant []string  // name, address, number in the register, by lines
	Signatory string    // with his rank
	Basis     proof.Sentence
	Purpose   string
	Case      string // number
	Subject   string // of the case
	Body      string // that handles it
}

// Step is who did something, and when.
type Step struct {
	What proof.Sentence
	By   string
	At   time.Time
}

// Seen is who looked at the footage.
type Seen struct {
	By       string
	From, To time.Time // when; To zero: not told
	Purpose  string
}

// Hold is footage that is kept from being erased.
type Hold struct {
	ID, Camera string
	From, To   time.Time // of the footage
}

// ErrIncomplete is returned for a record that could not be signed for by anybody: it lacks what is known whenever there is a
// package.
var ErrIncomplete = errors.New("a handover record needs the controller, the request with its legal basis, the manifest with its hash and key, and the warning")

// PDF writes the record. The error is [ErrIncomplete], or one of w.
func PDF(w io.Writer, r Record) error {
	if len(r.Controller) == 0 || r.Request.ID == "" || r.Request.Basis.SL == "" || len(r.Manifest.Clips) == 0 || r.Hash == (proof.Hash{}) || r.Key.Name() == "" || r.Warning.SL == "" {
		return ErrIncomplete
	}
	if r.Zone == nil {
		r.Zone = time.UTC
	}
	info := pdf.Info{Title: title, Made: r.Made,
		Foot: "Zapisnik o predaji paketa " + hex.EncodeToString(r.Manifest.ID[:]) + "\nSHA-256 seznama " + hex.EncodeToString(r.Hash[:8]) + " …"}
	return pdf.Write(w, info, r.draw)
}

// Enclosure is the record as a file of the package that it is about, for [evidence.Disclosed].
func Enclosure(r Record) evidence.Enclosure {
	return evidence.Enclosure{Path: Name, Kind: evidence.KindReading, Write: func(_ context.Context, w io.Writer) error { return PDF(w, r) }}
}

// moment is a time as people write it, in the zone of the record.
func (r Record) moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	t = t.In(r.Zone)
	return t.Format("2. 1. 2006") + " ob " + clock(t)
}

func lines(list ...string) string {
	var some []string
	for _, l := range list {
		if l = strings.TrimSpace(l); l != "" {
			some = append(some, l)
		}
	}
	return strings.Join(some, "\n")
}

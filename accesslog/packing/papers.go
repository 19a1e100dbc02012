package packing

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strings"
	"time"

	"varuh/accesslog/diary/proof"
	"varuh/accesslog/disclosure"
	"varuh/accesslog/evidence"
	"varuh/accesslog/evidence/record"
)

// opApprove is the operation of the decision that the handover record tells of.
const opApprove = "request.approve"

// Record is the handover record, with what else is known beside the papers themselves: whose appliance it is, by lines, the
// zone of its times, who has the package built, and the holds of the request.
type Record struct {
	Controller []string
	Zone       *time.Location
	By         string
	Holds      []record.Hold
}

// Handed is the delivery that a handover record is signed for, as it was entered.
type Handed struct {
	Entry             int64 // handover
	At                time.Time
	Way               Way
	Encrypted         bool
	Recipient, Medium string
	By                string // who took the package out; "": an outsider, by a link
	Printed           string // who has the record printed, and hands over
}

// handed is the delivery of a package that its handover record is signed for: the last that ended whole, else the last of which
// nobody knows how it ended; nil for neither. One that is under way, or waits to be fetched, gave nobody all of it yet. What its entry says can't be
// missing: it is younger than the package.
func (j *Jobs) handed(ctx context.Context, p Package) (*Handed, error) {
	list, err := j.readDeliveries(ctx, `package = ? AND ended > 0 AND result NOT IN (`+failed+`)`, p.ID)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	d := list[len(list)-1]
	for _, other := range list {
		if other.How == Whole {
			d = other
		}
	}
	body, err := j.body(ctx, d.Entry)
	if err != nil {
		return nil, err
	}
	h := &Handed{Entry: d.Entry, At: d.At, Way: d.Way, Recipient: body.Recipient}
	h.Medium, _ = body.Data["medium"].(string)
	h.Encrypted = body.Data["encrypted"] == yes(true)
	if body.Actor != nil {
		h.By = body.Actor.Name
	}
	return h, nil
}

// ways are how a package was taken out, as the record tells it.
var ways = map[Way]proof.Sentence{
	Download: {SL: "prenos datoteke ZIP v omrežju upravljavca", EN: "downloaded as a ZIP file on the controller's network"},
	Folder:   {SL: "mapa na nosilcu, zapisana pri napravi", EN: "a folder on the medium, written at the appliance"},
	ByLink:   {SL: "prevzem datoteke ZIP na daljavo, s skrivnim naslovom in geslom", EN: "fetched as a ZIP file from outside, by a secret address and a passphrase"},
}

// tell has the record say what was entered of the delivery. When both sign, and how the recipient is known, stays to be written by
// hand.
func (h *Handed) tell(r *record.Record) {
	if h == nil {
		return
	}
	r.Delivery = record.Delivery{Entry: h.Entry, At: h.At, By: h.By, Way: ways[h.Way]}
	if h.Encrypted && h.Way == Download {
		r.Delivery.Way.SL, r.Delivery.Way.EN = r.Delivery.Way.SL+", šifrirane z geslom", r.Delivery.Way.EN+", encrypted with a passphrase"
	}
	r.By, r.Medium, r.Recipient.Name = h.Printed, h.Medium, h.Recipient
}

// Enclose makes the handover record of papers a file of the package.
func (j *Jobs) Enclose(ctx context.Context, p Papers, more Record) (e evidence.Enclosure, err error) {
	m, err := evidence.ParseManifest(p.Manifest)
	if err != nil {
		return e, err
	}
	r := record.Record{Controller: more.Controller, Made: j.o.Now(), Zone: more.Zone, Built: more.By, Holds: more.Holds, Manifest: m, Hash: sha256.Sum256(p.Manifest),
		Disclose: p.Disclose, Request: asRecorded(p.Order), Warning: proof.Sentence{SL: disclosure.Warning.Sl, EN: disclosure.Warning.En}}
	p.Handed.tell(&r)
	if r.Key, err = proof.ParseKey(m.Key); err != nil {
		return e, err
	}
	if err := j.decided(ctx, &r, p.Request); err != nil {
		return e, err
	}
	until := p.Disclose
	if p.Handed != nil {
		until = p.Handed.Entry
	}
	t, err := j.seen(ctx, m, until)
	if err != nil {
		return e, err
	}
	r.Seen, r.Unread, r.Restored, r.Pruned = t.seen, t.unread, t.restored, t.pruned
	return record.Enclosure(r), nil
}

// asRecorded is a request as the record tells it.
func asRecorded(o Order) record.Request {
	q, c := o.Request, o.Content
	r := record.Request{ID: q.ID, Received: q.Received, Signatory: strings.TrimSpace(c.Applicant.Signatory + ", " + c.Applicant.Rank), Purpose: c.Purpose,
		Case: c.Case.Number, Subject: c.Case.Subject, Body: c.Case.Body, Basis: proof.Sentence{SL: c.Basis.Stated("sl", c.BasisText), EN: c.Basis.Stated("en", c.BasisText)}}
	r.Signatory = strings.Trim(r.Signatory, ", ")
	for _, line := range []string{c.Applicant.Name, c.Applicant.Address, c.Applicant.Register} {
		if line != "" {
			r.Applicant = append(r.Applicant, line)
		}
	}
	return r
}

// decided tells who approved a request, and why he did so alone.
func (j *Jobs) decided(ctx context.Context, r *record.Record, q disclosure.Request) error {
	entries, err := j.o.Diary.EntriesOf(ctx, opApprove)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.Ref == nil || *e.Ref != q.Entry {
			continue
		}
		body, err := j.body(ctx, e.Index)
		if err != nil {
			return err
		}
		if body.Actor != nil {
			r.Approved = append(r.Approved, record.Step{What: proof.Sentence{SL: "Odobril(a)", EN: "Approved by"}, By: body.Actor.Name, At: e.Time})
		}
		if why, ok := body.Data["single_reason"].(string); ok && q.Single {
			r.Single = why
		}
	}
	return nil
}

// body is what an entry says.
func (j *Jobs) body(ctx context.Context, i int64) (b proof.Body, err error) {
	o, err := j.o.Opener()
	if err != nil {
		return b, err
	}
	text, _, err := o.Open(ctx, i)
	if err == nil {
		b, err = proof.ParseBody(text)
	}
	if err != nil {
		return b, fmt.Errorf("couldn't read entry %d of the diary: %w", i, err)
	}
	return b, nil
}

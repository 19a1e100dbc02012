package packing

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/accesslog/disclosure"
	"varuh/accesslog/evidence"
	"varuh/accesslog/evidence/record"
	"varuh/accesslog/packing/sealed"
	"varuh/accesslog/people"
)

// maxPaper bounds a handover record: it has some hundred lines.
const maxPaper = 8 << 20

// Paper is the handover record of a package that is there, to be printed and signed: only on paper from the appliance does its
// fingerprint tell a package from a forged one. Before anything left it is the one in the package, with lines for what nobody
// knows yet; then it is made anew, with the last delivery as that was entered, by whoever has it printed. Whoever reads it learns
// what the request says: that it is read is entered before it leaves, in the language of the reader. The errors are those of
// Prepare but for [ErrRestricted]: no footage is in it.
func (j *Jobs) Paper(ctx context.Context, s people.Session, request, language string) ([]byte, error) {
	p, by, err := j.here(ctx, s, request)
	if err != nil {
		return nil, err
	}
	if _, err := j.o.Opener(); err != nil { // who can't read the diary reads no request either
		return nil, err
	}
	paper, err := j.paper(ctx, p, by)
	if err != nil {
		return nil, err
	}
	purpose := disclosure.Text{Sl: "zapisnik o predaji paketa zahteve ", En: "handover record of the package of request "}.In(language) + request
	_, err = j.o.Diary.Append(ctx, diary.Entry{Op: opRead, Body: proof.Body{Actor: &by, Purpose: purpose, Data: map[string]any{"request": request, "opened": "yes"}}}, nil)
	if err != nil {
		return nil, fmt.Errorf("nothing is handed out, since it could not be entered: %w", err)
	}
	return paper, nil
}

// paper is the record as it is now.
func (j *Jobs) paper(ctx context.Context, p Package, by proof.Actor) (paper []byte, err error) {
	h, err := j.handed(ctx, p)
	if err != nil {
		return nil, err
	}
	o, err := j.opened(p)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, o.Close()) }()
	if h == nil || j.o.Papers == nil {
		return inside(o, record.Name, maxPaper)
	}
	h.Printed = by.Name
	return j.signed(ctx, p, o, h)
}

// signed is the record of a package that has left, as it is made now.
func (j *Jobs) signed(ctx context.Context, p Package, o *sealed.Object, h *Handed) ([]byte, error) {
	manifest, err := inside(o, evidence.ManifestFile, proof.MaxManifest)
	if err != nil {
		return nil, err
	}
	q, err := j.o.Register.Request(ctx, p.Request)
	if err != nil {
		return nil, err
	}
	c, err := j.content(ctx, q)
	if err != nil {
		return nil, err
	}
	list, err := j.o.Papers(ctx, Papers{Order: Order{p, q, c}, Manifest: manifest, Disclose: p.Disclose, Handed: h})
	if err != nil {
		return nil, fmt.Errorf("couldn't make the handover record: %w", err)
	}
	i := slices.IndexFunc(list, func(e evidence.Enclosure) bool { return e.Path == record.Name })
	if i < 0 {
		return nil, errors.New("no handover record is made for this package")
	}
	var b bytes.Buffer
	if err := list[i].Write(ctx, &b); err != nil {
		return nil, fmt.Errorf("couldn't make the handover record: %w", err)
	}
	return b.Bytes(), nil
}

// inside is a file of a package, of at most so many bytes.
func inside(o *sealed.Object, name string, most int64) (b []byte, err error) {
	f, err := o.Open(name)
	if err != nil {
		return nil, fmt.Errorf("couldn't open %s of the package: %w", name, err)
	}
	b, err = io.ReadAll(io.LimitReader(f, most+1))
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, fmt.Errorf("couldn't read %s of the package: %w", name, err)
	}
	if int64(len(b)) > most {
		return nil, fmt.Errorf("%s of the package has more than %d bytes", name, most)
	}
	return b, nil
}

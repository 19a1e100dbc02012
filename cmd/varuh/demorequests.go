package main

import (
	"context"
	"errors"
	"time"

	"varuh/accesslog/disclosure"
	"varuh/accesslog/people"
)

// demoFilm is how much footage the requests of the demo ask for: so much is recorded before they come.
const demoFilm = 20 * time.Second

// demoRequest is one of the demo. Nobody is invented: the applicants bear the names of what they are.
type demoRequest struct {
	kind    disclosure.Kind
	way     disclosure.Way
	content disclosure.Content
	refused string // reasons, with which the head refuses it at once; "" for none
}

// demoRequests are one that awaits a decision, one that lacks something, and one that was refused.
func demoRequests() []demoRequest {
	data, number := []disclosure.Datum{disclosure.Picture, disclosure.Place, disclosure.Moment}, "demo"
	return []demoRequest{
		{disclosure.Authority, disclosure.Oral, disclosure.Content{Applicant: disclosure.Applicant{Name: "Policijska postaja (demo)", Address: "Cesta 1, 1000 Ljubljana", Signatory: "Dežurni policist (demo)", Rank: "policist"},
			Basis: "zkp-148", Purpose: "Demo: preiskava tatvine kolesa", Case: disclosure.Case{Subject: "tatvina", Number: number, Body: "Policijska postaja (demo)"},
			Data: data, Form: disclosure.Folder, Manner: "na disku USB, osebno v tajništvu"}, ""},
		{disclosure.Other, disclosure.Paper, disclosure.Content{Applicant: disclosure.Applicant{Name: "Zavarovalnica (demo)", Address: "Trg 2, 1000 Ljubljana", Signatory: "Referent (demo)"},
			Basis: "zvop2-41", Purpose: "Demo: škoda na vozilu na parkirišču", Case: disclosure.Case{Subject: "odškodninski zahtevek", Body: "Zavarovalnica (demo)"},
			Data: data, Form: disclosure.Zip, Manner: "prek spleta"}, ""},
		{disclosure.Subject, disclosure.Paper, disclosure.Content{Applicant: disclosure.Applicant{Name: "Posameznik (demo)", Address: "Ulica 3, 1000 Ljubljana"},
			Basis: "gdpr-15", Form: disclosure.Masked, Manner: "osebno"}, "Demo: identiteta vlagatelja ni bila potrjena."},
	}
}

// file enters the requests of the demo once there is footage that they can ask for, unless some are there.
func (d *demo) file(ctx context.Context, daemon *Daemon) (err error) {
	from, err := filmed(ctx, daemon)
	if err != nil {
		return err
	}
	r, err := daemon.eraser.requests(ctx)
	if err != nil {
		return err
	}
	if list, err := r.Requests(ctx); err != nil || len(list) > 0 {
		return err
	}
	head, err := daemon.office.signedIn(ctx, signIn{As: demoPersons[0].login, Password: d.passwordOf(demoPersons[0].login)}, people.Approve, "")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, head.close(ctx)) }()
	clerk, err := daemon.office.signedIn(ctx, signIn{As: demoPersons[1].login, Password: d.passwordOf(demoPersons[1].login)}, people.Extract, "")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, clerk.close(ctx)) }()
	for _, q := range demoRequests() {
		q.content.Wanted = []disclosure.Wanted{{Camera: demoCameras[0].id, From: from, To: from.Add(demoFilm)}}
		got, err := r.Receive(ctx, clerk.Session, disclosure.Asked{Kind: q.kind, Way: q.way, Content: q.content})
		if err == nil && q.refused != "" {
			_, err = r.Refuse(ctx, head.Session, got.Request.ID, q.refused)
		}
		if err != nil {
			return err
		}
	}
	daemon.decided(ctx)
	return nil
}

// filmed waits until there is enough footage of the first camera, and says from when on.
func filmed(ctx context.Context, daemon *Daemon) (time.Time, error) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		now := daemon.Boot.Now()
		list, _, err := daemon.index.Span(demoCameras[0].id, "main", now.Add(-demoFilm), now)
		if err != nil {
			return time.Time{}, err
		}
		if n := len(list); n > 0 && now.Sub(list[n-1].Start) > demoFilm+5*time.Second {
			return now.Add(-demoFilm - 2*time.Second), nil
		}
		select {
		case <-ctx.Done():
			return time.Time{}, ctx.Err()
		case <-tick.C:
		}
	}
}

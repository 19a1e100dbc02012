package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	"varuh/accesslog/diary"
	"varuh/accesslog/evidence"
	"varuh/accesslog/evidence/derived"
	evidencereader "varuh/accesslog/evidence/reader"
	"varuh/accesslog/evidence/record"
	"varuh/accesslog/packing"
	"varuh/accesslog/people"
	"varuh/accesslog/web"
	"varuh/recorder/durable"
)

// verifierFile is the program for Windows that goes into every package, if it lies beside the program.
const verifierFile = "varuh-verify.exe"

// packer builds packages of what the door gives, and hands them over.
func (e *entrance) packer(open *diary.Diary, o web.Options) *packing.Jobs {
	p := &packageParts{e: e, open: open, o: o}
	p.jobs = packing.New(packing.Options{Diary: open, Register: o.Requests, Source: packing.FromDoor(o.Door, p.cameras), Footage: packedFootage{e.d.eraser}, Restrictions: o.Holds, Orders: o.People, Shelf: e.d.eraser.shelfOf("packages", e.keys.ObjectKey), Locked: p.locked,
		Opener: p.opener, About: p.about, Enclosed: p.enclosed, Guide: guide, Papers: p.papers, Copies: func() *derived.Maker { return &derived.Maker{} }, Witness: e.witness(), Twins: e.d.index.Twins, Certain: e.d.eraser.time.certain, Now: e.d.Boot.Now, Log: e.d.Log})
	return p.jobs
}

// witness has the parties that the configuration names asked, if there are any.
func (e *entrance) witness() func(context.Context) error {
	if a := e.d.clerk.anchoring; a != nil {
		return a.schedule.Request
	}
	return nil
}

// packageParts makes what this appliance puts into its packages, but for the footage: who it is, its papers and its programs.
type packageParts struct {
	e    *entrance
	open *diary.Diary
	o    web.Options
	jobs *packing.Jobs
}

// locked tells whether somebody has to log in before a package can be built: footage is opened, and what its request says.
func (p *packageParts) locked() bool {
	return p.e.keys.Locked(people.FootageKey) || p.e.keys.Locked(people.DiaryKey)
}

func (p *packageParts) opener() (packing.Opener, error) {
	keys, err := p.e.keys.Diary()
	if err != nil {
		return nil, err
	}
	return p.open.Opener(keys), nil
}

// cameras are those that a request for all of them means.
func (p *packageParts) cameras() ([]string, error) {
	list, err := p.e.d.office.known()
	if err != nil {
		return nil, fmt.Errorf("the index of footage can't be read, so that cameras without a file are not known: %w", err)
	}
	return list, nil
}

// about says whose package it is.
func (p *packageParts) about(ctx context.Context) (a evidence.About, err error) {
	controller, err := p.controller(ctx)
	if err != nil {
		return a, err
	}
	var x unix.Timex
	state, err := unix.Adjtimex(&x) // which reads, and sets nothing
	if err != nil {
		state = unix.TIME_ERROR
	}
	clock := clockOf(state, x, p.e.d.Boot.Now(), namedZone(p.e.d.office.zone()).String())
	return evidence.About{Software: version(), Controller: strings.Join(controller, ", "), Clock: clock, Cameras: p.names()}, nil
}

// names are those of the cameras that are configured now, by id.
func (p *packageParts) names() map[string]string {
	list, _ := p.e.d.office.config()
	names := map[string]string{}
	for _, c := range list {
		names[c.ID] = c.Name
	}
	return names
}

// controller is who is responsible, by lines, as a notice in force says; else by the name of the appliance.
func (p *packageParts) controller(ctx context.Context) ([]string, error) {
	cameras, err := p.cameras()
	if err != nil {
		return nil, err
	}
	for _, c := range cameras {
		n, there, err := p.o.Notices.At(ctx, c, p.e.d.Boot.Now())
		if err != nil {
			return nil, err
		}
		if text := strings.TrimSpace(n.Controller.Name + "\n" + n.Controller.Address); there && text != "" {
			return strings.Split(text, "\n"), nil
		}
	}
	return []string{p.e.d.issuer()}, nil
}

// enclosed is the program for Windows, where the operator has put one beside this one.
func (p *packageParts) enclosed(context.Context) ([]evidence.Enclosure, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("couldn't tell where the program lies, and %s beside it: %w", verifierFile, err)
	}
	name := filepath.Join(filepath.Dir(self), verifierFile)
	_, err = os.Stat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("the program for Windows can't be enclosed: %w", err)
	}
	return []evidence.Enclosure{{Path: verifierFile, Kind: evidence.KindProgram, Write: func(_ context.Context, w io.Writer) error {
		f, err := durable.OS.Open(name)
		if err != nil {
			return err
		}
		_, err = io.Copy(w, f)
		return errors.Join(err, f.Close())
	}}}, nil
}

// guide is the page for reading.
func guide(m evidence.Manifest) (evidence.Enclosure, error) {
	page, err := evidencereader.Page(m)
	return evidence.Enclosure{Path: evidencereader.Name, Kind: evidence.KindReading, Write: func(_ context.Context, w io.Writer) error {
		_, err := w.Write(page)
		return err
	}}, err
}

// papers is the handover record.
func (p *packageParts) papers(ctx context.Context, of packing.Papers) ([]evidence.Enclosure, error) {
	more := packing.Record{Zone: namedZone(p.e.d.office.zone())}
	var err error
	if more.Controller, err = p.controller(ctx); err != nil {
		return nil, err
	}
	if more.By, err = p.nameOf(ctx, of.Package.Person); err != nil {
		return nil, err
	}
	force, err := p.o.Holds.List(ctx)
	if err != nil {
		return nil, err
	}
	for _, h := range of.Request.Holds {
		for _, f := range force {
			if f.ID == h.Hold {
				more.Holds = append(more.Holds, record.Hold{ID: f.ID, Camera: f.Camera, From: f.From, To: f.To})
			}
		}
	}
	one, err := p.jobs.Enclose(ctx, of, more)
	return []evidence.Enclosure{one}, err
}

// nameOf is a person's.
func (p *packageParts) nameOf(ctx context.Context, id string) (string, error) {
	list, err := p.o.People.Persons(ctx)
	for _, r := range list {
		if r.Person.ID == id {
			return r.Person.Name, err
		}
	}
	return "", err
}

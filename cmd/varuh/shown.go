package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/accesslog/web"
	"varuh/configs"
)

// shownCameras are the cameras that are configured, for the pages.
func (d *Daemon) shownCameras() (list []web.Camera) {
	cameras, _ := d.footageConfig()
	for _, c := range cameras {
		shown := web.Camera{ID: c.ID, Name: c.Name, Streams: []string{"main"}}
		if !c.Sub.IsZero() {
			shown.Streams = append(shown.Streams, "sub")
		}
		list = append(list, shown)
	}
	return list
}

// goneCameras are the cameras that are configured no more and of which there is footage, by their ids: no file says their names.
func (d *Daemon) goneCameras() (list []web.Camera) {
	streams, err := d.index.Streams()
	if err != nil {
		d.Log.Error("the index of footage can't be read, so that cameras without a file are not shown", "err", err)
	}
	configured := d.cameraIDs()
	for _, id := range slices.Sorted(maps.Keys(streams)) {
		if !slices.Contains(configured, id) {
			list = append(list, web.Camera{ID: id, Name: id, Streams: streams[id]})
		}
	}
	return list
}

// shownStatus is the status for the pages: without folders of this machine but those of the stores.
func (d *Daemon) shownStatus(context.Context) (web.Status, error) {
	st := d.status()
	s := web.Status{Version: st.Version, Clock: clockNow()()}
	s.Started.Time = st.Started
	for _, x := range st.Streams {
		one := web.StreamStatus{Camera: x.Camera, Stream: x.Stream, State: x.State, Problem: shownProblem(x.Sentence), Format: x.Format, Transport: x.Transport,
			Segments: int64(x.Segments), Gaps: int64(x.Gaps), Losses: int64(x.Losses), Offset: x.ClockOffset.Milliseconds()}
		one.Last.Time = x.LastFragment
		s.Streams = append(s.Streams, one)
	}
	for _, x := range st.Stores {
		s.Stores = append(s.Stores, web.StoreStatus{Name: x.Dir, Free: int64(min(x.Free, 1<<62) / freeStep * freeStep), Problem: shownProblem(x.Sentence)})
	}
	for _, line := range st.troubles() {
		s.Problems = append(s.Problems, bothLanguages(line))
	}
	for _, x := range st.Diary.Parties {
		party := web.PartyStatus{Name: x.Name, Kind: x.Kind, Size: x.Size}
		party.Last.Time = x.Last
		s.Parties = append(s.Parties, party)
	}
	for _, x := range st.Packages.Packages {
		one := web.PackageStatus{Entry: x.Entry, State: string(x.State), Percent: x.Percent, Links: x.Links}
		one.Until.Time = x.Until
		s.Packages = append(s.Packages, one)
	}
	s.Config.Restart = st.Restart
	for _, x := range st.mistakes {
		s.Config.Mistakes = append(s.Config.Mistakes, web.Mistake{File: d.inConfig(x.File), Line: int64(x.Line), Says: technical(x.What)})
	}
	return s, nil
}

// technical is the description of a mistake. It is English on Slovenian pages, too, below a sentence that says so.
func technical(en string) web.Line {
	if sl, known := inSlovenianWords(en); known {
		return web.Line{Sl: sl, En: en}
	}
	return web.Line{Sl: en, En: en}
}

// inConfig is a file by its name in the folder of the configuration.
func (d *Daemon) inConfig(file string) string {
	if name, err := filepath.Rel(d.site.cfg.Dir, file); err == nil && filepath.IsLocal(name) {
		return name
	}
	return file
}

// shownProblem is a sentence in both languages, nil for none.
func shownProblem(en string) *web.Line {
	if en == "" {
		return nil
	}
	line := bothLanguages(en)
	return &line
}

// verify looks the diary through, with the key that is in memory, and tells how many entries it looked at since the last time.
func (e *entrance) verify(ctx context.Context, tell func(int64)) (v web.Verified, err error) {
	k, err := e.d.desk()
	if err != nil {
		return v, err
	}
	if k.keys, k.closed = e.keys.Diary(); k.closed != nil {
		k.keys = nil
	}
	k.told = tell
	r, err := k.verify(ctx, nil)
	if err != nil {
		return v, err
	}
	v = web.Verified{Entries: r.Contents.Entries, Bad: r.Bad() || r.Contents.Bad > 0, Closed: r.Contents.Closed, Fault: shownProblem(r.Fault), Found: eachInBoth(r.Strange)}
	for _, f := range r.Contents.Flaws {
		v.Found = append(v.Found, bothLanguages(f.EN))
	}
	for _, f := range r.Findings {
		if f.Bad {
			v.Found = append(v.Found, web.Line{Sl: f.SL, En: f.EN})
		}
	}
	return v, nil
}

// bundle writes a bundle of the diary, with the files for people.
func (d *Daemon) bundle(ctx context.Context, w io.Writer, b web.Bundle) error {
	k, err := d.desk()
	if err != nil {
		return err
	}
	k.wrote("diary.export")
	return k.bundle(ctx, w, b.Passphrase, k.shown(ctx, b))
}

// shown is what a bundle that is asked for on a page is to hold. The page hears nothing behind it: so where the diary's keys
// were changed since they were taken from memory, so that the bundle would say nothing, it is cut off.
func (k desk) shown(ctx context.Context, b web.Bundle) diary.Export {
	var out outcome
	e := diary.Export{From: b.From, To: b.To, Opener: b.Opener}
	forPeople(&e, &out)
	finish := e.Finish
	e.Finish = func(w *proof.BundleWriter, s *diary.Snapshot) error {
		if b.Opener != nil && out.Unreadable > 0 {
			if _, _, err := b.Opener.Open(ctx, k.diary.Head().Size-1); errors.Is(err, diary.ErrNoKey) {
				return fmt.Errorf("the keys that open the diary were changed while it was handed out; it can be asked for again: %w", err)
			}
		}
		return finish(w, s)
	}
	return e
}

// issuer is whose appliance this is, for authenticators.
func (d *Daemon) issuer() string { return issuer(d.site.cfg) }

// issuer is whose appliance a configuration is for.
func issuer(cfg *configs.Config) string {
	if cfg.Controller != "" {
		return "varuh " + cfg.Controller
	}
	host, err := os.Hostname()
	if err != nil {
		return "varuh"
	}
	return "varuh " + host
}

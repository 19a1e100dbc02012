package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"varuh/configs"
	"varuh/recorder/durable"
	"varuh/recorder/footage"
)

// listing is what "footage list" shows: the days of all cameras, or the rows of one day of one.
type listing struct {
	Days []listedDay `json:"days,omitempty"`
	Rows []listedRow `json:"rows,omitempty"`
}

type listedDay struct {
	Camera   string        `json:"camera"`
	Day      string        `json:"day"`
	Stream   string        `json:"stream"`
	Segments int           `json:"segments"`
	Bytes    int64         `json:"bytes"`
	Recorded time.Duration `json:"recorded"`
}

// listedRow is a segment, or a gap if Cause is set. While it lasts, To is zero.
type listedRow struct {
	Stream string    `json:"stream"`
	From   time.Time `json:"from"`
	To     time.Time `json:"to"`
	ID     string    `json:"id,omitempty"`
	Bytes  int64     `json:"bytes,omitempty"`
	Notes  string    `json:"notes,omitempty"`
	Cause  string    `json:"cause,omitempty"`
}

// list looks a listing up. day is a UTC day as 2006-01-02; both may be empty.
func list(ix *footage.Index, camera, day string) (listing, error) {
	if day != "" {
		at, err := time.Parse(time.DateOnly, day)
		if err != nil || camera == "" {
			return listing{}, fmt.Errorf("%q: want a camera and a day such as 2026-11-21 (UTC)", day)
		}
		return listDay(ix, camera, at)
	}
	held, err := ix.Bytes()
	if err != nil {
		return listing{}, err
	}
	ids := []string{camera}
	if camera == "" {
		ids = ids[:0]
		for id := range held {
			ids = append(ids, id)
		}
		slices.Sort(ids)
	}
	var l listing
	for _, id := range ids {
		days, err := ix.Days(id)
		if err != nil {
			return l, err
		}
		for _, d := range days {
			l.Days = append(l.Days, listedDay{id, d.Day.Format(time.DateOnly), d.Stream, d.Segments, d.Bytes, d.Recorded})
		}
	}
	return l, nil
}

func listDay(ix *footage.Index, camera string, day time.Time) (listing, error) {
	segments, gaps, err := ix.Day(camera, day)
	if err != nil {
		return listing{}, err
	}
	var l listing
	for _, s := range segments {
		r := listedRow{Stream: s.Stream, From: s.Start, To: s.End, ID: s.ID.String(), Bytes: s.Bytes, Notes: notes(s)}
		if !s.Sealed {
			r.To = time.Time{}
		}
		l.Rows = append(l.Rows, r)
	}
	for _, g := range gaps {
		l.Rows = append(l.Rows, listedRow{Stream: g.Stream, From: g.From, To: g.To, Cause: g.Cause})
	}
	slices.SortStableFunc(l.Rows, func(a, b listedRow) int {
		if a.Stream != b.Stream {
			return strings.Compare(a.Stream, b.Stream)
		}
		return a.From.Compare(b.From)
	})
	return l, nil
}

func notes(s footage.Segment) string {
	parts := []string{s.Format}
	if !s.Sealed {
		parts = append(parts, "being written")
	}
	if s.Recovered {
		parts = append(parts, "recovered after a crash")
	}
	if s.Loss {
		parts = append(parts, "packets lost")
	}
	return strings.Join(parts, "; ")
}

// table prints a listing.
func (l listing) table(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	if l.Rows != nil {
		fmt.Fprintln(w, "STREAM\tFROM (UTC)\tTO\tSIZE\tWHAT")
	} else if l.Days != nil {
		fmt.Fprintln(w, "CAMERA\tDAY (UTC)\tSTREAM\tRECORDED\tSEGMENTS\tSIZE")
	} else {
		fmt.Fprintln(w, "Nothing is recorded there.")
	}
	for _, d := range l.Days {
		fmt.Fprintf(w, "%s\t%s\t%s\t%v\t%d\t%s\n", d.Camera, d.Day, d.Stream, d.Recorded.Round(time.Second), d.Segments, footageSize(d.Segments, d.Bytes))
	}
	for _, r := range l.Rows {
		to, held, what := "now", "", r.ID+"  "+r.Notes
		if !r.To.IsZero() {
			to, held = clock(r.To), size(uint64(r.Bytes))
		}
		if r.Cause != "" {
			held, what = "", "GAP: "+r.Cause
			if !r.To.IsZero() {
				what += fmt.Sprintf(", %v", r.To.Sub(r.From).Round(100*time.Millisecond))
			}
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", r.Stream, clock(r.From), to, held, what)
	}
	return w.Flush()
}

func clock(t time.Time) string { return t.UTC().Format("15:04:05.0") }

type footageListCmd struct {
	Camera string `arg:"" optional:"" help:"Id of a camera. Default: all."`
	Day    string `help:"List every segment and gap of this UTC day (2026-11-21)." placeholder:"DAY"`
}

// Run lists, by the daemon if one runs.
func (c footageListCmd) Run(ctx context.Context, cli *cli, term terminal) error {
	var l listing
	err := onSite(ctx, cli, term, func(s *site) error {
		ix, err := footage.Open(indexFile(s.cfg.State))
		if err != nil {
			return fmt.Errorf("%w (varuh footage rebuild --dir %s)", err, cli.dir())
		}
		l, err = list(ix, c.Camera, c.Day)
		return errors.Join(err, ix.Close())
	}, func(state string) error {
		q := url.Values{"camera": {c.Camera}, "day": {c.Day}}
		answer, err := ask(ctx, state, "GET", "/footage?"+q.Encode(), nil)
		if err != nil {
			return err
		}
		defer answer.Close() // only read
		return decodeAnswer(answer, &l)
	})
	if err != nil {
		return err
	}
	return l.table(term.out)
}

func (d *Daemon) answerFootage(w http.ResponseWriter, r *http.Request) {
	l, err := list(d.index, r.URL.Query().Get("camera"), r.URL.Query().Get("day"))
	if err != nil {
		d.refuse(w, http.StatusBadRequest, err)
		return
	}
	d.answer(w, l)
}

type footageRebuildCmd struct{}

// Run makes the index anew. It needs the stores for itself.
func (footageRebuildCmd) Run(ctx context.Context, cli *cli, term terminal) error {
	cfg, err := loadConfig(cli.dir(), term)
	if err != nil {
		return err
	}
	s, err := openSite(cfg)
	if err != nil {
		return err
	}
	report, err := footage.Rebuild(ctx, durable.OS, indexFile(s.cfg.State), s.stores)
	if err = errors.Join(err, s.Close()); err != nil {
		return err
	}
	for _, f := range report.Findings {
		fmt.Fprintln(term.out, describe(f))
	}
	_, err = fmt.Fprintf(term.out, "Made the index anew: %s, %s, %s.\n", count(report.Segments, "segment", "segments"),
		count(report.Gaps, "gap", "gaps"), size(uint64(report.Bytes)))
	return err
}

// describe is a finding in one line.
func describe(f footage.Finding) string {
	if f.Path == "" {
		return fmt.Sprintf("%s: %s", f.Severity, f.Sentence)
	}
	return fmt.Sprintf("%s: %s: %s", f.Severity, f.Path, f.Sentence)
}

// onSite runs here with the site, or, if another process holds it, there with its state folder.
func onSite(ctx context.Context, cli *cli, term terminal, here func(*site) error, there func(state string) error) error {
	return onSiteBy(ctx, cli, term, openSite, here, there)
}

// onSiteBy is onSite for a site that is opened in another way.
func onSiteBy(ctx context.Context, cli *cli, term terminal, open func(*configs.Config) (*site, error), here func(*site) error, there func(state string) error) error {
	cfg, err := configs.Load(cli.dir())
	if err != nil {
		return err
	}
	s, err := open(cfg)
	if errors.Is(err, errHeld) {
		askErr := there(cfg.State)
		if errors.Is(askErr, errNotRunning) {
			return err
		}
		return askErr
	}
	if err != nil {
		return err
	}
	for _, w := range s.warnings {
		fmt.Fprintln(term.err, "warning:", w)
	}
	return errors.Join(here(s), s.Close())
}

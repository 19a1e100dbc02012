package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"varuh/accesslog/hold"
	"varuh/retention"
)

// heldText says what a hold or a restriction came to.
func heldText(what string, got hold.Effect) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s is in force since entry %d: it keeps %s (%s) now.\n", what, got.ID, got.Receipt.Index,
		count(got.Segments, "segment", "segments"), size(uint64(got.Bytes)))
	if got.Waits == "" {
		fmt.Fprintf(&b, "%s about it past the term of the diary.\n", count(got.Kept.Entries, "entry is kept", "entries are kept"))
	} else {
		fmt.Fprintf(&b, "! Entries of the diary about it are not kept apart yet (varuh hold pin), and none that could be are destroyed until then: %s.\n", got.Waits)
	}
	if got.Undated > 0 {
		fmt.Fprintf(&b, "! Nothing that is dated is of it, but nobody can tell when %s recorded: what of that may be of it is kept.\n", count(got.Undated, "segment was", "segments were"))
	}
	if got.Unsized != "" {
		fmt.Fprintf(&b, "! How large a part of the stores that is can't be told: %s.\n", got.Unsized)
	}
	if len(got.Late) > 0 {
		fmt.Fprintf(&b, "! %s erased shortly before, and nothing brings that back: %s.\n", count(len(got.Late), "segment of it was", "segments of it were"), lateSpans(got.Late))
	}
	if got.Large() {
		b.WriteString("! That is more than a twentieth of what the stores can take: recording may suffer. Add a disk, or hold less.\n")
	}
	return b.String()
}

// lateSpans names what was erased, as far as a line takes it.
func lateSpans(late []retention.Listed) string {
	const most = 5
	var parts []string
	for _, l := range late[:min(len(late), most)] {
		parts = append(parts, fmt.Sprintf("%s %s to %s UTC", l.Camera, stamp(l.From), l.To.UTC().Format("15:04:05")))
	}
	if len(late) > most {
		parts = append(parts, "…")
	}
	return strings.Join(parts, "; ")
}

type holdSetCmd struct {
	Kind string `help:"What it is for: rights, order, disclosure, incident or provisional (14 days)." required:"" enum:"rights,order,disclosure,incident,provisional"`
	span
	ground
	PassesTerm string `help:"Legal basis on which a hold for a disclosure or an incident passes the term." placeholder:"TEXT"`
	who
}

// Run sets a hold.
func (c holdSetCmd) Run(ctx context.Context, cli *cli, term terminal) error {
	got, err := askHold.ask(ctx, cli, term, holdOrder{who: c.who, span: c.span, ground: c.ground, Kind: c.Kind, TermBasis: c.PassesTerm})
	if err != nil {
		return err
	}
	_, err = fmt.Fprint(term.out, heldText("Hold", got))
	return err
}

type holdConfirmCmd struct {
	ID   string `arg:"" help:"The hold, as varuh hold list shows it."`
	Kind string `help:"What it is for: rights, order, disclosure or incident." required:"" enum:"rights,order,disclosure,incident"`
	ground
	PassesTerm string `help:"Legal basis on which a hold for a disclosure or an incident passes the term." placeholder:"TEXT"`
	who
}

// Run makes of a provisional hold one that lasts.
func (c holdConfirmCmd) Run(ctx context.Context, cli *cli, term terminal) error {
	got, err := askConfirmHold.ask(ctx, cli, term, holdOrder{who: c.who, ground: c.ground, ID: c.ID, Kind: c.Kind, TermBasis: c.PassesTerm})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(term.out, "Hold %s lasts until somebody clears it; entry %d says so.\n", got.ID, got.Receipt.Index)
	return err
}

// ending is the end of a hold or a restriction.
type ending struct {
	ID     string `arg:"" help:"Its id, as list shows it."`
	Reason string `help:"Why it ends. It is entered." required:"" placeholder:"TEXT"`
	who
}

type holdClearCmd struct{ ending }

// Run ends a hold.
func (c holdClearCmd) Run(ctx context.Context, cli *cli, term terminal) error {
	got, err := askClearHold.ask(ctx, cli, term, holdOrder{who: c.who, ID: c.ID, Reason: c.Reason})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(term.out, "Hold %s ended with entry %d. What came due meanwhile goes within the hour while varuh runs.\n", got.ID, got.Receipt.Index)
	return err
}

type holdListCmd struct{}

// Run lists the holds in force. They name nobody.
func (holdListCmd) Run(ctx context.Context, cli *cli, term terminal) error {
	a, err := askHolds.ask(ctx, cli, term, struct{}{})
	if err != nil {
		return err
	}
	fmt.Fprint(term.out, a.lostText())
	if len(a.Holds) == 0 {
		_, err := fmt.Fprintln(term.out, "Nothing is held.")
		return err
	}
	w := tabwriter.NewWriter(term.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "HOLD\tKIND\tCAMERA\tFROM (UTC)\tTO (UTC)\tPAST TERM\tREVIEW\tENTRY\tDIARY")
	for _, h := range a.Holds {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%d\t%s\n", h.ID, h.Kind, cameraName(h.Camera), stamp(h.From), stamp(h.To), yesNo(h.PastTerm), a.day(h.Review), h.Entry, pinnedYet(h.Pinned))
	}
	return w.Flush()
}

type restrictSetCmd struct {
	Ground string `help:"Why, by art. 18(1) GDPR: accuracy (a), unlawful (b), claims (c) or objection (d)." required:"" enum:"accuracy,unlawful,claims,objection"`
	span
	ground
	who
}

// Run sets a restriction.
func (c restrictSetCmd) Run(ctx context.Context, cli *cli, term terminal) error {
	got, err := askRestrict.ask(ctx, cli, term, holdOrder{who: c.who, span: c.span, ground: c.ground, Kind: c.Ground})
	if err != nil {
		return err
	}
	_, err = fmt.Fprint(term.out, heldText("Restriction", got))
	return err
}

type restrictClearCmd struct{ ending }

// Run ends a restriction.
func (c restrictClearCmd) Run(ctx context.Context, cli *cli, term terminal) error {
	if c.Reason == "" {
		return errors.New("give --reason, and tell the person who asked for the restriction before (art. 18(3))")
	}
	got, err := askUnrestrict.ask(ctx, cli, term, holdOrder{who: c.who, ID: c.ID, Reason: c.Reason})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(term.out, "Restriction %s ended with entry %d.\n", got.ID, got.Receipt.Index)
	return err
}

type restrictListCmd struct{}

// Run lists the restrictions in force. They name nobody.
func (restrictListCmd) Run(ctx context.Context, cli *cli, term terminal) error {
	a, err := askHolds.ask(ctx, cli, term, struct{}{})
	if err != nil {
		return err
	}
	fmt.Fprint(term.out, a.lostText())
	if len(a.Restrictions) == 0 {
		_, err := fmt.Fprintln(term.out, "Nothing is restricted.")
		return err
	}
	w := tabwriter.NewWriter(term.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "RESTRICTION\tGROUND\tCAMERA\tFROM (UTC)\tTO (UTC)\tREVIEW\tENTRY\tDIARY")
	for _, r := range a.Restrictions {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%d\t%s\n", r.ID, r.Ground, cameraName(r.Camera), stamp(r.From), stamp(r.To), a.day(r.Review), r.Entry, pinnedYet(r.Pinned))
	}
	return w.Flush()
}

// day is that of a review, in the site's zone.
func (a holdsAnswer) day(t time.Time) string { return t.In(zoneOf(a.Zone)).Format(time.DateOnly) }

// lostText says what is kept beside what is listed.
func (a holdsAnswer) lostText() string {
	var b strings.Builder
	for _, h := range a.Lost {
		fmt.Fprintf(&b, "! A hold or restriction of %s from %s to %s UTC went with what the diary lost, and is remembered", cameraName(h.Camera), stamp(h.From), stamp(h.To))
		if !h.Until.IsZero() {
			fmt.Fprintf(&b, " until %s", a.day(h.Until))
		}
		b.WriteString(": set anew what is still needed (varuh hold set, varuh restrict set).\n")
	}
	return b.String()
}

// pinnedYet says whether entries of the diary are kept for it.
func pinnedYet(pinned bool) string {
	if pinned {
		return "kept"
	}
	return "not looked through yet"
}

func cameraName(id string) string {
	if id == "" {
		return everyCamera
	}
	return id
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05") }

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

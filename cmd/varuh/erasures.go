package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/print"
	"varuh/accesslog/diary/proof"
	"varuh/retention"
	"varuh/retention/copies"
)

// erasuresOrder asks what was erased.
type erasuresOrder struct {
	who
	Reason string
	From   string // day or time; "": ever since
	To     string // likewise
}

// erasuresAnswer is what was erased, oldest first.
type erasuresAnswer struct {
	Head     print.ErasureHead `json:"head"`
	Erasures []print.Erasure   `json:"erasures"`
}

var askErasures = asking[erasuresOrder, erasuresAnswer]{"/erasures", "diary.read", false, (*eraser).erasures}

// erasures reads from the diary what was erased. That somebody asked is entered before.
func (e *eraser) erasures(ctx context.Context, o erasuresOrder) (a erasuresAnswer, err error) {
	order, err := diaryOrder{who: o.who, Reason: o.Reason, Op: retention.OpStart, Redact: true}.checked()
	if err != nil {
		return a, err
	}
	from, to, err := e.between(o)
	if err != nil {
		return a, err
	}
	_, d, err := e.books()
	if err != nil {
		return a, err
	}
	head := d.Head()
	if _, err := (desk{diary: d}).enter(ctx, "diary.read", order, head.Cut, head.Size); err != nil {
		return a, err
	}
	a.Head = print.ErasureHead{Origin: head.Origin, Made: e.time.boot.Now().UTC(), By: order.by.Name, Purpose: order.Reason}
	a.Head.Controller, _, _ = strings.Cut(head.Origin, "/")
	j := journal{d}
	starts, ends, err := j.erasures(ctx)
	if err != nil {
		return a, err
	}
	list, err := copyRegister(d).List(ctx)
	if err != nil {
		return a, err
	}
	keys, locked := e.keys()
	for _, i := range starts {
		one, err := j.erasure(ctx, i, ends, e.givenUp())
		if err != nil {
			return a, err
		}
		if locked == nil {
			one.Late = isLate(ctx, d.Opener(keys), i)
		}
		one.Copies, one.Until = copiesOf(one, list)
		if !one.Entered.Before(from) && one.Entered.Before(to) {
			a.Erasures = append(a.Erasures, one)
		}
	}
	return a, nil
}

// between is the time that an order is about.
func (e *eraser) between(o erasuresOrder) (from, to time.Time, err error) {
	_, zone := e.config()
	to = time.Unix(1<<40, 0)
	if o.From != "" {
		from, err = moment("--from", o.From, zone, false)
	}
	if o.To != "" && err == nil {
		to, err = moment("--to", o.To, zone, true)
	}
	if err == nil && !to.After(from) {
		err = errors.New("--to comes before --from")
	}
	return from, to, err
}

// isLate tells whether an erasure was entered after it had happened: "yes", "no", or "" where the entry can't be read.
func isLate(ctx context.Context, opener *diary.Opener, start int64) string {
	text, _, err := opener.Open(ctx, start)
	if err != nil {
		return "" // it is said that nobody can read it
	}
	body, err := proof.ParseBody(text)
	switch {
	case err != nil:
		return ""
	case body.Data["late"] == "yes":
		return "yes"
	}
	return "no"
}

// givenUp are the stores that were given up as lost, with the entry of each.
func (e *eraser) givenUp() map[string]int64 {
	e.mu.Lock()
	defer e.mu.Unlock()
	list := map[string]int64{}
	for id, l := range e.lost {
		list[id.String()] = l.Entry
	}
	return list
}

// erasure is one erasure, by its entries and their lists. What is on a disk that was given up before its end was not erased
// there.
func (j journal) erasure(ctx context.Context, start int64, ends map[int64]int64, lost map[string]int64) (x print.Erasure, err error) {
	x = print.Erasure{Start: start, End: -1}
	list, err := j.diary.Manifest(ctx, start)
	if err != nil {
		return x, fmt.Errorf("the list of entry %d: %w", start, err)
	}
	sum := sha256.Sum256(list)
	x.Hash = hex.EncodeToString(sum[:])
	m, err := retention.ParseManifest(list)
	if err != nil {
		return x, fmt.Errorf("the list of entry %d: %w", start, err)
	}
	if x.Entered, err = j.timeOf(ctx, start); err != nil {
		return x, err
	}
	var kept retention.Manifest
	if end, ok := ends[start]; ok {
		x.End = end
		if x.Ended, err = j.timeOf(ctx, end); err != nil {
			return x, err
		}
		if list, err = j.diary.Manifest(ctx, end); err == nil && list != nil {
			kept, err = retention.ParseManifest(list)
		}
		if err != nil {
			return x, fmt.Errorf("the list of entry %d: %w", end, err)
		}
	}
	for _, s := range m.Segments {
		row := print.Segment{ID: s.ID.String(), Camera: s.Camera, From: s.From, To: s.To, Bytes: s.Bytes, Reason: string(s.Reason),
			Kept: slices.ContainsFunc(kept.Segments, func(k retention.Listed) bool { return k.ID == s.ID })}
		given, isLost := lost[s.Store.String()]
		switch row.Lost = isLost && !row.Kept && (x.End < 0 || given < x.End); {
		case row.Kept:
			x.Kept++
		case row.Lost:
			x.Lost++
		case x.End >= 0:
			x.Bytes += s.Bytes
		}
		x.Segments = append(x.Segments, row)
	}
	return x, nil
}

// copiesOf are how many copies hold keys of what an erasure took, and until when the last is to be gone: those that were
// made when the first segment was there and before it ended, and that nobody knows to be gone.
func copiesOf(x print.Erasure, list []copies.Copy) (n int, until time.Time) {
	var first time.Time
	for _, s := range x.Segments {
		if !s.Kept && (first.IsZero() || s.From.Before(first)) {
			first = s.From
		}
	}
	for _, c := range list {
		if first.IsZero() || c.Made.Before(first.Truncate(time.Second)) || x.End >= 0 && c.Made.After(x.Ended) {
			continue
		}
		n++
		if c.Until.After(until) {
			until = c.Until
		}
	}
	return n, until
}

// timeOf is when an entry was written.
func (j journal) timeOf(ctx context.Context, i int64) (at time.Time, err error) {
	for s, err := range j.diary.Entries(ctx, i, i+1) {
		if err != nil {
			return at, err
		}
		at = s.Time
	}
	return at, nil
}

type erasuresCmd struct {
	From   string `help:"Only what was entered from this day or time on." placeholder:"TIME"`
	To     string `help:"Only what was entered before this time; a day alone is that whole day." placeholder:"TIME"`
	Record string `help:"File to write the printable record to (HTML, A4)." type:"path" placeholder:"FILE"`
	Reason string `help:"Why you ask. It is entered." required:"" placeholder:"TEXT"`
	who
}

// Run lists what was erased.
func (c erasuresCmd) Run(ctx context.Context, cli *cli, term terminal) error {
	if err := isFree(c.Record); err != nil {
		return err
	}
	a, err := askErasures.ask(ctx, cli, term, erasuresOrder{who: c.who, Reason: c.Reason, From: c.From, To: c.To})
	if err != nil {
		return err
	}
	if c.Record != "" {
		err := writeWhole(c.Record, func(w io.Writer) error { return print.ErasureRecord(w, a.Head, a.Erasures) })
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(term.out, "Wrote %s.\nPrint it, and let whoever is responsible sign it.\n", c.Record)
		return err
	}
	if len(a.Erasures) == 0 {
		_, err := fmt.Fprintln(term.out, "Nothing was erased.")
		return err
	}
	w := tabwriter.NewWriter(term.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ENTRY\tENTERED (UTC)\tENDED (UTC)\tSEGMENTS\tBYTES\tREASONS\tCAMERAS\tFROM (UTC)\tTO (UTC)")
	for _, x := range a.Erasures {
		fmt.Fprintln(w, erasureLine(x))
	}
	return w.Flush()
}

// erasureLine is an erasure in one line of a table.
func erasureLine(x print.Erasure) string {
	ended, bytes := "open", "-"
	if x.End >= 0 {
		ended, bytes = stamp(x.Ended), strconv.FormatInt(x.Bytes, 10)
	}
	var cameras, reasons []string
	var from, to time.Time
	for _, s := range x.Segments {
		cameras, reasons = append(cameras, s.Camera), append(reasons, s.Reason)
		if from.IsZero() || s.From.Before(from) {
			from = s.From
		}
		if s.To.After(to) {
			to = s.To
		}
	}
	each := func(list []string) string { slices.Sort(list); return strings.Join(slices.Compact(list), ",") }
	return fmt.Sprintf("%d\t%s\t%s\t%d\t%s\t%s\t%s\t%s\t%s", x.Start, stamp(x.Entered), ended, len(x.Segments)-x.Kept-x.Lost, bytes, each(reasons), each(cameras), stamp(from), stamp(to))
}

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"varuh/accesslog/aeszip"
	"varuh/accesslog/diary"
	"varuh/accesslog/diary/print"
	"varuh/accesslog/diary/proof"
)

// outcome is what whoever exports should know of what was written.
type outcome struct {
	Closed     string  `json:"closed,omitempty"`     // why no entry was opened
	Unreadable int64   `json:"unreadable,omitempty"` // entries that could not be opened
	First      []int64 `json:"first,omitempty"`      // the first of them
	Fault      string  `json:"fault,omitempty"`      // why the diary is not to be trusted
}

// maxNamed is how many entries a sentence names.
const maxNamed = 20

func (o *outcome) add(i int64) {
	o.Unreadable++
	if len(o.First) < maxNamed {
		o.First = append(o.First, i)
	}
}

// err is the error in which an export ends that is whole but for what could not be opened.
func (o outcome) err() error {
	if o.Unreadable == 0 {
		return nil
	}
	return fmt.Errorf("the file is whole but for what %s, which cannot be opened (%s); it says so itself in %s", count(int(o.Unreadable), "entry says", "entries say"), numbers(o.First, o.Unreadable), unreadableFile)
}

// numbers are the first of n entries in words.
func numbers(first []int64, n int64) string {
	var list []string
	for _, i := range first {
		list = append(list, fmt.Sprint(i))
	}
	if more := n - int64(len(first)); more > 0 {
		list = append(list, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(list, ", ")
}

// unreadableFile lists in a bundle the entries that could not be opened.
const unreadableFile = "neberljivo.csv"

// export writes a bundle. What can't be opened goes along without what it says.
func (k desk) export(ctx context.Context, o diaryOrder, w io.Writer) (out outcome, err error) {
	if o, err = o.checked(); err != nil {
		return out, err
	}
	from, to, err := k.span(o)
	if err != nil {
		return out, err
	}
	if err := k.enter(ctx, "diary.export", o, from, to); err != nil {
		return out, err
	}
	if o.To == 0 {
		to = 0 // the entry of this export goes along
	}
	e := diary.Export{From: from, To: to, Opener: k.opener(o)}
	if e.Opener == nil && !o.Redact {
		out.Closed = k.closed.Error()
	}
	out.Fault = k.fault()
	k.forPeople(ctx, &e, &out)
	return out, k.bundle(ctx, w, o.Passphrase, e)
}

// forPeople adds the files that people read. Entries are read once more for them: they come after the last
// one, and a long diary is not held in memory.
func (k desk) forPeople(ctx context.Context, e *diary.Export, out *outcome) {
	first, behind := int64(-1), int64(0)
	e.Each = func(l proof.Leaf, _ []byte) {
		if first < 0 {
			first = l.Index
		}
		behind = l.Index + 1
	}
	opener := e.Opener
	e.Closed = func(i int64, _ error) { out.add(i) }
	e.Finish = func(w *proof.BundleWriter, _ *diary.Snapshot) error {
		first = max(first, 0)
		page, err := w.File("dnevnik.html")
		if err != nil {
			return err
		}
		h := k.diary.Head()
		head := print.Head{Origin: h.Origin, From: first, To: behind, Size: h.Size, Made: time.Now()}
		if err := print.HTML(page, head, k.rows(ctx, opener, first, behind)); err != nil {
			return err
		}
		table, err := w.File("dnevnik.csv")
		if err != nil {
			return err
		}
		if err := print.CSV(table, k.rows(ctx, opener, first, behind)); err != nil || out.Unreadable == 0 {
			return err
		}
		list, err := w.File(unreadableFile)
		if err != nil {
			return err
		}
		return print.Unreadable(list, k.rows(ctx, opener, first, behind))
	}
}

// rows are entries for people.
func (k desk) rows(ctx context.Context, opener *diary.Opener, from, to int64) print.Rows {
	return func(yield func(print.Row, error) bool) {
		stop := errors.New("enough")
		err := k.lines(ctx, opener, from, to, func(l diaryLine) error {
			leaf, err := proof.ParseLeaf([]byte(l.Leaf))
			row := print.Row{Leaf: leaf, Unreadable: inSlovenian(l.err)}
			if err == nil && l.Body != "" {
				var b proof.Body
				b, err = proof.ParseBody([]byte(l.Body))
				row.Body = &b
			}
			if err != nil {
				return err
			}
			if !yield(row, nil) {
				return stop
			}
			return nil
		})
		if err != nil && !errors.Is(err, stop) {
			yield(print.Row{}, err)
		}
	}
}

// inSlovenian says why an entry can't be opened, "" for nil.
func inSlovenian(err error) string {
	switch {
	case err == nil:
		return ""
	case errors.Is(err, diary.ErrNoKey):
		return "noben ključ tukaj je ne odpre"
	}
	return "v dnevniku naprave manjka ali je poškodovana"
}

// bundle writes a bundle without entering that.
func (k desk) bundle(ctx context.Context, w io.Writer, passphrase string, e diary.Export) error {
	var archive interface {
		proof.Archive
		io.Closer
	} = proof.NewZip(w)
	if passphrase != "" {
		var err error
		if archive, err = aeszip.NewWriter(w, passphrase); err != nil {
			return err
		}
	}
	parties, err := k.diary.Parties(ctx)
	if err != nil {
		return err
	}
	for _, p := range parties {
		if key, err := proof.ParseKey(p.Key); err == nil && p.Kind == "witness" {
			e.Keys = append(e.Keys, key)
		}
	}
	if err := k.diary.Export(ctx, archive, e); err != nil {
		return err
	}
	if err := archive.Close(); err != nil {
		return fmt.Errorf("couldn't write the end of the bundle: %w", err)
	}
	return nil
}

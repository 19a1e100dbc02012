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
	Failed     bool    `json:"failed,omitempty"`     // though one should have been
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
	switch {
	case o.Failed:
		return fmt.Errorf("the file is whole but for what the entries say: %s", o.Closed)
	case o.Unreadable == 0:
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
	_, to, err := k.span(o)
	if err != nil {
		return out, err
	}
	from := o.From // below the cut there may be entries that a hold keeps
	if o.To == 0 {
		to = 0
	}
	got, err := k.enter(ctx, "diary.export", o, from, to)
	if err != nil {
		return out, err
	}
	e := diary.Export{From: from, To: to, Opener: k.opener(o)}
	if to == 0 {
		e.To = got.Index + 1 // not what others enter meanwhile
	}
	closed, failed := k.shut(o)
	out.Closed, out.Failed = closed, failed != nil
	out.Fault = k.fault()
	forPeople(&e, &out)
	return out, k.bundle(ctx, guarded{ctx, k, w}, o.Passphrase, e)
}

// forPeople adds the files that people read. Entries are read once more for each of them: they come after the last
// one, and a long diary is not held in memory.
func forPeople(e *diary.Export, out *outcome) {
	e.Closed = func(i int64, _ error) { out.add(i) }
	e.Finish = func(w *proof.BundleWriter, s *diary.Snapshot) error {
		at := s.Checkpoint()
		head := print.Head{Origin: at.Origin, Size: at.Size, Made: time.Now()}
		head.From, head.To = s.Span()
		files := []struct {
			name  string
			write func(io.Writer) error
		}{
			{"dnevnik.html", func(f io.Writer) error { return print.HTML(f, head, rows(s, *out)) }},
			{"dnevnik.csv", func(f io.Writer) error { return print.CSV(f, rows(s, *out)) }},
			{unreadableFile, func(f io.Writer) error { return print.Unreadable(f, rows(s, *out)) }},
		}
		if out.Unreadable == 0 && out.Closed == "" {
			files = files[:2]
		}
		for _, file := range files {
			f, err := w.File(file.name)
			if err != nil {
				return err
			}
			if err := file.write(f); err != nil {
				return err
			}
		}
		return nil
	}
}

// rows are the entries of an export, for people.
func rows(s *diary.Snapshot, out outcome) print.Rows {
	return func(yield func(print.Row, error) bool) {
		for e, err := range s.Entries() {
			row := print.Row{Leaf: e.Leaf, Unreadable: inSlovenian(e.Err)}
			if out.Closed != "" {
				row.Unreadable = out.inSlovenian()
			}
			if err == nil && e.Body != nil {
				var b proof.Body
				b, err = proof.ParseBody(e.Body)
				row.Body = &b
			}
			if !yield(row, err) || err != nil {
				return
			}
		}
	}
}

// inSlovenian says why no entry was opened.
func (o outcome) inSlovenian() string {
	if o.Failed {
		return "ključa za branje ni tam, kjer bi moral biti"
	}
	return "naprava je zaklenjena, odprejo jo le obnovitvene besede"
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

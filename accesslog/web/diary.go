package web

import (
	"context"
	"fmt"
	"iter"
	"strconv"
	"strings"
	"unicode/utf8"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/accesslog/people"
)

// diaryRoutes hand the diary out. Who reads what, and why, is entered before.
var diaryRoutes = []route{
	{"POST", "/diary/readings", "readDiary", may(people.ReadDiary), takes((*Site).readDiary), "Lists entries, and opens them on wish, once it is entered who reads them and why."},
	{"POST", "/diary/entries/{entry}/readings", "readEntry", may(people.ReadDiary), takes((*Site).readEntry), "Opens one entry, once it is entered who reads it and why."},
	{"GET", "/diary/entries/{entry}/proof", "proveEntry", may(people.ReadDiary), writes("text/plain; charset=utf-8", (*Site).proveEntry),
		"The proof that an entry is in the diary (C2SP tlog-proof). It names nobody."},
	{"GET", "/diary/entries/{entry}/vouches", "listVouches", may(people.ReadDiary), gives((*Site).vouches),
		"Which witnesses, time-stamping authorities and printed pages outside have a checkpoint that has the entry."},
	{"GET", "/diary/checkpoint", "checkpoint", may(people.ReadDiary, people.System), gives((*Site).checkpoint), "The last signed checkpoint, and the keys that verify it."},
	{"POST", "/diary/uses", "listUses", may(people.ReadDiary), takes((*Site).uses),
		"Tells who has seen footage of a camera and a span of time, and what else was done with it, once it is entered who asks and why."},
	{"POST", "/diary/bundle", "exportDiary", may(people.ExportDiary), writes("application/zip", (*Site).exportDiary).streaming(),
		"Gives entries as a bundle that verifies without the appliance, once it is entered who takes it and why."},
	{"POST", "/diary/verification", "verifyDiary", may(people.ReadDiary), gives((*Site).verifyDiary).streaming(),
		"Looks the diary through. What entries say is shown to nobody. It goes on when whoever asked has gone."},
	{"GET", "/diary/verification", "howFar", may(people.ReadDiary), gives((*Site).howFar), "How far it is with looking the diary through, and what came of the last time."},
}

// The bounds of one reading.
const (
	mostEntries = 500
	mostLooked  = 100_000 // leaves among which entries are looked for
	mostOpened  = 20_000  // of them that are opened for it
	mostRead    = 8 << 20 // bytes of contents
	mostReason  = 500     // characters
)

// ReadingAsked is which entries somebody wants to read, and why.
type ReadingAsked struct {
	Reason string `json:"reason"`
	From   int64  `json:"from,omitempty"`
	To     int64  `json:"to,omitempty"`     // not included; 0: all
	Newest bool   `json:"newest,omitempty"` // the last ones first
	Filter
	Open bool  `json:"open,omitempty"`
	Most int64 `json:"most,omitempty"` // entries at once; 0: 500, and never more
}

// Reading is what was read.
type Reading struct {
	Entry   int64   `json:"entry"` // that says who reads
	Cut     int64   `json:"cut"`   // entries before it came to the end of their term
	Size    int64   `json:"size"`  // of the diary
	Next    int64   `json:"next"`  // where the rest begins, or ends if the last ones come first; 0: there is none
	Fault   *Line   `json:"fault,omitempty"`
	Entries []Entry `json:"entries"`
}

// Entry is an entry of the diary. Its texts are the bytes that are hashed.
type Entry struct {
	Index      int64  `json:"index"`
	Op         string `json:"op"`
	Time       moment `json:"time"`
	Ref        *int64 `json:"ref,omitempty"`
	Leaf       string `json:"leaf"`
	Body       string `json:"body,omitempty"`       // JSON; only where it was opened
	Manifest   string `json:"manifest,omitempty"`   // JSON
	Unreadable string `json:"unreadable,omitempty"` // why it can't be opened
}

func (s *Site) readDiary(c *call, in ReadingAsked) (Reading, error) {
	head := s.o.Diary.Head()
	if in.To == 0 || in.To > head.Size {
		in.To = head.Size
	}
	if in.From < 0 || in.From >= in.To {
		return Reading{}, errNoEntry
	}
	if err := in.Filter.check(); err != nil {
		return Reading{}, err
	}
	if in.Most < 0 || in.Most > mostEntries {
		return Reading{}, &wrong{"most", text{"Največ 500 zapisov.", "500 entries at most."}}
	}
	if in.Most == 0 {
		in.Most = mostEntries
	}
	in.Open = in.Open || in.Filter.inside()
	return s.read(c, in)
}

func (s *Site) readEntry(c *call, in Reason) (Entry, error) {
	i, err := c.entryNumber()
	if err != nil {
		return Entry{}, err
	}
	if i >= s.o.Diary.Head().Size {
		return Entry{}, errNoEntry
	}
	r, err := s.read(c, ReadingAsked{Reason: in.Reason, From: i, To: i + 1, Open: true, Most: 1})
	if err == nil && len(r.Entries) != 1 { // it is before the cut, and nothing keeps it
		err = diary.ErrPruned
	}
	if err != nil {
		return Entry{}, err
	}
	return r.Entries[0], nil
}

// entryNumber is the entry that the path names.
func (c *call) entryNumber() (int64, error) {
	i, err := strconv.ParseInt(c.PathValue("entry"), 10, 64)
	if err != nil || i < 0 {
		return 0, errNoEntry
	}
	return i, nil
}

// read enters who reads what and why, and only then reads it.
func (s *Site) read(c *call, in ReadingAsked) (Reading, error) {
	r, opener, err := s.enterReading(c, in.Reason, in.Open, in.body())
	if err != nil {
		return Reading{}, err
	}
	return r, r.collect(c.Context(), s.o.Diary, opener, in)
}

// body is the entry's, without who reads and why.
func (in ReadingAsked) body() proof.Body {
	b := proof.Body{Data: map[string]any{"from": in.From, "to": in.To}}
	in.Filter.note(b.Data)
	return b
}

// enterReading enters a reading, and gives what opens entries if they are to be opened.
func (s *Site) enterReading(c *call, reason string, open bool, body proof.Body) (r Reading, opener *diary.Opener, err error) {
	if err := checkReason(reason); err != nil {
		return r, nil, err
	}
	body.Data["opened"] = "no"
	if open {
		keys, err := s.o.Keys.Diary()
		if err != nil {
			return r, nil, err
		}
		opener, body.Data["opened"] = s.o.Diary.Opener(keys), "yes"
	}
	actor := c.actor()
	body.Actor, body.Purpose = &actor, reason
	receipt, err := s.o.Diary.Append(c.Context(), diary.Entry{Op: "diary.read", Body: body}, nil)
	if err != nil {
		return r, nil, fmt.Errorf("nothing is handed out, since it could not be entered: %w", err)
	}
	head := s.o.Diary.Head()
	r = Reading{Entry: receipt.Index, Cut: head.Cut, Size: head.Size, Entries: []Entry{}}
	r.Fault = s.fault()
	return r, opener, nil
}

// checkReason refuses a reason that is none, too long for an entry, or more than one plain line.
func checkReason(reason string) error {
	if strings.TrimSpace(reason) == "" || utf8.RuneCountInString(reason) > mostReason || proof.Printable(reason) != reason {
		return &wrong{"reason", text{"Povejte, zakaj, v eni vrstici; največ 500 znakov.", "Say why, in one line of at most 500 characters."}}
	}
	return nil
}

// collect reads the entries, up to the most that one reading has.
func (r *Reading) collect(ctx context.Context, d Diary, opener *diary.Opener, in ReadingAsked) error {
	looked, opened, bytes := 0, 0, 0
	for e, err := range ordered(ctx, d, in.From, in.To, in.Newest) {
		if err != nil {
			return err
		}
		if int64(len(r.Entries)) == in.Most || looked == mostLooked || opened == mostOpened || bytes > mostRead {
			r.Next = e.Index
			if in.Newest {
				r.Next++
			}
			return nil
		}
		looked++
		if !in.Filter.of(e.Leaf) {
			continue
		}
		entry, err := openEntry(ctx, opener, e)
		if err != nil {
			return err
		}
		if opener != nil {
			opened++
		}
		if !in.Filter.inside() || in.Filter.in(entry) {
			r.Entries = append(r.Entries, entry)
			bytes += len(entry.Body) + len(entry.Manifest)
		}
	}
	return nil
}

// kept are the entries that there are: those before the cut that a hold keeps, then all from the cut on.
func kept(ctx context.Context, d Diary, from, to int64) iter.Seq2[diary.Stored, error] {
	return func(yield func(diary.Stored, error) bool) {
		if cut := d.Head().Cut; from < cut {
			for p, err := range d.Parts(ctx, from, min(to, cut)) {
				e := diary.Stored{Leaf: p.Leaf}
				if err == nil {
					e.Raw, err = proof.EncodeLeaf(p.Leaf) // the bytes that were parsed, for there is one form
				}
				if !yield(e, err) || err != nil {
					return
				}
			}
		}
		for e, err := range d.Entries(ctx, from, to) {
			if !yield(e, err) {
				return
			}
		}
	}
}

// openEntry is an entry, opened if opener is not nil.
func openEntry(ctx context.Context, opener *diary.Opener, e diary.Stored) (Entry, error) {
	out := Entry{Index: e.Index, Op: e.Op, Time: moment{e.Time}, Ref: e.Ref, Leaf: string(e.Raw)}
	if opener == nil {
		return out, nil
	}
	body, manifest, err := opener.Open(ctx, e.Index)
	switch {
	case err == nil:
		out.Body, out.Manifest = string(body), string(manifest)
	case diary.Unreadable(err):
		out.Unreadable = sayingOf(err).title.en
	default:
		return Entry{}, err
	}
	return out, nil
}

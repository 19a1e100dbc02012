package web

import (
	"context"
	"slices"
	"strings"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
)

// UsesAsked is footage of which somebody wants to know who has seen it, and why he asks.
type UsesAsked struct {
	Reason string `json:"reason"`
	Camera string `json:"camera"`
	span
	After int64 `json:"after,omitempty"` // only entries from this one on: next of the answer before
}

// Uses are what was done with footage, by the diary.
type Uses struct {
	Entry int64  `json:"entry"` // that says who asks
	Cut   int64  `json:"cut"`   // entries before it came to the end of their term, but for what a hold keeps
	Next  int64  `json:"next"`  // where the rest begins; 0: there is none
	Fault *Line  `json:"fault,omitempty"`
	Twins []span `json:"twins,omitempty"` // other times of the same footage, of which the clock was set only later: what names them is told, too
	Uses  []Use  `json:"uses"`
}

// Use is one entry about footage: a viewing, or one that was refused, an export, what was handed over, a hold.
type Use struct {
	Entry      int64     `json:"entry"`
	Op         string    `json:"op"`
	Time       moment    `json:"time"`
	Ref        *int64    `json:"ref,omitempty"` // the entry that it goes on with, or ends
	Person     string    `json:"person,omitempty"`
	Role       string    `json:"role,omitempty"`
	Purpose    string    `json:"purpose,omitempty"`
	Basis      string    `json:"basis,omitempty"`
	Case       string    `json:"case,omitempty"`
	Request    string    `json:"request,omitempty"` // id of the request for footage that it is about
	Recipient  string    `json:"recipient,omitempty"`
	Result     string    `json:"result,omitempty"`
	Remark     string    `json:"remark,omitempty"`
	Bytes      int64     `json:"bytes,omitempty"` // that were delivered
	Footage    []Footage `json:"footage"`         // what was asked for, or at the end what was delivered
	Unreadable bool      `json:"unreadable"`      // what it says can't be opened, so that nobody knows what it is about
}

// Footage is a span of time of a camera.
type Footage struct {
	Camera string `json:"camera"` // * for all
	span
}

// aboutFootage are the beginnings of operations by which footage is used, or kept from being.
var aboutFootage = []string{"view.", "export", "disclose", "handover", "hold.", "restrict.", "request."}

// uses enters who asks, and only then looks.
func (s *Site) uses(c *call, in UsesAsked) (Uses, error) {
	if !plain(in.Camera) {
		return Uses{}, errNoCamera
	}
	if !in.To.After(in.From.Time) {
		return Uses{}, &wrong{"to", text{"Konec mora biti za začetkom.", "The end has to come after the beginning."}}
	}
	if in.After < 0 || in.After > s.o.Diary.Head().Size {
		return Uses{}, errNoEntry
	}
	body := proof.Body{Objects: []proof.Object{{Camera: in.Camera, From: in.From.Time, To: in.To.Time}}, Data: map[string]any{"from": in.After}}
	r, opener, err := s.enterReading(c, in.Reason, true, body)
	if err != nil {
		return Uses{}, err
	}
	u := Uses{Entry: r.Entry, Cut: r.Cut, Fault: r.Fault, Uses: []Use{}}
	twins, err := s.o.Index.Twins(in.From.Time, in.To.Time)
	if err != nil {
		return Uses{}, err
	}
	for _, t := range twins {
		u.Twins = append(u.Twins, span{moment{t[0]}, moment{t[1]}})
	}
	look := looking{Uses: &u, opener: opener, diary: s.o.Diary, asked: in, has: map[int64]bool{}, told: map[int64]bool{}, past: past{from: in.After}}
	return u, look.run(c.Context())
}

// looking looks for entries about footage: those that name it, those that they go on with, and those that end them.
type looking struct {
	*Uses
	opener *diary.Opener
	diary  Diary
	asked  UsesAsked
	has    map[int64]bool // entries that are listed
	told   map[int64]bool // whether entries before the first of this answer are in one before it
	past   past
	opened int
}

func (l *looking) run(ctx context.Context) error {
	for e, err := range kept(ctx, l.diary, l.asked.After, l.Entry) {
		if err != nil {
			return err
		}
		if !about(e.Op) {
			continue
		}
		if len(l.Uses.Uses) >= mostEntries || l.opened >= mostOpened {
			l.Next = e.Index
			return nil
		}
		u, err := l.open(ctx, e)
		if err != nil {
			return err
		}
		listed := u.Unreadable || l.touches(u)
		if !listed && e.Ref != nil {
			if listed, err = l.lists(ctx, *e.Ref, e.Index); err != nil {
				return err
			}
		}
		if !listed {
			continue
		}
		if err := l.take(ctx, u); err != nil {
			return err
		}
	}
	return nil
}

func about(op string) bool {
	for _, begins := range aboutFootage {
		if strings.HasPrefix(op, begins) {
			return true
		}
	}
	return false
}

// lists tells whether an entry is listed, before another, in this answer or in one before it. What one before it has is found again
// by what made it so: the entry itself, one that goes on with it, or one that it goes on with.
func (l *looking) lists(ctx context.Context, entry, before int64) (bool, error) {
	if l.has[entry] || entry >= l.asked.After {
		return l.has[entry], nil
	}
	before = min(before, l.asked.After)
	if told, known := l.told[entry]; known && before == l.asked.After {
		return told, nil
	}
	told, err := l.listed(ctx, entry, before)
	if err == nil && before == l.asked.After {
		l.told[entry] = told
	}
	return told, err
}

// listed is lists without memory.
func (l *looking) listed(ctx context.Context, entry, before int64) (bool, error) {
	if err := l.past.read(ctx, l.diary, entry); err != nil {
		return false, err
	}
	for family := []int64{entry}; len(family) > 0; family = family[1:] {
		i := family[0]
		for _, next := range l.past.next[i] {
			if next < before {
				family = append(family, next)
			}
		}
		if !l.past.about[i] {
			continue
		}
		if u, err := l.open(ctx, diary.Stored{Leaf: proof.Leaf{Index: i}}); err != nil || u.Unreadable || l.touches(u) {
			return err == nil, err
		}
	}
	if goesOn, ok := l.past.ref[entry]; ok && l.past.about[entry] {
		return l.lists(ctx, goesOn, entry)
	}
	return false, nil
}

// past is how entries before the first of an answer go on with each other, from one on. Each is read once, whatever is looked for.
type past struct {
	from  int64
	about map[int64]bool    // entries about footage
	ref   map[int64]int64   // what an entry goes on with
	next  map[int64][]int64 // what goes on with an entry
}

// read reads what is missing of it from an entry on.
func (p *past) read(ctx context.Context, d Diary, from int64) error {
	if from >= p.from {
		return nil
	}
	if p.next == nil {
		p.about, p.ref, p.next = map[int64]bool{}, map[int64]int64{}, map[int64][]int64{}
	}
	for e, err := range kept(ctx, d, from, p.from) {
		if err != nil {
			return err
		}
		if about(e.Op) {
			p.about[e.Index] = true
		}
		if e.Ref != nil && *e.Ref < e.Index {
			p.ref[e.Index] = *e.Ref
			p.next[*e.Ref] = append(p.next[*e.Ref], e.Index)
		}
	}
	p.from = from
	return nil
}

// take lists an entry, behind that which it goes on with. A viewing comes with all that it had opened until then.
func (l *looking) take(ctx context.Context, u Use) error {
	if u.Ref != nil && *u.Ref < u.Entry {
		listed, err := l.lists(ctx, *u.Ref, u.Entry)
		if err != nil {
			return err
		}
		if !listed {
			if err := l.begin(ctx, u); err != nil {
				return err
			}
		}
	}
	l.has[u.Entry] = true
	l.Uses.Uses = append(l.Uses.Uses, u)
	return nil
}

// begin lists what an entry goes on with.
func (l *looking) begin(ctx context.Context, u Use) error {
	to := *u.Ref + 1
	if u.Op != "view.start" && strings.HasPrefix(u.Op, "view.") {
		to = u.Entry
	}
	l.has[*u.Ref] = true
	for e, err := range kept(ctx, l.diary, *u.Ref, to) {
		if err != nil {
			return err
		}
		if e.Index != *u.Ref && (e.Op != "view.more" || e.Ref == nil || *e.Ref != *u.Ref) {
			continue
		}
		before, err := l.open(ctx, e)
		if err != nil {
			return err
		}
		if err := l.take(ctx, before); err != nil {
			return err
		}
	}
	return nil
}

// touches tells whether an entry names the footage, by whichever of its times.
func (l *looking) touches(u Use) bool {
	for _, f := range u.Footage {
		if (f.Camera == l.asked.Camera || f.Camera == everyCamera) && (f.touches(l.asked.span) || slices.ContainsFunc(l.Twins, f.touches)) {
			return true
		}
	}
	return false
}

// touches tells whether footage lies in a span, be it one picture.
func (f Footage) touches(s span) bool {
	return f.From.Before(s.To.Time) && !f.To.Before(s.From.Time)
}

// open is an entry as it is listed.
func (l *looking) open(ctx context.Context, e diary.Stored) (Use, error) {
	l.opened++
	u := Use{Entry: e.Index, Op: e.Op, Time: moment{e.Time}, Ref: e.Ref, Footage: []Footage{}}
	raw, _, err := l.opener.Open(ctx, e.Index)
	if err != nil && !diary.Unreadable(err) {
		return u, err
	}
	b, wrong := proof.Body{}, err
	if wrong == nil {
		b, wrong = proof.ParseBody(raw)
	}
	if u.Unreadable = wrong != nil; u.Unreadable {
		return u, nil
	}
	if a := b.Actor; a != nil {
		u.Person, u.Role = a.Name, a.Role
	}
	u.Purpose, u.Basis, u.Case, u.Recipient, u.Result, u.Remark, u.Bytes = b.Purpose, b.Basis, b.Case, b.Recipient, b.Result, b.Note, b.Bytes
	u.Request, _ = b.Data["request"].(string)
	for _, o := range b.Objects {
		u.Footage = append(u.Footage, Footage{o.Camera, span{moment{o.From}, moment{o.To}}})
	}
	return u, nil
}

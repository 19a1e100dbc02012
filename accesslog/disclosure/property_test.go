package disclosure

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"varuh/accesslog/people"
)

// naive is a request as somebody would keep it on a sheet of paper.
type naive struct {
	kind     Kind
	status   string
	complete bool
	entered  map[string]bool
	answer   time.Time // first moment after the term; zero for none
	packed   bool
	shown    bool // nothing is packed, it is looked at
	paper    bool // is awaited
	held     int
	closed   bool
}

// open tells whether it awaits a decision.
func (n *naive) open() bool {
	return n.status == "asked" || n.status == "extended" || n.status == "law"
}

// may says whether a step would be done, by rules that are written anew.
func (n *naive) may(step Step, who string) bool {
	approver, clerk := who == "head" || who == "deputy", who != "guard" // guards neither enter nor decide
	if step == Scan {                                                   // even when all else is over
		return clerk && n.paper
	}
	if n.closed {
		return false
	}
	before := n.open() || n.status == "silent"
	switch step {
	case Supplement:
		return clerk && n.status == "asked"
	case Extend, FollowLaw:
		return approver && n.kind != Own && n.complete && (n.status == "asked" || n.status == "extended")
	case Approve:
		return approver && before && n.complete && !n.entered[who]
	case Refuse:
		return approver && (before || n.status == "approved" || n.status == "packed")
	case Withdraw:
		return clerk && (before || n.status == "approved" || n.status == "packed")
	case Build:
		return n.status == "approved" && !n.shown
	case Show:
		return clerk && n.status == "approved" && n.shown
	case Expire:
		return n.status == "packed"
	case HandOver:
		return clerk && n.status == "packed" && n.packed
	case Confirm:
		return clerk && n.status == "handed"
	case Release:
		return approver && (n.status == "refused" || n.status == "silent" || n.status == "withdrawn" || n.status == "handed" || n.status == "confirmed")
	}
	return false
}

// does does it.
func (n *naive) does(step Step, who string) {
	switch step {
	case Supplement:
		n.complete, n.entered[who] = true, true
	case Extend:
		n.status = "extended"
	case FollowLaw:
		n.status = "law"
	case Approve:
		n.status = "approved"
	case Refuse:
		n.status, n.packed = "refused", false
	case Withdraw:
		n.status, n.packed = "withdrawn", false
	case Build:
		n.status, n.packed = "packed", true
	case Expire:
		n.status, n.packed = "approved", false
	case HandOver, Show:
		n.status = "handed"
	case Scan:
		n.paper = false
	case Confirm:
		n.status = "confirmed"
	case Release:
		n.closed, n.held = true, 0
	}
}

// statuses are the naive's words.
var statuses = map[State]string{Incomplete: "asked", Complete: "asked", Extended: "extended", OwnLaw: "law", Approved: "approved", Refused: "refused", Silent: "silent",
	Withdrawn: "withdrawn", Built: "packed", HandedOver: "handed", Confirmed: "confirmed"}

// TestAgainstPaper does long sequences of steps by different persons, with days going by, and holds the register against the
// sheet of paper; at the end the diary is opened again.
func TestAgainstPaper(t *testing.T) {
	t.Parallel()
	done, refused := map[Step]int{}, map[Step]int{}
	for seed := range uint64(5) {
		g := &game{rig: newRig(t), rand: rand.New(rand.NewPCG(seed, 7)), sheets: map[string]*naive{}, done: done, refused: refused}
		for range 300 {
			g.move(t)
		}
		g.compare(t)
		g.restart(t)
		g.compare(t)
	}
	for _, step := range []Step{Supplement, Scan, Extend, FollowLaw, Approve, Refuse, Lapse, Withdraw, Build, Expire, HandOver, Show, Confirm, Release} {
		if done[step] < 3 || refused[step] < 3 && step != Lapse {
			t.Errorf("%s was done %d times and refused %d times: the test tries too little", step, done[step], refused[step])
		}
	}
}

type game struct {
	*rig
	rand          *rand.Rand
	sheets        map[string]*naive
	ids           []string
	done, refused map[Step]int
}

var roles = map[string]people.Role{"ana": people.Caretaker, "borut": people.Caretaker, "head": people.Approver, "deputy": people.Approver, "guard": people.Guard}

// often is how often each step is tried: those that end a request seldom.
var often = slices.Concat(slices.Repeat([]Step{Approve, Build, HandOver, Show, Show, Confirm}, 6), slices.Repeat([]Step{Scan, Supplement, Extend, FollowLaw, Expire, Expire}, 3),
	[]Step{Refuse, Withdraw, Release})

func (g *game) move(t *testing.T) {
	switch {
	case len(g.ids) == 0 || g.rand.IntN(20) == 0:
		g.enter(t)
	case g.rand.IntN(12) == 0:
		g.wait(t)
	default:
		g.step(t)
	}
}

func (g *game) enter(t *testing.T) {
	who := []string{"ana", "borut", "head"}[g.rand.IntN(3)]
	kinds := append(slices.Clone(Kinds), Subject, Subject)
	a := complete(kinds[g.rand.IntN(len(kinds))])
	n := &naive{kind: a.Kind, status: "asked", complete: g.rand.IntN(3) > 0, entered: map[string]bool{who: true}, held: 1}
	if !n.complete {
		a.Manner = ""
	}
	if n.shown = a.Kind == Subject && g.rand.IntN(3) > 0; n.shown {
		a.Form = []Form{View, Masked}[g.rand.IntN(2)]
	}
	if n.paper = a.Kind == Authority && g.rand.IntN(2) == 0; n.paper {
		a.Way, a.Scan = Oral, ""
	}
	got, err := g.Receive(t.Context(), session(who, roles[who]), a)
	must(t, err)
	g.sheets[got.Request.ID] = n
	g.ids = append(g.ids, got.Request.ID)
	g.term(n)
}

// term writes the last moment of an answer on the sheet.
func (g *game) term(n *naive) {
	days := map[Kind]int{Authority: 15, Other: 15, Subject: 30}[n.kind]
	if days > 0 && n.answer.IsZero() && (n.complete || n.kind == Subject) {
		n.answer = naiveCount(g.now, days, g.Zone).AddDate(0, 0, 1)
	}
}

func (g *game) wait(t *testing.T) {
	g.now = g.now.AddDate(0, 0, 1+g.rand.IntN(20))
	_, err := g.Silence(t.Context(), g.now)
	must(t, err)
	for _, n := range g.sheets {
		if n.complete && (n.status == "asked" || n.status == "extended") && !n.answer.IsZero() && !g.now.Before(n.answer) {
			n.status = "silent"
			g.done[Lapse]++
		}
	}
}

func (g *game) step(t *testing.T) {
	var id, who string
	var step Step
	var n *naive
	for range 1 + g.rand.IntN(40) { // often one that may be done
		id = g.ids[g.rand.IntN(len(g.ids))]
		who = []string{"ana", "borut", "head", "deputy", "guard"}[g.rand.IntN(5)]
		step = often[g.rand.IntN(len(often))]
		if n = g.sheets[id]; n.may(step, who) {
			break
		}
	}
	want := n.may(step, who)
	day := g.now.AddDate(0, 0, 20+g.rand.IntN(30))
	if step == Extend && want && !n.answer.IsZero() && (!g.now.Before(n.answer) || civil(day).Before(civil(n.answer).AddDate(0, 0, -1))) {
		return // the day is refused for itself, which another test tries
	}
	err := g.try(t, step, session(who, roles[who]), id, day)
	if (err == nil) != want {
		t.Fatalf("%s by %s of a %s request that is %s (complete %v): %v, and the paper says %v", step, who, n.kind, n.status, n.complete, err, want)
	}
	if err != nil {
		g.refused[step]++
		return
	}
	g.done[step]++
	n.does(step, who)
	switch step {
	case Supplement:
		g.term(n)
	case Extend:
		n.answer = time.Date(day.Year(), day.Month(), day.Day()+1, 0, 0, 0, 0, g.Zone)
	case FollowLaw:
		n.answer = time.Time{}
	}
}

// try does a step by a person.
func (g *game) try(t *testing.T, step Step, s people.Session, id string, day time.Time) (err error) {
	q := g.request(t, id)
	switch ctx := t.Context(); step {
	case Supplement:
		c := complete(q.Kind).Content
		c.Form = q.Form
		_, err = g.Supplement(ctx, s, id, Supplemented{Content: c})
	case Scan:
		_, err = g.Scanned(ctx, s, id, "", scan)
	case Show:
		seen := q.Entry // which is no viewing; the state is looked at first
		if q.Showing() {
			seen = g.viewed(t, q, s.Person.ID, q.Wanted)
		}
		_, err = g.Shown(ctx, s, id, Showing{Recipient: "Janez Novak", Known: "izkaznica", Viewing: seen, Warned: true})
	case Extend:
		_, err = g.Extend(ctx, s, id, day, "po telefonu")
	case FollowLaw:
		_, err = g.FollowLaw(ctx, s, id, "ZKP", time.Time{})
	case Approve:
		_, err = g.Approve(ctx, s, id, Approval{Content: q.Content})
	case Refuse:
		_, err = g.Refuse(ctx, s, id, "ni podlage")
	case Withdraw:
		_, err = g.Withdraw(ctx, s, id, "vlagatelj")
	case HandOver:
		_, err = g.HandOver(ctx, s, id, Handing{Recipient: "Janez Novak", Known: "izkaznica", Medium: "USB", Manifest: scan, Warned: true})
	case Confirm:
		_, err = g.Confirmed(ctx, s, id, "podpis", "")
	case Release:
		_, err = g.Release(ctx, s, id, "konec")
	default:
		err = g.do(t, step, q)
	}
	if err != nil && !slices.ContainsFunc([]error{ErrStep, ErrReleased, ErrFourEyes, people.ErrNotAllowed}, func(want error) bool { return errors.Is(err, want) }) {
		t.Fatalf("%s: %v", step, err)
	}
	return err
}

// compare holds all requests against their sheets, and the holds in force against the number on them.
func (g *game) compare(t *testing.T) {
	t.Helper()
	list, err := g.Requests(t.Context())
	must(t, err)
	held := 0
	for _, q := range list {
		n := g.sheets[q.ID]
		if statuses[q.State] != n.status || (len(q.Missing) == 0) != n.complete || q.Released != n.closed || (q.Package != "") != n.packed || q.Form.Shown() != n.shown || q.PaperPending != n.paper || len(q.Entrants) != len(n.entered) {
			t.Errorf("the register has %+v, the paper %+v", q, n)
		}
		held += n.held
	}
	if len(list) != len(g.sheets) || g.held(t) != held {
		t.Errorf("%d requests and %d holds, the paper has %d and %d", len(list), g.held(t), len(g.sheets), held)
	}
}

package disclosure

import (
	"errors"
	"slices"
	"testing"
	"time"

	"varuh/accesslog/people"
)

// wanted is what may be done in each state, by hand: a letter for each step in the order of Steps, a dot where it may not.
// s: supplement, P: scan (where a paper is awaited), e, f, A: approve, R: refuse, l: lapse, w, b: build, x: expire, h,
// v: show, c, r: release.
var wanted = map[State]string{
	Incomplete: "sP...R.w......",
	Complete:   "sPefARlw......",
	Extended:   ".PefARlw......",
	OwnLaw:     ".P..AR.w......",
	Approved:   ".P...R.wb..v..",
	Refused:    ".P...........r",
	Silent:     ".P..AR.w.....r",
	Withdrawn:  ".P...........r",
	Built:      ".P...R.w.xh...",
	HandedOver: ".P..........cr",
	Confirmed:  ".P...........r",
}

// TestCourse holds every state, step, kind and role against the table above.
func TestCourse(t *testing.T) {
	t.Parallel()
	if len(wanted) != len(States) || len(course) != len(Steps) {
		t.Fatalf("%d states of %d, %d steps of %d", len(wanted), len(States), len(course), len(Steps))
	}
	for _, state := range States {
		for i, step := range Steps {
			for _, kind := range Kinds {
				for flags := range 4 * len(Forms) {
					paper, released, form := flags&1 > 0, flags&2 > 0, Forms[flags/4]
					view := form == View || form == Masked
					q := Request{Kind: kind, State: state, PaperPending: paper, Released: released, Form: form}
					want := wanted[state][i] != '.'
					want = want && (step != Scan || paper) && (!released || step == Scan) && (step != Build || !view) && (step != Show || view)
					want = want && (kind != Own || step != Extend && step != FollowLaw && step != Lapse)
					if err := q.May(step); (err == nil) != want || err != nil && !errors.Is(err, ErrStep) && !errors.Is(err, ErrReleased) {
						t.Errorf("%s, %s, paper %v, released %v, %s: %s: %v", state, kind, paper, released, form, step, err)
					}
				}
			}
		}
	}
	if err := (Request{State: Complete}).May("burn"); !errors.Is(err, ErrStep) {
		t.Errorf("a step that there is not: %v", err)
	}
}

// No approval is reached but from a complete request, no package but from an approval, no handing over but from a package,
// or from an approval where it is only looked at.
func TestNoWayRound(t *testing.T) {
	t.Parallel()
	for step, r := range course {
		for _, s := range []struct {
			to   State
			from []State
		}{{Approved, []State{Complete, Extended, OwnLaw, Silent, Built}}, {Built, []State{Approved}}, {HandedOver, []State{Built, Approved}}, {Confirmed, []State{HandedOver}}} {
			for _, from := range r.from {
				if r.to == s.to && !slices.Contains(s.from, from) {
					t.Errorf("%s leads from %s to %s", step, from, s.to)
				}
			}
		}
	}
}

// Every step asks for the role that the table says, for a scope that covers all of the request, and for a duty that is done.
func TestRoles(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	q := Request{Wanted: []Wanted{{Camera: "hall"}, {Camera: "yard"}}}
	for _, step := range Steps {
		action := course[step].by
		for _, role := range people.Roles {
			for cameras, covers := range map[string]bool{"": true, "hall yard": true, "hall": false} {
				s := session("someone", role, split(cameras)...)
				_, err := r.actor(&s, action, q)
				if want := action != "" && people.Allows(role, action) && covers; (err == nil) != want {
					t.Errorf("%s by %s for %q: %v", step, role, cameras, err)
				}
				if s.Duty = people.DutyPassword; err == nil {
					if _, err = r.actor(&s, action, q); err == nil {
						t.Errorf("%s by %s who must choose a password first", step, role)
					}
				}
			}
		}
		if _, err := r.actor(nil, action, q); (err == nil) != (action == "") {
			t.Errorf("%s by the program: %v", step, err)
		}
	}
	all := Request{Wanted: []Wanted{{Camera: ""}}}
	some, every := session("someone", people.Approver, "gate", "hall", "yard"), head()
	if _, err := r.actor(&some, people.Approve, all); !errors.Is(err, people.ErrScope) {
		t.Errorf("all cameras by who has some: %v", err)
	}
	if _, err := r.actor(&every, people.Approve, all); err != nil {
		t.Errorf("all cameras by who has all: %v", err)
	}
}

func split(cameras string) []string {
	switch cameras {
	case "":
		return nil
	case "hall":
		return []string{"hall"}
	}
	return []string{"hall", "yard"}
}

// by brings a request into a state, by the shortest way.
func (r *rig) by(t testing.TB, k Kind, state State) Request {
	t.Helper()
	a := complete(k)
	if state == Incomplete {
		a.Wanted = nil
	}
	q := r.receive(t, a)
	for _, step := range map[State][]Step{Extended: {Extend}, OwnLaw: {FollowLaw}, Approved: {Approve}, Refused: {Refuse}, Silent: {Lapse}, Withdrawn: {Withdraw},
		Built: {Approve, Build}, HandedOver: {Approve, Build, HandOver}, Confirmed: {Approve, Build, HandOver, Confirm}}[state] {
		must(t, r.do(t, step, q))
	}
	if q = r.request(t, q.ID); q.State != state {
		t.Fatalf("it is %s, want %s", q.State, state)
	}
	return q
}

// do does a step as it is usually done.
func (r *rig) do(t testing.TB, step Step, q Request) (err error) {
	t.Helper()
	switch ctx := t.Context(); step {
	case Supplement:
		_, err = r.Supplement(ctx, clerk(), q.ID, Supplemented{Content: complete(q.Kind).Content})
	case Scan:
		_, err = r.Scanned(ctx, clerk(), q.ID, "", scan)
	case Extend:
		_, err = r.Extend(ctx, head(), q.ID, r.now.AddDate(0, 0, 40), "po telefonu z vlagateljem")
	case FollowLaw:
		_, err = r.FollowLaw(ctx, head(), q.ID, "ZKP, 220. člen", time.Time{})
	case Approve:
		_, err = r.Approve(ctx, head(), q.ID, Approval{Content: q.Content})
	case Refuse:
		_, err = r.Refuse(ctx, head(), q.ID, "ni pravne podlage")
	case Lapse:
		var list []Request
		if list, err = r.Silence(ctx, noon.AddDate(0, 0, 60)); err == nil && !slices.ContainsFunc(list, func(l Request) bool { return l.ID == q.ID }) {
			err = ErrStep
		}
	case Withdraw:
		_, err = r.Withdraw(ctx, clerk(), q.ID, "vlagatelj po pošti")
	case Build:
		_, err = r.Built(ctx, q.ID, Packed{Manifest: scan, Entry: 1, Delivered: q.Wanted})
	case Expire:
		_, err = r.Expired(ctx, q.ID, "nihče ga ni prevzel")
	case HandOver:
		_, err = r.HandOver(ctx, clerk(), q.ID, Handing{Recipient: "Janez Novak", Known: "službena izkaznica", Medium: "USB 7", Manifest: scan, Warned: true})
	case Show:
		seen := int64(3)
		if now := r.request(t, q.ID); now.May(Show) == nil {
			seen = r.viewed(t, now, "ana", now.Wanted)
		}
		_, err = r.Shown(ctx, clerk(), q.ID, Showing{Recipient: "Janez Novak", Known: "osebna izkaznica", Viewing: seen, Footage: q.Wanted, Warned: true})
	case Confirm:
		_, err = r.Confirmed(ctx, clerk(), q.ID, "podpis na zapisniku", scan)
	case Release:
		_, err = r.Release(ctx, head(), q.ID, "zadeva je končana")
	}
	return err
}

// TestEveryStep tries every step in every state over a real diary: what may be done is an entry that refers to the request,
// and what may not leaves nothing behind.
func TestEveryStep(t *testing.T) {
	t.Parallel()
	for _, state := range States {
		t.Run(string(state), func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			for _, step := range Steps {
				q := r.by(t, Authority, state)
				size := r.d.Head().Size
				err := r.do(t, step, q)
				got := r.request(t, q.ID)
				if want := q.May(step) == nil; (err == nil) != want {
					t.Errorf("%s: %v", step, err)
				}
				if err != nil && (r.d.Head().Size != size || got.Last != q.Last || got.State != q.State) {
					t.Errorf("%s was refused and left something: %s", step, got.State)
				}
				if err == nil {
					r.checkEntry(t, step, q, got)
				}
				r.clear(t, got)
			}
			r.restart(t)
		})
	}
}

// checkEntry looks at the entry of a step that was done.
func (r *rig) checkEntry(t *testing.T, step Step, before, q Request) {
	t.Helper()
	rule := course[step]
	leaf := r.leaf(t, q.Last)
	if leaf.Op != rule.op || leaf.Ref == nil || *leaf.Ref != q.Entry || q.Last <= before.Last || leaf.Obj == nil {
		t.Errorf("%s: entry %+v", step, leaf)
	}
	body := r.body(t, q.Last)
	if body.Data["request"] != q.ID || body.Data["state"] != string(q.State) || (body.Actor == nil) != (rule.by == "") {
		t.Errorf("%s: the entry says %+v", step, body)
	}
	if to := rule.to; to != "" && q.State != to || to == "" && step != Supplement && q.State != before.State {
		t.Errorf("%s: it is %s now", step, q.State)
	}
	if step == Release != q.Released {
		t.Errorf("%s: released %v", step, q.Released)
	}
}

// clear takes a request out of the way of the next, which asks for the same.
func (r *rig) clear(t *testing.T, q Request) {
	t.Helper()
	if q.May(Withdraw) == nil {
		must(t, r.do(t, Withdraw, q))
	}
}

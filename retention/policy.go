package retention

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Notice is how long after an approver confirmed it a change begins that lets footage go earlier.
const Notice = 72 * time.Hour

// Policy is what is decided for one camera.
type Policy struct {
	Limit Term `json:"limit"`          // footage goes at the end of it, from the first frame; zero: Law
	Keep  Term `json:"keep,omitzero"`  // the promised depth, which only a full disk breaks; zero: none
	Gone  bool `json:"gone,omitempty"` // the camera was given up: what was recorded before goes at once
}

// limit is Limit, or the law's where there is none or it would be longer.
func (p Policy) limit() Term {
	if p.Limit.IsZero() || p.Limit.check() != nil {
		return Law
	}
	return p.Limit
}

// Check refuses a policy that the law does not allow or that contradicts itself.
func (p Policy) Check() error {
	if err := p.Limit.check(); err != nil {
		return err
	}
	if err := p.Keep.check(); err != nil {
		return fmt.Errorf("the promised depth: %w", err)
	}
	if p.Keep.mayEndAfter(p.limit()) {
		return fmt.Errorf("footage is to be kept for at least %s, but may be kept for %s only; make the promise shorter", p.Keep, p.limit())
	}
	return nil
}

// Version is a policy with the moment from which it is in force.
type Version struct {
	Policy
	From time.Time `json:"from,omitzero"` // zero: ever since
}

// Policies are the decided policies of every camera, its versions in the order of From. A segment's term is the
// shortest that was in force at its first frame or at any moment since: so a longer term helps only what is recorded
// from then on, and nothing has to be remembered about a segment.
type Policies map[string][]Version

// At is the policy of a camera that is in force at a moment, which decides what its footage of that moment may expect.
func (p Policies) At(camera string, at time.Time) Policy {
	versions := p[camera]
	if len(versions) == 0 {
		return Policy{Limit: Law}
	}
	return versions[inForce(versions, at)].Policy
}

// inForce is which of the versions is in force; what was before the first one counts as the first.
func inForce(versions []Version, at time.Time) int {
	i := len(versions) - 1
	for i > 0 && versions[i].From.After(at) {
		i--
	}
	return i
}

// Due is when the time of footage of a camera is up that begins at first, as decided by now, and why.
// term is when it is up by what was in force at first.
func (p Policies) Due(camera string, first, now time.Time, zone *time.Location) (due, term time.Time, why Reason) {
	return p.due(camera, begin{from: first, to: first}, now, zone)
}

// due is Due for a first frame that is known so well.
func (p Policies) due(camera string, first begin, now time.Time, zone *time.Location) (due, term time.Time, why Reason) {
	versions := p[camera]
	if len(versions) == 0 {
		end := Version{}.end(first, zone)
		return end, end, ByTerm
	}
	i := inForce(versions, first.from)
	term = versions[i].end(first, zone)
	due, why = term, ByTerm
	for _, v := range versions[i+1:] {
		if v.From.After(now) {
			break
		}
		end := v.end(first, zone)
		if end.Before(v.From) {
			end = v.From
		}
		if end.Before(due) {
			due, why = end, ByPolicy
		}
	}
	return due, term, why
}

// end is when the time of footage is up under one version, be the version in force or not.
func (v Version) end(first begin, zone *time.Location) time.Time {
	end := v.limit().endOf(first, zone)
	if v.Gone && first.from.Before(v.From) && v.From.Before(end) {
		return v.From
	}
	return end
}

// least is for each version of a camera a span for which no footage that was recorded under it is due, whatever became
// of the policy since. One span is there even if there are no versions.
func (p Policies) least(camera string) []time.Duration {
	versions := p[camera]
	if len(versions) == 0 {
		return []time.Duration{Law.least()}
	}
	spans := make([]time.Duration, len(versions))
	since := Law.least()
	for i := len(versions) - 1; i >= 0; i-- {
		own := versions[i].limit().least()
		spans[i] = min(own, since)
		since = spans[i]
		if versions[i].Gone {
			since = 0
		}
	}
	return spans
}

// Asked is what the configuration asks for one camera.
type Asked struct {
	Camera   string
	Limit    Term // zero: Law
	Keep     Term // zero: none
	Recorded bool // there is footage of it
}

// Change is a difference between what is decided and what the configuration asks, that waits.
type Change struct {
	Camera string `json:"camera"`
	Old    Policy `json:"old"` // in force
	New    Policy `json:"new"`

	// Confirm says that an approver must confirm it, since footage goes earlier by it. Else it waits only for
	// the clock to be certain, and begins then by itself.
	Confirm bool `json:"confirm"`
}

// Review compares what is decided with what the configuration asks. It returns what is decided from now on, with all
// that needs nobody's confirmation, and the changes that wait. wall is what the machine's clock shows:
// a longer term begins at the later of both, so that it helps nothing that was recorded before.
//
// A change that was confirmed but is not in force yet, and that the configuration no longer asks for, is
// withdrawn, unless the machine's clock shows that it began: then it is only not certain yet that it is. While no time is
// certain nobody can tell which versions are in force, and all stay.
func (p Policies) Review(asked []Asked, present Present, wall time.Time) (Policies, []Change) {
	next := p.clone()
	var waits []Change
	wanted := make(map[string]bool)
	for _, a := range asked {
		wanted[a.Camera] = true
		policy := Policy{Limit: cmp.Or(a.Limit, Law), Keep: a.Keep}
		if len(next[a.Camera]) == 0 && !a.Recorded {
			next[a.Camera] = []Version{{Policy: policy}}
			continue
		}
		waits = append(waits, next.review(a.Camera, policy, present, wall)...)
	}
	for camera, versions := range p {
		if n := len(versions); wanted[camera] || n == 0 || versions[n-1].Gone {
			continue
		}
		gone := Policy{Limit: versions[last(versions, present, present.Certain)].Limit, Gone: true}
		waits = append(waits, next.review(camera, gone, present, wall)...)
	}
	slices.SortFunc(waits, func(a, b Change) int { return cmp.Compare(a.Camera, b.Camera) })
	return next, waits
}

// review lets one camera take on what needs nobody's confirmation.
func (p Policies) review(camera string, asked Policy, present Present, wall time.Time) []Change {
	if len(p[camera]) == 0 {
		p[camera] = []Version{{Policy: Policy{Limit: Law}}}
	}
	versions := p[camera]
	if versions[len(versions)-1].Policy == asked {
		return nil
	}
	begun := last(versions, present, present.Latest(wall))
	p[camera] = versions[: begun+1 : begun+1]
	now := versions[last(versions, present, present.Certain)].Policy
	c := Change{Camera: camera, Old: now, New: asked, Confirm: erasesEarlier(now, asked)}
	switch {
	case now == asked, versions[begun].Policy == asked:
		return nil
	case c.Confirm || present.Held || present.Certain.IsZero():
		return []Change{c}
	}
	from := present.Latest(wall)
	if f := versions[begun].From; f.After(from) {
		from = f
	}
	p[camera] = append(p[camera], Version{Policy: asked, From: from})
	return nil
}

// last is the last version that is in force at a moment; while no time is certain, the last there is.
func last(versions []Version, present Present, at time.Time) int {
	if present.Certain.IsZero() {
		return len(versions) - 1
	}
	return inForce(versions, at)
}

// SetBack is what is decided once the present goes back, from was to to: what came into force by the wrong one stays in
// force. It would else begin once more when its date comes, or be withdrawn meanwhile, and footage stay past the term
// that it had.
func (p Policies) SetBack(was, to time.Time) Policies {
	next := p.clone()
	for _, versions := range next {
		for i, v := range versions {
			if v.From.After(to) && !v.From.After(was) {
				versions[i].From = to.UTC()
			}
		}
	}
	return next
}

// erasesEarlier tells whether footage, of this camera or by its promise of another, may go earlier by a change. That of
// a camera that was given up goes anyway, so its return takes nothing.
func erasesEarlier(old, new Policy) bool {
	shorter := !old.Gone && (new.Gone || new.limit().mayEndBefore(old.limit()))
	return shorter || old.Keep.mayEndBefore(new.Keep)
}

// ErrNoTime is returned where something begins a span after now and now is not known.
var ErrNoTime = errors.New("the present is not certain: confirm the date and time first")

// Confirm decides a change that an approver has confirmed; it begins after Notice, counted from the later of what is
// certain and wall, the machine's clock. It returns the policies with it, and when it begins. While the
// present is held it returns ErrNoTime: once it moves on, the notice would be over too early.
func (p Policies) Confirm(c Change, present Present, wall time.Time) (Policies, time.Time, error) {
	if present.Held || present.Certain.IsZero() {
		return nil, time.Time{}, ErrNoTime
	}
	versions := p[c.Camera]
	i := -1
	if len(versions) > 0 {
		i = inForce(versions, present.Latest(wall))
	}
	if old := p.At(c.Camera, present.Certain); old != c.Old {
		return nil, time.Time{}, fmt.Errorf("the policy of %s has changed since: look at the change again", c.Camera)
	}
	if err := c.New.Check(); err != nil {
		return nil, time.Time{}, err
	}
	from := present.Latest(wall).Add(Notice)
	next := p.clone()
	if i < 0 {
		next[c.Camera], i = []Version{{Policy: c.Old}}, 0
	}
	next[c.Camera] = append(next[c.Camera][:i+1], Version{Policy: c.New, From: from})
	return next, from, nil
}

// Since is as much of the policies as decides about footage that began at a moment or later.
func (p Policies) Since(at time.Time) Policies {
	some := make(Policies, len(p))
	for camera, versions := range p {
		if len(versions) > 0 {
			some[camera] = slices.Clone(versions[inForce(versions, at):])
		}
	}
	return some
}

func (p Policies) clone() Policies {
	next := make(Policies, len(p))
	for camera, versions := range p {
		next[camera] = slices.Clone(versions)
	}
	return next
}

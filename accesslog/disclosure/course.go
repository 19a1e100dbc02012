package disclosure

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"varuh/accesslog/people"
)

// State is how far a request has come. That it was received is a moment and no state: with it, it is complete or
// incomplete.
type State string

// The states.
const (
	Incomplete State = "incomplete"  // something is missing
	Complete   State = "complete"    // it awaits a decision
	Extended   State = "extended"    // as agreed with the applicant, it awaits one until another day
	OwnLaw     State = "own law"     // another law says how and until when it is decided
	Approved   State = "approved"    // the package may be built
	Refused    State = "refused"     // with reasons
	Silent     State = "silent"      // nobody decided in time, which the law takes for a refusal
	Withdrawn  State = "withdrawn"   // by the applicant
	Built      State = "built"       // the package is there
	HandedOver State = "handed over" // the package was, or the footage was shown
	Confirmed  State = "confirmed"   // the recipient confirmed that
)

// States are all states.
var States = []State{Incomplete, Complete, Extended, OwnLaw, Approved, Refused, Silent, Withdrawn, Built, HandedOver, Confirmed}

// Step is something that is done with a request that is there.
type Step string

// The steps.
const (
	Supplement Step = "supplement" // what was missing is said, or what was wrong is put right
	Scan       Step = "scan"       // the paper of an oral request has come
	Extend     Step = "extend"
	FollowLaw  Step = "follow law"
	Approve    Step = "approve"
	Refuse     Step = "refuse"
	Lapse      Step = "lapse" // into silence
	Withdraw   Step = "withdraw"
	Build      Step = "build"
	Expire     Step = "expire" // the package was destroyed before anybody got it
	HandOver   Step = "hand over"
	Show       Step = "show" // on the premises, where a person concerned asked for that, or for a masked copy
	Confirm    Step = "confirm"
	Release    Step = "release" // of what it holds
)

// Steps are all steps.
var Steps = []Step{Supplement, Scan, Extend, FollowLaw, Approve, Refuse, Lapse, Withdraw, Build, Expire, HandOver, Show, Confirm, Release}

// The operations.
const (
	opReceive    = "request.receive"
	opSupplement = "request.supplement"
	opScan       = "request.scan"
	opExtend     = "request.extend"
	opLaw        = "request.law"
	opApprove    = "request.approve"
	opRefuse     = "request.refuse"
	opSilence    = "request.silence"
	opWithdraw   = "request.withdraw"
	opBuilt      = "request.built"
	opExpire     = "request.expire"
	opHandover   = "request.handover"
	opShown      = "request.shown"
	opConfirm    = "request.confirm"
	opRelease    = "request.release"
)

// rule is one step: from which states, to which one, and what a person needs for it.
type rule struct {
	op   string
	from []State
	to   State         // "": as it is, or as its content says
	by   people.Action // "": the program itself does it
}

// course says what may be done when: the only place that says so. What was refused by silence can still be decided, late; a
// decision can be taken back until footage leaves, and a request be withdrawn even then.
var course = map[Step]rule{
	Supplement: {opSupplement, []State{Incomplete, Complete}, "", people.Extract},
	Scan:       {opScan, States, "", people.Extract},
	Extend:     {opExtend, []State{Complete, Extended}, Extended, people.Approve},
	FollowLaw:  {opLaw, []State{Complete, Extended}, OwnLaw, people.Approve},
	Approve:    {opApprove, []State{Complete, Extended, OwnLaw, Silent}, Approved, people.Approve},
	Refuse:     {opRefuse, []State{Incomplete, Complete, Extended, OwnLaw, Silent, Approved, Built}, Refused, people.Approve},
	Lapse:      {opSilence, []State{Complete, Extended}, Silent, ""},
	Withdraw:   {opWithdraw, []State{Incomplete, Complete, Extended, OwnLaw, Silent, Approved, Built}, Withdrawn, people.Extract},
	Build:      {opBuilt, []State{Approved}, Built, ""},
	Expire:     {opExpire, []State{Built}, Approved, ""},
	HandOver:   {opHandover, []State{Built}, HandedOver, people.Extract},
	Show:       {opShown, []State{Approved}, HandedOver, people.Extract},
	Confirm:    {opConfirm, []State{HandedOver}, Confirmed, people.Extract},
	Release:    {opRelease, []State{Refused, Silent, Withdrawn, HandedOver, Confirmed}, "", people.Approve},
}

// What keeps a step from being done.
var (
	ErrStep     = errors.New("this can't be done with the request now")
	ErrReleased = errors.New("the request is closed: what it held was released")
	ErrLeft     = errors.New("footage may have left already")
)

// May says why a step can't be done with a request, or nothing. What the step itself asks for is not looked at.
func (q Request) May(s Step) error {
	r, ok := course[s]
	switch {
	case !ok:
		return fmt.Errorf("%w: %q is no step", ErrStep, s)
	case q.Released && s != Scan:
		return ErrReleased
	case !slices.Contains(r.from, q.State):
		return fmt.Errorf("%w: it is %s", ErrStep, q.State)
	case q.refused(s, q.State) != nil:
		return q.refused(s, q.State)
	case s == Scan && !q.PaperPending:
		return fmt.Errorf("%w: no paper is awaited", ErrStep)
	case s == Build && q.Form == Masked:
		return fmt.Errorf("%w: the appliance masks nobody, so a package would hand out the other persons, too; have them masked outside, or show the footage on the premises", ErrStep)
	case s == Build && q.Form == View:
		return fmt.Errorf("%w: the footage is to be looked at on the premises, and nothing is handed over", ErrStep)
	case s == Show && !q.Form.Shown():
		return fmt.Errorf("%w: a package is to be handed over, and nothing is shown", ErrStep)
	case (s == Extend || s == FollowLaw || s == Lapse) && q.Kind == Own:
		return fmt.Errorf("%w: the own initiative has no term", ErrStep)
	}
	return nil
}

// allows finds the authorisation by which a session may do a step with footage, now: one that covers all of it.
func allows(s people.Session, action people.Action, list []Wanted, now time.Time) (people.Authorisation, error) {
	if _, err := s.May(action, "", now); err != nil {
		return people.Authorisation{}, err
	}
	for _, a := range s.Authorisations {
		one := s
		one.Authorisations = []people.Authorisation{a}
		if _, err := one.May(action, "", now); err == nil && covers(a, list) {
			return a, nil
		}
	}
	return people.Authorisation{}, people.ErrScope
}

// covers tells whether all footage is in the scope of an authorisation.
func covers(a people.Authorisation, list []Wanted) bool {
	return !slices.ContainsFunc(list, func(w Wanted) bool {
		return w.Camera == "" && a.Cameras != nil || w.Camera != "" && !a.Covers(w.Camera)
	})
}

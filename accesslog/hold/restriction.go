package hold

import (
	"time"

	"varuh/accesslog/diary/proof"
	"varuh/retention"
)

// Ground says why processing is restricted (GDPR art. 18(1)).
type Ground string

// The grounds. Under the middle two the person wants the footage kept, so they may pass the term.
const (
	Accuracy  Ground = "accuracy"  // (a) it is contested and being verified
	Unlawful  Ground = "unlawful"  // (b) the person asks for restriction in place of erasure
	Claims    Ground = "claims"    // (c) the person needs it for legal claims
	Objection Ground = "objection" // (d) an objection is being decided
)

func (g Ground) known() bool { return g == Accuracy || g == Unlawful || g == Claims || g == Objection }

// Passes tells whether a restriction on the ground keeps footage past its term.
func (g Ground) Passes() bool { return g == Unlawful || g == Claims }

// Restriction is a restriction in force: the footage is stored, and used only on the grounds of art. 18(2).
type Restriction struct {
	ID string
	Ground
	Range
	Review time.Time
	Entry  int64 // that set it, and says who and why
	Pinned bool  // the diary was looked through for entries about it
}

// AskedRestriction is a restriction that somebody asks for.
type AskedRestriction struct {
	Ground
	Range
	Basis  string // the request that it answers
	Case   string // may be missing
	Remark string // may be missing
	Review time.Time
	By     proof.Actor
}

func (a AskedRestriction) check(now time.Time) error {
	if err := a.Range.check(); err != nil {
		return err
	}
	switch {
	case !a.Ground.known():
		return incomplete("%q is no ground of art. 18(1); there are accuracy, unlawful, claims and objection", a.Ground)
	case blank(a.Basis):
		return incomplete("say on what basis: the request that it answers")
	case blank(a.By.Name):
		return incomplete("say who asks for it")
	}
	return checkReview("", a.Review, now)
}

// forPurge is the restriction as a purge knows it.
func (r Restriction) forPurge() retention.Restriction {
	return retention.Restriction{Camera: r.Camera, From: r.From, To: r.To, PastTerm: r.Passes()}
}

package disclosure

import (
	"slices"
	"testing"
	"time"
)

// A request that comes while the clock is behind does not have its term over once that is right: terms count from what has come for
// certain, and its silence from the same.
func TestReceivedByWrongClock(t *testing.T) {
	t.Parallel()
	for name, shows := range map[string]time.Time{"set back 40 days": noon.AddDate(0, 0, -40), "in 1970": time.Unix(60, 0)} {
		r := newRig(t)
		r.Certain = func() time.Time { return noon }
		r.now = shows
		got, err := r.Receive(t.Context(), clerk(), complete(Authority))
		must(t, err)
		q := got.Request
		if !q.Received.Equal(noon) || !q.Completed.Equal(noon) {
			t.Errorf("%s: received %v, complete %v", name, q.Received, q.Completed)
		}
		if list, err := r.Silence(t.Context(), noon.AddDate(0, 0, 14)); err != nil || len(list) != 0 {
			t.Errorf("%s: refused by silence %v, %v", name, list, err)
		}
		if list, err := r.Silence(t.Context(), noon.AddDate(0, 0, 16)); err != nil || len(list) != 1 {
			t.Errorf("%s: not refused by silence: %v", name, err)
		}
		if q = r.request(t, q.ID); q.Decided.Before(noon) {
			t.Errorf("%s: decided %v", name, q.Decided)
		}
	}
}

// A clock that is ahead makes nobody's silence: what is certain does.
func TestSilenceByCertainTime(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	q := r.receive(t, complete(Authority))
	r.now = noon.AddDate(2, 0, 0)
	if list, err := r.Silence(t.Context(), noon.AddDate(0, 0, 1)); err != nil || len(list) != 0 {
		t.Errorf("refused by silence %v, %v", list, err)
	}
	if r.request(t, q.ID).State != Complete {
		t.Error("refused by silence")
	}
}

// What nobody can read is not there: a dash, a dot, letters that are not seen.
func TestMissingUnreadable(t *testing.T) {
	t.Parallel()
	fields := []struct {
		f   Field
		set func(*Content, string)
	}{
		{NoApplicant, func(c *Content, s string) { c.Applicant.Name = s }},
		{NoAddress, func(c *Content, s string) { c.Applicant.Address, c.Applicant.Register = s, s }},
		{NoSignatory, func(c *Content, s string) { c.Applicant.Signatory = s }},
		{NoRank, func(c *Content, s string) { c.Applicant.Rank = s }},
		{NoBasisText, func(c *Content, s string) { c.Basis, c.BasisText = "court-order", s }},
		{NoPurpose, func(c *Content, s string) { c.Purpose = s }},
		{NoSubject, func(c *Content, s string) { c.Case.Subject = s }},
		{NoNumber, func(c *Content, s string) { c.Case.Number = s }},
		{NoBody, func(c *Content, s string) { c.Case.Body = s }},
		{NoManner, func(c *Content, s string) { c.Manner = s }},
	}
	for _, text := range []string{"", " ", "-", ".", "…", "/", "\u3164", "\u115f\u1160", "— ? —"} {
		for _, one := range fields {
			a := complete(Authority)
			one.set(&a.Content, text)
			if got := a.Missing(Authority, true); !slices.Equal(got, []Field{one.f}) {
				t.Errorf("%s is %q: missing %v", one.f, text, got)
			}
		}
	}
	a := complete(Authority)
	a.Case.Number, a.Applicant.Name = "7", "Đ"
	if got := a.Missing(Authority, true); len(got) != 0 {
		t.Errorf("missing %v", got)
	}
}

package accesslog

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"varuh/accesslog/evidence"
	"varuh/accesslog/people"
)

// The bounds of what is taken out at once.
const (
	MaxExport  = 31 * 24 * time.Hour // of footage, over all cameras
	mostAsked  = 1000                // ranges: a package states no more
	mostMissed = 10_000              // gaps, likewise
)

// check refuses what nobody could take out, and brings the rest into its one form.
func (a AskExport) check(now time.Time) (AskExport, error) {
	var all time.Duration
	list := slices.Clone(a.Ranges)
	for i, r := range list {
		if err := checkStream(r.Camera, "main"); err != nil {
			return a, err
		}
		if err := checkRange(r, now); err != nil {
			return a, err
		}
		list[i].From, list[i].To = r.From.UTC(), r.To.UTC()
		all += r.To.Sub(r.From)
	}
	a.Ranges = joinRanges(list)
	switch {
	case len(list) == 0:
		return a, ask("say what footage is taken out")
	case len(list) > mostAsked || all > MaxExport:
		return a, fmt.Errorf("%w: %d ranges of %d hours of footage are more than %d, or than %d hours, which one package takes: divide it", ErrSpan,
			len(list), all/time.Hour, mostAsked, MaxExport/time.Hour)
	case !a.Ground.known():
		return a, ask("%q is no ground of art. 18(2) GDPR: there are consent, claims, other person and public interest", a.Ground)
	case a.Request == "":
		return a, ask("say for what request")
	case (a.Session.Person == people.Person{}) == (a.Order == Order{}):
		return a, ask("say who asks: a session, or the person of an order")
	}
	return a, cmp.Or(checkRemark(a.Remark), checkCase(a.Case))
}

func checkRange(r evidence.Range, now time.Time) error {
	switch {
	case r.From.IsZero() || r.To.IsZero():
		return fmt.Errorf("%w: say from when to when the footage was recorded", ErrSpan)
	case !r.To.After(r.From):
		return fmt.Errorf("%w: the end comes after the beginning", ErrSpan)
	case r.To.Sub(r.From) > MaxExport:
		return fmt.Errorf("%w: it is longer than %d hours: divide it", ErrSpan, MaxExport/time.Hour)
	case r.To.After(now.Add(ahead)):
		return fmt.Errorf("%w: it has not come yet", ErrSpan)
	case r.From.Year() < 1970:
		return fmt.Errorf("%w: there is no footage of that year", ErrSpan)
	}
	return nil
}

// joinRanges is what ranges are together, by camera and time.
func joinRanges(list []evidence.Range) (out []evidence.Range) {
	slices.SortFunc(list, func(a, b evidence.Range) int { return cmp.Or(cmp.Compare(a.Camera, b.Camera), a.From.Compare(b.From)) })
	for _, r := range list {
		if n := len(out); n > 0 && out[n-1].Camera == r.Camera && !r.From.After(out[n-1].To) {
			if r.To.After(out[n-1].To) {
				out[n-1].To = r.To
			}
			continue
		}
		out = append(out, r)
	}
	return out
}

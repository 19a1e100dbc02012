package packing

import (
	"errors"
	"io"
	"testing"
	"time"

	"varuh/accesslog/evidence/evidencetest"
	"varuh/accesslog/people"
	"varuh/retention"
)

// restricts has a restriction on footage of a camera, from so long after the beginning of what is packed.
func (r *rig) restricts(camera string, after time.Duration) {
	from := evidencetest.Dawn.Add(after)
	r.barred = []retention.Restriction{{Camera: camera, From: from, To: from.Add(time.Hour)}}
}

// What is restricted once it is built leaves by no way, unless it was taken on a ground by the order of somebody who still may use what is
// restricted; the record of what left before can be printed. Once the restriction ends it leaves again.
func TestRestrictedStays(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		ground string
		role   people.Role // of who ordered it
		camera string
		after  time.Duration
		stays  bool
	}{
		"all cameras":         {"", people.Caretaker, "", 0, true},
		"this one":            {"", people.Caretaker, "hall", time.Second, true},
		"another":             {"", people.Caretaker, "yard", 0, false},
		"another time":        {"", people.Caretaker, "hall", 2 * time.Second, false},
		"on a ground":         {"claims", people.Approver, "hall", 0, false},
		"on no ground of his": {"claims", people.Guard, "hall", 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.powers = map[string]people.Role{"ana": tt.role}
			_, err := r.Order(t.Context(), clerk(), r.request, Asked{Ground: tt.ground})
			must(t, err)
			must(t, r.settled(t.Context()))
			l := r.issued(t, 5)
			prepared, err := r.Prepare(t.Context(), clerk(), r.request, taking())
			must(t, err)
			r.restricts(tt.camera, tt.after)
			tries := map[string]func() error{
				"prepared": func() error { _, err := r.Prepare(t.Context(), clerk(), r.request, taking()); return err },
				"issued":   func() error { r.issuedOrNot(t, &err); return err },
				"used":     func() error { _, err := r.Use(t.Context(), l.Secret, l.Passphrase, office, true); return err },
				"fetched": func() error {
					out, err := r.Fetch(t.Context(), clerk(), r.request, prepared.ID)
					if err == nil {
						must(t, out.Close())
					}
					return err
				},
			}
			for way, try := range tries {
				if err := try(); errors.Is(err, ErrRestricted) != tt.stays || !tt.stays && err != nil {
					t.Errorf("%s: %v", way, err)
				}
			}
			must(t, justErr(r.Paper(t.Context(), clerk(), r.request, "sl")))
			r.barred, r.powers = nil, nil
			r.whole(t)
		})
	}
}

// issuedOrNot issues a link, if it may be.
func (r *rig) issuedOrNot(t *testing.T, err *error) {
	t.Helper()
	_, *err = r.Issue(t.Context(), clerk(), r.request, LinkAsked{Recipient: "Janez Novak, PP Primer", Warned: true, Uses: 1, Until: r.clock().Add(time.Hour)})
}

// What is on its way stops once it is restricted, before the next piece or when it is tended, and what waits is ended.
func TestRestrictedStops(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.built(t)
	waiting, err := r.Prepare(t.Context(), clerk(), r.request, taking())
	must(t, err)
	out := r.fetched(t, Download)
	first := true
	err = out.Each(t.Context(), func(_ string, _ int64, from io.Reader) error {
		_, err := io.Copy(io.Discard, from)
		if first {
			first = false
			r.restricts("hall", 0)
			must(t, r.tendAll(t.Context()))
		}
		return err
	})
	if !errors.Is(err, ErrOver) {
		t.Errorf("it goes on: %v", err)
	}
	must(t, out.Close())
	must(t, r.tendAll(t.Context()))
	r.same(t, NotFetched, CutOff)
	if _, err := r.Fetch(t.Context(), clerk(), r.request, waiting.ID); !errors.Is(err, ErrFetched) {
		t.Errorf("fetched: %v", err)
	}
	r.barred = nil
	out = r.fetched(t, Folder)
	r.restricts("hall", 0)
	if err := out.Zip(t.Context(), io.Discard); !errors.Is(err, ErrRestricted) {
		t.Errorf("the next piece: %v", err)
	}
	must(t, out.Close())
	if r.job(t).Step != Built {
		t.Error("a restriction destroys it")
	}
}

// Whose authorisation ends while a package is on its way to him gets no more of it.
func TestStopsWithAuthorisation(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.built(t)
	out := r.fetched(t, Download)
	r.powers = map[string]people.Role{"ana": people.Guard}
	if err := out.Zip(t.Context(), io.Discard); !errors.Is(err, people.ErrNotAllowed) {
		t.Errorf("it goes on: %v", err)
	}
	must(t, out.Close())
	r.same(t, CutOff)
}

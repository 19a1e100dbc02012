package packing

import (
	"archive/zip"
	"bytes"
	"context"
	"database/sql"
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"varuh/accesslog/aeszip"
	"varuh/accesslog/people"
)

var office = netip.MustParseAddr("203.0.113.7")

func (r *rig) issued(t *testing.T, uses int) Issued {
	t.Helper()
	l, err := r.Issue(t.Context(), clerk(), r.request, LinkAsked{Recipient: "Janez Novak, PP Primer", Warned: true, Until: r.clock().Add(24 * time.Hour), Uses: uses})
	must(t, err)
	return l
}

// An outsider fetches a package under his passphrase, so many times, and each time is an entry that names for whom the link is.
func TestLink(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.built(t)
	l := r.issued(t, 2)
	for n := range 2 {
		ready, err := r.Use(t.Context(), l.Secret, l.Passphrase, office, true)
		must(t, err)
		list := r.ops(t, opHandover)
		if len(list) != n+1 || list[n].Index != ready.Entry {
			t.Fatalf("entries: %+v", list)
		}
		body, err := r.body(t.Context(), ready.Entry)
		must(t, err)
		if body.Recipient != "Janez Novak, PP Primer" || body.Actor.Proof != "link" || body.Actor.Address != office.String() || body.Data["encrypted"] != "yes" {
			t.Errorf("%+v", body)
		}
		if _, err := r.Fetch(t.Context(), clerk(), r.request, ready.ID); !errors.Is(err, ErrFetched) {
			t.Errorf("fetched by a session: %v", err)
		}
		out, err := r.FetchByLink(t.Context(), ready.ID)
		must(t, err)
		var b bytes.Buffer
		must(t, out.Zip(t.Context(), &b))
		out.Whole()
		must(t, out.Close())
		z, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
		must(t, err)
		must(t, aeszip.Unlock(z, l.Passphrase))
		r.verifies(t, z)
		if _, err := r.FetchByLink(t.Context(), ready.ID); !errors.Is(err, ErrFetched) {
			t.Errorf("fetched twice: %v", err)
		}
	}
	if _, err := r.Use(t.Context(), l.Secret, l.Passphrase, office, true); !errors.Is(err, ErrLink) {
		t.Errorf("used a third time: %v", err)
	}
	must(t, justErr(r.Jobs.HandOver(t.Context(), clerk(), r.request, handing())))
}

// TestLinkRefused: whatever is wrong with a link gives nothing, and takes no use of it.
func TestLinkRefused(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		do   func(t *testing.T, r *rig, l *Issued)
		want error
	}{
		"another secret":     {func(_ *testing.T, _ *rig, l *Issued) { l.Secret += "A" }, ErrLink},
		"another passphrase": {func(_ *testing.T, _ *rig, l *Issued) { l.Passphrase = aeszip.NewPassphrase() }, ErrLink},
		"too late":           {func(_ *testing.T, r *rig, _ *Issued) { r.pass(24 * time.Hour) }, ErrLink},
		"ended": {func(t *testing.T, r *rig, l *Issued) {
			must(t, r.EndLink(t.Context(), clerk(), r.request, l.ID))
			if err := r.EndLink(t.Context(), clerk(), r.request, l.ID); !errors.Is(err, ErrLink) {
				t.Errorf("ended twice: %v", err)
			}
		}, ErrLink},
		"refused meanwhile": {func(t *testing.T, r *rig, _ *Issued) {
			must(t, justErr(r.requests.Refuse(t.Context(), head(), r.request, "ni podlage")))
		}, ErrOver},
		"locked": {func(_ *testing.T, r *rig, _ *Issued) { r.lock(true) }, people.ErrLocked},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.built(t)
			l := r.issued(t, 1)
			tt.do(t, r, &l)
			if _, err := r.Use(t.Context(), l.Secret, l.Passphrase, office, true); !errors.Is(err, tt.want) {
				t.Errorf("%v", err)
			}
			if n := len(r.ops(t, opLinkUse, opHandover)); n > 0 {
				t.Errorf("%d entries", n)
			}
		})
	}
	r := newRig(t)
	r.built(t)
	l := r.issued(t, 1)
	if _, err := r.Use(t.Context(), l.Secret, l.Passphrase, office, false); !errors.Is(err, ErrWarned) {
		t.Errorf("not warned: %v", err)
	}
	down := errors.New("no entry is taken")
	r.d.fails = func(string) (before, after error) { return down, nil }
	if _, err := r.Use(t.Context(), l.Secret, l.Passphrase, office, true); !errors.Is(err, down) || len(r.pending) > 0 {
		t.Errorf("without an entry: %v", err)
	}
	r.d.fails = nil
	for _, a := range []LinkAsked{{Uses: 0}, {Uses: MaxUses + 1}, {Uses: 1, Until: r.clock()}, {Uses: 1, Until: r.clock().Add(MaxLink + time.Second)}} {
		if a.Until.IsZero() {
			a.Until = r.clock().Add(time.Hour)
		}
		a.Recipient, a.Warned = "Janez Novak", true
		if _, err := r.Issue(t.Context(), clerk(), r.request, a); !errors.Is(err, ErrLinkSpan) {
			t.Errorf("%+v: %v", a, err)
		}
	}
	if _, err := r.Issue(t.Context(), session("vid", people.Guard), r.request, LinkAsked{Recipient: "x", Warned: true, Uses: 1, Until: r.clock().Add(time.Hour)}); !errors.Is(err, people.ErrNotAllowed) {
		t.Errorf("issued by a guard: %v", err)
	}
	list, err := r.Links(t.Context(), r.request)
	must(t, err)
	if len(list) != 1 || list[0].ID != l.ID || list[0].Uses != 1 {
		t.Errorf("%+v", list)
	}
	r.nothingSecret(t, l)
}

// nothingSecret sees that neither address nor passphrase is in the database.
func (r *rig) nothingSecret(t *testing.T, l Issued) {
	t.Helper()
	rows, err := r.d.Query(context.Background(), `SELECT secret || ' ' || passphrase FROM package_links`)
	must(t, err)
	defer func() { must(t, rows.Close()) }()
	for rows.Next() {
		var text sql.NullString
		must(t, rows.Scan(&text))
		if strings.Contains(text.String, l.Secret) || strings.Contains(text.String, l.Passphrase) {
			t.Error("it is stored")
		}
	}
	must(t, rows.Err())
}

// A link for a day is good to its end, of the seventh day as long as a link may be, and says so; of the eighth there is none.
func TestLinkOfADay(t *testing.T) {
	t.Parallel()
	zone, err := time.LoadLocation("Europe/Ljubljana")
	must(t, err)
	evening := time.Date(2026, 11, 22, 18, 0, 0, 0, zone)
	autumn := time.Date(2026, 10, 24, 0, 30, 0, 0, zone) // seven days behind it the clock shows 23:30
	for name, tt := range map[string]struct {
		now, until time.Time
		day        bool
		want       time.Time // zero: refused
	}{
		"the sixth day":               {evening, time.Date(2026, 11, 29, 0, 0, 0, 0, zone), true, time.Date(2026, 11, 29, 0, 0, 0, 0, zone)},
		"the seventh day":             {evening, time.Date(2026, 11, 30, 0, 0, 0, 0, zone), true, evening.AddDate(0, 0, 7)},
		"the eighth day":              {evening, time.Date(2026, 12, 1, 0, 0, 0, 0, zone), true, time.Time{}},
		"a moment on the seventh day": {evening, evening.AddDate(0, 0, 7).Add(time.Second), false, time.Time{}},
		"the seventh day in autumn":   {autumn, time.Date(2026, 11, 1, 0, 0, 0, 0, zone), true, autumn.Add(MaxLink)},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := LinkAsked{Until: tt.until, Day: tt.day, Uses: 1}.until(tt.now)
			if !got.Equal(tt.want) || (err != nil) != tt.want.IsZero() || err != nil && !errors.Is(err, ErrLinkSpan) {
				t.Errorf("%s, %v", got, err)
			}
		})
	}
	r := newRig(t)
	r.built(t)
	now := r.clock()
	for days, cut := range map[int]bool{7: false, 8: true} { // the midnights with which the sixth and the seventh day end
		end := time.Date(now.Year(), now.Month(), now.Day()+days, 0, 0, 0, 0, time.UTC)
		l, err := r.Issue(t.Context(), clerk(), r.request, LinkAsked{Recipient: "Janez Novak", Warned: true, Until: end, Day: true, Uses: 1})
		if must(t, err); l.Cut != cut || cut && !l.Until.Equal(now.Add(MaxLink)) || !cut && !l.Until.Equal(end) {
			t.Errorf("to %s: %+v", end, l.Link)
		}
		if body, err := r.body(t.Context(), l.ID); err != nil || body.Data["until"] != l.Until.Format(time.RFC3339) {
			t.Errorf("its entry says %v, %v", body.Data["until"], err)
		}
	}
}

// A link that has ended for certain opens nothing again where the clock goes back, and is listed no more.
func TestLinkEndedForCertain(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.built(t)
	l := r.issued(t, 2)
	certain := l.Until.Add(-time.Second)
	r.o.Certain = func() time.Time { return certain }
	if list, err := r.Links(t.Context(), r.request); err != nil || len(list) != 1 {
		t.Errorf("before its end: %+v, %v", list, err)
	}
	certain = l.Until
	if list, err := r.Links(t.Context(), r.request); err != nil || len(list) > 0 {
		t.Errorf("%+v, %v", list, err)
	}
	if _, err := r.Use(t.Context(), l.Secret, l.Passphrase, office, true); !errors.Is(err, ErrLink) {
		t.Errorf("it opens: %v", err)
	}
}

// A link is good though whoever issued it may do nothing any more, since others granted what it gives; a colleague sees it and ends it.
func TestLinkOutlivesItsIssuer(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.built(t)
	l := r.issued(t, 2)
	gone := clerk()
	gone.Authorisations[0].To = r.clock().Add(time.Minute)
	r.pass(time.Hour)
	if _, err := r.Issue(t.Context(), gone, r.request, LinkAsked{Recipient: "Janez Novak", Warned: true, Until: r.clock().Add(time.Hour), Uses: 1}); !errors.Is(err, people.ErrExpired) {
		t.Fatalf("he may yet: %v", err)
	}
	must(t, justErr(r.Use(t.Context(), l.Secret, l.Passphrase, office, true)))
	if list, err := r.Links(t.Context(), r.request); err != nil || len(list) != 1 || list[0].ID != l.ID {
		t.Errorf("%+v, %v", list, err)
	}
	must(t, r.EndLink(t.Context(), session("bor", people.Caretaker), r.request, l.ID))
	if _, err := r.Use(t.Context(), l.Secret, l.Passphrase, office, true); !errors.Is(err, ErrLink) {
		t.Errorf("used once it is ended: %v", err)
	}
}

package main

import (
	"encoding/json"
	"io"
	"net"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"varuh/accesslog/notice"
	"varuh/accesslog/people"
	"varuh/configs"
)

// staffed prepares a demo with its persons, in a folder that may be there.
func staffed(t *testing.T, dir string) (*demo, *configs.Config) {
	t.Helper()
	d, err := startDemo(t, dir)
	must(t, err)
	cfg, err := loadConfig(dir, d.term)
	must(t, err)
	must(t, d.staff(t.Context(), cfg))
	return d, cfg
}

// inside looks at the registers of a demo that does not run.
func (d *demo) inside(t *testing.T, cfg *configs.Config, do func(*office)) {
	t.Helper()
	s, err := openSite(cfg)
	must(t, err)
	must(t, s.withOffice(t.Context(), io.Discard, func(o *office) error {
		do(o)
		return nil
	}))
	must(t, s.Close())
}

// The demo has the persons of a school of three, who log in with the passwords in its file, and complete notices in force:
// one camera with live view, and one without. Started again it keeps them as they are.
func TestDemoSchool(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "demo")
	first, cfg := staffed(t, dir)
	if first.wrong != nil {
		t.Fatal(first.wrong)
	}
	if st, err := os.Stat(filepath.Join(dir, demoPersonsName)); err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("the file of log-ins: %v, %v", st, err)
	}
	var before []people.Record
	var entries int64
	first.inside(t, cfg, func(o *office) {
		r, err := o.persons(t.Context())
		must(t, err)
		before, err = r.Persons(t.Context())
		must(t, err)
		for i, p := range demoPersons {
			at := slices.IndexFunc(before, func(r people.Record) bool { return r.Login == p.login })
			var roles []people.Role
			for _, a := range before[at].Authorisations {
				roles = append(roles, a.Role)
				if a.Cameras != nil || !a.InForce(o.boot.Now()) || a.Outside != demoPosts()[i].Outside {
					t.Errorf("%s has %+v", p.login, a)
				}
			}
			slices.Sort(roles)
			if want := slices.Sorted(slices.Values(demoPosts()[i].Roles)); !slices.Equal(roles, want) {
				t.Errorf("%s is %v, want %v", p.login, roles, want)
			}
			s, err := r.Login(t.Context(), people.Attempt{Login: p.login, Password: first.passwordOf(p.login)})
			if err != nil || s.Duty != people.DutyNone {
				t.Errorf("%s logs in: %v, %q", p.login, err, s.Duty)
			}
			must(t, r.Logout(t.Context(), s))
		}
		for _, c := range demoCameras {
			n := noticeNow(t, o, c.id)
			if !n.Complete() || len(n.Pending()) > 0 || n.EnteredLater || n.AllowsAudio() != (c.audio != "") {
				t.Errorf("the notice of %s: %v, %v, %+v", c.id, n.Missing(), n.Pending(), n)
			}
		}
		if !noticeNow(t, o, "entrance").AllowsLive() || noticeNow(t, o, "hall").AllowsLive() {
			t.Error("the entrance may be watched live, and the hall not")
		}
		entries = o.diary.Head().Size
	})
	again, cfg := staffed(t, dir)
	if again.wrong != nil || !reflect.DeepEqual(again.persons, first.persons) {
		t.Errorf("started again: %v", again.wrong)
	}
	again.inside(t, cfg, func(o *office) {
		r, err := o.persons(t.Context())
		must(t, err)
		after, err := r.Persons(t.Context())
		must(t, err)
		if is, was := text(t, after), text(t, before); is != was {
			t.Errorf("started again there are %s, before %s", is, was)
		}
		if more := o.diary.Head().Size - entries; more != 2 {
			t.Errorf("started again it made %d entries, want the head's log-in and the end of it", more)
		}
	})
}

func noticeNow(t *testing.T, o *office, camera string) notice.Notice {
	t.Helper()
	r, err := o.notices()
	must(t, err)
	n, ok, err := r.At(t.Context(), camera, o.boot.Now())
	must(t, err)
	if !ok {
		t.Fatalf("%s has no notice", camera)
	}
	return n
}

// A demo that ended while it entered its persons goes on where it was; one whose file of log-ins is gone says so, and
// records on.
func TestDemoSchoolCutOff(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "demo")
	d, cfg := staffed(t, dir)
	d.inside(t, cfg, func(o *office) {
		head, err := o.signedIn(t.Context(), signIn{As: "ravnatelj", Password: d.passwordOf("ravnatelj")}, people.Persons, "")
		must(t, err)
		r, err := o.persons(t.Context())
		must(t, err)
		p, err := personOf(t.Context(), r, "hisnik")
		must(t, err)
		must(t, r.ResetPassword(t.Context(), head.Session, p.ID, "as if it was just added", "test")) // he has to change it
		p, err = personOf(t.Context(), r, "dpo")
		must(t, err)
		must(t, r.Remove(t.Context(), head.Session, p.ID, "as if it was not added yet"))
		must(t, head.close(t.Context()))
	})
	d, cfg = staffed(t, dir)
	if d.wrong != nil {
		t.Fatal(d.wrong)
	}
	d.inside(t, cfg, func(o *office) {
		for _, p := range demoPersons {
			s, err := o.signedIn(t.Context(), signIn{As: p.login, Password: d.passwordOf(p.login)}, "", "")
			must(t, err)
			if s.Session.Duty != people.DutyNone {
				t.Errorf("%s has to do %q", p.login, s.Session.Duty)
			}
			must(t, s.close(t.Context()))
		}
	})
	must(t, os.Remove(filepath.Join(dir, demoPersonsName)))
	d, _ = staffed(t, dir)
	if d.wrong == nil || !strings.Contains(d.trouble(), "! the passwords in varuh-demo-persons.json are not those of this demo") || d.persons != nil {
		t.Errorf("without the file: %v", d.wrong)
	}
}

// Pages are on the next free port, in varuh.yml too; what is no address, or has none, is refused.
func TestDemoPort(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer taken.Close()
	if got, err := freePort(taken.Addr().String()); err != nil || got == taken.Addr().String() {
		t.Errorf("beside %s: %s, %v", taken.Addr(), got, err)
	}
	for _, wrong := range []string{"", "8443", "127.0.0.1:0", "127.0.0.1:https", "203.0.113.1:8443"} {
		if got, err := freePort(wrong); err == nil {
			t.Errorf("%q: %s", wrong, got)
		}
	}
	d, err := startDemo(t, filepath.Join(t.TempDir(), "demo"))
	must(t, err)
	cfg, err := loadConfig(d.dir, d.term)
	must(t, err)
	if cfg.HTTPS != d.https || cfg.HTTP != configs.PagesOff {
		t.Errorf("pages are on %s and %s, want %s alone", cfg.HTTPS, cfg.HTTP, d.https)
	}
}

// text is what a value has for others.
func text(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	must(t, err)
	return string(b)
}

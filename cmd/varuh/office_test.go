package main

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"varuh/accesslog/collect"
	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/accesslog/hold"
	"varuh/accesslog/notice"
	"varuh/accesslog/people"
	"varuh/configs"
	"varuh/recorder"
	"varuh/recorder/durable"
	"varuh/recorder/keyring"
	"varuh/retention/copies"
)

const goodPassword = "tri lipe ob cesti"

// The diary of the version before persons and notices gets their tables when it is opened, with an entry over their
// digest, and only once.
func TestEarlierDiaryGetsPersonsAndNotices(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	reading, err := keyring.GenerateKey()
	must(t, err)
	recovery, err := keyring.GenerateKey()
	must(t, err)
	must(t, durable.MkdirAll(durable.OS, dir+"/keys", 0o700))
	must(t, keyring.WritePublic(durable.OS, diaryPublicFile(dir), keyring.NewPublic(reading.Public(), recovery.Public(), time.Now())))
	o, err := diaryOptions(dir)
	must(t, err)
	o.State = slices.Concat(hold.Tables, []string{"policies"})
	o.Schema = []string{collect.Schema, copies.Schema, hold.Schema, policySchema}
	d, err := diary.Create(t.Context(), o, "sola.example", diary.Entry{Body: proof.Body{Note: "of the version before"}})
	must(t, err)
	a := appliance{Diary: d.Head().Origin}
	must(t, d.Close())

	var size int64
	for i := range 2 {
		d, err := openDiary(t.Context(), dir, a)
		must(t, err)
		if f := d.Fault(); f != nil {
			t.Fatal(f)
		}
		if i == 1 && d.Head().Size != size+2 {
			t.Errorf("the second start made %d entries beside the two of the test", d.Head().Size-size-2)
		}
		size = d.Head().Size
		if i == 0 {
			registersWork(t, d)
		}
		must(t, d.Close())
	}
}

// registersWork enters a person and a notice.
func registersWork(t *testing.T, d *diary.Diary) {
	t.Helper()
	r, err := people.New(t.Context(), people.Options{Diary: d})
	must(t, err)
	_, err = r.First(t.Context(), firstPerson())
	must(t, err)
	n := &notice.Register{Diary: d, Zone: time.UTC, Now: time.Now, Known: func(string) bool { return true }}
	_, err = n.Add(t.Context(), notice.Asked{Content: notice.Usual(), Cameras: []string{"hall"}, By: proof.Actor{Name: "Ana", Proof: "claimed on the console"}})
	must(t, err)
}

func firstPerson() people.First {
	return people.First{Person: people.Person{Login: "ravnatelj", Name: "Ana Novak"}, Password: goodPassword,
		Roles: []people.Role{people.Administrator, people.Approver}, Paper: time.Now().Add(-time.Hour)}
}

// office is that of an appliance that does not run, with its diary open until the test ends. What it enters of itself
// is in noted.
func (s *still) office(t *testing.T, boot recorder.Boot) (o *office, d *diary.Diary, noted *[]diary.Entry) {
	t.Helper()
	d, err := openDiary(t.Context(), s.cfg.State, s.appliance)
	must(t, err)
	t.Cleanup(func() { must(t, d.Close()) })
	config := func() ([]configs.Camera, *time.Location) { return []configs.Camera{{ID: "hall"}}, nil }
	o, noted = newOffice(s.site, config, s.index, boot, slog.New(slog.DiscardHandler)), new([]diary.Entry)
	o.note = func(x diary.Entry) { *noted = append(*noted, x) }
	if _, err := o.notices(); err == nil {
		t.Error("there are notices without a diary")
	}
	if _, err := o.persons(t.Context()); err == nil {
		t.Error("there are persons without a diary")
	}
	o.begin(d)
	return o, d, noted
}

// Who guesses is entered once a minute, and is an incident; the register stays the same, or nothing would be counted.
func TestGuessedPasswordsAreAnIncident(t *testing.T) {
	t.Parallel()
	o, d, noted := newStill(t).office(t, later(t, 1, 0))
	r, err := o.persons(t.Context())
	must(t, err)
	_, err = r.First(t.Context(), firstPerson())
	must(t, err)
	if _, err := r.Login(t.Context(), people.Attempt{Login: "ravnatelj", Password: "uganjeno geslo 7"}); err == nil {
		t.Fatal("a wrong password let somebody in")
	}
	o.begin(d) // changes nothing
	ctx, stop := context.WithCancel(t.Context())
	stop()
	o.run(ctx) // the last time, before the program stops
	if got := ops(t, d); !slices.Contains(got, "login.failed") {
		t.Errorf("not entered: %v", got)
	}
	if len(*noted) != 0 {
		t.Errorf("one wrong password is an incident: %+v", *noted)
	}
	o.alarms([]people.Failure{{Name: "Bor Kos", Person: "0a", Count: 3}, {Name: "Ana Novak", Person: "0b", Count: 30}})
	if len(*noted) != 1 || (*noted)[0].Body.Result != "log-ins failed" || !strings.Contains((*noted)[0].Body.Note, "of Ana Novak failed from") {
		t.Errorf("incidents: %+v", *noted)
	}
}

package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"varuh/accesslog/disclosure"
	"varuh/accesslog/people"
	"varuh/configs"
	"varuh/recorder/footage"
)

// counter is an appliance where requests come in: with a head, a deputy who may decide, and a caretaker.
type counter struct {
	*still
	t    *testing.T
	boot *laterBoot
	e    *eraser
	o    *office
	row  footage.Segment
}

func newCounter(t *testing.T) *counter {
	c := &counter{still: newStill(t), t: t, boot: later(t, 1, 0)}
	c.row = c.recordAt(t, c.stores[0], "yard", time.Now().Add(-2*time.Hour))
	e, d, _ := c.eraser(t, c.boot)
	e.config = func() ([]configs.Camera, *time.Location) { return []configs.Camera{{ID: "yard"}}, time.UTC }
	c.e, c.o = e, newOffice(c.site, e.config, c.index, c.boot, e.log)
	e.office = c.o
	c.o.begin(d)
	r, err := c.o.persons(t.Context())
	must(t, err)
	_, err = r.First(t.Context(), firstPerson())
	must(t, err)
	for login, role := range map[string]people.Role{"pomocnik": people.Approver, "hisnik": people.Caretaker} {
		c.joins(t, login, people.Authorisation{Role: role, From: c.boot.Now(), Paper: c.boot.Now().Add(-time.Hour)})
	}
	return c
}

// form is the example, for footage that there is.
func (c *counter) form(way disclosure.Way) requestForm {
	c.t.Helper()
	name := filepath.Join(c.t.TempDir(), "request.json")
	must(c.t, os.WriteFile(name, []byte(strings.ReplaceAll(exampleRequest, "...", "Policijska postaja")), 0o600))
	f, err := readRequest(name)
	must(c.t, err)
	f.Way, f.Received = way, time.Time{}
	f.Content.Wanted = []disclosure.Wanted{{Camera: "yard", From: c.row.Start, To: c.row.End}}
	return f
}

// by has something done by whoever has a log-in name.
func (c *counter) by(login string, q asking[requestOrder, requestDone], o requestOrder) (requestDone, error) {
	o.who = as(login)
	return q.by(c.t.Context(), c.o, c.e, o)
}

// Requests are entered, decided and released by commands, by whom the table of orders lets; who entered one decides on it only
// with a written reason, and nobody may whose account the other has just made.
func TestRequestCommands(t *testing.T) {
	t.Parallel()
	c := newCounter(t)
	got, err := c.by("hisnik", askAddRequest, requestOrder{Form: c.form(disclosure.Oral)})
	must(t, err)
	if got.Request.State != disclosure.Complete || len(got.Request.Holds) != 1 || got.Gone != 0 || !strings.Contains(got.text(typing{}), "is complete, paper pending; entry") {
		t.Fatalf("%+v: %s", got, got.text(typing{}))
	}
	id := got.Request.ID
	if _, err := c.by("hisnik", askApprove, requestOrder{ID: id}); !errors.Is(err, people.ErrNotAllowed) {
		t.Errorf("the caretaker decides: %v", err)
	}
	if _, err := c.by("ravnatelj", askApprove, requestOrder{ID: id}); !errors.Is(err, disclosure.ErrFourEyes) {
		t.Errorf("the head has made the caretaker's account: %v", err)
	}
	for _, step := range []struct {
		login string
		asking[requestOrder, requestDone]
		requestOrder
		state string
	}{
		{"pomocnik", askExtend, requestOrder{Day: c.boot.Now().AddDate(0, 2, 0).Format(time.DateOnly), Text: "po telefonu"}, "extended, paper pending"},
		{"pomocnik", askOwnLaw, requestOrder{Text: "ZKP, 164. člen"}, "own law, paper pending"},
		{"pomocnik", askApprove, requestOrder{Content: got.Request.Content}, "approved, paper pending"},
		{"pomocnik", askRefuse, requestOrder{Text: "ni podlage"}, "refused, paper pending"},
		{"pomocnik", askRelease, requestOrder{Text: "postopek je končan"}, "refused, paper pending, closed"},
	} {
		step.ID = id
		got, err := c.by(step.login, step.asking, step.requestOrder)
		if must(t, err); stateOf(got.Request) != step.state {
			t.Errorf("%s: %s, not %s", step.path, stateOf(got.Request), step.state)
		}
	}
	second, err := c.by("ravnatelj", askAddRequest, requestOrder{Form: c.form(disclosure.Paper)})
	must(t, err)
	if second.Request.State != disclosure.Incomplete || !strings.Contains(second.text(typing{}), "Missing: the signature") {
		t.Errorf("without its scan: %s", second.text(typing{}))
	}
	if _, err := c.by("ravnatelj", askSupplement, requestOrder{ID: second.Request.ID, Form: c.form(disclosure.Paper)}); err != nil {
		t.Error(err)
	}
	if _, err := c.by("hisnik", askWithdraw, requestOrder{ID: second.Request.ID, Text: "po telefonu"}); err != nil {
		t.Error(err)
	}
	c.lists(id)
}

// lists looks at what the commands tell of requests: no name.
func (c *counter) lists(id string) {
	c.t.Helper()
	a, err := askRequests.by(c.t.Context(), c.o, c.e, requestOrder{})
	if must(c.t, err); len(a.Requests) != 2 {
		c.t.Fatalf("%+v", a)
	}
	a, err = askRequests.by(c.t.Context(), c.o, c.e, requestOrder{ID: id})
	must(c.t, err)
	text := a.text(a.Requests[0], typing{})
	for _, part := range []string{"(authority, by oral) is refused, paper pending, closed", "Asks for yard from", "request.receive", "request.approve", "request.release"} {
		if !strings.Contains(text, part) {
			c.t.Errorf("%q is not in\n%s", part, text)
		}
	}
	if strings.Contains(text, "Policijska") || strings.Contains(fmt.Sprintf("%+v", a), "Policijska") {
		c.t.Errorf("it names who asks:\n%s", text)
	}
	if _, err := askRequests.by(c.t.Context(), c.o, c.e, requestOrder{ID: "00000000"}); !errors.Is(err, disclosure.ErrUnknown) {
		c.t.Errorf("none: %v", err)
	}
}

// What is due of requests becomes an alarm in both languages and a number, and what nobody decides in time is entered as
// refused, by a present that is certain alone. No alarm names anybody.
func TestRequestsFallDue(t *testing.T) {
	t.Parallel()
	c := newCounter(t)
	got, err := c.by("hisnik", askAddRequest, requestOrder{Form: c.form(disclosure.Oral)})
	must(t, err)
	c.e.time.told("person", c.boot.Now())
	troubles := func() string {
		c.e.cycle(t.Context())
		return strings.Join(c.e.status().Troubles, "\n")
	}
	if text := troubles(); strings.Contains(text, "request") {
		t.Errorf("on the first day: %s", text)
	}
	c.boot.ahead += 14 * 24 * time.Hour
	text := troubles()
	if !strings.Contains(text, "1 request: decide in the next days") || !strings.Contains(text, "1 request that came orally: the paper has not come in time") {
		t.Errorf("after 14 days: %s", text)
	}
	if n := c.e.status().Requests; n[disclosure.Decision] != (disclosure.Tally{Open: 1, Soon: 1}) || n[disclosure.Papers] != (disclosure.Tally{Open: 1, Late: 1}) {
		t.Errorf("%+v", n)
	}
	c.boot.ahead += 10 * 24 * time.Hour
	if troubles(); c.state(got.Request.ID) != disclosure.Complete {
		t.Error("it lapsed by a clock that nobody has confirmed")
	}
	c.e.time.told("person", c.boot.Now())
	if troubles(); c.state(got.Request.ID) != disclosure.Silent {
		t.Errorf("nobody decided in time, and it is %s", c.state(got.Request.ID))
	}
	if _, d, err := c.e.books(); err != nil || !slices.Contains(ops(t, d), "request.silence") {
		t.Error("silence is not entered", err)
	}
	for what, s := range dueSentences {
		for _, format := range []string{s.soon, s.late} {
			for n := range 3 {
				en := fmt.Sprintf(format, count(n+1, "request", "requests"))
				if sl := bothLanguages(en).Sl; strings.Contains(sl, "v angleščini") || strings.Contains(sl, "request") {
					t.Errorf("%s: %q", what, sl)
				}
			}
		}
	}
}

func (c *counter) state(id string) disclosure.State {
	r, err := c.e.requests(c.t.Context())
	must(c.t, err)
	q, err := r.Request(c.t.Context(), id)
	must(c.t, err)
	return q.State
}

// Footage that is asked for comes to its term as its segment does, a year after its first frame; what is not here to none.
func TestFootageOfRequestsFallsDue(t *testing.T) {
	t.Parallel()
	c := newCounter(t)
	for _, camera := range []string{"yard", ""} {
		due, there, err := dueFootage{c.e}.Due(t.Context(), camera, c.row.Start.Add(time.Second), c.row.End)
		if want := c.row.Start.AddDate(1, 0, 0); err != nil || !there || due.Sub(want).Abs() > 48*time.Hour {
			t.Errorf("%q: due %v, %v, %v, not about %v", camera, due, there, err, want)
		}
	}
	if due, there, err := (dueFootage{c.e}).Due(t.Context(), "yard", c.row.Start.Add(-48*time.Hour), c.row.Start.Add(-47*time.Hour)); there || err != nil {
		t.Errorf("what was not recorded: %v, %v", due, err)
	}
}

// A file that is no request is refused with a sentence.
func TestRequestFiles(t *testing.T) {
	t.Parallel()
	filledIn := strings.ReplaceAll(exampleRequest, `"..."`, `"Primer"`)
	for name, tt := range map[string]struct{ old, new, says string }{
		"no JSON":        {"{\n  \"kind\"", "kind", "is no request"},
		"another field":  {`"form"`, `"forms"`, "is no request"},
		"no camera":      {`"camera": "entrance",`, "", "of which camera"},
		"more behind it": {"\n}\n", "\n}{}", "behind the request"},
		"not filled in":  {`"purpose": "Primer"`, `"purpose": "..."`, "not filled in"},
	} {
		file := filepath.Join(t.TempDir(), "request.json")
		text := strings.Replace(filledIn, tt.old, tt.new, 1)
		must(t, os.WriteFile(file, []byte(text), 0o600))
		if _, err := readRequest(file); text == filledIn || err == nil || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	file := filepath.Join(t.TempDir(), "request.json")
	must(t, os.WriteFile(file, []byte(strings.Replace(filledIn, `"entrance"`, `"*"`, 1)), 0o600))
	if f, err := readRequest(file); err != nil || f.Content.Wanted[0].Camera != "" {
		t.Errorf("all cameras: %+v, %v", f, err)
	}
	var out bytes.Buffer
	if must(t, requestExampleCmd{}.Run(terminal{out: &out})); out.String() != exampleRequest {
		t.Error("the example is another one")
	}
}

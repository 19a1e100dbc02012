package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/anchor/witnesstest"
	"varuh/accesslog/diary/proof"
	"varuh/accesslog/notice"
	"varuh/accesslog/people"
	"varuh/configs"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
	"varuh/recorder/recordertest"
	"varuh/recorder/rtsp/rtsptest"
	"varuh/recorder/segment"
	"varuh/testdata/clips"
)

// story is an appliance of a school with the night in which a window was broken.
type story struct {
	*box
	t        *testing.T
	https    string
	boot     *laterBoot
	witness  *witnesstest.Witness
	from, to time.Time    // of the night
	dark     [2]time.Time // in which the camera gave nothing
	broken   time.Time    // when its picture changed
	night    []footage.Segment
	evening  footage.Segment // before it, which nobody asks for
	verifier string          // varuh-verify
	id       string          // of the request
	manifest string          // SHA-256, of the package
	paper    string          // the fingerprint on the handover record
}

// newStory has the night in the store, and runs the program on it, with a witness outside.
func newStory(t *testing.T) *story {
	t.Helper()
	s := &story{t: t, https: freeAddr(t), verifier: filepath.Join(t.TempDir(), "varuh-verify"), boot: later(t, 2, 0)}
	s.box = &box{dir: filepath.Join(t.TempDir(), "box"), log: newTap(), reload: make(chan struct{}), done: make(chan error, 1), boot: s.boot}
	if out, err := exec.Command("go", "build", "-o", s.verifier, "varuh/cmd/varuh-verify").CombinedOutput(); err != nil {
		t.Fatalf("couldn't build varuh-verify: %v: %s", err, out)
	}
	server, err := rtsptest.Serve("127.0.0.1:0", []rtsptest.Camera{{Path: "hall", FS: clips.Files, Clip: clips.YardSub.File}}, rtsptest.Options{})
	must(t, err)
	t.Cleanup(server.Close)
	keys, err := memoryFolder("test")
	must(t, err)
	t.Cleanup(func() { must(t, os.RemoveAll(keys)) })
	c := initCmd{Store: []string{filepath.Join(s.dir, "store")}, Key: keys + "/k", Controller: "sola.example", YesIWroteDown: true}
	s.recovery, err = c.make(s.dir, terminal{strings.NewReader(""), io.Discard, s.log})
	must(t, err)
	text := strings.Replace(configs.New(configs.Choice{Store: []string{"store"}, KeyFile: keys + "/k", Metrics: "off"}), "https: off\n", "https: "+s.https+"\n", 1)
	s.write(t, configs.File, text)
	s.write(t, "cameras.d/hall.yml", camera("hall", server.URL("hall"), ""))
	s.lay()
	s.write(t, configs.File, strings.Replace(text, "  quorum: 1\n", "  witnesses:\n    - url: "+s.witness.URL+"/\n      key: "+s.witness.Key.String()+"\n  quorum: 1\n", 1))
	s.again(t)
	s.enrols()
	must(t, s.clerk.collected(t.Context(), "hall", s.to.Add(time.Hour)))
	must(t, s.clerk.anchoring.schedule.Request(t.Context()))
	return s
}

// lay records the evening and the night: two minutes of one picture, in which the camera gives nothing for a while, and two of
// another. A witness learns of the diary.
func (s *story) lay() {
	t := s.t
	t.Helper()
	cfg, err := loadConfig(s.dir, terminal{nil, s.log, s.log})
	must(t, err)
	site, err := openSite(cfg)
	must(t, err)
	index, err := footage.Open(indexFile(s.dir))
	must(t, err)
	s.from = time.Now().Add(-8 * time.Hour).Truncate(time.Minute).UTC()
	s.broken, s.to = s.from.Add(2*time.Minute), s.from.Add(4*time.Minute)
	s.dark = [2]time.Time{s.from.Add(40 * time.Second), s.from.Add(60 * time.Second)}
	record := func(clip clips.Clip, loops int, at time.Time, gaps ...segment.Gap) {
		recordertest.Record(t, site.stores[0], index, recordertest.Reel{Camera: "hall", Stream: "main", Film: recordertest.Load(t, clip, loops), Start: at, Segment: 30 * time.Second, Gaps: gaps})
	}
	record(clips.Hall, 1, s.from.Add(-time.Hour))
	record(clips.Entrance, 2, s.from, segment.Gap{From: s.from.Add(20*time.Second - time.Hour), To: s.from, Cause: "unreachable"})
	record(clips.Entrance, 3, s.dark[1], segment.Gap{From: s.dark[0], To: s.dark[1], Cause: "unreachable"})
	record(clips.Hall, 6, s.broken)
	for row, err := range index.All() {
		if must(t, err); row.Start.Before(s.from) {
			s.evening = row
		} else {
			s.night = append(s.night, row)
		}
	}
	(&still{site, index}).with(t, func(d *diary.Diary) {
		key, err := proof.ParseKey(d.Head().VKey)
		must(t, err)
		s.witness = witnesstest.Start(t, witnesstest.Build(t), "witness.example/story", d.Head().Origin, key)
	})
	must(t, errors.Join(index.Close(), site.Close()))
}

// enrols enters the head, a notice that hung in the night, and the others: nobody of them made the account of another.
func (s *story) enrols() {
	t := s.t
	t.Helper()
	r, err := s.office.persons(t.Context())
	must(t, err)
	_, err = r.First(t.Context(), firstPerson())
	must(t, err)
	head, err := r.Login(t.Context(), people.Attempt{Login: "ravnatelj", Password: goodPassword})
	must(t, err)
	for login, role := range map[string]people.Role{"hisnik": people.Caretaker, "tajnica": people.Approver, "pomocnik": people.Approver, "dpo": people.Auditor} {
		a := people.Authorisation{Role: role, From: s.boot.Now(), Paper: s.boot.Now().Add(-time.Hour)}
		const first = "prvo geslo za novo osebo"
		_, err := r.Add(t.Context(), head, people.Person{Login: login, Name: "Oseba " + login}, first, a)
		must(t, err)
		own, err := r.Login(t.Context(), people.Attempt{Login: login, Password: first})
		must(t, err)
		own, err = r.ChangePassword(t.Context(), own, first, goodPassword)
		must(t, err)
		must(t, r.Logout(t.Context(), own))
	}
	must(t, r.Logout(t.Context(), head))
	n, err := s.office.notices()
	must(t, err)
	c := notice.Usual()
	c.Controller = notice.Party{Name: "Osnovna šola Primer", Address: "Šolska ulica 1, 1000 Ljubljana", Email: "tajnistvo@sola.example"}
	c.Officer = notice.Officer{Email: "dpo@sola.example"}
	c.Area = notice.Text{Sl: "avla", En: "hall"}
	_, err = n.Add(t.Context(), notice.Asked{Content: c, Cameras: []string{"hall"}, From: s.from.Add(-24 * time.Hour), Stated: "it was put up in September", By: head.Actor()})
	must(t, err)
}

// comes is somebody who logs in at the appliance, by whose clock its certificate is good.
func (s *story) comes(login string) *visitor {
	t := s.t
	t.Helper()
	v := s.stranger(t, s.https)
	v.client.Transport.(*http.Transport).TLSClientConfig.Time = s.boot.Now
	var me struct{ Duty string }
	r := v.do(t.Context(), "POST", "/session", map[string]string{"login": login, "password": goodPassword}, &me)
	if len(r.Cookies()) != 1 || me.Duty != "" {
		t.Fatalf("the log-in gave %v, %+v", r.Cookies(), me)
	}
	v.cookie = r.Cookies()[0]
	return v
}

// refused asks for what is to be refused: with a status, and a problem unless that is "".
func (v *visitor) refused(path string, body any, status int, problem string) {
	v.t.Helper()
	r := v.do(v.t.Context(), "POST", path, body, nil)
	raw, err := io.ReadAll(r.Body)
	must(v.t, errors.Join(err, r.Body.Close()))
	var p struct{ Type string }
	must(v.t, json.Unmarshal(raw, &p))
	if r.StatusCode != status || !strings.HasSuffix(p.Type, "/"+problem) && problem != "" {
		v.t.Errorf("%s: %s: %s", path, r.Status, raw)
	}
}

// done asks for what has nothing to answer.
func (v *visitor) done(path string, body any) {
	v.t.Helper()
	if r := v.do(v.t.Context(), "POST", path, body, nil); r.Body.Close() != nil || r.StatusCode/100 != 2 {
		v.t.Fatalf("%s: %s", path, r.Status)
	}
}

// gets is an answer that is no JSON.
func (v *visitor) gets(method, path string, body any) []byte {
	v.t.Helper()
	r := v.do(v.t.Context(), method, path, body, nil)
	raw, err := io.ReadAll(r.Body)
	must(v.t, errors.Join(err, r.Body.Close()))
	if r.StatusCode != http.StatusOK {
		v.t.Fatalf("%s %s: %s: %s", method, path, r.Status, raw)
	}
	return raw
}

// scan uploads one of a paper.
func (s *story) scan(v *visitor, text string) (hash string) {
	t := s.t
	t.Helper()
	q, err := http.NewRequestWithContext(t.Context(), "POST", v.base+"/scans", strings.NewReader("%PDF-1.4\n"+text+"\n%%EOF\n"))
	must(t, err)
	q.Header.Set("Content-Type", "application/pdf")
	q.AddCookie(v.cookie)
	r, err := v.client.Do(q)
	must(t, err)
	var got struct{ Scan string }
	raw, err := io.ReadAll(r.Body)
	must(t, errors.Join(err, r.Body.Close(), json.Unmarshal(raw, &got)))
	if r.StatusCode != http.StatusOK || len(got.Scan) != 64 {
		t.Fatalf("%s: %s", r.Status, raw)
	}
	return got.Scan
}

// asks is what the police asks for, complete.
func (s *story) asks() map[string]any {
	return map[string]any{
		"applicant": map[string]any{"name": "Policijska postaja Primer", "address": "Cesta 1, 1000 Ljubljana", "signatory": "Janez Novak", "rank": "višji policist"},
		"basis":     "court-order", "basis_text": "odredba I Kpd 1234/2026", "purpose": "preiskava poškodovanja tuje stvari",
		"case":    map[string]any{"subject": "razbito okno šole", "number": "2302-55/2026", "body": "PP Primer"},
		"footage": []any{map[string]any{"camera": "hall", "from": s.from, "to": s.to}},
		"data":    []string{"picture", "place", "time"}, "form": "folder", "manner": "na ključu USB, osebno v tajništvu"}
}

// steps does a step with the request, which brings it into a state.
func (s *story) steps(v *visitor, step string, body any, state string) {
	s.t.Helper()
	var got struct{ Request struct{ State string } }
	if v.do(s.t.Context(), "POST", "/requests/"+s.id+"/"+step, body, &got); got.Request.State != state {
		s.t.Errorf("after %s the request is %s", step, got.Request.State)
	}
}

// reads reads what a request says, and returns the entry that has it.
func (v *visitor) reads(t *testing.T, id string) (entry int64) {
	t.Helper()
	var told struct {
		Entry int64 `json:"content_entry"`
	}
	v.do(t.Context(), "POST", "/requests/"+id+"/readings", map[string]any{"reason": "odločanje o zahtevi"}, &told)
	return told.Entry
}

// ops are the operations in the diary.
func (s *story) ops() []string {
	s.t.Helper()
	d, err := s.clerk.use()
	must(s.t, err)
	return ops(s.t, d)
}

// entered fails unless these are in the diary, in this order.
func (s *story) entered(want ...string) {
	s.t.Helper()
	list := s.ops()
	for _, op := range want {
		at := slices.Index(list, op)
		if at < 0 {
			s.t.Fatalf("there is no %s: %q", op, s.ops())
		}
		list = list[at+1:]
	}
}

// until waits for something to be so.
func (s *story) until(what string, so func() bool) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), never)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !so() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			s.t.Fatalf("%s does not come:\n%s", what, s.log)
		}
	}
}

// deliver has the package written onto a stick, by the command. It returns what that says.
func (s *story) deliver(u *usb, want int) string {
	s.t.Helper()
	return s.does(s.t, typedLines(goodPassword), want, "package", "deliver", s.id, "--to", u.dir, "--recipient", "Janez Novak, PP Primer", "--medium", "USB 7", "--warned", "--as", "tajnica")
}

// folder is where the package lies on a stick.
func (s *story) folder(u *usb) string { return filepath.Join(u.dir, "paket-"+s.id) }

// verify runs varuh-verify.
func (s *story) verify(args ...string) (code int, out string) {
	s.t.Helper()
	text, err := exec.Command(s.verifier, args...).CombinedOutput()
	if _, ended := errors.AsType[*exec.ExitError](err); err != nil && !ended {
		s.t.Fatal(err)
	}
	if err != nil {
		code = err.(*exec.ExitError).ExitCode()
	}
	return code, string(text)
}

// later is the next start, so many days later.
func (s *story) later(days int) {
	s.t.Helper()
	s.boot = later(s.t, 8, time.Duration(days)*24*time.Hour)
	s.box.boot, s.log = s.boot, newTap()
	s.again(s.t)
	s.log.await(s.t, "pages are served")
}

// objects counts what lies on the shelf of packages.
func (s *story) objects() (n int) {
	s.t.Helper()
	must(s.t, filepath.WalkDir(s.site.stores[0].Dir, func(name string, e fs.DirEntry, err error) error {
		if err == nil && e.Type().IsRegular() && filepath.Base(filepath.Dir(name)) == "packages" {
			n++
		}
		return err
	}))
	return n
}

// slot is the state of the key of a segment.
func (s *story) slot(row footage.Segment) keyring.State {
	s.t.Helper()
	slot, err := s.site.stores[0].Ring.Slot(keyring.Ref{ID: row.ID, Slot: row.Slot})
	must(s.t, err)
	return slot.State
}

package main

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/anchor"
	"varuh/accesslog/diary/anchor/timestamp"
	"varuh/accesslog/diary/anchor/timestamp/timestamptest"
	"varuh/accesslog/diary/anchor/witnesstest"
	"varuh/accesslog/diary/proof"
	"varuh/configs"
	"varuh/recorder/keyring"
)

// outside is a real diary whose checkpoints go to somebody else's witness and to openssl's timestamps, as the
// daemon sends them.
type outside struct {
	*clerk
	keys    keyring.Identity
	witness *witnesstest.Witness
	tsa     *timestamptest.Authority
	cfg     configs.Config
}

func newOutside(t *testing.T, binary string) *outside {
	t.Helper()
	o := &outside{tsa: timestamptest.New(t, timestamptest.Options{}), cfg: configs.DefaultConfig()}
	o.clerk, o.keys = keyed(t)
	o.open(t)
	h := o.diary.Head()
	key, err := proof.ParseKey(h.VKey)
	must(t, err)
	o.witness = witnesstest.Start(t, binary, "witness.example/omni", h.Origin, key)
	o.cfg.Diary.Witnesses = []configs.Witness{{Key: o.witness.Key.String()}}
	must(t, o.cfg.Diary.Witnesses[0].URL.UnmarshalText([]byte(o.witness.URL)))
	o.cfg.Diary.Timestamps = []configs.Authority{{Roots: o.tsa.RootsFile}}
	must(t, o.cfg.Diary.Timestamps[0].URL.UnmarshalText([]byte(o.tsa.Serve(t))))
	o.again(t)
	return o
}

func (o *outside) open(t *testing.T) {
	t.Helper()
	var err error
	o.diary, err = openDiary(t.Context(), o.state, o.appliance)
	must(t, err)
	t.Cleanup(func() {
		if err := o.diary.Close(); err != nil && !errors.Is(err, diary.ErrClosed) {
			t.Error(err)
		}
	})
}

// again is a start of the daemon, as far as the diary is concerned.
func (o *outside) again(t *testing.T) {
	t.Helper()
	if err := o.diary.Close(); err != nil && !errors.Is(err, diary.ErrClosed) {
		t.Fatal(err)
	}
	o.open(t)
	var err error
	o.anchoring, err = newAnchors(&o.cfg, slog.New(slog.DiscardHandler))
	must(t, err)
	o.stand = anchor.State{}
	must(t, o.anchoring.begin(t.Context(), o.diary, o.keep))
}

func (o *outside) append(t *testing.T, ops ...string) {
	t.Helper()
	for _, op := range ops {
		_, err := o.diary.Append(t.Context(), diary.Entry{Op: op}, nil)
		must(t, err)
		o.wrote(op)
	}
}

// says is what a person is told of the anchors at a time, while something waits to be anchored.
func (o *outside) says(now time.Time) anchor.Standing {
	s := o.stand
	s.Size, s.Pending = o.diary.Head().Size, true
	return anchor.Stand(s, now)
}

// verify has the diary exported and checked as by an auditor who has the fingerprint on paper, the witness's key
// and the authority's root.
func (o *outside) verify(t *testing.T, held ...[]byte) (*proof.Report, string) {
	t.Helper()
	var bundle bytes.Buffer
	must(t, desk{diary: o.diary}.bundle(t.Context(), &bundle, "", diary.Export{}))
	key, err := proof.ParseKey(o.diary.Head().VKey)
	must(t, err)
	r, err := verifyBundle(t.Context(), bundle.Bytes(), proof.VerifyOptions{Fingerprints: []string{key.Fingerprint()},
		Keys: []proof.Key{o.witness.Key}, Timestamp: timestamp.Checker(o.tsa.Roots), Held: held})
	must(t, err)
	return r, reportText(r)
}

// refused fails unless access is refused and the diary names who remembers otherwise.
func (o *outside) refused(t *testing.T, kind, by string) {
	t.Helper()
	f := o.diary.Fault()
	if f == nil || f.Kind != kind || f.By != by {
		t.Fatalf("the fault is %+v, want %s, remembered by %s", f, kind, by)
	}
	if _, err := o.diary.Append(t.Context(), diary.Entry{Op: "view.start"}, nil); !errors.Is(err, diary.ErrFault) {
		t.Errorf("access after that: %v", err)
	}
	if n := o.count(t, "incident.rollback"); n != 1 {
		t.Errorf("%d incidents are entered", n)
	}
	if st := o.status(); !strings.Contains(st.Sentence, by) {
		t.Errorf("the status says %q", st.Sentence)
	}
}

func (o *outside) count(t *testing.T, op string) (n int) {
	t.Helper()
	for e, err := range o.diary.Entries(t.Context(), 0, o.diary.Head().Size) {
		must(t, err)
		if e.Op == op {
			n++
		}
	}
	return n
}

// The diary with real outside parties: what they give ends up in what an auditor checks, and finds out whoever
// rewrites the diary or puts an old one back.
func TestOutside(t *testing.T) {
	t.Parallel()
	binary := witnesstest.Build(t)
	t.Run("kept", func(t *testing.T) { t.Parallel(); testKept(t, newOutside(t, binary)) })
	t.Run("down and back", func(t *testing.T) { t.Parallel(); testDownAndBack(t, newOutside(t, binary)) })
	t.Run("rewritten", func(t *testing.T) { t.Parallel(); testRewritten(t, newOutside(t, binary)) })
	t.Run("put back", func(t *testing.T) { t.Parallel(); testPutBack(t, newOutside(t, binary)) })
}

func testKept(t *testing.T, o *outside) {
	o.append(t, "start", "config", "stop")
	held, err := o.diary.Checkpoint(t.Context())
	must(t, err)
	_, text := o.verify(t)
	if !strings.Contains(text, "[?]") {
		t.Errorf("nobody was asked yet, and the verdict is\n%s", text)
	}
	before := time.Now().Add(-2 * time.Second)
	must(t, o.anchoring.round(t.Context()))
	r, text := o.verify(t)
	const kept = 6 // origin.begin, start, config, stop, and two party.add; the two entries anchor come after
	if r.Bad() || r.Intact.State != proof.Yes || o.diary.Head().Size != kept+2 {
		t.Fatalf("the verdict over %d entries is\n%s", r.Size, text)
	}
	seen := map[string]bool{}
	for _, a := range r.Anchors {
		at, err := time.Parse(time.RFC3339, a.Time)
		if err == nil && a.Size == kept && a.Known && at.After(before) && at.Before(time.Now().Add(2*time.Second)) {
			seen[a.Kind+" "+a.Party] = true
		}
	}
	if !seen["witness witness.example/omni"] || !seen["timestamp CN=authority"] {
		t.Errorf("the anchors are %+v", r.Anchors)
	}
	for _, want := range []string{fmt.Sprintf("up to size %d (", kept), "UTC): whoever rules the appliance could still change entries 6 to 7"} {
		if !strings.Contains(r.Anchored.EN, want) {
			t.Errorf("the verdict does not say %q: %s", want, r.Anchored.EN)
		}
	}
	// What is added is anchored by the next round, and joins.
	o.append(t, "start")
	must(t, o.anchoring.round(t.Context()))
	if r, text := o.verify(t, held); r.Bad() || r.Complete.State != proof.Yes || !strings.Contains(r.Anchored.EN, "up to size 9 (") {
		t.Errorf("after the next round the verdict is\n%s", text)
	}
}

func testDownAndBack(t *testing.T, o *outside) {
	day := func(n float64) time.Time { return time.Now().Add(time.Duration(n * float64(anchor.Patience))) }
	if s := o.says(day(900)); s.Alarm || !strings.HasPrefix(s.EN, "Nobody outside") {
		t.Errorf("before anybody is asked: %+v", s)
	}
	must(t, o.anchoring.round(t.Context()))
	o.witness.Stop(t)
	o.append(t, "start")
	if err := o.anchoring.round(t.Context()); err == nil || !strings.Contains(err.Error(), "witness.example/omni") {
		t.Errorf("the witness is down: %v", err)
	}
	if f := o.diary.Fault(); f != nil {
		t.Errorf("a witness that is down makes the fault %v", f)
	}
	if s := o.says(day(0.9)); s.Alarm {
		t.Errorf("within a day: %s", s.EN)
	}
	if s := o.says(day(1.1)); !s.Alarm || !strings.Contains(s.EN, "nothing came from outside") || !strings.Contains(s.EN, "Later ones") {
		t.Errorf("after a day: %s", s.EN)
	}
	before := o.says(day(1.1))
	o.again(t)
	if s := o.says(day(1.1)); s != before {
		t.Errorf("after a start, before anybody answered: %s", s.EN)
	}
	o.witness.Run(t)
	must(t, o.anchoring.round(t.Context()))
	if s := o.says(day(0.5)); s.Alarm {
		t.Errorf("it is back: %s", s.EN)
	}
	if r, text := o.verify(t); r.Bad() {
		t.Errorf("the verdict is\n%s", text)
	}
}

// A witness that never answered is missed a day after it was configured, not after the diary began.
func TestAlarmStartsWithParty(t *testing.T) {
	t.Parallel()
	c, _ := keyed(t)
	d, err := openDiary(t.Context(), c.state, c.appliance)
	must(t, err)
	defer d.Close()
	began := time.Now()
	a := &anchors{diary: d, keep: c.keep, parties: []diary.Party{{Name: "witness.example", Kind: "witness", Key: "k"}}}
	must(t, a.begin(t.Context(), a.diary, a.keep))
	if !c.stand.Witnesses.IsZero() {
		t.Errorf("the patience began at %s, before anybody was configured", c.stand.Witnesses)
	}
	must(t, a.introduce(t.Context()))
	a.parties = append(a.parties, diary.Party{Name: "second.example", Kind: "witness", Key: "k"})
	must(t, a.introduce(t.Context()))
	must(t, a.begin(t.Context(), a.diary, a.keep))
	first := c.stand.Witnesses
	if first.Before(began.Add(-time.Second)) || !c.stand.Authorities.IsZero() {
		t.Errorf("the patience began at %s", first)
	}
	c.stand.Size, c.stand.Pending = 9, true
	for after, alarm := range map[time.Duration]bool{anchor.Patience: false, anchor.Patience + time.Second: true} {
		if s := anchor.Stand(c.stand, first.Add(after)); s.Alarm != alarm || !strings.Contains(s.EN, "Nobody outside") {
			t.Errorf("after %v: %+v", after, s)
		}
	}
	// Another kind has a patience of its own.
	a.parties = append(a.parties, diary.Party{Name: "CN=authority", Kind: "tsa", Key: "k"})
	must(t, a.introduce(t.Context()))
	must(t, a.begin(t.Context(), a.diary, a.keep))
	if c.stand.Authorities.IsZero() || c.stand.Authorities.Before(first) || !c.stand.Witnesses.Equal(first) {
		t.Errorf("the patience began at %s and %s", c.stand.Witnesses, c.stand.Authorities)
	}
}

func testRewritten(t *testing.T, o *outside) {
	o.append(t, "start", "config", "stop")
	must(t, o.anchoring.round(t.Context()))
	must(t, o.anchoring.round(t.Context()))
	held, err := o.diary.Checkpoint(t.Context())
	must(t, err)
	const victim = 2
	var behind []diaryLine
	k := desk{diary: o.diary, keys: o.keys}
	must(t, k.lines(t.Context(), o.diary.Opener(o.keys), victim+1, o.diary.Head().Size, func(l diaryLine) error {
		behind = append(behind, l)
		return nil
	}))
	must(t, o.diary.Close())
	options, err := diaryOptions(o.state)
	must(t, err)
	must(t, playRoot(t.Context(), options, victim, behind))
	o.again(t)
	if f := o.diary.Fault(); f != nil {
		t.Fatalf("the appliance found out by itself: %v", f)
	}
	for range 9 { // so that the witness can't take it for a diary that is behind
		o.append(t, "config")
	}
	err = o.anchoring.round(t.Context())
	if c, ok := errors.AsType[*anchor.ConflictError](err); !ok || c.Witness != "witness.example/omni" {
		t.Errorf("the witness says %v", err)
	}
	o.refused(t, diary.FaultRewritten, "witness witness.example/omni")
	if err := o.anchoring.round(t.Context()); err == nil {
		t.Error("the next round finds nothing")
	}
	o.again(t)
	o.refused(t, diary.FaultRewritten, "witness witness.example/omni") // a start forgets nothing, and enters nothing twice
	if r, text := o.verify(t, held); r.Complete.State != proof.No {
		t.Errorf("held against a checkpoint that was kept, the verdict is\n%s", text)
	}
	o.goOn(t)
}

func testPutBack(t *testing.T, o *outside) {
	must(t, o.anchoring.round(t.Context()))
	must(t, o.diary.Close())
	files := map[string][]byte{}
	for _, name := range []string{diaryFile(o.state), o.state + "/keys/diary.checkpoint"} {
		b, err := os.ReadFile(name)
		must(t, err)
		files[name] = b
	}
	o.again(t)
	o.append(t, "start", "config", "stop")
	must(t, o.anchoring.round(t.Context()))
	must(t, o.diary.Close())
	for name, b := range files { // and of what remembers it here, all
		must(t, os.WriteFile(name, b, 0o600))
	}
	o.again(t)
	if f := o.diary.Fault(); f != nil {
		t.Fatalf("the appliance found out by itself: %v", f)
	}
	err := o.anchoring.round(t.Context())
	if a, ok := errors.AsType[*anchor.AheadError](err); !ok || a.Size <= a.Ours {
		t.Errorf("the witness says %v", err)
	}
	o.refused(t, diary.FaultRollback, "witness witness.example/omni")
	o.goOn(t)
}

// goOn has two persons accept what was found; anchoring goes on once the witness follows the new name.
func (o *outside) goOn(t *testing.T) {
	t.Helper()
	old := o.diary.Head().Origin
	_, err := o.diary.Accept(t.Context(), proof.Actor{ID: "1", Name: "head"}, proof.Actor{ID: "2", Name: "maintainer"}, "the disk was put back")
	must(t, err)
	h := o.diary.Head()
	if h.Origin == old || o.diary.Fault() != nil {
		t.Fatalf("after it was accepted the diary is %s, with the fault %v", h.Origin, o.diary.Fault())
	}
	_, err = o.diary.Append(t.Context(), diary.Entry{Op: "view.start"}, nil)
	must(t, err)
	err = o.anchoring.round(t.Context())
	if _, ok := errors.AsType[*anchor.RefusedError](err); !ok {
		t.Errorf("a witness that does not know the new name: %v", err)
	}
	if o.diary.Fault() != nil {
		t.Errorf("that is no fault: %v", o.diary.Fault())
	}
	key, err := proof.ParseKey(h.VKey)
	must(t, err)
	o.witness.Stop(t)
	o.witness.Follow(t, h.Origin, key)
	o.witness.Run(t)
	o.append(t, "config")
	size := o.diary.Head().Size
	must(t, o.anchoring.round(t.Context()))
	if o.stand.KeptSize < size {
		t.Errorf("of %d entries %d are kept", size, o.stand.KeptSize)
	}
	o.again(t)
	o.append(t, "config")
	must(t, o.anchoring.round(t.Context()))
	if f := o.diary.Fault(); f != nil {
		t.Errorf("after a start: %v", f)
	}
	if r, text := o.verify(t); r.Bad() || r.Intact.State != proof.Yes {
		t.Errorf("the verdict is\n%s", text)
	}
}

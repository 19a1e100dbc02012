package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/anchor/timestamp"
	"varuh/accesslog/diary/anchor/timestamp/timestamptest"
	"varuh/accesslog/diary/proof"
	"varuh/accesslog/hold"
	"varuh/configs"
)

// years is a diary of an appliance whose clock the test sets.
type years struct {
	*still
	*diary.Diary
	clock atomic.Int64 // milliseconds since 1970
	desk  desk
	log   *tap
	p     *pruner
}

// newYears opens the diary of a new appliance. It is closed when the test ends.
func newYears(t *testing.T) *years {
	t.Helper()
	return yearsOf(t, newStill(t))
}

func yearsOf(t *testing.T, s *still) *years {
	t.Helper()
	y := &years{still: s, log: newTap()}
	y.at(time.Now())
	var err error
	y.Diary, err = openDiary(t.Context(), y.cfg.State, y.appliance, func(o *diary.Options) { o.Now = y.now })
	must(t, err)
	t.Cleanup(func() { must(t, y.Close()) })
	y.desk, y.p = desk{diary: y.Diary}, newPruner(y.cfg.Diary, slog.New(slog.NewTextHandler(y.log, nil)))
	return y
}

func (y *years) now() time.Time { return time.UnixMilli(y.clock.Load()) }

func (y *years) at(now time.Time) { y.clock.Store(now.UnixMilli()) }

// pass lets years go by, with some entries in each, until the first is past its term. It returns that.
func (y *years) pass(t *testing.T) (first int) {
	t.Helper()
	enterSome(t, y.Diary, 5)
	first = y.now().UTC().Year()
	for year := first + 1; year <= first+3; year++ {
		y.at(time.Date(year, time.January, 10, 12, 0, 0, 0, time.UTC))
		enterSome(t, y.Diary, 5)
	}
	return first
}

// ops are the operations that are left.
func (y *years) ops(t *testing.T) (list []string) {
	t.Helper()
	for e, err := range y.Entries(t.Context(), y.Head().Cut, y.Head().Size) {
		must(t, err)
		list = append(list, e.Op)
	}
	return list
}

// What is due is shown, kept until an approver confirms and 30 days have passed, then destroyed and told of by
// numbers.
func TestPruneConfirmed(t *testing.T) {
	t.Parallel()
	y := newYears(t)
	ask := func(o pruneOrder) (string, error) {
		t.Helper()
		a, err := y.desk.prune(t.Context(), y.cfg.Diary, o)
		return a.text(), err
	}
	if text, err := ask(pruneOrder{}); err != nil || text != "Nothing is due. Entries are kept 2 years past the end of their calendar year.\n" {
		t.Errorf("%q, %v", text, err)
	}
	if _, err := ask(pruneOrder{Confirm: true, who: played("Ana"), Reason: "the wall"}); err == nil || !strings.Contains(err.Error(), "nothing to confirm") {
		t.Errorf("confirmed when nothing was due: %v", err)
	}
	first := y.pass(t)
	size := y.Head().Size
	must(t, y.p.prune(t.Context(), y.Diary))
	if y.Head().Size != size || !strings.Contains(y.p.sentence(), "seem to be past their term") || !strings.Contains(y.log.String(), "see varuh diary prune") {
		t.Errorf("by the clock alone: %d entries, %q, %s", y.Head().Size, y.p.sentence(), y.log)
	}
	text, err := ask(pruneOrder{})
	if want := fmt.Sprintf("Entries 0 to 6, of %d and before: past their term of 2 years since %d-01-01", first, first+3); err != nil || !strings.HasPrefix(text, want) ||
		!strings.Contains(text, "They stay") || y.Head().Size != size {
		t.Errorf("%s, %v", text, err)
	}
	for _, o := range []pruneOrder{{Confirm: true, who: herself}, {Confirm: true, Reason: "the wall"}, {Confirm: true, who: herself, Reason: "the\nwall"}} {
		if _, err := ask(o); err == nil || y.Head().Size != size {
			t.Errorf("confirmed by %+v", o)
		}
	}
	text, err = ask(pruneOrder{Confirm: true, who: played("Ana Novak"), Reason: "the calendar on the wall"})
	if want := fmt.Sprintf("Entered as entry %d. It counts from %d-02-09 on.", size, first+3); err != nil || !strings.Contains(text, want) {
		t.Errorf("%s, %v, want %s", text, err, want)
	}
	if _, err := ask(pruneOrder{Confirm: true, who: played("Ana Novak"), Reason: "once more"}); err == nil || !strings.Contains(err.Error(), "confirms that already") {
		t.Errorf("confirmed twice: %v", err)
	}
	right := y.now()
	y.at(right.AddDate(0, 0, -7)) // a clock that is set back: what was said is dated later than now
	if text, err = ask(pruneOrder{Confirm: true, who: played("Ana Novak"), Reason: "the clock was wrong"}); err != nil || !strings.Contains(text, fmt.Sprintf("It counts from %d-02-02 on", first+3)) {
		t.Errorf("confirmed anew: %s, %v", text, err)
	}
	y.at(y.now().Add(30*24*time.Hour - time.Second))
	must(t, y.p.prune(t.Context(), y.Diary))
	if y.Head().Cut != 0 {
		t.Error("pruned before 30 days had passed")
	}
	y.at(y.now().Add(time.Second))
	if text, err = ask(pruneOrder{}); err != nil || !strings.Contains(text, "They go within the hour") {
		t.Errorf("%s, %v", text, err)
	}
	must(t, y.p.prune(t.Context(), y.Diary))
	at := slices.Index(y.ops(t), "prune")
	if y.Head().Cut != 7 || at < 0 || y.p.sentence() != "" {
		t.Fatalf("cut at %d, %q", y.Head().Cut, y.p.sentence())
	}
	if want := fmt.Sprintf("entry=%d from=0 below=7", int64(at)+y.Head().Cut); !strings.Contains(y.log.String(), want) {
		t.Errorf("the log does not say %q:\n%s", want, y.log)
	}
	if strings.Contains(y.log.String(), "Novak") || strings.Contains(y.log.String(), "wall") {
		t.Error("a name or a reason is in the log")
	}
	must(t, y.p.prune(t.Context(), y.Diary)) // nothing is left to do
}

// A prune that somebody's reading keeps from its end is loud until it has come to it, by the next look or start.
func TestPruneIsLoud(t *testing.T) {
	t.Parallel()
	y := newYears(t)
	y.pass(t)
	if _, err := y.desk.prune(t.Context(), y.cfg.Diary, pruneOrder{Confirm: true, who: played("Ana"), Reason: "the wall"}); err != nil {
		t.Fatal(err)
	}
	y.at(y.now().AddDate(0, 0, 30))
	slow, err := y.Query(t.Context(), `SELECT i FROM diary_leaves`)
	must(t, err)
	slow.Next()
	for _, want := range []string{"could not be destroyed", "may still be on the disk"} { // the first look, and the next
		if err := y.p.prune(t.Context(), y.Diary); err == nil || !strings.Contains(y.p.sentence(), want) {
			t.Errorf("%v, %q", err, y.p.sentence())
		}
	}
	enterSome(t, y.Diary, 1) // nobody waits for that
	c := &clerk{pruner: y.p}
	if text := c.sentence(y.Diary, nil, 0); !strings.Contains(text, "may still be on the disk") {
		t.Errorf("the status says %q", text)
	}
	must(t, slow.Close())
	must(t, y.p.prune(t.Context(), y.Diary))
	if y.p.sentence() != "" || y.Head().Cut == 0 {
		t.Errorf("cut at %d, %q", y.Head().Cut, y.p.sentence())
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := y.p.prune(ended, y.Diary); err == nil || y.p.sentence() != "" {
		t.Errorf("a stop is told of: %q, %v", y.p.sentence(), err)
	}
}

// openssl stamps a checkpoint, and that shows that the next year's term is over, once a person has confirmed the
// first: nobody was configured before entry 0.
func TestPruneByOpenssl(t *testing.T) {
	t.Parallel()
	tsa, other := timestamptest.New(t, timestamptest.Options{}), timestamptest.New(t, timestamptest.Options{})
	roots, err := os.ReadFile(tsa.RootsFile)
	must(t, err)
	y := newYears(t)
	if _, err := y.AddParty(t.Context(), diary.Party{Name: "tsa.example", Kind: "tsa", Key: string(roots)}, proof.Body{}); err != nil {
		t.Fatal(err)
	}
	y.pass(t)
	stamp := func(a *timestamptest.Authority, more string) {
		t.Helper()
		note, err := y.Checkpoint(t.Context())
		must(t, err)
		c, err := proof.ReadCheckpoint(note)
		must(t, err)
		token := stampText(t, a, c.Text()+more)
		must(t, a.Check(t, token, []byte(c.Text()+more)))
		_, err = y.Anchored(t.Context(), diary.Anchor{Kind: "tsa", Party: "tsa.example", Size: c.Size, Time: y.now(), Data: token})
		must(t, err)
	}
	rule := pruning(y.cfg.Diary, &hold.Register{Diary: y.Diary})
	// openssl can only stamp the present, and what is due here is due in years: the authority's clock is
	// thought ahead by as much.
	ahead := rule
	ahead.Timestamp = func(p diary.Party, token []byte, text string) (time.Time, error) {
		at, err := timestampTime(p, token, text)
		if err != nil || time.Since(at).Abs() > time.Hour {
			return time.Time{}, errors.Join(err, fmt.Errorf("stamped at %v", at))
		}
		return y.now().Truncate(time.Second), nil
	}
	refused := func(when string, rule diary.Pruning, want string) {
		t.Helper()
		before := y.Head()
		if _, err := y.Prune(t.Context(), rule); !errors.Is(err, diary.ErrNotDue) || !strings.Contains(err.Error(), want) || y.Head() != before {
			t.Errorf("%s: %v", when, err)
		}
	}
	stamp(tsa, "")
	refused("the first", ahead, "no outside party")
	if _, err := y.desk.prune(t.Context(), y.cfg.Diary, pruneOrder{Confirm: true, who: played("Ana"), Reason: "the wall"}); err != nil {
		t.Fatal(err)
	}
	y.at(y.now().AddDate(0, 0, 30))
	refused("confirmed against the authority", rule, "said at entry")
	if _, err := y.Prune(t.Context(), ahead); err != nil {
		t.Fatal(err)
	}
	y.at(y.now().AddDate(1, 0, 0))
	enterSome(t, y.Diary, 1)
	stamp(other, "")
	refused("another authority's", ahead, "does not count")
	stamp(tsa, "x")
	refused("another text's", ahead, "imprint")
	stamp(tsa, "")
	refused("one of years before", rule, "said at entry") // it is genuine, and shows that the clock is wrong
	if _, err := y.Prune(t.Context(), ahead); err != nil {
		t.Error(err)
	}
	if _, err := timestampTime(diary.Party{Name: "tsa.example", Key: "no certificate"}, nil, ""); err == nil || !strings.Contains(err.Error(), "tsa.example") {
		t.Error(err)
	}
}

// A term of five years keeps what a term of two would destroy.
func TestPruneTerm(t *testing.T) {
	t.Parallel()
	y := newYears(t)
	y.pass(t)
	five := configs.Diary{TermYears: 5, Assessment: "OT-3/2026"}
	a, err := y.desk.prune(t.Context(), five, pruneOrder{})
	if err != nil || len(a.Due) != 0 || a.Years != 5 {
		t.Errorf("%+v, %v", a, err)
	}
}

// Through the socket the same is answered; there, nothing is due.
func TestPruneThroughSocket(t *testing.T) {
	t.Parallel()
	b := startBox(t, configs.MetricsOff, nil)
	var out strings.Builder
	term := terminal{strings.NewReader(""), &out, &out}
	for _, tt := range []struct {
		args []string
		code int
		want string
	}{
		{nil, 0, "Nothing is due. Entries are kept 2 years"},
		{[]string{"--confirm", "--actor", "Ana", "--reason", "the wall"}, 1, "there is nothing to confirm"},
		{[]string{"--actor", "Ana"}, 1, "with --confirm alone"},
	} {
		out.Reset()
		if code := run(t.Context(), append([]string{"diary", "prune", "--dir", b.dir}, tt.args...), term); code != tt.code || !strings.Contains(out.String(), tt.want) {
			t.Errorf("%v ended with %d: %s", tt.args, code, &out)
		}
	}
	b.end(t)
	out.Reset()
	if code := run(t.Context(), []string{"diary", "prune", "--dir", b.dir}, term); code != 0 || !strings.Contains(out.String(), "Nothing is due") {
		t.Errorf("while varuh is stopped it ended with %d: %s", code, &out)
	}
}

// stampText has an authority stamp a text, and returns the token alone.
func stampText(t *testing.T, a *timestamptest.Authority, text string) []byte {
	t.Helper()
	q := timestamp.NewRequest(sha256.Sum256([]byte(text)))
	answer, err := a.Answer(q.DER())
	must(t, err)
	token, err := q.Accept(answer, a.Roots)
	must(t, err)
	return token.DER
}

// A prune that a stop cut short is ended soon after the next start of the daemon.
func TestDaemonFinishesPrune(t *testing.T) {
	t.Parallel()
	b := startBox(t, configs.MetricsOff, nil)
	b.end(t)
	y := &years{still: &still{b.site, nil}}
	y.at(time.Now())
	var err error
	y.Diary, err = openDiary(t.Context(), b.dir, b.site.appliance, func(o *diary.Options) { o.Now = y.now })
	must(t, err)
	y.pass(t)
	if _, err := y.ConfirmPrune(t.Context(), proof.Body{}); err != nil {
		t.Fatal(err)
	}
	y.at(y.now().AddDate(0, 0, 30))
	slow, err := y.Query(t.Context(), `SELECT i FROM diary_leaves`)
	must(t, err)
	slow.Next()
	if _, err := y.Prune(t.Context(), pruning(b.cfg.Diary, &hold.Register{Diary: y.Diary})); err == nil {
		t.Fatal("the prune came to its end beside a reader")
	}
	must(t, errors.Join(slow.Close(), y.Close()))

	b.again(t)
	open, err := b.clerk.use()
	must(t, err)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	limit := time.After(never)
	for {
		rows, err := open.Query(t.Context(), `SELECT i FROM diary_prune`)
		must(t, err)
		under := rows.Next()
		must(t, errors.Join(rows.Err(), rows.Close()))
		if !under {
			break
		}
		select {
		case <-tick.C:
		case <-limit:
			t.Fatalf("the prune is still under way:\n%s", b.log)
		}
	}
	b.end(t)
}

// Of a pruned diary what a hold keeps can be read, exported is what lies behind the cut, and verify looks at both.
func TestPrunedDiary(t *testing.T) {
	t.Parallel()
	c, keys := keyed(t)
	now := time.Now()
	d, err := openDiary(t.Context(), c.state, c.appliance, func(o *diary.Options) { o.Now = func() time.Time { return now } })
	must(t, err)
	defer d.Close()
	k := desk{diary: d, keys: keys}
	who := diaryOrder{who: played("auditor"), Reason: "why"}
	for range 5 {
		_, err := k.enter(t.Context(), "diary.read", who, 0, 1)
		must(t, err)
	}
	by := proof.Body{Actor: &proof.Actor{ID: "a", Name: "a"}}
	_, err = d.Pin(t.Context(), "hold 1", []int64{2}, keys, by, nil)
	must(t, err)
	for range 4 {
		now = now.AddDate(1, 0, 0)
		_, err := k.enter(t.Context(), "diary.read", who, 0, 1)
		must(t, err)
	}
	_, err = d.ConfirmPrune(t.Context(), by)
	must(t, err)
	now = now.AddDate(0, 0, 31)
	_, err = d.Prune(t.Context(), diary.Pruning{Years: 2})
	must(t, err)
	cut := d.Head().Cut
	if cut < 5 {
		t.Fatalf("the cut is at %d", cut)
	}
	seen := func(o diaryOrder) (list []int64, err error) {
		o.who, o.Reason = who.who, who.Reason
		return list, k.read(t.Context(), o, func(l diaryLine) error {
			leaf, err := proof.ParseLeaf([]byte(l.Leaf))
			if list = append(list, leaf.Index); l.Body == "" {
				t.Errorf("entry %d is not opened: %s", leaf.Index, l.Unreadable)
			}
			return err
		})
	}
	if list, err := seen(diaryOrder{To: cut + 2}); err != nil || !slices.Equal(list, []int64{2, cut, cut + 1}) {
		t.Error(list, err)
	}
	if list, err := seen(diaryOrder{From: 2, To: 3}); err != nil || !slices.Equal(list, []int64{2}) {
		t.Error(list, err)
	}
	size := d.Head().Size
	if list, err := seen(diaryOrder{From: 3, To: 4}); err == nil || !strings.Contains(err.Error(), "came to the end of their term") || d.Head().Size != size {
		t.Error(list, err)
	}
	r, err := k.verify(t.Context(), nil)
	must(t, err)
	if r.Bad() || r.From != cut || r.Contents.Entries != r.Size-cut+1 || r.Contents.Bad != 0 {
		t.Errorf("%s\n%+v", r.text(), r)
	}
	var b bytes.Buffer
	if out, err := k.export(t.Context(), who, &b); err != nil || out.err() != nil {
		t.Error(out, err)
	}
	report, err := verifyBundle(t.Context(), b.Bytes(), proof.VerifyOptions{})
	must(t, err)
	if report.Bad() || report.From != cut || report.Bodies != report.Size-cut {
		t.Errorf("%+v", report)
	}
}

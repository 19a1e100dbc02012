package web

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"varuh/accesslog"
	"varuh/accesslog/aeszip"
	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/accesslog/hold"
	"varuh/accesslog/people"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
	"varuh/recorder/segment"
)

// Who may read the diary learns who has seen a span of time, why, and what came of it, what was refused and what is held of
// it, and nothing of what lies beside. Whoever asks is in the diary before.
func TestWhoHasSeenThis(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.entrance(dawn)
	v := s.viewer()
	o := v.open(asks("hall", dawn, time.Minute))
	parts, _ := v.playlist(o.Windows[0].Playlist)
	v.get(parts[0])
	v.json("POST", prefix+"/viewings/"+o.ID+"/end", endedViewing{accesslog.Reported}, nil)
	if _, id := v.refused("POST", prefix+"/viewings", askedViewing{Purpose: "marketing", place: asks("hall", dawn, time.Minute).place}); id != "purpose" {
		t.Error(id)
	}
	v.json("POST", prefix+"/holds", HoldAsked{"yard", span{moment{dawn}, moment{noon.AddDate(0, 0, 1)}}, Settled{Kind: hold.Rights, Basis: "zahteva", Review: day{noon.AddDate(0, 1, 0)}}}, nil)
	v.json("POST", prefix+"/holds", HoldAsked{"*", span{moment{dawn}, moment{noon.AddDate(0, 0, 1)}}, Settled{Kind: hold.Order, Basis: "odredba", Case: "I K 5/2026", Review: day{noon.AddDate(0, 1, 0)}}}, nil)

	size := s.diary.Head().Size
	var u Uses
	asked := UsesAsked{Reason: "zahteva po členu 15", Camera: "hall", span: span{moment{dawn}, moment{dawn.Add(10 * time.Second)}}}
	v.json("POST", prefix+"/diary/uses", asked, &u)
	var ops []string
	for _, one := range u.Uses {
		ops = append(ops, one.Op)
		if one.Person != "Vida Ravnik" || one.Unreadable {
			t.Errorf("%+v", one)
		}
	}
	ops = slices.Compact(ops)
	if !slices.Equal(ops, []string{"view.start", "view.more", "view.end", "view.refused", "hold.set"}) && !slices.Equal(ops, []string{"view.start", "view.end", "view.refused", "hold.set"}) {
		t.Errorf("%v", ops)
	}
	end := u.Uses[slices.IndexFunc(u.Uses, func(u Use) bool { return u.Op == "view.end" })]
	if end.Result != string(accesslog.Reported) || *end.Ref != o.Entry || end.Bytes == 0 || len(end.Footage) != 1 {
		t.Errorf("%+v", end)
	}
	if last := u.Uses[len(u.Uses)-1]; last.Case != "I K 5/2026" || u.Entry != size || u.Next != 0 {
		t.Errorf("%+v", u)
	}
	entered := s.entries("diary.read")
	if e := entered[len(entered)-1]; e.Index != u.Entry || e.Purpose != asked.Reason || len(e.Objects) != 1 || e.Objects[0].Camera != "hall" {
		t.Errorf("%+v", e)
	}

	asked.From, asked.To = moment{dawn.Add(-time.Hour)}, moment{dawn.Add(-time.Minute)}
	if v.json("POST", prefix+"/diary/uses", asked, &u); len(u.Uses) != 0 {
		t.Errorf("of another hour: %+v", u.Uses)
	}
	if _, id := v.refused("POST", prefix+"/diary/uses", UsesAsked{Reason: " ", Camera: "hall", span: asked.span}); id != "request" {
		t.Error(id)
	}
}

// What goes on with a viewing or an export, and names no footage itself, is told in a later answer, too, behind what it goes on with;
// and what goes on with a viewing of something else is in none.
func TestUsesInMoreThanOneAnswer(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	head := r.head(t)
	began := noon.Add(-time.Hour)
	of := func(camera string) []proof.Object {
		return []proof.Object{{Camera: camera, From: began, To: began.Add(10 * time.Minute)}}
	}
	enter := func(op string, ref *int64, objects []proof.Object) *int64 {
		w, err := r.diary.Draft(diary.Entry{Op: op, Ref: ref, Body: proof.Body{Objects: objects}})
		must(t, err)
		got, err := r.diary.Enter(t.Context(), w)
		must(t, err)
		return &got.Index
	}
	view, export, beside := enter("view.start", nil, of("hall")), enter("export", nil, of("hall")), enter("view.start", nil, of("yard"))
	further := enter("view.start", nil, of("yard")) // and the hall later on
	more := []*int64{enter("view.more", further, of("yard")), enter("view.more", further, of("hall"))}
	late := enter("view.start", nil, of("yard")) // and the hall behind the first answer
	first := []*int64{view, export, further, more[0], more[1]}
	for range mostEntries - len(first) {
		first = append(first, enter("view.refused", nil, of("hall")))
	}
	second := []*int64{enter("view.end", view, nil), enter("export.end", export, nil), enter("view.end", further, nil)}
	enter("view.end", beside, nil)
	second = append(second, late, enter("view.more", late, of("hall")), enter("view.end", late, nil))

	asked := UsesAsked{Reason: "zahteva po členu 15", Camera: "hall", span: span{moment{began}, moment{began.Add(5 * time.Minute)}}}
	for i, want := range [][]*int64{first, second} {
		var u Uses
		head.api("POST", "/diary/uses", asked, &u)
		got := make([]int64, 0, len(u.Uses))
		for _, one := range u.Uses {
			got = append(got, one.Entry)
		}
		if !slices.EqualFunc(got, want, func(a int64, b *int64) bool { return a == *b }) || (u.Next == 0) != (i == 1) {
			t.Errorf("answer %d: %v, next %d; wants it to end with %d", i, got[max(0, len(got)-10):], u.Next, *want[len(want)-1])
		}
		asked.After = u.Next
	}
}

// leafCount counts the leaves that are read.
type leafCount struct {
	Diary
	leaves int64
}

func (c *leafCount) Entries(ctx context.Context, from, to int64) iter.Seq2[diary.Stored, error] {
	return func(yield func(diary.Stored, error) bool) {
		for e, err := range c.Diary.Entries(ctx, from, to) {
			if c.leaves++; !yield(e, err) {
				return
			}
		}
	}
}

// An answer that goes on reads each entry once, however many of its entries go on with ones before it.
func TestUsesReadOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	yard := []proof.Object{{Camera: "yard", From: noon, To: noon.Add(time.Minute)}}
	hall := []proof.Object{{Camera: "hall", From: noon, To: noon.Add(time.Minute)}}
	enter := func(op string, ref *int64, objects []proof.Object) int64 {
		w, err := r.diary.Draft(diary.Entry{Op: op, Ref: ref, Body: proof.Body{Objects: objects}})
		must(t, err)
		got, err := r.diary.Enter(t.Context(), w)
		must(t, err)
		return got.Index
	}
	var began []int64
	for n := range 60 {
		objects := yard
		if n%20 == 7 {
			objects = hall
		}
		began = append(began, enter("view.start", nil, objects))
	}
	after := r.diary.Head().Size
	var want []int64
	for n, i := range slices.Backward(began) {
		if end := enter("view.end", &i, nil); n%20 == 7 {
			want = append(want, end)
		}
	}
	size := r.diary.Head().Size
	d := &leafCount{Diary: r.diary}
	asked := UsesAsked{Camera: "hall", span: span{moment{noon}, moment{noon.Add(time.Minute)}}, After: after}
	l := looking{Uses: &Uses{Entry: size}, opener: r.diary.Opener(keyring.Identity{r.reading}), diary: d, asked: asked, has: map[int64]bool{}, told: map[int64]bool{}, past: past{from: after}}
	must(t, l.run(t.Context()))
	var got []int64
	for _, u := range l.Uses.Uses {
		got = append(got, u.Entry)
	}
	if !slices.Equal(got, want) || d.leaves > size {
		t.Errorf("%d, want %d; %d leaves read of %d", got, want, d.leaves, size)
	}
}

// What a clock dated before it was set has been seen by the time that this showed: who asks by either time is told.
func TestUsesByEitherTime(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	head := r.head(t)
	shown, right, boot := noon.Add(-20*time.Hour), noon.Add(-2*time.Hour), [16]byte{2}
	f := footage.NewSegment(segment.Header{ID: keyring.NewID(shown), Camera: "hall", Stream: "main", Start: shown, Boot: boot, Clock: segment.Unsynchronised})
	f.Store = r.store.ID
	must(t, r.index.Begin(f))
	f.Sealed, f.End, f.Bytes, f.Records = true, shown.Add(10*time.Minute), 1<<20, 600
	must(t, r.index.Sealed(f))
	var ana, boris int64
	for at, entry := range map[time.Time]*int64{shown: &ana, right: &boris} { // before the clock was set, and after
		w, err := r.diary.Draft(diary.Entry{Op: "view.start", Body: proof.Body{Objects: []proof.Object{{Camera: "hall", From: at, To: at.Add(time.Minute)}}}})
		must(t, err)
		e, err := r.diary.Enter(t.Context(), w)
		must(t, err)
		*entry = e.Index
	}
	must(t, r.index.Redate(boot, right))
	for at, twin := range map[time.Time]time.Time{shown: right, right: shown} {
		var u Uses
		head.api("POST", "/diary/uses", UsesAsked{Reason: "zahteva", Camera: "hall", span: span{moment{at}, moment{at.Add(time.Minute)}}}, &u)
		if len(u.Uses) != 2 || u.Uses[0].Entry != min(ana, boris) || u.Uses[1].Entry != max(ana, boris) || len(u.Twins) != 1 || !u.Twins[0].From.Equal(twin) {
			t.Errorf("asked for %v: %+v", at, u)
		}
	}
	var u Uses
	head.api("POST", "/diary/uses", UsesAsked{Reason: "zahteva", Camera: "hall", span: span{moment{shown.Add(-time.Hour)}, moment{shown.Add(-time.Minute)}}}, &u)
	if len(u.Uses)+len(u.Twins) > 0 {
		t.Errorf("of another hour: %+v", u)
	}
}

// The diary is filtered by time, person, camera, operation and case, from its end too; and what was looked for is entered.
func TestFilter(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	head := r.head(t)
	ana := r.visitor(t, head, "ana", AskedAuthorisation{Role: people.Caretaker, Cameras: []string{"hall"}, Paper: day{noon.AddDate(0, 0, -1)}})
	r.recorded(t, noon.Add(-time.Hour))
	ana.api("POST", "/cameras/hall/holds", SecureAsked{span{moment{noon.Add(-time.Hour)}, moment{noon.Add(-50 * time.Minute)}}, "okno", ""}, nil)
	r.set(noon.Add(2 * time.Hour))
	ahead := span{moment{noon}, moment{noon.AddDate(0, 0, 1)}}
	head.api("POST", "/holds", HoldAsked{"yard", ahead, Settled{Kind: hold.Order, Basis: "odredba", Case: "I K 5/2026", Review: day{noon.AddDate(0, 1, 0)}}}, nil)
	for name, tt := range map[string]struct {
		f    Filter
		want []string
	}{
		"person":    {Filter{Person: "oseba ANA", Op: "hold."}, []string{"hold.set"}},
		"camera":    {Filter{Camera: "yard", Op: "hold."}, []string{"hold.set"}},
		"case":      {Filter{Case: "k 5/2026"}, []string{"hold.set"}},
		"time":      {Filter{Since: moment{noon.Add(time.Hour)}, Op: "hold.set"}, []string{"hold.set"}},
		"until":     {Filter{Until: moment{noon}}, nil},
		"operation": {Filter{Op: "hold.set"}, []string{"hold.set", "hold.set"}},
		"nobody":    {Filter{Person: "Boris"}, nil},
	} {
		for _, newest := range []bool{false, true} {
			var got Reading
			head.api("POST", "/diary/readings", ReadingAsked{Reason: "pregled", Filter: tt.f, Newest: newest}, &got)
			var ops []string
			for i, e := range got.Entries {
				ops = append(ops, e.Op)
				if i > 0 && (e.Index < got.Entries[i-1].Index) != newest {
					t.Errorf("%s: entry %d comes after %d", name, e.Index, got.Entries[i-1].Index)
				}
			}
			if !slices.Equal(ops, tt.want) || got.Next != 0 {
				t.Errorf("%s: %v, next %d", name, ops, got.Next)
			}
			for _, e := range got.Entries {
				if (tt.f.inside()) != (e.Body != "") {
					t.Errorf("%s: opened %v", name, e.Body != "")
				}
			}
		}
	}
	var got Reading
	head.api("POST", "/diary/readings", ReadingAsked{Reason: "pregled", Open: true, Newest: true}, &got)
	if !strings.Contains(got.Entries[0].Body, `"opened":"no"`) && !strings.Contains(got.Entries[0].Body, "pregled") {
		t.Errorf("%s", got.Entries[0].Body)
	}
	if id, _ := head.refused("POST", "/diary/readings", ReadingAsked{Reason: "pregled", Filter: Filter{Person: "\x00"}}); id != "request" {
		t.Error(id)
	}
}

// A long reading goes on where it ended, in both directions.
func TestReadingGoesOn(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	head := r.head(t)
	for r.diary.Head().Size < mostEntries+20 {
		head.api("PUT", "/session/language", LanguageChange{"sl"}, nil)
		head.api("PUT", "/session/language", LanguageChange{"en"}, nil)
	}
	size := r.diary.Head().Size
	for _, newest := range []bool{false, true} {
		asked, seen := ReadingAsked{Reason: "pregled", To: size, Newest: newest}, map[int64]bool{}
		for rounds := 0; rounds < 3; rounds++ {
			var got Reading
			head.api("POST", "/diary/readings", asked, &got)
			for _, e := range got.Entries {
				seen[e.Index] = true
			}
			if got.Next == 0 {
				break
			}
			if newest {
				asked.To = got.Next
			} else {
				asked.From = got.Next
			}
		}
		if int64(len(seen)) != size {
			t.Errorf("newest %v: %d of %d entries", newest, len(seen), size)
		}
	}
}

// A bundle verifies without the appliance, and has the entry that says who took it; encrypted where a passphrase is given.
func TestBundle(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	head := r.head(t)
	for _, tt := range []struct {
		asked  BundleAsked
		bodies bool
	}{
		{BundleAsked{Reason: "nadzor"}, true},
		{BundleAsked{Reason: "nadzor", Redact: true}, false},
		{BundleAsked{Reason: "nadzor", Passphrase: "modra lipa ob potoku"}, true},
	} {
		size := r.diary.Head().Size
		w := head.do("POST", prefix+"/diary/bundle", tt.asked)
		if w.Code != 200 || w.Header().Get("Content-Type") != "application/zip" {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		z, err := zip.NewReader(bytes.NewReader(w.Body.Bytes()), int64(w.Body.Len()))
		must(t, err)
		if tt.asked.Passphrase != "" {
			must(t, aeszip.Unlock(z, tt.asked.Passphrase))
		}
		report, err := proof.VerifyBundle(t.Context(), z, proof.VerifyOptions{})
		must(t, err)
		if report.Bad() || report.To != size+1 || (report.Bodies == report.To) != tt.bodies {
			t.Errorf("%+v: %+v", tt.asked, report)
		}
	}
	var checkpoint Checkpoint
	head.api("GET", "/diary/checkpoint", nil, &checkpoint)
	for body, want := range map[string]string{`{"reason":""}`: "request", `{"reason":"x","from":100000}`: "no-entry", `{"reason":"x","passphrase":"kratko"}`: "request"} {
		if id, _ := head.refused("POST", "/diary/bundle", body); id != want {
			t.Errorf("%s: %s", body, id)
		}
	}
}

// What fails in the middle of a bundle cuts the connection off, so that nobody takes a part for the whole.
func TestBundleCutOff(t *testing.T) {
	t.Parallel()
	s := newStage(t, func(o *Options) {
		whole := o.Bundle
		o.Bundle = func(ctx context.Context, w io.Writer, b Bundle) error {
			if err := whole(ctx, w, b); err != nil {
				return err
			}
			return io.ErrUnexpectedEOF
		}
	})
	v := s.viewer()
	a, err := v.client.Do(v.request(t.Context(), "POST", prefix+"/diary/bundle", BundleAsked{Reason: "nadzor"}))
	if err != nil {
		return // before the first byte was flushed
	}
	defer a.Body.Close()
	if _, err := io.Copy(io.Discard, a.Body); err == nil {
		t.Error("a bundle that came to no end looked whole")
	}
}

// Every operation that can stand on the page about who has seen footage has a word of its own there, in each language: by the
// operations of the diary, all of which have one on its page.
func TestWordsOfUses(t *testing.T) {
	t.Parallel()
	for _, language := range []string{"sl", "en"} {
		diary, seen := wordsOf(t, language, "diary"), wordsOf(t, language, "seen")
		found := 0
		for key := range diary {
			op, is := strings.CutPrefix(key, "diary.op.")
			if !is || !about(op) || strings.HasPrefix(op, "view.") { // viewings have a table of their own, which tells what they are
				continue
			}
			if found++; seen["seen.op."+op] == "" {
				t.Errorf("%q has no word on the page in %q", op, language)
			}
		}
		if found < 20 {
			t.Errorf("only %d operations were found in %q", found, language)
		}
	}
}

// wordsOf are the words of a page in a language that are not counted.
func wordsOf(t *testing.T, language, page string) map[string]string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("pages", "words", language, page+".json"))
	must(t, err)
	all := map[string]any{}
	must(t, json.Unmarshal(raw, &all))
	words := map[string]string{}
	for key, word := range all {
		words[key], _ = word.(string)
	}
	return words
}

package evidence_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"varuh/accesslog/diary/proof"
	"varuh/accesslog/evidence"
	"varuh/accesslog/evidence/evidencetest"
	"varuh/testdata/clips"
)

// Since when footage is known to be unchanged says the first outside party that saw its hour, and only if that was before
// anybody asked, by a party that the person knows.
func TestSince(t *testing.T) {
	t.Parallel()
	film := evidencetest.Load(t, 1, clips.YardSub)
	for _, tt := range []struct {
		what   string
		before bool // a witness saw the hour before the request
		after  bool // and another time when it was exported
		known  bool // the witness's key was given
		held   bool // somebody kept the checkpoint
		state  proof.State
		since  string
		says   string
	}{
		{"nobody saw it", false, false, true, false, unknown, "", "NOT CONFIRMED to be unchanged since capture: there was no outside witness before the request."},
		{"seen before the request", true, false, true, false, yes, "2026-11-21T07:30:02Z", "(2026-11-21 07:30:02 UTC, witness.example/1), before the request"},
		{"and again", true, true, true, false, yes, "2026-11-21T07:30:02Z", "07:30:02"},
		{"seen after it alone", false, true, true, false, unknown, "2026-11-21T07:30:04Z", "the first came later (2026-11-21 07:30:04 UTC"},
		{"by a witness whom nobody knows", true, true, false, false, unknown, "", "did not give its key"},
		{"somebody kept the checkpoint", true, false, false, true, yes, "", "vouched for it, before the request"},
	} {
		t.Run(tt.what, func(t *testing.T) {
			t.Parallel()
			c := evidencetest.NewCase(t, "a", tt.before, evidencetest.Segments(t, film, "hall", "main", evidencetest.Dawn, 6))
			if tt.after {
				c.Diary.Witnessed()
			}
			pkg, _ := c.Written(t)
			o := c.Knowing()
			if !tt.known {
				o.Keys = nil
			}
			if tt.held {
				o.Held = c.Diary.Past
			}
			r := verified(t, pkg, o)
			if r.Unchanged.State != tt.state || r.Since != tt.since || !strings.Contains(r.Unchanged.EN, tt.says) || r.Bad() || r.Good() != (tt.state == yes) {
				t.Errorf("%+v, since %q", r.Unchanged, r.Since)
			}
			if r.Exported.State != yes || r.Disclosed.State != yes {
				t.Errorf("%+v, %+v", r.Exported, r.Disclosed)
			}
		})
	}
}

// Whoever takes the entries that say when somebody asked out of a package, with no key, makes no witness come before that.
func TestAskedUnproven(t *testing.T) {
	t.Parallel()
	film := evidencetest.Load(t, 1, clips.YardSub)
	for _, before := range []bool{true, false} { // a witness saw the hour before the request, or after it alone
		for _, gone := range []string{"the request", "the export", "both"} {
			t.Run(fmt.Sprintf("%s, seen before it %v", gone, before), func(t *testing.T) {
				t.Parallel()
				c := evidencetest.NewCase(t, "a", before, evidencetest.Segments(t, film, "hall", "main", evidencetest.Dawn, 6))
				request := c.About.Export - 1
				if !before {
					c.Diary.Witnessed()
					c.About.Export = c.Diary.Add("export", nil, &request)
					c.Entries = []int64{c.Entries[0], request, c.About.Export}
				}
				pkg, _ := c.Written(t)
				f := forge(t, c, pkg)
				if gone != "the request" {
					f.unpin(c.About.Export)
				}
				if gone != "the export" {
					f.unpin(request)
				}
				f.sum()
				r := verified(t, f.files, c.Knowing())
				named := slices.ContainsFunc(r.Findings, func(x evidence.Finding) bool { return x.Bad && x.Code == evidence.CodeRequest })
				if states(r) != [3]proof.State{unknown, no, no} || !named || !strings.Contains(r.Unchanged.EN, "does not prove when somebody asked for it") {
					t.Errorf("%v %+v", states(r), r)
				}
			})
		}
	}
}

// What leads back from a disclosure must be an export that a request began.
func TestAskedOtherwise(t *testing.T) {
	t.Parallel()
	for what, lead := range map[string]func(c *evidencetest.Case) int64{
		"the entry is no export": func(c *evidencetest.Case) int64 { r := c.About.Export - 1; return c.Diary.Add("view", nil, &r) },
		"it answers nothing":     func(c *evidencetest.Case) int64 { return c.Diary.Add("export", nil, nil) },
		"it answers no request": func(c *evidencetest.Case) int64 {
			i := c.Diary.Add("hold", nil, nil)
			c.Entries = append(c.Entries, i)
			return c.Diary.Add("export", nil, &i)
		},
	} {
		c := evidencetest.Tiny(t, "a")
		c.About.Export = lead(c)
		c.Entries = append(c.Entries, c.About.Export)
		pkg, _ := c.Written(t)
		if r := verified(t, pkg, c.Knowing()); states(r) != [3]proof.State{unknown, yes, no} {
			t.Errorf("%s: %v %+v", what, states(r), r)
		}
	}
}

// What was asked for and is not in the package is told, unless a gap says why.
func TestLeftOut(t *testing.T) {
	t.Parallel()
	film := evidencetest.Load(t, 1, clips.YardSub)
	cut := func() []*evidencetest.Segment {
		return evidencetest.Segments(t, film, "hall", "main", evidencetest.Dawn, 4) // of 4 s
	}
	segments := cut()
	if len(segments) < 5 {
		t.Fatalf("%d segments", len(segments))
	}
	gap := func(n int, cause string) evidence.Gap {
		return evidence.Gap{Camera: "hall", Stream: "main", From: segments[n].Start, To: segments[n].End, Cause: cause}
	}
	for _, tt := range []struct {
		what  string
		gaps  []evidence.Gap
		codes []evidence.Code
	}{
		{"nothing is said", nil, []evidence.Code{evidence.CodeUntold, evidence.CodeLeftOut}},
		{"a camera that was off recorded all the same", []evidence.Gap{gap(2, "unreachable")}, []evidence.Code{evidence.CodeLeftOut}},
		{"it is restricted", []evidence.Gap{gap(2, "restricted")}, nil},
		{"another time is restricted", []evidence.Gap{gap(3, "restricted")}, []evidence.Code{evidence.CodeUntold, evidence.CodeLeftOut}},
	} {
		t.Run(tt.what, func(t *testing.T) {
			t.Parallel()
			c := evidencetest.NewCase(t, "a", true, cut())
			c.Stretches = []evidence.Stretch{c.Stretches[0][:2], c.Stretches[0][3:]}
			c.About.Gaps = tt.gaps
			pkg, m := c.Written(t)
			r := verified(t, pkg, c.Knowing())
			if len(m.Clips) != 2 || r.Bad() || r.Good() != (tt.codes == nil) || len(r.Gaps) != len(tt.gaps) {
				t.Errorf("%d clips, %+v", len(m.Clips), r)
			}
			found := map[evidence.Code]bool{}
			for _, f := range r.Findings {
				found[f.Code] = true
			}
			for _, code := range tt.codes {
				if !found[code] {
					t.Errorf("no %s: %+v", code, r.Findings)
				}
			}
			if len(found) != len(tt.codes) {
				t.Errorf("%+v", r.Findings)
			}
		})
	}
}

// A part of a segment is proven as all of it is; what was lost on the way, and that a clip begins between key frames, is said.
func TestPart(t *testing.T) {
	t.Parallel()
	segments := evidencetest.Segments(t, evidencetest.Load(t, 1, clips.Hall), "hall", "main", evidencetest.Dawn, 8)
	segments[0].Lost[4] = true
	c := evidencetest.NewCase(t, "a", true, segments)
	last := segments[1]
	c.Stretches = []evidence.Stretch{{segments[0].Part(4, 0), last.Part(1, 3)}}
	c.About.Asked = nil
	pkg, m := c.Written(t)
	r := verified(t, pkg, c.Knowing())
	if !r.Good() || m.Clips[0].Fragments != 7 || m.Clips[0].Lost != 1 || m.Clips[0].Decodable || r.Clips[0].Lost != 1 || len(r.Findings) != 2 {
		t.Errorf("%+v\n%+v", m.Clips, r)
	}
	if want := evidencetest.Dawn.Add(3 * time.Second); !m.Clips[0].From.Round(time.Second).Equal(want) {
		t.Errorf("it begins at %s, want %s", m.Clips[0].From, want)
	}
	film := pkg[m.Clips[0].Path].Data
	samples := append(segments[0].Samples(t, 4, 9), last.Samples(t, 1, 3)...)
	if !strings.HasSuffix(string(film), string(samples)) {
		t.Error("the clip does not end with the samples that were recorded")
	}
}

// Footage from before the clock was set is where it was by the right time, and its own times are told to be wrong.
func TestCorrection(t *testing.T) {
	t.Parallel()
	segments := evidencetest.Segments(t, evidencetest.Load(t, 1, clips.YardSub), "hall", "main", evidencetest.Dawn, 4)
	c := evidencetest.NewCase(t, "a", true, segments)
	const by = 50 * time.Hour
	for i := range c.Stretches[0][:3] {
		c.Stretches[0][i].Correction = by
	}
	split := segments[3].Start
	c.About.Asked = []evidence.Range{{Camera: "hall", From: evidencetest.Dawn.Add(by), To: split.Add(by)}, {Camera: "hall", From: split, To: segments[4].End}}
	pkg, m := c.Written(t)
	r := verified(t, pkg, c.Knowing())
	if !r.Good() || len(m.Clips) != 2 || len(r.Findings) != 1 || r.Findings[0].Code != evidence.CodeClock || !strings.Contains(r.Findings[0].EN, "2026-11-23T08:30:00") {
		t.Errorf("%d clips, %+v", len(m.Clips), r)
	}
	c.About.Asked = c.About.Asked[:1]
	c.Stretches[0][1].Correction = 0
	pkg, m = c.Written(t)
	if r := verified(t, pkg, c.Knowing()); r.Good() || r.Bad() || len(m.Clips) != 4 {
		t.Errorf("%d clips, %+v", len(m.Clips), r)
	}
}

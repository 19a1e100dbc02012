package evidence_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"varuh/accesslog/evidence"
	"varuh/accesslog/evidence/evidencetest"
	"varuh/testdata/clips"
)

// Clips end before a key frame where they get large, and before any fragment where none comes; each is good by itself, and
// all together are what was recorded.
func TestSplit(t *testing.T) {
	t.Parallel()
	film := evidencetest.Load(t, 1, clips.Stairs) // a key frame each 10 s
	const none = 1 << 32
	for _, tt := range []struct {
		what               string
		soft, hard         int64
		samples, fragments int
		clips              int
		midway             bool
	}{
		{"all in one", none, none, none, none, 1, false},
		{"by bytes", 1, none, none, none, 2, false},
		{"by pictures", none, none, 150, none, 2, false},
		{"by fragments", none, none, none, 10, 2, false},
		{"by bytes at any rate", none, 40_000, none, none, 0, true},
		{"by pictures at any rate", none, none, 30, none, 0, true},
		{"by fragments at any rate", none, none, none, 2, 0, true},
	} {
		t.Run(tt.what, func(t *testing.T) {
			t.Parallel()
			segments := evidencetest.Segments(t, film, "hall", "main", evidencetest.Dawn, 7)
			c, m := evidencetest.NewCase(t, "a", true, segments), evidencetest.Memory{}
			manifest, err := evidence.WriteLimited(t.Context(), m, c.Package(), tt.soft, tt.hard, tt.samples, tt.fragments)
			must(t, err)
			pkg := m.FS()
			r := verified(t, pkg, c.Knowing())
			if !r.Good() || r.Fragments != 20 || tt.clips > 0 && len(manifest.Clips) != tt.clips || tt.clips == 0 && len(manifest.Clips) < 3 {
				t.Errorf("%d clips, %+v", len(manifest.Clips), r)
			}
			var samples, recorded []byte
			midway := false
			for _, clip := range manifest.Clips {
				film := pkg[clip.Path].Data
				midway = midway || !clip.Decodable
				if int64(len(film)) > tt.hard {
					t.Errorf("%s has %d bytes", clip.Path, len(film))
				}
				samples = append(samples, film[strings.Index(string(film), "mdat")+4:]...)
			}
			for _, s := range segments {
				recorded = append(recorded, s.Samples(t, 1, len(s.Plain))...)
			}
			if !slices.Equal(samples, recorded) || midway != tt.midway {
				t.Errorf("%d bytes of samples, %d were recorded; %v", len(samples), len(recorded), manifest.Clips)
			}
		})
	}
}

// Where the recording does not go on, a new clip begins by itself, though the caller did not say so.
func TestBreaks(t *testing.T) {
	t.Parallel()
	one := evidencetest.Segments(t, evidencetest.Load(t, 1, clips.YardSub), "hall", "main", evidencetest.Dawn, 5)
	two := evidencetest.Segments(t, evidencetest.Load(t, 1, clips.Motion), "hall", "main", evidencetest.Dawn.Add(20e9), 5)
	for what, tt := range map[string]struct {
		stretch func() evidence.Stretch
		clips   int
	}{
		"another run":      {func() evidence.Stretch { return evidence.Stretch{one[0].Part(1, 0), two[0].Part(1, 0)} }, 2},
		"a segment misses": {func() evidence.Stretch { return evidence.Stretch{one[0].Part(1, 0), one[2].Part(1, 0)} }, 2},
		"records miss": {func() evidence.Stretch {
			return evidence.Stretch{one[0].Part(1, 3), one[0].Part(5, 0), one[1].Part(1, 0)}
		}, 2},
		"nothing misses": {func() evidence.Stretch { return evidence.Stretch{one[0].Part(1, 0), one[1].Part(1, 0)} }, 1},
	} {
		c := evidencetest.NewCase(t, "a", true, append(slices.Clone(one), two...))
		c.Stretches, c.About.Asked = []evidence.Stretch{tt.stretch()}, nil
		pkg, m := c.Written(t)
		if r := verified(t, pkg, c.Knowing()); !r.Good() || len(m.Clips) != tt.clips {
			t.Errorf("%s: %d clips, %+v", what, len(m.Clips), r)
		}
	}
}

// Wherever writing fails, the error is told, and nothing is said to be disclosed before all that is to be was written.
func TestWriteFails(t *testing.T) {
	t.Parallel()
	whole := false
	for n := 0; !whole; n++ {
		c := evidencetest.Tiny(t, "a")
		_, err := evidence.Write(t.Context(), evidence.Broken(n), c.Package())
		if whole = err == nil; !whole && !evidence.Pulled(err) {
			t.Fatalf("at %d: %v", n, err)
		}
		if n > 1000 {
			t.Fatal("it never succeeds")
		}
	}
}

var errOther = errors.New("other")

// What is wrong with what the caller gives is an error, and no package.
func TestRefused(t *testing.T) {
	t.Parallel()
	fail := func(context.Context) (evidence.Records, error) { return nil, errOther }
	for what, tt := range map[string]struct {
		change func(*evidencetest.Case, *evidence.Package)
		want   error
	}{
		"no footage": {func(c *evidencetest.Case, p *evidence.Package) { c.Stretches = nil }, evidence.ErrEmpty},
		"footage that fails": {func(c *evidencetest.Case, p *evidence.Package) {
			p.Footage = func(y func(evidence.Stretch, error) bool) { y(nil, errOther) }
		}, errOther},
		"a segment that fails": {func(c *evidencetest.Case, p *evidence.Package) { c.Stretches[0][0].Open = fail }, errOther},
		"an empty stretch":     {func(c *evidencetest.Case, p *evidence.Package) { c.Stretches[0] = nil }, evidence.ErrFormat},
		"no records":           {func(c *evidencetest.Case, p *evidence.Package) { c.Stretches[0][0].To = 1 }, evidence.ErrFormat},
		"the init record":      {func(c *evidencetest.Case, p *evidence.Package) { c.Stretches[0][0].From = 0 }, evidence.ErrFormat},
		"two cameras":          {func(c *evidencetest.Case, p *evidence.Package) { c.Stretches[0][1].Camera = "gate" }, evidence.ErrFormat},
		"its own name":         {func(c *evidencetest.Case, p *evidence.Package) { p.Enclosed[0].Path = "manifest.json" }, nil},
		"a system's name":      {func(c *evidencetest.Case, p *evidence.Package) { p.Enclosed[0].Path = "branje/desktop.ini" }, nil},
		"a name twice":         {func(c *evidencetest.Case, p *evidence.Package) { p.Enclosed = append(p.Enclosed, p.Enclosed[0]) }, nil},
		"two names in one": {func(c *evidencetest.Case, p *evidence.Package) {
			p.Enclosed = append(p.Enclosed, evidencetest.Text("1_preberi.HTML", evidence.KindReading, "x"))
		}, evidence.ErrFormat},
		"a key that is not in use": {func(c *evidencetest.Case, p *evidence.Package) {
			p.Key = evidencetest.NewDiary(c.T, "other", evidencetest.Dawn).Key
		}, nil},
		"a disclosure that fails": {func(c *evidencetest.Case, p *evidence.Package) {
			p.Disclose = func(context.Context, []byte) (evidence.Disclosed, error) { return evidence.Disclosed{}, errOther }
		}, errOther},
		"a record that is another": {func(c *evidencetest.Case, p *evidence.Package) {
			s := c.Segments[0][0]
			s.Plain[1] = slices.Clone(s.Plain[1])
			s.Plain[1][len(s.Plain[1])-1] ^= 1
		}, evidence.ErrFormat},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			c := evidencetest.Tiny(t, "a")
			p := c.Package()
			tt.change(c, &p)
			m := evidencetest.Memory{}
			_, err := evidence.Write(t.Context(), m, p)
			if _, whole := m["SHA256SUMS.txt"]; err == nil || tt.want != nil && !errors.Is(err, tt.want) || whole {
				t.Errorf("%v, want %v", err, tt.want)
			}
		})
	}
}

// A context that is done ends writing and verifying.
func TestCancelled(t *testing.T) {
	t.Parallel()
	c := evidencetest.Tiny(t, "a")
	pkg, _ := c.Written(t)
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := evidence.Write(ctx, evidencetest.Memory{}, c.Package()); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if _, err := evidence.Verify(ctx, pkg, c.Knowing()); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

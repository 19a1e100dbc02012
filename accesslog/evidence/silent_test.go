package evidence_test

import (
	"bytes"
	"slices"
	"testing"

	"varuh/accesslog/diary/proof"
	"varuh/accesslog/evidence"
	"varuh/accesslog/evidence/evidencetest"
	"varuh/testdata/clips"
)

// silent is a case of a camera whose sound stays behind.
func silent(t testing.TB) *evidencetest.Case {
	t.Helper()
	segments := evidencetest.Segments(t, evidencetest.Load(t, 1, clips.OpusSound), "hall", "main", evidencetest.Dawn, 3)
	for _, s := range segments {
		s.Silent = true
	}
	return evidencetest.NewCase(t, "a", true, segments)
}

// Sound that stays behind is in no file, and the clip of the pictures goes on without it. That it was recorded is proven.
func TestSilent(t *testing.T) {
	t.Parallel()
	c := silent(t)
	pkg, m := c.Written(t)
	r := verified(t, pkg, c.Knowing())
	if !r.Good() || !slices.ContainsFunc(r.Findings, func(f evidence.Finding) bool { return f.Code == evidence.CodeSilent && !f.Bad }) {
		t.Errorf("%+v", r)
	}
	if len(m.Clips) != 1 || m.Clips[0].Silent == 0 || len(m.Clips[0].Tracks) != 1 || m.Clips[0].Tracks[0].Sound {
		t.Fatalf("clips %+v", m.Clips)
	}
	sounds := int64(0)
	for _, s := range c.Segments[0] {
		for n := 1; n < len(s.Plain); n++ {
			x, err := s.Read(n, nil)
			must(t, err)
			if x.Withheld == nil {
				continue
			}
			sounds++
			samples := s.Samples(t, n, n+1)
			for name, f := range pkg {
				if bytes.Contains(f.Data, samples[:min(len(samples), 64)]) {
					t.Errorf("%s has sound of record %d", name, n)
				}
			}
		}
	}
	if sounds != m.Clips[0].Silent {
		t.Errorf("%d fragments of sound, told are %d", sounds, m.Clips[0].Silent)
	}
}

// Nobody leaves out pictures by calling them sound, or sound that was not recorded.
func TestSilentLies(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		change func(f *forgery, lines []string)
		code   evidence.Code
	}{
		"another sound": {func(f *forgery, lines []string) {
			i := slices.IndexFunc(lines, func(l string) bool { return bytes.Contains([]byte(l), []byte("withheld")) })
			lines[i] = f.member(lines[i], "withheld", flipped(3))
		}, evidence.CodeFragment},
		"a picture": {func(f *forgery, lines []string) {
			i := slices.IndexFunc(lines, func(l string) bool { return bytes.Contains([]byte(l), []byte("withheld")) })
			picture := slices.IndexFunc(lines, func(l string) bool {
				return !bytes.Contains([]byte(l), []byte("withheld")) && !bytes.Contains([]byte(l), []byte("segment"))
			})
			var digest any
			f.member(lines[i], "withheld", func(v any) any { digest = v; return v })
			lines[picture] = f.member(lines[picture], "withheld", func(any) any { return digest })
		}, evidence.CodeSidecar},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := silent(t)
			pkg, _ := c.Written(t)
			f := forge(t, c, pkg)
			f.lines(side1, func(l []string) []string { tt.change(f, l); return l })
			f.all()
			r := verified(t, f.files, c.Knowing())
			if !r.Bad() || r.Exported.State == proof.Yes || !slices.ContainsFunc(r.Findings, func(x evidence.Finding) bool { return x.Bad && x.Code == tt.code && x.File == side1 }) {
				t.Errorf("%+v", r)
			}
		})
	}
}

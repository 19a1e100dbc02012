package accesslog_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"varuh/accesslog"
	"varuh/accesslog/diary/proof"
	"varuh/accesslog/evidence"
	"varuh/accesslog/evidence/evidencetest"
	"varuh/accesslog/packing"
	"varuh/testdata/clips"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// What the door gives makes a package that verifies with all three verdicts, where a witness had seen the footage before the
// request came; else it says that there was none. The frames in it are those that were recorded.
func TestPackage(t *testing.T) {
	t.Parallel()
	film := evidencetest.Load(t, 3, clips.YardSub) // a minute
	for name, tt := range map[string]struct {
		before, after bool // a witness sees the diary before the request, and after it
		rotated       bool // the diary gets another signing key after the witness saw it
		unchanged     proof.State
		says          string
	}{
		"seen before the request": {true, false, false, proof.Yes, "before the request"},
		"seen again":              {true, true, false, proof.Yes, "before the request"},
		"by another key since":    {true, true, true, proof.Yes, "before the request"},
		"seen after it":           {false, true, false, proof.Unknown, "no outside witness before the request, the first came later"},
		"never seen":              {false, false, false, proof.Unknown, "no outside witness before the request"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := accesslog.NewRig(t)
			start := accesslog.Noon.Add(-time.Hour)
			r.Film(film, "hall", "main", start, 15*time.Second)
			r.Collect("hall", start.Add(time.Minute))
			var o evidence.Options
			if tt.before {
				o.Keys = []proof.Key{r.Witness()}
			}
			if r.Hour(); tt.rotated {
				_, err := r.Diary().RotateSigningKey(t.Context(), proof.Body{}, "yearly")
				must(t, err)
			}
			asked := evidence.Range{Camera: "hall", From: start.Add(11 * time.Second), To: start.Add(41 * time.Second)}
			r.Request(asked)
			if tt.after {
				o.Keys = []proof.Key{r.Witness()}
			}
			m := evidencetest.Memory{}
			var proven packing.Proof
			manifest := r.Written(m, r.Export(asked), func(disclose int64, manifest []byte) (evidence.Disclosed, error) {
				var err error
				proven, err = packing.Prove(t.Context(), r.Diary(), disclose, manifest)
				return proven.Disclosed, err
			})
			key, err := r.Diary().SigningKey(t.Context())
			must(t, err)
			o.Fingerprints = []string{key.Fingerprint()}
			report, err := evidence.Verify(t.Context(), m.FS(), o)
			must(t, err)
			if report.Unchanged.State != tt.unchanged || report.Exported.State != proof.Yes || report.Disclosed.State != proof.Yes || report.Bad() || report.Good() != (tt.unchanged == proof.Yes) {
				t.Errorf("unchanged %+v\nexported %+v\ndisclosed %+v\nfindings %+v", report.Unchanged, report.Exported, report.Disclosed, report.Findings)
			}
			since, _ := time.Parse(time.RFC3339, report.Since)
			if !strings.Contains(report.Unchanged.EN, tt.says) || proven.Before != tt.before || !proven.Since.Equal(since) {
				t.Errorf("%s; since %s; proven is %+v", report.Unchanged.EN, report.Since, proven.Outside)
			}
			if past := len(proven.Diary.Past); past > 1 || past == 0 && (tt.before || tt.after) {
				t.Errorf("%d checkpoints, and the first that somebody saw is enough", past)
			}
			ops := map[string]int{}
			for _, e := range proven.Entries {
				l, err := proof.ParseLeaf(e.Leaf)
				must(t, err)
				ops[l.Op]++
			}
			if fmt.Sprint(ops) != "map[collect:1 disclose:1 export:1 request.approve:1 request.receive:1]" {
				t.Errorf("proven are %v", ops)
			}
			if len(manifest.Clips) != 1 || len(manifest.Segments) != 4-1 || manifest.Clips[0].From.After(asked.From) || manifest.Clips[0].To.Before(asked.To) {
				t.Errorf("clips %+v of %d segments", manifest.Clips, len(manifest.Segments))
			}
			sameFrames(t, film, start, manifest, m)
		})
	}
}

// Footage of before the clock was set, with restricted and damaged footage beside it: all that was asked for is told, and verifies.
func TestPackageTells(t *testing.T) {
	t.Parallel()
	r := accesslog.NewRig(t)
	start := accesslog.Noon.Add(-2 * time.Hour)
	r.Dated("hall", start, 2*time.Minute)
	r.Tape("yard", start, 5*time.Minute, 4000)
	r.Without("hall", start.Add(30*time.Second), 10*time.Second)
	ranges := []evidence.Range{{Camera: "hall", From: start.Add(10 * time.Second), To: start.Add(time.Minute)}, {Camera: "yard", From: start.Add(time.Minute), To: start.Add(3 * time.Minute)},
		{Camera: "yard", From: start.Add(4 * time.Minute), To: start.Add(5 * time.Minute)}, {Camera: "gate", From: start, To: start.Add(time.Minute)}}
	r.Request(ranges...)
	m := evidencetest.Memory{}
	manifest := r.Written(m, r.Export(ranges...), func(disclose int64, manifest []byte) (evidence.Disclosed, error) {
		p, err := packing.Prove(t.Context(), r.Diary(), disclose, manifest)
		return p.Disclosed, err
	})
	key, err := r.Diary().SigningKey(t.Context())
	must(t, err)
	report, err := evidence.Verify(t.Context(), m.FS(), evidence.Options{Fingerprints: []string{key.Fingerprint()}})
	must(t, err)
	clock := 0
	for _, f := range report.Findings {
		if f.Bad || f.Unsettled() {
			t.Errorf("%+v", f)
		}
		if f.Code == evidence.CodeClock {
			clock++
		}
	}
	if report.Exported.State != proof.Yes || report.Disclosed.State != proof.Yes || clock != 2 || len(manifest.Clips) != 4 {
		t.Errorf("%d clips, of which %d are to be corrected: %+v", len(manifest.Clips), clock, report)
	}
	var causes []string
	for _, g := range manifest.Gaps {
		causes = append(causes, g.Camera+" "+g.Cause+" "+g.To.Sub(g.From).String())
	}
	if fmt.Sprint(causes) != "[gate untold 1m0s hall restricted 10s]" {
		t.Errorf("gaps %q", causes)
	}
}

// Sound is in a package where it was asked for and a notice allowed it. Of the rest what proves it goes along, the clip of the
// pictures is whole, and all verifies.
func TestPackageSound(t *testing.T) {
	t.Parallel()
	film := evidencetest.Load(t, 5, clips.OpusSound) // 20 s
	start := accesslog.Noon.Add(-time.Hour)
	all := evidence.Range{Camera: "hall", From: start, To: start.Add(film.Length)}
	for name, tt := range map[string]struct {
		until time.Duration // from the start on, that the sign allowed sound
		asked bool
		want  []bool // of the clips, whether they have sound
	}{
		"allowed and asked for":     {time.Hour, true, []bool{true}},
		"allowed and not asked for": {time.Hour, false, []bool{false}},
		"never allowed":             {0, true, []bool{false}},
		"allowed for a while":       {10 * time.Second, true, []bool{true}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := accesslog.NewRig(t)
			r.Film(film, "hall", "main", start, 7*time.Second)
			r.Loud(start.Add(tt.until))
			r.Request(all)
			take := r.Export
			if tt.asked {
				take = r.ExportLoud
			}
			m := evidencetest.Memory{}
			manifest := r.Written(m, take(all), func(disclose int64, manifest []byte) (evidence.Disclosed, error) {
				p, err := packing.Prove(t.Context(), r.Diary(), disclose, manifest)
				return p.Disclosed, err
			})
			key, err := r.Diary().SigningKey(t.Context())
			must(t, err)
			report, err := evidence.Verify(t.Context(), m.FS(), evidence.Options{Fingerprints: []string{key.Fingerprint()}})
			must(t, err)
			if report.Bad() || report.Exported.State != proof.Yes || report.Disclosed.State != proof.Yes {
				t.Errorf("%+v", report)
			}
			if len(manifest.Clips) != len(tt.want) {
				t.Fatalf("clips %+v", manifest.Clips)
			}
			for n, c := range manifest.Clips {
				heard, quiet := len(c.Tracks) == 2, c.Silent > 0
				if heard != tt.want[n] || quiet == (tt.until == time.Hour && tt.asked) || !c.Decodable {
					t.Errorf("clip %+v, sound wanted: %v", c, tt.want[n])
				}
			}
		})
	}
}

// sameFrames wants the frames of the only clip to be those of the film that it is from, as ffmpeg decodes both.
func sameFrames(t *testing.T, film evidencetest.Film, start time.Time, m evidence.Manifest, pkg evidencetest.Memory) {
	t.Helper()
	if _, err := exec.LookPath("ffmpeg"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("ffmpeg is missing: apt-get install ffmpeg")
		}
		t.Skip("ffmpeg is missing: apt-get install ffmpeg")
	}
	init, list := film.Cut(t, start)
	var recorded bytes.Buffer
	recorded.Write(init)
	for _, f := range list {
		if !f.Start.Before(m.Clips[0].From) && f.Start.Before(m.Clips[0].To) {
			recorded.Write(f.Data)
		}
	}
	dir := t.TempDir()
	one, other := filepath.Join(dir, "recorded.mp4"), filepath.Join(dir, "clip.mp4")
	must(t, os.WriteFile(one, recorded.Bytes(), 0o600))
	must(t, os.WriteFile(other, pkg[m.Clips[0].Path].Bytes(), 0o600))
	if want, got := frames(t, one), frames(t, other); len(want) < 300 || fmt.Sprint(want) != fmt.Sprint(got) {
		t.Errorf("%d frames, want %d as recorded", len(got), len(want))
	}
}

// frames are the MD5s of the frames of a file.
func frames(t *testing.T, file string) (list []string) {
	t.Helper()
	out, err := exec.Command("ffmpeg", "-nostdin", "-v", "error", "-i", file, "-map", "0:v", "-fps_mode", "passthrough", "-f", "framemd5", "-").Output()
	must(t, err)
	for line := range strings.Lines(string(out)) {
		if f := strings.Split(strings.TrimSpace(line), ","); !strings.HasPrefix(line, "#") {
			list = append(list, strings.TrimSpace(f[len(f)-1]))
		}
	}
	return list
}

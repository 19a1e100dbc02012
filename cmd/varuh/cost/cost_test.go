package cost

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"varuh/recorder/rtsp/rtsptest/fleet"
)

// pacings are always quoted together: the first is what cameras do, the second the kindest they could do.
var pacings = []fleet.Pacing{fleet.Link, fleet.Frame}

func BenchmarkRecordingCost(b *testing.B) {
	needTools(b)
	s, err := loadSettings()
	if err == nil {
		err = s.prepare()
	}
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		// Not by b.Log, which cuts a table off.
		text, rounds, err := compare(s, func(progress string) { fmt.Fprintln(os.Stderr, progress) })
		if err != nil {
			b.Fatal(err)
		}
		fmt.Fprintln(os.Stderr, "\n"+text)
		for _, pacing := range pacings {
			r := rounds[pacing]
			b.ReportMetric(cpuRatio(r), "cpu-ratio-"+string(pacing))
			b.ReportMetric(varuhs(r, result.share), "cpu-percent-"+string(pacing))
			b.ReportMetric(varuhs(r, result.mib), "pss-MiB-"+string(pacing))
		}
	}
}

// needTools skips on a bare machine, but never in CI.
func needTools(b *testing.B) {
	b.Helper()
	if _, err := exec.LookPath("ffmpeg"); err != nil {
		if os.Getenv("CI") != "" {
			b.Fatal("ffmpeg is missing: apt-get install ffmpeg")
		}
		b.Skip("ffmpeg is missing: apt-get install ffmpeg")
	}
}

// compare runs all rounds.
func compare(s settings, progress func(string)) (text string, rounds map[fleet.Pacing][]round, err error) {
	lock, err := s.claim()
	if err != nil {
		return "", nil, err
	}
	defer lock.Close()
	clip, err := makeClip(s)
	if err != nil {
		return "", nil, err
	}
	work, err := os.MkdirTemp(s.dir, "work-")
	if err != nil {
		return "", nil, err
	}
	defer os.RemoveAll(work)
	varuh, err := buildVaruh(work, s.profiles != "")
	if err != nil {
		return "", nil, err
	}
	sources := map[fleet.Pacing]*source{}
	defer func() {
		for _, source := range sources {
			err = errors.Join(err, source.close())
		}
	}()
	for _, pacing := range pacings {
		source, err := startSource(clip, pacing, work)
		if err != nil {
			return "", nil, err
		}
		sources[pacing] = source
	}
	rounds = map[fleet.Pacing][]round{}
	for n := range s.rounds {
		for _, pacing := range pacings {
			r, err := both(s, sources[pacing], varuh)
			if err != nil {
				return "", nil, fmt.Errorf("round %d, pacing %s: %w", n+1, pacing, err)
			}
			rounds[pacing] = append(rounds[pacing], r)
			progress(fmt.Sprintf("round %d, %s: CPU per stream ffmpeg %.3f %%, varuh %.3f %%", n+1, pacing, r.ffmpeg.share(), r.varuh.share()))
		}
	}
	return report(s, sources[fleet.Link].bitrate, rounds), rounds, nil
}

// both is one round at one source. A profile is that of the last round.
func both(s settings, source *source, varuh *varuh) (r round, err error) {
	if r.ffmpeg, err = (trial{settings: s, source: source, recorder: ffmpeg}).run(); err != nil {
		return r, fmt.Errorf("ffmpeg: %w", err)
	}
	var profile string
	if s.profiles != "" {
		profile = filepath.Join(s.profiles, "varuh-"+string(source.pacing))
		for _, name := range profileFiles(profile) {
			if err := os.Remove(name); err != nil && !errors.Is(err, os.ErrNotExist) {
				return r, err
			}
		}
	}
	if r.varuh, err = (trial{settings: s, source: source, recorder: varuh.recorder(profile), profile: profile}).run(); err != nil {
		return r, fmt.Errorf("varuh: %w", err)
	}
	return r, nil
}

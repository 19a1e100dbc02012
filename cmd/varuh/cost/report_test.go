package cost

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"varuh/recorder/rtsp/rtsptest/fleet"
)

// result is what one recorder took in one window.
type result struct {
	seconds, streams float64
	received         float64 // bytes, sent by the source
	cpu              float64 // s of a core
	pss              float64 // bytes
	written          float64 // bytes, by the process
	disk             float64 // bytes, by the disk; negative if unknown
	wakeups          float64
	sourceCPU        float64 // s of a core
	late             float64 // share of the source's writes begun more than 5 ms late
}

func (t trial) result(begin, end snapshot) result {
	r := result{
		seconds: end.at.Sub(begin.at).Seconds(), streams: float64(t.streams),
		cpu:       (end.recorder.cpu - begin.recorder.cpu).Seconds(),
		pss:       float64(end.recorder.pss),
		written:   float64(end.recorder.written - begin.recorder.written),
		disk:      -1,
		wakeups:   float64(end.recorder.wakeups - begin.recorder.wakeups),
		sourceCPU: (end.sourceBy.cpu - begin.sourceBy.cpu).Seconds(),
		late:      float64(end.source.Late-begin.source.Late) / float64(max(1, end.source.Steps-begin.source.Steps)),
	}
	for camera, sent := range end.source.Sent {
		r.received += float64(sent - begin.source.Sent[camera])
	}
	if begin.onDisk && end.onDisk {
		r.disk = float64(end.disk - begin.disk)
	}
	return r
}

// share is CPU per stream in percent of a core.
func (r result) share() float64 { return 100 * r.cpu / r.seconds / r.streams }

// round is the two recorders side by side.
type round struct{ ffmpeg, varuh result }

// ratio is varuh's CPU over ffmpeg's.
func (r round) ratio() float64 { return r.varuh.share() / r.ffmpeg.share() }

// targets are what the README promises for 32 streams of 4 Mbit/s.
var targets = []struct {
	pacing fleet.Pacing
	what   string
	of     func([]round) float64
	most   float64
}{
	{fleet.Link, "CPU of varuh over ffmpeg's", cpuRatio, 0.35},
	{fleet.Link, "PSS of varuh, MiB", func(r []round) float64 { return varuhs(r, result.mib) }, 64},
	{fleet.Frame, "CPU of varuh over ffmpeg's", cpuRatio, 0.7},
	{fleet.Frame, "PSS of varuh, MiB", func(r []round) float64 { return varuhs(r, result.mib) }, 64},
}

func (r result) mib() float64        { return r.pss / (1 << 20) }
func (r result) wakeRate() float64   { return r.wakeups / r.seconds / r.streams }
func (r result) perByte() float64    { return r.written / r.received }
func (r result) diskByte() float64   { return r.disk / r.received }
func (r result) sourceLoad() float64 { return 100 * r.sourceCPU / r.seconds }
func (r result) lateShare() float64  { return 100 * r.late }

func cpuRatio(rounds []round) float64 { return median(rounds, round.ratio) }

func varuhs(rounds []round, of func(result) float64) float64 {
	return median(rounds, func(r round) float64 { return of(r.varuh) })
}

func ffmpegs(rounds []round, of func(result) float64) float64 {
	return median(rounds, func(r round) float64 { return of(r.ffmpeg) })
}

func median[T any](all []T, of func(T) float64) float64 {
	v := sorted(all, of)
	return (v[(len(v)-1)/2] + v[len(v)/2]) / 2
}

func sorted[T any](all []T, of func(T) float64) []float64 {
	var v []float64
	for _, one := range all {
		v = append(v, of(one))
	}
	slices.SortFunc(v, cmp.Compare[float64])
	return v
}

// report is the table and the targets.
func report(s settings, bitrate float64, rounds map[fleet.Pacing][]round) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d streams of %.2f Mbit/s, %d rounds of %v for each pacing and recorder, medians\n\n", s.streams, bitrate/1e6, s.rounds, s.window)
	table := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "pacing\trecorder\tCPU/stream\tPSS\twritten\tdisk wrote\twake-ups/s\tsource's\tsource\t")
	fmt.Fprintln(table, "\t\t% of a core\tMiB\tper byte\tper byte\tper stream\tCPU %\tlate %\t")
	for _, pacing := range pacings {
		line := func(name string, of func([]round, func(result) float64) float64) {
			r := rounds[pacing]
			disk := fmt.Sprintf("%.3f", of(r, result.diskByte))
			if of(r, result.diskByte) < 0 {
				disk = "?"
			}
			fmt.Fprintf(table, "%s\t%s\t%.3f\t%.1f\t%.3f\t%s\t%.0f\t%.1f\t%.2f\t\n", pacing, name, of(r, result.share), of(r, result.mib),
				of(r, result.perByte), disk, of(r, result.wakeRate), of(r, result.sourceLoad), of(r, result.lateShare))
		}
		line("ffmpeg -c copy", ffmpegs)
		line("varuh", varuhs)
	}
	table.Flush()
	b.WriteString("\n")
	for _, t := range targets {
		value, verdict := t.of(rounds[t.pacing]), "met"
		switch {
		case s.streams != 32:
			verdict = "not judged, since it is stated for 32 streams"
		case value > t.most:
			verdict = "NOT MET"
		}
		fmt.Fprintf(&b, "%-5s  %s: %.3g, target at most %g: %s\n", t.pacing, t.what, value, t.most, verdict)
	}
	for _, pacing := range pacings {
		fmt.Fprintf(&b, "%-5s  CPU ratio of each round, sorted: %.3f\n", pacing, sorted(rounds[pacing], round.ratio))
	}
	if late := latest(rounds); late > 5 {
		fmt.Fprintf(&b, "The machine was busy with something else: up to %.0f %% of what the source sent left late and so in bunches, kinder than a camera's link.\n", late)
	}
	return b.String()
}

// latest is the largest share of late writes in any window, in percent.
func latest(rounds map[fleet.Pacing][]round) (most float64) {
	for _, all := range rounds {
		for _, r := range all {
			most = max(most, r.ffmpeg.lateShare(), r.varuh.lateShare())
		}
	}
	return most
}

func TestReportJudgesBothPacings(t *testing.T) {
	t.Parallel()
	make := func(varuhCPU, varuhMiB float64) []round {
		one := func(cpu, mib float64) result {
			return result{seconds: 10, streams: 32, received: 100, cpu: cpu, pss: mib * (1 << 20), written: 99, disk: 101, wakeups: 3200}
		}
		return []round{{one(10, 900), one(varuhCPU, varuhMiB)}, {one(20, 900), one(2*varuhCPU, varuhMiB)}}
	}
	s := settings{streams: 32, rounds: 2, window: 10 * time.Second}
	got := report(s, 4e6, map[fleet.Pacing][]round{fleet.Link: make(3, 65), fleet.Frame: make(8, 60)})
	for _, want := range []string{
		"link   CPU of varuh over ffmpeg's: 0.3, target at most 0.35: met\n",
		"link   PSS of varuh, MiB: 65, target at most 64: NOT MET\n",
		"frame  CPU of varuh over ffmpeg's: 0.8, target at most 0.7: NOT MET\n",
		"frame  PSS of varuh, MiB: 60, target at most 64: met\n",
		"0.990       1.010",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the report lacks %q:\n%s", want, got)
		}
	}
	if s.streams = 2; !strings.Contains(report(s, 4e6, map[fleet.Pacing][]round{fleet.Link: make(1, 1), fleet.Frame: make(1, 1)}), "not judged") {
		t.Error("two streams are judged like 32")
	}
}

func TestMedian(t *testing.T) {
	t.Parallel()
	id := func(f float64) float64 { return f }
	if got := median([]float64{3, 1, 2}, id); got != 2 {
		t.Errorf("median of three is %v", got)
	}
	if got := median([]float64{4, 1, 2, 3}, id); got != 2.5 {
		t.Errorf("median of four is %v", got)
	}
}

package cost

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"varuh/recorder/rtsp/rtsptest/fleet"
)

// snapshot is all that is counted at one end of a window.
type snapshot struct {
	at       time.Time
	disk     int64
	onDisk   bool // disk is known
	source   fleet.Counters
	sourceBy usage
	recorder usage
	files    map[string]int64 // size, by camera
}

// trial is one recorder at one source.
type trial struct {
	settings
	source   *source
	recorder recorder
	profile  string // asks varuh for a profile of the window
}

// run records for the length of a window in a new folder, which it removes, and returns what that took.
func (t trial) run() (result, error) {
	dir, err := os.MkdirTemp(t.dir, "run-")
	if err != nil {
		return result{}, err
	}
	defer os.RemoveAll(dir)
	recording, err := t.recorder.start(t.source, t.cameras(), dir)
	if err != nil {
		return result{}, errors.Join(err, recording.kill())
	}
	result, err := t.measure(recording)
	if err != nil {
		return result, errors.Join(err, recording.kill())
	}
	return result, errors.Join(recording.finish(), t.source.awaitIdle())
}

func (t trial) measure(r *recording) (result, error) {
	if err := t.source.awaitPlaying(t.streams, r.processes); err != nil {
		return result{}, err
	}
	<-time.After(t.warmup)
	if err := t.signalProfile(r); err != nil {
		return result{}, err
	}
	begin, err := t.snapshot(r, true)
	if err != nil {
		return result{}, err
	}
	<-time.After(t.window)
	end, err := t.snapshot(r, false)
	if err != nil {
		return result{}, err
	}
	if err := errors.Join(t.signalProfile(r), t.awaitProfile()); err != nil {
		return result{}, err
	}
	if err := t.whole(begin, end); err != nil {
		return result{}, fmt.Errorf("%w; the first process said:\n%s", err, r.processes[0].said())
	}
	return t.result(begin, end), nil
}

// snapshot counts. What it costs itself must fall outside the window: the sync comes before all else
// at its beginning and after all else at its end.
func (t trial) snapshot(r *recording, beginning bool) (s snapshot, err error) {
	disk := func() {
		if err == nil {
			s.disk, s.onDisk, err = diskWritten(t.dir)
		}
	}
	if beginning {
		disk()
	}
	if err == nil {
		s.at = time.Now()
		s.recorder, err = usageOf(r.processes)
	}
	if err == nil {
		s.source, err = t.source.counters()
	}
	if err == nil {
		s.sourceBy, err = usageOf([]*process{t.source.process})
	}
	s.files = map[string]int64{}
	for _, camera := range t.cameras() {
		if err == nil {
			s.files[camera], err = size(filepath.Join(r.footage, camera))
		}
	}
	if !beginning {
		disk()
	}
	return s, err
}

// whole makes sure that every camera's footage grew by what the camera sent. RTP and its frames on
// the connection are 1.2 % of that; at either end of the window a recorder may hold 1.5 s back.
func (t trial) whole(begin, end snapshot) error {
	if end.source.Cut > begin.source.Cut || end.source.Playing != t.streams {
		return fmt.Errorf("of %d cameras %d still play, %d connections were cut off for being 8 MiB behind",
			t.streams, end.source.Playing, end.source.Cut-begin.source.Cut)
	}
	var all error
	slack := int64(1.5 * t.source.bitrate / 8)
	for _, camera := range t.cameras() {
		sent := end.source.Sent[camera] - begin.source.Sent[camera]
		grown := end.files[camera] - begin.files[camera]
		if grown < sent*95/100-slack || end.files[camera] == 0 {
			all = errors.Join(all, fmt.Errorf("%s was not recorded whole: it sent %d bytes, its footage grew by %d", camera, sent, grown))
		}
	}
	return all
}

// signalProfile begins or ends the profile, if one is wanted.
func (t trial) signalProfile(r *recording) error {
	if t.profile == "" {
		return nil
	}
	return r.processes[0].cmd.Process.Signal(syscall.SIGUSR1)
}

// profileFiles are what testdata/profile.go writes, the last one last.
func profileFiles(profile string) []string {
	return []string{profile + "-cpu.pprof", profile + "-heap.pprof"}
}

// awaitProfile waits until the profiles are written.
func (t trial) awaitProfile() error {
	if t.profile == "" {
		return nil
	}
	files := profileFiles(t.profile)
	deadline := time.After(10 * time.Second)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		if _, err := os.Stat(files[len(files)-1]); err == nil {
			return nil
		}
		select {
		case <-tick.C:
		case <-deadline:
			return fmt.Errorf("varuh wrote no profile to %s", t.profile)
		}
	}
}

func TestWholeNeedsEveryCamera(t *testing.T) {
	t.Parallel()
	const second = 500_000 // bytes
	tr := trial{settings: settings{streams: 2}, source: &source{bitrate: 8 * second}}
	begin := snapshot{source: fleet.Counters{Playing: 2, Sent: map[string]int64{}}, files: map[string]int64{"cam00": 100, "cam01": 100}}
	end := func(playing int, cut int64, grown ...int64) snapshot {
		return snapshot{
			source: fleet.Counters{Playing: playing, Cut: cut, Sent: map[string]int64{"cam00": 20 * second, "cam01": 20 * second}},
			files:  map[string]int64{"cam00": 100 + grown[0], "cam01": 100 + grown[1]},
		}
	}
	if err := tr.whole(begin, end(2, 0, 20*second, 18*second)); err != nil {
		t.Errorf("footage that is 1 s behind: %v", err)
	}
	for what, s := range map[string]snapshot{
		"a stream without footage":  end(2, 0, 20*second, 0),
		"a stream with half of it":  end(2, 0, 10*second, 20*second),
		"a stream that ended":       end(1, 0, 20*second, 20*second),
		"a connection that was cut": end(2, 1, 20*second, 20*second),
	} {
		if tr.whole(begin, s) == nil {
			t.Errorf("%s passes as recorded whole", what)
		}
	}
}

package cost

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// recording is a recorder at work.
type recording struct {
	processes []*process
	footage   string       // has one folder for each camera
	finish    func() error // ends the processes and tells whether they recorded as they should
}

// kill is for a recording that failed.
func (r *recording) kill() error {
	var all error
	for _, p := range r.processes {
		all = errors.Join(all, p.kill())
	}
	return all
}

// recorder begins to record cameras into an empty folder.
type recorder struct {
	name  string
	start func(s *source, cameras []string, dir string) (*recording, error)
}

// ffmpeg is what many use in place of a recorder: one process a camera, files of 10 minutes as
// varuh makes them, in plain MP4.
var ffmpeg = recorder{"ffmpeg", func(s *source, cameras []string, dir string) (*recording, error) {
	r := &recording{footage: dir}
	for _, camera := range cameras {
		folder := filepath.Join(dir, camera)
		if err := os.Mkdir(folder, 0o700); err != nil {
			return r, err
		}
		p, err := start(exec.Command("ffmpeg", "-nostdin", "-loglevel", "error", "-rtsp_transport", "tcp", "-i", s.url(camera),
			"-c", "copy", "-map", "0", "-f", "segment", "-segment_time", "600", "-reset_timestamps", "1",
			"-strftime", "1", filepath.Join(folder, "%Y%m%d-%H%M%S.mp4")), filepath.Join(dir, camera+".log"))
		if err != nil {
			return r, err
		}
		r.processes = append(r.processes, p)
	}
	r.finish = func() error {
		var all error
		for _, p := range r.processes {
			err := p.stop()
			var exit *exec.ExitError
			if errors.As(err, &exit) && exit.Exited() {
				err = nil // it ends with 255 when asked to end
			}
			all = errors.Join(all, err)
		}
		return all
	}
	return r, nil
}}

// varuh is the daemon, as built by go build, with a profiler built in if one is wanted.
type varuh struct{ binary string }

func buildVaruh(dir string, profiled bool) (*varuh, error) {
	root, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	v := &varuh{binary: filepath.Join(dir, "varuh")}
	args := []string{"build", "-o", v.binary}
	if profiled {
		added := filepath.Join(strings.TrimSpace(string(root)), "cmd", "varuh", "profile.go")
		from, err := filepath.Abs(filepath.Join("testdata", "profile.go"))
		if err != nil {
			return nil, err
		}
		overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{added: from}})
		if err != nil {
			return nil, err
		}
		name := filepath.Join(dir, "overlay.json")
		if err := os.WriteFile(name, overlay, 0o600); err != nil {
			return nil, err
		}
		args = append(args, "-overlay", name)
	}
	if out, err := exec.Command("go", append(args, "varuh/cmd/varuh")...).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("go build: %w: %s", err, out)
	}
	return v, nil
}

// recorder is varuh serve on a state folder and a store of its own, as varuh init makes them.
// profile, if not empty, is where the window's CPU profile goes.
func (v *varuh) recorder(profile string) recorder {
	return recorder{"varuh", func(s *source, cameras []string, dir string) (*recording, error) {
		r := &recording{footage: filepath.Join(dir, "store")}
		if err := v.init(s, cameras, dir); err != nil {
			return r, err
		}
		cmd := exec.Command(v.binary, "serve", "--dir", dir)
		cmd.Env = append(os.Environ(), "VARUH_COST_PROFILE="+profile)
		p, err := start(cmd, filepath.Join(dir, "varuh.log"))
		if err != nil {
			return r, err
		}
		r.processes = []*process{p}
		r.finish = func() error {
			if err := p.stop(); err != nil {
				return fmt.Errorf("varuh serve: %w; it said:\n%s", err, p.said())
			}
			return v.run("footage", "check", "--dir", dir)
		}
		return r, nil
	}}
}

// init makes the state folder, with keys, and configures the cameras.
func (v *varuh) init(s *source, cameras []string, dir string) error {
	if err := v.run("init", "--dir", dir, "--yes-i-wrote-it-down"); err != nil {
		return err
	}
	files := map[string]string{"varuh.yml": "state: .\nstore: [store]\nmetrics: off\n"}
	for _, camera := range cameras {
		files["cameras.d/"+camera+".yml"] = fmt.Sprintf("id: %s\nname: %s\nlocation: measured\nmain: %s\n", camera, camera, s.url(camera))
	}
	for name, text := range files {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			return err
		}
	}
	return nil
}

func (v *varuh) run(args ...string) error {
	if out, err := exec.Command(v.binary, args...).CombinedOutput(); err != nil {
		return fmt.Errorf("varuh %s: %w; it said:\n%s", strings.Join(args, " "), err, out)
	}
	return nil
}

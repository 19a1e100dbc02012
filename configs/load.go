package configs

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// File is the name of the main file, and CameraDir that of the folder beside it with the cameras.
const (
	File      = "varuh.yml"
	CameraDir = "cameras.d"
)

// Load reads and checks the configuration in a folder. Mistakes in it are returned as [Problems].
// It reads the cameras' passwords, so it must run as the user who records.
func Load(dir string) (*Config, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	c := DefaultConfig()
	c.Dir = dir
	name := filepath.Join(dir, File)
	data, err := read(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no %s; name its folder with --dir, or make one with \"varuh init\"", name)
	} else if errors.Is(err, syscall.ENOTDIR) {
		return nil, fmt.Errorf("%s is no folder; want the folder that has %s in it", dir, File)
	} else if err != nil {
		return nil, err
	}
	main := decode(name, data, &c)
	if len(main.problems) == 0 {
		c.check(main)
	}
	problems := main.problems
	more, err := c.loadCameras()
	if err != nil {
		return nil, err
	}
	if problems = append(problems, more...); len(problems) > 0 {
		return nil, problems.sorted()
	}
	return &c, nil
}

// loadCameras reads cameras.d. A folder that does not exist holds no camera.
func (c *Config) loadCameras() (Problems, error) {
	dir := filepath.Join(c.Dir, CameraDir)
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	var problems Problems
	for _, e := range entries {
		name := filepath.Join(dir, e.Name())
		switch ext := filepath.Ext(name); {
		case strings.HasPrefix(e.Name(), "."):
		case ext == ".yaml":
			problems = append(problems, Problem{File: name, What: "is not read, since it does not end in .yml; rename it (to end in .off if its camera shall not be recorded)"})
		case ext == ".yml":
			problems = append(problems, c.loadCamera(name)...)
		}
	}
	return append(problems, c.duplicates()...), nil
}

func (c *Config) loadCamera(name string) Problems {
	data, err := read(name)
	if err != nil {
		return Problems{{File: name, What: "cannot be read: " + cause(err)}}
	}
	cam := Camera{File: name, Transport: "auto"}
	d := decode(name, data, &cam)
	if len(d.problems) == 0 {
		cam.check(d)
	}
	if len(d.problems) == 0 {
		c.password(&cam, d)
	}
	if cam.ID != "" {
		c.Cameras = append(c.Cameras, cam)
	}
	return d.problems
}

// duplicates finds cameras that share an id or a stream.
func (c *Config) duplicates() Problems {
	var problems Problems
	ids, streams := map[string]*Camera{}, map[string]*Camera{}
	for i := range c.Cameras {
		cam := &c.Cameras[i]
		if first := ids[cam.ID]; first != nil {
			problems = append(problems, Problem{File: cam.File, Line: cam.line, Column: 1,
				What: fmt.Sprintf("id %q is taken by %s:%d; every camera needs an id of its own", cam.ID, first.File, first.line)})
			continue
		}
		ids[cam.ID] = cam
		if cam.Main.IsZero() {
			continue
		}
		if first := streams[cam.MainURL()]; first != nil {
			problems = append(problems, Problem{File: cam.File, Line: cam.line, Column: 1,
				What: fmt.Sprintf("main is the stream that camera %q (%s) records already; one of the two is not needed", first.ID, first.File)})
			continue
		}
		streams[cam.MainURL()] = cam
	}
	return problems
}

// password reads the password of a camera from where its file says. What is wrong is said without the
// name that stands there: it may be the password itself, by mistake.
func (c *Config) password(cam *Camera, d *document) {
	var name, key string
	switch {
	case cam.PasswordFile != "":
		name, key = c.within(cam.PasswordFile), "password_file"
	case cam.PasswordCredential != "":
		key = "password_credential"
		dir := os.Getenv("CREDENTIALS_DIRECTORY")
		if dir == "" {
			d.fault(key, "needs a start by systemd with LoadCredential=NAME:PATH in the unit, NAME as it stands here; by hand use password_file")
			return
		}
		name = filepath.Join(dir, cam.PasswordCredential)
	default:
		return
	}
	st, err := os.Stat(name)
	if err == nil && key == "password_file" && st.Mode().Perm()&0o007 != 0 {
		d.fault(key, "names a file that every account of this machine can read or write; run chmod o= with its name")
		return
	}
	data, err := read(name)
	if err != nil {
		d.fault(key, "names a file that cannot be read: %s", cause(err))
		return
	}
	line, _, _ := strings.Cut(string(data), "\n")
	if line = strings.TrimSuffix(line, "\r"); line == "" {
		d.fault(key, "names a file whose first line is empty; write the password there")
		return
	}
	cam.password = NewSecret(line)
}

var errUnfit = fmt.Errorf("want a plain file of at most %d KiB", maxFile>>10)

func read(name string) ([]byte, error) {
	st, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if !st.Mode().IsRegular() || st.Size() > maxFile {
		return nil, &fs.PathError{Op: "read", Path: name, Err: errUnfit}
	}
	return os.ReadFile(name)
}

// cause is an error without the path that the sentence around it names already.
func cause(err error) string {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err.Error()
	}
	return err.Error()
}

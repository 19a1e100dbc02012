package main

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/fsnotify/fsnotify"

	"varuh/accesslog/playback"
	"varuh/configs"
	"varuh/recorder/rtsp/rtsptest"
	"varuh/testdata/clips"
)

// process is the daemon as a process of its own, of an account that is not root's, where the tests are.
type process struct {
	*visitor
	*exec.Cmd
	dirs  []string // that it can write to: state and stores, keys in memory, temporary files, its own folder
	log   *tap
	keys  string
	addrs map[string]string // that it listens on
	user  uint32
	wrote func() []string // what was made in the last two of the folders, and may be gone since
}

// nobodyElse is the account of processes that tests start as root.
const nobodyElse = 65534

// startProcess records a camera for a moment, and then starts the program anew with what there is, with all the
// freedom to write core dumps and temporary files that anybody could give it.
func startProcess(t *testing.T) *process {
	t.Helper()
	server, err := rtsptest.Serve("127.0.0.1:0", []rtsptest.Camera{{Path: "hall", FS: clips.Files, Clip: clips.YardSub.File}}, rtsptest.Options{})
	must(t, err)
	t.Cleanup(func() { server.Close() })
	p := &process{log: newTap(), user: uint32(os.Getuid()), addrs: map[string]string{"https": freeAddr(t), "http": freeAddr(t), "metrics": freeAddr(t)}}
	p.keys, err = memoryFolder("test")
	must(t, err)
	t.Cleanup(func() { must(t, os.RemoveAll(p.keys)) })
	text := strings.NewReplacer("https: off\n", "https: "+p.addrs["https"]+"\n", "http: off\n", "http: "+p.addrs["http"]+"\n").Replace(
		configs.New(configs.Choice{Store: []string{"store"}, KeyFile: p.keys + "/k", Metrics: p.addrs["metrics"]}))
	b := startBoxWith(t, p.keys+"/k", "off", map[string]string{"varuh.yml": text, "cameras.d/hall.yml": camera("hall", server.URL("hall"), "")})
	b.opensToday(t)
	_, err = b.entrance.fragments.Next(t.Context(), "hall", "main", playback.Mark{})
	must(t, err)
	b.end(t)

	own, temp, program := t.TempDir(), t.TempDir(), filepath.Join(t.TempDir(), "varuh")
	p.dirs = []string{b.dir, p.keys, temp, own}
	p.wrote = watchFolders(t, temp, own)
	self, err := os.ReadFile("/proc/self/exe")
	must(t, err)
	must(t, os.WriteFile(program, self, 0o755))
	p.Cmd = exec.Command("sh", "-c", `ulimit -S -c "$(ulimit -H -c)"; exec "$@"`, "sh", program, "serve", "--dir", b.dir)
	p.Dir, p.Stderr, p.Stdout = own, p.log, p.log
	p.Env = []string{"TMPDIR=" + temp, "SQLITE_TMPDIR=" + temp, "GOTRACEBACK=crash", "PATH=" + os.Getenv("PATH"), "TZ=UTC"}
	if p.user == 0 {
		p.user = nobodyElse
		p.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobodyElse, Gid: nobodyElse}}
		for _, dir := range append(p.dirs, filepath.Dir(program)) {
			give(t, dir)
		}
	}
	must(t, p.Start())
	t.Cleanup(func() {
		if p.ProcessState == nil {
			p.Process.Kill()
			p.Wait()
		}
	})
	p.log.await(t, "pages are served")
	p.visitor = visitBy(t, p.addrs["https"], filepath.Join(b.dir, "certificate", "tls-ca.pem"))
	return p
}

// watchFolders tells what is made in folders from now on, however soon it goes again.
func watchFolders(t *testing.T, dirs ...string) func() []string {
	t.Helper()
	w, err := fsnotify.NewWatcher()
	must(t, err)
	t.Cleanup(func() { must(t, w.Close()) })
	for _, dir := range dirs {
		must(t, w.Add(dir))
	}
	return func() (made []string) {
		mark := filepath.Join(dirs[0], "mark") // behind all that was made before
		must(t, os.WriteFile(mark, nil, 0o600))
		must(t, os.Remove(mark))
		for {
			select {
			case e := <-w.Events:
				if e.Name == mark && e.Has(fsnotify.Remove) {
					return made
				}
				if e.Name != mark && e.Has(fsnotify.Create) {
					made = append(made, e.Name)
				}
			case err := <-w.Errors:
				must(t, err)
			}
		}
	}
}

// give gives a folder with all that is in it to the account of the process, and lets that through to it.
func give(t *testing.T, dir string) {
	t.Helper()
	must(t, filepath.WalkDir(dir, func(name string, _ fs.DirEntry, err error) error {
		return errors.Join(err, os.Lchown(name, nobodyElse, nobodyElse))
	}))
	for dir = filepath.Dir(dir); dir != filepath.Clean(os.TempDir()) && dir != "/dev/shm" && dir != "/"; dir = filepath.Dir(dir) {
		must(t, os.Chmod(dir, 0o755))
	}
}

// visitBy logs the head in at a program that trusts the authority in a file.
func visitBy(t *testing.T, address, authority string) *visitor {
	t.Helper()
	text, err := os.ReadFile(authority)
	must(t, err)
	roots := x509.NewCertPool()
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if block.Type == "CERTIFICATE" {
			c, err := x509.ParseCertificate(block.Bytes)
			must(t, err)
			roots.AddCert(c)
		}
	}
	v := &visitor{t: t, base: "https://" + strings.Replace(address, "127.0.0.1", "localhost", 1) + "/api/v1", client: &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	t.Cleanup(v.client.CloseIdleConnections)
	r := v.do(t.Context(), "POST", "/session", map[string]string{"login": "ravnatelj", "password": goodPassword}, &struct{}{})
	v.cookie = r.Cookies()[0]
	return v
}

// fetch gives the body of what is asked for.
func (v *visitor) fetch(method, path string, body any) []byte {
	v.t.Helper()
	r := v.do(v.t.Context(), method, path, body, nil)
	defer r.Body.Close()
	content, err := io.ReadAll(r.Body)
	must(v.t, err)
	if r.StatusCode != http.StatusOK {
		v.t.Fatalf("%s %s: %s: %s", method, path, r.Status, content)
	}
	return content
}

// TestNever starts the program, lets a person look at footage and at the diary in every way there is, and searches all
// that the program could have left behind: nothing that was encrypted is in any file that it can write, it maps no such
// file, its memory is for nobody else, and a crash leaves no core dump.
func TestNever(t *testing.T) {
	t.Parallel()
	p := startProcess(t)
	const remark = "kanarcek-na-oknu-telovadnice"
	found := p.look(t, remark)
	t.Run("nothing is written", func(t *testing.T) {
		p.search(t, found)
		for name, want := range map[string][]byte{"a picture": found[0], "a remark": []byte(remark)} {
			file := filepath.Join(t.TempDir(), "canary")
			must(t, os.WriteFile(file, slices.Concat(make([]byte, 1<<20-7), want), 0o600))
			if hits(t, file, found) == 0 {
				t.Errorf("%s is not found where it is", name)
			}
		}
	})
	t.Run("nothing is mapped", p.mapsNothing)
	t.Run("nobody reads along", p.readByNobody)
	t.Run("nothing is published", p.publishesNothing)
	t.Run("no core dump", p.leavesNoCore)
	p.search(t, found)
}

// look has the person watch, read and take along, and gives what came of it that is nowhere to be in the clear.
func (p *process) look(t *testing.T, remark string) (found [][]byte) {
	t.Helper()
	live := p.live(t)
	var chunk []byte
	for range 4 { // with a whole group of pictures
		_, chunk = readChunk(t, live)
	}
	must(t, live.Close())
	var opened struct {
		ID      string
		Windows []struct{ Playlist string }
	}
	now := time.Now()
	p.do(t.Context(), "POST", "/viewings", map[string]any{"purpose": "safety", "camera": "hall", "remark": remark,
		"from": now.Add(-time.Minute).Format(time.RFC3339Nano), "to": now.Format(time.RFC3339Nano)}, &opened)
	playlist := strings.TrimPrefix(opened.Windows[0].Playlist, "/api/v1")
	base, bodies := playlist[:strings.LastIndex(playlist, "/")+1], [][]byte{chunk}
	for _, name := range regexp.MustCompile(`(?m)^part/.*$`).FindAllString(string(p.fetch("GET", playlist, nil)), -1) {
		bodies = append(bodies, p.fetch("GET", base+name, nil))
	}
	if len(bodies) < 2 {
		t.Fatal("there is no part to play")
	}
	for _, form := range []string{"", "&chunk=true"} {
		bodies = append(bodies, p.fetch("GET", base+"frame?at="+now.Format("2006-01-02T15:04:05Z07:00")+form, nil))
	}
	reading := p.fetch("POST", "/diary/readings", map[string]any{"reason": "pregled", "open": true})
	if !bytes.Contains(reading, []byte(remark)) {
		t.Fatal("the remark is not in what was read of the diary")
	}
	p.fetch("POST", "/diary/bundle", map[string]any{"reason": "pregled"})
	found = [][]byte{}
	for _, b := range bodies {
		for at := len(b) / 4; at+48 < len(b) && len(found) < 200; at += len(b) / 4 {
			found = append(found, b[at:at+48])
		}
	}
	return append(found, []byte(remark))
}

// search looks through every file that the process could write.
func (p *process) search(t *testing.T, found [][]byte) {
	t.Helper()
	files := 0
	for _, dir := range p.dirs {
		must(t, filepath.WalkDir(dir, func(name string, e fs.DirEntry, err error) error {
			if err != nil || !e.Type().IsRegular() {
				return err
			}
			files++
			if n := hits(t, name, found); n > 0 {
				t.Errorf("%s has %d pieces of what was decrypted", name, n)
			}
			return nil
		}))
	}
	if list := p.wrote(); len(list) > 0 {
		t.Errorf("there is, or was for a moment, a file %q", list)
	}
	if files < 8 {
		t.Errorf("only %d files were looked through", files)
	}
}

// hits is how many of the texts are in a file. One that is gone meanwhile has none.
func hits(t *testing.T, name string, found [][]byte) (n int) {
	t.Helper()
	content, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return 0
	}
	must(t, err)
	for _, text := range found {
		if bytes.Contains(content, text) {
			n++
		}
	}
	return n
}

// mapsNothing sees that every file in the memory of the process, and every one that it has open, has a name among those
// that were searched, or is the program's: one that was removed at once, or never had a name, is not found otherwise.
func (p *process) mapsNothing(t *testing.T) {
	p.needsRoot(t)
	maps, err := os.Open(fmt.Sprintf("/proc/%d/maps", p.Process.Pid))
	must(t, err)
	defer maps.Close()
	names := map[string]bool{}
	for s := bufio.NewScanner(maps); s.Scan(); {
		if f := strings.Fields(s.Text()); len(f) > 5 && f[3] != "00:00" {
			names[strings.Join(f[5:], " ")] = true
		}
	}
	fds, err := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", p.Process.Pid))
	must(t, err)
	for _, fd := range fds {
		if name, err := os.Readlink(fd); err == nil && strings.HasPrefix(name, "/") {
			names[name] = true
		}
	}
	if len(names) < 5 {
		t.Fatalf("it has only %v", names)
	}
	for name := range names {
		known := slices.ContainsFunc(append([]string{"/usr", "/lib", "/dev/null", "/dev/urandom", "/sys", filepath.Dir(p.Args[4])}, p.dirs...), func(dir string) bool {
			return name == dir || strings.HasPrefix(name, dir+"/") || strings.HasPrefix(dir, "/lib") && strings.HasPrefix(name, dir)
		})
		if !known || strings.HasSuffix(name, " (deleted)") || strings.HasPrefix(name, "/memfd:") {
			t.Errorf("it has %q open", name)
		}
	}
}

// readByNobody sees that not even the account that it runs under may read its memory: then /proc/PID is root's.
func (p *process) readByNobody(t *testing.T) {
	bystander := p.bystander(t)
	for pid, want := range map[int]uint32{p.Process.Pid: 0, bystander.Process.Pid: p.user} {
		for _, name := range []string{"mem", "environ", "maps"} {
			info, err := os.Stat(fmt.Sprintf("/proc/%d/%s", pid, name))
			must(t, err)
			if owner := info.Sys().(*syscall.Stat_t).Uid; owner != want {
				t.Errorf("/proc/%d/%s is the account's %d, want %d", pid, name, owner, want)
			}
			err = p.as(t, "head", "-c", "1", fmt.Sprintf("/proc/%d/%s", pid, name)).Run()
			if name != "mem" && (err == nil) != (want == p.user) { // nobody reads memory from its beginning on
				t.Errorf("whoever has the same account reads %s of %d: %v", name, pid, err)
			}
		}
	}
}

// publishesNothing asks wherever it listens for what packages of Go's own would tell of its memory.
func (p *process) publishesNothing(t *testing.T) {
	asked, err := http.NewRequest(http.MethodGet, "http://localhost/debug/pprof/", nil)
	must(t, err)
	if _, pattern := http.DefaultServeMux.Handler(asked); pattern != "" {
		t.Errorf("net/http/pprof is in the program: it answers to %s", pattern)
	}
	bases := []string{strings.TrimSuffix(p.base, "/api/v1"), "http://" + p.addrs["http"], "http://" + p.addrs["metrics"]}
	for _, base := range bases {
		for _, path := range []string{"/debug/vars", "/debug/pprof/", "/debug/pprof/heap", "/debug/pprof/cmdline", "/debug/requests"} {
			r, err := p.client.Get(base + path)
			must(t, err)
			must(t, r.Body.Close())
			if r.StatusCode == http.StatusOK {
				t.Errorf("%s%s answers", base, path)
			}
		}
	}
}

// leavesNoCore has the process crash, as a bug would.
func (p *process) leavesNoCore(t *testing.T) {
	bystander := p.bystander(t)
	must(t, bystander.Process.Signal(syscall.SIGABRT))
	bystander.Wait()
	if !bystander.ProcessState.Sys().(syscall.WaitStatus).CoreDump() {
		t.Log("this machine makes no core dump of any process")
	}
	for _, name := range p.files(t, "core*") {
		must(t, os.Remove(name)) // the bystander's
	}
	p.wrote()
	must(t, p.Process.Signal(syscall.SIGABRT))
	p.Wait()
	if s := p.ProcessState.Sys().(syscall.WaitStatus); s.CoreDump() || s.Signal() != syscall.SIGABRT {
		t.Errorf("it ended by %v, with a core dump: %v", s.Signal(), s.CoreDump())
	}
	if list := p.files(t, "core*"); len(list) > 0 {
		t.Errorf("it left %v", list)
	}
}

// files are those in the folder of the process.
func (p *process) files(t *testing.T, pattern string) []string {
	t.Helper()
	list, err := filepath.Glob(filepath.Join(p.Dir, pattern))
	must(t, err)
	return list
}

// bystander is another process that was started in the same way, and does nothing.
func (p *process) bystander(t *testing.T) *exec.Cmd {
	t.Helper()
	c := p.as(t, "sh", "-c", `ulimit -S -c "$(ulimit -H -c)"; exec sleep 60`)
	must(t, c.Start())
	t.Cleanup(func() {
		if c.ProcessState == nil {
			c.Process.Kill()
			c.Wait()
		}
	})
	for { // until it is what it is to be
		if name, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", c.Process.Pid)); err == nil && string(name) == "sleep\n" {
			return c
		}
		time.Sleep(time.Millisecond)
	}
}

// as is a command of the account of the process.
func (p *process) as(t *testing.T, name string, args ...string) *exec.Cmd {
	t.Helper()
	c := exec.CommandContext(t.Context(), name, args...)
	c.Dir, c.SysProcAttr = p.Dir, p.SysProcAttr
	return c
}

func (p *process) needsRoot(t *testing.T) {
	t.Helper()
	switch {
	case os.Getuid() == 0:
	case os.Getenv("CI") != "":
		t.Fatal("only root can look into a process that nobody may look into")
	default:
		t.Skip("only root can look into a process that nobody may look into")
	}
}

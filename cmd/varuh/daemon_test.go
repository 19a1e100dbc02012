package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"varuh/configs"
	"varuh/recorder"
	"varuh/recorder/keyring"
	"varuh/recorder/rtsp/rtsptest"
	"varuh/testdata/clips"
)

// tap is a log that tests wait on.
type tap struct {
	mu   sync.Mutex
	cond *sync.Cond
	text strings.Builder
}

func newTap() *tap {
	t := &tap{}
	t.cond = sync.NewCond(&t.mu)
	return t
}

// Write implements [io.Writer].
func (p *tap) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cond.Broadcast()
	return p.text.Write(b)
}

func (p *tap) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.String()
}

// never is when a wait of the tests gives up, on however busy a machine: it promises nothing. The limit of go test is longer.
const never = 5 * time.Minute

// await waits until the log holds every text.
func (p *tap) await(t testing.TB, texts ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), never)
	defer cancel()
	defer context.AfterFunc(ctx, p.cond.Broadcast)()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, text := range texts {
		for !strings.Contains(p.text.String(), text) {
			if ctx.Err() != nil {
				t.Fatalf("the log never said %q:\n%s", text, p.text.String())
			}
			p.cond.Wait()
		}
	}
}

// box is a daemon that runs in the test's process.
type box struct {
	*Daemon
	recovery keyring.PrivateKey // of the sealed envelope
	dir      string
	log      *tap
	reload   chan struct{}
	stop     context.CancelFunc
	done     chan error
	boot     recorder.Boot // of the next start; nil: the machine's
}

// startBox makes a state folder with cameras, by file name, and runs a daemon on it.
func startBox(t *testing.T, metrics string, files map[string]string) *box {
	t.Helper()
	return startBoxWith(t, "", metrics, files)
}

// startBoxWith is startBox with a private key in a file.
func startBoxWith(t *testing.T, keyFile, metrics string, files map[string]string) *box {
	t.Helper()
	b := &box{dir: filepath.Join(t.TempDir(), "box"), log: newTap(), reload: make(chan struct{}), done: make(chan error, 1)}
	c := initCmd{Store: []string{filepath.Join(b.dir, "store")}, Key: keyFile, YesIWroteDown: true}
	var err error
	if b.recovery, err = c.make(b.dir, terminal{strings.NewReader(""), io.Discard, b.log}); err != nil {
		t.Fatal(err)
	}
	b.write(t, configs.File, configs.New(configs.Choice{Store: c.Store, KeyFile: keyFile, Metrics: metrics}))
	for name, text := range files {
		b.write(t, name, text)
	}
	cfg, err := loadConfig(b.dir, terminal{nil, b.log, b.log})
	if err != nil {
		t.Fatal(err, b.log)
	}
	ready := make(chan struct{})
	b.Daemon = &Daemon{Log: slog.New(slog.NewTextHandler(b.log, &slog.HandlerOptions{Level: slog.LevelDebug})), Reload: b.reload, Ready: func() { close(ready) }}
	ctx, cancel := context.WithCancel(t.Context())
	b.stop = cancel
	go func() { b.done <- b.Run(ctx, cfg) }()
	select {
	case <-ready:
	case err := <-b.done:
		t.Fatal(err)
	}
	return b
}

func (b *box) write(t testing.TB, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(b.dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// end stops the daemon. That a stop takes at most 5 s is tested in recorder in simulated time, which no other load
// of the machine can stretch; here it must only come to an end.
func (b *box) end(t testing.TB) {
	t.Helper()
	b.stop()
	if err := <-b.done; err != nil {
		t.Error(err)
	}
}

func camera(id, url, more string) string {
	return fmt.Sprintf("id: %s\nname: Name of %s\nlocation: here\nmain: %s\n%s", id, id, url, more)
}

// ports counts those that tests of this process took.
var ports atomic.Int32

// freeAddr is a loopback address that nobody else takes: below the ports that the system gives out by itself, and each but once.
// Tests that run at the same time in another process begin elsewhere.
func freeAddr(t testing.TB) string {
	t.Helper()
	const lowest, many = 20000, 12000
	for range many {
		address := fmt.Sprintf("127.0.0.1:%d", lowest+(os.Getpid()*101+int(ports.Add(1)))%many)
		if l, err := net.Listen("tcp", address); err == nil {
			must(t, l.Close())
			return address
		}
	}
	t.Fatalf("no port from %d on is free", lowest)
	return ""
}

// A camera's password is in nothing that anybody reads: log, status, socket, metrics, config check,
// camera try, index or state folder; whether the password is right, wrong or in the path.
func TestNoPasswordLeaves(t *testing.T) {
	t.Parallel()
	const canary = "Kanar1ek"
	server, err := rtsptest.Serve("127.0.0.1:0", []rtsptest.Camera{{Path: "hall", FS: clips.Files, Clip: clips.YardSub.File}},
		rtsptest.Options{User: "viewer", Pass: canary, Digest: true})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	withUser := func(u string) string { return strings.Replace(server.URL("hall"), "://", "://"+u+"@", 1) }
	metrics := freeAddr(t)
	b := startBox(t, metrics, map[string]string{
		"pw":                  canary + "\n",
		"cameras.d/right.yml": camera("right", server.URL("hall"), "user: viewer\npassword_file: pw\n"),
		"cameras.d/wrong.yml": camera("wrong", withUser("viewer:x"+canary), ""),
		"cameras.d/path.yml":  camera("path", withUser("viewer:"+canary)+"/"+canary+"?password="+canary, ""),
		"cameras.d/gone.yml":  camera("gone", "rtsp://u:"+canary+"@127.0.0.1:1/"+canary, ""),
	})
	b.log.await(t, "kind=connected camera=right", "kind=lost camera=wrong", "kind=lost camera=path", "kind=lost camera=gone")

	said := map[string]string{"status table": b.status().table(), "status line": line(b.status())}
	for _, url := range []string{"/status", "/footage?camera=right&day=2026-01-01"} {
		answer, err := ask(t.Context(), b.dir, "GET", url, nil)
		if err != nil {
			t.Fatal(err)
		}
		said["socket "+url] = readAll(t, answer)
	}
	resp, err := http.Get("http://" + metrics + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	said["metrics"] = readAll(t, resp.Body)
	var out, errs strings.Builder
	term := terminal{strings.NewReader("x" + canary + "\n"), &out, &errs}
	run(t.Context(), []string{"config", "check", "--dir", b.dir}, term)
	run(t.Context(), []string{"camera", "try", "wrong", "--dir", b.dir, "--for", "1s"}, term)
	run(t.Context(), []string{"camera", "try", "gone", "--dir", b.dir, "--for", "1s"}, term)
	run(t.Context(), []string{"camera", "try", server.URL("hall"), "--user", "viewer", "--for", "1s"}, term)
	run(t.Context(), []string{"status", "--dir", b.dir}, term)
	said["commands"] = out.String() + errs.String()
	b.end(t)
	said["log"] = b.log.String()
	for name, text := range said {
		if strings.Contains(text, canary) {
			t.Errorf("%s shows a password:\n%s", name, text)
		}
		if text == "" {
			t.Errorf("%s is empty", name)
		}
	}
	for _, want := range []string{`varuh_stream_recording{camera="right",stream="main"} 1`, `varuh_stream_recording{camera="wrong",stream="main"} 0`,
		`varuh_events_total{kind="connected"}`, "process_resident_memory_bytes", "varuh_store_free_bytes", "varuh_diary_entries 4", "varuh_diary_anchored_entries 0",
		"varuh_diary_waiting_entries 0", "varuh_diary_alarm 0", "varuh_diary_ok 1",
		"varuh_footage_late_segments 0", "varuh_footage_failed_segments 0", "varuh_holds 0", "varuh_present_certain 0"} {
		if !strings.Contains(said["metrics"], want) {
			t.Errorf("the metrics lack %s", want)
		}
	}
	if strings.Contains(said["metrics"], "Name of") || strings.Contains(said["metrics"], "bitrate") || strings.Contains(said["metrics"], "network") {
		t.Error("the metrics show a name, a bitrate, or what comes and goes over the network")
	}
	noCanaryOnDisk(t, b.dir, canary)
}

// noCanaryOnDisk looks through everything but the configuration.
func noCanaryOnDisk(t *testing.T, dir, canary string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() || strings.HasSuffix(path, ".yml") || e.Name() == "pw" {
			return err
		}
		b, err := os.ReadFile(path)
		if strings.Contains(string(b), canary) {
			t.Errorf("%s holds a password", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func readAll(t *testing.T, r io.ReadCloser) string {
	t.Helper()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// A changed file is noticed; a wrong one changes nothing and is shown; cameras that did not change
// record on; a key that takes a restart is named.
func TestReload(t *testing.T) {
	t.Parallel()
	server, err := rtsptest.Serve("127.0.0.1:0", []rtsptest.Camera{
		{Path: "a", FS: clips.Files, Clip: clips.YardSub.File}, {Path: "b", FS: clips.Files, Clip: clips.YardSub.File}}, rtsptest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	b := startBox(t, configs.MetricsOff, map[string]string{"cameras.d/a.yml": camera("a", server.URL("a"), "")})
	b.log.await(t, "kind=connected camera=a")

	b.write(t, "cameras.d/b.yml", camera("b", server.URL("b"), ""))
	b.log.await(t, "the configuration is in force: added b", "kind=connected camera=b")
	if n := strings.Count(b.log.String(), "kind=connected camera=a"); n != 1 {
		t.Errorf("camera a was connected %d times", n)
	}

	b.write(t, "cameras.d/b.yml", camera("a", server.URL("b"), ""))
	b.log.await(t, "is taken by")
	if st := b.status(); len(st.Streams) != 2 || len(st.Problems) != 1 || !strings.Contains(st.table(), "the configuration is not in force") {
		t.Errorf("with a wrong configuration the status is\n%s", st.table())
	}
	if err := os.Remove(filepath.Join(b.dir, "cameras.d/b.yml")); err != nil {
		t.Fatal(err)
	}
	b.log.await(t, "the configuration is in force: removed b")

	b.write(t, configs.File, "store: [store]\nreserve: 512MiB\nmetrics: off\n")
	b.reload <- struct{}{} // as SIGHUP does
	b.log.await(t, "takes a restart: reserve")
	if st := b.status(); len(st.Problems) != 0 || !strings.Contains(st.table(), "! takes a restart: reserve in varuh.yml") {
		t.Errorf("with a key that takes a restart the status is\n%s", st.table())
	}
	b.write(t, "cameras.d/c.yml", camera("c", server.URL("b"), "")) // the rest of what is changed is in force
	b.log.await(t, "the configuration is in force: added c", "kind=connected camera=c")
	b.end(t)
	if n := strings.Count(b.log.String(), "kind=connected camera=a"); n != 1 {
		t.Errorf("camera a was connected %d times", n)
	}
}

// While cameras are recorded, keys are replaced through the socket and footage is checked with the
// new key.
func TestRotateWhileRecording(t *testing.T) {
	t.Parallel()
	server, err := rtsptest.Serve("127.0.0.1:0", []rtsptest.Camera{{Path: "a", FS: clips.Files, Clip: clips.YardSub.File}}, rtsptest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	keys, err := memoryFolder("test")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(keys)
	dir := filepath.Join(t.TempDir(), "box")
	var out strings.Builder
	term := terminal{strings.NewReader(""), &out, &out}
	if code := run(t.Context(), []string{"init", "--dir", dir, "--key", filepath.Join(keys, "k"), "--accept-box-theft-reveals-footage", "--yes-i-wrote-it-down"}, term); code != 0 {
		t.Fatal(out.String())
	}
	b := &box{dir: dir, log: newTap(), done: make(chan error, 1)}
	b.write(t, "cameras.d/a.yml", camera("a", server.URL("a"), ""))
	b.Daemon = &Daemon{Log: slog.New(slog.NewTextHandler(b.log, nil))}
	cfg, err := loadConfig(dir, term)
	if err != nil {
		t.Fatal(err)
	}
	cfg.Metrics = configs.MetricsOff
	ctx, cancel := context.WithCancel(t.Context())
	b.stop = cancel
	go func() { b.done <- b.Run(ctx, cfg) }()
	b.log.await(t, "kind=connected camera=a")
	for _, args := range [][]string{{"keys", "rotate", "--actor", "tester", "--reason", "yearly", "--yes-i-wrote-it-down"}, {"footage", "check", "--open"}, {"footage", "list"}} {
		if code := run(t.Context(), append(args, "--dir", dir), term); code != 0 {
			t.Errorf("%v ended with %d", args, code)
		}
	}
	b.end(t)
	if code := run(t.Context(), []string{"footage", "check", "--open", "--dir", dir}, term); code != 0 {
		t.Error("the check after the stop failed")
	}
	if text := out.String(); !strings.Contains(text, "The keys are replaced") || strings.Count(text, "0 incidents, 0 warnings") != 2 {
		t.Error(text)
	}
}

// The socket's answer is the same status that the daemon has.
func TestStatusRoundTrip(t *testing.T) {
	t.Parallel()
	b := startBox(t, configs.MetricsOff, nil)
	answer, err := ask(t.Context(), b.dir, "GET", "/status", nil)
	if err != nil {
		t.Fatal(err)
	}
	var got status
	if err := json.NewDecoder(answer).Decode(&got); err != nil {
		t.Fatal(err)
	}
	if err := answer.Close(); err != nil {
		t.Fatal(err)
	}
	if len(got.Stores) != 1 || got.Stores[0].ID != b.site.stores[0].ID || got.Version != version() {
		t.Errorf("got %+v", got)
	}
	if _, err := ask(t.Context(), b.dir, "POST", readyPath, strings.NewReader(`{"Actor":"Ana","reason":"yearly"}`)); err == nil || !strings.Contains(err.Error(), "stop varuh") {
		t.Errorf("a locked appliance rotates through the socket: %v", err)
	}
	b.end(t)
}

// Package witnesstest is a witness for tests that somebody else made: transparency-dev's omniwitness, as the
// module in anchor's testdata pins it, started on loopback.
package witnesstest

import (
	"bufio"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"varuh/accesslog/diary/proof"
)

// Build makes the program. The first time takes some 40 s and a network; then Go's own caches have it.
func Build(t testing.TB) (binary string) {
	t.Helper()
	if testing.Short() && os.Getenv("CI") == "" {
		t.Skip("the witness takes 40 s to build")
	}
	binary = filepath.Join(t.TempDir(), "omniwitness")
	module := filepath.Join(root(t), "accesslog", "diary", "anchor", "testdata", "omniwitness")
	cmd := exec.Command("go", "build", "-C", module, "-o", binary, "github.com/transparency-dev/witness/cmd/omniwitness")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-mod=readonly", "GOWORK=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("couldn't build the witness: %v: %s", err, out)
		}
		t.Skipf("the witness can't be built, which takes a network: %v: %s", err, out)
	}
	return binary
}

// root is the folder of this module: tests run in the folder of their package.
func root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	must(t, err)
	for {
		_, err := os.Stat(filepath.Join(dir, "go.mod"))
		if err == nil {
			return dir
		}
		up := filepath.Dir(dir)
		if !errors.Is(err, fs.ErrNotExist) || up == dir {
			t.Fatalf("the module's folder is not above this one: %v", err)
		}
		dir = up
	}
}

// Witness runs until the test ends.
type Witness struct {
	URL string    // where checkpoints are sent
	Key proof.Key // that verifies its cosignatures

	binary, dir, address string
	logs                 string // in YAML

	cmd  *exec.Cmd
	down chan struct{} // closed when the process has ended
}

// Start runs a witness with a fresh key that follows one log.
func Start(t testing.TB, binary, name, origin string, log proof.Key) *Witness {
	t.Helper()
	secret, _, err := note.GenerateKey(rand.Reader, name)
	must(t, err)
	seed, err := base64.StdEncoding.DecodeString(strings.SplitN(secret, "+", 5)[4])
	must(t, err)
	cosigner, err := proof.NewCosigner(name, ed25519.NewKeyFromSeed(seed[1:]), time.Now)
	must(t, err)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	w := &Witness{binary: binary, dir: t.TempDir(), address: l.Addr().String(), Key: cosigner.Key, logs: "Logs:\n"}
	w.URL = "http://" + w.address
	must(t, l.Close())
	must(t, os.WriteFile(w.file("key"), []byte(secret), 0o600))
	w.Follow(t, origin, log)
	w.Run(t)
	return w
}

func (w *Witness) file(name string) string { return filepath.Join(w.dir, name) }

// Follow makes a log known to the witness from its next start on.
func (w *Witness) Follow(t testing.TB, origin string, log proof.Key) {
	t.Helper()
	w.logs += fmt.Sprintf("  - Origin: %s\n    PublicKey: %s\n", origin, log)
	must(t, os.WriteFile(w.file("logs.yaml"), []byte(w.logs), 0o600))
}

// Run starts the witness again, and returns when it listens.
func (w *Witness) Run(t testing.TB) {
	t.Helper()
	w.cmd = exec.Command(w.binary, "--listen="+w.address, "--metrics_listen=", "--private_key_path="+w.file("key"),
		"--additional_logs="+w.file("logs.yaml"), "--db_file="+w.file("witness.db"))
	stderr, err := w.cmd.StderrPipe()
	must(t, err)
	must(t, w.cmd.Start())
	w.down = make(chan struct{})
	ready := make(chan bool, 1)
	var said strings.Builder
	go func() {
		defer close(w.down)
		lines := bufio.NewScanner(stderr)
		for lines.Scan() {
			said.WriteString(lines.Text() + "\n")
			if strings.Contains(lines.Text(), "HTTP server goroutine started") {
				ready <- true
			}
		}
		_ = w.cmd.Wait() // it is killed
		ready <- false
	}()
	t.Cleanup(func() { w.Stop(t) })
	if !<-ready {
		<-w.down
		t.Fatalf("the witness ended at once: %s", said.String())
	}
}

// Stop kills the witness. It remembers what it cosigned.
func (w *Witness) Stop(t testing.TB) {
	t.Helper()
	select {
	case <-w.down:
		return
	default:
	}
	if err := w.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Error(err)
	}
	<-w.down
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

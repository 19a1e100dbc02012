package anchor

import (
	"bufio"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
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

// buildOmniwitness builds transparency-dev's witness, as testdata/omniwitness pins it. The first time
// takes some 40 s and a network; then Go's own caches have it.
func buildOmniwitness(t *testing.T) (binary string) {
	t.Helper()
	if testing.Short() {
		t.Skip("the witness takes 40 s to build")
	}
	binary = filepath.Join(t.TempDir(), "omniwitness")
	cmd := exec.Command("go", "build", "-C", "testdata/omniwitness", "-o", binary, "github.com/transparency-dev/witness/cmd/omniwitness")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-mod=readonly", "GOWORK=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("couldn't build the witness: %v: %s", err, out)
		}
		t.Skipf("the witness can't be built, which takes a network: %v: %s", err, out)
	}
	return binary
}

// omniwitness is a witness of somebody else's making, that runs on loopback.
type omniwitness struct {
	binary, dir, address string
	key                  proof.Key

	cmd  *exec.Cmd
	down chan struct{} // closed when the process has ended
}

func newOmniwitness(t *testing.T, binary, name string, log proof.Key) *omniwitness {
	t.Helper()
	secret, _, err := note.GenerateKey(rand.Reader, name)
	must(t, err)
	seed, err := base64.StdEncoding.DecodeString(strings.SplitN(secret, "+", 5)[4])
	must(t, err)
	cosigner, err := proof.NewCosigner(name, ed25519.NewKeyFromSeed(seed[1:]), time.Now)
	must(t, err)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	o := &omniwitness{binary: binary, dir: t.TempDir(), address: l.Addr().String(), key: cosigner.Key}
	must(t, l.Close())
	must(t, os.WriteFile(filepath.Join(o.dir, "key"), []byte(secret), 0o600))
	must(t, os.WriteFile(filepath.Join(o.dir, "logs.yaml"), fmt.Appendf(nil, "Logs:\n  - Origin: %s\n    PublicKey: %s\n", origin, log), 0o600))
	o.start(t)
	return o
}

// start returns when the witness listens.
func (o *omniwitness) start(t *testing.T) {
	t.Helper()
	o.cmd = exec.Command(o.binary, "--listen="+o.address, "--metrics_listen=", "--private_key_path="+filepath.Join(o.dir, "key"),
		"--additional_logs="+filepath.Join(o.dir, "logs.yaml"), "--db_file="+filepath.Join(o.dir, "witness.db"))
	stderr, err := o.cmd.StderrPipe()
	must(t, err)
	must(t, o.cmd.Start())
	o.down = make(chan struct{})
	ready := make(chan bool, 1)
	var said strings.Builder
	go func() {
		defer close(o.down)
		lines := bufio.NewScanner(stderr)
		for lines.Scan() {
			said.WriteString(lines.Text() + "\n")
			if strings.Contains(lines.Text(), "HTTP server goroutine started") {
				ready <- true
			}
		}
		_ = o.cmd.Wait()
		ready <- false
	}()
	t.Cleanup(func() { o.stop(t) })
	if !<-ready {
		<-o.down
		t.Fatalf("the witness ended at once: %s", said.String())
	}
}

func (o *omniwitness) stop(t *testing.T) {
	t.Helper()
	select {
	case <-o.down:
		return
	default:
	}
	if err := o.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Error(err)
	}
	<-o.down
}

func (o *omniwitness) witness(t *testing.T) *Witness {
	t.Helper()
	w, err := NewWitness("http://"+o.address, o.key.String())
	must(t, err)
	return w
}

func TestOmniwitness(t *testing.T) {
	t.Parallel()
	binary := buildOmniwitness(t)
	t.Run("history", func(t *testing.T) { t.Parallel(); testHistory(t, binary) })
	t.Run("down and back", func(t *testing.T) { t.Parallel(); testDownAndBack(t, binary) })
}

// Somebody else's witness follows the diary, and catches one that was rewritten and re-signed with the
// diary's own key.
func testHistory(t *testing.T, binary string) {
	d := newDiary(t).grow(t, 5)
	o := newOmniwitness(t, binary, "witness.example/omni", d.key)
	w := o.witness(t)
	cosigned := func(size, last int64) {
		t.Helper()
		before := time.Now().Add(-2 * time.Second)
		got, err := w.Cosign(t.Context(), d.grow(t, size), d.at(t, size), last)
		must(t, err)
		if got.Size != size || got.Time.Before(before) || got.Time.After(time.Now().Add(time.Second)) {
			t.Errorf("got %+v", got)
		}
	}
	cosigned(5, 0)   // the first checkpoint
	cosigned(12, 5)  // an extension
	cosigned(12, 12) // the same again, for its time
	cosigned(20, 7)  // a stale size
	cosigned(33, 0)  // none remembered

	bad := d.rewritten(t, 3)
	_, err := w.Cosign(t.Context(), bad, bad.now(t), 33)
	if c, ok := errors.AsType[*ConflictError](err); !ok || c.Old != 33 {
		t.Errorf("an entry rewritten: %v", err)
	}
	_, err = w.Cosign(t.Context(), bad.grow(t, 50), bad.now(t), 33)
	if c, ok := errors.AsType[*ConflictError](err); !ok || c.Old != 33 || c.Size != 50 {
		t.Errorf("an entry rewritten, and the diary grown: %v", err)
	}
	_, err = w.Cosign(t.Context(), d, d.at(t, 20), 20)
	if a, ok := errors.AsType[*AheadError](err); !ok || a.Size != 33 || a.Ours != 20 {
		t.Errorf("a diary that went back: %v", err)
	}
	stranger := newDiary(t).grow(t, 5)
	_, err = w.Cosign(t.Context(), stranger, stranger.now(t), 0)
	if _, ok := errors.AsType[*ConflictError](err); ok || err == nil {
		t.Errorf("another key for the same diary: %v", err)
	}
	cosigned(40, 33) // none of this hindered the true diary
}

// A witness that is down is waited for, and remembers when it is back.
func testDownAndBack(t *testing.T, binary string) {
	d := newDiary(t).grow(t, 5)
	o := newOmniwitness(t, binary, "witness.example/omni", d.key)
	k := newKeeper(t, "witness.example/w2", d.key)
	p, err := NewPolicy([]*Witness{o.witness(t), serve(t, k.Key, k)}, 2, nil)
	must(t, err)
	round := func() Round {
		t.Helper()
		return p.Anchor(t.Context(), d, d.now(t), func(string) int64 { return 0 })
	}
	if r := round(); !r.Kept || !r.Enough || r.Err() != nil {
		t.Fatalf("both are up: %v", r.Err())
	}

	o.stop(t)
	d.grow(t, 9)
	r := round()
	if r.Kept || r.Enough || len(r.Cosignatures) != 1 || len(r.Failures) != 1 || r.Failures[0].Party != "witness.example/omni" || r.Rollback() != nil {
		t.Errorf("one is down: %+v", r)
	}

	o.start(t)
	d.grow(t, 11)
	r = round()
	if !r.Kept || r.Err() != nil {
		t.Fatalf("it is back: %v", r.Err())
	}
	signed, err := proof.OpenCheckpoint(r.Checkpoint, d.key, o.key, k.Key)
	must(t, err)
	if len(signed.Cosignatures) != 2 || signed.Size != 11 {
		t.Errorf("the checkpoint carries %d cosignatures", len(signed.Cosignatures))
	}
	bad := d.rewritten(t, 2).grow(t, 20)
	r = p.Anchor(t.Context(), bad, bad.now(t), func(string) int64 { return 11 })
	if r.Rollback() == nil || len(r.Failures) != 2 {
		t.Errorf("it is back and has forgotten what it cosigned: %v", r.Err())
	}
}

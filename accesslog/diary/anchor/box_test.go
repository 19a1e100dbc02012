package anchor

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"varuh/accesslog/diary/proof"
)

const origin = "sola.example/varuh/4f2a9c31d07be856/dnevnik"

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// tool gives the path of a program, skipping the test where it is missing.
func tool(t testing.TB, name, apt string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("%s is missing: apt-get install %s", name, apt)
		}
		t.Skipf("%s is missing: apt-get install %s", name, apt)
	}
	return path
}

// diary is a log in memory. It stands for the real one in what anchoring needs.
type diary struct {
	signer note.Signer
	key    proof.Key
	size   int64
	stored []tlog.Hash
}

func newDiary(t testing.TB) *diary {
	t.Helper()
	secret, key, err := proof.NewSigningKey(origin)
	must(t, err)
	signer, err := note.NewSigner(secret)
	must(t, err)
	return &diary{signer: signer, key: key}
}

// rewritten is a diary of the same key and size, one entry of which is another.
func (d *diary) rewritten(t testing.TB, entry int64) *diary {
	t.Helper()
	other := &diary{signer: d.signer, key: d.key}
	for i := range d.size {
		leaf := fmt.Sprintf("entry %d", i)
		if i == entry {
			leaf = "nothing happened"
		}
		other.add(t, leaf)
	}
	return other
}

// grow adds entries until there are n.
func (d *diary) grow(t testing.TB, n int64) *diary {
	t.Helper()
	for d.size < n {
		d.add(t, fmt.Sprintf("entry %d", d.size))
	}
	return d
}

func (d *diary) add(t testing.TB, leaf string) {
	t.Helper()
	hashes, err := tlog.StoredHashes(d.size, []byte(leaf), d)
	must(t, err)
	d.stored = append(d.stored, hashes...)
	d.size++
}

// ReadHashes implements [tlog.HashReader].
func (d *diary) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		hashes[i] = d.stored[index]
	}
	return hashes, nil
}

// Consistency implements [Log].
func (d *diary) Consistency(_ context.Context, old, size int64) (tlog.TreeProof, error) {
	return tlog.ProveTree(size, old, d)
}

// at is the checkpoint of the diary when it had n entries.
func (d *diary) at(t testing.TB, n int64) proof.Signed {
	t.Helper()
	root, err := tlog.TreeHash(n, d)
	must(t, err)
	msg, err := proof.SignCheckpoint(proof.Checkpoint{Origin: origin, Size: n, Root: root}, d.signer)
	must(t, err)
	c, err := proof.OpenCheckpoint(msg, d.key)
	must(t, err)
	return c
}

func (d *diary) now(t testing.TB) proof.Signed { return d.at(t, d.size) }

// keeper is a witness as C2SP tlog-witness has it, in memory.
type keeper struct {
	*proof.Cosigner
	private ed25519.PrivateKey
	log     proof.Key // that it knows

	mu     sync.Mutex
	cosign proof.Signed // the last that it cosigned
	asked  int
}

func newKeeper(t testing.TB, name string, log proof.Key) *keeper {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	must(t, err)
	c, err := proof.NewCosigner(name, private, func() time.Time { return noon })
	must(t, err)
	return &keeper{Cosigner: c, private: private, log: log}
}

func (k *keeper) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.asked++
	body, err := io.ReadAll(r.Body)
	if err != nil || r.Method != http.MethodPost || r.URL.Path != "/prefix/add-checkpoint" {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	p, err := proof.ParseConsistency(body)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	next, err := proof.OpenCheckpoint(p.Checkpoint, k.log)
	switch last := k.cosign.Checkpoint; {
	case err != nil:
		w.WriteHeader(http.StatusForbidden)
	case p.Old > next.Size:
		w.WriteHeader(http.StatusBadRequest)
	case p.Old != last.Size:
		w.Header().Set("Content-Type", "text/x.tlog.size")
		w.WriteHeader(http.StatusConflict)
		fmt.Fprintf(w, "%d\n", last.Size)
	case next.Size == last.Size && next.Root != last.Root && last.Size > 0:
		w.WriteHeader(http.StatusConflict)
	case last.Size > 0 && proof.CheckConsistency(p.Hashes, last, next.Checkpoint) != nil || last.Size == 0 && len(p.Hashes) > 0:
		w.WriteHeader(http.StatusUnprocessableEntity)
	default:
		k.cosign = next
		fmt.Fprint(w, "— somebody.example AAAAAAAAAA==\n— somebody.else ?\n", cosignature(k.Cosigner, next.Checkpoint))
	}
}

// cosignature is the line by which a witness signs a checkpoint.
func cosignature(by note.Signer, c proof.Checkpoint) string {
	msg, err := note.Sign(&note.Note{Text: c.Text()}, by)
	if err != nil {
		panic(err)
	}
	return string(msg[len(c.Text())+1:])
}

// serve puts a witness's handler on loopback and returns our end of it.
func serve(t testing.TB, key proof.Key, h http.Handler) *Witness {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	w, err := NewWitness(srv.URL+"/prefix", key.String())
	must(t, err)
	w.HTTP = srv.Client()
	return w
}

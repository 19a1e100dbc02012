package packing

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"varuh/accesslog/evidence"
	"varuh/accesslog/evidence/evidencetest"
	"varuh/recorder/durable"
	"varuh/recorder/rtsp/rtsptest/outside"
)

// largeMiB is the most that a package of more than 4 GiB may cost of memory to be built, to be handed over, and to be verified.
const largeMiB = 128

// Two and a half hours of 4 Mbit/s, more than 4 GiB, become a package whose files a FAT32 stick takes, and a ZIP file under a
// passphrase that somebody else's tools read and varuh-verify finds good. It takes 9 GB of disk and a minute, so
// it runs with VARUH_FIGURES=1 alone.
func TestLarge(t *testing.T) {
	if os.Getenv("VARUH_FIGURES") == "" && os.Getenv("VARUH_LONG") == "" {
		t.Skip("VARUH_FIGURES=1 builds a package of 4.5 GB")
	}
	outside.Needs(t, "p7zip-full", "7z", "--help")
	outside.Needs(t, "libarchive-tools", "bsdtar", "--version")
	verifier := filepath.Join(t.TempDir(), "varuh-verify")
	if out, err := exec.Command("go", "build", "-o", verifier, "varuh/cmd/varuh-verify").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	r := newRigOn(t, durable.OS, t.TempDir())
	r.film, r.length = evidencetest.NewHours(t, 500_000).Long(t, 9000), 9001*time.Second
	r.request = r.approved(t)
	r.collect(t)
	r.o.Source = hours{r.source}
	built := evidencetest.Peak(func() { r.built(t) })
	key, err := r.d.SigningKey(t.Context())
	must(t, err)

	name, secret := filepath.Join(t.TempDir(), "paket.zip"), filepath.Join(t.TempDir(), "passphrase")
	passphrase, handed := r.zipped(t, name)
	must(t, os.WriteFile(secret, []byte(passphrase+"\n"), 0o600))
	verify := &reading{Cmd: exec.Command(verifier, "--key", key.Fingerprint(), "--passphrase-file", secret, name), status: 3} // nobody outside has seen the diary
	manifest := &reading{Cmd: exec.Command("bsdtar", "-xO", "--passphrase", passphrase, "-f", name, "manifest.json")}         // which lies behind 4 GiB
	allRead(t, verify, manifest, &reading{Cmd: exec.Command("7z", "t", "-p"+passphrase, name)})
	if sum := sha256.Sum256(manifest.said.Bytes()); hex.EncodeToString(sum[:]) != r.job(t).Manifest {
		t.Errorf("bsdtar gives another manifest: %.100s", &manifest.said)
	}
	for _, want := range []string{"NOTHING WRONG WAS FOUND", "[√] EXPORTED AS RECORDED", "[√] DISCLOSED AS LOGGED"} {
		if !strings.Contains(verify.said.String(), want) {
			t.Errorf("varuh-verify does not say %q:\n%s", want, &verify.said)
		}
	}
	usage, _ := verify.ProcessState.SysUsage().(*syscall.Rusage)
	verified := uint64(usage.Maxrss) << 10
	t.Logf("building took %d MiB, handing over %d, verifying %d", built>>20, handed>>20, verified>>20)
	if max(built, handed, verified) > largeMiB<<20 {
		t.Errorf("promised are %d MiB", largeMiB)
	}
}

// zipped hands the package over as a ZIP file under a passphrase, and tells what memory that took.
func (r *rig) zipped(t *testing.T, name string) (passphrase string, most uint64) {
	t.Helper()
	ready, err := r.Prepare(t.Context(), clerk(), r.request, Taking{Way: Download, Recipient: "Janez Novak, PP Primer", Warned: true, Encrypted: true})
	must(t, err)
	out, err := r.Fetch(t.Context(), clerk(), r.request, ready.ID)
	must(t, err)
	f, err := os.Create(name)
	must(t, err)
	most = evidencetest.Peak(func() { must(t, out.Zip(t.Context(), f)) })
	out.Whole()
	must(t, out.Close())
	info, err := f.Stat()
	must(t, err)
	must(t, f.Close())
	if info.Size() < 1<<32 {
		t.Errorf("the ZIP file has %d bytes", info.Size())
	}
	o, err := r.o.Shelf.Open(r.job(t).Place)
	must(t, err)
	clips := 0
	for _, file := range o.Names() {
		info, err := fs.Stat(o, file)
		must(t, err)
		if strings.HasSuffix(file, ".mp4") {
			clips++
		}
		if info.Size() > 1<<32-1 {
			t.Errorf("no FAT32 takes %s of %d bytes", file, info.Size())
		}
	}
	if must(t, o.Close()); clips < 2 {
		t.Errorf("%d clips", clips)
	}
	return ready.Passphrase, most
}

// reading is a tool that reads a file to its end.
type reading struct {
	*exec.Cmd
	status int // with which it ends where all is well
	said   bytes.Buffer
}

// allRead runs tools side by side.
func allRead(t *testing.T, tools ...*reading) {
	t.Helper()
	var all sync.WaitGroup
	for _, tool := range tools {
		all.Go(func() {
			tool.Stdout, tool.Stderr = &tool.said, &tool.said
			if err := tool.Run(); tool.ProcessState == nil || tool.ProcessState.ExitCode() != tool.status {
				t.Errorf("%s: %v\n%s", filepath.Base(tool.Args[0]), err, &tool.said)
			}
		})
	}
	all.Wait()
}

// hours is a door that gives the whole of a long film.
type hours struct{ *source }

type exportedHours struct {
	Export
	r *rig
}

// Export implements [Source].
func (h hours) Export(ctx context.Context, o Order) (Export, error) {
	e, err := h.source.Export(ctx, o)
	return exportedHours{e, h.r}, err
}

func (e exportedHours) span() []evidence.Range {
	list := e.r.film.Segments[0]
	return []evidence.Range{{Camera: "hall", From: list[0].Start, To: list[len(list)-1].End}}
}
func (e exportedHours) Asked() []evidence.Range     { return e.span() }
func (e exportedHours) Delivered() []evidence.Range { return e.span() }

func (e exportedHours) Footage() evidence.Footage {
	return func(yield func(evidence.Stretch, error) bool) {
		stretch := e.r.film.Stretches[0]
		for i, s := range e.r.film.Segments[0] {
			stretch[i].Collect = s.Collect
		}
		yield(stretch, nil)
	}
}

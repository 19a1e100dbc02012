package evidence_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"varuh/accesslog/aeszip"
	"varuh/accesslog/evidence"
	"varuh/accesslog/evidence/evidencetest"
)

// A package goes to an empty folder, and takes no other file's place there; sha256sum and the verifier read it.
func TestDir(t *testing.T) {
	t.Parallel()
	tool(t, "sha256sum", "coreutils")
	root, err := os.OpenRoot(t.TempDir())
	must(t, err)
	defer root.Close()
	c := evidencetest.Tiny(t, "a")
	_, err = evidence.Write(t.Context(), evidence.Dir{Root: root}, c.Package())
	must(t, err)
	if r, err := evidence.Verify(t.Context(), root.FS(), c.Knowing()); err != nil || !r.Good() {
		t.Errorf("%v %+v", err, r)
	}
	sum := exec.Command("sha256sum", "--strict", "-c", "SHA256SUMS.txt")
	sum.Dir = root.Name()
	if out, err := sum.CombinedOutput(); err != nil || bytes.Count(out, []byte(": OK\n")) != 17 {
		t.Errorf("%v\n%s", err, out)
	}
	if info, err := os.Stat(filepath.Join(root.Name(), "manifest.json")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	if _, err := evidence.Write(t.Context(), evidence.Dir{Root: root}, c.Package()); !errors.Is(err, fs.ErrExist) {
		t.Errorf("into a folder that is not empty: %v", err)
	}
}

// A package is written front to back into an archive, encrypted or not.
func TestArchive(t *testing.T) {
	t.Parallel()
	const passphrase = "correct-horse-battery"
	var plain, sealed bytes.Buffer
	z := zip.NewWriter(&plain)
	c := evidencetest.Tiny(t, "a")
	_, err := evidence.Write(t.Context(), evidence.Archive{To: z}, c.Package())
	must(t, err)
	must(t, z.Close())
	e, err := aeszip.NewWriter(&sealed, passphrase)
	must(t, err)
	other := evidencetest.Tiny(t, "a")
	_, err = evidence.Write(t.Context(), evidence.Archive{To: e}, other.Package())
	must(t, err)
	must(t, e.Close())
	for _, b := range []*bytes.Buffer{&plain, &sealed} {
		r, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
		must(t, err)
		if aeszip.Encrypted(r) {
			must(t, aeszip.Unlock(r, passphrase))
		}
		if report, err := evidence.Verify(t.Context(), r, c.Knowing()); err != nil || !report.Good() {
			t.Errorf("%v %+v", err, report)
		}
	}
}

package evidence

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"

	"varuh/accesslog/diary/proof"
)

// The names in a package. They tell nothing of what was recorded: in an encrypted archive names stay readable.
const (
	signatureFile = "manifest.sig"
	sumsFile      = "SHA256SUMS.txt"
	sumsSignature = "SHA256SUMS.sig"
	clipDir       = "posnetki"
	sidecarDir    = "proof/clips"
	diaryDir      = "proof/diary"
)

// ManifestFile is the manifest, which lists what is in the package.
const ManifestFile = "manifest.json"

// RecordFile is the handover record. The manifest can't list it, for it states the manifest's hash; every package has it.
const RecordFile = "ZAPISNIK_O_PREDAJI.pdf"

// Marks are the files that tell that a folder is a package, though one of them may have been taken out.
var Marks = []string{signatureFile, diaryDir + "/" + proof.AboutFile, sidecarName(1)}

// IsClip tells whether a name in a package is that of a clip.
func IsClip(name string) bool { return path.Dir(name) == clipDir && path.Ext(name) == ".mp4" }

func clipName(n int) string    { return fmt.Sprintf("%s/%04d.mp4", clipDir, n) }
func sidecarName(n int) string { return fmt.Sprintf("%s/%04d.jsonl", sidecarDir, n) }

// Folder takes the files of a package, one after the other: each is closed before the next is created.
type Folder interface {
	Create(name string) (io.WriteCloser, error)
}

// Dir is a folder on a disk that is empty. What it gets before [Package].Disclose has returned must not leave the appliance:
// a stick gets a copy of what was built. The names are durable only once its file system was synced or unmounted.
type Dir struct{ Root *os.Root }

// Create implements [Folder]. The file must not exist; what was written is synced when it is closed, so that an error of
// a stick that was pulled out is told.
func (d Dir) Create(name string) (io.WriteCloser, error) {
	if err := d.Root.MkdirAll(path.Dir(name), 0o700); err != nil {
		return nil, err
	}
	f, err := d.Root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	return synced{f}, nil
}

type synced struct{ *os.File }

func (s synced) Close() error {
	err := s.Sync()
	if other := s.File.Close(); err == nil {
		err = other
	}
	return err
}

// Archive is a folder in an archive that is written front to back, such as a zip.Writer or aeszip.Writer.
type Archive struct {
	To interface {
		Create(name string) (io.Writer, error)
	}
}

// Create implements [Folder].
func (a Archive) Create(name string) (io.WriteCloser, error) {
	w, err := a.To.Create(name)
	return unclosed{w}, err
}

type unclosed struct{ io.Writer }

func (unclosed) Close() error { return nil }

// maxName is how long a name is at most.
const maxName = 200

// checkPath refuses names that lead out of the folder, or that some system or sha256sum takes for another.
func checkPath(name string) error {
	ok := fs.ValidPath(name) && name != "." && len(name) <= maxName
	for i := range len(name) {
		ok = ok && name[i] > ' ' && name[i] <= '~'
	}
	for part := range strings.SplitSeq(name, "/") {
		ok = ok && !strings.HasSuffix(part, ".")
	}
	if !ok || strings.ContainsAny(name, `\:*?"<>|`) {
		return fmt.Errorf("%w: %.100q can't be the name of a file in a package", ErrFormat, name)
	}
	return nil
}

// enclosable tells whether a name is free for what the caller encloses.
func enclosable(name string) error {
	if err := checkPath(name); err != nil {
		return err
	}
	if kind, _ := systemKind(name, false); kind != "" {
		return fmt.Errorf("%q is a name that operating systems give to files of their own, and nothing can be enclosed by it", name)
	}
	first, _, _ := strings.Cut(strings.ToLower(name), "/")
	switch first {
	case ManifestFile, signatureFile, strings.ToLower(sumsFile), strings.ToLower(sumsSignature), clipDir, "proof":
		return fmt.Errorf("%q is the package's own name, and nothing can be enclosed by it", name)
	}
	return nil
}

package evidence_test

import (
	"encoding/binary"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"varuh/accesslog/evidence"
	"varuh/accesslog/evidence/evidencetest"
)

// endless has a file that has no end.
type endless struct {
	fstest.MapFS
	name  string
	begin []byte
	fill  byte
}

func (e endless) Open(name string) (fs.File, error) {
	f, err := e.MapFS.Open(name)
	if name != e.name || err != nil {
		return f, err
	}
	return &without{f, e.begin, e.fill}, nil
}

type without struct {
	fs.File
	begin []byte
	fill  byte
}

func (w *without) Read(p []byte) (int, error) {
	n := copy(p, w.begin)
	w.begin = w.begin[n:]
	for i := n; i < len(p); i++ {
		p[i] = w.fill
	}
	return len(p), nil
}

// Files that have no end are read as far as they are listed to be, and what they say of themselves takes no memory. It runs
// alone, or the memory would be that of others.
func TestEndless(t *testing.T) {
	c := evidencetest.Tiny(t, "a")
	pkg, _ := c.Written(t)
	huge := slices.Clone(pkg[film1].Data)
	binary.BigEndian.PutUint32(huge[28:], 1<<32-1) // of moov
	for _, tt := range []struct {
		name  string
		begin []byte
		fill  byte
	}{
		{"manifest.json", []byte("{"), ' '}, {"manifest.json", nil, '['}, {"manifest.sig", nil, 0}, {"SHA256SUMS.sig", nil, 0}, {"SHA256SUMS.txt", nil, 'a'}, {"SHA256SUMS.txt", nil, '\n'},
		{film1, pkg[film1].Data, 0}, {film1, huge, 0}, {film1, nil, 0}, {side1, pkg[side1].Data, '\n'}, {side1, nil, 'x'},
		{"1_PREBERI.html", nil, ' '}, {"proof/diary/keys.txt", nil, '\n'}, {"proof/diary/pinned/0000000000000001.manifest.json", nil, ' '},
	} {
		all, size := endless{with(pkg, evidence.RecordFile, pkg[evidence.RecordFile].Data), tt.name, tt.begin, tt.fill}, uint64(0)
		if strings.HasPrefix(tt.name, "proof/diary/") {
			delete(all.MapFS, "SHA256SUMS.txt") // by which such a file is read to its end, as sha256sum would
		}
		done := make(chan struct{})
		go func() {
			defer close(done)
			size = evidencetest.Peak(func() {
				r, err := evidence.Verify(t.Context(), all, c.Knowing())
				if err == nil && !r.Bad() {
					t.Errorf("%s: %+v", tt.name, r)
				}
			})
		}()
		select {
		case <-done:
		case <-time.After(time.Minute):
			t.Fatalf("%s without an end is read for ever", tt.name)
		}
		if size > 200<<20 {
			t.Errorf("%s without an end takes %d MiB", tt.name, size>>20)
		}
	}
}

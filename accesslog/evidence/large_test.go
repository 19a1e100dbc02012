package evidence_test

import (
	"io"
	"os"
	"testing"

	"varuh/accesslog/evidence"
	"varuh/accesslog/evidence/evidencetest"
)

// sized is a folder that keeps nothing but sizes.
type sized map[string]int64

func (s sized) Create(name string) (io.WriteCloser, error) { return growing{s, name}, nil }

type growing struct {
	s    sized
	name string
}

func (g growing) Close() error { return nil }
func (g growing) Write(p []byte) (int, error) {
	g.s[g.name] += int64(len(p))
	return len(p), nil
}

// Three hours of 4 Mbit/s, more than 4 GiB, are in clips that a FAT32 stick takes.
func TestLarge(t *testing.T) {
	t.Parallel()
	if os.Getenv("VARUH_LONG") == "" {
		t.Skip("VARUH_LONG=1 writes 5 GB")
	}
	files := sized{}
	m, err := evidence.Write(t.Context(), files, evidencetest.NewHours(t, 500_000).Long(t, 3*3600).Package())
	must(t, err)
	total := int64(0)
	for _, c := range m.Clips {
		total += files[c.Path]
		if files[c.Path] > 1<<32-1 {
			t.Errorf("%s has %d bytes", c.Path, files[c.Path])
		}
	}
	if total < 5_000_000_000 || len(m.Clips) < 2 {
		t.Errorf("%d bytes in %d clips", total, len(m.Clips))
	}
}

package evidence

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"

	"varuh/accesslog/diary/proof"
)

// WriteLimited is Write with smaller limits, for the tests.
func WriteLimited(ctx context.Context, dst Folder, p Package, soft, hard int64, samples, fragments int) (Manifest, error) {
	return write(ctx, dst, p, limits{soft, hard, samples, fragments})
}

// ReadInit reads an init record, for the tests.
func ReadInit(init []byte) error {
	_, err := readInit(init)
	return err
}

// Names that lead elsewhere, or that some system takes for another, are refused.
func TestPaths(t *testing.T) {
	t.Parallel()
	for name, ok := range map[string]bool{
		"1_PREBERI.html": true, "a/b.txt": true, "": false, ".": false, "../a": false, "/a": false, "a//b": false, `a\b`: false, "a:b": false,
		"a.": false, "a./b": false, "a b": false, "č": false, "a\nb": false, "a?": false,
	} {
		if (checkPath(name) == nil) != ok {
			t.Errorf("%q: %v", name, checkPath(name))
		}
	}
	for _, name := range []string{"manifest.json", "Manifest.SIG", "sha256sums.txt", "posnetki/0001.mp4", "proof/x", "Proof"} {
		if enclosable(name) == nil {
			t.Errorf("%q can be enclosed", name)
		}
	}
}

// The index of the longest clip, with samples that have nothing in common, is one that the verifier reads.
func TestLargestIndex(t *testing.T) {
	t.Parallel()
	x := newIndex([]description{{id: 1, timescale: 90000, tkhd: make([]byte, 84), mdhd: make([]byte, 24)}})
	f := fragment{track: 1, samples: make([]sample, 32)}
	for n := range 2 * usual.samples / len(f.samples) {
		f.payload = 0
		for i := range f.samples {
			odd := uint32(n*len(f.samples)+i) % 2
			f.samples[i] = sample{duration: 3600 + odd, size: 9, key: odd == 0, offset: int32(odd) * 3600}
			f.payload += 9
		}
		x.add(&f)
		f.decode = x.tables[0].last + 3600
	}
	if size, room := int64(len(x.head())), x.room(); x.samples != 2*usual.samples || size > maxHead || size > room {
		t.Errorf("%d samples have an index of %d bytes, %d were foreseen", x.samples, size, room)
	}
}

// Whatever a sidecar's line is, reading it and writing it again gives the same.
func FuzzLine(f *testing.F) {
	for _, l := range []line{{Segment: [16]byte{1}, Boxes: []byte("moov")}, {Record: 7, Boxes: []byte("moof"), Path: make([]proof.Hash, 2), Lost: true}} {
		b, err := l.encode()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b[:len(b)-1])
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		l, err := readLine(b)
		if err != nil {
			return
		}
		again, err := l.encode()
		if err != nil || string(again) != string(b)+"\n" {
			t.Errorf("%v\n%s\n%s", err, b, again)
		}
	})
}

// Whatever the boxes of a fragment and an init record are, an index of them is made without harm.
func FuzzIndex(f *testing.F) {
	f.Add([]byte{}, []byte{})
	f.Fuzz(func(t *testing.T, init, boxes []byte) {
		tracks, err := readInit(init)
		if err != nil {
			return
		}
		x, g := newIndex(tracks), fragment{}
		if err := readBoxes(boxes, &g); err != nil {
			return
		}
		if track, ok := x.track(&g); ok && track.follows(&g) == nil {
			x.add(&g)
			if room := x.room(); int64(len(x.head())) > room+int64(len(ftyp)) {
				t.Errorf("an index of %d bytes, %d were foreseen", len(x.head()), room)
			}
		}
	})
}

// Whatever a manifest is, reading it and writing it again gives the same.
func FuzzManifest(f *testing.F) {
	b, err := Manifest{Key: "k", Clips: []Clip{}}.Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := ParseManifest(b)
		if err != nil {
			return
		}
		again, err := m.Encode()
		if err != nil || string(again) != string(b) {
			t.Errorf("%v\n%s\n%s", err, b, again)
		}
	})
}

// broken is a folder that fails at the nth write.
type broken struct{ left int }

var errPulled = errors.New("the stick was pulled out")

func (b *broken) Create(string) (io.WriteCloser, error) { return b, b.Close() }

func (b *broken) Write(p []byte) (int, error) { return len(p), b.Close() }

func (b *broken) Close() error {
	if b.left--; b.left < 0 {
		return fmt.Errorf("write: %w", errPulled)
	}
	return nil
}

// Broken is a folder that fails at the nth thing done with it, by an error that is errPulled.
func Broken(n int) Folder { return &broken{n} }

// Pulled tells whether an error came of that.
func Pulled(err error) bool { return errors.Is(err, errPulled) }

package evidencetest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"iter"
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"varuh/accesslog/diary/proof"
	"varuh/accesslog/evidence"
	"varuh/recorder/cmaf"
	"varuh/testdata/clips"
)

// Dawn is when the footage begins.
var Dawn = time.Date(2026, 11, 21, 6, 30, 0, 0, time.UTC)

// Case is a disclosure: footage that was collected, seen by a witness, asked for and exported.
type Case struct {
	T         testing.TB
	Diary     *Diary
	Segments  [][]*Segment
	Stretches []evidence.Stretch
	About     evidence.About
	Enclosed  []evidence.Enclosure
	After     []evidence.Enclosure
	Entries   []int64 // that are proven, beside disclose
}

// NewCase collects segments, each list of one camera, has a witness see them unless it is not to, and enters request and export.
func NewCase(t testing.TB, seed string, witnessed bool, cameras ...[]*Segment) *Case {
	t.Helper()
	c := &Case{T: t, Diary: NewDiary(t, seed, Dawn.Add(time.Hour)), Segments: cameras}
	for _, list := range cameras {
		c.Entries = append(c.Entries, c.Diary.Size())
		c.Diary.Collect(list...)
		var stretch evidence.Stretch
		for _, s := range list {
			stretch = append(stretch, s.Part(1, 0))
		}
		c.Stretches = append(c.Stretches, stretch)
		c.About.Asked = append(c.About.Asked, evidence.Range{Camera: list[0].Camera, From: list[0].Start, To: list[len(list)-1].End})
	}
	if witnessed {
		c.Diary.Witnessed()
	}
	request := c.Diary.Add("request.received", nil, nil)
	c.About.Export = c.Diary.Add("export", nil, &request)
	c.Entries = append(c.Entries, request, c.About.Export)
	c.About.ID, c.About.Made, c.About.Software = [16]byte{1, 2, 3}, c.Diary.Now, "v1.0.0"
	c.After = []evidence.Enclosure{Text(evidence.RecordFile, evidence.KindReading, "%PDF- zapisnik\n")}
	c.About.Controller = "Osnovna šola Primer"
	c.About.Request = map[string]string{"authority": "PP Primer", "basis": "148. člen ZKP", "case": "KU 1/2026"}
	c.About.Clock = evidence.Clock{Source: "NTP", Zone: "Europe/Ljubljana", Measured: Dawn, Offset: 12 * time.Millisecond, Uncertainty: time.Millisecond}
	return c
}

// Text is a file to enclose.
func Text(path string, kind evidence.Kind, text string) evidence.Enclosure {
	return evidence.Enclosure{Path: path, Kind: kind, Write: func(_ context.Context, w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	}}
}

// Package is the case for writing.
func (c *Case) Package() evidence.Package {
	var footage iter.Seq2[evidence.Stretch, error] = func(yield func(evidence.Stretch, error) bool) {
		for _, s := range c.Stretches {
			if !yield(s, nil) {
				return
			}
		}
	}
	return evidence.Package{About: c.About, Footage: evidence.Footage(footage), Enclosed: c.Enclosed, Key: c.Diary.Key, Sign: c.Diary.Sign,
		Disclose: func(_ context.Context, manifest []byte) (evidence.Disclosed, error) {
			i := c.Diary.Add("disclose", manifest, &c.About.Export)
			d := c.Diary.Disclosed(append(slices.Clone(c.Entries), i)...)
			d.Enclosed = c.After
			return d, nil
		}}
}

// Knowing are options of somebody who compared the fingerprint on paper, and knows the witness.
func (c *Case) Knowing() evidence.Options {
	return evidence.Options{Fingerprints: []string{c.Diary.Key.Fingerprint()}, Keys: []proof.Key{c.Diary.Witness.Key}}
}

// Memory is a folder in memory.
type Memory map[string]*bytes.Buffer

// Create implements [evidence.Folder].
func (m Memory) Create(name string) (io.WriteCloser, error) {
	m[name] = &bytes.Buffer{}
	return closing{m[name]}, nil
}

type closing struct{ *bytes.Buffer }

func (closing) Close() error { return nil }

// FS is what was written.
func (m Memory) FS() fstest.MapFS {
	f := fstest.MapFS{}
	for name, b := range m {
		f[name] = &fstest.MapFile{Data: b.Bytes(), Mode: 0o600}
	}
	return f
}

// Written is the case as a package.
func (c *Case) Written(t testing.TB) (fstest.MapFS, evidence.Manifest) {
	t.Helper()
	m := Memory{}
	manifest, err := evidence.Write(t.Context(), m, c.Package())
	must(t, err)
	return m.FS(), manifest
}

// Small is a case of two cameras with a few seconds of small pictures, one with sound, in several segments.
func Small(t testing.TB, seed string) *Case {
	t.Helper()
	c := NewCase(t, seed, true,
		Segments(t, Load(t, 1, clips.Motion, clips.ALaw), "hall", "main", Dawn, 5),
		Segments(t, Load(t, 1, clips.OpusSound), "yard", "main", Dawn, 4))
	c.Enclosed = []evidence.Enclosure{Text("1_PREBERI.html", evidence.KindReading, "<p>Preberi\n")}
	return c
}

// Tiny is a case in as few bytes as there can be: one camera with pictures that are none, in two segments.
func Tiny(t testing.TB, seed string) *Case {
	t.Helper()
	f := Film{Tracks: []cmaf.Track{{Codec: cmaf.MJPEG, Timescale: 90000, Width: 16, Height: 16}}, Length: 2 * time.Second}
	for n := range int64(4) {
		f.Units = append(f.Units, cmaf.Unit{PTS: n * 45000, DTS: n * 45000, Key: true, Data: fmt.Append(nil, "picture ", n)})
	}
	c := NewCase(t, seed, true, Segments(t, f, "hall", "main", Dawn, 1))
	c.Enclosed = []evidence.Enclosure{Text("1_PREBERI.html", evidence.KindReading, "<p>Preberi\n")}
	return c
}

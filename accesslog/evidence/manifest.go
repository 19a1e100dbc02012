package evidence

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"varuh/accesslog/diary/proof"
)

// Version is the version of packages that this code writes and reads.
const Version = 1

const formatName = "varuh package"

// The most ranges that a package is asked for by, and gaps in them.
const (
	maxAsked = 1000
	maxGaps  = 10_000
)

// About is what the caller says of a package: why there is one, and of what.
type About struct {
	ID         [16]byte          // of the package
	Made       time.Time         // by the appliance's clock
	Software   string            // version of varuh
	Controller string            // name and address
	Export     int64             // index of the entry export
	Request    map[string]string // who asked for what, by which law; names of printable ASCII
	Cameras    map[string]string // their names by id, as the configuration had them when it was made; those without one are known by their ids alone
	Asked      []Range
	Clock      Clock
	Notices    []Notice
	Gaps       []Gap // within what was asked for
}

// Named is a camera by its id, with its name beside it where that is known.
func (a About) Named(camera string) string { return named(a.Cameras, camera) }

func named(names map[string]string, camera string) string {
	name := names[camera]
	if name == "" || name == camera {
		return camera
	}
	return camera + " (" + name + ")"
}

// Range is footage of one camera, from a moment until before another.
type Range struct {
	Camera   string
	From, To time.Time
}

// Clock says how far the times can be trusted.
type Clock struct {
	Source      string                   // such as NTP and its server
	Zone        string                   // the local one, such as Europe/Ljubljana
	Offset      time.Duration            // of the appliance against the outside time, as last measured: to be added to its times
	Uncertainty time.Duration            // of that
	Measured    time.Time                // zero: never
	Cameras     map[string]time.Duration // what the pictures' own clock is ahead of the appliance's, as far as it is known
}

// Notice is the notice in force over footage of a camera.
type Notice struct {
	Camera   string
	Version  string
	Hash     proof.Hash // of its text
	Purposes []string
}

// Gap is time for which there is no footage in the package, and why: a cause that the recorder gave, or erased, restricted or unreadable.
type Gap struct {
	Camera, Stream string
	From, To       time.Time
	Cause          string
}

// Manifest lists a package.
type Manifest struct {
	About
	Key      string // the diary's, which signs the manifest
	Clips    []Clip
	Segments []Segment
	Files    []File
}

// Clip is a film and what proves it.
type Clip struct {
	Path, Sidecar  string
	Camera, Stream string
	From, To       time.Time // recorder's UTC of the first picture, and of the end of the last
	Fragments      int64
	Lost           int64 // fragments in which packets were missing
	Silent         int64 // fragments of sound that stayed behind
	Decodable      bool  // it begins with a key frame; else players show nothing before the first
	Tracks         []Track
}

// Track is what one track of a clip holds.
type Track struct {
	ID        int64
	Entry     string // of the sample description: avc1 (H.264), hvc1 (H.265), mp4v (Motion JPEG), mp4a (AAC), Opus, alaw, ulaw (G.711)
	Sound     bool
	Samples   int64
	Timescale int64 // ticks a second
}

// Segment is one that clips are from.
type Segment struct {
	ID             [16]byte
	Camera, Stream string
	Records        int64
	Root           proof.Hash
	Collect        int64         // index of the entry collect that has the root
	Correction     time.Duration // to be added to its times, in whole microseconds: the clock was set only later
}

// Kind says what a file is for.
type Kind string

// The kinds of files.
const (
	KindClip    Kind = "clip"
	KindSidecar Kind = "sidecar"
	KindReading Kind = "reading" // for people: says nothing that is proven
	KindProgram Kind = "program" // a verifier; one that is in the package it checks proves nothing alone
	KindDerived Kind = "derived" // made of a clip for viewing, and no evidence
)

// File is a file of the package that was there before its manifest.
type File struct {
	Path   string
	Kind   Kind
	Of     string // of what it is derived: the path of a clip
	Size   int64
	Hash   proof.Hash
	Chunks []proof.Hash // of each 4 MiB
}

// Encode is the one form of a manifest.
func (m Manifest) Encode() ([]byte, error) {
	o := object{"v": int64(Version), "format": formatName, "id": fmt.Sprintf("%x", m.ID), "made": timeText(m.Made), "export": m.Export, "key": m.Key,
		"clock": m.Clock.object(), "request": texts(m.Request), "asked": listOf(m.Asked, Range.object), "notices": listOf(m.Notices, Notice.object),
		"gaps": listOf(m.Gaps, Gap.object), "clips": listOf(m.Clips, Clip.object), "segments": listOf(m.Segments, Segment.object), "files": listOf(m.Files, File.object)}
	put(o, "software", m.Software, "controller", m.Controller)
	if len(m.Cameras) > 0 {
		o["cameras"] = texts(m.Cameras)
	}
	b, err := proof.Encode(o)
	if err == nil && len(b) > proof.MaxManifest {
		err = ErrTooLarge
	}
	return b, err
}

// ParseManifest reads a manifest. It takes only bytes that Encode would write; the error of others is [ErrVersion] or [ErrFormat].
func ParseManifest(b []byte) (m Manifest, err error) {
	v, err := proof.Parse(b)
	if err != nil {
		return m, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	f := in(v)
	if f.text("format") != formatName {
		return m, fmt.Errorf("%w: it is no manifest of a package", ErrFormat)
	}
	if n := f.number("v"); n > Version {
		return m, ErrVersion
	} else if n != Version {
		f.fail("version 1")
	}
	m.ID, m.Made, m.Export, m.Key = f.id("id"), f.time("made"), f.number("export"), f.text("key")
	m.Software, m.Controller = f.perhaps("software"), f.perhaps("controller")
	if clock := in(f.o["clock"]); f.has("clock") {
		f.seen++
		m.Clock = readClock(clock)
		f.take(clock.end())
	}
	m.Request = readTexts(f, "request")
	if f.has("cameras") {
		if m.Cameras = readTexts(f, "cameras"); m.Cameras == nil {
			f.fail("names of cameras")
		}
	}
	m.Asked, m.Notices, m.Gaps = each(f, "asked", readRange), each(f, "notices", readNotice), each(f, "gaps", readGap)
	m.Clips, m.Segments, m.Files = each(f, "clips", readClip), each(f, "segments", readSegment), each(f, "files", readFile)
	if err := f.end(); err != nil {
		return m, err
	}
	return m, m.check()
}

func (f *fields) take(err error) {
	if f.err == nil {
		f.err = err
	}
}

// check refuses what no writer lists: names that lead elsewhere, or one twice, and clips that are no files of it.
func (m *Manifest) check() error {
	if len(m.Asked) > maxAsked || len(m.Gaps) > maxGaps {
		return fmt.Errorf("%w: the manifest lists %d ranges and %d gaps, at most %d and %d can be", ErrTooLarge, len(m.Asked), len(m.Gaps), maxAsked, maxGaps)
	}
	files, names := map[string]Kind{}, map[string]bool{}
	for _, f := range m.Files {
		if err := checkPath(f.Path); err != nil {
			return err
		}
		low := strings.ToLower(f.Path) // Windows and macOS do not mind the case
		if names[low] || f.Size < 0 || len(f.Chunks) != chunksOf(f.Size) || len(f.Chunks) == 1 && f.Chunks[0] != f.Hash {
			return fmt.Errorf("%w: the manifest lists %s twice, or with other chunks than it can have", ErrFormat, f.Path)
		}
		files[f.Path], names[low] = f.Kind, true
	}
	for _, c := range m.Clips {
		if files[c.Path] != KindClip || files[c.Sidecar] != KindSidecar {
			return fmt.Errorf("%w: the manifest lists no file for a clip or its sidecar, or one for two", ErrFormat)
		}
		delete(files, c.Path)
		delete(files, c.Sidecar)
	}
	for name, k := range files {
		if k == KindClip || k == KindSidecar {
			return fmt.Errorf("%w: %s is of no clip that the manifest lists", ErrFormat, name)
		}
	}
	return nil
}

func texts(m map[string]string) object {
	o := object{}
	for k, v := range m {
		o[k] = v
	}
	return o
}

func readTexts(f *fields, name string) map[string]string {
	o := member[object](f, name)
	if len(o) == 0 {
		return nil
	}
	g, m := &fields{o: o}, map[string]string{}
	for _, k := range slices.Sorted(maps.Keys(o)) {
		m[k] = g.text(k)
	}
	f.take(g.end())
	return m
}

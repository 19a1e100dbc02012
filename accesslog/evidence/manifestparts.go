package evidence

import (
	"fmt"
	"time"

	"varuh/accesslog/diary/proof"
)

func (r Range) object() any {
	return object{"camera": r.Camera, "from": timeText(r.From), "to": timeText(r.To)}
}

func readRange(f *fields) Range { return Range{f.text("camera"), f.time("from"), f.time("to")} }

// object has durations in microseconds: of what a clock is off, no digit behind them means anything.
func (c Clock) object() any {
	cameras := object{}
	for k, v := range c.Cameras {
		cameras[k] = v.Microseconds()
	}
	o := object{"cameras_us": cameras}
	put(o, "source", c.Source, "zone", c.Zone)
	if !c.Measured.IsZero() {
		put(o, "measured", timeText(c.Measured), "offset_us", c.Offset.Microseconds(), "uncertainty_us", c.Uncertainty.Microseconds())
	}
	return o
}

func readClock(f *fields) (c Clock) {
	c.Source, c.Zone = f.perhaps("source"), f.perhaps("zone")
	if f.has("measured") {
		c.Measured = f.time("measured")
		c.Offset, c.Uncertainty = microseconds(f, "offset_us"), microseconds(f, "uncertainty_us")
	}
	g := &fields{o: member[object](f, "cameras_us")}
	for k := range g.o {
		if c.Cameras == nil {
			c.Cameras = map[string]time.Duration{}
		}
		c.Cameras[k] = microseconds(g, k)
	}
	f.take(g.end())
	return c
}

func microseconds(f *fields, name string) time.Duration {
	n := f.number(name)
	d := time.Duration(n) * time.Microsecond
	if d.Microseconds() != n {
		f.fail(fmt.Sprintf("%q to be a duration", name))
	}
	return d
}

func (n Notice) object() any {
	return object{"camera": n.Camera, "version": n.Version, "sha256": b64.EncodeToString(n.Hash[:]), "purposes": listOf(n.Purposes, func(s string) any { return s })}
}

func readNotice(f *fields) (n Notice) {
	n = Notice{Camera: f.text("camera"), Version: f.text("version"), Hash: f.hash("sha256")}
	for _, v := range f.list("purposes") {
		s, ok := v.(string)
		if !ok {
			f.fail("purposes as texts")
		}
		n.Purposes = append(n.Purposes, s)
	}
	return n
}

func (g Gap) object() any {
	return object{"camera": g.Camera, "stream": g.Stream, "from": timeText(g.From), "to": timeText(g.To), "cause": g.Cause}
}

func readGap(f *fields) Gap {
	return Gap{f.text("camera"), f.text("stream"), f.time("from"), f.time("to"), f.text("cause")}
}

func (c Clip) object() any {
	o := object{"path": c.Path, "sidecar": c.Sidecar, "camera": c.Camera, "stream": c.Stream, "from": timeText(c.From), "to": timeText(c.To),
		"fragments": c.Fragments, "tracks": listOf(c.Tracks, Track.object)}
	if c.Lost > 0 {
		o["lost"] = c.Lost
	}
	if c.Silent > 0 {
		o["silent"] = c.Silent
	}
	if !c.Decodable {
		o["midway"] = true
	}
	return o
}

func readClip(f *fields) (c Clip) {
	c = Clip{Path: f.text("path"), Sidecar: f.text("sidecar"), Camera: f.text("camera"), Stream: f.text("stream"), From: f.time("from"), To: f.time("to"),
		Fragments: f.number("fragments"), Tracks: each(f, "tracks", readTrackOf)}
	if f.has("lost") {
		if c.Lost = f.number("lost"); c.Lost <= 0 {
			f.fail("a number of fragments")
		}
	}
	if f.has("silent") {
		if c.Silent = f.number("silent"); c.Silent <= 0 {
			f.fail("a number of fragments")
		}
	}
	c.Decodable = !f.whether("midway")
	return c
}

func (t Track) object() any {
	kind := "picture"
	if t.Sound {
		kind = "sound"
	}
	return object{"id": t.ID, "entry": t.Entry, "kind": kind, "samples": t.Samples, "timescale": t.Timescale}
}

func readTrackOf(f *fields) Track {
	kind := f.text("kind")
	if kind != "picture" && kind != "sound" {
		f.fail("a track of picture or sound")
	}
	return Track{f.number("id"), f.text("entry"), kind == "sound", f.number("samples"), f.number("timescale")}
}

func (s Segment) object() any {
	o := object{"id": fmt.Sprintf("%x", s.ID), "camera": s.Camera, "stream": s.Stream, "records": s.Records, "root": b64.EncodeToString(s.Root[:]), "collect": s.Collect}
	if s.Correction != 0 {
		o["correction_us"] = s.Correction.Microseconds()
	}
	return o
}

func readSegment(f *fields) Segment {
	s := Segment{ID: f.id("id"), Camera: f.text("camera"), Stream: f.text("stream"), Records: f.number("records"), Root: f.hash("root"), Collect: f.number("collect")}
	if f.has("correction_us") {
		if s.Correction = microseconds(f, "correction_us"); s.Correction == 0 {
			f.fail("a correction")
		}
	}
	return s
}

func (x File) object() any {
	o := object{"path": x.Path, "kind": string(x.Kind), "size": x.Size, "sha256": fmt.Sprintf("%x", x.Hash[:]),
		"chunks": listOf(x.Chunks, func(h proof.Hash) any { return b64.EncodeToString(h[:]) })}
	put(o, "of", x.Of)
	return o
}

func readFile(f *fields) (x File) {
	x = File{Path: f.text("path"), Kind: Kind(f.text("kind")), Of: f.perhaps("of"), Size: f.number("size")}
	f.hexadecimal(x.Hash[:], "sha256")
	for _, v := range f.list("chunks") {
		s, ok := v.(string)
		b, err := b64.DecodeString(s)
		if !ok || err != nil || len(b) != len(proof.Hash{}) {
			f.fail("chunks as hashes")
			break
		}
		x.Chunks = append(x.Chunks, proof.Hash(b))
	}
	return x
}

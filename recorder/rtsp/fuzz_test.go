package rtsp

import (
	"bytes"
	"encoding/binary"
	"errors"
	"testing"
	"time"

	"varuh/recorder/cmaf"
)

// checked is a sink that checks what holds for every unit, whatever a camera sends, and that the unit is
// in a fragment, with the same bytes.
type checked struct {
	t    *testing.T
	run  bool
	last int64
	any  bool

	mux  *cmaf.Muxer
	head []byte
	open [][]byte // units that are in no fragment yet
}

func (c *checked) Begin(tracks []cmaf.Track) (err error) {
	if len(tracks[0].SPS) == 0 || tracks[0].Width < 1 {
		c.t.Fatalf("a run begins with %+v", tracks[0])
	}
	c.flush()
	if c.head, err = cmaf.InitSegment(tracks); err != nil {
		c.t.Fatalf("a run begins with tracks that have no head: %v", err)
	}
	c.mux = cmaf.NewMuxer(tracks, c.fragment)
	c.run, c.any = true, false
	return nil
}

// fragment checks that it holds the next units.
func (c *checked) fragment(f cmaf.Fragment) error {
	for s, err := range cmaf.Samples(c.head, f.Data) {
		if err != nil || len(c.open) == 0 || !bytes.Equal(s.Data, c.open[0]) {
			c.t.Fatalf("a fragment is not what was sent: %v, %d units are open", err, len(c.open))
		}
		c.open = c.open[1:]
	}
	return nil
}

// flush ends the last fragment.
func (c *checked) flush() {
	if c.mux == nil {
		return
	}
	if err := c.mux.Flush(); err != nil || len(c.open) > 0 {
		c.t.Fatalf("%d units are in no fragment: %v", len(c.open), err)
	}
}

func (c *checked) Unit(u cmaf.Unit, arrived time.Time) error {
	switch {
	case !c.run:
		c.t.Fatal("a unit before a run")
	case !c.any && !u.Key:
		c.t.Fatal("a run begins without a key frame")
	case c.any && u.DTS <= c.last:
		c.t.Fatalf("decoding time %d after %d", u.DTS, c.last)
	case len(u.Data) > maxUnit:
		c.t.Fatalf("a unit of %d bytes", len(u.Data))
	}
	c.last, c.any = u.DTS, true
	for b := u.Data; len(b) > 0; {
		n := int(binary.BigEndian.Uint32(append(b[:len(b):len(b)], 0, 0, 0, 0)))
		if len(b) < 4 || n < 1 || n > len(b)-4 {
			c.t.Fatalf("lengths do not add up in %x", u.Data)
		}
		b = b[4+n:]
	}
	u.Wall = arrived
	c.open = append(c.open, bytes.Clone(u.Data))
	if err := c.mux.Write(u); errors.Is(err, cmaf.ErrUnit) {
		c.open = c.open[:len(c.open)-1] // shown too far from when it is decoded: the recorder leaves it out as well
	} else if err != nil {
		c.t.Fatal(err)
	}
	return nil
}

// FuzzPackets puts any bytes, cut into RTP packets by 2-byte lengths, into both depacketizers, and their
// units into fragments.
func FuzzPackets(f *testing.F) {
	for _, nal := range []string{idr, non, sei, "\x7c\x85\x88i", "\x7c\x45r", "\x18\x00\x01\x65\x00\x01\x41", "\x26\x01\xaf", "\x62\x01\x93x", "\x60\x01\x00\x03\x26\x01\xaf"} {
		one := frame(0, 96, nal)[2:]
		marked := []byte(one)
		marked[3] |= 0x80
		f.Add(true, []byte(one+string(marked)))
		f.Add(false, append(marked, one...))
	}
	f.Add(true, []byte(frame(0, 96, string(testSPS))[2:]+frame(0, 96, string(testPPS))[2:]+frame(0, 96, idr)[2:]))
	f.Fuzz(func(t *testing.T, h265 bool, b []byte) {
		track := known
		if h265 {
			track = cmaf.Track{Codec: cmaf.H265, VPS: testVPS5, SPS: testSPS5, PPS: testPPS5}
		}
		track.Timescale = 90000
		sink := &checked{t: t}
		r := &receiver{sink: sink, stats: new(Stats)}
		r.video = newCoded(r, track)
		when := time.Unix(1e9, 0)
		var p packet
		for len(b) >= 2 {
			n := min(int(binary.BigEndian.Uint16(b)), len(b)-2)
			if p.parse(b[2 : 2+n]) {
				when = when.Add(time.Duration(p.seq%64) * time.Millisecond)
				if err := r.take(r.video, &p, n, when); err != nil {
					t.Fatal(err)
				}
			}
			b = b[2+n:]
		}
		sink.flush()
	})
}

// FuzzDemux checks that the size of the pieces in which bytes come changes nothing.
func FuzzDemux(f *testing.F) {
	f.Add([]byte("RTSP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nabc" + frame(0, 96, "xyz") + frame(1, 96, "r")))
	f.Add([]byte("$\x00\x00\x03abOPTIONS * RTSP/1.0\r\n\r\n$"))
	f.Fuzz(func(t *testing.T, b []byte) {
		rest, taken, _ := through(string(b), 1<<20)
		rest1, taken1, _ := through(string(b), 1)
		if rest != rest1 || taken != taken1 {
			t.Fatalf("in one piece %q and %q, byte by byte %q and %q", rest, taken, rest1, taken1)
		}
		if len(rest)+len(taken) > len(b) {
			t.Fatalf("%d bytes became %d", len(b), len(rest)+len(taken))
		}
	})
}

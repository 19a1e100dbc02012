package rtsp

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"testing"
	"time"

	"varuh/recorder/cmaf"
)

// Parameter sets of 1920×1080 without reordering, and H.265 ones of 1920×1080.
var (
	testSPS  = unbase64("Z2QAKKwspQHgCJ+XARAAAAMAEAAAAwMg8YMZYA==")
	testPPS  = unbase64("aOvssiw=")
	testVPS5 = unbase64("QAEMAf//AWAAAAMAkAAAAwAAAwB4mZgJ")
	testSPS5 = unbase64("QgEBAWAAAAMAkAAAAwAAAwB4oAPAgBDllmZpJMrgEAAAAwAQAAADAeCA")
	testPPS5 = unbase64("RAHBcrRiQA==")
)

func unbase64(s string) []byte {
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		panic(err)
	}
	return b
}

// kept is a sink that keeps all.
type kept struct {
	runs  [][]cmaf.Track
	units []cmaf.Unit
}

func (k *kept) Begin(t []cmaf.Track) error {
	k.runs = append(k.runs, t)
	return nil
}

func (k *kept) Unit(u cmaf.Unit, _ time.Time) error {
	u.Data = bytes.Clone(u.Data)
	k.units = append(k.units, u)
	return nil
}

// feed is a stream put into a receiver packet by packet, 40 ms between timestamps.
type feed struct {
	t    *testing.T
	k    kept
	r    *receiver
	seq  uint16
	ts   uint32
	when time.Time
}

func newFeed(t *testing.T, track cmaf.Track) *feed {
	f := &feed{t: t, when: time.Unix(1e9, 0), ts: 1e6}
	f.r = &receiver{sink: &f.k, stats: new(Stats)}
	track.Timescale = 90000
	f.r.video = newCoded(f.r, track)
	return f
}

// frame goes on to the next timestamp.
func (f *feed) frame() *feed {
	f.ts += 3600
	f.when = f.when.Add(40 * time.Millisecond)
	return f
}

func (f *feed) lose() *feed {
	f.seq++
	return f
}

// rtp sends payloads, all but the last without marker; the last with it if marker.
func (f *feed) rtp(marker bool, payloads ...string) *feed {
	f.t.Helper()
	for i, b := range payloads {
		p := &packet{payload: []byte(b), ts: f.ts, seq: f.seq, ssrc: 7, marker: marker && i == len(payloads)-1}
		f.seq++
		if err := f.r.take(f.r.video, p, len(b)+12, f.when); err != nil {
			f.t.Fatal(err)
		}
	}
	return f
}

// want checks all units so far: each is the NAL units given, length-prefixed.
func (f *feed) want(units ...[]string) {
	f.t.Helper()
	if len(f.k.units) != len(units) {
		f.t.Fatalf("%d units, want %d", len(f.k.units), len(units))
	}
	for i, nals := range units {
		var b []byte
		for _, n := range nals {
			b = binary.BigEndian.AppendUint32(b, uint32(len(n)))
			b = append(b, n...)
		}
		if !bytes.Equal(f.k.units[i].Data, b) {
			f.t.Errorf("unit %d is %x, want %x", i, f.k.units[i].Data, b)
		}
	}
}

var known = cmaf.Track{Codec: cmaf.H264, SPS: testSPS, PPS: testPPS}

const (
	idr  = "\x65\x88idr"
	non  = "\x41\x9anon"
	more = "\x41\x1amore" // not the first slice of its picture
	sei  = "\x06\x05signed"
)

func TestH264Packets(t *testing.T) {
	t.Parallel()
	stap := "\x18" + "\x00\x09\x06\x05sei-sei" + "\x00\x05\x65\x88idr"
	for _, test := range []struct {
		name string
		send func(*feed)
		want [][]string
		loss []int // units marked
	}{
		{"single", func(f *feed) { f.rtp(true, idr).frame().rtp(true, non) }, [][]string{{idr}, {non}}, nil},
		{"STAP-A", func(f *feed) { f.rtp(true, stap) }, [][]string{{"\x06\x05sei-sei", idr}}, nil},
		{"FU-A", func(f *feed) { f.rtp(true, "\x7c\x85\x88i", "\x7c\x05d", "\x7c\x45r") }, [][]string{{idr}}, nil},
		{"FU-A in one", func(f *feed) { f.rtp(true, "\x7c\xc5\x88idr") }, [][]string{{idr}}, nil},
		{"FU-A without end", func(f *feed) { f.rtp(true, "\x7c\x85\x88i", "\x7c\x05dr") }, [][]string{{idr}}, nil},
		{"no marker", func(f *feed) { f.rtp(false, idr).frame().rtp(false, non).frame().rtp(false, non) }, [][]string{{idr}, {non}}, nil},
		{"picture missing joins", func(f *feed) { f.rtp(true, sei).frame().rtp(true, idr) }, [][]string{{sei, idr}}, nil},
		{"SEI after the marker joins the next", func(f *feed) { f.rtp(true, idr).rtp(false, sei).frame().rtp(true, non) }, [][]string{{idr}, {sei, non}}, nil},
		{"fragment lost", func(f *feed) {
			f.rtp(true, idr).frame().rtp(false, sei, "\x5c\x81\x9an").lose().rtp(false, "\x5c\x41n").rtp(true, non).frame().rtp(true, non)
		}, [][]string{{idr}, {sei, non}, {non}}, []int{1}},
		{"unit lost", func(f *feed) { f.rtp(true, idr).frame().lose().frame().rtp(true, non) }, [][]string{{idr}, {non}}, []int{1}},
		{"end and start lost", func(f *feed) {
			f.rtp(true, idr).frame().rtp(false, non).lose().frame().rtp(true, non)
		}, [][]string{{idr}, {non}, {non}}, []int{1, 2}},
		{"marker after every slice", func(f *feed) {
			f.rtp(true, idr).frame().rtp(true, non).rtp(true, more).frame().rtp(true, non).rtp(true, more).frame().rtp(true, non)
		}, [][]string{{idr}, {non}, {more}, {non, more}}, nil},
		{"two pictures at one time", func(f *feed) {
			f.rtp(true, idr).frame().rtp(true, non).rtp(true, non).frame().rtp(true, non).rtp(true, non)
		}, [][]string{{idr}, {non}, {non}, {non}, {non}}, nil},
		{"start codes", func(f *feed) { f.rtp(true, "\x00\x00\x00\x01"+sei+"\x00\x00\x01"+idr) }, [][]string{{sei, idr}}, nil},
		{"starts between key frames", func(f *feed) { f.rtp(true, non).frame().rtp(true, non).frame().rtp(true, idr) }, [][]string{{idr}}, nil},
		{"garbage", func(f *feed) { f.rtp(true, idr).frame().rtp(true, "", "\x1d\x00\x00", "\x18\x00\xff\x00", "\x7c", non) }, [][]string{{idr}, {non}}, []int{1}},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := newFeed(t, known)
			test.send(f)
			f.want(test.want...)
			for i, u := range f.k.units {
				marked := false
				for _, l := range test.loss {
					marked = marked || l == i
				}
				if u.Loss != marked {
					t.Errorf("unit %d: loss %v", i, u.Loss)
				}
			}
		})
	}
}

func TestH265Packets(t *testing.T) {
	t.Parallel()
	const idr, cra, trail, rasl = "\x26\x01\xafidr", "\x2a\x01\xafcra", "\x02\x01\xd0tra", "\x10\x01\xd0ras"
	track := cmaf.Track{Codec: cmaf.H265, VPS: testVPS5, SPS: testSPS5, PPS: testPPS5}
	f := newFeed(t, track)
	f.rtp(true, "\x62\x01\x93\xafi", "\x62\x01\x13d", "\x62\x01\x53r")
	f.frame().rtp(true, "\x60\x01\x00\x06"+trail+"\x00\x06"+trail)
	f.want([]string{idr}, []string{trail, trail})

	f = newFeed(t, track)
	f.rtp(true, cra).frame().rtp(true, rasl).frame().rtp(true, trail).frame().rtp(true, cra).frame().rtp(true, rasl)
	f.want([]string{cra}, []string{trail}, []string{cra}, []string{rasl})
	if n := f.r.stats.Skipped.Load(); n != 1 {
		t.Errorf("%d units skipped; the leading picture of a run's first key frame cannot be decoded", n)
	}
}

func TestParameterSetsInBand(t *testing.T) {
	t.Parallel()
	other := bytes.Clone(testSPS)
	other[3] = 0x29 // level 4.1
	f := newFeed(t, cmaf.Track{Codec: cmaf.H264})
	f.rtp(true, idr) // nothing is known yet
	f.frame().rtp(true, string(testSPS), string(testPPS), idr)
	f.frame().rtp(true, string(testSPS), string(testPPS), non) // repeated: nothing
	f.frame().rtp(true, string(other), non)                    // kept for the key frame
	f.frame().rtp(true, idr)
	if len(f.k.runs) != 2 || len(f.k.units) != 4 || f.r.stats.Skipped.Load() != 1 {
		t.Fatalf("%d runs, %d units, %d skipped", len(f.k.runs), len(f.k.units), f.r.stats.Skipped.Load())
	}
	if r := f.k.runs[0][0]; r.Width != 1920 || r.Height != 1080 || !bytes.Equal(r.SPS, testSPS) {
		t.Errorf("%+v", r)
	}
	if !bytes.Equal(f.k.runs[1][0].SPS, other) {
		t.Error("the second run has the old parameter set")
	}
}

// TestReorderingLearned feeds B-frames whose parameter set does not tell of them.
func TestReorderingLearned(t *testing.T) {
	t.Parallel()
	bare := []byte("\x67\x4d\x00\x28\xf4\x0a\x0c\xc8") // Main profile, 320×192, no VUI
	f := newFeed(t, cmaf.Track{Codec: cmaf.H264, SPS: bare, PPS: testPPS})
	for _, shown := range []uint32{0, 3, 1, 2, 6, 4, 5, 7, 10, 8, 9, 13, 11, 12} {
		nal := non
		if shown%7 == 0 {
			nal = idr
		}
		f.ts = 1e6 + shown*3600
		f.when = f.when.Add(40 * time.Millisecond)
		f.rtp(true, nal)
	}
	if len(f.k.runs) != 2 || len(f.k.units) != 14 {
		t.Fatalf("%d runs, %d units", len(f.k.runs), len(f.k.units))
	}
	for i, u := range f.k.units[1:] {
		if i != 6 && u.DTS <= f.k.units[i].DTS || i >= 6 && u.DTS > u.PTS {
			t.Errorf("unit %d: decoding time %d after %d, presentation time %d", i+1, u.DTS, f.k.units[i].DTS, u.PTS)
		}
	}
}

func TestUnitBounds(t *testing.T) {
	t.Parallel()
	f := newFeed(t, known)
	f.rtp(true, idr).frame()
	for range maxNALs + 1 {
		f.rtp(false, non)
	}
	f.rtp(true, non).frame().rtp(true, non)
	f.want([]string{idr}, []string{non})
	if !f.k.units[1].Loss {
		t.Error("the unit after one that was given up must tell")
	}
	big := "\x41" + string(make([]byte, 60000))
	f.frame()
	for range maxUnit/60000 + 10 {
		f.rtp(false, big)
	}
	c := f.r.video.(*coded)
	if n := len(c.asm.buf); n > maxUnit {
		t.Errorf("a unit of %d bytes is held", n)
	}
	f.rtp(true, big).frame().rtp(true, non)
	if len(f.k.units) != 3 || cap(c.asm.buf) > maxKept {
		t.Errorf("%d units, buffer of %d bytes", len(f.k.units), cap(c.asm.buf))
	}
}

// TestNoAllocation guards what a stream costs: in the steady state a packet allocates nothing.
func TestNoAllocation(t *testing.T) {
	r := &receiver{sink: discard{}, stats: new(Stats)}
	track := known
	track.Timescale = 90000
	c := newCoded(r, track)
	r.video = c
	p := &packet{ssrc: 7}
	when := time.Unix(1e9, 0)
	start, middle, end := make([]byte, 1400), make([]byte, 1400), make([]byte, 1400)
	start[0], start[1], middle[0], middle[1], end[0], end[1] = 0x7c, 0x85, 0x7c, 0x05, 0x7c, 0x45
	n := testing.AllocsPerRun(1000, func() {
		p.ts += 3600
		when = when.Add(40 * time.Millisecond)
		for _, b := range [][]byte{start, middle, middle, end} {
			p.payload, p.marker = b, &b[0] == &end[0]
			if err := r.take(c, p, 1412, when); err != nil {
				t.Fatal(err)
			}
			p.seq++
		}
	})
	if n > 0 || r.stats.Units.Load() < 1000 {
		t.Errorf("%v allocations a unit, %d units", n, r.stats.Units.Load())
	}
}

type discard struct{}

func (discard) Begin([]cmaf.Track) error        { return nil }
func (discard) Unit(cmaf.Unit, time.Time) error { return nil }

// BenchmarkPackets takes the packets of 4 Mbit/s: 14 of 1400 bytes to a picture.
func BenchmarkPackets(b *testing.B) {
	r := &receiver{sink: discard{}, stats: new(Stats)}
	track := known
	track.Timescale = 90000
	c := newCoded(r, track)
	r.video = c
	d := &demux{rx: r, taps: []tap{{0, 96, c}}}
	d.on.Store(true)
	wire := make([]byte, 16+1400)
	copy(wire, "$\x00\x05\x84\x80\x60")
	wire[16] = 0x7c
	d.buf, d.w = wire, len(wire)
	b.SetBytes(int64(len(wire)))
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		n := i % 14
		wire[5], wire[17] = 0x60, 0x05
		switch n {
		case 0:
			wire[17] = 0x85
		case 13:
			wire[5], wire[17] = 0xe0, 0x45
		}
		binary.BigEndian.PutUint16(wire[6:], uint16(i))
		binary.BigEndian.PutUint32(wire[8:], uint32(i/14*3600))
		d.r = 0
		if _, err := d.step(); err != nil {
			b.Fatal(err)
		}
	}
	if r.stats.Garbage.Load() > 0 {
		b.Fatal("packets were not understood")
	}
}

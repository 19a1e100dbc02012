package fleet

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"math/rand/v2"
	"net"
	"testing"
	"time"

	"github.com/bluenviron/gortsplib/v5"
	"github.com/bluenviron/gortsplib/v5/pkg/base"
	"github.com/bluenviron/gortsplib/v5/pkg/format"
	"github.com/bluenviron/gortsplib/v5/pkg/format/rtph264"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
)

const testRate = 50

// testStream is an Annex B stream of 10 pictures, two of them key frames, and its access units.
func testStream(t testing.TB) (stream []byte, units [][][]byte) {
	t.Helper()
	sps, err := hex.DecodeString("67640028acd940780227e5c05a808080a0000003002000000651e30632c0")
	if err != nil {
		t.Fatal(err)
	}
	pps := []byte{0x68, 0xeb, 0xe3, 0xcb, 0x22, 0xc1}
	random := rand.New(rand.NewPCG(1, 2))
	for i := range 10 {
		slice := make([]byte, 100+random.IntN(9000))
		for j := range slice {
			slice[j] = byte(1 + random.IntN(255)) // no 0: emulation prevention is not what is tested
		}
		unit := [][]byte{slice}
		slice[0] = 0x41
		if i%5 == 0 {
			slice[0] = 0x65
			unit = [][]byte{sps, pps, slice}
		}
		units = append(units, unit)
		stream = append(stream, 0, 0, 0, 1, nalDelimiter, 0xf0)
		for _, nal := range unit {
			stream = append(append(stream, 0, 0, 1), nal...)
		}
	}
	return stream, units
}

func testClip(t testing.TB) (*Clip, [][][]byte) {
	t.Helper()
	stream, units := testStream(t)
	c, err := NewClip(stream, testRate)
	if err != nil {
		t.Fatal(err)
	}
	return c, units
}

func TestClipKeepsEveryPicture(t *testing.T) {
	t.Parallel()
	clip, units := testClip(t)
	if len(clip.pictures) != len(units) {
		t.Fatalf("%d pictures, want %d", len(clip.pictures), len(units))
	}
	decoder := rtph264.Decoder{PacketizationMode: 1}
	if err := decoder.Init(); err != nil {
		t.Fatal(err)
	}
	for i, p := range clip.pictures {
		var got [][]byte
		for _, sp := range p.packets {
			if n := sp.to - sp.from; n > frameHeader+rtpHeader+maxPayload {
				t.Errorf("picture %d has a packet of %d bytes", i, n)
			}
			packet := new(rtp.Packet)
			if err := packet.Unmarshal(p.wire[sp.from+frameHeader : sp.to]); err != nil {
				t.Fatal(err)
			}
			if unit, err := decoder.Decode(packet); err == nil {
				got = unit
			}
		}
		if !equal(got, units[i]) {
			t.Errorf("picture %d is not what was packed", i)
		}
	}
}

func TestClipRefusesWhatItCannotPlay(t *testing.T) {
	t.Parallel()
	for _, stream := range [][]byte{nil, []byte("no start code"), {0, 0, 1, nalDelimiter, 0xf0, 0, 0, 1, 0x41, 1}} {
		if _, err := NewClip(stream, testRate); err == nil {
			t.Errorf("a clip was made of %q", stream)
		}
	}
}

func equal(a, b [][]byte) bool {
	return bytes.Equal(bytes.Join(a, []byte{0}), bytes.Join(b, []byte{0})) && len(a) == len(b)
}

// TestReaderGetsEveryPicture plays two loops to a client with each pacing.
func TestReaderGetsEveryPicture(t *testing.T) {
	t.Parallel()
	for _, pacing := range []Pacing{Link, Frame} {
		t.Run(string(pacing), func(t *testing.T) {
			t.Parallel()
			clip, units := testClip(t)
			source, client, u := start(t, clip, pacing)
			desc, _, err := client.Describe(u)
			if err != nil {
				t.Fatal(err)
			}
			if err := client.SetupAll(desc.BaseURL, desc.Medias); err != nil {
				t.Fatal(err)
			}
			var h *format.H264
			media := desc.FindFormat(&h)
			packets := make(chan *rtp.Packet, 4096)
			reported := make(chan rtcp.Packet, 16)
			client.OnPacketRTP(media, h, func(p *rtp.Packet) { packets <- p })
			client.OnPacketRTCP(media, func(p rtcp.Packet) { reported <- p })
			if _, err := client.Play(nil); err != nil {
				t.Fatal(err)
			}
			follow(t, h, packets, units)
			if n := counted(source, 2*sum(clip)); n.Playing != 1 || n.Cut != 0 || n.Sent["cam"] < 2*sum(clip) {
				t.Errorf("after two loops of %d bytes the counters are %+v", sum(clip), n)
			}
			if _, ok := (<-reported).(*rtcp.SenderReport); !ok {
				t.Error("the first RTCP packet is no sender report")
			}
		})
	}
}

// counted waits until so many bytes are counted, which is a moment after the reader may have them.
func counted(source *Source, bytes int64) Counters {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for range 200 {
		if n := source.Counters(); n.Sent["cam"] >= bytes {
			return n
		}
		<-tick.C
	}
	return source.Counters()
}

func sum(c *Clip) (n int64) {
	for _, p := range c.pictures {
		n += int64(len(p.wire))
	}
	return n
}

func start(t *testing.T, clip *Clip, pacing Pacing) (*Source, *gortsplib.Client, *base.URL) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	source := Serve(listener, clip, pacing)
	t.Cleanup(source.Close)
	u, err := base.ParseURL("rtsp://" + listener.Addr().String() + "/cam")
	if err != nil {
		t.Fatal(err)
	}
	protocol := gortsplib.ProtocolTCP
	client := &gortsplib.Client{Scheme: u.Scheme, Host: u.Host, Protocol: &protocol}
	if err := client.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return source, client, u
}

// follow reads two loops of pictures, in order from wherever the camera is.
func follow(t *testing.T, h *format.H264, packets <-chan *rtp.Packet, units [][][]byte) {
	t.Helper()
	decoder, err := h.CreateDecoder()
	if err != nil {
		t.Fatal(err)
	}
	at, stamp := -1, uint32(0)
	for n := 0; n < 2*len(units); {
		packet := <-packets
		unit, err := decoder.Decode(packet)
		if err != nil {
			continue // more packets belong to it
		}
		n++
		if at < 0 {
			for at = 0; at < len(units) && !equal(unit, units[at]); at++ {
			}
		} else {
			at = (at + 1) % len(units)
			if got, want := packet.Timestamp-stamp, uint32(clockRate/testRate); got != want {
				t.Fatalf("the RTP time went on by %d, want %d", got, want)
			}
		}
		if stamp = packet.Timestamp; at == len(units) || !equal(unit, units[at]) {
			t.Fatalf("picture %d is not the next one", n)
		}
	}
}

func TestPhaseFollowsFromName(t *testing.T) {
	t.Parallel()
	clip, _ := testClip(t)
	s := &Source{clip: clip, began: time.Unix(0, 0)}
	now := s.began.Add(time.Hour)
	a, again, b := s.join(nil, 0, 1234567, now), s.join(nil, 0, 1234567, now), s.join(nil, 0, 7654321, now)
	if a.picture != again.picture || !a.due.Equal(again.due) {
		t.Error("one camera is at two places of the clip")
	}
	if a.picture == b.picture && a.due.Equal(b.due) {
		t.Error("two cameras are at one place of the clip")
	}
	if wait := a.due.Sub(now); wait <= 0 || wait > clip.interval() {
		t.Errorf("the next picture is due in %v", wait)
	}
}

// TestLinkSpacing checks that packets leave as a 100 Mbit/s link carries them, within one picture.
func TestLinkSpacing(t *testing.T) {
	t.Parallel()
	clip, _ := testClip(t)
	near, far := net.Pipe()
	t.Cleanup(func() { near.Close(); far.Close() })
	out := &outlet{source: &Source{}, conn: near, raw: taker{}}
	r := (&Source{clip: clip, began: time.Unix(0, 0)}).join(out, 0, 1, time.Unix(100, 0))
	for range 3 * len(clip.pictures) {
		begin := r.due
		if !begin.Equal(r.pictureDue) {
			t.Fatal("a picture does not begin when it is due")
		}
		p := clip.pictures[r.picture]
		for i, sp := range p.packets {
			due := r.due
			if err := r.step(clip, Link, due); err != nil {
				t.Fatal(err)
			}
			if want := time.Duration(sp.to-sp.from+linkOverhead) * 80; i < len(p.packets)-1 && r.due.Sub(due) != want {
				t.Fatalf("the packet after one of %d bytes leaves %v later, want %v", sp.to-sp.from, r.due.Sub(due), want)
			}
		}
		if got := r.due.Sub(begin); got != clip.interval() {
			t.Fatalf("the next picture begins %v later, want %v", got, clip.interval())
		}
	}
}

// taker is a connection whose kernel takes nothing.
type taker struct{}

func (taker) Control(func(uintptr)) error    { return nil }
func (taker) Read(func(uintptr) bool) error  { return nil }
func (taker) Write(func(uintptr) bool) error { return nil }

func TestSlowReaderIsCutOff(t *testing.T) {
	t.Parallel()
	near, far := net.Pipe()
	t.Cleanup(func() { near.Close(); far.Close() })
	source := &Source{}
	out := &outlet{source: source, conn: near, raw: taker{}}
	piece := make([]byte, 1<<20)
	binary.BigEndian.PutUint32(piece, 1)
	for i := range maxBehind / len(piece) {
		if _, err := out.Write(piece); err != nil {
			t.Fatalf("cut off after %d MiB: %v", i, err)
		}
	}
	if _, err := out.Write(piece); err == nil {
		t.Fatal("a reader 9 MiB behind is still served")
	}
	if _, err := out.Write(piece); err == nil || source.cut.Load() != 1 {
		t.Fatalf("cut off %d times, then: %v", source.cut.Load(), err)
	}
}

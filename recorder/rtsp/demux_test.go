package rtsp

import (
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// pieces is a connection that gives its bytes in pieces of a size.
type pieces struct {
	net.Conn
	b    []byte
	size int
}

func (p *pieces) Read(b []byte) (int, error) {
	if len(p.b) == 0 {
		return 0, io.EOF
	}
	n := copy(b, p.b[:min(len(p.b), p.size)])
	p.b = p.b[n:]
	return n, nil
}

// counting takes packets and joins their payloads.
type counting struct{ got []byte }

func (c *counting) packet(p *packet, _ time.Time) error {
	c.got = append(c.got, p.payload...)
	return nil
}

// frame is an interleaved frame of an RTP packet (RFC 2326 section 10.12).
func frame(channel byte, pt byte, payload string) string {
	b := []byte{'$', channel, 0, 0, 0x80, pt, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}
	binary.BigEndian.PutUint16(b[2:], uint16(12+len(payload)))
	return string(b) + payload
}

// through sends text through a demux that takes channel 0, payload type 96.
func through(text string, size int) (rest string, taken string, stats *Stats) {
	r := &receiver{sink: discard{}, stats: new(Stats)}
	in := new(counting)
	r.video = in
	d := &demux{Conn: &pieces{b: []byte(text), size: size}, rx: r, buf: make([]byte, readAhead), taps: []tap{{0, 96, in}}}
	d.on.Store(true)
	b, _ := io.ReadAll(d)
	return string(b), string(in.got), r.stats
}

func TestDemux(t *testing.T) {
	t.Parallel()
	play := "RTSP/1.0 200 OK\r\nCSeq: 5\r\ncontent-length: 6\r\n\r\n$ body"
	ping := "OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n"
	rtcp := "$\x01\x00\x04\x80\xc9\x00\x00"
	big := strings.Repeat("x", 65523)
	text := play + frame(0, 96, "ab") + "\r\n" + rtcp + frame(0, 96, big) + frame(0, 97, "other") + "RTSPnoise" + ping + frame(2, 96, "not ours") + frame(0, 96, "cd")
	for _, size := range []int{1, 7, 1400, 1 << 20} {
		rest, taken, stats := through(text, size)
		if want := play + rtcp + ping + frame(2, 96, "not ours"); rest != want {
			t.Errorf("pieces of %d: passed on %q, want %q", size, rest, want)
		}
		if want := "ab" + big + "cd"; taken != want {
			t.Errorf("pieces of %d: took %d bytes, want %d", size, len(taken), len(want))
		}
		if stats.Garbage.Load() != 1 {
			t.Errorf("pieces of %d: %d packets of another payload type, want 1", size, stats.Garbage.Load())
		}
	}
}

// TestTick checks that an armed connection returns what came though fewer bytes wait than the
// kernel wakes us for, and that no timeout gets out.
func TestTick(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	near, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	far, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	c := &tick{Conn: near}
	got := make(chan []byte)
	go func() {
		defer close(got)
		for b := make([]byte, 1<<20); ; {
			n, err := c.Read(b)
			if err != nil {
				if err != io.EOF {
					t.Error(err)
				}
				return
			}
			got <- bytes.Clone(b[:n])
		}
	}()
	if err := c.arm(); err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{"a tail", strings.Repeat("much ", mark/4)} {
		begun := time.Now()
		if _, err := io.WriteString(far, s); err != nil {
			t.Fatal(err)
		}
		var b []byte
		for len(b) < len(s) {
			b = append(b, <-got...)
		}
		if string(b) != s {
			t.Errorf("%d bytes came otherwise than sent", len(b))
		}
		if d := time.Since(begun); d > 20*time.Second {
			t.Errorf("they took %v", d)
		}
	}
	far.Close()
	if _, open := <-got; open {
		t.Error("more came than was sent")
	}
	near.Close()
}

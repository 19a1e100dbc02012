package rtsp_test

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"

	"varuh/recorder/rtsp"
)

// answering is a camera that gives one answer to DESCRIBE and 200 to all else.
func answering(t *testing.T, answer string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() { respond(c, answer) })
		}
	})
	t.Cleanup(func() { l.Close(); wg.Wait() })
	return l.Addr().String()
}

func respond(c net.Conn, answer string) {
	defer c.Close()
	method, seq := "", ""
	for in := bufio.NewScanner(c); in.Scan(); {
		line := in.Text()
		switch {
		case strings.HasSuffix(line, " RTSP/1.0"):
			method, _, _ = strings.Cut(line, " ")
		case strings.HasPrefix(line, "CSeq: "):
			seq = line
		case line == "" && method == "DESCRIBE":
			fmt.Fprintf(c, strings.ReplaceAll(answer, "\n", "\r\n"), seq)
		case line == "":
			fmt.Fprintf(c, "RTSP/1.0 200 OK\r\n%s\r\n\r\n", seq)
		}
	}
}

func describe(media string) string {
	sdp := "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=-\nt=0 0\n" + media
	n := len(strings.ReplaceAll(sdp, "\n", "\r\n"))
	return fmt.Sprintf("RTSP/1.0 200 OK\n%%s\nContent-Type: application/sdp\nContent-Length: %d\n\n", n) + sdp
}

func TestWhatACameraOffers(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, answer string
		want         error
		says         string
	}{
		{"unknown coding", describe("m=video 0 RTP/AVP 96\na=rtpmap:96 VP8/90000\na=control:t\n"), rtsp.ErrCodec, "VP8"},
		{"interleaved H265", describe("m=video 0 RTP/AVP 96\na=rtpmap:96 H265/90000\na=fmtp:96 sprop-max-don-diff=2\na=control:t\n"), rtsp.ErrCodec, "sprop-max-don-diff"},
		{"only sound", describe("m=audio 0 RTP/AVP 8\na=control:t\n"), rtsp.ErrNoVideo, "no picture"},
		{"nonsense", describe("m=\n"), rtsp.ErrProtocol, "understood"},
		{"too many viewers", "RTSP/1.0 453 Not Enough Bandwidth\n%s\n\n", rtsp.ErrProtocol, "viewers"},
		{"server error", "RTSP/1.0 500 kanarcek-geslo\n%s\n\n", rtsp.ErrProtocol, "500"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			url := "rtsp://kanarcek-ime:kanarcek-geslo@" + answering(t, test.answer) + "/cam"
			_, err := take(t, new(rtsp.Client), rtsp.Source{URL: url}, &taker{enough: 1})
			if !errors.Is(err, test.want) || !strings.Contains(err.Error(), test.says) {
				t.Errorf("%v, want %v that says %q", err, test.want, test.says)
			}
			noCanary(t, fmt.Sprintf("%+v", err), "kanarcek-ime", "kanarcek-geslo")
		})
	}
}

// TestRedirectionElsewhere checks that no other host gets to know the password.
func TestRedirectionElsewhere(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	asked := make(chan struct{})
	go func() {
		if c, err := l.Accept(); err == nil {
			close(asked)
			c.Close()
		}
	}()
	t.Cleanup(func() { l.Close() })
	host := answering(t, "RTSP/1.0 302 Found\n%s\nLocation: rtsp://"+l.Addr().String()+"/cam\n\n")
	_, err = take(t, new(rtsp.Client), rtsp.Source{URL: "rtsp://a:b@" + host + "/cam"}, &taker{enough: 1})
	if !errors.Is(err, rtsp.ErrProtocol) || !strings.Contains(err.Error(), "another address") {
		t.Error(err)
	}
	select {
	case <-asked:
		t.Error("the other host was asked")
	default:
	}
}

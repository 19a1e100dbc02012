package rtsptest

import (
	"context"
	"crypto/tls"
	"fmt"
	"io/fs"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/bluenviron/gortsplib/v5"
	"github.com/bluenviron/gortsplib/v5/pkg/auth"
)

// Camera is one stream that the server offers.
type Camera struct {
	Path  string            // of the URL, without the leading slash
	FS    fs.FS             // where the clips are
	Clip  string            // name of the clip: .ts, or .mjpeg (10 pictures a second)
	Sound string            // name of its sound, if apart: .alaw or .mulaw, 8 kHz
	Wait  bool              // the clip begins when the first reader plays, not when the server starts
	Sent  func(unit []byte) // told each access unit of the picture before it is sent; may be nil
	Faults
}

// Faults make a camera misbehave. The zero Faults is a camera that behaves.
type Faults struct {
	DropEvery   int           // leave out every nth RTP packet of the picture
	SilentAfter time.Duration // send nothing after this much of the clip, session open
	CloseAfter  time.Duration // close all connections after this much of the clip
	JumpAfter   time.Duration // after this much of the clip, add Jump to every timestamp of the picture
	Jump        time.Duration
	Then        string // a clip that takes turns with Clip: parameter sets change in mid-stream
	BareSDP     bool   // leave the parameter sets out of the session description
	NoSets      bool   // leave the parameter sets out of the stream
}

// Options are the server's.
type Options struct {
	User, Pass string // empty: no password asked
	Digest     bool   // refuse Basic authentication
	UDP        bool   // offer UDP beside TCP
	RefuseTCP  bool   // refuse TCP
	TLS        bool   // serve rtsps with a certificate made on the spot
}

// Server is a running set of cameras.
type Server struct {
	o       Options
	g       *gortsplib.Server
	addr    net.Addr
	cameras map[string]*camera
	cancel  context.CancelFunc
	wg      sync.WaitGroup

	mu    sync.Mutex
	conns map[*gortsplib.ServerConn]string // with the path they play
}

// Serve offers cameras at addr (host:port, port 0 picks one) until Close.
func Serve(addr string, cameras []Camera, o Options) (*Server, error) {
	s := &Server{o: o, cameras: map[string]*camera{}, conns: map[*gortsplib.ServerConn]string{}}
	s.g = &gortsplib.Server{RTSPAddress: addr, Handler: handler{s}, Listen: s.listen, WriteQueueSize: 4096}
	if o.Digest {
		s.g.AuthMethods = []auth.VerifyMethod{auth.VerifyMethodDigestMD5}
	}
	if o.TLS {
		cert, err := certificate()
		if err != nil {
			return nil, err
		}
		s.g.TLSConfig = &tls.Config{Certificates: []tls.Certificate{cert}}
	}
	for _, c := range cameras {
		a, err := newCamera(c)
		if err != nil {
			return nil, err
		}
		a.hangUp = func() { s.hangUp(c.Path) }
		s.cameras[c.Path] = a
	}
	if err := s.start(addr); err != nil {
		return nil, fmt.Errorf("couldn't serve cameras at %s: %w", addr, err)
	}
	return s, s.play()
}

func (s *Server) listen(network, addr string) (net.Listener, error) {
	l, err := net.Listen(network, addr)
	if err == nil {
		s.addr = l.Addr()
	}
	return l, err
}

// start listens. UDP needs a pair of free ports, the first even; some are tried.
func (s *Server) start(addr string) error {
	if !s.o.UDP {
		return s.g.Start()
	}
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return err
	}
	for range 20 {
		var port int
		if port, err = freePort(host); err != nil {
			return err
		}
		s.g.UDPRTPAddress = net.JoinHostPort(host, fmt.Sprint(port))
		s.g.UDPRTCPAddress = net.JoinHostPort(host, fmt.Sprint(port+1))
		if err = s.g.Start(); err == nil {
			return nil
		}
	}
	return err
}

// freePort is an even port that was free a moment ago.
func freePort(host string) (int, error) {
	c, err := net.ListenPacket("udp", net.JoinHostPort(host, "0"))
	if err != nil {
		return 0, err
	}
	port := c.LocalAddr().(*net.UDPAddr).Port
	return port &^ 1, c.Close()
}

func (s *Server) play() error {
	ctx, cancel := context.WithCancel(context.Background())
	s.cancel = cancel
	for path, a := range s.cameras {
		a.stream.Server = s.g
		if err := a.stream.Initialize(); err != nil {
			s.Close()
			return fmt.Errorf("couldn't offer camera %q: %w", path, err)
		}
	}
	for _, a := range s.cameras {
		s.wg.Go(func() { a.play(ctx) })
	}
	return nil
}

// URL is where the camera of that path is, without credentials.
func (s *Server) URL(path string) string {
	scheme := "rtsp"
	if s.o.TLS {
		scheme = "rtsps"
	}
	return fmt.Sprintf("%s://%s/%s", scheme, s.addr, path)
}

// SignedURL is URL with the credentials that the server asks for.
func (s *Server) SignedURL(path string) string {
	return strings.Replace(s.URL(path), "://", "://"+s.o.User+":"+s.o.Pass+"@", 1)
}

// Close ends every session and waits for the server's goroutines.
func (s *Server) Close() {
	s.cancel()
	s.wg.Wait()
	s.g.Close()
}

// hangUp closes the connections that play path.
func (s *Server) hangUp(path string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c, p := range s.conns {
		if p == path {
			c.Close()
		}
	}
}

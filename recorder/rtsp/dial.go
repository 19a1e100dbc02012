package rtsp

import (
	"bufio"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"errors"
	"net"
	"syscall"
)

func joinHostPort(host, port string) string { return net.JoinHostPort(host, port) }

// errElsewhere is a redirection to another host, which must not get the credentials.
var errElsewhere = errors.New("redirected elsewhere")

// errTLS is a camera that does not get through the handshake. Those that expect no TLS hang up, wait
// for more, or answer something.
var errTLS = errors.New("no TLS")

// errKeep is a key that could not be written down.
var errKeep = errors.New("key not kept")

// dial connects to the camera, and to nobody else.
func (s *session) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	if addr != s.host {
		return nil, errElsewhere
	}
	c, err := new(net.Dialer).DialContext(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	s.reached.Store(connected)
	s.tick = &tick{Conn: c}
	s.demux = s.under(s.tick)
	return s.demux, nil
}

// dialTLS connects to the camera and makes sure that its key is the one known.
func (s *session) dialTLS(ctx context.Context, network, addr string) (net.Conn, error) {
	if addr != s.host {
		return nil, errElsewhere
	}
	c, err := new(net.Dialer).DialContext(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	s.tick = &tick{Conn: c}
	// cameras sign their certificates themselves; pin is the check
	t := tls.Client(ahead{s.tick, bufio.NewReaderSize(s.tick, 64<<10)}, &tls.Config{InsecureSkipVerify: true})
	s.reached.Store(shaking)
	if err := t.HandshakeContext(ctx); err != nil {
		return nil, errors.Join(errTLS, err, c.Close())
	}
	s.reached.Store(connected)
	if err := s.pin(t); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	s.demux = s.under(t)
	return s.demux, nil
}

// under is what gortsplib reads from instead of c.
func (s *session) under(c net.Conn) *demux {
	return &demux{Conn: c, rx: s.rx, buf: make([]byte, readAhead)}
}

// pin compares the camera's key with the one known, or keeps it if none is.
func (s *session) pin(t *tls.Conn) error {
	if s.c.Pins == nil {
		return nil
	}
	certs := t.ConnectionState().PeerCertificates
	if len(certs) == 0 {
		return ErrPin
	}
	sum := sha256.Sum256(certs[0].RawSubjectPublicKeyInfo)
	known, ok := s.c.Pins.Pinned(s.host)
	if !ok {
		if err := s.c.Pins.Pin(s.host, sum); err != nil {
			return errors.Join(errKeep, err)
		}
		return nil
	}
	if known != sum {
		return ErrPin
	}
	return nil
}

// ahead reads in large pieces what TLS asks for in small ones.
type ahead struct {
	net.Conn
	r *bufio.Reader
}

func (a ahead) Read(p []byte) (int, error) { return a.r.Read(p) }

// receiveBuffer is what a UDP socket should hold: 4 MiB are 8 s of 4 Mbit/s, or one key frame of a
// 4K camera sent at wire speed while the machine is busy.
const receiveBuffer = 4 << 20

// listen opens a UDP socket with a large receive buffer and notes how large the kernel made it.
func (s *session) listen(network, addr string) (net.PacketConn, error) {
	pc, err := net.ListenPacket(network, addr)
	if err != nil {
		return nil, err
	}
	n, err := enlarge(pc.(syscall.Conn))
	if err != nil {
		return nil, errors.Join(err, pc.Close())
	}
	s.rx.stats.Buffer.Store(int64(n))
	return pc, nil
}

// enlarge asks for the buffer and returns what it is now. SO_RCVBUFFORCE passes the limit of
// net.core.rmem_max where we may.
func enlarge(c syscall.Conn) (n int, err error) {
	raw, err := c.SyscallConn()
	if err != nil {
		return 0, err
	}
	var sockErr error
	err = raw.Control(func(fd uintptr) {
		if syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUFFORCE, receiveBuffer) != nil {
			sockErr = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, receiveBuffer)
		}
		if sockErr == nil {
			n, sockErr = syscall.GetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF)
		}
	})
	return n / 2, errors.Join(err, sockErr) // Linux counts its own bookkeeping and doubles
}

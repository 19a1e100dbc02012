package rtsptest

import (
	"io/fs"
	"time"
)

// Camera is one stream that the server offers.
type Camera struct {
	Path string // of the URL, without the leading slash
	FS   fs.FS  // where the clip is
	Clip string // its name there: MPEG-TS (.ts), or fragmented or plain MP4 (.mp4)
	Faults
}

// Faults make a camera misbehave. The zero Faults is a camera that behaves.
type Faults struct {
	DropEvery   int           // leave out every nth RTP packet of the picture
	SilentAfter time.Duration // send nothing after this much of the clip, session open
	CloseAfter  time.Duration // close the connection after this much of the clip
	JumpAfter   time.Duration // after this much of the clip, add Jump to every timestamp
	Jump        time.Duration
	Then        string // the clip that follows Clip, turn about: parameter sets change in mid-stream
	BareSDP     bool   // leave the parameter sets out of the SDP
	NoSets      bool   // leave the parameter sets out of the stream: they are in the SDP only
}

// Options are the server's.
type Options struct {
	User, Pass string // empty: no password asked
	UDP        bool   // offer UDP beside TCP
	RefuseTCP  bool   // refuse TCP: with UDP only
	TLS        bool   // serve rtsps with a certificate made on the spot
}

// Server is a running set of cameras.
type Server struct{}

// Serve offers cameras at addr (host:port, port 0 picks one) until Close.
func Serve(addr string, cameras []Camera, o Options) (*Server, error) { return nil, nil }

// URL is where the camera of that path is, without credentials.
func (s *Server) URL(path string) string { return "" }

// Sent is every access unit of the picture sent so far on path to the current or last reader, as
// length-prefixed NAL units or a JPEG picture.
func (s *Server) Sent(path string) [][]byte { return nil }

// Close ends every session and waits for the server's goroutines.
func (s *Server) Close() {}

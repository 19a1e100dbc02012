package rtsp

import (
	"context"
	"errors"
	"time"

	"github.com/bluenviron/gortsplib/v5/pkg/base"
)

// Client is how cameras are reached. The zero Client is ready to use. A Client may serve many
// streams at once; nothing in it changes while it does.
type Client struct {
	Pins    Pins          // keys of rtsps cameras; nil: each session trusts the one it meets
	Connect time.Duration // how long opening a session may take; 0 means 10 s
	Silence time.Duration // a session without a video packet for this long ends with ErrSilent; 0 means 10 s
	Notes   func(Note)    // told of what a person may want to know and no error tells; may be nil, never blocks
}

// Note is something worth knowing that does not end a session: a small socket buffer, a camera that
// refuses TCP. Neither the sentence nor anything else in it carries a credential.
type Note struct {
	Host     string
	Sentence string
}

func (c *Client) connect() time.Duration {
	if c.Connect > 0 {
		return c.Connect
	}
	return 10 * time.Second
}

func (c *Client) silence() time.Duration {
	if c.Silence > 0 {
		return c.Silence
	}
	return 10 * time.Second
}

// Run receives one stream until it ends, and returns why it did: ctx's error, the sink's error, or
// an *Error with a plain sentence. It never returns nil. It does not try again: that is the caller's.
// The sink is not called any more once Run has returned; Run waits for a sink that does not return.
// What panics while a packet is taken, the sink included, panics out of Run. stats may be nil.
func (c *Client) Run(ctx context.Context, src Source, sink Sink, stats *Stats) error {
	u, err := base.ParseURL(src.URL)
	if err != nil || u.Hostname() == "" {
		return &Error{Reason: ErrURL, Sentence: "the address must look like rtsp://user:password@host/path; " +
			"write % @ : / ? # in the password as %25 %40 %3A %2F %3F %23"}
	}
	if stats == nil {
		stats = new(Stats)
	}
	s := &session{c: c, src: src, u: u, host: address(u), udp: src.Transport == UDP}
	err = s.once(ctx, sink, stats)
	if errors.Is(err, errNoTCP) && (src.Transport == Auto || src.Transport == "") {
		s.note("the camera refuses TCP; its packets come by UDP, which may lose some")
		s = &session{c: c, src: src, u: u, host: s.host, udp: true}
		err = s.once(ctx, sink, stats)
	}
	var said *Error
	if errors.As(err, &said) && said.Reason == errNoTCP {
		said.Reason = ErrProtocol
	}
	return err
}

// once runs the session and puts its end into words. What the sink or ctx ended keeps their error.
func (s *session) once(ctx context.Context, sink Sink, stats *Stats) error {
	s.rx = &receiver{sink: sink, stats: stats}
	err := s.run(ctx)
	if bug := s.rx.bug; bug != nil {
		panic(bug)
	}
	if ended := s.rx.ended; ended != nil && !errors.Is(ended, errEnded) {
		return ended
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return s.explain(err)
}

// Run is Client.Run of the zero Client, for those who need no numbers.
func Run(ctx context.Context, src Source, sink Sink) error {
	return new(Client).Run(ctx, src, sink, nil)
}

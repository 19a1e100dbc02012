package rtsp

import (
	"context"
	"time"
)

// Client is how cameras are reached. The zero Client is ready to use. A Client may serve many
// streams at once; nothing in it changes while it does.
type Client struct {
	Pins    Pins          // certificates of rtsps cameras; nil: each session trusts the one it meets
	Connect time.Duration // how long one step of opening a session may take; 0 means 10 s
	Silence time.Duration // a session without a video packet for this long ends with ErrSilent; 0 means 10 s
	Notes   func(Note)    // told of what a person may want to know and no error tells; may be nil, never blocks
}

// Note is something worth knowing that does not end a session: a small socket buffer, a camera that
// refuses TCP. Neither the sentence nor anything else in it carries a credential.
type Note struct {
	Host     string
	Sentence string
}

// Run receives one stream until it ends, and returns why it did: ctx's error, the sink's error, or
// an *Error with a plain sentence. It never returns nil. It does not try again: that is the caller's.
func (c *Client) Run(ctx context.Context, src Source, sink Sink, stats *Stats) error {
	return nil
}

// Run is Client.Run of the zero Client, for those who need no numbers.
func Run(ctx context.Context, src Source, sink Sink) error {
	return new(Client).Run(ctx, src, sink, nil)
}

package web

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"time"
)

// incoming is the body of an upload, which comes as slowly as its sender's line is: what the server gives a body is too short for
// a scan of 20 MiB by a telephone. Whoever sends nothing for a while, is slower than a pace in all, or takes too long, is
// cut off: an upload keeps a place and a connection.
type incoming struct {
	io.ReadCloser
	c     *call
	pace  pace
	began time.Time
	came  int64
}

// uploadPace is how slow a sender may be: 16 KiB/s in all, and half an hour.
var uploadPace = pace{patience: 20 * time.Second, together: 16 << 10, longest: 30 * time.Minute}

// arrives lets the body of a call that may be asked come at its own pace.
func (c *call) arrives() {
	c.Request.Body = &incoming{ReadCloser: c.Body, c: c, pace: uploadPace, began: time.Now()}
}

// Read reads what has come. Before each it says until when something has to come, and that there is time for the answer then.
func (b *incoming) Read(p []byte) (int, error) {
	now := time.Now()
	until := earlier(now.Add(b.pace.patience), b.began.Add(b.pace.whole(b.came)))
	control := http.NewResponseController(b.c.w)
	b.c.deadline(errors.Join(control.SetReadDeadline(until), control.SetWriteDeadline(until.Add(mostTime))))
	n, err := b.ReadCloser.Read(p)
	b.came += int64(n)
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		err = errSlow
	case err != nil && err != io.EOF && !errors.As(err, new(*http.MaxBytesError)):
		err = unread(err) // the sender went away, which is nothing that went wrong here
	}
	return n, err
}

// arriving bounds a call whose body comes at its own pace.
func (c *call) arriving() (end func()) {
	ctx, cancel := context.WithTimeout(c.Context(), uploadPace.longest+mostTime)
	stop := context.AfterFunc(c.site.streams, cancel)
	c.bounded(ctx)
	return func() { stop(); cancel() }
}

package web

import (
	"net/http"
	"strconv"
	"time"

	"varuh/accesslog"
	"varuh/accesslog/playback"
)

// pace is how slow a reader may be. One that is slower holds a fragment in memory for nothing, and is cut off; the
// viewing goes on, and what was handed to the connection counts as delivered.
type pace struct {
	patience time.Duration // for a fragment, however small
	slowest  int           // bytes a second, on top

	together int           // bytes a second of a whole answer that holds what others wait for
	longest  time.Duration // for which such an answer waits for its reader in all
}

var usualPace = pace{20 * time.Second, 64 << 10, 256 << 10, 10 * time.Minute}

// whole is how long an answer may have waited for its reader in all, once it has so many bytes.
func (p pace) whole(bytes int64) time.Duration {
	return min(p.patience+time.Duration(float64(bytes)/float64(p.together)*float64(time.Second)), p.longest)
}

// deadline is when so many bytes have to have left that are handed on now.
func (p pace) deadline(bytes int) time.Time {
	return time.Now().Add(p.patience + time.Duration(bytes)*time.Second/time.Duration(p.slowest))
}

// listed is what is asked of a playlist: a window as listWindows gives it.
type listed struct {
	span
	First bool `json:"first,omitempty"` // of its span: begins with the key frame that its beginning needs
	Last  bool `json:"last,omitempty"`  // of its span: ends with its end
	Sound bool `json:"sound,omitempty"`
}

func (s *Site) playlist(c *call, q listed) error {
	p, err := s.player(c)
	if err != nil {
		return err
	}
	list, err := p.Playlist(c.Context(), playback.Window{From: q.From.Time, To: q.To.Time, First: q.First, Last: q.Last}, q.Sound)
	if err == nil && list.Parts == 0 {
		err = accesslog.ErrNothing
	}
	if err != nil {
		return err
	}
	return c.bytes(playback.PlaylistType, list.Text)
}

func (s *Site) initSegment(c *call, _ nothing) error {
	p, err := s.player(c)
	if err != nil {
		return err
	}
	content, err := p.Init(c.Context(), c.PathValue("name"))
	if err != nil {
		return err
	}
	return c.bytes(playback.PartType, content)
}

// bytes answers with what holds no footage.
func (c *call) bytes(media string, content []byte) error {
	h := c.w.Header()
	h.Set("Content-Type", media)
	h.Set("Content-Length", strconv.Itoa(len(content)))
	c.w.Write(content) // an error says that nobody listens any more
	return nil
}

// part sends a part fragment by fragment, each once it is decrypted, and keeps none.
func (s *Site) part(c *call, _ nothing) error {
	p, err := s.player(c)
	if err != nil {
		return err
	}
	part, err := p.Part(c.Context(), c.PathValue("name"))
	if err != nil {
		return err
	}
	out := &outlet{call: c, media: playback.PartType, size: part.Size()}
	return out.end(p.Send(c.Context(), part, out))
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// outlet lets footage out. Its header goes with the first byte of it, so that what is refused before is a problem like
// any other. Ranges are not served, which a server is free to (RFC 9110, section 14.2): a part is small.
type outlet struct {
	*call
	media string
	size  int64 // of all that will be written; -1: nobody knows
	begun bool
	err   error // of the connection; it stays

	whole  bool          // the reader's time for it is bounded in all, not only for what is written at once
	gone   int64         // bytes that were handed on
	waited time.Duration // for the reader
}

// Write hands footage to the connection. It implements [io.Writer].
func (o *outlet) Write(b []byte) (n int, err error) {
	if o.err != nil {
		return 0, o.err
	}
	o.begin()
	o.limited(len(b), func() (err error) { n, err = o.w.Write(b); return err })
	return n, o.err
}

func (o *outlet) begin() {
	if o.begun {
		return
	}
	o.begun = true
	h := o.w.Header()
	h.Set("Content-Type", o.media)
	h.Set("Accept-Ranges", "none")
	if o.size >= 0 {
		h.Set("Content-Length", strconv.FormatInt(o.size, 10))
	}
}

// flush sends on what the server holds back.
func (o *outlet) flush() error {
	if o.err == nil && o.begun {
		o.limited(0, http.NewResponseController(o.w).Flush)
	}
	return o.err
}

// limited does something with the connection that has to be over in time. Between two of these there is no deadline:
// HTTP/2 would end the answer at it even if nothing waits.
func (o *outlet) limited(bytes int, f func() error) {
	control, began := http.NewResponseController(o.w), time.Now()
	until := o.site.pace.deadline(bytes)
	o.gone += int64(bytes)
	if o.whole {
		until = earlier(until, began.Add(o.site.pace.whole(o.gone)-o.waited))
	}
	o.deadline(control.SetWriteDeadline(until))
	o.err = f()
	o.waited += time.Since(began)
	if o.err == nil {
		o.deadline(control.SetWriteDeadline(time.Time{}))
	}
}

// end ends an answer: err is why, or nil if it is all there. Where the connection failed nobody is left to be told.
func (o *outlet) end(err error) error {
	if err == nil {
		err = o.flush()
	}
	if o.err != nil {
		panic(http.ErrAbortHandler) // what is cut off must not look whole
	}
	return err
}

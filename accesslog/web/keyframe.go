package web

import (
	"bytes"
	"time"

	"varuh/accesslog/playback"
)

const (
	anyStill  = "video/mp4, image/jpeg, " + chunkType
	chunkType = "application/octet-stream"
	takenAt   = "Varuh-Taken-At" // header: when the picture was taken
)

// stillAsked is what is asked of a key frame.
type stillAsked struct {
	At    moment `json:"at"`
	Chunk bool   `json:"chunk,omitempty"` // as a message for WebCodecs, see package playback
}

func (s *Site) keyFrame(c *call, q stillAsked) error {
	p, err := s.player(c)
	if err != nil {
		return err
	}
	out := &outlet{call: c}
	return out.end(p.Still(c.Context(), q.At.Time, out.still(q.Chunk)))
}

// still lets a key frame out, and tells whether any byte of it left.
func (o *outlet) still(chunk bool) func(playback.Still) (bool, error) {
	return func(s playback.Still) (bool, error) {
		var content []byte
		if chunk {
			var b bytes.Buffer
			if _, err := s.Chunk().WriteTo(&b); err != nil {
				return false, err
			}
			content, o.media = b.Bytes(), chunkType
		} else {
			content, o.media = s.Bytes()
		}
		o.size = int64(len(content))
		o.w.Header().Set(takenAt, s.At.UTC().Format(time.RFC3339Nano))
		n, err := o.Write(content)
		if err == nil {
			err = o.flush()
		}
		return n > 0, err
	}
}

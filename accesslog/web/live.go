package web

import (
	"varuh/accesslog/playback"
)

// liveAsked is what is asked of a live stream.
type liveAsked struct {
	Sound bool `json:"sound,omitempty"`
}

// live sends what is recorded, as it is stored, until something ends it: chunks, see package playback.
func (s *Site) live(c *call, q liveAsked) error {
	v, err := s.viewing(c)
	if err != nil {
		return err
	}
	out := &liveOutlet{outlet: outlet{call: c, media: chunkType, size: -1}}
	l := playback.Live{Viewing: v, Closed: s.o.Closed, Camera: c.PathValue("camera"), Stream: c.PathValue("stream"), Sound: q.Sound, Now: s.o.Now}
	err = l.Run(c.Context(), out, out.flush)
	if out.begun { // the last chunk has said why it ended
		return out.end(nil)
	}
	return out.end(err)
}

// liveOutlet holds back what comes before the first fragment, an init segment or the reason why there is nothing. So what
// is refused from the beginning is a problem like any other, and no stream begins that has no footage.
type liveOutlet struct {
	outlet
	held  []byte
	inner bool // what comes next is inside a chunk
}

func (o *liveOutlet) Write(b []byte) (int, error) {
	if !o.begun {
		if o.inner || playback.ChunkKind(b[0]) != playback.ChunkFragment {
			o.inner = true
			o.held = append(o.held, b...)
			return len(b), nil
		}
		if _, err := o.outlet.Write(o.held); err != nil {
			return 0, err
		}
		o.held = nil
	}
	return o.outlet.Write(b)
}

func (o *liveOutlet) flush() error {
	o.inner = false
	return o.outlet.flush()
}

package rtsp

import (
	"bytes"
	"time"

	"varuh/recorder/cmaf"
)

// coded takes H.264 or H.265 packets.
type coded struct {
	pictures
	payload func(*assembly, []byte) bool
	seq     sequence
	asm     assembly
	track   cmaf.Track // with the parameter sets known so far

	started bool // asm has packets of the unit at ts
	ts      uint32
	arrived time.Time
	done    uint32 // timestamp of the last unit that a marker ended
	marked  bool   // done is set
	unmark  bool   // the camera sets the marker in the middle of units: only timestamps end them
}

// newCoded takes the format as the session description has it; parameter sets may be missing.
func newCoded(r *receiver, track cmaf.Track) *coded {
	c := &coded{pictures: pictures{r: r}, track: track, payload: h264Payload}
	c.asm.part, c.asm.first = h264Part, h264First
	if track.Codec == cmaf.H265 {
		c.payload, c.asm.part, c.asm.first = h265Payload, h265Part, h265First
	}
	c.ticks.rate = int64(track.Timescale)
	c.asm.reset()
	if s, err := read(track); err == nil { // else they come in band
		c.shape, c.known = s, true
	}
	return c
}

// packet takes the next packet.
func (c *coded) packet(p *packet, arrived time.Time) error {
	take, lost, fresh := c.r.follow(&c.seq, p)
	if !take {
		c.r.stats.Garbage.Add(1)
		return nil
	}
	if lost {
		c.asm.abandon()
		c.asm.loss = true
	}
	if c.started && (p.ts != c.ts || fresh) {
		if err := c.unit(false); err != nil {
			return err
		}
		c.asm.loss = c.asm.loss || lost // what is missing may be of either unit
	}
	c.ticks.fresh = c.ticks.fresh || fresh
	if !c.started {
		c.arrived = arrived
	}
	c.started, c.ts = true, p.ts
	if !c.payload(&c.asm, p.payload) {
		c.r.stats.Garbage.Add(1)
		c.asm.loss = true
	}
	if p.marker && !c.unmark {
		return c.unit(true)
	}
	return nil
}

// unit ends the access unit and hands it on. Without a picture it waits for the next and joins it.
func (c *coded) unit(marker bool) error {
	a := &c.asm
	a.finish() // the end mark of the last fragment was forgotten, but nothing is missing
	if a.over {
		c.r.stats.Garbage.Add(1)
		a.reset()
		a.loss = true
		c.started = false
		return nil
	}
	if !a.picture {
		return nil
	}
	if c.marked && c.done == c.ts && a.rest {
		c.unmark = true // the rest of a unit already handed on; from here on the marker is not believed
	}
	c.marked, c.done = marker, c.ts
	err := c.take(picture{
		data: a.buf, ts: c.ts, arrived: c.arrived,
		key: a.key, open: a.open, leading: a.leading, loss: a.loss, shape: c.changed(),
	})
	a.reset()
	c.started = false
	return err
}

// changed is the stream's shape if this key frame comes with other parameter sets than are known.
// Sets that came since the last one wait for it.
func (c *coded) changed() *shape {
	c.keep(&c.track.VPS, vps)
	c.keep(&c.track.SPS, sps)
	c.keep(&c.track.PPS, pps)
	if !c.asm.key || c.known && sameSets(c.track, c.shape.track) {
		return nil
	}
	s, err := read(c.track)
	if err != nil {
		c.r.stats.Garbage.Add(1)
		return nil
	}
	return &s
}

// keep keeps a copy of the unit's parameter set if it differs from the one known.
func (c *coded) keep(known *[]byte, p part) {
	if set := c.asm.set(p); set != nil && !bytes.Equal(set, *known) {
		*known = bytes.Clone(set)
	}
}

func sameSets(a, b cmaf.Track) bool {
	return bytes.Equal(a.VPS, b.VPS) && bytes.Equal(a.SPS, b.SPS) && bytes.Equal(a.PPS, b.PPS)
}

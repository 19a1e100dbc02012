package rtsptest

import (
	"context"
	"encoding/binary"
	"sync"
	"time"

	"github.com/bluenviron/gortsplib/v5"
	"github.com/bluenviron/gortsplib/v5/pkg/description"

	"varuh/recorder/cmaf"
)

// camera is a Camera that runs.
type camera struct {
	Camera
	clips  []*clip // turn about
	video  *outlet
	sound  *outlet
	stream *gortsplib.ServerStream
	first  chan struct{} // closed when the first reader plays
	once   sync.Once
	hangUp func()

	// owned by play
	sent int // packets of the picture
}

func newCamera(c Camera) (*camera, error) {
	a := &camera{Camera: c, first: make(chan struct{})}
	names := []string{c.Clip}
	if c.Then != "" {
		names = append(names, c.Then)
	}
	for _, name := range names {
		k, err := load(c.FS, name, c.Sound)
		if err != nil {
			return nil, err
		}
		a.clips = append(a.clips, k)
	}
	return a, a.describe()
}

func (a *camera) describe() (err error) {
	if a.video, err = newOutlet(a.clips[0].video, !a.BareSDP); err != nil {
		return err
	}
	desc := &description.Session{Medias: []*description.Media{a.video.media}}
	if s := a.clips[0].sound; s != nil {
		if a.sound, err = newOutlet(s, true); err != nil {
			return err
		}
		desc.Medias = append(desc.Medias, a.sound.media)
	}
	a.stream = &gortsplib.ServerStream{Desc: desc}
	return nil
}

// play sends the clips over and over, in real time, until ctx ends.
func (a *camera) play(ctx context.Context) {
	if a.Wait {
		select {
		case <-a.first:
		case <-ctx.Done():
			return
		}
	}
	begin := time.Now()
	var loop time.Duration // when the current turn began
	for turn := 0; ; turn++ {
		k := a.clips[turn%len(a.clips)]
		if !a.playOnce(ctx, k, begin, loop) {
			return
		}
		loop += k.length
	}
}

// playOnce sends one turn, video and sound by decoding time. It returns false when all is over.
func (a *camera) playOnce(ctx context.Context, k *clip, begin time.Time, loop time.Duration) bool {
	var sounds []frame
	if a.sound != nil && k.sound != nil {
		sounds = k.sound.frames
	}
	for _, f := range k.video.frames {
		for len(sounds) > 0 && sounds[0].dts <= f.dts {
			if !a.due(ctx, begin, loop+sounds[0].dts) || !a.sendSound(sounds[0], loop) {
				return false
			}
			sounds = sounds[1:]
		}
		if !a.due(ctx, begin, loop+f.dts) || !a.sendPicture(f, loop) {
			return false
		}
	}
	for _, f := range sounds { // those behind the last picture
		if !a.due(ctx, begin, loop+f.dts) || !a.sendSound(f, loop) {
			return false
		}
	}
	return true
}

// due waits for a moment of the programme. It returns false if nothing is to be sent any more.
func (a *camera) due(ctx context.Context, begin time.Time, at time.Duration) bool {
	if a.CloseAfter > 0 && at >= a.CloseAfter {
		a.hangUp()
		return false
	}
	if a.SilentAfter > 0 && at >= a.SilentAfter {
		return false
	}
	t := time.NewTimer(time.Until(begin.Add(at)))
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

func (a *camera) sendPicture(f frame, loop time.Duration) bool {
	pts := loop + f.pts
	if a.JumpAfter > 0 && loop+f.dts >= a.JumpAfter {
		pts += a.Jump
	}
	f.parts = a.without(f.parts)
	list, err := a.video.packets(f, pts)
	if err != nil {
		return false
	}
	if a.Sent != nil {
		a.Sent(joined(a.clips[0].video.track.Codec, f.parts))
	}
	for _, p := range list {
		if a.sent++; a.DropEvery > 0 && a.sent%a.DropEvery == 0 {
			continue
		}
		if a.stream.WritePacketRTP(a.video.media, p) != nil {
			return false
		}
	}
	return true
}

func (a *camera) sendSound(f frame, loop time.Duration) bool {
	list, err := a.sound.packets(f, loop+f.pts)
	if err != nil {
		return false
	}
	for _, p := range list {
		if a.stream.WritePacketRTP(a.sound.media, p) != nil {
			return false
		}
	}
	return true
}

// without leaves the parameter sets out, if the camera is to.
func (a *camera) without(parts [][]byte) [][]byte {
	if !a.NoSets {
		return parts
	}
	var rest [][]byte
	for _, n := range parts {
		set := n[0]&0x1f == 7 || n[0]&0x1f == 8
		if a.clips[0].video.track.Codec == cmaf.H265 {
			set = n[0]>>1 >= 32 && n[0]>>1 <= 34
		}
		if !set {
			rest = append(rest, n)
		}
	}
	return rest
}

// joined is the unit as the recorder should hand it on.
func joined(c cmaf.Codec, parts [][]byte) []byte {
	if c == cmaf.MJPEG {
		return parts[0]
	}
	var b []byte
	for _, p := range parts {
		b = binary.BigEndian.AppendUint32(b, uint32(len(p)))
		b = append(b, p...)
	}
	return b
}

package rtsp

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/bluenviron/gortsplib/v5"
	"github.com/bluenviron/gortsplib/v5/pkg/base"
	"github.com/bluenviron/gortsplib/v5/pkg/description"
	"github.com/bluenviron/gortsplib/v5/pkg/headers"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
)

// session is one connection to one camera, from dialling to its end.
type session struct {
	c       *Client
	src     Source
	u       *base.URL
	host    string
	udp     bool
	g       *gortsplib.Client
	rx      *receiver
	tick    *tick
	demux   *demux
	reached atomic.Int32  // how far the connection came; openInTime asks while a dial may still be under way
	over    chan struct{} // something outside gortsplib's reader ended it: see rx.ended
}

// How far a connection came.
const (
	notReached = int32(iota)
	shaking    // the TLS handshake has begun and did not succeed
	connected
)

// never is the limit given to gortsplib for answers and silence. It measures silence by the wall
// clock: when that is set, after a boot without one, every session would end. openInTime and watch
// have limits of their own, by the clock that only runs.
const never = 100 * 365 * 24 * time.Hour

// errEnded stands where a session is over and nothing more is to be said.
var errEnded = errors.New("session is over")

// errNoTCP is a camera that answers it sends by UDP only.
var errNoTCP = errors.New("camera refuses TCP")

// run opens the session and stays until it ends.
func (s *session) run(ctx context.Context) error {
	tcp, udp := gortsplib.ProtocolTCP, gortsplib.ProtocolUDP
	s.over = make(chan struct{}, 1)
	s.g = &gortsplib.Client{
		Scheme: s.u.Scheme, Host: s.u.Host, Protocol: &tcp,
		UserAgent:    "varuh",
		ReadTimeout:  never,
		WriteTimeout: s.c.connect(),
		DialContext:  s.dial, DialTLSContext: s.dialTLS, ListenPacket: s.listen,
		// silenced: they would go to the standard logger
		OnTransportSwitch: func(error) {},
		OnPacketsLost:     func(uint64) {},
		OnDecodeError:     func(error) { s.rx.stats.Garbage.Add(1) },
	}
	if s.udp {
		s.g.Protocol = &udp
	}
	s.rx.stats.overUDP.Store(s.udp)
	if err := s.g.Start(); err != nil {
		return err
	}
	err := s.openInTime(ctx)
	if err == nil {
		err = s.watch(ctx)
	}
	s.g.Close()
	s.rx.end(errEnded)
	return err
}

// openInTime opens the session, or gives up when ctx or the time allowed ends.
func (s *session) openInTime(ctx context.Context) error {
	limit, cancel := context.WithTimeout(ctx, s.c.connect())
	defer cancel()
	stop := context.AfterFunc(limit, s.g.Close)
	err := s.open()
	if stop() {
		return err
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	switch s.reached.Load() {
	case notReached:
		return errors.Join(ErrNoRoute, err)
	case shaking:
		return errTLS
	}
	return ErrTimeout
}

// open asks for the stream and lets it play.
func (s *session) open() error {
	desc, _, err := s.g.Describe(s.u)
	if err != nil {
		return err
	}
	video, other := chooseVideo(s.rx, desc)
	if video == nil {
		if other == "" {
			return ErrNoVideo
		}
		return &codecError{other}
	}
	s.rx.video = video.in
	taken := []*choice{video}
	if s.src.Audio {
		if sound := chooseSound(s.rx, desc); sound != nil {
			taken = append(taken, sound)
		} else {
			s.note("sound is asked for in the configuration, but the camera sends none that can be recorded (AAC, Opus, G.711)")
		}
	}
	for _, t := range taken {
		if err := s.setup(desc, t); err != nil {
			return err
		}
	}
	if n := s.rx.stats.Buffer.Load(); s.udp && n < receiveBuffer {
		s.note(fmt.Sprintf("the receive buffer for UDP is %d KiB instead of %d KiB: packets may be lost; raise net.core.rmem_max", n>>10, receiveBuffer>>10))
	}
	return s.play()
}

// setup asks for one media and leads its packets to the inlet.
func (s *session) setup(desc *description.Session, t *choice) error {
	res, err := s.g.Setup(desc.BaseURL, t.media, 0, 0)
	if err != nil {
		return err
	}
	s.g.OnPacketRTCP(t.media, s.report)
	if s.udp || !plain(desc, t.media) {
		s.g.OnPacketRTP(t.media, t.format, func(p *rtp.Packet) { s.packet(t.in, p) })
		return nil
	}
	var h headers.Transport
	if err := h.Unmarshal(res.Header["Transport"]); err != nil || h.InterleavedIDs == nil {
		return ErrProtocol
	}
	s.demux.taps = append(s.demux.taps, tap{byte(h.InterleavedIDs[0]), t.format.PayloadType(), t.in})
	return nil
}

// play starts the stream. The connection is armed before: the first packets may come right behind
// the answer.
func (s *session) play() error {
	s.rx.seen.Store(int64(time.Since(epoch)))
	if !s.udp {
		s.demux.on.Store(len(s.demux.taps) > 0)
		if err := s.tick.arm(); err != nil {
			return err
		}
	}
	if _, err := s.g.Play(nil); err != nil {
		return err
	}
	return nil
}

// watch waits for the end of the session and says why it came.
func (s *session) watch(ctx context.Context) error {
	gone := make(chan error, 1)
	go func() { gone <- s.g.Wait() }()
	look := time.NewTicker(max(s.c.silence()/4, time.Millisecond))
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-gone:
			return err
		case <-s.over:
			return errEnded
		case <-look.C:
			if time.Since(epoch)-time.Duration(s.rx.seen.Load()) > s.c.silence() {
				return ErrSilent
			}
		}
	}
}

// packet takes a packet that gortsplib read.
func (s *session) packet(in inlet, p *rtp.Packet) {
	err := s.rx.take(in, &packet{
		payload: p.Payload, ts: p.Timestamp, ssrc: p.SSRC, seq: p.SequenceNumber,
		pt: p.PayloadType, marker: p.Marker,
	}, 12+len(p.Payload), time.Now())
	if err != nil {
		select {
		case s.over <- struct{}{}:
		default:
		}
	}
}

// unixOfNTP is 1970 in NTP's seconds, which count from 1900 (RFC 3550 section 4).
const unixOfNTP = 2208988800

// report takes the camera's clock from a sender report.
func (s *session) report(p rtcp.Packet) {
	sr, ok := p.(*rtcp.SenderReport)
	if !ok || sr.NTPTime == 0 {
		return
	}
	camera := time.Unix(int64(sr.NTPTime>>32)-unixOfNTP, int64(sr.NTPTime&0xffffffff*1e9>>32))
	s.rx.stats.offset.Store(int64(time.Until(camera)))
	s.rx.stats.reported.Store(true)
}

func (s *session) note(sentence string) {
	if s.c.Notes != nil {
		s.c.Notes(Note{Host: s.host, Sentence: sentence})
	}
}

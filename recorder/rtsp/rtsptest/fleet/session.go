package fleet

import (
	"bufio"
	"fmt"
	"hash/fnv"
	"net"
	"strings"
	"time"

	"github.com/bluenviron/gortsplib/v5/pkg/base"
	"github.com/bluenviron/gortsplib/v5/pkg/conn"
	"github.com/bluenviron/gortsplib/v5/pkg/headers"
)

// serve answers one connection until it ends.
func (s *Source) serve(c net.Conn) {
	defer c.Close()
	out, err := newOutlet(s, c)
	if err != nil {
		return
	}
	session := session{source: s, out: out}
	defer session.end()
	rtsp := conn.NewConn(bufio.NewReader(c), out)
	for {
		message, err := rtsp.Read()
		if err != nil {
			return
		}
		request, ok := message.(*base.Request)
		if !ok {
			continue // a receiver report
		}
		answer := session.answer(request)
		answer.Header["CSeq"] = request.Header["CSeq"]
		if err := rtsp.WriteResponse(answer); err != nil {
			return
		}
		if request.Method == base.Play && answer.StatusCode == base.StatusOK {
			session.play(camera(request.URL))
		}
		if request.Method == base.Teardown {
			return
		}
	}
}

// camera is the path of a URL without what names a track in it.
func camera(u *base.URL) string {
	name, _, _ := strings.Cut(strings.Trim(u.Path, "/"), "/")
	return name
}

// session is what is known of one connection.
type session struct {
	source  *Source
	out     *outlet
	channel int
	ready   bool // set up
	playing bool
}

func (s *session) end() {
	if s.playing {
		s.source.playing.Add(-1)
	}
}

func (s *session) answer(r *base.Request) *base.Response {
	ok := func(h base.Header) *base.Response { return &base.Response{StatusCode: base.StatusOK, Header: h} }
	refuse := func(code base.StatusCode) *base.Response {
		return &base.Response{StatusCode: code, Header: base.Header{}}
	}
	switch r.Method {
	case base.Options:
		return ok(base.Header{"Public": {"OPTIONS, DESCRIBE, SETUP, PLAY, GET_PARAMETER, TEARDOWN"}})
	case base.Describe:
		answer := ok(base.Header{"Content-Type": {"application/sdp"}, "Content-Base": {strings.TrimSuffix(r.URL.String(), "/") + "/"}})
		answer.Body = s.source.clip.sdp
		return answer
	case base.Setup:
		var t headers.Transport
		if err := t.Unmarshal(r.Header["Transport"]); err != nil || t.InterleavedIDs == nil {
			return refuse(base.StatusUnsupportedTransport)
		}
		s.channel, s.ready = t.InterleavedIDs[0], true
		transport := fmt.Sprintf("RTP/AVP/TCP;unicast;interleaved=%d-%d", s.channel, s.channel+1)
		return ok(base.Header{"Session": {"fleet;timeout=60"}, "Transport": {transport}})
	case base.Play:
		if !s.ready || s.playing {
			return refuse(base.StatusMethodNotValidInThisState)
		}
		return ok(base.Header{"Session": {"fleet"}, "Range": {"npt=0-"}})
	case base.GetParameter, base.Teardown:
		return ok(base.Header{"Session": {"fleet"}})
	}
	return refuse(base.StatusNotImplemented)
}

// play hands the session to the sending thread.
func (s *session) play(camera string) {
	hash := fnv.New32a()
	hash.Write([]byte(camera))
	s.out.mu.Lock()
	s.out.sent = s.source.counter(camera)
	s.out.mu.Unlock()
	s.playing = true
	s.source.playing.Add(1)
	select {
	case s.source.joining <- s.source.join(s.out, byte(s.channel), hash.Sum32(), time.Now()):
	case <-s.source.closed:
	}
}

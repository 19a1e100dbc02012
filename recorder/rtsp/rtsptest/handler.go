package rtsptest

import (
	"strings"

	"github.com/bluenviron/gortsplib/v5"
	"github.com/bluenviron/gortsplib/v5/pkg/base"
	"github.com/bluenviron/gortsplib/v5/pkg/liberrors"
)

// handler answers the server's requests. It is apart from Server so that these methods are not
// part of its interface.
type handler struct{ s *Server }

// OnDescribe answers with the camera's session description.
func (h handler) OnDescribe(ctx *gortsplib.ServerHandlerOnDescribeCtx) (*base.Response, *gortsplib.ServerStream, error) {
	return h.find(ctx.Conn, ctx.Request, ctx.Path)
}

// OnSetup refuses TCP if the camera is to.
func (h handler) OnSetup(ctx *gortsplib.ServerHandlerOnSetupCtx) (*base.Response, *gortsplib.ServerStream, error) {
	if h.s.o.RefuseTCP && ctx.Transport.Protocol == gortsplib.ProtocolTCP {
		return &base.Response{StatusCode: base.StatusUnsupportedTransport}, nil, nil
	}
	return h.find(ctx.Conn, ctx.Request, ctx.Path)
}

// OnPlay notes who plays what.
func (h handler) OnPlay(ctx *gortsplib.ServerHandlerOnPlayCtx) (*base.Response, error) {
	h.s.mu.Lock()
	h.s.conns[ctx.Conn] = strings.Trim(ctx.Path, "/")
	h.s.mu.Unlock()
	return &base.Response{StatusCode: base.StatusOK}, nil
}

// OnResponse begins a clip that waits for its first reader. Only now does the stream have it.
func (h handler) OnResponse(c *gortsplib.ServerConn, _ *base.Response) {
	h.s.mu.Lock()
	path, plays := h.s.conns[c]
	h.s.mu.Unlock()
	if a := h.s.cameras[path]; plays && a != nil {
		a.once.Do(func() { close(a.first) })
	}
}

// OnConnClose forgets the connection.
func (h handler) OnConnClose(ctx *gortsplib.ServerHandlerOnConnCloseCtx) {
	h.s.mu.Lock()
	delete(h.s.conns, ctx.Conn)
	h.s.mu.Unlock()
}

func (h handler) find(c *gortsplib.ServerConn, r *base.Request, path string) (*base.Response, *gortsplib.ServerStream, error) {
	if h.s.o.User != "" && !c.VerifyCredentials(r, h.s.o.User, h.s.o.Pass) {
		return &base.Response{StatusCode: base.StatusUnauthorized}, nil, liberrors.ErrServerAuth{}
	}
	a := h.s.cameras[strings.Trim(path, "/")]
	if a == nil {
		return &base.Response{StatusCode: base.StatusNotFound}, nil, nil
	}
	return &base.Response{StatusCode: base.StatusOK}, a.stream, nil
}

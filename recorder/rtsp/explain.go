package rtsp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"

	"github.com/bluenviron/gortsplib/v5/pkg/base"
	"github.com/bluenviron/gortsplib/v5/pkg/liberrors"
)

// codecError names a coding that cannot be recorded.
type codecError struct{ name string }

func (e *codecError) Error() string { return e.name }

// explain puts the end of a session into this package's words. Nothing of err's text is used: it
// may hold anything that a camera or a URL holds.
func (s *session) explain(err error) error {
	e := &Error{Host: s.host}
	var codec *codecError
	var status liberrors.ErrClientBadStatusCode
	switch {
	case errors.As(err, &codec):
		e.Reason = ErrCodec
		e.Sentence = fmt.Sprintf("the camera sends %s, which cannot be recorded; set it to H.264, H.265 or MJPEG", codec.name)
	case errors.As(err, &status):
		s.explainStatus(e, status.Code)
	case s.explainOwn(e, err), s.explainNetwork(e, err), s.explainTransport(e, err):
	default:
		e.Reason = ErrProtocol
		e.Sentence = "the camera answers what cannot be understood; look for newer firmware, or try the other transport"
	}
	return e
}

// explainOwn is for errors of this package.
func (s *session) explainOwn(e *Error, err error) bool {
	for _, r := range []struct {
		reason   error
		sentence string
	}{
		{ErrNoVideo, "the stream has no picture; check the path in the address"},
		{ErrPin, "its key is not the one seen before: somebody may be in between; if the camera was replaced or reset, forget the old key"},
		{errKeep, "its key could not be written down, so it is not trusted; check the disk of the state folder and its permissions"},
		{ErrSilent, fmt.Sprintf("no picture came for %v though the connection stands; look whether the camera is overloaded or hangs", s.c.silence())},
		{ErrTimeout, fmt.Sprintf("the camera is there but did not answer within %v; it may be overloaded, restarting, or the port not one of RTSP", s.c.connect())},
		{ErrNoRoute, fmt.Sprintf("nothing answered within %v; check the address, the camera's power and cable, and firewalls between", s.c.connect())},
		{ErrProtocol, "the camera answers what cannot be understood; look for newer firmware, or try the other transport"},
	} {
		if errors.Is(err, r.reason) {
			e.Reason, e.Sentence = r.reason, r.sentence
			if r.reason == errKeep {
				e.Reason = ErrPin
			}
			return true
		}
	}
	if errors.Is(err, errElsewhere) {
		e.Reason, e.Sentence = ErrProtocol, "the camera sends us to another address, which must not get its password; put that address into the configuration"
		return true
	}
	return false
}

// explainStatus is for answers that are not 200 (RFC 2326 section 7.1.1).
func (s *session) explainStatus(e *Error, code base.StatusCode) {
	switch code {
	case base.StatusUnauthorized, base.StatusForbidden:
		e.Reason = ErrUnauthorized
		e.Sentence = "the camera refuses the user name or password; correct it soon, many cameras lock the account after a few tries"
		if s.u.User == nil {
			e.Sentence = "the camera wants a user name and a password; put them into the configuration"
		}
	case base.StatusNotFound, base.StatusGone:
		e.Reason = ErrNotFound
		e.Sentence = "the camera has no stream of this path; look the path up in its manual"
	case base.StatusNotEnoughBandwidth:
		e.Reason = ErrProtocol
		e.Sentence = "the camera serves no more viewers (453); end others, or raise its limit"
	case base.StatusUnsupportedTransport:
		e.Reason = errNoTCP
		e.Sentence = "the camera does not send over TCP; set transport to udp"
		if s.udp {
			e.Reason, e.Sentence = ErrProtocol, "the camera does not send over UDP; set transport to tcp"
		}
	default:
		e.Reason = ErrProtocol
		e.Sentence = fmt.Sprintf("the camera answers with code %d; check the path in the address, and try to restart the camera", code)
	}
}

// explainNetwork is for what the network says.
func (s *session) explainNetwork(e *Error, err error) bool {
	var dns *net.DNSError
	var dial *net.OpError
	switch {
	case errors.As(err, &dns):
		e.Reason, e.Sentence = ErrNoRoute, "the host name is not known; check it, or use the IP address"
	case errors.Is(err, errTLS):
		e.Reason, e.Sentence = ErrProtocol, "the camera does not speak TLS as we do; check that the port is the one for rtsps, or use rtsp"
	case errors.Is(err, syscall.ECONNREFUSED):
		e.Reason, e.Sentence = ErrRefused, "the host is there, but nothing listens on this port; check the port, and that RTSP is switched on in the camera"
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EHOSTDOWN):
		e.Reason, e.Sentence = ErrNoRoute, "there is no way to the camera; check its power and cable, and that it is on a network that this machine reaches"
	case errors.As(err, &dial) && dial.Op == "dial" && isTimeout(err):
		e.Reason, e.Sentence = ErrNoRoute, "nothing answered; check the address, the camera's power and cable, and firewalls between"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		e.Reason, e.Sentence = ErrClosed, "the camera ended the connection; it may be restarting, or serve too many viewers"
	case isTimeout(err):
		e.Reason, e.Sentence = ErrTimeout, "the camera stopped answering; check its cable, or restart it"
	default:
		return false
	}
	return true
}

func isTimeout(err error) bool {
	return errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, syscall.ETIMEDOUT)
}

// explainTransport is for what gortsplib says of transports and time.
func (s *session) explainTransport(e *Error, err error) bool {
	switch err.(type) {
	case liberrors.ErrClientServerRequestedUDP:
		e.Reason, e.Sentence = errNoTCP, "the camera does not send over TCP; set transport to udp"
	case liberrors.ErrClientServerRequestedTCP, liberrors.ErrClientServerPortsNotProvided:
		e.Reason, e.Sentence = ErrProtocol, "the camera does not send over UDP; set transport to tcp"
	case liberrors.ErrClientUDPTimeout, liberrors.ErrClientTCPTimeout:
		e.Reason, e.Sentence = ErrSilent, "the camera stopped sending; look whether it hangs, and for a firewall if transport is udp"
	case liberrors.ErrClientRequestTimedOut:
		e.Reason, e.Sentence = ErrTimeout, "the camera is there but does not answer; restart it"
	default:
		return false
	}
	return true
}

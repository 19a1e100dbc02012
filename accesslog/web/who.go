package web

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"varuh/accesslog"
	"varuh/accesslog/people"
)

// known finds the session, or that of a token.
func (c *call) known() (err error) {
	ctx := c.Context()
	token, isToken := strings.CutPrefix(c.Header.Get("Authorization"), "Bearer ")
	cookies := c.CookiesNamed(cookieName)
	switch {
	case len(c.Header.Values("Authorization")) > 0 && (!isToken || len(cookies) > 0), len(cookies) > 1:
		return people.ErrNoSession
	case isToken:
		c.session, err = c.site.o.People.Bearer(ctx, token, c.address)
	case len(cookies) == 1:
		c.session, err = c.site.o.People.Session(ctx, cookies[0].Value)
	default:
		err = people.ErrNoSession
	}
	if l := c.session.Person.Language; err == nil && !isToken {
		c.language = l
	}
	return err
}

// authorised tells whether the session's person may use the route.
func (c *call) authorised() (err error) {
	a := c.route.access
	switch a.kind {
	case oneself:
		if c.session.Proof == "token" {
			return people.ErrNotAllowed
		}
	case byRole:
		err = people.ErrNotAllowed
		for _, action := range a.actions {
			by, lacks := c.find(action, c.PathValue("camera"), time.Time{})
			if lacks == nil {
				c.by, c.action = by, action
				return nil
			}
			if err == people.ErrNotAllowed {
				err = lacks
			}
		}
	}
	return err
}

// inside tells whether an address is on the premises, as the door does.
func (s *Site) inside(a netip.Addr) bool { return accesslog.Inside(s.o.Premises, a) }

// addressOf is where a request comes from. One that can't be read is nowhere, and outside; so is one that somebody passes on (RFC 7239,
// RFC 9110 section 7.6.3), for anybody may say for whom.
func addressOf(r *http.Request) netip.Addr {
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.IPv6Unspecified()
	}
	a := at.Addr().Unmap().WithZone("")
	if slices.ContainsFunc(passing, func(name string) bool { return len(r.Header.Values(name)) > 0 }) {
		return accesslog.Passed(a)
	}
	return a
}

// passing are the headers by which a proxy says that it is one.
var passing = []string{"Forwarded", "X-Forwarded-For", "Via"}

package web

import (
	"context"
	"errors"
	"net"
	"net/http"
	"path"
	"strings"
	"time"
	"unicode"
)

// cookieName is the session's. Its prefix makes browsers refuse it but over HTTPS, from this host, for all paths.
const cookieName = "__Host-varuh"

// The bounds of a request's time. What streams has none but its viewing's.
const (
	mostTime = 30 * time.Second // from the handler's beginning to the end of its answer
	mostPath = 1 << 10          // bytes
	mostName = 128              // bytes of a part of a path that stands for something
)

// outermost is what every request goes through, whatever it asks for.
func (s *Site) outermost(next http.Handler) http.Handler {
	foreign := http.NewCrossOriginProtection()
	foreign.SetDenyHandler(s.refuse(errForeign, nil))
	next = foreign.Handler(s.scripts(next))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		out := &writer{ResponseWriter: w}
		defer s.recovered(out, r)
		s.harden(out.Header(), r)
		switch {
		case s.o.Own != nil && !s.o.Own.Knows(hostOf(r.Host)):
			s.problem(out, r, "", errHost)
		case !whole(r.URL.Path):
			s.problem(out, r, "", errNoPage)
		default:
			next.ServeHTTP(out, r)
		}
	})
}

// hostOf is a name or address without its port.
func hostOf(asked string) string {
	if host, _, err := net.SplitHostPort(asked); err == nil {
		return host
	}
	return strings.TrimSuffix(strings.TrimPrefix(asked, "["), "]")
}

// policy lets pages load what varuh itself has, and nothing that stands in a page.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; media-src 'self' blob:; connect-src 'self'; " +
	"font-src 'self'; worker-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// harden adds what every answer says.
func (s *Site) harden(h http.Header, r *http.Request) {
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
	if r.TLS != nil && s.o.Own != nil && s.o.Own.Own() {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
}

// whole tells whether a path is in its one form, so that nothing has to be guessed of it.
func whole(p string) bool {
	return len(p) <= mostPath && strings.HasPrefix(p, "/") && (path.Clean(p) == p || path.Clean(p)+"/" == p)
}

// recovered answers a request whose handler panicked, and logs it.
func (s *Site) recovered(w *writer, r *http.Request) {
	why := recover()
	if why == nil {
		return
	}
	if why == http.ErrAbortHandler {
		panic(why)
	}
	s.o.Log.Error("a handler panicked", "route", r.Pattern, "panic", why, "stack", stack())
	if w.begun {
		panic(http.ErrAbortHandler) // what has begun must not look whole
	}
	s.problem(w, r, "", errUnknown)
}

// guard decides who may use a route, and lets its handler run.
func (s *Site) guard(r route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		out, ok := w.(*writer)
		if !ok {
			out = &writer{ResponseWriter: w}
		}
		c := &call{Request: q, w: out, site: s, route: r, address: addressOf(q), language: language(q.Header.Get("Accept-Language"))}
		end := c.bound()
		defer end()
		err := c.enter()
		if err == nil {
			var leave func()
			if leave, err = s.gateOf(c).enter(c.Context(), c.asker()); err == nil {
				defer leave()
			}
		}
		if err == nil {
			err = c.counted()
		}
		if err == nil && r.handler.slow {
			err = c.unhurried()
		}
		if err == nil && r.handler.arrives {
			c.arrives()
		}
		if err == nil {
			err = r.handler.serve(s, c)
		}
		if err != nil {
			s.problem(out, c.Request, c.language, err)
		}
	})
}

// bound bounds a call in size and time. What streams ends when the site stops.
func (c *call) bound() (end func()) {
	ctx, cancel := c.Context(), context.CancelFunc(nil)
	if c.route.handler.slow {
		ctx, cancel = context.WithCancel(ctx)
		stop := context.AfterFunc(c.site.streams, cancel)
		c.bounded(ctx)
		return func() { stop(); cancel() }
	}
	if c.route.handler.arrives {
		return c.arriving()
	}
	ctx, cancel = context.WithTimeout(ctx, mostTime)
	c.deadline(http.NewResponseController(c.w).SetWriteDeadline(time.Now().Add(mostTime)))
	c.bounded(ctx)
	return cancel
}

// unhurried lets somebody who may use a stream be silent for as long as it lasts: at the end of the time for reading, the
// server would take him for gone. Nobody else is let off that time, nor before all that he sends was read.
func (c *call) unhurried() error {
	if c.route.handler.takes != nil && c.Method != http.MethodGet {
		return nil // once the body was read: see [call.read]
	}
	if err := c.noBody(); err != nil {
		return err
	}
	c.patient()
	return nil
}

// patient takes the end of the time for reading away.
func (c *call) patient() { c.deadline(http.NewResponseController(c.w).SetReadDeadline(time.Time{})) }

// bounded gives the call a request of its own whose body is bounded. The server's must stay as it is, and the writer be
// the server's, or the server would wait for the rest of a body that is too long before it answers.
func (c *call) bounded(ctx context.Context) {
	c.Request = c.WithContext(ctx)
	c.Request.Body = http.MaxBytesReader(c.w.ResponseWriter, c.Body, c.route.handler.body)
}

// deadline logs that a deadline could not be set; what answers without a connection, in tests, has none.
func (c *call) deadline(err error) {
	if err != nil && !errors.Is(err, http.ErrNotSupported) {
		c.site.o.Log.Warn("a request goes on without a deadline", "route", c.route.name, "err", err)
	}
}

// enter finds out who asks, and whether he may.
func (c *call) enter() error {
	if c.Method != c.route.method { // HEAD, which the mux takes for GET
		c.w.Header().Set("Allow", c.route.method)
		return errMethod
	}
	for _, name := range wildcards(c.route.pattern) {
		if !plain(c.PathValue(name)) {
			return errNoPage
		}
	}
	err := c.known()
	if c.route.access.kind == public {
		return nil
	}
	if err != nil {
		return err
	}
	return c.authorised()
}

// wildcards are the names in a pattern.
func wildcards(pattern string) (names []string) {
	for part := range strings.SplitSeq(pattern, "/") {
		if name, ok := strings.CutPrefix(part, "{"); ok && part != "{$}" {
			names = append(names, strings.TrimSuffix(name, "}"))
		}
	}
	return names
}

// plain tells whether a part of a path can stand for something.
func plain(text string) bool {
	return text != "" && len(text) <= mostName && !strings.ContainsFunc(text, func(r rune) bool {
		return r == '/' || r == '\\' || r == unicode.ReplacementChar || !unicode.IsGraphic(r)
	})
}

package certificate

import (
	_ "embed"
	"html/template"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

//go:embed plain.html
var plainText string

var plainPage = template.Must(template.New("plain").Parse(plainText))

// Plain is what answers on port 80: it has no data and no log-in. It sends browsers on to HTTPS at port, and hands
// out the authority with its fingerprint and how to install it. A browser is sent only to a name that this appliance
// is known to have, whatever name it asked for.
func (k *Keeper) Plain(port int) http.Handler {
	p := &plain{k, port}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", p.welcome)
	for name := range forms {
		mux.HandleFunc("GET /"+name, p.file(name))
	}
	mux.HandleFunc("GET /", p.onward)
	return harden(mux)
}

// harden adds what every answer says. What may be asked with is bounded by the server.
func harden(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

type plain struct {
	k    *Keeper
	port int
}

// welcome shows the page, or sends on where there is nothing to install.
func (p *plain) welcome(w http.ResponseWriter, r *http.Request) {
	root := p.k.Root()
	if root == nil {
		p.onward(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	err := plainPage.Execute(w, map[string]any{"Secure": p.secure(r, &url.URL{Path: "/"}), "Fingerprint": Rows(Fingerprint(root)), "Name": p.k.authorityName()})
	if err != nil {
		p.k.o.Log.Debug("the page on port 80 was not taken to its end", "err", err)
	}
}

// Rows cuts a fingerprint into four rows.
func Rows(fingerprint string) (rows []string) {
	bytes := strings.Split(fingerprint, ":")
	for i := 0; i < len(bytes); i += 8 {
		rows = append(rows, strings.Join(bytes[i:min(i+8, len(bytes))], ":"))
	}
	return rows
}

// file hands out the authority as the file of a name.
func (p *plain) file(name string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		root := p.k.Root()
		if root == nil {
			http.NotFound(w, r)
			return
		}
		data, media, _ := Form(name, root)
		w.Header().Set("Content-Type", media)
		if _, err := w.Write(data); err != nil {
			p.k.o.Log.Debug("the authority was not taken to its end", "err", err)
		}
	}
}

// onward sends to the same page over HTTPS. Nothing but GET and HEAD comes here: what else was sent went over the
// wire already, and is refused so that it is noticed.
func (p *plain) onward(w http.ResponseWriter, r *http.Request) {
	http.Redirect(w, r, p.secure(r, r.URL), http.StatusTemporaryRedirect)
}

// secure is an address over HTTPS, at the name that was asked for if it is known, else at the address that the browser
// reached, else at the name that is shown.
func (p *plain) secure(r *http.Request, at *url.URL) string {
	host := hostOf(r.Host)
	if !p.k.Knows(host) {
		host = p.reached(r)
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if p.port != 443 {
		host += ":" + strconv.Itoa(p.port)
	}
	return (&url.URL{Scheme: "https", Host: host, Path: at.Path, RawPath: at.RawPath, RawQuery: at.RawQuery}).String()
}

// reached is the address of the appliance that the browser is connected to, or the name that is shown.
func (p *plain) reached(r *http.Request) string {
	if local, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr); ok {
		if ip := local.AddrPort().Addr().Unmap().String(); p.k.Knows(ip) {
			return ip
		}
	}
	return p.k.shown()
}

// hostOf takes the port off what a browser asked for.
func hostOf(asked string) string {
	if host, _, err := net.SplitHostPort(asked); err == nil {
		return host
	}
	return strings.Trim(asked, "[]")
}

package certificate

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// Old protocols and weak suites are refused, HTTP/2 is spoken, and what old Windows and Android know works.
func TestProtocols(t *testing.T) {
	t.Parallel()
	k := newRig(t).open(t)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(nil)
	roots.AddCert(k.authority.cert)
	client := func(change func(*tls.Config)) error {
		c := &tls.Config{RootCAs: roots, ServerName: "varuh-box.local", Time: func() time.Time { return noon }, NextProtos: []string{"h2", "http/1.1"}}
		change(c)
		state, err := handshake(k.TLS(), c)
		if err == nil && state.NegotiatedProtocol != "h2" {
			t.Errorf("speaks %q", state.NegotiatedProtocol)
		}
		return err
	}
	old := func(suite uint16) func(*tls.Config) {
		return func(c *tls.Config) { c.MaxVersion, c.CipherSuites = tls.VersionTLS12, []uint16{suite} }
	}
	for name, change := range map[string]func(*tls.Config){
		"today":   func(*tls.Config) {},
		"TLS 1.2": old(tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256),
		"P-256":   func(c *tls.Config) { c.MaxVersion, c.CurvePreferences = tls.VersionTLS12, []tls.CurveID{tls.CurveP256} },
		"slow":    old(tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256),
	} {
		if err := client(change); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, change := range map[string]func(*tls.Config){
		"TLS 1.1":     func(c *tls.Config) { c.MinVersion, c.MaxVersion = tls.VersionTLS10, tls.VersionTLS11 },
		"CBC":         old(tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA),
		"no secrecy":  old(tls.TLS_RSA_WITH_AES_128_GCM_SHA256),
		"other names": func(c *tls.Config) { c.ServerName = "bank.example" },
	} {
		if err := client(change); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
}

// A server of net/http takes the configuration as it is.
func TestServer(t *testing.T) {
	t.Parallel()
	k := newRig(t).open(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	server := &http.Server{TLSConfig: k.TLS(), ReadHeaderTimeout: 10 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.Header().Set("Proto", r.Proto) })}
	ended := make(chan error, 1)
	go func() { ended <- server.ServeTLS(l, "", "") }()
	t.Cleanup(func() {
		must(t, server.Close())
		if err := <-ended; err != http.ErrServerClosed {
			t.Error(err)
		}
	})
	roots := x509.NewCertPool()
	roots.AddCert(k.authority.cert)
	transport := &http.Transport{ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{RootCAs: roots, Time: func() time.Time { return noon }}}
	defer transport.CloseIdleConnections()
	answer, err := (&http.Client{Transport: transport}).Get("https://" + l.Addr().String())
	must(t, err)
	must(t, answer.Body.Close())
	if !strings.HasPrefix(answer.Header.Get("Proto"), "HTTP/2") {
		t.Errorf("spoke %s", answer.Header.Get("Proto"))
	}
}

package web

import (
	"crypto/x509"

	"varuh/accesslog/web/certificate"
	"varuh/accesslog/web/pages"
)

// root is the authority that people install, or nil.
func (s *Site) root() []byte {
	if s.o.Own == nil {
		return nil
	}
	return s.o.Own.Root()
}

// install is the authority as a page tells of it, or nil.
func (s *Site) install() *pages.Install {
	root := s.root()
	if root == nil {
		return nil
	}
	cert, err := x509.ParseCertificate(root)
	if err != nil {
		s.o.Log.Error("the authority can't be read, so the pages don't tell of it", "err", err)
		return nil
	}
	return &pages.Install{Name: cert.Subject.CommonName, Fingerprint: certificate.Rows(certificate.Fingerprint(root))}
}

// certificateFile gives the authority as a file.
func (s *Site) certificateFile(c *call, _ nothing) error {
	root := s.root()
	if root == nil {
		return errNoPage
	}
	data, media, ok := certificate.Form(c.PathValue("file"), root)
	if !ok {
		return errNoPage
	}
	c.w.Header().Set("Content-Type", media)
	c.w.Write(data) // an error says that nobody listens any more
	return nil
}

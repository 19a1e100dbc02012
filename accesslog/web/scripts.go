package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"net/http"
	"path"
	"strings"
	"time"
)

// files are the scripts that play footage in a browser, for everybody: nothing in them is the controller's.
//
//go:embed static/*.js static/*.LICENSE
var files embed.FS

// scriptTypes are the media types of files by the endings of their names.
var scriptTypes = map[string]string{".js": "text/javascript; charset=utf-8", ".LICENSE": "text/plain; charset=utf-8"}

// scripts serves the files under /static/, and lets next answer what is none of them.
func (s *Site) scripts(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, _ := strings.CutPrefix(r.URL.Path, "/static/")
		content, err := files.ReadFile("static/" + name)
		switch {
		case err != nil || "/static/"+name != r.URL.Path:
			next.ServeHTTP(w, r)
		case r.Method != http.MethodGet:
			s.refuse(errMethod, http.Header{"Allow": {http.MethodGet}}).ServeHTTP(w, r)
		default:
			s.script(w, r, name, content)
		}
	})
}

// script answers with a file. A browser may keep it, but asks each time whether it is still the same.
func (s *Site) script(w http.ResponseWriter, r *http.Request, name string, content []byte) {
	if err := http.NewResponseController(w).SetWriteDeadline(time.Now().Add(mostTime)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		s.o.Log.Warn("a file is sent without a deadline", "err", err)
	}
	sum := sha256.Sum256(content)
	h := w.Header()
	h.Set("Content-Type", scriptTypes[path.Ext(name)])
	h.Set("ETag", `"`+hex.EncodeToString(sum[:16])+`"`)
	h.Set("Cache-Control", "no-cache")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
}

package web

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// The scripts are served to everybody, as scripts and under the policy; what is none of them is not there.
func TestPlayingScripts(t *testing.T) {
	t.Parallel()
	r := newEmptyRig(t)
	ask := func(method, path, tag string) *httptest.ResponseRecorder {
		q := httptest.NewRequestWithContext(t.Context(), method, "https://varuh.local"+path, nil)
		q.RemoteAddr = office
		q.Header.Set("If-None-Match", tag)
		return answer(r.Handler(), q)
	}
	for name, media := range map[string]string{"live.js": "text/javascript", "footage.js": "text/javascript", "hls.light.min.js": "text/javascript", "hls.light.LICENSE": "text/plain"} {
		w := ask("GET", "/static/"+name, "")
		h := w.Header()
		if w.Code != 200 || !strings.HasPrefix(h.Get("Content-Type"), media) || h.Get("Content-Security-Policy") != policy || h.Get("Cache-Control") != "no-cache" {
			t.Errorf("%s: %d %v", name, w.Code, h)
		}
		if again := ask("GET", "/static/"+name, h.Get("ETag")); again.Code != http.StatusNotModified {
			t.Errorf("%s once more: %d", name, again.Code)
		}
		if w := ask("POST", "/static/"+name, ""); w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "GET" {
			t.Errorf("POST %s: %d", name, w.Code)
		}
	}
	for _, path := range []string{"/static/", "/static/README.md", "/static/../guard.go", "/static/x.js", "/static//live.js", "/live.js", "/static/live.js/"} {
		if w := ask("GET", path, ""); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	if strings.Contains(policy, "unsafe") || strings.Contains(policy, "worker-src 'self' blob:") {
		t.Errorf("the policy is %s", policy)
	}
}

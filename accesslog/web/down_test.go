package web

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// governed are routes that only enter what they do, and so can do nothing without the diary.
var governed = []string{"addNotice", "decide", "addPerson", "issueToken", "readDiary", "readEntry", "secure", "changeLanguage"}

// Where the diary is closed, or its database damaged, every request gets a plain sentence and none a 500.
func TestDown(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*testing.T, *rig){
		"closed": func(t *testing.T, r *rig) { must(t, r.diary.Close()) },
		"damaged": func(t *testing.T, r *rig) {
			for _, file := range []string{"varuh.db", "varuh.db-wal"} {
				must(t, os.WriteFile(filepath.Join(r.dir, file), []byte(strings.Repeat("x", 1<<16)), 0o600))
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			head := r.head(t)
			r.recorded(t, noon.Add(-20*time.Minute), noon.Add(-10*time.Minute))
			spoil(t, r)
			examples := requests(t)
			for _, one := range routes() {
				if one.name == "logOut" || one.name == "lock" {
					continue // they come last
				}
				q := examples[one.name]
				var body any
				if q.Body != nil {
					body = string(q.Body)
				}
				w := head.do(one.method, one.url(q), body)
				if w.Code == 401 && one.access.kind == byRole {
					t.Fatalf("%s: the session is gone, so nothing is shown from here on: %s", one.name, w.Body)
				}
				if w.Code == 500 {
					t.Errorf("%s: %d %s", one.name, w.Code, w.Body)
				}
				if name == "closed" && slices.Contains(governed, one.name) && w.Code != 503 {
					t.Errorf("%s was done without the diary: %s", one.name, w.Body)
				}
			}
			for _, path := range []string{"/lock", "/session"} {
				method := "POST"
				if path == "/session" {
					method = "DELETE"
				}
				if w := head.do(method, prefix+path, nil); w.Code == 500 {
					t.Errorf("%s: %d %s", path, w.Code, w.Body)
				}
			}
			for _, word := range []string{"vida", "Vida", "Nova", "Primer", headPassword, "192.168.1.20"} {
				if strings.Contains(r.log.String(), word) {
					t.Errorf("the log has %q", word)
				}
			}
		})
	}
}

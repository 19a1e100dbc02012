package web

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"

	"varuh/accesslog"
	"varuh/accesslog/people"
)

// A proxy on the premises, or on the appliance itself, makes nobody outside an insider.
func TestPassedOnIsOutside(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	ana := r.visitor(t, r.head(t), "ana", r.granted(people.Caretaker))
	for _, from := range []string{office, "127.0.0.1:50000"} {
		for _, one := range [][2]string{{"Accept", "*/*"}, {"X-Forwarded-For", "192.168.1.7"}, {"Forwarded", "for=192.168.1.7"}, {"Via", "1.1 vrata"}} {
			q := httptest.NewRequestWithContext(t.Context(), "GET", "https://varuh.local"+prefix+"/cameras/hall/days", nil)
			q.RemoteAddr = from
			q.Header.Set(one[0], one[1])
			q.AddCookie(&http.Cookie{Name: cookieName, Value: ana.cookie})
			if w := answer(r.Handler(), q); (w.Code == 200) != (one[0] == "Accept") {
				t.Errorf("from %s with %s: %d", from, one[0], w.Code)
			}
		}
	}
}

// The entry names the proxy, and so who it may have been, however somebody says that he is passed on.
func TestPassedOnIsEntered(t *testing.T) {
	t.Parallel()
	for from, want := range map[string]string{office: "::ffff:192.168.1.20%proxy", "[fe80::1%eth0]:50000": "fe80::1%proxy", "nowhere": "::"} {
		q := httptest.NewRequestWithContext(t.Context(), "GET", "https://varuh.local/", nil)
		q.RemoteAddr = from
		q.Header.Set("Via", "1.1 vrata")
		a := addressOf(q)
		if got := a.String(); got != want || accesslog.Inside([]netip.Prefix{netip.MustParsePrefix("192.168.1.0/24"), netip.MustParsePrefix("fe80::/10")}, a) {
			t.Errorf("from %s it is %s, want %s, outside", from, got, want)
		}
	}
}

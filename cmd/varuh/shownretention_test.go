package main

import (
	"os"
	"strings"
	"testing"
	"time"

	"varuh/configs"
	"varuh/recorder/rtsp/rtsptest"
	"varuh/testdata/clips"
)

// What the commands tell of terms, erasures and copies is told over HTTPS, too, and a term is confirmed there.
func TestRetentionOverHTTPS(t *testing.T) {
	t.Parallel()
	server, err := rtsptest.Serve("127.0.0.1:0", []rtsptest.Camera{{Path: "hall", FS: clips.Files, Clip: clips.YardSub.File}}, rtsptest.Options{})
	must(t, err)
	t.Cleanup(func() { server.Close() })
	b, v := shownBox(t, server.URL("hall"))
	_, err = askConfirmClock.done(t.Context(), b.eraser, clockOrder{who: who{by: ana}, Reason: "the clock is right", Time: time.Now()})
	must(t, err)
	b.eraser.cycle(t.Context())

	var o struct {
		At      time.Time
		Cameras []struct {
			Camera string
			Real   int64
		}
	}
	if v.do(t.Context(), "GET", "/retention", nil, &o); o.At.IsZero() || len(o.Cameras) != 1 || o.Cameras[0].Camera != "hall" {
		t.Errorf("the overview is %+v", o)
	}
	var terms struct {
		Terms []struct{ Camera, Limit string }
		Waits []struct {
			New struct{ Camera, Limit string }
		}
	}
	if v.do(t.Context(), "GET", "/retention/terms", nil, &terms); len(terms.Terms) != 1 || terms.Terms[0].Camera != "hall" || len(terms.Waits) != 0 {
		t.Errorf("the terms are %+v", terms)
	}
	b.write(t, "cameras.d/hall.yml", camera("hall", server.URL("hall"), "limit: 5d\n"))
	b.Daemon.reload()
	if v.do(t.Context(), "GET", "/retention/terms", nil, &terms); len(terms.Waits) != 1 || terms.Waits[0].New.Limit != "5d" {
		t.Fatalf("the terms are %+v:\n%s", terms, b.status().table())
	}
	var confirmed struct{ Begins time.Time }
	if v.do(t.Context(), "POST", "/retention/terms/hall/confirmation", map[string]string{"reason": "the head's decision"}, &confirmed); !confirmed.Begins.After(time.Now()) {
		t.Errorf("it begins at %v", confirmed.Begins)
	}
	if r := v.do(t.Context(), "POST", "/retention/terms/hall/confirmation", map[string]string{"reason": "again"}, nil); r.Body.Close() != nil || r.StatusCode != 409 {
		t.Errorf("a second time: %s", r.Status)
	}
	var list struct{ Erasures []struct{ Start int64 } }
	if v.do(t.Context(), "POST", "/retention/erasures", map[string]string{"reason": "yearly review"}, &list); len(list.Erasures) != 0 {
		t.Errorf("erased: %+v", list)
	}
	if r := v.do(t.Context(), "POST", "/retention/erasures/record", map[string]string{"reason": "yearly review"}, nil); r.Body.Close() != nil || r.StatusCode != 200 {
		t.Errorf("the record: %s", r.Status)
	}
	if r := v.do(t.Context(), "POST", "/diary/bundle", map[string]string{"reason": "supervision"}, nil); r.Body.Close() != nil || r.StatusCode != 200 {
		t.Errorf("the bundle: %s", r.Status)
	}
	var uses struct{ Entry int64 }
	v.do(t.Context(), "POST", "/diary/uses", map[string]any{"reason": "who", "camera": "hall", "from": time.Now().Add(-time.Hour).Format(time.RFC3339), "to": time.Now().Format(time.RFC3339)}, &uses)
	b.end(t)
}

// shownBox is a box that records the hall and serves pages, and its head, who has come.
func shownBox(t *testing.T, url string) (*box, *visitor) {
	t.Helper()
	keys, err := memoryFolder("test")
	must(t, err)
	t.Cleanup(func() { must(t, os.RemoveAll(keys)) })
	https := freeAddr(t)
	text := configs.New(configs.Choice{Store: []string{"store"}, KeyFile: keys + "/k", Metrics: "off"})
	b := startBoxWith(t, keys+"/k", "off", map[string]string{"varuh.yml": strings.Replace(text, "https: off\n", "https: "+https+"\n", 1), "cameras.d/hall.yml": camera("hall", url, "")})
	b.opensToday(t)
	return b, b.visit(t, https)
}

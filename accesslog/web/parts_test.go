package web

import (
	"bytes"
	"crypto/md5"
	"fmt"
	"net/http"
	"os/exec"
	"strings"
	"testing"
	"time"

	"varuh/recorder/rtsp/rtsptest/outside"
)

// ffmpeg plays what the API offers, with the session's cookie: every picture that was recorded comes, and no other.
func TestFFmpegPlaysOverHTTPS(t *testing.T) {
	t.Parallel()
	outside.NeedsFFmpeg(t)
	s := newStage(t)
	film := s.entrance(dawn)
	v := s.viewer()
	o := v.open(asks("hall", dawn, 2*time.Minute))
	if len(o.Windows) != 1 || o.Camera != "hall" || o.Stream != "main" || o.Entry < 1 {
		t.Fatalf("%+v", o)
	}
	got, _, err := ffmpegSums(v, o.Windows[0].Playlist)
	must(t, err)
	want := samples(t, film)
	if len(got) != len(want) || len(want) == 0 {
		t.Fatalf("%d pictures came, %d were stored", len(got), len(want))
	}
	for i := range want {
		if got[i] != fmt.Sprintf("%x", md5.Sum(want[i])) {
			t.Fatalf("picture %d of %d is another", i, len(want))
		}
	}
	s.sent.take()
	stranger := &viewer{v.stage, v.client, "of-nobody"}
	if got, said, err := ffmpegSums(stranger, o.Windows[0].Playlist); err == nil || len(got) > 0 || !strings.Contains(said, "401") || len(s.sent.take()) > 0 {
		t.Errorf("without the session %d pictures came: %v, %s", len(got), err, said)
	}
}

// ffmpegSums are the MD5 sums of the access units that ffmpeg reads, and what it says.
func ffmpegSums(v *viewer, path string) (list []string, said string, err error) {
	var out, errs bytes.Buffer
	cmd := exec.Command("ffmpeg", "-nostdin", "-v", "error", "-tls_verify", "0", "-headers", "Cookie: "+cookieName+"="+v.cookie+"\r\n",
		"-i", v.server.URL+path, "-map", "0:v", "-c", "copy", "-copyts", "-f", "framemd5", "-")
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		return nil, errs.String(), fmt.Errorf("ffmpeg: %w: %s", err, &errs)
	}
	for line := range strings.Lines(out.String()) {
		if column := strings.Split(line, ","); len(column) > 5 && line[0] != '#' {
			list = append(list, strings.TrimSpace(column[5]))
		}
	}
	return list, errs.String(), nil
}

// Answers with footage say what they are and that nobody may keep them, over HTTP/2, whatever range is asked for.
func TestFootageHeaders(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.entrance(dawn)
	v := s.viewer()
	o := v.open(asks("hall", dawn, time.Minute))
	parts, inits := v.playlist(o.Windows[0].Playlist)
	for path, media := range map[string]string{
		o.Windows[0].Playlist: "application/vnd.apple.mpegurl", parts[0]: "video/mp4", inits[0]: "video/mp4",
		stream(o, "hall") + "/frame?at=2026-11-21T11:00:09Z":            "video/mp4",
		stream(o, "hall") + "/frame?at=2026-11-21T11:00:09Z&chunk=true": "application/octet-stream",
	} {
		q := v.request(t.Context(), http.MethodGet, path, nil)
		q.Header.Set("Range", "bytes=1-2")
		a, err := v.client.Do(q)
		must(t, err)
		must(t, a.Body.Close())
		h := a.Header
		if a.StatusCode != 200 || a.ProtoMajor != 2 || h.Get("Content-Type") != media || h.Get("Cache-Control") != "no-store" ||
			h.Get("X-Content-Type-Options") != "nosniff" || a.ContentLength < 100 {
			t.Errorf("%s: %d %s %d %v", path, a.StatusCode, a.Proto, a.ContentLength, h)
		}
		if a, _ := v.do(http.MethodHead, path, nil); a.StatusCode != http.StatusMethodNotAllowed {
			t.Errorf("HEAD %s: %d", path, a.StatusCode)
		}
	}
}

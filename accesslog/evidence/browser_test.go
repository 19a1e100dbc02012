package evidence_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"varuh/accesslog/evidence"
	"varuh/accesslog/evidence/evidencetest"
	"varuh/recorder/rtsp/rtsptest/outside"
	"varuh/testdata/clips"
)

// player plays a clip to its end, and tells what a viewer has seen.
const player = `new Promise(done => {
	const v = document.createElement("video"), seen = {first: -1, error: ""};
	document.body.append(v);
	v.muted = true;
	v.preload = "auto";
	v.requestVideoFrameCallback((_, frame) => {
		seen.first = frame.mediaTime;
		v.play().catch(e => { seen.error = e.message; done(JSON.stringify(seen)); });
	});
	v.onerror = () => { seen.error = v.error.message; done(JSON.stringify(seen)); };
	v.onended = () => { seen.duration = v.duration; seen.frames = v.getVideoPlaybackQuality().totalVideoFrames; done(JSON.stringify(seen)); };
	v.src = %q;
	v.playbackRate = 2;
})`

// A browser plays the clips out of the folder, from the first picture, which is at 0, to the last.
func TestBrowser(t *testing.T) {
	t.Parallel()
	outside.Needs(t, "chromium", "chromium", "--version")
	var stretches [][]*evidencetest.Segment
	for n, c := range []clips.Clip{clips.OpusSound, clips.Hall, clips.Entrance} {
		camera := fmt.Sprint("camera-", n)
		stretches = append(stretches, evidencetest.Segments(t, evidencetest.Load(t, 1, c), camera, "main", evidencetest.Dawn, 8)[:1])
	}
	pkg, m := evidencetest.NewCase(t, "a", true, stretches...).Written(t)
	dir := unpack(t, pkg)
	must(t, os.WriteFile(filepath.Join(dir, "play.html"), []byte("<!doctype html><body>"), 0o600))

	options := []chromedp.ExecAllocatorOption{chromedp.ExecPath("chromium"), chromedp.UserDataDir(t.TempDir()), chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck}
	for _, flag := range []string{"headless", "no-sandbox", "disable-gpu", "disable-quic", "disable-background-networking", "disable-component-update",
		"disable-sync", "disable-dev-shm-usage", "mute-audio"} {
		options = append(options, chromedp.Flag(flag, true))
	}
	ctx, stop := chromedp.NewExecAllocator(t.Context(), options...)
	defer stop()
	ctx, gone := chromedp.NewContext(ctx)
	defer gone()
	ctx, late := context.WithTimeout(ctx, 2*time.Minute)
	defer late()
	_, err := chromedp.Run(ctx, chromedp.Navigate("file://"+filepath.Join(dir, "play.html")))
	must(t, err)
	for _, clip := range m.Clips {
		out, err := chromedp.Run(ctx, chromedp.Evaluate[string](fmt.Sprintf(player, clip.Path), chromedp.EvalAwaitPromise))
		must(t, err)
		var seen struct {
			First, Duration float64
			Frames          int64
			Error           string
		}
		must(t, json.Unmarshal([]byte(out), &seen))
		lasts := clip.To.Sub(clip.From).Seconds()
		if seen.Error != "" || seen.Frames != pictures(clip) || seen.First < 0 || seen.First > 0.05 || math.Abs(seen.Duration-lasts) > 0.05 {
			t.Errorf("%s of %d pictures in %.3f s: %s", clip.Path, pictures(clip), lasts, out)
		}
	}
}

func pictures(c evidence.Clip) int64 {
	for _, t := range c.Tracks {
		if !t.Sound {
			return t.Samples
		}
	}
	return 0
}

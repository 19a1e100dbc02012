package reader_test

import (
	"context"
	"io"
	"strings"
	"testing"

	"varuh/accesslog/evidence"
	"varuh/accesslog/evidence/derived"
	"varuh/accesslog/evidence/evidencetest"
	"varuh/accesslog/evidence/reader"
	"varuh/recorder/rtsp/rtsptest/outside"
	"varuh/testdata/clips"
)

// Of a clip that browsers don't show the page plays the copy, says that it is no evidence and which file is, and calls the
// package good.
func TestCopyPlays(t *testing.T) {
	t.Parallel()
	outside.Needs(t, "ffmpeg", "ffmpeg", "-version")
	b := tabOf(t, "")
	c := evidencetest.NewCase(t, "a", true, evidencetest.Segments(t, evidencetest.Load(t, 1, clips.BFramesH265), "hall", "main", evidencetest.Dawn, 5))
	p, copies, files := c.Package(), &derived.Maker{}, evidencetest.Memory{}
	p.Derive, p.Enclosed = copies.Derive, []evidence.Enclosure{copies.Words()}
	p.Guide = func(m evidence.Manifest) (evidence.Enclosure, error) {
		page, err := reader.Page(m)
		return evidence.Enclosure{Path: reader.Name, Kind: evidence.KindReading, Write: func(_ context.Context, to io.Writer) error {
			_, err := to.Write(page)
			return err
		}}, err
	}
	_, err := evidence.Write(t.Context(), files, p)
	must(t, err)
	dir := unpack(t, files.FS())
	b.open(dir)
	b.until("document.querySelector('video').src.endsWith('/OGLEDNA_KOPIJA_0001.mp4') && document.querySelector('video').videoWidth === 320")
	b.Click("[data-clip='0']") // a press of somebody's, or a browser plays nothing
	b.until("document.querySelector('video').currentTime > 0.3")
	if said := js[string](b, "document.getElementById('whose').textContent"); !strings.Contains(said, "no evidence; posnetki/0001.mp4 is") {
		t.Errorf("it is said of the copy: %s", said)
	}
	b.types(c.Diary.Key.Fingerprint())
	b.pick(dir)
	if got := b.told(); got.Sum != "good" || len(got.Bad) > 0 {
		t.Errorf("%+v", got)
	}
	b.quiet()
}

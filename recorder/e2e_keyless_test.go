package recorder_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"varuh/recorder"
	"varuh/recorder/rtsp/rtsptest/outside"
)

// TestNoPrivateKeyNeeded has a recorder record, be killed, recover what it left open and record on, in a
// process that was told public keys only. What it stored opens with the private key in the envelope.
func TestNoPrivateKeyNeeded(t *testing.T) {
	t.Parallel()
	outside.NeedsFFmpeg(t)
	secrets := newCanaries()
	b := newBox(t)
	secrets.addPrivate(t, b)
	_, server := logged(t, secrets)

	c := startChild(t, b, server)
	c.until(recorder.EventConnected, 2)
	c.kill(500 * time.Millisecond)
	secrets.wantNone(t, b)
	c = startChild(t, b, server)
	c.until(recorder.EventRecovered, 1)
	c.until(recorder.EventConnected, len(killed))
	for _, name := range []string{"environ", "cmdline"} {
		content, err := os.ReadFile(filepath.Join("/proc", fmt.Sprint(c.cmd.Process.Pid), name))
		check(t, err)
		if found := secrets.find(content); len(content) == 0 || len(found) > 0 {
			t.Errorf("the %s of the recorder has %d bytes, among them %v", name, len(content), found)
		}
	}
	secrets.wantNone(t, b)
	c.terminate()

	o, err := b.open(t.Context())
	check(t, err)
	defer func() { check(t, o.Index.Close()) }()
	b.sound(t, o)
	for _, p := range killed {
		got, _ := b.read(t, o, p.camera, p.stream)
		if pictures, _ := units(t, p, got); len(pictures) == 0 {
			t.Errorf("%s: nothing is stored", p.path())
		}
	}
}

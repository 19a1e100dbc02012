package proof

import (
	"bytes"
	"testing"
	"testing/fstest"
)

// A file that was damaged is no history that was changed: nothing is said of the checkpoints between.
func TestDamageIsNoBreak(t *testing.T) {
	t.Parallel()
	l := newLog(t, 10)
	for _, name := range []string{chunkName(leavesDir, 0), checkpointFile} {
		b := l.bundle(l.options()).(fstest.MapFS)
		b[name].Data = bytes.Replace(b[name].Data, []byte("2026-11-21T12:00:03"), []byte("2026-11-21T12:00:04"), 1)
		if name == checkpointFile {
			ten, nine := l.at(10).Root, l.at(9).Root
			b[name].Data = bytes.Replace(b[name].Data, []byte(b64.EncodeToString(ten[:])), []byte(b64.EncodeToString(nine[:])), 1)
		}
		for _, held := range []int64{5, 10} {
			r := verify(t, b, VerifyOptions{Keys: l.keys, Held: [][]byte{l.sign(held)}})
			if r.Intact.State != No || r.Complete.State == No {
				t.Errorf("%s, %d: %+v", name, held, r)
			}
			for _, f := range r.Findings {
				if f.Code == CodeRewritten {
					t.Errorf("%s, %d: %s", name, held, f.EN)
				}
			}
		}
	}
}

package playback_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"varuh/accesslog/playback"
	"varuh/recorder/cmaf"
	"varuh/testdata/clips"
)

// FuzzName: what is taken for a name is one that was made, in its one spelling.
func FuzzName(f *testing.F) {
	b := newBox()
	b.record(f, load(f, clips.YardSub, 1), dawn, 10*time.Second, nil)
	p := player(b)
	list, err := p.Playlist(f.Context(), playback.Window{From: dawn, To: dawn.Add(time.Minute), First: true, Last: true}, true)
	check(f, err)
	made := map[string]bool{}
	for _, name := range addresses(list, "part") {
		made[name] = true
		f.Add(name)
		f.Add(strings.TrimSuffix(name, ".m4s"))
		f.Add(name[:20] + name[21:])
	}
	if len(made) == 0 {
		f.Fatal("there is no name to begin with")
	}
	f.Add("")
	f.Add(".m4s")
	f.Fuzz(func(t *testing.T, text string) {
		again, err := p.Names.Parse(p.Scope, text)
		if err != nil {
			if !errors.Is(err, playback.ErrName) || made[text] {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		if again != text || !made[text] {
			t.Fatalf("%q is taken for %q", text, again)
		}
	})
}

// FuzzHead: an init segment that is not ours is refused, and one that is read can be read without its sound.
func FuzzHead(f *testing.F) {
	for _, c := range []clips.Clip{clips.Entrance, clips.Yard, clips.Motion} {
		init, err := cmaf.InitSegment(load(f, c, 1).tracks)
		check(f, err)
		f.Add(init)
		f.Add(init[:len(init)/2])
	}
	f.Fuzz(func(t *testing.T, init []byte) {
		h, err := playback.ReadHead(init)
		if err != nil {
			if !errors.Is(err, playback.ErrFormat) {
				t.Fatal(err)
			}
			return
		}
		without, err := playback.Silent(init)
		if err != nil {
			if !errors.Is(err, playback.ErrFormat) {
				t.Fatal(err)
			}
			return
		}
		if again, err := playback.Silent(without); err == nil && !bytes.Equal(again, without) {
			t.Fatal("sound is taken out twice")
		}
		if h.MIME(true) == "" {
			t.Fatal("no type")
		}
	})
}

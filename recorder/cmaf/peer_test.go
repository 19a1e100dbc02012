package cmaf_test

import (
	"bytes"
	"encoding/hex"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bluenviron/mediacommon/v2/pkg/formats/fmp4"

	"varuh/recorder/cmaf"
	"varuh/testdata/clips"
)

// TestPeer reads runs with mediacommon's fMP4 reader, which shares no line with the writer.
func TestPeer(t *testing.T) {
	t.Parallel()
	for _, c := range clips.All {
		if c.Video == "" {
			continue // it knows no G.711
		}
		tracks, units := read(t, c)
		r := mux(t, tracks, units)
		var head fmp4.Init
		if err := head.Unmarshal(bytes.NewReader(r.init)); err != nil || len(head.Tracks) != len(tracks) {
			t.Fatalf("%s: %d tracks, %v", c.File, len(head.Tracks), err)
		}
		next := make([][]cmaf.Unit, len(tracks))
		for _, u := range units {
			next[u.Track] = append(next[u.Track], u)
		}
		for i, f := range r.fragments {
			var parts fmp4.Parts
			if err := parts.Unmarshal(f.Data); err != nil || len(parts) != 1 || len(parts[0].Tracks) != 1 {
				t.Fatalf("%s: fragment %d: %v", c.File, i, err)
			}
			n := parts[0].Tracks[0].ID - 1
			first, time := next[n][0], parts[0].Tracks[0].BaseTime
			for _, s := range parts[0].Tracks[0].Samples {
				u := next[n][0]
				if time-parts[0].Tracks[0].BaseTime != uint64(u.DTS-first.DTS) || int64(s.PTSOffset) != u.PTS-u.DTS ||
					s.IsNonSyncSample == u.Key || !bytes.Equal(s.Payload, u.Data) {
					t.Fatalf("%s: fragment %d gives another unit than that decoded at %d", c.File, i, u.DTS)
				}
				time, next[n] = time+uint64(s.Duration), next[n][1:]
			}
		}
		if slices.ContainsFunc(next, func(left []cmaf.Unit) bool { return len(left) > 0 }) {
			t.Errorf("%s: units are missing at the end", c.File)
		}
	}
}

// TestBytes is one fragment of two units, spelt out.
func TestBytes(t *testing.T) {
	t.Parallel()
	want := strings.Join([]string{
		"00000020 70726674 01000008 00000001 bc17c200 80000000 0000000000000708", // prft: 2000-01-01 00:00:00.5, at 1800
		"00000078 6d6f6f66",                            // moof
		"00000010 6d666864 00000000 00000001",          // mfhd: the first
		"00000060 74726166",                            // traf
		"00000010 74666864 00020000 00000001",          // tfhd: track 1
		"00000014 74666474 01000000 0000000000000000",  // tfdt: 0
		"00000034 7472756e 01000f01 00000002 00000080", // trun: two samples, 128 bytes after moof begins
		"00000e10 00000003 02000000 00000708",          // 3600 ticks, 3 bytes, key frame, shown 1800 later
		"00000e10 00000002 01010000 fffffff8",          // shown 8 ticks earlier than decoded
		"0000000d 6d646174 616263 6465",                // mdat: "abc", "de"
	}, "")
	var got []byte
	m := cmaf.NewMuxer([]cmaf.Track{picture}, func(f cmaf.Fragment) error { got = bytes.Clone(f.Data); return nil })
	first, second := unit(90000, true, "abc"), unit(93600, false, "de")
	first.Wall = time.Date(2000, 1, 1, 0, 0, 0, 5e8, time.UTC)
	first.PTS, second.PTS = 91800, 93592
	for _, err := range []error{m.Write(first), m.Write(second), m.Flush()} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if hex.EncodeToString(got) != strings.ReplaceAll(want, " ", "") {
		t.Errorf("got\n%x, want\n%s", got, want)
	}
}

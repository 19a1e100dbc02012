package playback

import (
	"math"
	"slices"
	"strconv"
	"time"

	"varuh/accesslog"
	"varuh/recorder/keyring"
	"varuh/recorder/segment"
)

// PlaylistType is the media type of a playlist (RFC 8216 section 4), PartType that of parts and init segments.
const (
	PlaylistType = "application/vnd.apple.mpegurl"
	PartType     = "video/mp4"
)

// The address of a part or init segment, seen from the playlist, is a folder and its name.
const (
	partFolder = "part/"
	initFolder = "init/"
)

// Playlist is what a player needs to play a window. The addresses in it are relative: "part/" and what
// [Player.Part] takes, "init/" and what [Player.Init] takes.
type Playlist struct {
	Text  []byte
	Parts int  // 0 where there is nothing to play
	Sound bool // it has sound
}

// audible tells whether the parts can be played with sound: all of their runs need some, and none of it may be left out
// for the notice's sake. A browser's buffer takes no
// track that comes and goes, and holds nothing until each track has something; hls.js then ends with an error.
func audible(t accesslog.Timeline, parts []Part) bool {
	if len(t.Silent) > 0 {
		return false
	}
	runs := map[keyring.ID]bool{}
	for i := range parts {
		loud := slices.ContainsFunc(parts[i].Pieces, func(p accesslog.Piece) bool { return p.Kind == segment.Audio })
		runs[parts[i].Run] = runs[parts[i].Run] || loud
	}
	for _, loud := range runs {
		if !loud {
			return false
		}
	}
	return len(runs) > 0
}

// playlist is a media playlist of version 7 (RFC 8216 section 4.3), which needs no more than is in it: the
// parts of one window, all known. A window without any gives a playlist without segments.
//
// A part carries its date where a stored segment or a discontinuity begins: between those, players count
// on, and within one run that is as right as the camera's clock.
func playlist(parts []Part, part func(*Part) string, head func(run keyring.ID) string) []byte {
	b := make([]byte, 0, 256+160*len(parts))
	b = append(b, "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:"...)
	b = strconv.AppendInt(b, target(parts), 10)
	b = append(b, "\n#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-PLAYLIST-TYPE:VOD\n#EXT-X-INDEPENDENT-SEGMENTS\n"...)
	for i := range parts {
		p := &parts[i]
		if p.Break {
			b = append(b, "#EXT-X-DISCONTINUITY\n"...)
		}
		if i == 0 || parts[i-1].Run != p.Run {
			b = append(append(append(b, "#EXT-X-MAP:URI=\""+initFolder...), head(p.Run)...), "\"\n"...)
		}
		if i == 0 || p.Break || stored(&parts[i-1]) != stored(p) {
			b = append(b, "#EXT-X-PROGRAM-DATE-TIME:"...)
			b = p.From.UTC().Round(time.Millisecond).AppendFormat(b, "2006-01-02T15:04:05.000Z\n")
		}
		b = append(b, "#EXTINF:"...)
		b = strconv.AppendFloat(b, p.Duration.Seconds(), 'f', 6, 64)
		b = append(append(append(b, ",\n"+partFolder...), part(p)...), '\n')
	}
	return append(b, "#EXT-X-ENDLIST\n"...)
}

// target is the longest part in whole seconds, rounded as RFC 8216 section 4.3.3.1 has it.
func target(parts []Part) int64 {
	longest := 1.0
	for i := range parts {
		longest = max(longest, math.Round(parts[i].Duration.Seconds()))
	}
	return int64(longest)
}

// stored is the segment that a part begins in.
func stored(p *Part) keyring.ID {
	for i := range p.Pieces {
		if p.Pieces[i].Kind == segment.Video {
			return p.Pieces[i].Segment
		}
	}
	return keyring.ID{}
}

// heads tells which segment has the init record of a run.
func heads(t accesslog.Timeline) map[keyring.ID]keyring.ID {
	list := make(map[keyring.ID]keyring.ID, len(t.Runs))
	for _, r := range t.Runs {
		list[r.ID] = r.Init
	}
	return list
}

package playback

import (
	"fmt"
	"math/bits"
	"strings"
)

// Track is one track of an init segment.
type Track struct {
	ID            uint32
	Codec         string // as browsers are asked for it (RFC 6381), such as "avc1.640028"
	Sound         bool
	Width, Height int    // of the picture, in pixels
	Description   []byte // of the picture, for WebCodecs: the body of avcC or hvcC; nil for JPEG
}

// Head is what an init segment says of its run.
type Head struct{ Tracks []Track }

// Motion JPEG in MP4 (ISO/IEC 14496-1 table 5), which is shown as stills.
const codecJPEG = "mp4v.6C"

// MIME is the type that a browser's MediaSource.isTypeSupported is asked about, with sound or without.
func (h Head) MIME(sound bool) string {
	var codecs []string
	for _, t := range h.Tracks {
		if sound || !t.Sound {
			codecs = append(codecs, t.Codec)
		}
	}
	return `video/mp4; codecs="` + strings.Join(codecs, ", ") + `"`
}

// Picture is the track of the picture.
func (h Head) Picture() (Track, bool) {
	for _, t := range h.Tracks {
		if !t.Sound {
			return t, true
		}
	}
	return Track{}, false
}

// JPEG tells whether the picture is Motion JPEG, which browsers show as stills only.
func (t Track) JPEG() bool { return t.Codec == codecJPEG }

func (h Head) sounds() map[uint32]bool {
	ids := map[uint32]bool{}
	for _, t := range h.Tracks {
		ids[t.ID] = t.Sound
	}
	return ids
}

// ReadHead reads an init segment. The error is [ErrFormat] for one that package cmaf did not write.
func ReadHead(init []byte) (Head, error) {
	moov, err := find(init, "moov")
	if err != nil {
		return Head{}, err
	}
	list, err := boxes(moov)
	if err != nil {
		return Head{}, err
	}
	var h Head
	for _, b := range list {
		if b.name != "trak" {
			continue
		}
		t, err := readTrack(b.body)
		if err != nil {
			return Head{}, err
		}
		h.Tracks = append(h.Tracks, t)
	}
	if len(h.Tracks) == 0 {
		return Head{}, fmt.Errorf("%w: it has no track", ErrFormat)
	}
	return h, nil
}

func trackID(trak []byte) (uint32, error) {
	tkhd, err := find(trak, "tkhd")
	if err == nil && len(tkhd) < 16 {
		err = fmt.Errorf("%w: tkhd", ErrFormat)
	}
	if err != nil {
		return 0, err
	}
	return be.Uint32(tkhd[12:]), nil
}

// Where the boxes of a sample entry begin (ISO/IEC 14496-12 12.1.3, 12.2.3).
const (
	pictureEntry = 78
	soundEntry   = 28
)

func readTrack(trak []byte) (t Track, err error) {
	if t.ID, err = trackID(trak); err != nil {
		return t, err
	}
	hdlr, err := find(trak, "mdia", "hdlr")
	if err != nil {
		return t, err
	}
	stsd, err := find(trak, "mdia", "minf", "stbl", "stsd")
	if err != nil {
		return t, err
	}
	if len(hdlr) < 12 || len(stsd) < 8 {
		return t, fmt.Errorf("%w: hdlr or stsd", ErrFormat)
	}
	entries, err := boxes(stsd[8:])
	if err != nil {
		return t, err
	}
	t.Sound = string(hdlr[8:12]) == "soun"
	fixed := pictureEntry
	if t.Sound {
		fixed = soundEntry
	}
	if len(entries) != 1 || len(entries[0].body) < fixed {
		return t, fmt.Errorf("%w: stsd", ErrFormat)
	}
	entry := entries[0]
	if !t.Sound {
		t.Width, t.Height = int(be.Uint16(entry.body[24:])), int(be.Uint16(entry.body[26:]))
	}
	err = t.name(entry.name, entry.body[fixed:])
	return t, err
}

// name gives the codec of a sample entry its name.
func (t *Track) name(entry string, config []byte) error {
	switch entry {
	case "avc1":
		avcC, err := find(config, "avcC")
		if err != nil || len(avcC) < 4 {
			return fmt.Errorf("%w: avcC", ErrFormat)
		}
		t.Codec, t.Description = fmt.Sprintf("avc1.%02X%02X%02X", avcC[1], avcC[2], avcC[3]), avcC
	case "hvc1":
		hvcC, err := find(config, "hvcC")
		if err != nil || len(hvcC) < 13 {
			return fmt.Errorf("%w: hvcC", ErrFormat)
		}
		t.Codec, t.Description = hevc(hvcC), hvcC
	case "mp4v":
		t.Codec = codecJPEG
	case "mp4a":
		esds, err := find(config, "esds")
		if err != nil || len(esds) < 27 || esds[24] != 5 || esds[25] == 0 {
			return fmt.Errorf("%w: esds", ErrFormat)
		}
		t.Codec = fmt.Sprintf("mp4a.40.%d", objectType(esds[26:]))
	case "Opus":
		t.Codec = "opus"
	default: // G.711: no browser knows it by any name
		t.Codec = entry
	}
	return nil
}

// hevc is the name of ISO/IEC 14496-15 annex E.3: profile space and number, compatibility flags in reverse
// order, tier and level, and the constraint flags up to the last that is not zero.
func hevc(hvcC []byte) string {
	space := []string{"", "A", "B", "C"}[hvcC[1]>>6]
	tier := []string{"L", "H"}[hvcC[1]>>5&1]
	name := fmt.Sprintf("hvc1.%s%d.%X.%s%d", space, hvcC[1]&0x1f, bits.Reverse32(be.Uint32(hvcC[2:])), tier, hvcC[12])
	constraints := hvcC[6:12]
	for len(constraints) > 0 && constraints[len(constraints)-1] == 0 {
		constraints = constraints[:len(constraints)-1]
	}
	for _, c := range constraints {
		name += fmt.Sprintf(".%X", c)
	}
	return name
}

// objectType is the audio object type of an AudioSpecificConfig (ISO/IEC 14496-3 1.6.2.1).
func objectType(config []byte) int {
	object := int(config[0] >> 3)
	if object == 31 && len(config) > 1 {
		object = 32 + int(config[0]&7)<<3 | int(config[1]>>5)
	}
	return object
}

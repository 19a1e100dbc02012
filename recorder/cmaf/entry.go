package cmaf

import (
	"errors"
	"fmt"
	"math"

	"github.com/bluenviron/mediacommon/v2/pkg/codecs/h264"
	"github.com/bluenviron/mediacommon/v2/pkg/codecs/h265"
	"github.com/bluenviron/mediacommon/v2/pkg/codecs/mpeg4audio"
)

// sampleEntry describes the track's coding (ISO/IEC 14496-12 8.5.2). It sets the picture's size
// from the parameter set, which is what decoders go by.
func sampleEntry(t *Track) (func([]byte) []byte, error) {
	if err := t.checkClock(); err != nil {
		return nil, err
	}
	switch t.Codec {
	case H264:
		return entryH264(t)
	case H265:
		return entryH265(t)
	case MJPEG:
		// Object type 0x6c is ISO/IEC 10918-1 (14496-1 table 5), stream type 4 is visual.
		return picture(t, "mp4v", elementary(0x6c, 4, nil))
	case AAC:
		return entryAAC(t)
	case Opus:
		return entryOpus(t)
	case PCMA:
		return sound(t, "alaw")
	case PCMU:
		return sound(t, "ulaw")
	}
	return nil, fmt.Errorf("%q is none of the codecs that can be stored", t.Codec)
}

// entryH264 makes avc1 with avcC (ISO/IEC 14496-15 5.3.3). Cameras repeat their parameter sets in the
// stream; the samples keep them, and avc1 is still what every browser plays. A set that
// differs begins a new run, so the two never disagree.
func entryH264(t *Track) (func([]byte) []byte, error) {
	if len(t.SPS) < 4 || len(t.PPS) == 0 || len(t.SPS) > math.MaxUint16 || len(t.PPS) > math.MaxUint16 {
		return nil, errors.New("the sequence or picture parameter set is missing or out of size")
	}
	var sps h264.SPS
	if err := sps.Unmarshal(t.SPS); err != nil {
		return nil, fmt.Errorf("couldn't read the sequence parameter set: %w", err)
	}
	t.Width, t.Height = sps.Width(), sps.Height()
	config := []func([]byte) []byte{
		raw(1, t.SPS[1], t.SPS[2], t.SPS[3], 0xff, 0xe1), // NAL unit lengths of 4 bytes, one SPS
		u16(uint16(len(t.SPS))), raw(t.SPS...),
		raw(1), u16(uint16(len(t.PPS))), raw(t.PPS...),
	}
	switch sps.ProfileIdc {
	case 66, 77, 88: // Baseline, Main, Extended end here
	default:
		config = append(config, raw(0xfc|byte(sps.ChromaFormatIdc), 0xf8|byte(sps.BitDepthLumaMinus8),
			0xf8|byte(sps.BitDepthChromaMinus8), 0))
	}
	return picture(t, "avc1", nested("avcC", config...))
}

// entryH265 makes hvc1 with hvcC (ISO/IEC 14496-15 8.3.3). hvc1 and not hev1, as Apple's players know
// no other; the arrays are marked incomplete because the samples may hold the same sets again.
func entryH265(t *Track) (func([]byte) []byte, error) {
	var sps h265.SPS
	if err := sps.Unmarshal(t.SPS); err != nil {
		return nil, fmt.Errorf("couldn't read the sequence parameter set: %w", err)
	}
	// profile_tier_level begins after the NAL header and one byte, and hvcC holds it as it is.
	plain := h264.EmulationPreventionRemove(t.SPS)
	const levelFrom, levelTo = 3, 15
	if len(plain) < levelTo || len(t.VPS) == 0 || len(t.PPS) == 0 {
		return nil, errors.New("the video, sequence or picture parameter set is missing")
	}
	t.Width, t.Height = sps.Width(), sps.Height()
	layers, nested1 := plain[2]>>1&7+1, plain[2]&1
	config := []func([]byte) []byte{
		raw(1), raw(plain[levelFrom:levelTo]...), u16(0xf000), raw(0xfc,
			0xfc|byte(sps.ChromaFormatIdc), 0xf8|byte(sps.BitDepthLumaMinus8), 0xf8|byte(sps.BitDepthChromaMinus8)),
		u16(0), raw(layers<<3|nested1<<2|3, 3), // frame rate unknown, lengths of 4 bytes, three arrays
	}
	for _, set := range [][]byte{t.VPS, t.SPS, t.PPS} {
		if len(set) > math.MaxUint16 {
			return nil, fmt.Errorf("a parameter set of %d bytes is too large", len(set))
		}
		config = append(config, raw(set[0]>>1&0x3f), u16(1, uint16(len(set))), raw(set...))
	}
	return picture(t, "hvc1", nested("hvcC", config...))
}

// entryAAC makes mp4a with the camera's AudioSpecificConfig as it came.
func entryAAC(t *Track) (func([]byte) []byte, error) {
	var config mpeg4audio.AudioSpecificConfig
	if err := config.Unmarshal(t.Config); err != nil {
		return nil, fmt.Errorf("couldn't read the AudioSpecificConfig: %w", err)
	}
	if len(t.Config) > 64 {
		return nil, fmt.Errorf("an AudioSpecificConfig of %d bytes is too large", len(t.Config))
	}
	return sound(t, "mp4a", elementary(0x40, 5, t.Config))
}

// entryOpus makes Opus with dOps ("Encapsulation of Opus in ISOBMFF" 4.3.2). Pre-skip is 0: a
// recording begins in the middle of the camera's stream, and every sample of it is sound.
func entryOpus(t *Track) (func([]byte) []byte, error) {
	if t.Channels != 1 && t.Channels != 2 {
		return nil, fmt.Errorf("%d channels, want 1 or 2", t.Channels)
	}
	return sound(t, "Opus", nested("dOps", raw(0, byte(t.Channels)), u16(0), u32(48000), u16(0), raw(0)))
}

// picture is a VisualSampleEntry (ISO/IEC 14496-12 12.1.3).
func picture(t *Track, name string, config func([]byte) []byte) (func([]byte) []byte, error) {
	if t.Width < 1 || t.Height < 1 || t.Width > math.MaxUint16 || t.Height > math.MaxUint16 {
		return nil, fmt.Errorf("a picture of %d×%d cannot be stored", t.Width, t.Height)
	}
	return nested(name, zeros(6), u16(1), zeros(16), u16(uint16(t.Width), uint16(t.Height)),
		u32(0x480000, 0x480000, 0), u16(1), zeros(32), u16(24, 0xffff), config), nil
}

// sound is an AudioSampleEntry (ISO/IEC 14496-12 12.2.3). Its rate is 0 where 16 bits are too few;
// readers then take it from the track's clock.
func sound(t *Track, name string, config ...func([]byte) []byte) (func([]byte) []byte, error) {
	if t.Channels < 1 || t.Channels > 8 {
		return nil, fmt.Errorf("%d channels, want 1 to 8", t.Channels)
	}
	rate := t.Timescale
	if rate > math.MaxUint16 {
		rate = 0
	}
	return nested(name, append([]func([]byte) []byte{zeros(6), u16(1), zeros(8),
		u16(uint16(t.Channels), 16, 0, 0), u32(rate << 16)}, config...)...), nil
}

// elementary is an esds box (ISO/IEC 14496-1 7.2.6, 14496-14 6.7.2) with bit rates of 0: unknown.
func elementary(object, stream byte, specific []byte) func([]byte) []byte {
	decoder := append([]byte{object, stream<<2 | 1}, make([]byte, 11)...)
	if specific != nil {
		decoder = append(decoder, descriptor(5, specific)...)
	}
	body := append([]byte{0, 0, 0}, descriptor(4, decoder)...)
	body = append(body, descriptor(6, []byte{2})...)
	return nested("esds", full(0, 0), raw(descriptor(3, body)...))
}

// descriptor is a tag, a length below 128, and a body.
func descriptor(tag byte, body []byte) []byte {
	return append([]byte{tag, byte(len(body))}, body...)
}

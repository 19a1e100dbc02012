package cmaf

import (
	"errors"
	"fmt"
)

// InitSegment is the head of a run: ftyp and moov with one track per element of tracks, numbered
// from 1. Every fragment of the run can be read with it and with no other. It fails if a track lacks
// what its codec needs, such as parameter sets; the error says which track and what.
func InitSegment(tracks []Track) ([]byte, error) {
	if len(tracks) == 0 {
		return nil, errors.New("a run needs at least one track")
	}
	movie := []func([]byte) []byte{movieHeader(len(tracks))}
	extends := make([]func([]byte) []byte, len(tracks))
	for i, t := range tracks {
		entry, err := sampleEntry(&t)
		if err != nil {
			return nil, fmt.Errorf("track %d (%s): %w", i+1, t.Codec, err)
		}
		movie = append(movie, trackBox(uint32(i+1), t, entry))
		// Defaults that no fragment relies on: each of its samples states its own.
		extends[i] = nested("trex", full(0, 0), u32(uint32(i+1), 1, 0, 0, 0))
	}
	movie = append(movie, nested("mvex", extends...))

	// iso6 is the first brand that has both prft and signed composition offsets.
	b := box(nil, "ftyp", raw([]byte("iso6\x00\x00\x00\x00iso6mp41")...))
	return box(b, "moov", movie...), nil
}

var unityMatrix = u32(0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)

// movieHeader is mvhd with creation times and duration 0: the times are in prft, and the end of a
// run is unknown when it begins.
func movieHeader(tracks int) func([]byte) []byte {
	return nested("mvhd", full(0, 0), u32(0, 0, 1000, 0), u32(0x10000), u16(0x100), zeros(10),
		unityMatrix, zeros(24), u32(uint32(tracks+1)))
}

func trackBox(id uint32, t Track, entry func([]byte) []byte) func([]byte) []byte {
	handler, name, header := "vide", "camera picture\x00", nested("vmhd", full(0, 1), zeros(8))
	volume, group, width, height := uint16(0), uint16(0), uint32(t.Width)<<16, uint32(t.Height)<<16
	if t.sound() {
		handler, name, header = "soun", "camera sound\x00", nested("smhd", full(0, 0), zeros(4))
		volume, group, width, height = 0x100, 1, 0, 0
	}
	return nested("trak",
		nested("tkhd", full(0, 3), u32(0, 0, id, 0, 0), zeros(8), u16(0, group, volume, 0),
			unityMatrix, u32(width, height)),
		nested("mdia",
			nested("mdhd", full(0, 0), u32(0, 0, t.Timescale, 0), u16(0x55c4, 0)), // language "und"
			nested("hdlr", full(0, 0), u32(0), raw([]byte(handler)...), zeros(12), raw([]byte(name)...)),
			nested("minf", header,
				nested("dinf", nested("dref", full(0, 0), u32(1), nested("url ", full(0, 1)))),
				nested("stbl",
					nested("stsd", full(0, 0), u32(1), entry),
					nested("stts", full(0, 0), u32(0)),
					nested("stsc", full(0, 0), u32(0)),
					nested("stsz", full(0, 0), u32(0, 0)),
					nested("stco", full(0, 0), u32(0))))))
}

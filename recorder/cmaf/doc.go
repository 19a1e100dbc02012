// Package cmaf guards the camera's bytes on their way into fragments: unchanged and in order, SEI
// included, and time inside a run never goes back.
//
// A run is one uninterrupted stretch of one stream in one format. [InitSegment] makes the head of a
// run (ftyp + moov, ISO/IEC 14496-12); a [Muxer] packs the run's access units into fragments, one
// track each, in the manner of ISO/IEC 23000-19: prft + moof + mdat. Head and fragments, joined in
// the order they were made, are a fragmented MP4 that any player reads.
//
// Invariants:
//
//  1. The payload of a fragment's mdat is the units' bytes, each once, in the order of [Muxer.Write],
//     with nothing between them.
//  2. A fragment begins at a key frame or continues the one before. Where every unit can be decoded
//     alone (sound, Motion JPEG) a fragment holds as many as fit.
//  3. A fragment holds at least one unit. It takes a further one only if it then spans at most one
//     second, at the pace of the last two units; when units are lost, its last one may outlast that.
//  4. Within a track decoding time strictly rises: a unit that would go back is refused and leaves
//     the muxer as it was.
//  5. tfdt counts from the first unit of the run, for all tracks, and goes on through every
//     fragment, whatever segment file each of them lands in.
//  6. No unit that was taken is held longer than until the next unit of its track, or [Muxer.Flush],
//     tells how long the second it belongs to has lasted. A process killed in between loses it.
//
// One unit passes through these steps: it is checked; the open fragment is closed if the unit may
// not join it, which gives the last sample its duration; its bytes are copied once, to the place
// in the fragment's buffer where they will be written from. prft and moof are set before them when
// the fragment closes.
//
// The head is written here and not by mediacommon's fmp4: that writes a bit rate nobody measured into
// every sample entry, takes hvcC constraint flags from a parameter set with its emulation
// prevention bytes still in it, leaves out avcC's High profile fields, re-encodes the AAC
// configuration, and has no G.711.
package cmaf

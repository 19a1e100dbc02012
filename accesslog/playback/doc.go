// Package playback guards that footage is served only inside the durable lease of its viewing: it has no
// byte of footage but those that [accesslog.Viewing] hands it, and it keeps none.
//
// What is stored is what is played: an HLS media segment, here a [Part], is stored fragments one after
// another, a live stream is the fragments as they close, and a still is one stored key frame. Nothing is
// coded anew. Sources are RFC 8216 with its successor draft-pantos-hls-rfc8216bis for playlists, ISO/IEC
// 14496-12 and 23000-19 for boxes, the byte stream format of ISO BMFF of Media Source Extensions for what a
// browser takes, and RFC 6381 for the names of codecs.
//
// # What holds
//
//  1. A part begins with a key frame and lasts until a later one of its run: a group of pictures is never
//     in two parts. It lasts at least [LeastPart] where groups are shorter, unless a gap, another run or the
//     end of its window comes first. Only the end of the asked range, or of what is stored so far, cuts a group.
//  2. Every fragment of the picture that has its key frame in the window is in exactly one part, in order; so is
//     every fragment of sound that begins in the time of a part.
//  3. A picture whose group of pictures is torn by footage that is withheld or gone is not played: playback
//     goes on at the next key frame, after a discontinuity.
//     The same holds for a fragment that turns out to be damaged when it is decrypted: the rest of its part comes.
//  4. The parts of a window follow from the pieces in it alone. So the name of a part is the same in every
//     playlist, and holds all that is needed to find its pieces again: the server keeps no list.
//  5. A name is worth nothing outside its viewing, camera and stream, nor after any of its pieces is gone.
//
// # What a part is made of
//
// The fragments begin with prft, then moof and mdat. RFC 8216 section 3.3 asks of a fragmented MPEG-4 segment
// no styp, and the byte stream format of ISO BMFF lets players pass over boxes that they do not know between
// media segments; moof-relative offsets, one tfdt in each traf, and a ftyp that names iso6 are as both ask.
//
// Sound goes with the picture of its time and never ahead of it: were sound the first of a part, players would
// count the part's time from there, and show pictures up to a second off what PROGRAM-DATE-TIME says.
package playback

package cmaf

import (
	"time"

	"varuh/recorder/internal/spare"
)

// A fragment's head has one shape, so that its size follows from the number of samples alone:
//
//	prft 32   version 1, flags 8; track, NTP time, presentation time of the first sample
//	moof  8
//	  mfhd 16 sequence number, over all tracks of the run
//	  traf  8
//	    tfhd 16        flags 0x020000: offsets count from moof
//	    tfdt 20        version 1
//	    trun 20 + 16 n version 1, flags 0xf01: duration, size, flags, signed offset of every sample
//	mdat  8   and the samples
const (
	prftSize  = 32
	trunSize  = 20
	moofSize  = 8 + 16 + 8 + 16 + 20 + trunSize
	fixedHead = prftSize + moofSize + 8
	perSample = 16

	// prftFlags says that wall clock and media time are related in an arbitrary but consistent way
	// (ISO/IEC 14496-12 8.16.5): the recorder's clock is right, the camera's delay is not known.
	prftFlags = 8
	tfhdFlags = 0x020000
	trunFlags = 0x000f01
)

// head is what prft and moof tell.
type head struct {
	track    uint32
	ntp      uint64
	sequence uint32
	decode   uint64 // tfdt
	samples  []sample
}

// size is the number of bytes before the first sample.
func (h *head) size() int { return fixedHead + perSample*len(h.samples) }

// appendTo appends prft, moof, and the head of an mdat with payload bytes. It does not allocate if b
// has room for size bytes.
func (h *head) appendTo(b []byte, payload int) []byte {
	entries := uint32(perSample * len(h.samples))
	b = boxHead(b, prftSize, "prft", 1<<24|prftFlags)
	b = be.AppendUint32(b, h.track)
	b = be.AppendUint64(b, h.ntp)
	b = be.AppendUint64(b, uint64(int64(h.decode)+int64(h.samples[0].offset)))

	b = append(be.AppendUint32(b, moofSize+entries), "moof"...)
	b = boxHead(b, 16, "mfhd", 0)
	b = be.AppendUint32(b, h.sequence)
	b = append(be.AppendUint32(b, 8+16+20+trunSize+entries), "traf"...)
	b = boxHead(b, 16, "tfhd", tfhdFlags)
	b = be.AppendUint32(b, h.track)
	b = boxHead(b, 20, "tfdt", 1<<24)
	b = be.AppendUint64(b, h.decode)
	b = boxHead(b, trunSize+entries, "trun", 1<<24|trunFlags)
	b = be.AppendUint32(b, uint32(len(h.samples)))
	b = be.AppendUint32(b, moofSize+entries+8) // from moof to the first sample
	for i := range h.samples {
		s := &h.samples[i]
		b = be.AppendUint32(b, s.duration)
		b = be.AppendUint32(b, s.size)
		b = be.AppendUint32(b, s.flags)
		b = be.AppendUint32(b, uint32(s.offset))
	}
	return append(be.AppendUint32(b, uint32(8+payload)), "mdat"...)
}

// boxHead appends the head of a full box.
func boxHead(b []byte, size uint32, name string, versionAndFlags uint32) []byte {
	return be.AppendUint32(append(be.AppendUint32(b, size), name...), versionAndFlags)
}

// finish is the whole fragment, in a buffer of package spare.
func (l *lane) finish(sequence uint32) []byte {
	h := head{track: l.id, ntp: ntp(l.wall), sequence: sequence, decode: l.since0(l.first), samples: l.samples}
	b := h.appendTo(spare.Borrow(h.size()+l.pile.size), l.pile.size)
	return l.pile.appendTo(b)
}

// ntpEpoch is 1970 in seconds since 1900, where NTP counts from (RFC 5905 section 6).
const ntpEpoch = 2208988800

// ntp is t as an NTP timestamp: seconds since 1900 modulo 2³², and the fraction in 2⁻³² s.
func ntp(t time.Time) uint64 {
	return uint64(t.Unix()+ntpEpoch)<<32 | uint64(t.Nanosecond())<<32/uint64(time.Second)
}

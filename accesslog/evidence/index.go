package evidence

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// index is what a clip says before its samples: ftyp and moov. It follows from the fragments alone, so that writer and
// verifier make the same.
type index struct {
	tables  []table
	payload int64 // bytes of the samples
	samples int
}

func newIndex(tracks []description) *index {
	x := &index{tables: make([]table, len(tracks))}
	for i, d := range tracks {
		x.tables[i].description = d
	}
	return x
}

// track is the table of a fragment, if the init record has its track.
func (x *index) track(f *fragment) (*table, bool) {
	if int(f.track) > len(x.tables) {
		return nil, false
	}
	return &x.tables[f.track-1], true
}

// add takes a fragment that follows.
func (x *index) add(f *fragment) {
	x.tables[f.track-1].add(f, uint32(x.payload))
	x.payload += f.payload
	x.samples += len(f.samples)
}

// room is how many bytes the clip takes at most, without samples.
func (x *index) room() (n int64) {
	for i := range x.tables {
		n += x.tables[i].room()
	}
	return n + 1024
}

// second is the unit of the whole clip, in which a track's delay and length are told.
const second = 1000

func milliseconds(d time.Duration) uint32 {
	return uint32((d + time.Millisecond - 1) / time.Millisecond)
}

// ftyp says what the clip is: ISO/IEC 14496-12 with the brands that every player knows.
var ftyp = wrap("ftyp", []byte("isom"), words(0x200), []byte("isomiso2mp41"))

// head is all bytes of the clip before its samples.
func (x *index) head() []byte {
	used := slices.DeleteFunc(slices.Clone(x.tables), func(t table) bool { return len(t.sizes) == 0 })
	begin := time.Duration(math.MaxInt64)
	for i := range used {
		begin = min(begin, used[i].begins())
	}
	moov := movie(used, begin, 0)
	at := uint32(len(ftyp) + len(moov) + mdatHead) // the index is as long wherever the samples begin
	return slices.Concat(ftyp, movie(used, begin, at), words(uint32(mdatHead+x.payload)), []byte("mdat"))
}

// begins is when the track's first picture or sound is there, since the run began.
func (t *table) begins() time.Duration { return span(t.early, t.timescale) }

// lasting is how long it is shown.
func (t *table) lasting() uint32 { return milliseconds(span(t.end-t.early, t.timescale)) }

// movie is the moov box of tracks whose clip begins at a moment of the run, with samples from a byte on.
func movie(tracks []table, begin time.Duration, at uint32) []byte {
	longest, next := uint32(0), uint32(0)
	parts := [][]byte{nil}
	for i := range tracks {
		t := &tracks[i]
		delay := milliseconds(t.begins() - begin)
		longest, next = max(longest, delay+t.lasting()), max(next, t.id+1)
		parts = append(parts, t.trak(delay, at))
	}
	parts[0] = wrap("mvhd", words(0, 0, 0, second, longest, 0x10000, 0x1000000, 0, 0,
		0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000, 0, 0, 0, 0, 0, 0, next))
	return wrap("moov", parts...)
}

// trak is the track's box. Its tkhd and mdhd are those of the init record, with how long it lasts.
func (t *table) trak(delay, at uint32) []byte {
	tkhd := slices.Clone(t.tkhd)
	be.PutUint32(tkhd[20:], delay+t.lasting())
	return wrap("trak", wrap("tkhd", tkhd), t.edits(delay), wrap("mdia",
		t.duration(), t.hdlr, wrap("minf", t.media, t.dinf, wrap("stbl",
			t.stsd, t.stts(), t.ctts(), t.stss(), t.stsc(), t.stsz(), t.stco(at)))))
}

// duration is mdhd. In version 1 it has 64 bits for what 32 are too few for: 13 hours of a clock of 90 kHz.
func (t *table) duration() []byte {
	ticks := uint64(t.last-t.first) + uint64(t.final)
	if ticks <= math.MaxUint32 {
		mdhd := slices.Clone(t.mdhd)
		be.PutUint32(mdhd[16:], uint32(ticks))
		return wrap("mdhd", mdhd)
	}
	return wrap("mdhd", words(1<<24, 0, 0, 0, 0, t.timescale, uint32(ticks>>32), uint32(ticks)), t.mdhd[20:])
}

// shift makes all offsets non-negative: signed ones not every player knows.
func (t *table) shift() int64 { return max(0, -int64(t.lowest)) }

// edits is the edit list: how much later than the clip the track begins, and where in it.
func (t *table) edits(delay uint32) []byte {
	from := t.early - t.first + t.shift()
	list := [][]byte{nil}
	if delay > 0 {
		list = append(list, words(delay, math.MaxUint32, 0x10000))
	}
	list = append(list, words(t.lasting(), uint32(from), 0x10000))
	list[0] = words(0, uint32(len(list)-1))
	return wrap("edts", wrap("elst", list...))
}

func pairs(name string, list []pair, plus uint32) []byte {
	b := words(0, uint32(len(list)))
	for _, p := range list {
		b = be.AppendUint32(be.AppendUint32(b, p.count), p.value+plus)
	}
	return wrap(name, b)
}

func (t *table) stts() []byte { return pairs("stts", push(slices.Clone(t.lasts), t.final), 0) }

func (t *table) ctts() []byte {
	if len(t.offsets) == 1 && t.offsets[0].value == 0 {
		return nil
	}
	return pairs("ctts", t.offsets, uint32(t.shift()))
}

// stss names the samples at which decoding can start; where all are, there is none.
func (t *table) stss() []byte {
	if len(t.keys) == len(t.sizes) {
		return nil
	}
	return wrap("stss", words(0, uint32(len(t.keys))), words(t.keys...))
}

// stsc says how many samples each chunk has, where that changes.
func (t *table) stsc() []byte {
	var b []byte
	last, n := uint32(0), uint32(0)
	for i, c := range t.chunks {
		if c.count != last {
			b = append(b, words(uint32(i+1), c.count, 1)...)
			last, n = c.count, n+1
		}
	}
	return wrap("stsc", words(0, n), b)
}

func (t *table) stsz() []byte {
	return wrap("stsz", words(0, 0, uint32(len(t.sizes))), words(t.sizes...))
}

func (t *table) stco(at uint32) []byte {
	b := words(0, uint32(len(t.chunks)))
	for _, c := range t.chunks {
		b = be.AppendUint32(b, at+c.at)
	}
	return wrap("stco", b)
}

// picture is the first table with a picture, if any.
func (x *index) picture() (*table, bool) {
	i := slices.IndexFunc(x.tables, func(t table) bool { return !t.sound && len(t.sizes) > 0 })
	if i < 0 {
		return nil, false
	}
	return &x.tables[i], true
}

// decodable tells whether the clip begins where decoding can start.
func (x *index) decodable() bool {
	t, ok := x.picture()
	return !ok || len(t.keys) > 0 && t.keys[0] == 1
}

// tracks says of each track that has samples what it is.
func (x *index) tracks() (list []Track) {
	for i := range x.tables {
		if t := &x.tables[i]; len(t.sizes) > 0 {
			list = append(list, Track{ID: int64(t.id), Entry: t.entry, Sound: t.sound, Samples: int64(len(t.sizes)), Timescale: int64(t.timescale)})
		}
	}
	slices.SortFunc(list, func(a, b Track) int { return cmp.Compare(a.ID, b.ID) })
	return list
}

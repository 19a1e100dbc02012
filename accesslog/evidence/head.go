package evidence

import (
	"bytes"
	"fmt"
)

// box is one box of ISO/IEC 14496-12 4.2.
type box struct {
	name string
	body []byte
	all  []byte // with its head
}

// boxesOf are the boxes that b is made of.
func boxesOf(b []byte) ([]box, error) {
	var list []box
	for len(b) > 0 {
		if len(b) < 8 || be.Uint32(b) < 8 || uint64(be.Uint32(b)) > uint64(len(b)) {
			return nil, fmt.Errorf("%w: a box that does not fit", ErrFormat)
		}
		size := be.Uint32(b)
		list = append(list, box{string(b[4:8]), b[8:size:size], b[:size:size]})
		b = b[size:]
	}
	return list, nil
}

// children are the boxes within a box, the first of each name.
func children(b []byte) (map[string]box, error) {
	list, err := boxesOf(b)
	if err != nil {
		return nil, err
	}
	m := make(map[string]box, len(list))
	for _, c := range list {
		if _, ok := m[c.name]; !ok {
			m[c.name] = c
		}
	}
	return m, nil
}

// wrap is a box around what is in it.
func wrap(name string, parts ...[]byte) []byte {
	size := 8
	for _, p := range parts {
		size += len(p)
	}
	b := append(be.AppendUint32(make([]byte, 0, size), uint32(size)), name...)
	for _, p := range parts {
		b = append(b, p...)
	}
	return b
}

// words are numbers of 32 bits, one behind the other.
func words(list ...uint32) []byte {
	b := make([]byte, 0, 4*len(list))
	for _, w := range list {
		b = be.AppendUint32(b, w)
	}
	return b
}

// description is what an init record says of one track.
type description struct {
	id        uint32
	timescale uint32
	sound     bool
	entry     string // of the sample description, such as avc1
	tkhd      []byte // body of version 0
	mdhd      []byte // likewise
	hdlr      []byte // the whole box, as are those that follow
	media     []byte // vmhd or smhd
	dinf      []byte
	stsd      []byte
}

// maxInit bounds an init record, and maxTracks how many tracks it has.
const (
	maxInit   = 64 << 10
	maxTracks = 8
)

// readInit reads the init record of a segment: ftyp and moov, as package cmaf writes them.
func readInit(init []byte) ([]description, error) {
	if len(init) > maxInit {
		return nil, fmt.Errorf("%w: an init record of %d bytes", ErrFormat, len(init))
	}
	top, err := children(init)
	if err != nil {
		return nil, err
	}
	movie, err := boxesOf(top["moov"].body)
	if err != nil {
		return nil, err
	}
	var list []description
	for _, b := range movie {
		if b.name != "trak" {
			continue
		}
		d, err := readTrack(b.body)
		if err != nil {
			return nil, err
		}
		if int(d.id) != len(list)+1 || d.id > maxTracks {
			return nil, fmt.Errorf("%w: track %d in the place of track %d", ErrFormat, d.id, len(list)+1)
		}
		list = append(list, d)
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("%w: an init record without a track", ErrFormat)
	}
	return list, nil
}

// inFile is a dinf that says of all samples that they are in the file itself. By another one a player could take them from elsewhere.
var inFile = wrap("dinf", wrap("dref", words(0, 1), wrap("url ", words(1))))

// readTrack takes from a trak box what a clip needs of a track, and refuses one whose samples a player might look for elsewhere.
func readTrack(trak []byte) (d description, err error) {
	track, err := children(trak)
	if err != nil {
		return d, err
	}
	mdia, err := children(track["mdia"].body)
	if err != nil {
		return d, err
	}
	minf, err := children(mdia["minf"].body)
	if err != nil {
		return d, err
	}
	stbl, err := children(minf["stbl"].body)
	if err != nil {
		return d, err
	}
	d.tkhd, d.mdhd = track["tkhd"].body, mdia["mdhd"].body
	d.hdlr, d.dinf, d.stsd = mdia["hdlr"].all, minf["dinf"].all, stbl["stsd"].all
	if len(d.tkhd) != 84 || len(d.mdhd) != 24 || len(d.hdlr) < 20 || !bytes.Equal(d.dinf, inFile) || len(d.stsd) < 24 || d.tkhd[0] != 0 || d.mdhd[0] != 0 {
		return d, fmt.Errorf("%w: a track of an init record", ErrFormat)
	}
	d.id, d.timescale, d.entry = be.Uint32(d.tkhd[12:]), be.Uint32(d.mdhd[12:]), string(d.stsd[20:24])
	switch string(d.hdlr[16:20]) {
	case "vide":
		d.media = minf["vmhd"].all
	case "soun":
		d.media, d.sound = minf["smhd"].all, true
	}
	if d.media == nil || d.timescale == 0 || d.timescale > 1_000_000 {
		return d, fmt.Errorf("%w: a track of an init record", ErrFormat)
	}
	return d, nil
}

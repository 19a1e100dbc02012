package playback

import (
	"errors"
	"fmt"
)

// ErrFormat is returned for an init segment that is not as package cmaf writes it.
var ErrFormat = errors.New("not an init segment as varuh writes it")

// box is one box of ISO/IEC 14496-12 4.2, and what it lies in.
type box struct {
	name string
	body []byte
	all  []byte // with its head
}

// boxes are the boxes that b is made of.
func boxes(b []byte) ([]box, error) {
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

// find is the first box at a path, such as "mdia", "hdlr".
func find(b []byte, path ...string) ([]byte, error) {
	for _, name := range path {
		list, err := boxes(b)
		if err != nil {
			return nil, err
		}
		found := false
		for i := range list {
			if list[i].name == name {
				b, found = list[i].body, true
				break
			}
		}
		if !found {
			return nil, fmt.Errorf("%w: it has no %s", ErrFormat, name)
		}
	}
	return b, nil
}

// wrap is a box around a body.
func wrap(name string, body ...[]byte) []byte {
	size := 8
	for _, part := range body {
		size += len(part)
	}
	b := append(be.AppendUint32(make([]byte, 0, size), uint32(size)), name...)
	for _, part := range body {
		b = append(b, part...)
	}
	return b
}

// silent is an init segment without its tracks of sound: a browser takes no track that it cannot play, and G.711
// is played by none.
func silent(init []byte) ([]byte, error) {
	h, err := ReadHead(init)
	if err != nil {
		return nil, err
	}
	top, err := boxes(init)
	if err != nil {
		return nil, err
	}
	var out []byte
	for _, t := range top {
		if t.name == "moov" {
			if t.all, err = without(t.body, h.sounds()); err != nil {
				return nil, err
			}
		}
		out = append(out, t.all...)
	}
	return out, nil
}

// without is a moov that lacks the trak and trex boxes of tracks.
func without(moov []byte, tracks map[uint32]bool) ([]byte, error) {
	list, err := boxes(moov)
	if err != nil {
		return nil, err
	}
	var keep [][]byte
	for _, b := range list {
		switch b.name {
		case "trak":
			id, err := trackID(b.body)
			if err != nil {
				return nil, err
			}
			if tracks[id] {
				continue
			}
		case "mvex":
			extends, err := boxes(b.body)
			if err != nil {
				return nil, err
			}
			var kept [][]byte
			for _, e := range extends {
				if e.name != "trex" || len(e.body) < 8 || !tracks[be.Uint32(e.body[4:])] {
					kept = append(kept, e.all)
				}
			}
			b.all = wrap("mvex", kept...)
		}
		keep = append(keep, b.all)
	}
	return wrap("moov", keep...), nil
}

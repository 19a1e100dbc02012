package cmaf

// pile holds the bytes of an open fragment in blocks. A fragment of a second is on average half full,
// and every stream has one open all the time: blocks come as bytes do, and go when the fragment goes.
type pile struct {
	blocks [][]byte
	size   int
}

const (
	blockSize  = 16 << 10
	blocksKept = 512 // 8 MiB for all streams
)

// freeBlocks are those that no pile has.
var freeBlocks = make(chan []byte, blocksKept)

// add appends b.
func (p *pile) add(b []byte) {
	p.size += len(b)
	for len(b) > 0 {
		n := len(p.blocks)
		if n == 0 || len(p.blocks[n-1]) == blockSize {
			p.blocks = append(p.blocks, newBlock())
			continue
		}
		last := &p.blocks[n-1]
		part := b[:min(len(b), blockSize-len(*last))]
		*last = append(*last, part...)
		b = b[len(part):]
	}
}

// appendTo appends all of it to b.
func (p *pile) appendTo(b []byte) []byte {
	for _, block := range p.blocks {
		b = append(b, block...)
	}
	return b
}

// clear empties the pile and gives its blocks back.
func (p *pile) clear() {
	for i, b := range p.blocks {
		select {
		case freeBlocks <- b[:0]:
		default:
		}
		p.blocks[i] = nil
	}
	p.blocks, p.size = p.blocks[:0], 0
}

func newBlock() []byte {
	select {
	case b := <-freeBlocks:
		return b
	default:
		return make([]byte, 0, blockSize)
	}
}

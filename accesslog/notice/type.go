package notice

import (
	"math"
	"strings"
	"unicode"
)

// The type of a sign, in points.
const (
	smallest = 5.5
	largest  = 17.0
)

// What a sign has room for, in points: A4 without its margins, its head and its foot.
const (
	wide = 182 * 72 / 25.4
	high = 232 * 72 / 25.4
)

// Size is the largest type, in points, with which what the notice says stays on one page.
func (p page) Size() float64 {
	size := largest
	for size > smallest && p.height(size) > high {
		size -= 0.5
	}
	return size
}

// height is how high the sign gets with a type, in points, by rule of thumb and rather too high than too low.
func (p page) height(size float64) float64 {
	const line, heading = 1.28, 0.86*1.28 + 0.42
	lines := 3.0 // of the foot, and of letters that are larger
	for _, text := range p.paragraphs() {
		lines += math.Ceil(width(text) * size / wide * 1.05)
	}
	const headings = 9.0
	return size*(lines*line+headings*heading) + p.draft()
}

// draft is the height of the words over an incomplete notice.
func (p page) draft() float64 {
	if p.Complete() {
		return 0
	}
	return 36
}

// paragraphs are what the notice says, each of which begins on a line of its own.
func (p page) paragraphs() []string {
	c, o := p.Controller, p.Officer
	list := []string{c.Name + c.Name, c.Address, c.Phone + c.Email + c.Web + " ·  · ", o.Name + o.Phone + o.Email + " ·  · ", c.Web + words["more"].Sl}
	for _, t := range p.Purposes {
		list = append(list, t.In(p.Language)+t.Basis+"      ")
	}
	for _, t := range []Text{p.Area, p.Recipients, p.Kept, p.Effects} {
		list = append(list, t.In(p.Language))
	}
	unusual := p.Countries.In(p.Language) + p.Notice.Other.In(p.Language)
	for name, there := range map[string]bool{"live": p.Live, "speaks": p.Speaks, "countries": p.Countries != (Text{}), "none": p.Usual()} {
		if there {
			unusual += words[name].In(p.Language)
		}
	}
	list = append(list, unusual)
	if p.Audio {
		list = append(list, words["sound"].In(p.Language)+words["why"].In(p.Language)+p.AudioReason.In(p.Language))
	}
	return list
}

// width is that of a text, in ems of the widest of the sign's typefaces.
func width(text string) (ems float64) {
	for _, r := range text {
		switch {
		case r == 'm' || r == 'w' || r == 'M' || r == 'W' || r == '@' || r == '%' || r > 0x17f:
			ems++
		case strings.ContainsRune(" .,;:'!()ijltfrI|", r):
			ems += 0.39
		case unicode.IsUpper(r):
			ems += 0.7
		default:
			ems += 0.61
		}
	}
	return ems
}

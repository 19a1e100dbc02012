package pdf

import (
	"fmt"
	"strings"

	"rsc.io/qr"
)

// Groups writes digits in groups of four, as many in a line as said: as people read them out and compare them.
func Groups(digits string, perLine int) (lines []string) {
	var groups []string
	for len(digits) > 0 {
		n := min(4, len(digits))
		groups, digits = append(groups, digits[:n]), digits[n:]
	}
	for len(groups) > 0 {
		n := min(perLine, len(groups))
		lines, groups = append(lines, strings.Join(groups[:n], " ")), groups[n:]
	}
	return lines
}

// Digits are what somebody is to compare, large and in a font whose digits are all as wide, with a QR code of the same text
// beside it, if drawn is not empty.
func (p *Paper) Digits(label Text, lines []string, drawn string) {
	const side, size = 30.0, 12.5
	l, g := style{8.5, true, black}, style{6.5, false, grey}
	high := l.line() + g.line() + float64(len(lines))*6.4 + 6
	if drawn != "" {
		high = max(high, side+6)
	}
	p.room(high + 3)
	p.doc.SetFillColor(mist[0], mist[1], mist[2])
	p.doc.RoundedRect(left, p.y, across, high, 1.5, "1234", "F")
	y := p.block(l, left+4, p.y+2.4, []string{p.plain(label.SL)})
	y = p.block(g, left+4, y-0.3, []string{p.plain(label.EN)}) + 1
	p.doc.SetFont(mono, "", size)
	p.doc.SetTextColor(black[0], black[1], black[2])
	for _, line := range lines {
		y += 6.4
		p.doc.Text(left+4, y-1, p.plain(line))
	}
	if drawn != "" {
		p.qr(drawn, width-right-side-3, p.y+3, side)
	}
	p.y += high + 2.5
}

// qr draws a text as a QR code, with the white around it that ISO/IEC 18004 asks for: 4 modules.
func (p *Paper) qr(text string, x, y, side float64) {
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		p.doc.SetError(fmt.Errorf("couldn't draw a QR code: %w", err))
		return
	}
	const margin = 4
	module := side / float64(code.Size+2*margin)
	p.fill(colour{255, 255, 255}, x, y, side, side)
	for row := range code.Size {
		for begin := 0; begin < code.Size; begin++ {
			end := begin
			for end < code.Size && code.Black(end, row) {
				end++
			}
			if end > begin {
				p.fill(colour{}, x+float64(begin+margin)*module, y+float64(row+margin)*module, float64(end-begin)*module, module)
				begin = end
			}
		}
	}
}

// Code are lines to type, as they stand.
func (p *Paper) Code(lines []string) {
	const size, each = 8.0, 4.0
	high := float64(len(lines))*each + 3
	p.room(high + 2)
	p.fill(mist, left, p.y, across, high)
	p.doc.SetFont(mono, "", size)
	p.doc.SetTextColor(black[0], black[1], black[2])
	for i, line := range lines {
		p.doc.Text(left+3, p.y+4.4+float64(i)*each, p.plain(line))
	}
	p.y += high + 2
}

// Signer is one who is to sign.
type Signer struct {
	Who  Text
	Name string // "": to be written by hand
}

// mostName is how many lines of a name stand above the line to sign on.
const mostName = 12

// Signatures are places for the signatures of one or two. They stay together on a page, and grow with the names; one that is too
// long for that stands above them.
func (p *Paper) Signatures(list ...Signer) {
	s := style{normal, false, black}
	wide := (across - 12.0) / 2
	names, more := make([][]string, len(list)), 0
	for i, one := range list {
		names[i] = p.wrap(s, one.Name, wide)
		if len(names[i]) > mostName {
			p.Facts([]Fact{{Label: one.Who, Value: one.Name}})
			names[i] = []string{"(zgoraj / above)"}
		}
		more = max(more, len(names[i])-1)
	}
	lower := float64(more) * s.line()
	p.room(44 + lower)
	for i, one := range list {
		p.signature(one, names[i], left+float64(i)*(wide+12), wide, lower)
	}
	p.y += 44 + lower
}

// signature is one place, its lines so much lower as the longest name takes.
func (p *Paper) signature(who Signer, name []string, x, wide, lower float64) {
	y := p.block(style{8.5, true, black}, x, p.y+3, []string{p.plain(who.Who.SL)})
	p.block(style{6.5, false, grey}, x, y-0.3, []string{p.plain(who.Who.EN)})
	named, signed := p.y+17+lower, p.y+30+lower
	if strings.TrimSpace(who.Name) == "" {
		p.line(x, named, x+wide, grey)
	} else {
		p.block(style{normal, false, black}, x, p.y+11, name)
	}
	p.below(x, named+0.4, Text{"ime in priimek", "name"})
	p.line(x, signed, x+wide*0.42, grey)
	p.below(x, signed+0.4, Text{"kraj in datum", "place and date"})
	p.line(x+wide*0.48, signed, x+wide, grey)
	p.below(x+wide*0.48, signed+0.4, Text{"podpis", "signature"})
}

// below is what stands below a line to write on.
func (p *Paper) below(x, y float64, t Text) {
	s := style{6.5, false, grey}
	p.block(s, x, y, []string{t.SL + " / " + t.EN})
}

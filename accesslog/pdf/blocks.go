package pdf

import (
	"strings"
)

// The widths of lines, in millimetres.
const (
	hair  = 0.2
	thick = 0.9
)

// fill draws an area.
func (p *Paper) fill(c colour, x, y, wide, high float64) {
	p.doc.SetFillColor(c[0], c[1], c[2])
	p.doc.Rect(x, y, wide, high, "F")
}

func (p *Paper) line(x1, y, x2 float64, c colour) {
	p.doc.SetDrawColor(c[0], c[1], c[2])
	p.doc.Line(x1, y, x2, y)
}

// From is whose paper it is: name and address of the controller, by lines.
func (p *Paper) From(lines []string) {
	for i, l := range lines {
		s := style{normal, i == 0, black}
		p.y = p.block(s, left, p.y, p.wrap(s, l, across))
	}
	p.y += 7
}

// Title is that of the paper, with a gloss.
func (p *Paper) Title(t Text) {
	s := style{title, true, black}
	p.y = p.block(s, left, p.y, p.wrap(s, t.SL, across))
	g := style{large, false, grey}
	p.y = p.block(g, left, p.y, p.wrap(g, t.EN, across)) + 3
	p.doc.SetLineWidth(thick)
	p.line(left, p.y, left+30, blue)
	p.doc.SetLineWidth(hair)
	p.y += 4
}

// Heading begins a part. It does not stand alone at the end of a page.
func (p *Paper) Heading(t Text) {
	p.room(37)
	p.y += 4.5
	s, g := style{large, true, blue}, style{gloss, false, grey}
	p.y += s.line()
	p.text(s, left, p.y-1.2, p.plain(t.SL))
	p.text(g, left+p.wide(s, p.plain(t.SL))+2.5, p.y-1.2, p.plain(t.EN))
	p.y += 0.8
	p.line(left, p.y, width-right, pale)
	p.y += 1.2
}

// Both is a paragraph with its gloss below.
func (p *Paper) Both(t Text) { p.y = p.both(style{normal, false, black}, left, across, t) + 1.6 }

// both draws a text and its gloss from where the paper is, over pages, and returns where they end.
func (p *Paper) both(s style, x, wide float64, t Text) float64 {
	p.lines(s, x, p.wrap(s, t.SL, wide))
	if t.EN != "" {
		g := style{gloss, false, grey}
		p.lines(g, x, p.wrap(g, t.EN, wide))
	}
	return p.y
}

// Para is a paragraph of somebody's own words, which has no gloss.
func (p *Paper) Para(text string) { p.Both(Text{SL: text}) }

// List has a point for each.
func (p *Paper) List(list []Text) {
	for _, t := range list {
		p.room(12)
		p.block(style{normal, false, blue}, left+1, p.y, []string{"•"})
		p.y = p.both(style{normal, false, black}, left+6, across-6, t) + 1
	}
}

// Boxed is a paragraph that nobody overlooks.
func (p *Paper) Boxed(t Text) {
	s, g := style{normal, true, black}, style{gloss, false, grey}
	sl, en := p.wrap(s, t.SL, across-10), []string(nil)
	if t.EN != "" {
		en = p.wrap(g, t.EN, across-10)
	}
	high := float64(len(sl))*s.line() + float64(len(en))*g.line() + 5
	p.room(high + 2)
	p.fill(cream, left, p.y, across, high)
	p.fill(amber, left, p.y, 1.4, high)
	y := p.block(s, left+5, p.y+2.5, sl)
	p.block(g, left+5, y, en)
	p.y += high + 2.5
}

// Fact is one thing by its name. An empty value leaves a line to write on.
type Fact struct {
	Label Text
	Value string
	Gloss string // of the value
}

// labels is how wide the names of facts are.
const labels = 50

// Facts are a table of names and values.
func (p *Paper) Facts(list []Fact) {
	for _, f := range list {
		p.fact(f)
		p.line(left, p.y, width-right, faint)
		p.y += 0.6
	}
}

func (p *Paper) fact(f Fact) {
	l, g, v := style{8.5, false, black}, style{6.5, false, grey}, style{normal, false, black}
	names, glosses := p.wrap(l, f.Label.SL, labels-4), p.wrap(g, f.Label.EN, labels-4)
	value := p.wrap(v, f.Value, across-labels)
	high := max(float64(len(names))*l.line()+float64(len(glosses))*g.line(), 7)
	p.room(max(high, min(float64(len(value))*v.line(), 60)) + 2)
	page, from := p.doc.PageNo(), p.y
	p.block(g, left, p.block(l, left, from+0.5, names)-0.3, glosses)
	if strings.TrimSpace(f.Value) == "" {
		p.line(left+labels, from+6.6, width-right, grey)
		p.y = from + high + 2
		return
	}
	p.y = from + 0.5
	p.both(v, left+labels, across-labels, Text{f.Value, f.Gloss})
	if p.doc.PageNo() == page {
		p.y = max(p.y, from+high)
	}
	p.y++
}

// lines draws some that go on over pages.
func (p *Paper) lines(s style, x float64, list []string) {
	for _, l := range list {
		p.room(s.line())
		p.y = p.block(s, x, p.y, []string{l})
	}
}

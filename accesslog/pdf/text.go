package pdf

import (
	"fmt"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/text/unicode/norm"
)

// The fonts and their sizes, in points.
const (
	sans, mono = "go", "gomono"

	small  = 7.5
	gloss  = 7.5
	normal = 9.5
	large  = 11.5
	title  = 19
)

// colour is one of few: a paper is printed in black, too.
type colour [3]int

var (
	black = colour{20, 22, 26}
	grey  = colour{96, 101, 108}
	pale  = colour{205, 209, 214}
	faint = colour{229, 232, 236}
	blue  = colour{11, 87, 164}
	amber = colour{196, 132, 0}
	cream = colour{255, 248, 230}
	mist  = colour{243, 246, 250}
)

// style is how a text looks.
type style struct {
	size float64
	bold bool
	colour
}

// perPoint is how many millimetres of height a line takes for each point of its size.
const perPoint = 0.3528 * 1.36

func (s style) line() float64 { return s.size * perPoint }

func (p *Paper) use(s style) {
	weight := ""
	if s.bold {
		weight = "B"
	}
	p.doc.SetFont(sans, weight, s.size)
	p.doc.SetTextColor(s.colour[0], s.colour[1], s.colour[2])
}

// text draws one line, whose letters stand on y.
func (p *Paper) text(s style, x, y float64, line string) {
	p.use(s)
	p.doc.Text(x, y, line)
}

func (p *Paper) wide(s style, line string) float64 {
	p.use(s)
	return p.doc.GetStringWidth(line)
}

// block draws lines from y down, and returns where they end.
func (p *Paper) block(s style, x, y float64, lines []string) float64 {
	for _, line := range lines {
		y += s.line()
		p.text(s, x, y-s.line()*0.26, line)
	}
	return y
}

// wrap breaks a text into lines at its spaces, and within words that fit no line.
func (p *Paper) wrap(s style, text string, most float64) (lines []string) {
	for given := range strings.SplitSeq(strings.TrimSpace(p.plain(text)), "\n") {
		line := ""
		for _, word := range strings.Fields(given) {
			if line != "" && p.wide(s, line+" "+word) <= most {
				line += " " + word
				continue
			}
			if line != "" {
				lines = append(lines, line)
			}
			var whole []string
			whole, line = p.cut(s, word, most)
			lines = append(lines, whole...)
		}
		lines = append(lines, line)
	}
	return lines
}

// cut breaks a word into the lines that it fills, and what is left.
func (p *Paper) cut(s style, word string, most float64) (full []string, rest string) {
	for _, r := range word {
		if rest != "" && p.wide(s, rest+string(r)) > most {
			full, rest = append(full, rest), ""
		}
		rest += string(r)
	}
	return full, rest
}

// plain has nothing in it that the fonts can't show: that stands as its number.
func (p *Paper) plain(text string) string {
	if done, ok := p.shown[text]; ok {
		return done
	}
	var b strings.Builder
	for _, r := range norm.NFC.String(strings.ReplaceAll(text, "\r\n", "\n")) {
		switch {
		case r == '\n':
			b.WriteByte('\n')
		case unicode.IsSpace(r):
			b.WriteByte(' ')
		case shows(r):
			b.WriteRune(r)
		default:
			fmt.Fprintf(&b, "[U+%04X]", r)
		}
	}
	p.shown[text] = b.String()
	return p.shown[text]
}

var font = sync.OnceValues(func() (*sfnt.Font, error) { return sfnt.Parse(goregular.TTF) })

// shows tells whether the fonts have a character, and something is seen of it. Glyph 0 is what a font has for what it lacks.
func shows(r rune) bool {
	f, err := font()
	if err != nil || !unicode.IsPrint(r) || r > 0xffff {
		return false
	}
	var buf sfnt.Buffer
	glyph, err := f.GlyphIndex(&buf, r)
	return err == nil && glyph != 0
}

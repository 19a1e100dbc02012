package pdf

import (
	"bytes"
	"fmt"
	"io"
	"time"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/gomono"
	"golang.org/x/image/font/gofont/goregular"
)

// Text is the same in Slovenian and English; an empty EN has no gloss.
type Text struct{ SL, EN string }

// Info is what a paper says of itself.
type Info struct {
	Title Text
	Made  time.Time // it is in the file
	Foot  string    // on each page, beside its number: which paper it is; at most 30 lines
}

// The page, in millimetres.
const (
	width, height = 210, 297
	left, right   = 22, 20
	top, bottom   = 18, 24
	across        = width - left - right // what is written on
)

// Write draws a paper. It is drawn twice, since only then is known how many pages it has: draw must do the same both
// times, and be done when it returns.
func Write(w io.Writer, info Info, draw func(*Paper)) error {
	first := begin(info, 0)
	draw(first)
	if err := first.doc.Error(); err != nil {
		return fmt.Errorf("couldn't draw the paper: %w", err)
	}
	second := begin(info, first.doc.PageNo())
	draw(second)
	second.foot()
	if err := second.doc.Output(w); err != nil {
		return fmt.Errorf("couldn't write the paper: %w", err)
	}
	return nil
}

// Paper is one that is being drawn, from top to bottom. An error stays, and Write returns it.
type Paper struct {
	doc   *fpdf.Fpdf
	info  Info
	pages int      // in all; 0: not known yet
	y     float64  // where the next block begins
	under []string // the lines of the foot
	end   float64  // above which blocks end
	shown map[string]string
}

// The lines of the foot: what has more goes up into the page, and nobody wants a paper that is half foot.
const (
	usual, mostUnder = 3, 30
	each             = 3.4 // millimetres
)

func begin(info Info, pages int) *Paper {
	doc := fpdf.New("P", "mm", "A4", "")
	// The library writes into the fonts as it cuts out what is used of them.
	doc.AddUTF8FontFromBytes(sans, "", bytes.Clone(goregular.TTF))
	doc.AddUTF8FontFromBytes(sans, "B", bytes.Clone(gobold.TTF))
	doc.AddUTF8FontFromBytes(mono, "", bytes.Clone(gomono.TTF))
	doc.SetAutoPageBreak(false, 0)
	doc.SetCatalogSort(true)
	doc.SetCreationDate(info.Made.UTC())
	doc.SetModificationDate(info.Made.UTC())
	doc.SetTitle(info.Title.SL, true)
	doc.SetProducer("varuh", true)
	doc.SetLang("sl")
	doc.SetLineWidth(hair)
	p := &Paper{doc: doc, info: info, pages: pages, shown: map[string]string{}}
	p.under = p.wrap(style{small, false, grey}, info.Foot, across-35)
	if n := len(p.under); n > mostUnder {
		doc.SetError(fmt.Errorf("its foot has %d lines: give it a shorter one, of at most %d", n, mostUnder))
		p.under = p.under[:mostUnder]
	}
	p.end = height - bottom - each*float64(max(0, len(p.under)-usual))
	p.page()
	return p
}

// page begins one, and ends the one before.
func (p *Paper) page() {
	if p.doc.PageNo() > 0 {
		p.foot()
	}
	p.doc.AddPage()
	p.y = top
}

// room goes on to the next page if what comes does not fit on this one.
func (p *Paper) room(high float64) {
	if p.y+high > p.end && p.y > top {
		p.page()
	}
}

// Together goes on to the next page unless what comes, of so many millimetres, fits on this one.
func (p *Paper) Together(high float64) { p.room(high) }

// foot is below the line at the bottom of each page.
func (p *Paper) foot() {
	y := p.end + 7
	p.line(left, y, width-right, pale)
	number := fmt.Sprintf("Stran %d od %d", p.doc.PageNo(), p.pages)
	p.text(style{small, false, grey}, width-right-p.wide(style{small, false, grey}, number), y+4, number)
	for i, line := range p.under {
		p.text(style{small, false, grey}, left, y+4+float64(i)*each, line)
	}
}

// Space leaves some, in millimetres.
func (p *Paper) Space(high float64) { p.y += high }

package record

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"varuh/accesslog/evidence"
	"varuh/accesslog/pdf"
)

// footage is what was asked for, what is in the package, and what is not, by its manifest.
func (r Record) footage(p *pdf.Paper) {
	p.Heading(pdf.Text{SL: "Posnetki", EN: "Footage"})
	p.Both(pdf.Text{SL: "Zahtevano", EN: "Asked for"})
	camera := pdf.Column{Label: pdf.Text{SL: "Kamera", EN: "Camera"}, Wide: 3}
	span := pdf.Column{Label: pdf.Text{SL: "Od – do", EN: "From – to"}, Wide: 7}
	var rows [][]pdf.Text
	for _, a := range limited(r.Manifest.Asked) {
		rows = append(rows, []pdf.Text{own(r.Manifest.Named(a.Camera)), own(r.span(a.From, a.To))})
	}
	p.Table([]pdf.Column{camera, span}, rows)
	more(p, len(r.Manifest.Asked), "manifest.json", "manifest.json")
	p.Both(pdf.Text{SL: "Predano", EN: "Delivered"})
	delivered := runs(r.Manifest)
	rows = nil
	for _, d := range limited(delivered) {
		rows = append(rows, []pdf.Text{own(r.Manifest.Named(d.camera)), own(r.span(d.from, d.to)), d.what(), own(fmt.Sprint(d.clips))})
	}
	p.Table([]pdf.Column{camera, span, {Label: pdf.Text{SL: "Vsebina", EN: "Contents"}, Wide: 4}, {Label: pdf.Text{SL: "Datotek", EN: "Files"}, Wide: 1.6}}, rows)
	more(p, len(delivered), "manifest.json", "manifest.json")
	p.Both(pdf.Text(evidence.WholePictures))
	r.gaps(p)
}

// gaps is what was asked for and is not in the package, each with its cause; and where packets were missing.
func (r Record) gaps(p *pdf.Paper) {
	p.Heading(pdf.Text{SL: "Izpadi", EN: "Gaps"})
	if len(r.Manifest.Gaps) == 0 {
		p.Both(pdf.Text{SL: "V zahtevanem času ni zabeležen noben izpad.", EN: "No gap is known within what was asked for."})
	} else {
		var rows [][]pdf.Text
		for _, g := range limited(r.Manifest.Gaps) {
			rows = append(rows, []pdf.Text{own(r.Manifest.Named(g.Camera)), own(r.span(g.From, g.To)), pdf.Text(evidence.CauseInWords(g.Cause))})
		}
		p.Table([]pdf.Column{{Label: pdf.Text{SL: "Kamera", EN: "Camera"}, Wide: 3}, {Label: pdf.Text{SL: "Od – do", EN: "From – to"}, Wide: 7}, {Label: pdf.Text{SL: "Vzrok", EN: "Cause"}, Wide: 5}}, rows)
		more(p, len(r.Manifest.Gaps), "manifest.json", "manifest.json")
	}
	var lost, silent, all int64
	for _, c := range r.Manifest.Clips {
		lost, silent, all = lost+c.Lost, silent+c.Silent, all+c.Fragments
	}
	if silent > 0 {
		p.Both(pdf.Text{SL: "Zvok, ki je bil posnet, ni predan: ni bil zahtevan ali ga ni dovoljeno posredovati.",
			EN: "Sound that was recorded was not handed over: it was not asked for, or may not be disclosed."})
	}
	if lost > 0 {
		p.Both(pdf.Text{SL: fmt.Sprintf("V %d od %d odlomkov posnetkov so med snemanjem manjkali paketi omrežja: slika je tam lahko popačena.", lost, all),
			EN: fmt.Sprintf("Network packets were missing in %d of %d fragments when they were recorded: the picture may be distorted there.", lost, all)})
	}
}

// run is footage of one stream without a break.
type run struct {
	camera, stream string
	from, to       time.Time
	clips          int
	codecs         []string
	sound          bool
}

// join is how far apart two clips may be and still be told as one: less than a fragment.
const join = 2 * time.Second

// runs are the clips of a package, put together where one goes on from the other.
func runs(m evidence.Manifest) (list []run) {
	clips := slices.Clone(m.Clips)
	slices.SortStableFunc(clips, func(a, b evidence.Clip) int {
		return cmp.Or(cmp.Compare(a.Camera, b.Camera), cmp.Compare(a.Stream, b.Stream), a.From.Compare(b.From))
	})
	for _, c := range clips {
		if n := len(list); n == 0 || list[n-1].camera != c.Camera || list[n-1].stream != c.Stream || c.From.Sub(list[n-1].to) > join {
			list = append(list, run{camera: c.Camera, stream: c.Stream, from: c.From, to: c.To})
		}
		last := &list[len(list)-1]
		last.clips++
		if c.To.After(last.to) {
			last.to = c.To
		}
		for _, t := range c.Tracks {
			last.sound = last.sound || t.Sound
			if name := evidence.CodecInWords(t.Entry); !slices.Contains(last.codecs, name) {
				last.codecs = append(last.codecs, name)
			}
		}
	}
	return list
}

// what is in a run.
func (r run) what() pdf.Text {
	codecs := " (" + strings.Join(r.codecs, ", ") + ")"
	if r.sound {
		return pdf.Text{SL: "slika in zvok" + codecs, EN: "picture and sound"}
	}
	return pdf.Text{SL: "slika" + codecs, EN: "picture"}
}

// own is what has no gloss: names, times and numbers.
func own(text string) pdf.Text { return pdf.Text{SL: text} }

// span is from when to when; the day of the end stands only where it is another.
func (r Record) span(from, to time.Time) string {
	if to.IsZero() {
		return r.moment(from)
	}
	if a, b := from.In(r.Zone), to.In(r.Zone); a.Format(time.DateOnly) == b.Format(time.DateOnly) {
		return r.moment(from) + " – " + clock(b)
	}
	return r.moment(from) + " – " + r.moment(to)
}

// most is how many lines of a kind the record has; the manifest has all.
const most = 120

func limited[T any](list []T) []T { return list[:min(len(list), most)] }

// more says how many were left out, and where they are.
func more(p *pdf.Paper, n int, where, en string) {
	if n > most {
		p.Both(pdf.Text{SL: fmt.Sprintf("Še %d; vse ima %s.", n-most, where), EN: fmt.Sprintf("%d more; all are in %s.", n-most, en)})
	}
}

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

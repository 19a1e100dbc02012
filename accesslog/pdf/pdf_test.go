package pdf

import (
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/gomono"
	"golang.org/x/image/font/gofont/goregular"

	"varuh/accesslog/pdf/pdftest"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

var info = Info{Title: Text{"Poskusni papir", "Paper for trying"}, Made: time.Date(2026, 11, 21, 7, 0, 0, 0, time.UTC), Foot: "papir za poskus"}

func drawn(t testing.TB, draw func(*Paper)) []byte {
	t.Helper()
	var b bytes.Buffer
	must(t, Write(&b, info, draw))
	return b.Bytes()
}

// everything is a paper with each block there is, most of them over several pages.
func everything(p *Paper) {
	p.From([]string{"Osnovna šola Primer", "Šolska ulica 1"})
	p.Title(info.Title)
	p.Heading(Text{"Črke", "Letters"})
	p.Both(Text{"Šumniki so č, š in ž; žvečilni čevelj še šušlja.", "A gloss"})
	p.Para("ĆĐŐŞÅ Ѓорѓи Ελλάδα")
	p.Para("Vrstica ena\nvrstica dve")
	p.List([]Text{{"prva točka", "first"}, {"druga točka", ""}})
	p.Boxed(Text{"Opozorilo " + strings.Repeat("z mnogo besedami ", 20), "A warning"})
	p.Facts([]Fact{{Label: Text{"Prazno", "Empty"}}, {Text{"Dolgo", "Long"}, strings.Repeat("beseda ", 900) + "konec", "gloss"}, {Label: Text{"Brez presledka", ""}, Value: strings.Repeat("ž", 3000) + "Ω"}})
	var rows [][]Text
	for n := range 60 {
		rows = append(rows, []Text{{SL: fmt.Sprintf("vrsta %d", n)}, {strings.Repeat("čez ", n), "gloss"}})
	}
	p.Table([]Column{{Text{"Prvi", "First"}, 1}, {Text{"Drugi", "Second"}, 2}}, append(rows, []Text{{SL: strings.Repeat("visoka ", 1500) + "zadnja"}, {}}))
	p.Digits(Text{"Odtis", "Fingerprint"}, Groups("0123456789abcdef0123456789abcdef", 4), "0123 4567")
	p.Code([]string{"sha256sum -c SHA256SUMS.txt"})
	p.Signatures(Signer{Who: Text{"Predal", "From"}, Name: "Žiga"}, Signer{Who: Text{"Prevzel", "To"}})
}

// What is written is found again, its fonts are within, and each page says which of how many it is.
func TestReadsTheSame(t *testing.T) {
	t.Parallel()
	paper := drawn(t, everything)
	text := pdftest.Read(t, paper, "pdftotext", "-layout")
	for _, want := range []string{"Šumniki so č, š in ž; žvečilni čevelj še šušlja.", "ĆĐŐŞÅ Ѓорѓи Ελλάδα", "konec", "Ω", "vrsta 59", "zadnja", "0123 4567 89ab cdef", "sha256sum -c SHA256SUMS.txt", "Žiga"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not on the paper", want)
		}
	}
	if n := strings.Count(strings.Join(strings.Fields(text), ""), "ž"); n < 3000 {
		t.Errorf("%d of 3000 letters of a word without an end are on the paper", n)
	}
	pages := strings.Count(text, "\f")
	numbers := regexp.MustCompile(`Stran (\d+) od (\d+)`).FindAllStringSubmatch(text, -1)
	if len(numbers) != pages || pages < 5 || strings.Count(text, "papir za poskus") != pages {
		t.Errorf("%d pages, numbers %q", pages, numbers)
	}
	for i, n := range numbers {
		if n[1] != fmt.Sprint(i+1) || n[2] != fmt.Sprint(pages) {
			t.Errorf("page %d of %d has the number %q", i+1, pages, n[0])
		}
	}
	fonts := strings.Split(strings.TrimSpace(pdftest.Read(t, paper, "pdffonts")), "\n")[2:]
	for _, font := range fonts {
		if columns := strings.Fields(font); len(columns) < 7 || columns[4] != "yes" || columns[6] != "yes" {
			t.Errorf("the font is not within, or its letters can't be copied: %s", font)
		}
	}
	if len(fonts) != 3 {
		t.Errorf("%d fonts", len(fonts))
	}
	if tell := pdftest.Read(t, paper, "pdfinfo"); !strings.Contains(tell, "Poskusni papir") || !strings.Contains(tell, "A4") {
		t.Errorf("%s", tell)
	}
}

// The letters stand within the page, with its margins.
func TestNothingRunsOff(t *testing.T) {
	t.Parallel()
	if words := within(t, pdftest.Read(t, drawn(t, everything), "pdftotext", "-bbox")); len(words) < 2500 {
		t.Errorf("%d words", len(words))
	}
}

// word is one on a page, in millimetres from its top.
type word struct {
	text        string
	top, bottom float64
}

// within reads the words of a paper and where they stand, which is within the page.
func within(t *testing.T, boxes string) (list []word) {
	t.Helper()
	const point = 25.4 / 72
	for _, w := range regexp.MustCompile(`<word xMin="([\d.-]+)" yMin="([\d.-]+)" xMax="([\d.-]+)" yMax="([\d.-]+)">([^<]*)`).FindAllStringSubmatch(boxes, -1) {
		var at [4]float64
		for i := range at {
			_, err := fmt.Sscan(w[i+1], &at[i])
			must(t, err)
			at[i] *= point
		}
		if at[0] < left-1 || at[1] < top-2 || at[2] > width-right+1 || at[3] > height-5 {
			t.Errorf("%q stands at %.0f, %.0f to %.0f, %.0f mm", w[5], at[0], at[1], at[2], at[3])
		}
		list = append(list, word{w[5], at[1], at[3]})
	}
	return list
}

// sums are those of the fonts before anything was drawn.
var sums = []uint32{crc32.ChecksumIEEE(goregular.TTF), crc32.ChecksumIEEE(gobold.TTF), crc32.ChecksumIEEE(gomono.TTF)}

// The same paper has the same bytes, and another time others.
func TestSameBytes(t *testing.T) {
	t.Parallel()
	a := drawn(t, everything)
	if !bytes.Equal(a, drawn(t, everything)) {
		t.Error("the same paper has other bytes")
	}
	small := func(p *Paper) { p.Para("Število") }
	if !bytes.Equal(drawn(t, small), drawn(t, small)) {
		t.Error("the same small paper has other bytes")
	}
	for _, font := range []struct {
		name string
		ttf  []byte
		sum  uint32
	}{{"regular", goregular.TTF, sums[0]}, {"bold", gobold.TTF, sums[1]}, {"mono", gomono.TTF, sums[2]}} {
		if crc32.ChecksumIEEE(font.ttf) != font.sum {
			t.Errorf("drawing has written into the font %s", font.name)
		}
	}
	var b bytes.Buffer
	other := info
	other.Made = other.Made.Add(time.Second)
	must(t, Write(&b, other, small))
	if bytes.Equal(drawn(t, small), b.Bytes()) {
		t.Error("the time is not in it")
	}
}

// What can't be shown stands as its number: nothing is left out, nothing turns the writing around.
func TestNotLeftOut(t *testing.T) {
	t.Parallel()
	p := begin(info, 0)
	for given, want := range map[string]string{
		"c\u030c":          "č",
		"a\u202eb":         "a[U+202E]b",
		"中":                "[U+4E2D]",
		"\U0001f600":       "[U+1F600]",
		"a\x00b\u200b":     "a[U+0000]b[U+200B]",
		"a\tb\u00a0c\r\nd": "a b c\nd",
		"\xff":             "\ufffd",
	} {
		if got := p.plain(given); got != want {
			t.Errorf("%q is shown as %q instead of %q", given, got, want)
		}
	}
	text := pdftest.Read(t, drawn(t, func(p *Paper) { p.Para("ime 中 konec") }), "pdftotext")
	if !strings.Contains(text, "ime [U+4E2D] konec") {
		t.Errorf("%s", text)
	}
}

// Who signs stands there with the whole of his name, and a foot with all its lines, within the page, however long they are.
func TestNotCut(t *testing.T) {
	t.Parallel()
	long := info
	long.Foot = strings.Repeat("vrstica\n", 9) + "zadnja-vrstica-noge"
	for _, words := range []int{1, 12, 60, 600} {
		var b bytes.Buffer
		must(t, Write(&b, long, func(p *Paper) {
			for range 20 {
				p.Para("odstavek")
			}
			p.Table([]Column{{Text{"Prvi", "First"}, 1}}, slices.Repeat([][]Text{{{SL: "vrsta"}}}, 50))
			p.Signatures(Signer{Text{"Predal", "From"}, "Žiga"}, Signer{Text{"Prevzel", "To"}, strings.Repeat("beseda ", words) + "konec-imena"})
		}))
		count, lowest := map[string]int{}, 0.0
		shown := within(t, pdftest.Read(t, b.Bytes(), "pdftotext", "-bbox"))
		for _, w := range shown {
			if count[w.text]++; w.text == "vrsta" || w.text == "podpis" {
				lowest = max(lowest, w.bottom)
			}
		}
		if pages := count["Stran"]; count["zadnja-vrstica-noge"] != pages || count["vrstica"] != 9*pages || pages < 2 {
			t.Errorf("%d words: not all of the foot is on each page: %v", words, count)
		}
		if count["konec-imena"] != 1 || count["beseda"] != words || count["Žiga"] != 1 {
			t.Errorf("%d words: not all of the name is there: %v", words, count)
		}
		if first := slices.IndexFunc(shown, func(w word) bool { return w.text == "vrstica" }); first < 0 || lowest > shown[first].top {
			t.Errorf("%d words: the text goes down to %.0f mm, over the foot", words, lowest)
		}
	}
	long.Foot = strings.Repeat("vrstica\n", 40)
	if err := Write(&bytes.Buffer{}, long, func(*Paper) {}); err == nil {
		t.Error("a foot that takes half a page was cut or drawn")
	}
}

// An error of what is written to, and one of drawing, come out.
func TestErrors(t *testing.T) {
	t.Parallel()
	full := errors.New("no room")
	if err := Write(failing{full}, info, func(p *Paper) { p.Para("a") }); !errors.Is(err, full) {
		t.Errorf("%v", err)
	}
	if err := Write(&bytes.Buffer{}, info, func(p *Paper) { p.Digits(Text{}, nil, strings.Repeat("x", 5000)) }); err == nil {
		t.Error("a text that no QR code holds was drawn")
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

// Whatever is written, there is an end of it.
func FuzzText(f *testing.F) {
	for _, seed := range []string{"", "č š ž", strings.Repeat("a", 400), "a\n\n\nb", "\x00\xff\u202e", "[U+0041]", " \n "} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 10_000 {
			return
		}
		drawn(t, func(p *Paper) {
			p.Both(Text{text, text})
			p.Facts([]Fact{{Text{text, text}, text, text}})
			p.Table([]Column{{Text{text, text}, 1}, {Text{"a", "b"}, 1}}, [][]Text{{{text, text}, {text, text}}})
		})
	})
}

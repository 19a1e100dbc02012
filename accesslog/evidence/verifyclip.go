package evidence

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"golang.org/x/mod/sumdb/tlog"

	"varuh/accesslog/diary/proof"
)

// maxHead bounds the index of a clip: that of twice 2^18 samples takes 13 MB, if each is of another length and offset.
const maxHead = 16 << 20

// clip holds a clip and its sidecar against each other and against what was recorded. Both are read once, and to their
// ends, so that they are hashed as a whole.
func (v *verifier) clip(c Clip) error {
	film, side := v.open(c.Path, v.listed[c.Path].Size+1), v.open(c.Sidecar, v.listed[c.Sidecar].Size+1)
	if film != nil && side != nil {
		x := &examined{v: v, clip: c, film: film, lines: bufio.NewReaderSize(side, maxLine)}
		x.examine()
	}
	for _, i := range []*input{film, side} {
		if i == nil {
			continue
		}
		if err := v.close(i); err != nil {
			return err
		}
	}
	return v.ctx.Err()
}

// examined is a clip that is being looked at.
type examined struct {
	v     *verifier
	clip  Clip
	film  *input
	lines *bufio.Reader

	head    []byte // of the film
	init    []byte // the first init record
	index   *index
	segment *Segment // that the lines are of
	record  int64    // the last one
	begun   bool     // there was a fragment
	frag    fragment
	last    uint32 // sequence of the last fragment
	seen    cutter // what the fragments say of the clip
	at      int64  // byte of the film
	wrong   int64  // fragments that are not those recorded
	payload []byte
}

// errLine ends the lines.
var errLine = errors.New("a line is longer than any that varuh writes")

// examine goes through the lines. What can't be read ends it; fragments that are wrong do not.
func (x *examined) examine() {
	if !x.readHead() {
		return
	}
	for n := 1; ; n++ {
		b, err := x.lines.ReadSlice('\n')
		if errors.Is(err, io.EOF) && len(b) == 0 {
			break
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			err = errLine
		}
		var l line
		if err == nil {
			l, err = readLine(b[:len(b)-1])
		}
		if err == nil {
			err = x.take(&l)
		}
		if err != nil {
			x.v.report.bad(CodeSidecar, x.clip.Sidecar, because(err, "Vrstica %d datoteke %s ni v pravi obliki ali je na napačnem mestu: odlomka %d in poznejših ni mogoče preveriti",
				"Line %d of the file %s is not in its form or place, so fragment %d and those behind it can't be verified", n, x.clip.Sidecar, x.seen.fragments+1))
			return
		}
		if x.v.ctx.Err() != nil {
			return
		}
	}
	x.end()
}

// readHead reads the film up to its samples.
func (x *examined) readHead() bool {
	var b bytes.Buffer
	for _, name := range []string{"ftyp", "moov", "mdat"} {
		var head [mdatHead]byte
		if _, err := io.ReadFull(x.film, head[:]); err != nil {
			return x.noIndex()
		}
		b.Write(head[:])
		size := int64(be.Uint32(head[:]))
		if string(head[4:]) != name || size < mdatHead || name != "mdat" && size > maxHead {
			return x.noIndex()
		}
		if name != "mdat" {
			if _, err := io.CopyN(&b, x.film, size-mdatHead); err != nil {
				return x.noIndex()
			}
		}
	}
	x.head, x.at = b.Bytes(), int64(b.Len())
	return true
}

func (x *examined) noIndex() bool {
	at := x.film.size
	x.v.report.add(Finding{Code: CodeIndex, Bad: true, File: x.clip.Path, Offset: &at, Sentence: say(
		"Začetek posnetka %s ni v pravi obliki: odlomkov v njem ni mogoče preveriti.", "The beginning of the clip %s is not in its form: the fragments in it can't be verified.", x.clip.Path)})
	return false
}

// take takes a line. An error is one that ends the lines.
func (x *examined) take(l *line) error {
	if l.Record == 0 {
		return x.begin(l)
	}
	if x.segment == nil {
		return fmt.Errorf("%w: a fragment without a segment", ErrFormat)
	}
	if err := readBoxes(l.Boxes, &x.frag); err != nil {
		return err
	}
	t, ok := x.index.track(&x.frag)
	if !ok || !l.Time.Equal(x.frag.wall) || len(x.index.tables) == 0 || x.index.samples > 4*usual.samples {
		return fmt.Errorf("%w: the fragment is of no track, too many, or its time is not that of its prft", ErrFormat)
	}
	if l.Withheld != nil && !t.sound {
		return fmt.Errorf("%w: pictures are left out", ErrFormat)
	}
	if x.begun && (x.frag.sequence != x.last+1 || x.record > 0 && l.Record != x.record+1) || x.record == 0 && !x.whole(l) || l.Withheld == nil && t.follows(&x.frag) != nil {
		return x.order(l)
	}
	x.last, x.record, x.begun = x.frag.sequence, l.Record, true
	if l.Withheld != nil {
		x.silent(l)
		return nil
	}
	x.index.add(&x.frag)
	x.seen.lasts(&x.frag, t.timescale)
	if x.seen.fragments++; l.Lost {
		x.seen.clip.Lost++
	}
	return x.samples(l)
}

// whole tells whether a fragment may be the first of its segment: of the clip's first segment any may, of others the
// first alone.
func (x *examined) whole(l *line) bool { return !x.begun || l.Record == 1 }

// silent takes sound that stayed behind: that it was recorded is proven all the same.
func (x *examined) silent(l *line) {
	if x.seen.clip.Silent++; !x.proven(l, *l.Withheld) {
		x.v.report.bad(CodeFragment, x.clip.Sidecar, say("Datoteka %s navaja zvok (%s), ki ni bil posnet.", "The file %s names sound (%s) that was not recorded.", x.clip.Sidecar, timeText(l.Time)))
	}
}

// order says that a fragment is missing before this one.
func (x *examined) order(l *line) error {
	x.v.report.add(Finding{Code: CodeOrder, Bad: true, File: x.clip.Path, Fragment: x.seen.fragments + 1, Sentence: say(
		"V posnetku %s pred odlomkom %d (%s) nekaj manjka, je dodano ali prestavljeno.", "In the clip %s something is missing, added or moved before fragment %d (%s).",
		x.clip.Path, x.seen.fragments+1, timeText(l.Time))})
	return fmt.Errorf("%w: it does not follow the one before", ErrFormat)
}

// begin begins a segment.
func (x *examined) begin(l *line) error {
	s, ok := x.v.segments[l.Segment]
	if !ok {
		return fmt.Errorf("%w: segment %x is not in the manifest", ErrFormat, l.Segment)
	}
	if x.segment != nil && (x.record != x.segment.Records-1 || s == x.segment || s.Correction != x.segment.Correction || !bytes.Equal(l.Boxes, x.init)) {
		return fmt.Errorf("%w: segment %x does not follow", ErrFormat, l.Segment)
	}
	if x.segment == nil {
		tracks, err := readInit(l.Boxes)
		if err != nil {
			return err
		}
		x.init, x.index = l.Boxes, newIndex(tracks)
	}
	x.segment, x.record = s, 0
	if !x.proven(l, digest(nil)) {
		x.v.report.bad(CodeFragment, x.clip.Sidecar, say("Opis odseka %x v datoteki %s ni tisti, ki je bil posnet.", "What the file %[2]s says of the format of segment %[1]x is not what was recorded.", l.Segment, x.clip.Sidecar))
	}
	return nil
}

// samples reads the samples of a fragment out of the film, and holds them against what was recorded.
func (x *examined) samples(l *line) error {
	if int64(cap(x.payload)) < x.frag.payload {
		x.payload = make([]byte, x.frag.payload)
	}
	p := x.payload[:x.frag.payload]
	var hash [32]byte
	if err := x.film.full(p, func() { hash = digest(p) }); err != nil {
		return fmt.Errorf("the clip ends within the fragment: %w", err)
	}
	if x.proven(l, hash) {
		x.v.report.Fragments++
		x.v.report.Bytes += x.frag.payload
	} else if x.wrong++; x.wrong == 1 {
		at := x.at
		x.v.report.add(Finding{Code: CodeFragment, Bad: true, File: x.clip.Path, Fragment: x.seen.fragments, Offset: &at, Sentence: say(
			"Posnetek %s: odlomek %d (%s, bajti od %d do %d) ni tak, kot je bil posnet.", "The clip %s: fragment %d (%s, bytes %d to %d) is not as it was recorded.",
			x.clip.Path, x.seen.fragments, timeText(l.Time), at, at+max(x.frag.payload, 1)-1)})
	}
	x.at += x.frag.payload
	return nil
}

// proven tells whether a record is the one whose leaf is under the segment's root.
func (x *examined) proven(l *line, samples [32]byte) bool {
	s := x.segment
	return l.Record < s.Records && s.Records <= maxRecords &&
		tlog.CheckRecord(l.Path, s.Records, s.Root, l.Record, leaf(l.Salt, l.Boxes, samples)) == nil
}

// end holds the film's index against the fragments, and what the manifest says of the clip.
func (x *examined) end() {
	r, c := &x.v.report, x.clip
	if x.wrong > 1 {
		r.note(CodeFragment, c.Path, say("Posnetek %s: odlomkov, ki niso taki, kot so bili posneti: %d.", "The clip %s: fragments that are not as they were recorded: %d.", c.Path, x.wrong))
	}
	if x.seen.fragments == 0 {
		r.bad(CodeSidecar, c.Sidecar, say("V datoteki %s ni nobenega odlomka.", "The file %s has no fragment.", c.Sidecar))
		return
	}
	if want := x.index.head(); !bytes.Equal(want, x.head) {
		at := int64(differ(want, x.head))
		r.add(Finding{Code: CodeIndex, Bad: true, File: c.Path, Offset: &at, Sentence: say(
			"Posnetek %s kaže slike drugače, kot so bile posnete: njegovo kazalo je drugačno od bajta %d naprej.",
			"The clip %s shows its pictures otherwise than they were recorded: its index differs from byte %d on.", c.Path, at)})
	}
	if n, _ := io.ReadFull(x.film, make([]byte, 1)); n > 0 {
		at := x.at
		r.add(Finding{Code: CodeIndex, Bad: true, File: c.Path, Offset: &at, Sentence: say(
			"Posnetku %s je za bajtom %d nekaj dodano.", "Something was added to the clip %s behind byte %d.", c.Path, at)})
	}
	x.stated()
}

// stated holds what the manifest says of the clip against what is in it.
func (x *examined) stated() {
	got := x.seen.clip
	got.Path, got.Sidecar, got.Camera, got.Stream = x.clip.Path, x.clip.Sidecar, x.segment.Camera, x.segment.Stream
	got.Fragments, got.Decodable, got.Tracks = x.seen.fragments, x.index.decodable(), x.index.tracks()
	a, errA := proof.Encode(got.object())
	b, errB := proof.Encode(x.clip.object())
	if errA != nil || errB != nil || !bytes.Equal(a, b) {
		x.v.report.bad(CodeStated, ManifestFile, say("Seznam pravi o posnetku %s nekaj drugega, kot je v njem.", "The manifest says something else of the clip %s than is in it.", x.clip.Path))
	}
	if got.Lost > 0 {
		x.v.report.note(CodeLost, x.clip.Path, say("Posnetek %s: pri snemanju so se med prenosom izgubili deli slike; takih odlomkov je %d.",
			"The clip %s: parts of the picture were lost on the way when it was recorded; fragments like that: %d.", x.clip.Path, got.Lost))
	}
	if got.Silent > 0 {
		x.v.report.note(CodeSilent, x.clip.Path, say("Posnetek %s je brez zvoka: ta je bil posnet, a ni bil predan.", "The clip %s is without sound: that was recorded, and not handed out.", x.clip.Path))
	}
	if by := x.segment.Correction; by != 0 {
		x.v.corrections[x.clip.Path] = by
		x.v.report.note(CodeClock, x.clip.Path, say("Posnetek %s: ura še ni bila nastavljena. Njegovim časom prištejte %s: začne se %s.",
			"The clip %s: the clock had not been set yet. Add %s to its times: it begins at %s.", x.clip.Path, by, timeText(got.From.Add(by))))
	}
	if !got.Decodable {
		x.v.report.note(CodeMidway, x.clip.Path, say("Posnetek %s se ne začne s celo sliko: predvajalnik pokaže prvo šele čez nekaj časa.",
			"The clip %s does not begin with a whole picture: players show the first only after a while.", x.clip.Path))
	}
}

// differ is the first byte in which two texts do.
func differ(a, b []byte) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

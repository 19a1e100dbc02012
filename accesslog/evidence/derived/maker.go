package derived

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path"
	"slices"
	"time"

	"varuh/accesslog/diary/proof"
	"varuh/accesslog/evidence"
)

// What copies are called: OGLEDNA_KOPIJA_0001.mp4, of posnetki/0001.mp4, and the text about them.
const (
	prefix    = "OGLEDNA_KOPIJA_"
	WordsName = "OGLEDNE_KOPIJE.txt"
)

// maxSize is what a file on FAT32 has at most.
const maxSize = 1<<32 - 1

// Maker makes the copies of one package. Its fields are not changed once it is used.
type Maker struct {
	Program string // ffmpeg; "": looked for where programs are

	// Limit is how long a copy may take; 0: four times as long as its clip, and a minute.
	Limit time.Duration

	// Total is how long all copies of the package may take; 0: two hours. A package is not kept from its applicant for them.
	Total time.Duration

	spent  time.Duration
	copies []Copy
}

// Copy is what became of one.
type Copy struct {
	Path, Of string
	Size     int64
	Err      error  // why it is not whole, for those who look after the appliance
	Said     string // what ffmpeg complained of
}

// needed are the sample descriptions that most browsers and players show nothing of.
var needed = []string{"hvc1", "mp4v"}

// Derive is for [evidence.Package].
func (m *Maker) Derive(c evidence.Clip, film evidence.Film) (evidence.Enclosure, bool) {
	if !slices.ContainsFunc(c.Tracks, func(t evidence.Track) bool { return slices.Contains(needed, t.Entry) }) {
		return evidence.Enclosure{}, false
	}
	to := prefix + path.Base(c.Path)
	return evidence.Enclosure{Path: to, Kind: evidence.KindDerived, Of: c.Path, Write: func(ctx context.Context, w io.Writer) error {
		return m.copy(ctx, to, c, film, w)
	}}, true
}

// Copies are those that were tried, in order.
func (m *Maker) Copies() []Copy { return slices.Clone(m.copies) }

// copy makes one. The error is one that ends the package.
func (m *Maker) copy(ctx context.Context, name string, c evidence.Clip, film evidence.Film, to io.Writer) error {
	limit := m.Limit
	if limit == 0 {
		limit = 4*c.To.Sub(c.From) + time.Minute
	}
	total := m.Total
	if total == 0 {
		total = 2 * time.Hour
	}
	begun := time.Now()
	defer func() { m.spent += time.Since(begun) }()
	var one Copy
	program, err := m.program()
	if err != nil {
		one.Err = err
	} else if limit = min(limit, total-m.spent); limit <= 0 {
		one.Err = fmt.Errorf("the copies of this package have taken %v, and no more is made", total)
	} else if one, err = run(ctx, program, limit, c, film, to); err != nil {
		return fmt.Errorf("couldn't write the copy of %s for viewing: %w", c.Path, err)
	}
	one.Path, one.Of = name, c.Path
	m.copies = append(m.copies, one)
	return nil
}

// ErrNone is returned where ffmpeg is not installed.
var ErrNone = errors.New("there is no ffmpeg: apt-get install ffmpeg")

func (m *Maker) program() (string, error) {
	name := m.Program
	if name == "" {
		name = "ffmpeg"
	}
	found, err := exec.LookPath(name)
	if err != nil {
		return "", errors.Join(ErrNone, err)
	}
	return found, nil
}

// Words are the text about the copies, to be enclosed behind the clips ([evidence.Package].Enclosed). Where no clip needed
// one it is not in the package.
func (m *Maker) Words() evidence.Enclosure {
	return evidence.Enclosure{Path: WordsName, Kind: evidence.KindReading, Write: func(_ context.Context, w io.Writer) error {
		for i, line := range m.lines() {
			if i == 0 {
				line.SL, line.EN = head.SL+line.SL, head.EN+line.EN
			}
			if _, err := fmt.Fprintf(w, "%s\r\n%s\r\n\r\n", line.SL, line.EN); err != nil {
				return err
			}
		}
		return nil
	}}
}

var head = proof.Sentence{
	SL: "Ogledne kopije so narejene samo za gledanje in niso dokaz: dokaz so posnetki v mapi posnetki.\r\n",
	EN: "Copies for viewing are made for looking at alone, and are no evidence: that are the clips in the folder posnetki.\r\n",
}

func (m *Maker) lines() (list []proof.Sentence) {
	for _, c := range m.copies {
		s := proof.Sentence{SL: c.Path + " je ogledna kopija posnetka " + c.Of + " v zapisu H.264.", EN: c.Path + " is a copy of " + c.Of + " in H.264, for viewing."}
		switch {
		case c.Err == nil && c.Said == "":
		case c.Err == nil:
			s.SL += " Program ffmpeg je pri tem javil napake: morda kopija ne kaže vsega. Kar je, pokaže posnetek."
			s.EN += " ffmpeg complained: perhaps it does not show all. What there is shows the clip."
		case errors.Is(c.Err, ErrNone):
			s = proof.Sentence{SL: "Ogledne kopije posnetka " + c.Of + " ni, ker na napravi ni programa ffmpeg. Posnetek predvaja na primer VLC (videolan.org).",
				EN: "There is no copy of " + c.Of + ", since the appliance has no ffmpeg. The clip is played by VLC (videolan.org), for one."}
		case c.Size == 0:
			s = proof.Sentence{SL: "Ogledne kopije posnetka " + c.Of + " ni bilo mogoče narediti. Posnetek sam je cel; predvaja ga na primer VLC (videolan.org).",
				EN: "No copy of " + c.Of + " could be made. The clip itself is whole; it is played by VLC (videolan.org), for one."}
		default:
			s.SL += " NI CELA: konča se prej kot posnetek, ki je cel; predvaja ga na primer VLC (videolan.org)."
			s.EN += " It is NOT WHOLE: it ends before the clip, which is whole and is played by VLC (videolan.org), for one."
		}
		list = append(list, s)
	}
	return list
}

package proof

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"runtime"
	"slices"
	"strings"
	"time"
)

// VerifyOptions are what the person who verifies knows from elsewhere.
type VerifyOptions struct {
	Keys         []Key    // of the log or of witnesses
	Enclosed     []Key    // that came with what is verified: they do for computing, and are known only by a fingerprint
	Fingerprints []string // of keys, as on paper; the case and what is between the digits do not matter
	Held         [][]byte // signed checkpoints that somebody kept
	Latest       bool     // this is the diary as it is now: with fewer entries than a held checkpoint it went back, rather than being an older export

	// Timestamp checks an RFC 3161 token of a checkpoint's text, and returns its time and authority. Without
	// it, timestamps are not looked at, and a finding says so.
	Timestamp func(token, text []byte) (time.Time, string, error)

	// Each is given every entry in order. A body or manifest that is not there or is wrong is nil. An error ends the verifying.
	Each func(l Leaf, body *Body, manifest []byte) error
}

// VerifyBundle checks a bundle, in a folder or a zip file. The error is one of reading, of ctx or of
// Each, or [ErrVersion] where a newer varuh wrote the bundle or an entry and nothing else is wrong; what is wrong with the diary is in the report.
func VerifyBundle(ctx context.Context, bundle fs.FS, o VerifyOptions) (*Report, error) {
	v := &verifier{o: o, bundle: bundle, roots: map[int64]Hash{}, read: map[string]bool{}}
	if err := v.open(); err != nil {
		return nil, err
	}
	if err := v.readPast(); err != nil {
		return nil, err
	}
	v.openHeld()
	if err := v.judgePinned(); err != nil {
		return nil, err
	}
	if err := v.entries(ctx); err != nil {
		return nil, err
	}
	v.judgeRoot()
	v.judgeWithheld()
	v.judgePieces()
	v.judgeHistory()
	v.judgeKeys()
	v.judgeStrangers()
	v.judgeIncidents()
	v.judgePrunes()
	v.judgeAnchors()
	if err := v.judgeNewer(); err != nil {
		return nil, err
	}
	v.judgeFiles()
	v.conclude()
	return &v.report, nil
}

// verifier is one run of VerifyBundle.
type verifier struct {
	o         VerifyOptions
	bundle    fs.FS
	about     About
	main      Signed
	signed    bool // by a key that is known here
	forged    bool // it bears a wrong signature of such a key
	trust     *trust
	tree      Frontier
	onward    Consistency // from the last entry in the bundle to its checkpoint
	chunks    []chunk
	read      map[string]bool // files of earlier checkpoints that were looked at
	past      []earlier
	held      []earlier
	strangers []int64        // sizes of kept checkpoints of this log that none of its keys signed
	roots     map[int64]Hash // by size, where a checkpoint is to be compared; zero until it is known
	marks     []mark
	began     time.Time // of the first entry that is there
	closed    int64     // bodies that are not there, besides those that are wrong
	tooMany   bool      // more marks than are kept
	incidents incidents
	pieces    Pieces
	whole     bool  // all leaves could be read
	fits      bool  // and are those of the checkpoint
	newer     error // the first leaf that a newer varuh wrote, nil for none
	newerAt   int64
	report    Report
}

// open reads what a bundle is of, and its keys and checkpoint.
func (v *verifier) open() error {
	if err := CheckNames(v.bundle); err != nil {
		return err
	}
	text, err := readFile(v.bundle, aboutFile, MaxBody)
	if err != nil {
		return err
	}
	if v.about, err = ParseAbout(trimLine(text)); err != nil {
		return err
	}
	v.report.Origin, v.report.Size, v.report.From, v.report.To = v.about.Origin, v.about.Size, v.about.From, v.about.To
	if text, err = readFile(v.bundle, frontierFile, MaxBody); err != nil {
		return err
	}
	if v.tree, err = ParseFrontier(string(text)); err != nil {
		return err
	}
	if v.tree.Size() != v.about.From {
		return fmt.Errorf("the frontier is of %d entries, the bundle begins with entry %d: %w", v.tree.Size(), v.about.From, ErrFormat)
	}
	return v.openCheckpoint()
}

func trimLine(b []byte) []byte {
	return []byte(strings.TrimSuffix(string(b), "\n"))
}

func (v *verifier) openCheckpoint() error {
	msg, err := readFile(v.bundle, checkpointFile, MaxBody)
	if err != nil {
		return err
	}
	c, err := ReadCheckpoint(msg)
	if err != nil {
		return err
	}
	if c.Origin != v.about.Origin || c.Size != v.about.Size {
		return fmt.Errorf("the bundle is of %d entries of %q, its checkpoint of %d of %q: %w", v.about.Size, v.about.Origin, c.Size, c.Origin, ErrFormat)
	}
	v.report.Root = c.Root
	text, err := readFile(v.bundle, keysFile, MaxBody)
	if err != nil {
		return err
	}
	keys, err := readKeys(text)
	if err != nil {
		return err
	}
	v.trust = newTrust(c.Origin, v.o.Keys, v.o.Fingerprints, slices.Concat(keys, v.o.Enclosed))
	if err := v.trust.readRotations(v.bundle, c); errors.Is(err, ErrVersion) {
		return err
	} else if err != nil {
		v.report.bad(CodeKeyChanged, because(err, "Zamenjava podpisnega ključa ni dokazana, ker datoteka o njej manjka ali ne drži", "A change of the signing key is not proven"))
	}
	v.main, err = OpenCheckpoint(msg, v.trust.keys...)
	v.signed = err == nil
	if err != nil {
		v.main = Signed{Checkpoint: c, Note: msg}
		v.report.bad(CodeSignature, because(err, "Podpis kontrolne točke ni pravi ali ni s ključem tega dnevnika",
			"The signature of the checkpoint is wrong, or not by a key of this diary"))
	}
	return v.openOnward()
}

func (v *verifier) openOnward() error {
	if v.onward.Old = v.about.To; v.about.To == v.about.Size {
		return nil
	}
	text, err := readFile(v.bundle, onwardFile, MaxBody)
	if err != nil {
		return err
	}
	v.onward, err = ParseConsistency(text)
	return err
}

// entries checks all chunks, as many at a time as there are processors, and grows the tree over
// them in order.
func (v *verifier) entries(ctx context.Context) error {
	var err error
	if v.chunks, err = chunks(v.bundle, v.about); err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	v.whole = true
	v.reached()
	var last time.Time
	for got := range inOrder(ctx, v.chunks, func(c chunk) checkedChunk { return c.check(v.bundle, v.o.Each != nil) }) {
		if err := v.take(got, &last); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// inOrder does work for each chunk in parallel and gives the results in order. Those in hand and those
// being made are never more than the processors and one.
func inOrder(ctx context.Context, list []chunk, work func(chunk) checkedChunk) func(func(checkedChunk) bool) {
	return func(yield func(checkedChunk) bool) {
		queue := make(chan chan checkedChunk, runtime.GOMAXPROCS(0)-1)
		done := make(chan struct{})
		defer func() {
			close(done)
			for result := range queue {
				<-result
			}
		}()
		go func() {
			defer close(queue)
			for _, c := range list {
				result := make(chan checkedChunk, 1)
				select {
				case queue <- result:
				case <-done:
					return
				case <-ctx.Done():
					return
				}
				go func() { result <- work(c) }()
			}
		}()
		for result := range queue {
			if !yield(<-result) {
				return
			}
		}
	}
}

// take adds what is known of the next chunk.
func (v *verifier) take(got checkedChunk, last *time.Time) error {
	for _, f := range got.findings {
		v.report.add(f)
	}
	if got.hashes == nil {
		v.whole = false
		v.pieces.Missing()
	}
	if v.newer == nil {
		v.newer, v.newerAt = got.newer, got.newerAt
	}
	v.follow(got.pieces)
	for _, h := range got.hashes {
		v.tree.Add(h)
		v.reached()
	}
	v.report.Bodies += got.bodies
	v.report.Withheld += got.withheld
	v.closed += got.closed
	v.mark(got.marks)
	if got.back > 0 {
		v.report.note(CodeClock, say("Ura naprave je šla nazaj, prvič pri zapisu %d; število takih zapisov v tem delu: %d.",
			"The appliance's clock went back, first at entry %d; entries like that in this part: %d.", got.firstBack, got.back))
	} else if got.begin.Before(last.Add(-time.Second)) && !got.begin.IsZero() {
		v.report.note(CodeClock, say("Ura naprave je šla nazaj na %s.", "The appliance's clock went back to %s.", got.begin.Format(timeForm)))
	}
	if v.began.IsZero() {
		v.began = got.begin
	}
	*last = got.last
	for _, e := range got.entries {
		if err := v.o.Each(e.leaf, e.body, e.manifest); err != nil {
			return err
		}
	}
	return nil
}

// mark keeps what entries say of the log itself.
func (v *verifier) mark(list []mark) {
	for _, m := range list {
		v.incidents.see(m, v.about.Origin)
		switch {
		case strings.HasPrefix(m.Op, incidentPrefix):
		case len(v.marks) < maxMarks:
			v.marks = append(v.marks, m)
		case !v.tooMany:
			v.tooMany = true
			v.report.add(Finding{Code: CodeMore, Bad: true, Index: &m.Index, Sentence: say(
				"Zapisov o dnevniku samem je več kot %d; od zapisa %d naprej niso presojeni.",
				"There are more than %d entries about the diary itself; from entry %d on they are not judged.", maxMarks, m.Index)})
		}
	}
}

// reached notes the root if a checkpoint of the tree's present size is to be compared. Once a chunk
// was missing, roots mean nothing.
func (v *verifier) reached() {
	if _, wanted := v.roots[v.tree.Size()]; wanted && v.whole {
		v.roots[v.tree.Size()] = v.tree.Root()
	}
}

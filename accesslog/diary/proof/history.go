package proof

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// earlier is a checkpoint that the bundle's is held against.
type earlier struct {
	Signed
	name        string       // for sentences
	held        bool         // kept by somebody, rather than from the bundle
	consistency *Consistency // to the bundle's checkpoint, if that is proven
	stamps      []stamp
	state       State    // whether the bundle's log goes on from it
	left        int64    // where the diary left the name that it is of, if it has another now
	why         Sentence // why that is unknown, if something else than a proof is missing
	code        Code     // of that
}

// stamp is an RFC 3161 time that was checked.
type stamp struct {
	time  time.Time
	party string
}

// readPast reads the earlier checkpoints in the bundle. One that no known key signed says nothing.
func (v *verifier) readPast() error {
	files, err := fs.ReadDir(v.bundle, checkpointsDir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("couldn't list the earlier checkpoints: %w", err)
	}
	byBase := map[string][]string{}
	for _, f := range files {
		base, _, _ := strings.Cut(strings.TrimSuffix(f.Name(), path.Ext(f.Name())), "-")
		byBase[base] = append(byBase[base], f.Name())
	}
	for _, f := range files {
		base, ok := strings.CutSuffix(f.Name(), ".txt")
		if !ok {
			continue
		}
		for _, name := range byBase[base] {
			v.read[path.Join(checkpointsDir, name)] = true
		}
		if err := v.readEarlier(path.Join(checkpointsDir, base), byBase[base]); err != nil {
			return err
		}
	}
	return nil
}

func (v *verifier) readEarlier(base string, files []string) error {
	msg, err := readFile(v.bundle, base+".txt", MaxBody)
	if err != nil {
		return err
	}
	e := earlier{name: path.Base(base)}
	if c, err := ReadCheckpoint(msg); err == nil && c.Origin != v.about.Origin {
		v.report.note(CodeOtherLog, say("Prejšnja kontrolna točka %s je od dnevnika z drugim imenom: %q.", "The earlier checkpoint %s is of a diary of another name: %q.", e.name, c.Origin))
		return nil
	}
	if e.Signed, err = OpenCheckpoint(msg, v.trust.keys...); err != nil {
		v.report.bad(CodeSignature, say("Prejšnja kontrolna točka %s: %v.", "The earlier checkpoint %s: %v.", e.name, err))
		return nil
	}
	for _, f := range files {
		name := path.Join(checkpointsDir, f)
		switch path.Ext(f) {
		case ".consistency":
			text, err := readFile(v.bundle, name, MaxBody)
			if err != nil {
				return err
			}
			on, err := ParseConsistency(text)
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			e.consistency = &on
		case ".tst":
			if err := v.readStamp(&e, name); err != nil {
				return err
			}
		}
	}
	v.want(e.Size)
	v.past = append(v.past, e)
	return nil
}

func (v *verifier) readStamp(e *earlier, name string) error {
	token, err := readFile(v.bundle, name, MaxBody)
	if err != nil {
		return err
	}
	if v.o.Timestamp == nil {
		v.report.note(CodeTimestamp, say("Časovni žig %s ni bil preverjen.", "The timestamp %s was not checked.", name))
		return nil
	}
	at, party, err := v.o.Timestamp(token, []byte(e.Text()))
	if err != nil {
		v.report.bad(CodeTimestamp, say("Časovni žig %s ne drži: %v.", "The timestamp %s does not hold: %v.", name, err))
		return nil
	}
	e.stamps = append(e.stamps, stamp{at, party})
	return nil
}

// openHeld opens the checkpoints that somebody kept.
func (v *verifier) openHeld() {
	for i, msg := range v.o.Held {
		e := earlier{name: fmt.Sprintf("%d", i+1), held: true}
		c, err := ReadCheckpoint(msg)
		if err == nil && c.Origin != v.about.Origin {
			v.openElder(c, msg)
			continue
		}
		if err == nil {
			e.Signed, err = OpenCheckpoint(msg, v.trust.keys...)
		}
		var wrong *note.InvalidSignatureError
		if errors.Is(err, ErrSignature) && !errors.As(err, &wrong) {
			v.strangers = append(v.strangers, c.Size)
			continue
		}
		if err != nil {
			v.report.note(CodeNotJoined, say("Shranjena kontrolna točka ne pove ničesar: %v.", "The checkpoint that was kept says nothing: %v.", err))
			continue
		}
		v.want(e.Size)
		v.held = append(v.held, e)
	}
}

// want asks for the root of the entries up to a size.
func (v *verifier) want(size int64) {
	if size >= v.about.From && size <= v.about.To {
		v.roots[size] = Hash{}
	}
}

// judgeHistory holds the log against the earlier checkpoints: first those in the bundle, since a held
// one may be joined by them, then those that were held.
func (v *verifier) judgeHistory() {
	for i := range v.past {
		v.compare(&v.past[i])
	}
	for i := range v.held {
		if v.held[i].Origin != v.about.Origin {
			v.compareElder(&v.held[i])
		} else {
			v.compare(&v.held[i])
		}
	}
	all := slices.Concat(v.past, v.held)
	if len(all) > 0 {
		v.tellBreak(append(all, v.itself()))
	}
	for _, e := range all {
		v.tellUnjoined(e)
	}
	v.report.Complete = complete(v.held, len(v.o.Held))
}

// compare decides whether the log goes on from an earlier checkpoint. Entries that are not those of the
// bundle's own checkpoint decide nothing: a damaged file is no other history.
func (v *verifier) compare(e *earlier) {
	root, computed := v.roots[e.Size]
	switch {
	case !v.signed:
		e.state = Unknown // a checkpoint that is damaged says nothing of history
	case e.Size > v.main.Size:
		e.state = No
	case e.Size == v.main.Size:
		e.state = stateOf(e.Root == v.main.Root)
	case computed && v.whole && v.fits:
		e.state = stateOf(root == e.Root)
	case e.consistency != nil:
		e.state = Yes
		if err := e.consistency.joins(e.Checkpoint, v.main.Checkpoint); err != nil {
			e.state = Unknown // a wrong proof proves nothing, not even the contrary
			v.report.add(Finding{Code: CodeNotJoined, Bad: true, Size: &e.Size, Sentence: say(
				"Dokaz, da se dnevnik nadaljuje od velikosti %d, ne drži.", "The proof that the diary goes on from size %d does not hold.", e.Size)})
		}
	default:
		e.state = v.asPast(e)
	}
}

// asPast compares with a checkpoint of the same size that was joined.
func (v *verifier) asPast(e *earlier) State {
	for _, p := range v.past {
		if p.Size == e.Size && p.state == Yes {
			return stateOf(p.Root == e.Root)
		}
	}
	return Unknown
}

func stateOf(ok bool) State {
	if ok {
		return Yes
	}
	return No
}

// tellBreak names the place where history was changed, as closely as the checkpoints say: behind the
// largest that still fits and before the end of the smallest that does not.
func (v *verifier) tellBreak(all []earlier) {
	breaks := int64(-1)
	for _, e := range all {
		if e.state == No && e.left > 0 {
			v.tellLost(e)
		} else if e.state == No && e.Size > v.main.Size {
			v.report.add(Finding{Code: CodeRollback, Bad: true, Size: &e.Size, Sentence: say(
				"DNEVNIK JE ŠEL NAZAJ: po podpisani kontrolni točki je imel zapisov %d, zdaj jih ima %d.",
				"THE DIARY WENT BACK: by a signed checkpoint it had %d entries, now it has %d.", e.Size, v.main.Size)})
		} else if e.state == No && (breaks < 0 || e.Size < breaks) {
			breaks = e.Size
		}
	}
	if breaks < 0 {
		return
	}
	fits := int64(0)
	for _, e := range all {
		if e.state == Yes && e.Size < breaks {
			fits = max(fits, e.Size)
		}
	}
	which := both(fmt.Sprintf("vsaj eden od zapisov od %d do %d", fits, breaks-1), fmt.Sprintf("at least one of the entries %d to %d", fits, breaks-1))
	if breaks-fits == 1 {
		which = entries(fits, breaks)
	}
	v.report.add(Finding{Code: CodeRewritten, Bad: true, Size: &breaks, Sentence: both(
		fmt.Sprintf("PREPISANO: zgodovina se prelomi pri velikosti %d. Podpisana kontrolna točka s to velikostjo je imela druge zapise; spremenjen, dodan ali izbrisan je bil %s.", breaks, which.SL),
		fmt.Sprintf("REWRITTEN: history breaks at size %d. A signed checkpoint of that size had other entries; %s was changed, added or deleted.", breaks, which.EN))})
}

func (v *verifier) tellUnjoined(e earlier) {
	if e.state == Unknown && e.why.EN != "" {
		v.report.note(e.code, e.why)
	} else if e.state == Unknown {
		v.report.note(CodeNotJoined, say("Kontrolne točke z velikostjo %d ni mogoče primerjati: za to ni dokaza v svežnju.",
			"The checkpoint of size %d can't be compared: the bundle has no proof for it.", e.Size))
	}
}

// complete is the verdict on the checkpoints that were held.
func complete(held []earlier, given int) Verdict {
	upTo, broken, unknown := int64(-1), false, len(held) < given
	for _, e := range held {
		upTo = max(upTo, e.Size)
		broken = broken || e.state == No
		unknown = unknown || e.state == Unknown
	}
	switch {
	case broken:
		return Verdict{No, say("NI POPOLN: dnevnik ni nadaljevanje tistega, od katerega je shranjena kontrolna točka.", "NOT COMPLETE: the diary does not go on from the one whose checkpoint was kept.")}
	case given == 0:
		return Verdict{Unknown, say("Za primerjavo ni bila dana nobena shranjena kontrolna točka.", "No checkpoint that somebody kept was given to compare with.")}
	case unknown:
		return Verdict{Unknown, say("Vsaj ene shranjene kontrolne točke ni bilo mogoče primerjati.", "At least one checkpoint that was kept could not be compared.")}
	}
	return Verdict{Yes, say("POPOLN do shranjene kontrolne točke z velikostjo %d.", "COMPLETE up to the checkpoint of size %d that was kept.", upTo)}
}

// judgeAnchors says how much of the diary is under a checkpoint that had left the appliance.
func (v *verifier) judgeAnchors() {
	for _, e := range slices.Concat([]earlier{v.itself()}, v.past, v.held) {
		if e.state == Yes {
			v.report.Anchors = append(v.report.Anchors, v.anchorsOf(e)...)
		}
	}
	v.report.Anchored = anchored(v.report.Anchors, v.main.Size)
}

// itself is the bundle's checkpoint as one to compare with.
func (v *verifier) itself() earlier {
	if v.signed && v.fits {
		return earlier{Signed: v.main, state: Yes}
	}
	return earlier{Signed: v.main, state: Unknown}
}

// anchorsOf lists who says that a checkpoint was there.
func (v *verifier) anchorsOf(e earlier) (list []Anchor) {
	for _, c := range e.Cosignatures {
		list = append(list, newAnchor(c.Witness.Name(), "witness", e.Size, c.Time, v.trust.outside[c.Witness]))
	}
	for _, s := range e.stamps {
		list = append(list, newAnchor(s.party, "timestamp", e.Size, s.time, true))
	}
	if e.held {
		list = append(list, Anchor{Kind: "held", Size: e.Size, Known: true})
	}
	return list
}

func newAnchor(party, kind string, size int64, at time.Time, known bool) Anchor {
	return Anchor{party, kind, size, at.UTC().Format(time.RFC3339), known, at}
}

// anchored is the verdict on what is under no checkpoint that is known to have left the appliance.
func anchored(list []Anchor, size int64) Verdict {
	known, claimed := int64(-1), int64(-1)
	for _, a := range list {
		claimed = max(claimed, a.Size)
		if a.Known {
			known = max(known, a.Size)
		}
	}
	switch {
	case known >= size:
		by := firstAt(list, known)
		return Verdict{Yes, say("ZASIDRAN v celoti%[1]s: nihče ga ne more več neopazno spremeniti.", "ANCHORED as a whole%[1]s: nobody can change it unnoticed any more.", by)}
	case known >= 0:
		e, by := entries(known, size), firstAt(list, known)
		return Verdict{No, both(
			fmt.Sprintf("NI ZASIDRAN V CELOTI, le do velikosti %d%s: %s bi lahko spremenil, kdor upravlja napravo.", known, by, e.SL),
			fmt.Sprintf("NOT ANCHORED as a whole, only up to size %d%s: whoever rules the appliance could still change %s.", known, by, e.EN))}
	case claimed >= 0:
		return Verdict{Unknown, say("Sveženj navaja priče do velikosti %d, a njihovih ključev niste navedli.", "The bundle names witnesses up to size %d, but you did not give their keys.", claimed)}
	}
	return Verdict{Unknown, say("Nobena kontrolna točka ni dokazano zapustila naprave; kdor jo upravlja, bi lahko spremenil vse.",
		"No checkpoint is known to have left the appliance; whoever rules it could have changed everything.")}
}

// firstAt names, in parentheses, whose known word over a size came first, and when; "" where only a checkpoint
// that somebody kept tells of it.
func firstAt(list []Anchor, size int64) string {
	var first Anchor
	for _, a := range list {
		if a.Known && a.Size >= size && a.Party != "" && (first.Party == "" || a.at.Before(first.at)) {
			first = a
		}
	}
	if first.Party == "" {
		return ""
	}
	return fmt.Sprintf(" (%s, %s)", first.Party, first.at.UTC().Format("2006-01-02 15:04:05 UTC"))
}

package proof

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
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

// pastFile is the name of a file of an earlier checkpoint: the number they share, and what it is.
var pastFile = regexp.MustCompile(`^([0-9]{6})(\.txt|\.consistency|-(?:0|[1-9][0-9]*)\.tst)$`)

// readPast reads the earlier checkpoints in the bundle. One that no known key signed says nothing. Files of other
// names are left alone, and so are those of a number without a checkpoint.
func (v *verifier) readPast() error {
	files, err := fs.ReadDir(v.bundle, checkpointsDir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("couldn't list the earlier checkpoints: %w", err)
	}
	byNumber := map[string][]string{}
	for _, f := range files {
		if m := pastFile.FindStringSubmatch(f.Name()); m != nil {
			byNumber[m[1]] = append(byNumber[m[1]], f.Name())
		}
	}
	for _, number := range slices.Sorted(maps.Keys(byNumber)) {
		names := byNumber[number]
		if !slices.Contains(names, number+".txt") {
			continue
		}
		for _, name := range names {
			v.read[path.Join(checkpointsDir, name)] = true
		}
		if err := v.readEarlier(path.Join(checkpointsDir, number), names); err != nil {
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
		v.report.bad(CodeSignature, because(err, "Prejšnja kontrolna točka %s ni v pravi obliki ali ni podpisana s ključem tega dnevnika", "The earlier checkpoint %s", e.name))
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
		v.report.bad(CodeTimestamp, because(err, "Časovni žig %s ne drži", "The timestamp %s does not hold", name))
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
			v.report.note(CodeNotJoined, because(err, "Shranjena kontrolna točka ne pove ničesar, ker ni v pravi obliki ali njen podpis ne drži", "The checkpoint that was kept says nothing"))
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

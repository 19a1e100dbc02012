package proof

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// trust sorts out whose signatures count, and why.
type trust struct {
	origin    string
	keys      []Key           // all that signatures are tried with, each once
	elders    []Key           // of logs of other names: perhaps the diary had one of them before
	outside   map[Key]bool    // known from elsewhere than the bundle
	rotations []rotation      // verified, by index
	paper     map[string]bool // fingerprints on paper: whether a key has it
	read      map[string]bool // changes of the key that were looked at, by the names of their files
}

// rotation is a change of the signing key that was verified.
type rotation struct {
	Rotation
	index   int64
	usurped bool // its old key was not in force
}

// newTrust takes the keys that the person who verifies knows, and those in the bundle. A key of the bundle
// counts as known if its fingerprint is.
func newTrust(origin string, known []Key, fingerprints []string, inBundle []Key) *trust {
	t := &trust{origin: origin, outside: map[Key]bool{}, paper: map[string]bool{}, read: map[string]bool{}}
	for _, f := range fingerprints {
		t.paper[bare(f)] = false
	}
	for _, k := range known {
		t.add(k)
		t.outside[k] = true
	}
	for _, k := range inBundle {
		t.add(k)
	}
	return t
}

// bare is a fingerprint as people may write it, without what they put between its digits.
func bare(fingerprint string) string {
	return strings.ToLower(strings.NewReplacer(" ", "", "-", "", ":", "", "\n", "").Replace(fingerprint))
}

// add lets a key be tried. One of a log of another name does for checkpoints of that name alone.
func (t *trust) add(k Key) {
	if _, ok := t.paper[bare(k.Fingerprint())]; ok {
		t.paper[bare(k.Fingerprint())] = true
		t.outside[k] = true
	}
	switch {
	case !k.Witness() && k.Name() != t.origin:
		if !slices.Contains(t.elders, k) {
			t.elders = append(t.elders, k)
		}
	case !slices.Contains(t.keys, k):
		t.keys = append(t.keys, k)
	}
}

// strange are the fingerprints on paper that no key at hand has.
func (t *trust) strange() (list []string) {
	for f, found := range t.paper {
		if !found {
			list = append(list, f)
		}
	}
	slices.Sort(list)
	return list
}

// knowsOnly tells whether all that is known of the log is keys of such names.
func (t *trust) knowsOnly(names func(string) bool) bool {
	some := false
	for k := range t.outside {
		if k.Witness() {
			continue
		}
		if some = true; !names(k.Name()) {
			return false
		}
	}
	return some && len(t.strange()) == 0
}

// knowsLog tells whether a key of the log is known from outside. A fingerprint that no key has is one
// too: the key on paper is then another.
func (t *trust) knowsLog() bool { return t.knowsLogKey() || len(t.strange()) > 0 }

// knowsLogKey tells whether a key of a log is known from outside, and not its fingerprint alone.
func (t *trust) knowsLogKey() bool {
	for k := range t.outside {
		if !k.Witness() {
			return true
		}
	}
	return false
}

// confirmed tells whether a key is known, or follows from one that is by changes of the key.
func (t *trust) confirmed(k Key) bool {
	if t.outside[k] {
		return true
	}
	for _, r := range slices.Backward(t.rotations) {
		if r.New == k && !r.usurped {
			return t.confirmedBefore(r)
		}
	}
	return false
}

// confirmedBefore follows the changes before r back from its old key.
func (t *trust) confirmedBefore(r rotation) bool {
	if t.outside[r.Old] {
		return true
	}
	for _, earlier := range slices.Backward(t.rotations) {
		if earlier.index < r.index && earlier.New == r.Old && !earlier.usurped {
			return t.confirmedBefore(earlier)
		}
	}
	return false
}

// inForce is the key that must have signed a checkpoint of that size, if a change before it says so.
func (t *trust) inForce(size int64) (rotation, bool) {
	for _, r := range slices.Backward(t.rotations) {
		if r.index < size {
			return r, true
		}
	}
	return rotation{}, false
}

// readRotations verifies the changes of the key that the bundle carries, before the bundle's own
// checkpoint can be: that one is signed by the last of the keys.
func (t *trust) readRotations(bundle fs.FS, main Checkpoint) error {
	files, err := fs.ReadDir(bundle, rotationsDir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("couldn't list the changes of the key: %w", err)
	}
	for _, f := range files {
		name, ok := strings.CutSuffix(f.Name(), ".tlog-proof")
		if _, number := chunkOf(name + ".txt"); !ok || !number {
			continue // it is named as what nothing covers
		}
		t.read[name] = true
		r, err := readRotation(bundle, path.Join(rotationsDir, name), main)
		if err != nil {
			return fmt.Errorf("the change of the key in %s: %w", f.Name(), err)
		}
		t.rotations = append(t.rotations, r)
		t.add(r.Old)
		t.add(r.New)
	}
	slices.SortFunc(t.rotations, func(a, b rotation) int { return cmp.Compare(a.index, b.index) })
	return nil
}

// rotationEndings are the names of the files of a change of the key, behind what they share.
var rotationEndings = [3]string{".tlog-proof", ".json", ".consistency"}

// readRotation verifies one change: its entry is in the log, the checkpoint that ends with it is
// signed by both keys, and the log of the bundle goes on from there.
func readRotation(bundle fs.FS, base string, main Checkpoint) (rotation, error) {
	var files [3][]byte
	for i, ending := range rotationEndings {
		b, err := readFile(bundle, base+ending, MaxBody)
		if err != nil {
			return rotation{}, err
		}
		files[i] = b
	}
	in, err := ParseInclusion(files[0])
	if err != nil {
		return rotation{}, err
	}
	leaf, err := ParseLeaf(in.Leaf)
	if err != nil {
		return rotation{}, err
	}
	m, err := ParseRotation(files[1])
	if err != nil {
		return rotation{}, err
	}
	if base != rotationName(in.Index, "") {
		return rotation{}, fmt.Errorf("it is of entry %d: %w", in.Index, ErrProof)
	}
	if leaf.Op != OpRotate || leaf.Index != in.Index || leaf.Obj == nil || *leaf.Obj != HashBody(files[1]) {
		return rotation{}, fmt.Errorf("entry %d says nothing of this: %w", in.Index, ErrProof)
	}
	s, err := in.Verify(in.Leaf, m.Old, m.New)
	if err != nil {
		return rotation{}, err
	}
	if len(s.Signers) != 2 || s.Size != in.Index+1 {
		return rotation{}, fmt.Errorf("the checkpoint of entry %d is not signed by both keys: %w", in.Index, ErrSignature)
	}
	on, err := ParseConsistency(files[2])
	if err != nil {
		return rotation{}, err
	}
	return rotation{Rotation: m, index: in.Index}, on.joins(s.Checkpoint, main)
}

// readKeys reads a file of verifier keys, a line each.
func readKeys(text []byte) (list []Key, err error) {
	for line := range strings.Lines(string(text)) {
		k, err := ParseKey(strings.TrimSuffix(line, "\n"))
		if err != nil {
			return nil, err
		}
		list = append(list, k)
	}
	return list, nil
}

package proof

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"testing/fstest"
)

// newer is a bundle of a log in which a newer varuh wrote entry 2: with a name that this one does not know, and
// longer than leaves are here.
func newer(t *testing.T) (*testLog, fstest.MapFS) {
	l := newLog(t, 4)
	files := unpack(t, l.zip(l.options()))
	signed := newLog(t, 0)
	signed.keys, signed.signers = l.keys, l.signers
	old := l.entries[2].Leaf
	leaf := bytes.Replace(old, []byte(`"v":1`), []byte(`"v":2,"why":"`+strings.Repeat("y", MaxLeaf)+`"`), 1)
	for i, e := range l.entries {
		if i == 2 {
			e.Leaf = leaf
		}
		signed.put(e)
	}
	files[checkpointFile] = &fstest.MapFile{Data: signed.sign(4)}
	name := chunkName(leavesDir, 0)
	files[name] = &fstest.MapFile{Data: bytes.Replace(files[name].Data, old, leaf, 1)}
	return signed, files
}

// An entry of a newer version is no damage, so it is an error of its own; but it hides nothing that is wrong.
func TestNewerEntry(t *testing.T) {
	t.Parallel()
	l, files := newer(t)
	if r, err := VerifyBundle(t.Context(), files, VerifyOptions{Keys: l.keys}); !errors.Is(err, ErrVersion) || !strings.Contains(err.Error(), "entry 2") {
		t.Errorf("%v, %+v", err, r)
	}
	p := Inclusion{2, l.entries[2].Leaf, l.inclusion(2, 4), l.sign(4)}
	for _, keys := range [][]Key{l.keys, nil} {
		if r, err := VerifyInclusion(p.Text(), nil, VerifyOptions{Keys: keys}); !errors.Is(err, ErrVersion) {
			t.Errorf("the proof of one: %v, %+v", err, r)
		}
	}

	other := newLog(t, 4)
	wrong := map[string]func() (*Report, error){
		"another key": func() (*Report, error) { return VerifyBundle(t.Context(), files, VerifyOptions{Keys: other.keys}) },
		"another history": func() (*Report, error) {
			return VerifyBundle(t.Context(), files, VerifyOptions{Keys: l.keys, Held: [][]byte{l.resigned(other, 3)}})
		},
		"not what was signed": func() (*Report, error) {
			files[checkpointFile] = &fstest.MapFile{Data: l.resigned(other, 4)}
			return VerifyBundle(t.Context(), files, VerifyOptions{Keys: l.keys})
		},
		"not in the tree": func() (*Report, error) {
			p.Checkpoint = l.resigned(other, 4)
			return VerifyInclusion(p.Text(), nil, VerifyOptions{Keys: l.keys})
		},
	}
	for _, what := range []string{"another key", "another history", "not what was signed", "not in the tree"} {
		r, err := wrong[what]()
		must(t, err)
		if !r.Bad() {
			t.Errorf("%s: %+v", what, r)
		}
		has(t, r, CodeEntry, true)
	}
}

// resigned is the checkpoint of another log's entries, signed by the keys of this.
func (l *testLog) resigned(other *testLog, size int64) []byte {
	l.t.Helper()
	c, err := ReadCheckpoint(other.sign(size))
	must(l.t, err)
	msg, err := SignCheckpoint(c, l.signers[0])
	must(l.t, err)
	return msg
}

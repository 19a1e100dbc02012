package notice

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/recorder/keyring"
)

// noon is when the tests play.
var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func ljubljana(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Ljubljana")
	must(t, err)
	return zone
}

// rig is a register over a real diary.
type rig struct {
	*Register
	dir string
	d   *diary.Diary
	key keyring.PrivateKey
	now time.Time
}

func newRig(t testing.TB) *rig {
	t.Helper()
	r := &rig{dir: t.TempDir(), now: noon}
	var err error
	r.key, err = keyring.GenerateKey()
	must(t, err)
	must(t, os.Mkdir(filepath.Join(r.dir, "keys"), 0o700))
	r.d, err = diary.Create(t.Context(), r.options(), "sola.example", diary.Entry{Body: proof.Body{Note: "first start"}})
	must(t, err)
	t.Cleanup(func() {
		if err := r.d.Close(); !errors.Is(err, diary.ErrClosed) {
			must(t, err)
		}
	})
	r.Register = r.register(t)
	return r
}

func (r *rig) register(t testing.TB) *Register {
	return &Register{Diary: r.d, Zone: ljubljana(t), Now: func() time.Time { return r.now },
		Known: func(camera string) bool { return slices.Contains([]string{"hall", "yard", "gate"}, camera) }}
}

func (r *rig) options() diary.Options {
	return diary.Options{Path: filepath.Join(r.dir, "varuh.db"), Keys: filepath.Join(r.dir, "keys"),
		Public: []keyring.PublicKey{r.key.Public()}, State: Tables, Schema: []string{Schema}, Now: func() time.Time { return r.now }}
}

// body is what an entry says.
func (r *rig) body(t *testing.T, i int64) proof.Body {
	t.Helper()
	text, _, err := r.d.Opener(keyring.Identity{r.key}).Open(t.Context(), i)
	must(t, err)
	b, err := proof.ParseBody(text)
	must(t, err)
	return b
}

// add enters a notice that must be taken.
func (r *rig) add(t *testing.T, a Asked) Added {
	t.Helper()
	added, err := r.Add(t.Context(), a)
	must(t, err)
	return added
}

// at is the id of the notice in force, or "".
func (r *rig) at(t *testing.T, camera string, at time.Time) string {
	t.Helper()
	n, ok, err := r.At(t.Context(), camera, at)
	must(t, err)
	if ok != (n.ID != "") {
		t.Errorf("a notice %q, there: %v", n.ID, ok)
	}
	return n.ID
}

// ids are those of purposes.
func ids(list []Purpose) (out []string) {
	for _, p := range list {
		out = append(out, p.ID)
	}
	return out
}

func head() proof.Actor { return proof.Actor{Name: "Head Teacher", Proof: "claimed on the console"} }

// school is a complete notice.
func school() Content {
	c := Usual()
	c.Controller = Party{Name: "Osnovna šola Primer", Address: "Šolska ulica 1, 1000 Ljubljana", Phone: "01 234 56 78",
		Email: "tajnistvo@sola.example", Web: "https://sola.example/videonadzor"}
	c.Officer = Officer{Name: "Pooblaščena oseba", Phone: "041 000 000", Email: "vop@sola.example"}
	c.Area = Text{"glavni vhod", "main entrance"}
	return c
}

// hall is a complete notice for the hall, from a moment on.
func hall(from time.Time) Asked {
	return Asked{Content: school(), Cameras: []string{"hall"}, From: from, Stated: "Head Teacher, who put it up", By: head()}
}

// with is the same with other purposes.
func (a Asked) with(ids ...string) Asked {
	a.Purposes = nil
	for _, id := range ids {
		a.Purposes = append(a.Purposes, Purpose{id, "namen " + id, "purpose " + id, "ZVOP-2, 77. člen"})
	}
	return a
}

// longest is a notice that says as much as one may, in letters of a text that is repeated.
func longest(letters string) Notice {
	fill := func(n int) string {
		list := []rune(letters)
		out := make([]rune, n)
		for i := range out {
			out[i] = list[i%len(list)]
		}
		return string(out)
	}
	line, text := fill(maxLine), Text{fill(maxText), fill(maxText)}
	n := Notice{ID: "1a2b3c4d", From: noon, Content: Content{
		Controller: Party{line, line, line, line, "https://" + fill(maxLine-len("https://"))},
		Officer:    Officer{Name: line, Phone: line, Email: line},
		Area:       Text{line, line}, Kept: Text{line, line}, Recipients: text, Effects: text, Countries: text, Other: text, AudioReason: text,
		Live: true, Speaks: true, Audio: true,
	}}
	for i := range maxPurposes {
		n.Purposes = append(n.Purposes, Purpose{fmt.Sprint(i), line, line, line})
	}
	return n
}

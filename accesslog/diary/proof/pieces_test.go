package proof

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"
)

// pieceOf is a manifest of a collect, with a root for each of stated and a reference for each of cited.
func pieceOf(t *testing.T, camera string, seq int64, before []byte, from time.Time, stated, cited string) []byte {
	t.Helper()
	segment := func(id rune, in any) map[string]any {
		s := map[string]any{"id": strings.Repeat(fmt.Sprintf("%02x", id), 16), "stream": "main", "start": from.Format(PieceTime), "end": from.Format(PieceTime)}
		if in == nil {
			s["root"], s["records"] = base64.StdEncoding.EncodeToString(make([]byte, 32)), int64(7)
		} else {
			s["in"] = in
		}
		return s
	}
	segments, late := []any{map[string]any{"id": "00", "open": true}}, []any{}
	for i, id := range stated {
		if i%2 == 0 {
			segments = append(segments, segment(id, nil))
		} else {
			late = append(late, segment(id, nil))
		}
	}
	for _, id := range cited {
		segments = append(segments, segment(id, seq-1))
	}
	m := map[string]any{"camera": camera, "seq": seq, "from": from.Format(PieceTime), "to": from.Add(time.Hour).Format(PieceTime), "gaps": []any{},
		"segments": segments, "v": int64(1)}
	if len(late) > 0 {
		m["late"] = late
	}
	if before != nil {
		h := HashBody(before)
		m["prev"] = base64.StdEncoding.EncodeToString(h[:])
	}
	b, err := Encode(m)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// The pieces of a camera are a chain. What breaks it is told; what was not handed out breaks nothing.
func TestPieces(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	at := func(h int) time.Time { return noon.Add(time.Duration(h) * time.Hour) }
	first := pieceOf(t, "hall", 0, nil, at(0), "ab", "")
	second := pieceOf(t, "hall", 1, first, at(1), "cd", "a")
	third := pieceOf(t, "hall", 2, second, at(2), "e", "d")
	yard := pieceOf(t, "yard", 0, nil, at(0), "ab", "")
	set := pieceOf(t, "hall", 2, second, at(-1), "", "")
	for name, tt := range map[string]struct {
		list [][]byte // nil: one that is not there
		want string
	}{
		"whole":              {[][]byte{first, yard, second, third}, ""},
		"not from the start": {[][]byte{second, third}, ""},
		"one withheld":       {[][]byte{first, nil, third}, ""},
		"clock set back":     {[][]byte{first, second, set}, ""},
		"one missing":        {[][]byte{first, third}, "after piece 0 of hall comes 2"},
		"twice":              {[][]byte{first, second, second}, "after piece 1 of hall comes 1"},
		"twice, withheld":    {[][]byte{first, second, nil, second}, "after piece 1 of hall comes 1"},
		"another before":     {[][]byte{first, pieceOf(t, "hall", 1, third, at(1), "", "")}, "hash of the one before"},
		"none before":        {[][]byte{first, pieceOf(t, "hall", 1, nil, at(1), "", "")}, "follows none"},
		"one before none":    {[][]byte{pieceOf(t, "hall", 0, first, at(1), "", "")}, "follows none"},
		"a hole":             {[][]byte{first, pieceOf(t, "hall", 1, first, at(2), "", "")}, "begins at"},
		"a little back":      {[][]byte{first, pieceOf(t, "hall", 1, first, at(1).Add(-time.Minute), "", "")}, "begins at"},
		"a root twice":       {[][]byte{first, pieceOf(t, "hall", 1, first, at(1), "a", "")}, "as piece 0 did"},
		"a late root twice":  {[][]byte{first, pieceOf(t, "hall", 1, first, at(1), "cb", "")}, "as piece 0 did"},
		"a root elsewhere":   {[][]byte{first, second, pieceOf(t, "hall", 2, second, at(2), "", "a")}, "where it is not"},
		"no object":          {[][]byte{[]byte(`[]`)}, "manifest of a collect"},
		"not canonical":      {[][]byte{[]byte(`{ }`)}, "canonical"},
		"no root":            {[][]byte{[]byte(strings.Replace(string(first), `"root"`, `"rood"`, 1))}, "root"},
	} {
		var p Pieces
		var err error
		for i, b := range tt.list {
			if err != nil {
				t.Fatalf("%s: manifest %d: %v", name, i-1, err)
			}
			if b == nil {
				p.Missing()
				continue
			}
			err = p.Add(b)
		}
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Of more segments than are remembered the first are held together, and the rest is told.
func TestManyRoots(t *testing.T) {
	t.Parallel()
	r, known := newRoots(), map[rootOf]int64{}
	r.max = 300_000
	of := func(i int) rootOf {
		id := HashBody(fmt.Append(nil, i))
		return rootOf{"hall", [16]byte(id[:])}
	}
	for i := range r.max {
		seq := int64(i / 3)
		if in, ok := r.piece(of(i), seq); ok {
			t.Fatalf("segment %d would be in piece %d", i, in)
		}
		r.state(of(i), seq)
		known[of(i)] = seq
	}
	if r.more {
		t.Error("all there are were remembered")
	}
	for i := range r.max {
		seq := known[of(i)]
		if in, ok := r.piece(of(i), seq+pieceMask); !ok || in != seq {
			t.Fatalf("segment %d of piece %d: %d, %v", i, seq, in, ok)
		}
		if _, ok := r.piece(rootOf{"yard", of(i).id}, seq); ok {
			t.Fatalf("segment %d of another camera", i)
		}
	}
	if r.state(of(r.max), 7); !r.more || r.n != r.max {
		t.Errorf("one more: %v, %d", r.more, r.n)
	}

	var p Pieces
	noon := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	first := pieceOf(t, "hall", 0, nil, noon, "abc", "")
	must(t, p.Add(first))
	p.roots.max = 3
	second := pieceOf(t, "hall", 1, first, noon.Add(time.Hour), "d", "")
	must(t, p.Add(second))
	if !p.Forgot() {
		t.Error("a fourth was remembered")
	}
	if err := p.Add(pieceOf(t, "hall", 2, second, noon.Add(2*time.Hour), "a", "")); err == nil {
		t.Error("the first was forgotten")
	}
	for i := len(p.cameras); i < maxCameras; i++ {
		must(t, p.Add(pieceOf(t, fmt.Sprint("c", i), 0, nil, noon, "", "")))
	}
	if err := p.Add(pieceOf(t, "one more", 0, nil, noon, "", "")); err == nil {
		t.Error("there is no end of cameras")
	}
}

// A bundle says where what was recorded is told with a hole or twice, and keeps quiet about what is withheld.
func TestPiecesInBundle(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	first := pieceOf(t, "hall", 0, nil, noon, "ab", "")
	second := pieceOf(t, "hall", 1, first, noon.Add(time.Hour), "cd", "a")
	third := pieceOf(t, "hall", 2, second, noon.Add(2*time.Hour), "e", "")
	for name, tt := range map[string]struct {
		list [][]byte
		bad  int64 // the entry that is, -1 for none
	}{
		"whole":    {[][]byte{first, second, third}, -1},
		"a hole":   {[][]byte{first, third}, 2},
		"withheld": {[][]byte{first, nil, third}, -1},
		"no piece": {[][]byte{first, []byte(`{"camera":"hall"}`)}, 2},
	} {
		l := newLog(t, 1)
		for _, m := range tt.list {
			if m == nil {
				l.add("collect", second)
				l.entries[l.size()-1].Manifest = nil
				continue
			}
			l.add("collect", m)
		}
		r := verify(t, l.bundle(l.options()), VerifyOptions{Keys: l.keys})
		var found []int64
		for _, f := range r.Findings {
			if f.Code == CodeCollect && f.Bad {
				found = append(found, *f.Index)
			}
		}
		if r.Bad() != (tt.bad >= 0) || len(found) > 1 || len(found) == 1 && found[0] != tt.bad || (len(found) == 1) != (tt.bad >= 0) {
			t.Errorf("%s: %+v", name, r.Findings)
		}
		if r.Intact.State != Yes { // what an entry says can be wrong, and yet be what was signed
			t.Errorf("%s: %+v", name, r.Intact)
		}
	}
}

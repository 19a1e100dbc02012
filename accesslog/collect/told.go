package collect

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"iter"
	"sort"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/recorder/keyring"
)

// Told is a piece as the diary has it.
type Told struct {
	Entry int64
	Manifest
}

// Reader is where the pieces are read. A *diary.Diary is one.
type Reader interface {
	Entries(ctx context.Context, from, to int64) iter.Seq2[diary.Stored, error]
	KeptOf(ctx context.Context, ops ...string) ([]diary.Stored, error)
	Manifest(ctx context.Context, i int64) ([]byte, error)
	Head() diary.Head
}

// Pieces are those that were entered since a time by the appliance's clock, in the order of the diary; the zero time is for
// all. Those of footage that is held longer than the diary's term come first. Pieces whose lists take a key are left out: those of before lists were kept readable.
func Pieces(ctx context.Context, d Reader, since time.Time) iter.Seq2[Told, error] {
	return func(yield func(Told, error) bool) {
		h := d.Head()
		first, err := entered(ctx, d, h, since)
		if err != nil {
			yield(Told{}, err)
			return
		}
		for e, err := range entries(ctx, d, since, first, h.Size) {
			if err == nil && (e.Op != Op || e.Obj == nil) {
				continue
			}
			t := Told{Entry: e.Index}
			if err == nil {
				t.Manifest, err = listOf(ctx, d, e.Index)
			}
			if errors.Is(err, diary.ErrNoKey) {
				continue
			}
			if !yield(t, err) || err != nil {
				return
			}
		}
	}
}

// entries are those from an index on, behind the pieces entered since a time that are older than all of them and that a hold keeps.
func entries(ctx context.Context, d Reader, since time.Time, first, size int64) iter.Seq2[diary.Stored, error] {
	return func(yield func(diary.Stored, error) bool) {
		kept, err := d.KeptOf(ctx, Op)
		if err != nil {
			yield(diary.Stored{}, err)
			return
		}
		for _, e := range kept {
			if !e.Time.Before(since) && !yield(e, nil) {
				return
			}
		}
		d.Entries(ctx, first, size)(yield)
	}
}

// listOf reads the list of a piece.
func listOf(ctx context.Context, d Reader, i int64) (m Manifest, err error) {
	list, err := d.Manifest(ctx, i)
	if err != nil {
		return m, err
	}
	return readManifest(list)
}

// entered is the first entry since a time, as far as the clock never went back.
func entered(ctx context.Context, d Reader, h diary.Head, since time.Time) (first int64, err error) {
	n := sort.Search(int(h.Size-h.Cut), func(n int) bool {
		for e, one := range d.Entries(ctx, h.Cut+int64(n), h.Cut+int64(n)+1) {
			err = errors.Join(err, one)
			return !e.Time.Before(since)
		}
		return true
	})
	return h.Cut + int64(n), err
}

// readManifest reads what Encode writes. That its bytes are those that were entered the diary has seen.
func readManifest(list []byte) (m Manifest, err error) {
	v, err := proof.Parse(list)
	if err != nil {
		return m, err
	}
	r := reading{}
	o := r.object(v)
	if r.number(o, "v") != version {
		return m, fmt.Errorf("%w: the list of a piece", proof.ErrVersion)
	}
	m = Manifest{Camera: r.text(o, "camera"), Seq: r.number(o, "seq"), From: r.time(o, "from"), To: r.time(o, "to")}
	if p, ok := o["prev"]; ok {
		m.Prev = r.hash(p)
	}
	m.Segments, m.Late = r.segments(o["segments"]), r.segments(o["late"])
	for _, v := range r.list(o["gaps"]) {
		g := r.object(v)
		m.Gaps = append(m.Gaps, Gap{Stream: r.text(g, "stream"), From: r.time(g, "from"), To: r.time(g, "to"), Cause: r.text(g, "cause")})
	}
	if r.wrong {
		err = fmt.Errorf("%w: the list of a piece is not as varuh writes it", diary.ErrDamaged)
	}
	return m, err
}

// reading is what goes through a list; wrong stays.
type reading struct{ wrong bool }

// as is a value of a type.
func as[T any](r *reading, v any) T {
	x, ok := v.(T)
	r.wrong = r.wrong || !ok
	return x
}

func (r *reading) object(v any) map[string]any { return as[map[string]any](r, v) }

func (r *reading) text(o map[string]any, name string) string { return as[string](r, o[name]) }

func (r *reading) number(o map[string]any, name string) int64 { return as[int64](r, o[name]) }

// list is one that may be missing.
func (r *reading) list(v any) []any {
	if v == nil {
		return nil
	}
	return as[[]any](r, v)
}

func (r *reading) time(o map[string]any, name string) time.Time {
	t, err := time.Parse(timeForm, r.text(o, name))
	r.wrong = r.wrong || err != nil
	return t
}

// hash is one in base64; of what is none the zero hash.
func (r *reading) hash(v any) *proof.Hash {
	b, err := base64.StdEncoding.DecodeString(as[string](r, v))
	if err != nil || len(b) != len(proof.Hash{}) {
		r.wrong = true
		return &proof.Hash{}
	}
	h := proof.Hash(b)
	return &h
}

func (r *reading) segments(v any) (out []Segment) {
	for _, v := range r.list(v) {
		o := r.object(v)
		s := Segment{Stream: r.text(o, "stream"), Start: r.time(o, "start")}
		id, err := keyring.ParseID(r.text(o, "id"))
		r.wrong = r.wrong || err != nil
		s.ID = id
		if _, s.Recovered = o["recovered"]; o["open"] != nil {
			s.Open = true
			out = append(out, s)
			continue
		}
		s.End = r.time(o, "end")
		if s.Known = o["in"] != nil; s.Known {
			s.In = r.number(o, "in")
			out = append(out, s)
			continue
		}
		s.Records = uint32(r.number(o, "records"))
		s.Root = *r.hash(o["root"])
		out = append(out, s)
	}
	return out
}

package accesslog

import (
	"errors"
	"slices"
	"testing"
	"time"

	"varuh/accesslog/notice"
	"varuh/recorder/segment"
)

// loud is a notice that allows sound.
func loud(live bool, purposes ...notice.Purpose) *notice.Notice {
	n := sign(live, purposes...)
	n.Audio, n.AudioReason = true, notice.Text{Sl: "besedilo", En: "text"}
	return n
}

func isSound(p Piece) bool { return p.Kind == segment.Audio }

// Sound is shown only of a time whose notice allowed it, whoever asks and for what purpose. It is left out and named, and
// the picture beside it is shown as ever.
func TestSound(t *testing.T) {
	t.Parallel()
	start := noon.Add(-time.Hour)
	change := start.Add(30 * time.Second)
	for name, tt := range map[string]struct {
		person, purpose string
		live            bool
		before, after   *notice.Notice
		from, to        time.Duration // of the sound that may be heard
	}{
		"allowed, then not":    {"ana", property.ID, false, loud(false, property), sign(false, property), 0, 30 * time.Second},
		"not, then allowed":    {"ana", property.ID, false, sign(false, property), loud(false, property), 30 * time.Second, time.Minute},
		"allowed":              {"ana", property.ID, false, loud(false, property), loud(false, property), 0, time.Minute},
		"never":                {"ana", property.ID, false, sign(false, property), sign(false, property), 0, 0},
		"never, not complete":  {"boris", notice.Authority, false, &notice.Notice{Content: notice.Content{Audio: true}}, sign(false), 0, 0},
		"for an authority":     {"boris", notice.Authority, false, loud(false, safety), sign(false, safety), 0, 30 * time.Second},
		"live, allowed to end": {"ana", property.ID, true, loud(true, property), sign(true, property), 0, 30 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.record(tape{camera: "hall", stream: "main", start: start, length: time.Minute, gop: 240, sound: true})
			if tt.live {
				r.law.change(func() { r.law.now = start.Add(time.Minute) })
			}
			r.notices(change, tt.before, tt.after)
			a := asks(start, time.Minute)
			a.Session, a.Purpose, a.Live = session(tt.person, "s1"), tt.purpose, tt.live
			v := r.open(a)
			tl, err := v.Pieces(t.Context(), "hall", "main", start.Add(time.Second), start.Add(time.Minute))
			must(t, err)
			var heard set
			pictures := 0
			must(t, v.Deliver(t.Context(), tl.Pieces, func(p Piece, _ []byte) (bool, error) {
				if !isSound(p) {
					pictures++
				} else {
					heard = heard.add(p.span(), joint)
				}
				return true, nil
			}))
			if pictures != 60 || len(tl.Withheld) > 0 { // the one before the first second, too: it has the key frame
				t.Errorf("%d pictures, withheld %+v", pictures, tl.Withheld)
			}
			want := span{start.Add(tt.from), start.Add(tt.to)}
			if len(heard) > 1 || len(heard) == 0 != want.empty() || len(heard) == 1 && heard[0] != want {
				t.Errorf("heard %v, want %v", heard, want)
			}
			var silent set
			for _, x := range tl.Silent {
				if silent = silent.add(span{x.From, x.To}, joint); x.Why != ErrSound {
					t.Error(x.Why)
				}
			}
			for at := start.Add(time.Second); at.Before(start.Add(time.Minute)); at = at.Add(time.Second) {
				x := span{at, at.Add(time.Second)}
				if named, allowed := silent.missing(x).empty(), want.overlaps(x); named == allowed {
					t.Fatalf("at %v sound is allowed: %v, left out: %+v", at.Sub(start), allowed, tl.Silent)
				}
			}
			// Whoever knows the names of the pieces gets none of them.
			all := r.captured(start)
			none := slices.DeleteFunc(all, func(p Piece) bool { return !isSound(p) || want.overlaps(p.span()) })
			for _, p := range none {
				err := v.Deliver(t.Context(), []Piece{p}, func(Piece, []byte) (bool, error) { t.Error("sound"); return true, nil })
				if !errors.Is(err, ErrSound) {
					t.Fatalf("sound of %v: %v", p.Start.Sub(start), err)
				}
			}
			if len(none) > 0 && (r.last(opRefused).Result != "sound" || r.last(opRefused).Actor.ID != tt.person) {
				t.Errorf("the refusal says %+v", r.last(opRefused).Body)
			}
		})
	}
}

// A notice that comes to forbid sound while somebody listens ends the sound.
func TestSoundEnds(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	start := noon.Add(-time.Hour)
	r.record(tape{camera: "hall", stream: "main", start: start, length: time.Minute, sound: true})
	r.notices(start, loud(false, property), loud(false, property))
	v := r.open(asks(start, time.Minute))
	list := r.pieces(v, "hall", "main", start, time.Minute)
	n, heard := 0, 0
	err := v.Deliver(t.Context(), list, func(p Piece, _ []byte) (bool, error) {
		if n++; n == 40 {
			r.law.change(func() { r.notices(start, loud(false, property), sign(false, property)) })
			r.enters("notice.add")
		} else if isSound(p) && n > 40 {
			heard++
		}
		return true, nil
	})
	if n < 40 || n > 41 || heard > 0 || !errors.Is(err, ErrSound) {
		t.Errorf("%d pieces left, %d of them sound of after the change: %v", n, heard, err)
	}
	if more := r.entries(opMore); len(more) > 0 {
		t.Errorf("%d further leases", len(more))
	}
}

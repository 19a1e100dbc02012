package accesslog

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// out is what left, as the reader sees it.
type out struct {
	mu   sync.Mutex
	left map[strip][]span
}

func (o *out) take(p Piece, x span) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.left == nil {
		o.left = map[strip][]span{}
	}
	o.left[strip{p.Camera, p.Stream}] = append(o.left[strip{p.Camera, p.Stream}], x)
}

// ranges are what left, joined in another way than the door does it: every moment of a 50th of a second by itself.
func (o *out) ranges(start time.Time) (list []string) {
	const grain = 20 * time.Millisecond
	for s, spans := range o.left {
		seen := map[int]bool{}
		for _, x := range spans {
			for at := x.from; at.Before(x.to); at = at.Add(grain) {
				seen[int(at.Sub(start)/grain)] = true
			}
		}
		for n := range seen {
			if !seen[n-1] {
				end := n
				for seen[end] {
					end++
				}
				list = append(list, fmt.Sprintf("%s/%s %v to %v", s.camera, s.stream, time.Duration(n)*grain, time.Duration(end)*grain))
			}
		}
	}
	slices.Sort(list)
	return list
}

// viewer is somebody who plays, jumps, waits, opens a second tab and leaves in every way there is.
type viewer struct {
	*rig
	*rand.Rand
	start time.Time
	v     *Viewing
	out   *out
}

func (u *viewer) play() error {
	camera, stream := []string{"hall", "yard"}[u.IntN(2)], []string{"main", "sub"}[u.IntN(2)]
	from := u.start.Add(time.Duration(u.IntN(14*60)) * time.Second)
	tl, err := u.v.Pieces(context.Background(), camera, stream, from, from.Add(time.Duration(1+u.IntN(40))*time.Second))
	if err != nil || len(tl.Pieces) == 0 {
		return err
	}
	if u.IntN(4) == 0 && tl.Pieces[0].KeyFrame {
		return u.v.KeyFrame(context.Background(), tl.Pieces[0], func(k Still) (bool, error) {
			u.out.take(k.Piece, k.span())
			return true, nil
		})
	}
	return u.deliver(tl.Pieces)
}

// deliver lets pieces leave until something happens.
func (u *viewer) deliver(pieces []Piece) (err error) {
	stop, how := u.IntN(2*len(pieces)), u.IntN(4)
	n := 0
	defer func() {
		if recover() != nil {
			err = errGone
		}
	}()
	return u.v.Deliver(context.Background(), pieces, func(p Piece, _ []byte) (bool, error) {
		defer func() { n++ }()
		switch {
		case n != stop:
			u.out.take(p, p.span())
			return true, nil
		case how == 0: // the connection was cut before the first byte, and whoever wrote knows it
			return false, nil
		case how == 1: // in the middle
			u.out.take(p, p.span())
			return false, errGone
		case how == 2:
			u.out.take(p, p.span())
			panic("a bug")
		}
		u.out.take(p, p.span())
		return true, errGone
	})
}

// Whatever a viewer does, the entry of the end states what left, no more and no less; and where there was a crash, the
// leases cover it.
func TestPatterns(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	start := noon.Add(-time.Hour)
	for _, camera := range []string{"hall", "yard"} {
		for i, stream := range []string{"main", "sub"} {
			r.record(tape{camera: camera, stream: stream, start: start, length: 6 * time.Minute, gop: 8 + 32*i, segment: 2 * time.Minute})
			r.record(tape{camera: camera, stream: stream, start: start.Add(7 * time.Minute), length: 7 * time.Minute, gop: 8 + 32*i, segment: 2 * time.Minute})
		}
	}
	endings := map[string]int{}
	for seed := range uint64(100) {
		u := &viewer{rig: r, Rand: rand.New(rand.NewPCG(seed, 0)), start: start, out: &out{}}
		a := asks(start.Add(time.Duration(u.IntN(300))*time.Second), time.Duration(1+u.IntN(1200))*time.Second)
		a.Session.ID = fmt.Sprint("s", seed)
		u.v = r.open(a)
		tabs := 1 + u.IntN(2)
		var wait sync.WaitGroup
		for tab := range tabs {
			own := *u
			own.Rand = rand.New(rand.NewPCG(seed, uint64(tab+1)))
			wait.Go(func() {
				for range own.IntN(12) {
					if err := own.play(); err != nil && !errors.Is(err, errGone) {
						t.Errorf("viewer %d: %v", seed, err)
					}
				}
			})
		}
		wait.Wait()
		endings[u.leave(t)]++
	}
	for _, how := range []string{"ended", "stopped", "crashed", "idle"} {
		if endings[how] < 10 {
			t.Errorf("%d viewings %s", endings[how], how)
		}
	}
}

// leave ends the viewing in one of the ways there are, and holds the diary against what left.
func (u *viewer) leave(t *testing.T) string {
	how := []string{"ended", "stopped", "crashed", "idle"}[u.IntN(4)]
	switch how {
	case "ended":
		must(t, u.v.End(t.Context(), NothingFound))
	case "stopped":
		must(t, u.door.Close(t.Context()))
		u.reopen()
	case "idle":
		u.law.change(func() { u.law.now = u.law.now.Add(time.Hour) })
		must(t, u.door.Sweep(t.Context()))
	case "crashed":
		u.reopen()
		if n, err := u.door.Recover(t.Context()); err != nil || n != 1 {
			t.Fatalf("%d viewings closed: %v", n, err)
		}
	}
	end := u.last("view.end")
	if *end.Ref != u.v.Entry() {
		t.Fatalf("the last end is that of entry %d, not of %d", *end.Ref, u.v.Entry())
	}
	u.leased(t)
	if how == "crashed" {
		if end.Result != string(Interrupted) || len(end.Objects) > 0 || end.Data["leases"].(int64) < 1 {
			t.Errorf("after a crash the end says %+v", end.Body)
		}
		return how
	}
	stated := &out{}
	text, _ := end.Data["streams"].(string)
	streams := strings.Fields(text)
	for i, o := range end.Objects {
		stated.take(Piece{Camera: o.Camera, Stream: streams[i]}, span{o.From, o.To})
	}
	if got, want := stated.ranges(u.start), u.out.ranges(u.start); !slices.Equal(got, want) {
		t.Errorf("a viewing that %s states %v, and what left is %v", how, got, want)
	}
	return how
}

// leased sees that every moment that left is in a lease of its camera, none of which is too long.
func (u *viewer) leased(t *testing.T) {
	var leases []entry
	for _, e := range u.entries("view.start", "view.more") {
		if e.Index == u.v.Entry() || e.Ref != nil && *e.Ref == u.v.Entry() {
			leases = append(leases, e)
			if length := e.Objects[0].To.Sub(e.Objects[0].From); length > Lease {
				t.Errorf("a lease of %v", length)
			}
		}
	}
	u.covered(u.out, leases)
}

// So many ranges that the body cannot have them: it has them joined, and the manifest has each.
func TestManyRanges(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	start := noon.Add(-time.Hour)
	r.record(tape{camera: "hall", stream: "main", start: start, length: 25 * time.Minute})
	v := r.open(asks(start, 25*time.Minute))
	list := r.pieces(v, "hall", "main", start, 25*time.Minute)
	n := 0
	must(t, v.Deliver(t.Context(), list, func(Piece, []byte) (bool, error) { n++; return n%2 == 0, nil }))
	must(t, v.End(t.Context(), NothingFound))
	e := r.last("view.end")
	if len(e.Objects) > mostInBody+1 || e.Data["ranges"] != int64(750) || e.manifest == nil {
		t.Fatalf("%d objects, %v", len(e.Objects), e.Data)
	}
	stated := spansOf(e.Objects)
	for i, p := range list {
		if lacks := stated.missing(p.span()); i%2 == 1 && !lacks.empty() {
			t.Fatalf("the body does not state %v", lacks)
		}
	}
	if n := bytes.Count(e.manifest, []byte(`"camera":"hall"`)); n != 750 {
		t.Errorf("the manifest has %d ranges", n)
	}
	v.v.ended, v.v.ledger.ranges = false, mostRanges
	if err := v.v.charge(&flight{}); !errors.Is(err, ErrFull) {
		t.Errorf("beyond what can be stated: %v", err)
	}
}

// After a start the viewings that a crash left open are closed, once, and no others.
func TestRecover(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	start := noon.Add(-time.Hour)
	r.record(tape{camera: "hall", stream: "main", start: start, length: 12 * time.Minute})
	whole, cut := r.open(asks(start, time.Minute)), r.open(asks(start, time.Minute))
	must(t, cut.Deliver(t.Context(), r.pieces(cut, "hall", "main", start, 12*time.Minute), all))
	aim, err := r.door.OpenAim(t.Context(), AskAim{By: session("boris", "s2"), For: session("mojca", "s3"), Address: inHouse, Camera: "hall", Stream: "main"})
	must(t, err)
	must(t, whole.End(t.Context(), Reported))
	r.reopen()
	r.keys.k.Lock() // it takes no key
	for want := range []int{2, 0} {
		n, err := r.door.Recover(t.Context())
		if must(t, err); n != []int{2, 0}[want] {
			t.Errorf("%d viewings closed", n)
		}
	}
	ends := r.entries("view.end")
	if len(ends) != 3 || *ends[1].Ref != cut.Entry() || *ends[2].Ref != aim.w.Entry() {
		t.Fatalf("%+v", ends)
	}
	more := r.entries("view.more")
	if d := ends[1].Data; d["leases"] != int64(4) || d["last_lease"] != more[2].Index || ends[1].Result != "interrupted" {
		t.Errorf("the end says %+v", ends[1].Body)
	}
	if _, err := r.door.Viewing(cut.ID(), session("ana", "s1"), inHouse); !errors.Is(err, ErrNoViewing) {
		t.Errorf("after the start the viewing is still there: %v", err)
	}
}

// Two persons and two tabs at once share neither viewings nor leases, and one's end ends nobody else's.
func TestTwoSessions(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	start := noon.Add(-time.Hour)
	r.record(tape{camera: "hall", stream: "main", start: start, length: time.Minute})
	v := r.open(asks(start, time.Minute))
	a := asks(start, time.Minute)
	a.Session = session("boris", "s2")
	w := r.open(a)
	tab, err := r.door.Viewing(v.ID(), session("ana", "s1"), inHouse)
	must(t, err)
	list := r.pieces(v, "hall", "main", start, time.Minute)
	var wait sync.WaitGroup
	for i, one := range []*Viewing{v, w, tab} {
		wait.Go(func() { must(t, one.Deliver(context.Background(), list[20*i:20*i+20], all)) })
	}
	wait.Wait()
	must(t, v.End(t.Context(), NothingFound))
	if err := tab.Deliver(t.Context(), list, all); !errors.Is(err, ErrEnded) {
		t.Errorf("the other tab of what has ended: %v", err)
	}
	must(t, w.Deliver(t.Context(), list[:1], all))
	must(t, w.End(t.Context(), NothingFound))
	ends := r.entries("view.end")
	if got := spansOf(ends[0].Objects); len(got) != 2 || !got[0].to.Equal(start.Add(20*time.Second)) || !got[1].from.Equal(start.Add(40*time.Second)) {
		t.Errorf("Ana saw %+v", ends[0].Objects)
	}
	if got := spansOf(ends[1].Objects); len(got) != 2 || ends[1].Actor.ID != "boris" {
		t.Errorf("Boris saw %+v", ends[1].Objects)
	}
	for range mostOfOne {
		r.open(asks(start, time.Minute))
	}
	if _, err := r.door.Open(t.Context(), asks(start, time.Minute)); !errors.Is(err, ErrTooMany) {
		t.Errorf("one session opened %d viewings and then: %v", mostOfOne, err)
	}
}

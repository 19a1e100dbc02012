package accesslog

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/disclosure"
	"varuh/accesslog/evidence"
)

// childDir names the folder of a box that this process, started by TestKill, is to show footage of until it is killed.
const childDir = "VARUH_DOOR_CHILD"

// TestMain makes the binary of the tests the program that is killed.
func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		showUntilKilled(dir)
		return
	}
	os.Exit(m.Run())
}

// dying is what stands for a test in the program that is killed.
type dying struct{ testing.TB }

func (dying) Helper()                  {}
func (dying) Cleanup(func())           {}
func (dying) Context() context.Context { return context.Background() }
func (dying) Fatal(args ...any) {
	fmt.Fprintln(os.Stderr, args...)
	os.Exit(1)
}

// dawn is when the footage of the program that is killed begins.
var dawn = noon.Add(-time.Hour)

// showUntilKilled lets four persons watch and one take footage out, and writes out what they get, byte for byte.
func showUntilKilled(dir string) {
	r := bare(dying{}, dir)
	if _, err := os.Stat(filepath.Join(dir, "keys")); err != nil {
		r = newStore(dying{}, dir)
		for _, camera := range []string{"hall", "yard"} {
			r.record(tape{camera: camera, stream: "main", start: dawn, length: 14 * time.Minute})
		}
		r.begin(dir)
	} else {
		d, err := diary.Open(context.Background(), r.load().options(dir))
		must(r.t, err)
		r.take(d)
	}
	_, err := r.door.Recover(context.Background())
	must(r.t, err)
	r.request(disclosure.Authority, hall(dawn, 15*time.Minute), evidence.Range{Camera: "yard", From: dawn, To: dawn.Add(15 * time.Minute)})
	var say sync.Mutex
	for n := range 5 {
		do := r.watch
		if n == 0 {
			do = r.takeOut
		}
		go func() {
			for {
				must(r.t, do(rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), uint64(n))), &say))
			}
		}()
	}
	select {}
}

// write writes out what somebody got.
func write(say *sync.Mutex, head string, plain []byte) error {
	say.Lock()
	defer say.Unlock()
	_, err := os.Stdout.Write(append([]byte(head+"\n"), plain...))
	return err
}

// takeOut is one export.
func (r *rig) takeOut(u *rand.Rand, say *sync.Mutex) error {
	x := hall(dawn.Add(time.Duration(u.IntN(600))*time.Second), time.Duration(1+u.IntN(60))*time.Second)
	x.Camera = []string{"hall", "yard"}[u.IntN(2)]
	e, err := r.door.Export(context.Background(), takes(x))
	if err != nil {
		return err
	}
	var wrong error
	_, err = read(context.Background(), e, func(_ evidence.Part, _ int, x evidence.Record) {
		wrong = errors.Join(wrong, write(say, fmt.Sprintf("footage %d %d", e.Entry(), len(x.Data)), x.Data))
	})
	if err = errors.Join(err, wrong, e.Close(context.Background())); err != nil {
		return err
	}
	return write(say, fmt.Sprintf("ended %d", e.Entry()), nil)
}

// watch is one viewing.
func (r *rig) watch(u *rand.Rand, say *sync.Mutex) error {
	a := asks(dawn.Add(time.Duration(u.IntN(600))*time.Second), 5*time.Minute)
	a.Session.ID = fmt.Sprint("s", u.Uint64())
	v, err := r.door.Open(context.Background(), a)
	if err != nil {
		return err
	}
	for range 1 + u.IntN(5) {
		from := dawn.Add(time.Duration(u.IntN(800)) * time.Second)
		tl, err := v.Pieces(context.Background(), []string{"hall", "yard"}[u.IntN(2)], "main", from, from.Add(time.Duration(1+u.IntN(30))*time.Second))
		if err != nil {
			return err
		}
		err = v.Deliver(context.Background(), tl.Pieces, func(_ Piece, plain []byte) (bool, error) {
			return true, write(say, fmt.Sprintf("footage %d %d", v.Entry(), len(plain)), plain)
		})
		if err != nil {
			return err
		}
	}
	if err := v.End(context.Background(), NothingFound); err != nil {
		return err
	}
	return write(say, fmt.Sprintf("ended %d", v.Entry()), nil)
}

// kill -9, again and again, while persons watch and take footage out: each viewing and export has one end, those that ended by themselves state
// what left, and of the others the leases cover it. What left is what came out of the process: every picture of the
// tests says which it is, so nothing that the program says of itself is believed.
func TestKill(t *testing.T) {
	t.Parallel()
	rounds := 3
	if os.Getenv("VARUH_LONG") != "" {
		rounds = 200
	}
	dir := t.TempDir()
	left, ended := map[int64]*out{}, map[int64]bool{}
	for range rounds {
		killed(t, dir, 300, func(head string, in io.Reader) {
			var entry, size int64
			if n, _ := fmt.Sscanf(head, "ended %d", &entry); n == 1 {
				ended[entry] = true
				return
			}
			if _, err := fmt.Sscanf(head, "footage %d %d", &entry, &size); err != nil {
				t.Fatalf("%q: %v", head, err)
			}
			if left[entry] == nil {
				left[entry] = &out{}
			}
			plain, err := io.ReadAll(io.LimitReader(in, size)) // as much as came
			must(t, err)
			seen := left[entry].see(t, plain)
			if int64(len(plain)) == size && seen != 4 {
				t.Fatalf("a fragment of a second has %d pictures", seen)
			}
		})
	}
	r := bare(t, dir).load()
	d, err := diary.Open(t.Context(), r.options(dir))
	must(t, err)
	r.take(d)
	_, err = r.door.Recover(t.Context())
	must(t, err)
	r.judged(left, ended)
}

// killed runs the program that shows footage until it has said so much, and kills it.
func killed(t *testing.T, dir string, times int, tell func(head string, in io.Reader)) {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childDir+"="+dir)
	child.Stderr = os.Stderr
	pipe, err := child.StdoutPipe()
	must(t, err)
	must(t, child.Start())
	said := bufio.NewReader(pipe)
	for n := 0; ; n++ {
		head, err := said.ReadString('\n')
		if errors.Is(err, io.EOF) { // no byte of what it was to be about came
			break
		}
		must(t, err)
		if tell(strings.TrimSuffix(head, "\n"), said); n == times {
			must(t, child.Process.Kill())
		}
	}
	if err := child.Wait(); err == nil || child.ProcessState.ExitCode() != -1 {
		t.Fatalf("it ended before it was killed: %v", err)
	}
}

// label is what each picture of the tests says, see unit.
var label = regexp.MustCompile(`(hall|yard)/(main|sub) (\S+Z) unit ([0-9]+) `)

// see takes the pictures that somebody got, and tells how many.
func (o *out) see(t *testing.T, plain []byte) int {
	t.Helper()
	list := label.FindAllSubmatch(plain, -1)
	for _, m := range list {
		start, err := time.Parse(time.RFC3339, string(m[3]))
		must(t, err)
		n, err := strconv.Atoi(string(m[4]))
		must(t, err)
		at := start.Add(time.Duration(n) * 250 * time.Millisecond)
		o.take(Piece{Camera: string(m[1]), Stream: string(m[2])}, span{at, at.Add(250 * time.Millisecond)})
	}
	return len(list)
}

// judged holds the diary against what left.
func (r *rig) judged(left map[int64]*out, ended map[int64]bool) {
	t := r.t
	ends := map[int64]entry{}
	for _, e := range r.entries(opEnd, opTaken) {
		if _, twice := ends[*e.Ref]; twice {
			t.Errorf("viewing %d has two ends", *e.Ref)
		}
		ends[*e.Ref] = e
	}
	starts := r.entries(opStart, opExport)
	leases := map[int64][]entry{}
	for _, e := range append(starts, r.entries(opMore)...) {
		began := e.Index
		if e.Op == opMore {
			began = *e.Ref
		}
		leases[began] = append(leases[began], e)
	}
	interrupted := 0
	for _, s := range starts {
		e, ok := ends[s.Index]
		switch o := left[s.Index]; {
		case !ok:
			t.Errorf("viewing %d has no end", s.Index)
		case o == nil: // nothing left
		case e.Result == string(Interrupted):
			interrupted++
			if ended[s.Index] || e.Data["leases"] != int64(len(leases[s.Index])) {
				t.Errorf("viewing %d, with %d leases: %+v", s.Index, len(leases[s.Index]), e.Body)
			}
		default:
			stated := &out{}
			for _, x := range e.Objects {
				stated.take(Piece{Camera: x.Camera, Stream: "main"}, span{x.From, x.To})
			}
			if got, want := stated.ranges(dawn), o.ranges(dawn); !slices.Equal(got, want) {
				t.Errorf("viewing %d states %v, and what left is %v", s.Index, got, want)
			}
		}
		r.covered(left[s.Index], leases[s.Index])
	}
	t.Logf("%d viewings, %d of them interrupted while footage left", len(starts), interrupted)
	if interrupted == 0 || len(ended) == 0 {
		t.Errorf("%d viewings were interrupted, %d ended", interrupted, len(ended))
	}
}

// covered sees that leases cover what left.
func (r *rig) covered(o *out, leases []entry) {
	if o == nil {
		return
	}
	have := map[string]set{}
	for _, e := range leases {
		for _, x := range e.Objects {
			have[x.Camera] = have[x.Camera].add(span{x.From, x.To}, 0)
		}
	}
	for s, spans := range o.left {
		for _, x := range spans {
			if lacks := have[s.camera].missing(x); !lacks.empty() {
				r.t.Errorf("%s: %v left without a lease", s.camera, lacks)
			}
		}
	}
}

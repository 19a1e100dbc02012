package anchor

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"varuh/accesslog/diary/proof"
)

// Whatever the witness has cosigned, and whatever the diary remembers of that, a longer diary is
// cosigned, with one exchange more where the diary remembers wrongly.
func TestCosignEverySize(t *testing.T) {
	t.Parallel()
	const n = 9
	d := newDiary(t).grow(t, n)
	for has := range int64(n + 1) {
		for size := max(has, 1); size <= n; size++ {
			for last := range size + 1 {
				k := newKeeper(t, "witness.example/w1", d.key)
				if has > 0 {
					k.cosign = d.at(t, has)
				}
				got, err := serveInMemory(t, k).Cosign(t.Context(), d, d.at(t, size), last)
				if err != nil {
					t.Fatalf("witness at %d, remembered %d, checkpoint of %d: %v", has, last, size, err)
				}
				if got.Size != size || !got.Time.Equal(noon) || got.Witness != "witness.example/w1" {
					t.Fatalf("got %+v", got)
				}
				if want := 1; last != has && k.asked != want+1 || last == has && k.asked != want {
					t.Fatalf("witness at %d, remembered %d: asked %d times", has, last, k.asked)
				}
				signed, err := proof.OpenCheckpoint([]byte(string(d.at(t, size).Note)+got.Line), d.key, k.Key)
				if err != nil || len(signed.Cosignatures) != 1 {
					t.Fatalf("the line is no cosignature: %v", err)
				}
			}
		}
	}
}

// A diary that went back, or that was rewritten, is told by a witness, and how.
func TestWitnessKnowsAnotherDiary(t *testing.T) {
	t.Parallel()
	d := newDiary(t).grow(t, 100)
	k := newKeeper(t, "witness.example/w1", d.key)
	w := serve(t, k.Key, k)
	_, err := w.Cosign(t.Context(), d, d.now(t), 0)
	must(t, err)

	old := newDiary(t)
	old.signer, old.key = d.signer, d.key
	old.grow(t, 60)
	_, err = w.Cosign(t.Context(), old, old.now(t), 40)
	if ahead, ok := errors.AsType[*AheadError](err); !ok || *ahead != (AheadError{"witness.example/w1", 100, 60}) {
		t.Errorf("a restored disk: %v", err)
	}
	// Remembered by the diary itself, it needs no asking.
	asked := k.asked
	_, err = w.Cosign(t.Context(), old, old.now(t), 100)
	if _, ok := errors.AsType[*AheadError](err); !ok || k.asked != asked {
		t.Errorf("a restored disk, remembered: %v", err)
	}

	for name, size := range map[string]int64{"of the same size": 100, "grown on": 130} {
		for _, entry := range []int64{0, 57, 99} {
			bad := d.rewritten(t, entry).grow(t, size)
			_, err = w.Cosign(t.Context(), bad, bad.now(t), 100)
			if conflict, ok := errors.AsType[*ConflictError](err); !ok || *conflict != (ConflictError{"witness.example/w1", 100, size}) {
				t.Errorf("a diary %s with entry %d rewritten: %v", name, entry, err)
			}
		}
	}

	// The witness is none the wiser, and the true diary goes on.
	_, err = w.Cosign(t.Context(), d.grow(t, 101), d.now(t), 0)
	must(t, err)
}

// scripted answers with what a test says, one after the other, and the last one again.
type scripted []func(w http.ResponseWriter, r *http.Request)

func (s *scripted) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	now := (*s)[0]
	if len(*s) > 1 {
		*s = (*s)[1:]
	}
	now(w, r)
}

func says(status int, contentType, body string) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

func TestWitnessThatLies(t *testing.T) {
	t.Parallel()
	d := newDiary(t).grow(t, 9)
	c := d.now(t)
	k, impostor := newKeeper(t, "witness.example/w1", d.key), newKeeper(t, "witness.example/w1", d.key)
	good := cosignature(k.Cosigner, c.Checkpoint)
	otherRoot := proof.Checkpoint{Origin: origin, Size: 9, Root: tlog.Hash{1}}
	otherOrigin := proof.Checkpoint{Origin: "else.example/varuh/0/dnevnik", Size: 9, Root: c.Root}
	asLog := bytes.TrimPrefix(ownNote(c), []byte(c.Text()+"\n"))
	size := func(s string) func(http.ResponseWriter, *http.Request) {
		return says(http.StatusConflict, "text/x.tlog.size", s)
	}
	ok := func(body string) func(http.ResponseWriter, *http.Request) {
		return says(http.StatusOK, "text/plain", body)
	}
	const (
		unreadable = "more in its answer than signatures"
		wrong      = "cosignature is wrong"
		unsigned   = "did not sign with the key"
		notWhich   = "not of which"
	)
	for name, tt := range map[string]struct {
		answers scripted
		what    string // the lie
	}{
		"nothing":                           {scripted{ok("")}, unsigned},
		"a page":                            {scripted{ok("<html>welcome to our network</html>\n")}, unreadable},
		"a line without its end":            {scripted{ok(strings.TrimSuffix(good, "\n"))}, unreadable},
		"another root":                      {scripted{ok(cosignature(k.Cosigner, otherRoot))}, wrong},
		"another size":                      {scripted{ok(cosignature(k.Cosigner, d.at(t, 8).Checkpoint))}, wrong},
		"another diary":                     {scripted{ok(cosignature(k.Cosigner, otherOrigin))}, wrong},
		"another key of the same name":      {scripted{ok(cosignature(impostor.Cosigner, c.Checkpoint))}, unsigned},
		"the diary's own signature":         {scripted{ok(string(asLog))}, unsigned},
		"a second text after the signature": {scripted{ok(good + "\nelse.example\n1\nAAAA\n\n" + good)}, unreadable},
		"a text before the signature":       {scripted{ok("else.example\n1\nAAAA\n\n" + good)}, unreadable},
		"more than can be read":             {scripted{ok(good + strings.Repeat("— x AAAAAAAA\n", maxAnswer/8))}, "more than 65536 bytes"},
		"the size that was asked from":      {scripted{size("3\n")}, "asks for one from there"},
		"two sizes":                         {scripted{size("5\n"), size("6\n")}, "first it had cosigned 5 entries, then 6"},
		"one size twice":                    {scripted{size("5\n"), size("5\n")}, "first it had"},
		"a size with a zero in front":       {scripted{size("05\n")}, notWhich},
		"a negative size":                   {scripted{size("-5\n")}, notWhich},
		"a size without its newline":        {scripted{size("5")}, notWhich},
		"a size and more":                   {scripted{size("5\n5\n")}, notWhich},
		"a size beyond numbers":             {scripted{size("99999999999999999999\n")}, notWhich},
		"a size of another type":            {scripted{says(http.StatusConflict, "text/plain", "5\n")}, notWhich},
		"a size of no type":                 {scripted{says(http.StatusConflict, "", "5\n")}, notWhich},
		"no proof from size 0":              {scripted{size("0\n"), says(http.StatusUnprocessableEntity, "", "")}, "where none is needed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := serve(t, k.Key, &tt.answers).Cosign(t.Context(), d, c, 3)
			if lie, ok := errors.AsType[*LieError](err); !ok || !strings.Contains(lie.What, tt.what) {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
}

// No bit of a cosignature can be flipped.
func TestCosignatureEveryBit(t *testing.T) {
	t.Parallel()
	d := newDiary(t).grow(t, 9)
	k := newKeeper(t, "w", d.key)
	w := serveInMemory(t, k)
	good := []byte(cosignature(k.Cosigner, d.now(t).Checkpoint))
	if _, err := w.accept(d.now(t), good); err != nil {
		t.Fatal(err)
	}
	for i := range len(good) * 8 {
		bad := bytes.Clone(good)
		bad[i/8] ^= 1 << (i % 8)
		if got, err := w.accept(d.now(t), bad); err == nil {
			t.Errorf("bit %d flipped gives %+v", i, got)
		}
	}
}

// A checkpoint that others have cosigned goes to a witness as the diary signed it, and comes back with
// the witness's line alone.
func TestCosignAgain(t *testing.T) {
	t.Parallel()
	d := newDiary(t).grow(t, 9)
	k, other := newKeeper(t, "witness.example/w1", d.key), newKeeper(t, "witness.example/w2", d.key)
	c := d.now(t)
	for _, by := range []*keeper{k, other} {
		note := append(c.Note, cosignature(by.Cosigner, c.Checkpoint)...)
		var err error
		c, err = proof.OpenCheckpoint(note, d.key, k.Key, other.Key)
		must(t, err)
	}
	p, err := NewPolicy([]*Witness{serveInMemory(t, k)}, 1, nil)
	must(t, err)
	for range 2 {
		r := p.Anchor(t.Context(), d, c, none)
		if !r.Kept {
			t.Fatal(r.Err())
		}
		if want := string(d.now(t).Note) + r.Cosignatures[0].Line; string(r.Checkpoint) != want || !bytes.Equal(k.cosign.Note, d.now(t).Note) {
			t.Errorf("sent %q, got %q", k.cosign.Note, r.Checkpoint)
		}
	}
}

// A witness that declines is neither a liar nor down, and its keeper or ours can do something.
func TestWitnessThatRefuses(t *testing.T) {
	t.Parallel()
	d := newDiary(t).grow(t, 9)
	k := newKeeper(t, "witness.example/w1", d.key)
	elsewhere := 0
	for _, status := range []int{302, 307, 308, 400, 401, 403, 404, 405, 429, 500, 503, 204} {
		w := serve(t, k.Key, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/prefix/add-checkpoint" {
				elsewhere++
			}
			w.Header().Set("Location", "/prefix/elsewhere/add-checkpoint")
			w.WriteHeader(status)
		}))
		_, err := w.Cosign(t.Context(), d, d.now(t), 3)
		if got, ok := errors.AsType[*RefusedError](err); !ok || got.Status != status || got.Advice == "" {
			t.Errorf("status %d: %v", status, err)
		}
	}
	if elsewhere > 0 {
		t.Error("a redirect was followed")
	}
}

// transport is a network in memory.
type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// A witness that never answers is given up.
func TestWitnessThatIsSilent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDiary(t).grow(t, 9)
		k := newKeeper(t, "witness.example/w1", d.key)
		w, err := NewWitness("https://witness.example/", k.Key.String())
		must(t, err)
		w.HTTP = &http.Client{Transport: transport(func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, context.Cause(r.Context())
		})}
		began := time.Now()
		_, err = w.Cosign(t.Context(), d, d.now(t), 3)
		if took := time.Since(began); !errors.Is(err, context.DeadlineExceeded) || took != maxTime {
			t.Errorf("after %v: %v", took, err)
		}
	})
}

// drip is a body that comes byte by byte, and never ends.
type drip struct{ ctx context.Context }

func (d drip) Read(p []byte) (int, error) {
	select {
	case <-d.ctx.Done():
		return 0, context.Cause(d.ctx)
	case <-time.After(time.Second):
		p[0] = 'x'
		return 1, nil
	}
}

func (drip) Close() error { return nil }

// One that answers slowly is given up, too, however much of its answer is there: its time does not begin anew
// with each byte.
func TestWitnessThatDrips(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDiary(t).grow(t, 9)
		k := newKeeper(t, "witness.example/w1", d.key)
		w, err := NewWitness("https://witness.example/", k.Key.String())
		must(t, err)
		for _, status := range []int{http.StatusOK, http.StatusConflict, http.StatusFound, http.StatusServiceUnavailable} {
			w.HTTP = &http.Client{Transport: transport(func(r *http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: status, Header: http.Header{}, Body: drip{r.Context()}, Request: r}, nil
			})}
			began := time.Now()
			_, err = w.Cosign(t.Context(), d, d.now(t), 3)
			if took := time.Since(began); !errors.Is(err, context.DeadlineExceeded) || took != maxTime {
				t.Errorf("status %d, after %v: %v", status, took, err)
			}
		}
	})
}

func TestWitnessThatIsDown(t *testing.T) {
	t.Parallel()
	d := newDiary(t).grow(t, 9)
	k := newKeeper(t, "witness.example/w1", d.key)
	w := serve(t, k.Key, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	_, err := w.Cosign(t.Context(), d, d.now(t), 3)
	if err == nil || !strings.Contains(err.Error(), "witness.example/w1") || strings.Contains(err.Error(), "/prefix") {
		t.Errorf("got %v", err)
	}
	for _, kind := range []any{new(*AheadError), new(*ConflictError), new(*LieError), new(*RefusedError)} {
		if errors.As(err, kind) {
			t.Errorf("a connection that broke is taken for %T", kind)
		}
	}
}

func TestNewWitness(t *testing.T) {
	t.Parallel()
	d := newDiary(t)
	key := newKeeper(t, "witness.example/w1", d.key).Key.String()
	for _, address := range []string{"https://witness.example", "https://witness.example/", "http://127.0.0.1:8080/a/b"} {
		w, err := NewWitness(address, key)
		must(t, err)
		if got, want := w.url.String(), strings.TrimSuffix(address, "/")+"/add-checkpoint"; got != want {
			t.Errorf("%s leads to %s", address, got)
		}
	}
	for name, try := range map[string][2]string{
		"no scheme":     {"witness.example", key},
		"another":       {"ftp://witness.example/", key},
		"a query":       {"https://witness.example/?a=b", key},
		"a password":    {"https://me:dragons@witness.example/", key},
		"not parseable": {"https://me:dragons@witness.example:port/", key},
		"a log's key":   {"https://witness.example/", d.key.String()},
		"half a key":    {"https://witness.example/", key[:len(key)-2]},
	} {
		if _, err := NewWitness(try[0], try[1]); err == nil || strings.Contains(err.Error(), "dragons") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// serveInMemory is [serve] without a network.
func serveInMemory(t testing.TB, k *keeper) *Witness {
	t.Helper()
	w, err := NewWitness("https://witness.example/prefix", k.Key.String())
	must(t, err)
	w.HTTP = &http.Client{Transport: transport(func(r *http.Request) (*http.Response, error) {
		rec := httptest.NewRecorder()
		k.ServeHTTP(rec, r)
		return rec.Result(), nil
	})}
	return w
}

// Answers come from the network. Whatever they are, nothing is accepted but the witness's word.
func FuzzAnswer(f *testing.F) {
	d := newDiary(f).grow(f, 9)
	c := d.now(f)
	k := newKeeper(f, "witness.example/w1", d.key)
	good := cosignature(k.Cosigner, c.Checkpoint)
	f.Add(200, "text/plain", []byte(good))
	f.Add(409, "text/x.tlog.size", []byte("5\n"))
	f.Add(422, "", []byte(nil))
	w := serveInMemory(f, k)
	f.Fuzz(func(t *testing.T, status int, contentType string, body []byte) {
		a := answer{status, contentType, body}
		if n, ok := w.size(a); ok && (status != 409 || n < 0) {
			t.Errorf("size %d from %v", n, a)
		}
		got, err := w.judge(c, 3, a)
		if err == nil && (status != 200 || got.Line != good || !got.Time.Equal(noon)) {
			t.Errorf("accepted %+v of %v", got, a)
		}
	})
}

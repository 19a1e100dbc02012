package proof

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

const million = 1_000_000

// What is promised of verifying a million entries on two cores that do nothing else.
const (
	promisedMiB  = 300
	promisedTime = 10 * time.Second
)

// entryOf is entry i of a large diary, about as long as real ones are.
func entryOf(t testing.TB, i int64) Entry {
	at := testStart.Add(time.Duration(i) * time.Second)
	b := Body{Actor: &Actor{ID: "7", Name: "Živa Črnko", Role: "caretaker", Session: "4f2a9c31", Address: "10.0.0.7", Proof: "password"},
		Purpose: "poškodba vrat", Objects: []Object{{"gate", at.Add(-time.Hour), at}}, Software: "v1.0.0", Clock: "synchronised"}
	binary.BigEndian.PutUint64(b.Salt[:], uint64(i)*0x9e3779b97f4a7c15)
	b.Salt = HashBody(b.Salt[:]) // as random as real ones, for the compression
	body, err := EncodeBody(b)
	must(t, err)
	leaf, err := EncodeLeaf(Leaf{Index: i, Op: "view.start", Time: at, Body: HashBody(body)})
	must(t, err)
	return Entry{Leaf: leaf, Body: body}
}

// collectOf makes the entries of a diary of pieces alone: 16 cameras, of each two streams of six segments an hour. They are
// to be asked for in order.
func collectOf(t testing.TB) func(i int64) Entry {
	before := make([]Hash, 16)
	return func(i int64) Entry {
		camera, seq := i%16, i/16
		from := testStart.Add(time.Duration(seq) * time.Hour)
		var b bytes.Buffer
		fmt.Fprintf(&b, `{"camera":"camera-%d","from":"%s","gaps":[],`, camera, from.Format(PieceTime))
		if seq > 0 {
			fmt.Fprintf(&b, `"prev":"%v",`, before[camera])
		}
		b.WriteString(`"segments":[`)
		for n := range 12 {
			at := from.Add(time.Duration(n%6) * 10 * time.Minute)
			if n > 0 {
				b.WriteByte(',')
			}
			root := HashBody(binary.BigEndian.AppendUint64(nil, uint64(i*12+int64(n))))
			fmt.Fprintf(&b, `{"end":"%s","id":"%x","records":602,"root":"%v","start":"%s","stream":"%s"}`, at.Add(10*time.Minute).Format(PieceTime), root[:16], root, at.Format(PieceTime), []string{"main", "sub"}[n/6])
		}
		fmt.Fprintf(&b, `],"seq":%d,"to":"%s","v":1}`, seq, from.Add(time.Hour).Format(PieceTime))
		hash := HashBody(b.Bytes())
		before[camera] = hash
		leaf, err := EncodeLeaf(Leaf{Index: i, Op: OpCollect, Time: from, Body: hash, Obj: &hash})
		must(t, err)
		return Entry{Leaf: leaf, Manifest: b.Bytes()}
	}
}

// writeLarge streams a bundle of n entries into a file.
func writeLarge(t testing.TB, n int64) (name string, key Key) {
	t.Helper()
	entry := func() func(int64) Entry { return func(i int64) Entry { return entryOf(t, i) } }
	return writeBundle(t, n, entry)
}

func writeBundle(t testing.TB, n int64, entries func() func(int64) Entry) (name string, key Key) {
	t.Helper()
	l := newLog(t, 0)
	var tree Frontier
	entry := entries()
	for i := range n {
		tree.Add(HashLeaf(entry(i).Leaf))
	}
	msg, err := SignCheckpoint(Checkpoint{l.origin, n, tree.Root()}, l.signers[0])
	must(t, err)
	name = filepath.Join(t.TempDir(), "dnevnik.zip")
	f, err := os.Create(name)
	must(t, err)
	z := NewZip(f)
	w, err := NewBundleWriter(z, BundleOptions{About: About{l.origin, n, 0, n, testStart}, Checkpoint: msg, Keys: l.keys})
	must(t, err)
	entry = entries()
	for i := range n {
		must(t, w.Add(entry(i)))
	}
	must(t, w.Close())
	must(t, z.Close())
	must(t, f.Close())
	return name, l.key()
}

// verifyLarge verifies the bundle in a file.
func verifyLarge(t testing.TB, name string, key Key) {
	t.Helper()
	z, err := zip.OpenReader(name)
	must(t, err)
	defer z.Close()
	r, err := VerifyBundle(t.Context(), z, VerifyOptions{Keys: []Key{key}})
	must(t, err)
	if r.Intact.State != Yes || r.Bad() || r.Bodies != r.Size && r.Bodies > 0 {
		t.Fatalf("%+v", r)
	}
}

// peak runs f and returns the most memory that the process had meanwhile, in MiB, or 0 where the
// system does not tell.
func peak(t testing.TB, f func()) float64 {
	t.Helper()
	if os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) != nil { // 5: begin the peak anew
		f()
		return 0
	}
	f()
	b, err := os.ReadFile("/proc/self/status")
	must(t, err)
	_, line, _ := bytes.Cut(b, []byte("VmHWM:"))
	kB, err := strconv.Atoi(strings.Fields(string(line))[0])
	must(t, err)
	return float64(kB) / 1024
}

// BenchmarkVerifyMillion verifies 1,000,000 entries with their bodies, from a zip file.
func BenchmarkVerifyMillion(b *testing.B) {
	name, key := writeLarge(b, million)
	info, err := os.Stat(name)
	must(b, err)
	most := 0.0
	for b.Loop() {
		most = max(most, peak(b, func() { verifyLarge(b, name, key) }))
	}
	b.ReportMetric(most, "peak-MiB")
	b.ReportMetric(float64(info.Size())/(1<<20), "file-MiB")
	if most > promisedMiB {
		b.Errorf("verifying took %.0f MiB, promised are %d", most, promisedMiB)
	}
}

// BenchmarkVerifyPieces verifies 100,000 pieces of what was recorded, or VARUH_ENTRIES of them, which are the largest
// entries that come often.
func BenchmarkVerifyPieces(b *testing.B) {
	n := int64(100_000)
	if text := os.Getenv("VARUH_ENTRIES"); text != "" {
		_, err := fmt.Sscan(text, &n)
		must(b, err)
	}
	name, key := writeBundle(b, n, func() func(int64) Entry { return collectOf(b) })
	most := 0.0
	for b.Loop() {
		most = max(most, peak(b, func() { verifyLarge(b, name, key) }))
	}
	b.ReportMetric(most, "peak-MiB")
	if most > promisedMiB {
		b.Errorf("verifying took %.0f MiB, promised are %d", most, promisedMiB)
	}
}

// BenchmarkExport writes them.
func BenchmarkExport(b *testing.B) {
	for b.Loop() {
		most := peak(b, func() { writeLarge(b, million/10) })
		b.ReportMetric(most, "peak-MiB")
	}
}

func BenchmarkParse(b *testing.B) {
	e := entryOf(b, 1)
	b.Run("leaf", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, err := ParseLeaf(e.Leaf)
			must(b, err)
		}
	})
	b.Run("body", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, err := ParseBody(e.Body)
			must(b, err)
		}
	})
}

// What is promised, on a machine that does nothing else: two cores, 10 s, 300 MiB.
func TestMillion(t *testing.T) {
	if os.Getenv("VARUH_LONG") != "1" {
		t.Skip("takes a minute; set VARUH_LONG=1")
	}
	name, key := writeLarge(t, million)
	begin := time.Now()
	most := peak(t, func() { verifyLarge(t, name, key) })
	took := time.Since(begin)
	if what := fmt.Sprintf("1,000,000 entries took %v and %.0f MiB", took.Round(time.Millisecond), most); took > promisedTime || most > promisedMiB {
		t.Error(what)
	} else {
		t.Log(what)
	}
}

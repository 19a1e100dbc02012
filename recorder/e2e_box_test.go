package recorder_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"varuh/recorder"
	"varuh/recorder/cmaf"
	"varuh/recorder/durable"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
	"varuh/recorder/segment"
)

// box is the folders of an appliance. Only public keys are in them: the private ones are in the memory of
// the test, as if they lay in the sealed envelope.
type box struct {
	state   string
	store   footage.Store // without its ring
	private [2]keyring.PrivateKey
}

func newBox(t *testing.T) *box {
	t.Helper()
	dir := t.TempDir()
	b := &box{state: filepath.Join(dir, "state"), store: footage.Store{ID: keyring.NewID(time.Now()), Dir: filepath.Join(dir, "store")}}
	for i := range b.private {
		var err error
		b.private[i], err = keyring.GenerateKey()
		check(t, err)
	}
	public := keyring.NewPublic(b.private[0].Public(), b.private[1].Public(), time.Now())
	for _, keys := range []string{b.stateKeys(), b.storeKeys()} {
		check(t, os.MkdirAll(keys, 0o700))
		check(t, keyring.WritePublic(durable.OS, filepath.Join(keys, publicName), public))
	}
	return b
}

const publicName = "public.json"

func (b *box) stateKeys() string { return filepath.Join(b.state, "keys") }
func (b *box) storeKeys() string { return filepath.Join(b.store.Dir, "keys") }
func (b *box) index() string     { return filepath.Join(b.state, "footage.db") }

// open opens the parts of a recorder with what is on the disk, as a start of the program does. Whoever calls
// it closes the index.
func (b *box) open(ctx context.Context) (recorder.Options, error) {
	public, err := keyring.ReadPublic(durable.OS, filepath.Join(b.stateKeys(), publicName))
	if err != nil {
		return recorder.Options{}, err
	}
	boot, err := recorder.ThisBoot()
	if err != nil {
		return recorder.Options{}, err
	}
	store := b.store
	if store.Ring, err = keyring.Open(durable.OS, b.stateKeys(), b.storeKeys(), store.ID, public.Current()); err != nil {
		return recorder.Options{}, err
	}
	o := recorder.Options{FS: durable.OS, Stores: []footage.Store{store}, Boot: boot, Reserve: 1 << 20}
	o.Index, _, err = footage.OpenOrRebuild(ctx, o.FS, b.index(), o.Stores)
	return o, err
}

// stored is one segment as it is read back, decrypted in memory.
type stored struct {
	footage.Segment
	key       keyring.Key
	init      []byte
	records   []segment.Record // those after the init segment, with their fragments
	fragments [][]byte
	pictures  [][]byte // units, in decoding order
	sounds    [][]byte
}

// read decrypts everything of a stream and gives it with the stream's gaps.
func (b *box) read(t *testing.T, o recorder.Options, camera, stream string) ([]stored, []footage.Gap) {
	t.Helper()
	rows, gaps, err := o.Index.Span(camera, stream, time.Unix(0, 0), time.Now().AddDate(1, 0, 0))
	check(t, err)
	var list []stored
	for _, row := range rows {
		list = append(list, b.decrypt(t, o, row))
	}
	return list, gaps
}

func (b *box) decrypt(t *testing.T, o recorder.Options, row footage.Segment) stored {
	t.Helper()
	slot, err := o.Stores[0].Ring.Slot(keyring.Ref{ID: row.ID, Slot: row.Slot})
	check(t, err)
	s := stored{Segment: row}
	s.key, err = keyring.Identity{b.private[1]}.Open(b.store.ID, slot) // the envelope's key opens as well as the other
	check(t, err)
	in, err := segment.Open(o.FS, b.store.Path(row.Camera, row.ID))
	check(t, err)
	defer in.Close()
	check(t, in.Unlock(s.key))
	_, s.init, err = in.Read(0, nil)
	check(t, err)
	for n := 1; n < int(row.Records); n++ {
		record, fragment, err := in.Read(n, nil)
		check(t, err)
		s.records, s.fragments = append(s.records, record), append(s.fragments, fragment)
		for u, err := range cmaf.Samples(s.init, fragment) {
			check(t, err)
			if record.Kind == segment.Video {
				s.pictures = append(s.pictures, u.Data)
			} else {
				s.sounds = append(s.sounds, u.Data)
			}
		}
	}
	return s
}

// sound fails the test if a check with the private key finds anything.
func (b *box) sound(t *testing.T, o recorder.Options) {
	t.Helper()
	sum, err := o.Index.Check(t.Context(), o.FS, o.Stores, footage.CheckOptions{
		Open:  b.private[:1],
		Found: func(f footage.Finding) { t.Errorf("check: %s: %s %s", f.Severity, f.Path, f.Sentence) },
	})
	check(t, err)
	if sum.Segments == 0 {
		t.Error("there was nothing to check")
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

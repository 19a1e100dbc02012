package segment

import (
	"bytes"
	"errors"
	"io"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"time"

	"varuh/recorder/durable"
	"varuh/recorder/durable/durabletest"
)

// TestRoundTrip writes and reads a segment with each cipher, and looks at everything it says.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	for _, c := range bothCiphers {
		t.Run(c.String(), func(t *testing.T) {
			t.Parallel()
			d := durabletest.New()
			want := sealed(t, d, sampleName, c, 9)
			r := open(t, d, sampleName)
			if h := r.Header(); !reflect.DeepEqual(h, sampleHeader()) {
				t.Errorf("header %+v\nwant   %+v", h, sampleHeader())
			}
			if r.Cipher() != c {
				t.Errorf("cipher %s, want %s", r.Cipher(), c)
			}
			got, err := r.Seal()
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("seal %+v, %v\nwant %+v", got, err, want)
			}
			if got.Records != 10 || got.Recovered || got.Hard {
				t.Errorf("seal says %d records, recovered %v, hard %v", got.Records, got.Recovered, got.Hard)
			}
			if n := readAll(t, r); n != 10 {
				t.Errorf("%d records, want 10", n)
			}
			walked := 0
			for e, err := range r.All() {
				if err != nil || e != want.Index[walked] {
					t.Errorf("entry %d: %+v, %v", walked, e, err)
				}
				walked++
			}
			if walked != 10 {
				t.Errorf("walked %d records", walked)
			}
			sound(t, Verify(d, sampleName, &SealedAs{want.Records, want.Root}, &sampleKey))
		})
	}
}

// TestOnDisk does the same on the real file system, with a syncer beside the writer.
func TestOnDisk(t *testing.T) {
	t.Parallel()
	name := t.TempDir() + sampleName
	w := begin(t, durable.OS, name, PreferredCipher(), 0)
	stop, synced := make(chan struct{}), make(chan error)
	go func() {
		var err error
		for err == nil && w.Size() >= 0 && w.Records() > 0 {
			err = w.Sync()
			select {
			case <-stop:
				synced <- err
				return
			default:
			}
		}
		synced <- err
	}()
	records, plains := sampleRecords(20)
	for i, r := range records[1:] {
		if err := w.Append(r, plains[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	s, err := w.Seal(false)
	close(stop)
	if err = errors.Join(err, <-synced, w.Sync(), w.Close()); err != nil {
		t.Fatal(err)
	}
	if n := readAll(t, open(t, durable.OS, name)); n != 21 {
		t.Errorf("%d records", n)
	}
	sound(t, Verify(durable.OS, name, &SealedAs{s.Records, s.Root}, &sampleKey))
}

func TestHardSeal(t *testing.T) {
	t.Parallel()
	d := durabletest.New()
	w := begin(t, d, sampleName, AES256GCM, 1)
	if s, err := w.Seal(true); err != nil || !s.Hard {
		t.Errorf("%+v, %v", s, err)
	}
	if s, err := open(t, d, sampleName).Seal(); err != nil || !s.Hard || s.Recovered {
		t.Errorf("%+v, %v", s, err)
	}
}

// TestCanary looks for plaintext and key in the file.
func TestCanary(t *testing.T) {
	t.Parallel()
	for _, c := range bothCiphers {
		d := durabletest.New()
		w := begin(t, d, sampleName, c, 9)
		whileOpen := fileBytes(t, d, sampleName)
		if _, err := w.Seal(false); err != nil {
			t.Fatal(err)
		}
		for _, b := range [][]byte{whileOpen, fileBytes(t, d, sampleName)} {
			for _, secret := range [][]byte{[]byte(canary), []byte(canary[:12]), []byte("mdat"), []byte("moof"), sampleKey[:]} {
				if bytes.Contains(b, secret) {
					t.Errorf("%s: the file holds %q", c, secret)
				}
			}
		}
	}
}

// TestWhileWriting reads a segment that grows.
func TestWhileWriting(t *testing.T) {
	t.Parallel()
	d := durabletest.New()
	w := begin(t, d, sampleName, AES256GCM, 2)
	r := open(t, d, sampleName)
	if _, err := r.Seal(); !errors.Is(err, ErrUnsealed) {
		t.Errorf("seal: %v", err)
	}
	if n := readAll(t, r); n != 3 {
		t.Errorf("%d records, want 3", n)
	}
	if _, err := r.Entry(3); !errors.Is(err, io.EOF) {
		t.Errorf("record to come: %v", err)
	}
	records, plains := sampleRecords(3)
	if err := w.Append(records[3], plains[3]); err != nil {
		t.Fatal(err)
	}
	if n := readAll(t, r); n != 4 {
		t.Errorf("%d records, want 4", n)
	}
	if _, err := w.Seal(false); err != nil {
		t.Fatal(err)
	}
	if n := readAll(t, r); n != 4 {
		t.Errorf("%d records after the seal, want 4", n)
	}
	if w.Records() != 4 || w.Size() != int64(len(fileBytes(t, d, sampleName))) {
		t.Errorf("writer says %d records, %d bytes", w.Records(), w.Size())
	}
}

func TestKey(t *testing.T) {
	t.Parallel()
	d := durabletest.New()
	sealed(t, d, sampleName, AES256GCM, 1)
	r := open(t, d, sampleName)
	if _, _, err := r.Read(0, nil); !errors.Is(err, ErrLocked) {
		t.Errorf("read before unlock: %v", err)
	}
	if err := r.Unlock(otherKey); !errors.Is(err, ErrKey) {
		t.Errorf("wrong key: %v", err)
	}
	if p := Verify(d, sampleName, nil, &otherKey); len(p) != 1 || !errors.Is(p[0], ErrKey) {
		t.Errorf("verify with the wrong key: %v", p)
	}
}

// TestRefused has what Append refuses without harm to the segment.
func TestRefused(t *testing.T) {
	t.Parallel()
	d := durabletest.New()
	w, err := Create(d, sampleName, sampleHeader(), sampleKey, AES256GCM)
	if err != nil {
		t.Fatal(err)
	}
	records, plains := sampleRecords(1)
	refuse := func(r Record, plain []byte, words string) {
		t.Helper()
		if err := w.Append(r, plain); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("got %v, want %q", err, words)
		}
	}
	refuse(records[1], plains[1], "record 0, and no other, is the init record")
	if err := w.Append(records[0], plains[0]); err != nil {
		t.Fatal(err)
	}
	refuse(records[0], plains[0], "record 0, and no other, is the init record")
	refuse(Record{Kind: 3}, plains[1], "kind 3")
	refuse(Record{Kind: Video, Flags: 8}, plains[1], "flags 0x8")
	refuse(Record{Kind: Video, Duration: -1}, plains[1], "negative")
	refuse(Record{Kind: Video, Start: time.Date(2500, 1, 1, 0, 0, 0, 0, time.UTC)}, plains[1], "cannot be stored")
	refuse(records[1], nil, "not 0")
	refuse(records[1], make([]byte, MaxPlain+1), "not 33554355")
	refuse(records[1], []byte("short"), "mdat")
	refuse(records[1], box("moof", nil), "mdat")
	refuse(records[1], append(plains[1], 0), "mdat")
	refuse(records[1], append(plains[1], box("free", nil)...), "mdat")
	refuse(records[1], append(box("moof", nil), 255, 0, 0, 0, 'm', 'd', 'a', 't'), "wrong size")
	if err := w.Append(records[1], plains[1]); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Seal(false); err != nil {
		t.Fatal(err)
	}
	refuse(records[1], plains[1], ErrSealed.Error())
	if _, err := w.Seal(false); !errors.Is(err, ErrSealed) {
		t.Errorf("second seal: %v", err)
	}
	sound(t, Verify(d, sampleName, nil, &sampleKey))
}

// TestFull fills a segment up to its last record by pretending that it is nearly full.
func TestFull(t *testing.T) {
	t.Parallel()
	w := begin(t, durabletest.New(), sampleName, AES256GCM, 1)
	w.ledger.count = maxRecords
	if err := w.Append(Record{Kind: Video}, fragment(50)); !errors.Is(err, ErrFull) {
		t.Errorf("got %v", err)
	}
}

// TestLargest writes and reads the largest record there can be.
func TestLargest(t *testing.T) {
	t.Parallel()
	name := t.TempDir() + sampleName
	w := begin(t, durable.OS, name, AES256GCM, 0)
	plain := box("mdat", randomBytes(MaxPlain-8))
	if err := w.Append(Record{Kind: Video}, plain); err != nil {
		t.Fatal(err)
	}
	r := open(t, durable.OS, name)
	if err := r.Unlock(sampleKey); err != nil {
		t.Fatal(err)
	}
	if _, got, err := r.Read(1, nil); err != nil || !bytes.Equal(got, plain) {
		t.Errorf("read %d bytes, %v", len(got), err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestBroken has a writer that stays broken after its first failure.
func TestBroken(t *testing.T) {
	t.Parallel()
	records, plains := sampleRecords(1)
	for name, breakIt := range map[string]func(d *durabletest.Disk, w *Writer) error{
		"write": func(d *durabletest.Disk, w *Writer) error { return w.Append(records[1], plains[1]) },
		"sync":  func(d *durabletest.Disk, w *Writer) error { return w.Sync() },
		"seal":  func(d *durabletest.Disk, w *Writer) error { _, err := w.Seal(false); return err },
		"syncfs": func(d *durabletest.Disk, w *Writer) error {
			w.Fail(d.SyncFS("/"))
			return w.Err()
		},
	} {
		for _, fault := range []durabletest.Fault{durabletest.Fails, durabletest.FailsButDone} {
			d := durabletest.New()
			w := begin(t, d, sampleName, AES256GCM, 0)
			d.FailAt(len(d.Ops()), fault)
			if err := breakIt(d, w); !errors.Is(err, durabletest.ErrFault) {
				t.Errorf("%s: %v", name, err)
			}
			size, ops := w.Size(), len(d.Ops())
			_, sealErr := w.Seal(false)
			for _, err := range []error{w.Append(records[1], plains[1]), w.Sync(), sealErr, w.Err()} {
				if !errors.Is(err, durabletest.ErrFault) || !strings.Contains(err.Error(), "begin another") {
					t.Errorf("after a failed %s: %v", name, err)
				}
			}
			if w.Size() != size || len(d.Ops()) != ops {
				t.Errorf("%s: a broken writer went on writing", name)
			}
		}
	}
}

// TestFullDisk has a record that only partly fits.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	d := durabletest.New()
	w := begin(t, d, sampleName, AES256GCM, 3)
	d.SetFree(100)
	records, plains := sampleRecords(4)
	if err := w.Append(records[4], plains[4]); !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("append to a full disk: %v", err)
	}
	if w.Size() != int64(len(fileBytes(t, d, sampleName))) {
		t.Errorf("writer says %d bytes", w.Size())
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Recover(d, sampleName); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("recover while there is no room for the seal: %v", err)
	}
	d.SetFree(1 << 20)
	if s, err := Recover(d, sampleName); err != nil || s.Records != 4 {
		t.Errorf("recover with room again: %+v, %v", s, err)
	}
}

// TestCreateFails leaves no file behind.
func TestCreateFails(t *testing.T) {
	t.Parallel()
	d := durabletest.New()
	d.SetFree(20)
	if _, err := Create(d, sampleName, sampleHeader(), sampleKey, AES256GCM); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("full disk: %v", err)
	}
	d.SetFree(-1)
	if _, err := Create(d, sampleName, sampleHeader(), sampleKey, 9); err == nil || !strings.Contains(err.Error(), "cipher 9") {
		t.Errorf("unknown cipher: %v", err)
	}
	if files := d.Files("/"); len(files) > 0 {
		t.Errorf("left behind: %v", files)
	}
}

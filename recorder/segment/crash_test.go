package segment

import (
	"errors"
	"fmt"
	"io/fs"
	"testing"

	"varuh/recorder/durable"
	"varuh/recorder/durable/durabletest"
)

// TestCrash tries every step of a segment's life with every fault and every loss of power. What was
// synced must be there, what is there must be whole, and the next start must be able to end the
// segment without a key.
func TestCrash(t *testing.T) {
	t.Parallel()
	const syncAfter, count = 3, 6 // records, the init record included
	var synced bool
	durabletest.Sweep(t, durabletest.Story{
		Do: func(d *durabletest.Disk) (err error) {
			synced = false
			return writeSegment(d, count, func(n int, w *Writer) error {
				if n != syncAfter {
					return nil
				}
				err := w.Sync()
				synced = err == nil
				return err
			})
		},
		Check: func(t *testing.T, d *durabletest.Disk, did error) {
			s, err := Recover(d, sampleName)
			switch {
			case did == nil && (err != nil || s.Records != count || s.Recovered):
				t.Fatalf("after a sealed and synced segment: %+v, %v", s, err)
			case synced && (err != nil || s.Records < syncAfter):
				t.Fatalf("%d synced records, but recovered %d: %v", syncAfter, s.Records, err)
			case errors.Is(err, fs.ErrNotExist) || errors.Is(err, ErrNoHeader):
				return
			case err != nil:
				t.Fatal(err)
			}
			checkRecovered(t, d, s)
		},
	})
}

// writeSegment writes a segment of count records, seals and syncs it; step is called after each.
func writeSegment(d *durabletest.Disk, count int, step func(n int, w *Writer) error) (err error) {
	w, err := Create(d, sampleName, sampleHeader(), sampleKey, AES256GCM)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	records, plains := sampleRecords(count - 1)
	for i, r := range records {
		if err := errors.Join(w.Append(r, plains[i]), step(i+1, w)); err != nil {
			return err
		}
	}
	if _, err := w.Seal(false); err != nil {
		return err
	}
	return w.Sync()
}

// checkRecovered demands that a recovered file is sound, durable, and stays as it is when it is
// recovered again. After a failed sync without a restart of the machine nothing can promise durability.
func checkRecovered(t *testing.T, d *durabletest.Disk, s Seal) {
	t.Helper()
	if !d.Forgets() {
		d = d.AfterPowerLoss(durabletest.KeepsSynced)
	}
	before := fileBytes(t, d, sampleName)
	sound(t, Verify(d, sampleName, &SealedAs{s.Records, s.Root}, &sampleKey))
	if n := readAll(t, open(t, d, sampleName)); n != int(s.Records) {
		t.Errorf("%d records, the seal says %d", n, s.Records)
	}
	again, err := Recover(d, sampleName)
	if err != nil || again.Root != s.Root || again.Recovered != s.Recovered {
		t.Errorf("recovered again: %+v, %v", again, err)
	}
	if string(fileBytes(t, d, sampleName)) != string(before) {
		t.Error("recovering again changed the file")
	}
}

// TestCrashInRecovery tries every step of a recovery with every fault; the next recovery must do.
func TestCrashInRecovery(t *testing.T) {
	t.Parallel()
	for _, torn := range []int{0, 1, 40, 100} { // bytes of the last record that are missing
		durabletest.Sweep(t, durabletest.Story{
			Before: func(t *testing.T, d *durabletest.Disk) {
				w := begin(t, d, sampleName, AES256GCM, 4)
				if err := errors.Join(w.file.Truncate(w.Size()-int64(torn)), w.Close()); err != nil {
					t.Fatal(err)
				}
			},
			Do: func(d *durabletest.Disk) error { _, err := Recover(d, sampleName); return err },
			Check: func(t *testing.T, d *durabletest.Disk, did error) {
				s, err := Recover(d, sampleName)
				if want := 5 - min(torn, 1); err != nil || int(s.Records) != want || !s.Recovered {
					t.Fatalf("got %+v, %v, want %d records", s, err, want)
				}
				checkRecovered(t, d, s)
			},
		})
	}
}

// TestRecoverEveryLength cuts a segment, sealed or not, at every byte and recovers it.
func TestRecoverEveryLength(t *testing.T) {
	t.Parallel()
	d := durabletest.New()
	s := sealed(t, d, sampleName, AES256GCM, 4)
	whole := fileBytes(t, d, sampleName)
	header := int(s.Index[0].Offset)
	for size := range whole {
		d := diskWith(t, whole[:size])
		got, err := Recover(d, sampleName)
		if size < header {
			if !errors.Is(err, ErrNoHeader) {
				t.Fatalf("cut in the header at byte %d: %v", size, err)
			}
			continue
		}
		if want := recordsBefore(s.Index, int64(size)); err != nil || int(got.Records) != want || !got.Recovered {
			t.Fatalf("cut at byte %d: %+v, %v, want %d records", size, got, err, want)
		}
		checkRecovered(t, d, got)
	}
}

// recordsBefore counts the records that are whole in a file of this size.
func recordsBefore(index []Entry, size int64) (n int) {
	for _, e := range index {
		if e.Offset+e.Size <= size {
			n++
		}
	}
	return n
}

// TestRecoverTornHeader has a header of which only some pages arrived.
func TestRecoverTornHeader(t *testing.T) {
	t.Parallel()
	d := durabletest.New()
	s := sealed(t, d, sampleName, AES256GCM, 1)
	whole := fileBytes(t, d, sampleName)
	header := int(s.Index[0].Offset)
	for written := range header - crcSize {
		b := append(append([]byte{}, whole[:written]...), make([]byte, len(whole)-written)...)
		_, err := Recover(diskWith(t, b), sampleName)
		if !errors.Is(err, ErrNoHeader) {
			t.Errorf("zeros from byte %d on: %v", written, err)
		}
	}
	b := append([]byte{}, whole...)
	b[30] ^= 1
	if _, err := Recover(diskWith(t, b), sampleName); !errors.Is(err, ErrDamaged) {
		t.Errorf("a changed bit is no torn header: %v", err)
	}
}

// TestRecoverHole has a record in the middle that never reached the disk.
func TestRecoverHole(t *testing.T) {
	t.Parallel()
	d := durabletest.New()
	s := sealed(t, d, sampleName, AES256GCM, 5)
	b := fileBytes(t, d, sampleName)
	clear(b[s.Index[3].Offset:s.Index[4].Offset])
	d = diskWith(t, b)
	got, err := Recover(d, sampleName)
	if err != nil || got.Records != 3 || !got.Recovered {
		t.Fatalf("%+v, %v", got, err)
	}
	checkRecovered(t, d, got)
}

// failingReads has a disk that does not answer.
type failingReads struct{ durable.FS }

func (f failingReads) OpenRW(name string) (durable.File, error) {
	file, err := f.FS.OpenRW(name)
	return failingFile{file}, err
}

type failingFile struct{ durable.File }

func (f failingFile) ReadAt(b []byte, off int64) (int, error) {
	if off > 2000 {
		return 0, errors.New("input/output error")
	}
	return f.File.ReadAt(b, off)
}

// TestRecoverCutsNothingUnread must not take a disk that does not answer for a torn tail.
func TestRecoverCutsNothingUnread(t *testing.T) {
	t.Parallel()
	d := durabletest.New()
	w := begin(t, d, sampleName, AES256GCM, 20)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	before := fileBytes(t, d, sampleName)
	if _, err := Recover(failingReads{d}, sampleName); err == nil || errors.Is(err, ErrDamaged) {
		t.Errorf("got %v", err)
	}
	if string(fileBytes(t, d, sampleName)) != string(before) {
		t.Error("the file was changed")
	}
}

func ExampleRecover() {
	d := durabletest.New()
	w, err := Create(d, "/gate.seg", Header{Camera: "gate", Stream: "main"}, sampleKey, PreferredCipher())
	if err != nil {
		fmt.Println(err)
		return
	}
	err = w.Append(Record{Kind: Init}, []byte("ftyp and moov"))
	fmt.Println(err)

	// The power fails; what comes back is half of the last write.
	d = d.AfterPowerLoss(durabletest.KeepsTorn)
	s, err := Recover(d, "/gate.seg")
	fmt.Println(s.Records, s.Recovered, err)
	// Output:
	// <nil>
	// 0 true <nil>
}

package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"varuh/configs"
	"varuh/recorder"
	"varuh/recorder/durable"
	"varuh/recorder/durable/durabletest"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
	"varuh/recorder/rtsp/rtsptest/fleet"
	"varuh/recorder/segment"
)

// What is promised of a large erasure beside recording, on a machine that does nothing else.
const (
	eraseMany    = 10_000           // expired segments
	eraseBytes   = 10 << 20         // of each
	eraseCameras = 16               // that record meanwhile
	eraseBitrate = 4_000_000        // bit/s of each
	eraseWithin  = 60 * time.Second // for all
	waitedMost   = time.Second      // of any fragment, from the queue into its file
)

// slack is how much a benchmark may take before it fails: what else the machine does decides about the rest, so the
// promise itself is enforced only where VARUH_LONG asks for it.
func slack(promise time.Duration) time.Duration {
	if os.Getenv("VARUH_LONG") != "" {
		return promise
	}
	return promise * 3 / 2
}

// BenchmarkEraseWhileRecording has the daemon erase 10,000 expired segments of 10 MiB each, on an ext4 file system of 128
// GiB, while it records 16 cameras of 4 Mbit/s into the same store, keyring, index and diary, each changing its segment
// every 10 s. Beside the time of the erasure it reports the longest that any fragment waited until it was written, from
// the start of the daemon to two syncs after the erasure, and what was recorded of each camera meanwhile. It fails beyond
// the promise, and if a fragment was dropped or a camera fell behind.
func BenchmarkEraseWhileRecording(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		s := recordingSixteen(b)
		before, began := s.status(), time.Now()
		b.StartTimer()
		s.time.told("person", time.Now())
		s.eraser.decided()
		s.log.await(b, "erased "+count(eraseMany, "segment", "segments"))
		took := time.Since(began)
		b.StopTimer()
		<-time.After(2 * time.Duration(configs.DefaultConfig().SyncInterval)) // what was erased is still to be written out
		s.judge(b, before, s.status(), took, time.Since(began))
		s.end(b)
		b.StartTimer()
	}
}

// recordingSixteen is a daemon that records, on a store full of footage that it may not erase yet: nobody has said how
// late it is. Its diary has collected all of that.
func recordingSixteen(b *testing.B) *smallState {
	b.Helper()
	address := wideCameras(b)
	s := bareState(b, b.TempDir(), filepath.Join(durabletest.Image(b, 128<<10), "store"))
	s.turn = 10 * time.Second
	must(b, s.start(b)) // the index gets to know the store
	s.end(b)
	for i := range eraseCameras {
		id := fmt.Sprintf("c%02d", i)
		s.write(b, "cameras.d/"+id+".yml", camera(id, "rtsp://"+address+"/"+id, ""))
	}
	s.expired(b)
	must(b, s.start(b))
	s.until(b, "not all cameras are recorded", func(st status) bool {
		return len(st.Streams) == eraseCameras && !slices.ContainsFunc(st.Streams, func(s recorder.StreamStatus) bool { return s.LastFragment.IsZero() })
	})
	size, since := int64(0), time.Now()
	s.until(b, "the diary does not come to rest", func(st status) bool {
		if st.Diary.Size != size || st.Diary.Waiting > 0 {
			size, since = st.Diary.Size, time.Now()
		}
		return time.Since(since) > 2*time.Second
	})
	return s
}

// expired puts footage of more than a year ago into the store of a daemon that does not run.
func (s *smallState) expired(b *testing.B) {
	b.Helper()
	cfg, err := loadConfig(s.dir, terminal{nil, s.log, s.log})
	must(b, err)
	site, err := openSite(cfg)
	must(b, err)
	ix, err := footage.Open(indexFile(s.dir))
	must(b, err)
	rows, errs := make([]footage.Segment, eraseMany), make([]error, eraseMany)
	var all sync.WaitGroup
	for worker := range 64 { // who share the syncs of the keyring
		all.Go(func() {
			for i := worker; i < eraseMany; i += 64 {
				at := time.Now().UTC().AddDate(-1, -2, 0).Truncate(time.Hour).Add(time.Duration(i/eraseCameras) * 10 * time.Minute)
				rows[i], errs[i] = allocated(site.stores[0], fmt.Sprintf("c%02d", i%eraseCameras), at)
			}
		})
	}
	all.Wait()
	must(b, errors.Join(errs...))
	for part := range slices.Chunk(rows, 1000) {
		var sealings []keyring.Sealing
		for _, r := range part {
			sealings = append(sealings, keyring.Sealing{Ref: keyring.Ref{ID: r.ID, Slot: r.Slot}, Records: r.Records, Root: r.Root})
		}
		must(b, errors.Join(site.stores[0].Ring.Seal(b.Context(), sealings), ix.Sealed(part...)))
	}
	must(b, errors.Join(durable.OS.SyncFS(site.stores[0].Dir), ix.Close(), site.Close()))
}

// allocated is a segment that takes as many blocks as are asked for, though little is in it.
func allocated(store footage.Store, camera string, at time.Time) (row footage.Segment, err error) {
	h := segment.Header{ID: keyring.NewID(at), Store: store.ID, Camera: camera, Stream: "main", Run: keyring.ID{5}, Boot: [16]byte{6},
		Start: at, Clock: segment.Synchronised, Format: "H264 1920x1080"}
	key, slot, err := store.Ring.Create(context.Background(), h.ID, keyring.KindSegment)
	if err != nil {
		return row, err
	}
	h.Slot = slot
	path := store.Path(camera, h.ID)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return row, err
	}
	w, err := segment.Create(durable.OS, path, h, key, segment.AES256GCM)
	if err != nil {
		return row, err
	}
	err = errors.Join(w.Append(segment.Record{Kind: segment.Init, Start: at}, []byte("\x00\x00\x00\x08ftyp")),
		w.Append(segment.Record{Kind: segment.Video, Start: at, Duration: 10 * time.Minute}, []byte("\x00\x00\x00\x08moof\x00\x00\x00\x08mdat")))
	if err != nil {
		return row, errors.Join(err, w.Close())
	}
	seal, err := w.Seal(false)
	row = footage.NewSegment(h).WithSeal(seal, eraseBytes)
	if err = errors.Join(err, w.Close()); err != nil {
		return row, err
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return row, err
	}
	return row, errors.Join(unix.Fallocate(int(f.Fd()), unix.FALLOC_FL_KEEP_SIZE, 0, eraseBytes), f.Close())
}

// wideCameras serves as many cameras as anybody connects to, of 1080p25 with a key frame every 2 s that is eight times
// as large as the others, packet by packet as on a link of 100 Mbit/s. There is nothing to be seen in the pictures.
func wideCameras(b *testing.B) (address string) {
	b.Helper()
	sps, err := hex.DecodeString("67640028acd940780227e5c05a808080a0000003002000000651e30632c0")
	must(b, err)
	const gop, rate, heavy = 50, 25, 8
	unit := eraseBitrate / 8 * gop / rate / (gop - 1 + heavy) // bytes of a picture that is no key frame
	random := rand.New(rand.NewPCG(1, 2))
	var stream []byte
	for i := range gop {
		stream = append(stream, 0, 0, 1, 9, 0xf0)
		head, size := []byte{0x41, 0x9a}, unit
		if i == 0 {
			stream = slices.Concat(stream, []byte{0, 0, 1}, sps, []byte{0, 0, 1, 0x68, 0xeb, 0xe3, 0xcb, 0x22, 0xc1})
			head, size = []byte{0x65, 0x88}, heavy*unit
		}
		stream = slices.Concat(stream, []byte{0, 0, 1}, head, bytes.Repeat([]byte{1}, size))
		for j := range size {
			stream[len(stream)-size+j] = byte(1 + random.IntN(255)) // no 0, which could begin another unit
		}
	}
	clip, err := fleet.NewClip(stream, rate)
	must(b, err)
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	must(b, err)
	source := fleet.Serve(listener, clip, fleet.Link)
	b.Cleanup(source.Close)
	return listener.Addr().String()
}

// judge reports the figures and holds them against the promise. span is the time between the two.
func (s *smallState) judge(b *testing.B, before, after status, took, span time.Duration) {
	b.Helper()
	var waited time.Duration
	var bytes uint64
	for i, st := range after.Streams {
		waited = max(waited, st.Waited)
		bytes += st.Bytes - before.Streams[i].Bytes
		if st.Dropped > 0 || st.Losses > 0 || st.Gaps > before.Streams[i].Gaps {
			b.Errorf("%s: %d fragments were dropped, %d had losses, %d gaps", st.Camera, st.Dropped, st.Losses, st.Gaps)
		}
	}
	recorded := float64(bytes) * 8 / span.Seconds() / eraseCameras
	b.ReportMetric(took.Seconds(), "s-erasure")
	b.ReportMetric(float64(waited.Milliseconds()), "ms-longest-wait")
	b.ReportMetric(recorded/1e6, "Mbit/s-a-camera")
	if took > slack(eraseWithin) || waited > slack(waitedMost) {
		b.Errorf("the erasure took %v and a fragment waited %v; promised are %v and %v", took, waited, eraseWithin, waitedMost)
	}
	if recorded < 0.9*eraseBitrate {
		b.Errorf("%.1f Mbit/s of each camera were recorded, of %.1f that it sent", recorded/1e6, eraseBitrate/1e6)
	}
	if list := after.Terms.Troubles; len(list) > 0 {
		b.Errorf("the status says %q", list)
	}
}

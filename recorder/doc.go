// Package recorder guards the recording: one camera's failure never stops another, a gap is recorded,
// never hidden, and plaintext goes nowhere but into package segment.
//
// # Invariants
//
//  1. No goroutine of one stream waits for another stream, nor for a sync.
//  2. What a line hands over is stored, or is part of a gap with its cause: the gaps in a segment's
//     header tile the time since the stream's last record.
//  3. A fragment is promised once its segment was synced without an error. After an error nothing of
//     that segment is believed until it was written or read anew.
//  4. A segment's slot is durable before its row, its row before its file.
//  5. The time of a picture moves slowly. Where it would have to jump, a run begins.
//
// # Who does what
//
// Every stream has two goroutines and a queue between them:
//
//	line    session: units from rtsp → dated → cmaf.Muxer → queue         session.go, clock.go
//	writer  queue → segments, gaps, rotation                              writer.go, gap.go
//
// The stream's keep loop (stream.go) begins lines, waits between tries, and abandons one that hangs;
// an abandoned line can still run, but the queue takes nothing more of it. The queue is bounded: a disk
// that stalls costs memory up to its bound, then pictures, with an event and a gap.
//
// Every store has two goroutines (disk.go, mend.go):
//
//	syncer  syncs all open files together, then seals the slots and rows of those that are finished
//	mender  recovers, one at a time, what a crash or a fault left open
//
// The supervisor (recorder.go) starts and stops streams as the configuration asks, watches the
// machine's clock, and is what the watchdog watches: it never touches a disk.
//
// # What a crash leaves
//
// Between the steps of a new segment: a slot that nothing refers to, whose key is destroyed at the next
// start; a row without a file, which is dropped with its key; a file without a fragment, likewise; a torn
// file, which is cut at its last whole record and sealed. None of this needs a private key.
package recorder

// Package collect writes into the diary what was recorded: for each camera and hour one entry collect,
// whose manifest names every segment with its Merkle root, and every gap with its cause. It guards that
// nothing recorded is left out of the diary, and nothing said twice.
//
// Invariants:
//
//  1. The pieces of a camera follow each other without a hole: each begins where the one before ended,
//     and lies within one hour, unless it is of hours without footage, which one piece sums up. Only
//     where the clock was set back by more than an hour, a piece begins before the end of the last.
//  2. In a piece, the segments and gaps of each stream tile its time: no moment is without one of them. A
//     segment that crosses the end of a piece is in both.
//  3. The root of every segment that was ever sealed is in one piece, once: in the first that it lies in, or,
//     if it was sealed or known only after its time was told, among what came late in a later piece of its
//     camera. Neither a crash, nor another date for a boot, nor an index made anew changes that. What
//     was erased before its hour was collected is in the list of that erasure alone.
//  4. A piece is numbered, and carries the hash of the manifest before it.
//  5. How far a camera's pieces have come, and which segments are in them, is written in the transaction of
//     the entry. After a crash the next piece is the one that comes next.
//  6. Each entry refers to the one before of its camera, and its list stays readable without a key. A start holds how far
//     the cameras have come against the last ones, and puts right what somebody changed beside varuh.
//  7. What is collected comes from the index alone. A camera, a recorder or a disk is never waited for,
//     and none of them waits for this package.
//
// A piece is written once its hour is over and every segment in it is sealed. At a stop the hour that runs
// is cut short, so that what was sealed is in the diary before the machine is off; the next start goes on
// from there, over the hours in which the program did not run. In the same way a package that is to be made has the
// hour that runs cut short for its camera ([Collector.Until]), and what a sick disk keeps open by then is listed so at once. A segment that stays open for a day, since
// its disk is gone, is listed as open, without a root, in the piece it begins in, and no later one waits for it or
// lists it: it comes late once it is sealed. Each piece looks for what came late in the last week and among what was
// listed as open; once a day, and soon after a start, among all footage there is. A stop has no time for that, so what
// came late waits for the next start then.
//
// The manifest is canonical JSON (package proof):
//
//	{"camera":"hall",
//	 "from":"2026-11-21T13:00:00.000000000Z",
//	 "gaps":[{"cause":"unreachable","from":"…","stream":"main","to":"…"}],
//	 "prev":"<base64 of the SHA-256 of the manifest before; not in the first>",
//	 "segments":[{"end":"…","id":"<32 hexadecimal digits>","records":602,
//	              "root":"<base64>","start":"…","stream":"main"}],
//	 "seq":0,"to":"2026-11-21T14:00:00.000000000Z","v":1}
//
// Segments and gaps are sorted by stream, then start. Segments have their whole length, gaps are cut at the
// ends of the piece. "recovered":true marks a segment that was sealed after a crash, "open":true one that is
// not sealed; that one has no end, records and root. "in":7 in the place of records and root says that piece 7
// of the camera has them. "late" is a list beside "segments" of the same form, by start, of what came late; it
// is not there if nothing did. [proof.Pieces] holds the manifests of a diary to 3 and 4. To the causes that the recorder gives, these are added:
//
//	before   nothing of the stream had ever been recorded
//	join     less than half a second between two segments: no gap that the recorder counts
//	stopped  the program did not run, and could not say so
//	untold   the index tells neither of footage nor of a gap
package collect

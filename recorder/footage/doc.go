// Package footage guards the index of which camera has what when: every row has a file; every file
// has a row, or is found and reported.
//
// Invariants:
//
//  1. The index holds nothing that cannot be made again from headers, seals and key slots, but for
//     the pending gaps. FORMAT.md says how, and what every table holds.
//  2. A row is durable before its file exists. Whatever a crash leaves in the store, [Index.Unsealed]
//     leads to it without a search.
//  3. A row is sealed only after its file and its key slot are. A sealed row whose file or slot is
//     not as it says is an incident, never the trace of a crash.
//  4. A missing index is rebuilt, never begun empty: an empty one would deny footage.
//  5. Times are corrected by one rule that needs headers alone. Whatever order rows come in, the
//     same files give the same rows.
//
// The life of a segment, with what a crash after each step leaves:
//
//  1. its key slot is open: a slot that nobody refers to, a note of [Index.Check];
//  2. [Index.Begin]: a row without a file, which the next start drops by [Index.Abandon];
//  3. the file is written: a torn file with an open row, which the next start recovers;
//  4. the file is sealed and durable: the same, and recovery finds nothing to cut;
//  5. its key slot is sealed: only the row is late, and the next start enters the seal;
//  6. [Index.Sealed].
//  7. The key is erased, then the file is removed, then the row ([Index.Remove]): whoever erases
//     begins again where it stopped.
//
// [Index.Check] walks rows, files and slots, and finds every other state.
package footage

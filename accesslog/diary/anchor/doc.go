// Package anchor takes checkpoints of the diary out of the appliance, so that not even its
// administrator can change an entry below them without being found out. It guards the evidence that
// comes back: what it returns was said of this very checkpoint, by a party configured before.
//
// There are three kinds of anchors, each optional:
//
//   - witnesses (C2SP tlog-witness over HTTP), which check that the diary only grew and answer with a
//     cosignature that says when ([Witness], [Policy]);
//   - time-stamping authorities (RFC 3161), which say when a checkpoint was there and see nothing but
//     its hash ([Authority], package timestamp);
//   - paper: a page with the checkpoint as text and as a QR code ([Page]).
//
// Invariants:
//
//  1. Only a checkpoint that is durable in the diary is sent: the caller hands over the bytes of a
//     committed one, and nothing is sent but these bytes, sizes and hashes.
//  2. Nothing that a witness says is believed but a cosignature that its configured key made over the
//     checkpoint's body, and the size in an answer 409 of type text/x.tlog.size. The size decides from
//     where to prove; one beyond the diary's own is reported as [AheadError], never as success.
//  3. One key counts once, whatever number of witnesses show it.
//  4. A witness that refuses a proof, or the root of a size that it knows, is told from one that is
//     down: the first is an incident ([ConflictError]), the second is waited for.
//  5. An anchor never makes the next one: what the diary writes about an anchor is no reason to anchor
//     again ([Schedule]).
//  6. Every answer is bounded in bytes and in time, and no redirect is followed.
//
// One round, with what a crash after each step leaves:
//
//  1. The checkpoint and the size that each witness last cosigned are read from the diary.
//  2. Each witness is asked at the same time. A crash leaves a witness that is ahead of what the diary
//     remembers of it, but not ahead of the diary; its next answer is a 409 that tells its size.
//  3. The round is handed back, and the caller stores cosignatures and time timestamps with an anchor entry.
package anchor

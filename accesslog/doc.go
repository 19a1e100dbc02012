// Package accesslog guards the door: no footage byte out before its entry is durable under a signed
// checkpoint.
//
// [Door] is the one type that opens footage, live included, since live is the stored record. Whoever
// wants to see footage opens a [Viewing]: one person, one purpose, one remark, any cameras in scope. It serves
// only inside durable leases, each of which names a camera and at most [Lease] of footage.
//
// # What holds
//
//  1. No byte of a piece is decrypted before a lease that covers all of the piece is durable in the diary. If the
//     diary could not commit an entry, whoever wished for it, or went back, nothing is decrypted, and no lease of before
//     counts until it takes one. A commit that hangs has not failed yet: what durable leases cover leaves until it has.
//  2. Before each piece, and once more behind each lease, it is asked anew whether the session is still there, an
//     authorisation in force, the camera in scope, the footage not restricted, not past its term, its key not erased and the reading
//     key not locked away. What has ended stops whatever follows, at once.
//  3. A purpose has to have been lawful when the footage was captured, for all of what is asked for, and all of a
//     lease: on the complete notice in force then, or given by a law. Footage younger than [Fresh] is seen live,
//     whatever it is called, and the notice has to allow that. Each piece is held against the notices as the last
//     entry of the diary left them: one that comes to be in force, or is entered later, ends what a lease of before allowed.
//     Sound takes a notice that allowed it, whatever the purpose: of other times there is picture alone.
//  4. A piece counts as delivered from before the first byte of it can leave; only a callback that says that nothing
//     left takes it back. The entry that ends a viewing states what was delivered, no more and no less; of a viewing
//     that a crash ended, its leases state no less.
//  5. A refusal is entered with its reason. A flood of them becomes a count, in memory and in the diary.
//  6. Names, reasons and what was seen are in the diary alone, encrypted.
//
// # The steps of a viewing
//
//  1. Who: the session is asked anew; an authorisation in force lets the person see this camera, from where he sits.
//  2. What: there is such footage, not past its term by the judgement of the purge, whether or not that could erase it yet; and
//     its processing is not restricted, or the person states a ground of art. 18(2) GDPR and may use it.
//  3. Why: the purpose was lawful, see above.
//  4. view.start is durable; with it the first lease. A lease names the notice, and says if that was entered later.
//  5. Pieces are delivered. Behind the end of a lease, or for another stream, view.more is durable first.
//     Before anybody gets the sizes of what is stored, which tell when something moved, view.activity is.
//  6. view.end refers to view.start and states the ranges delivered, the bytes, and what came of it.
//
// A crash after 4 leaves a viewing without an end. [Door.Recover] closes it at the next start: the diary itself says
// which these are, so nothing else has to survive. What left lies within the leases that it has entered. It needs no
// key, so it says how many leases there were and does not repeat them.
//
// An aiming picture is the one way for a maintainer to see where a camera points: current key frames, opened by another
// authorised person who is present, for at most [MostAim], entered as view.aim.
//
// # The steps of an export
//
// An [Export] is a viewing whose lease is all that can leave, for the package of a request; the same is asked before each
// record, and whether the request is still approved.
//
//  1. Who: an authorisation in force lets the person hand footage of each camera out. A job that outlives its session goes on by
//     the order of its person, who is asked anew in the same way.
//  2. Why: the request is approved and asks for the footage, and a law gave its kind as a purpose when that was captured.
//  3. What: the open segment is sealed and collected, so that each record has its proof. Then it is planned what can leave,
//     without any key: all that is restricted, past its term, erased, unreadable or was never recorded is a gap with its cause. What is left
//     out is left out up to the next key frame.
//  4. export is durable: it refers to the request and names all that can leave.
//  5. Records are decrypted one by one, as the package asks for them, and counted. Sound that was not asked for, or that no
//     notice allowed, is opened for no other purpose than its hash, which alone goes along.
//  6. export.end refers to export and states what was delivered, whatever became of the package.
//
// What changes between 3 and 5 ends the export with an error, never with a shorter package: the next export says the gap. A
// crash after 4 is closed as that of a viewing is. Whoever is to decide on a request looks at its footage in a viewing
// that refers to it ([Ask].Request).
//
// All times are those of the index: UTC, corrected once the clock of a boot was set.
package accesslog

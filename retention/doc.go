// Package retention guards that nothing stays past its term unless it is held, that nothing held is lost,
// and that a purge that failed is loud.
//
// # What holds
//
//  1. A segment is due no later than one calendar year after its FIRST frame, whatever a configuration, a
//     promise or a history of policies says. What is shorter for its camera, is shorter.
//  2. No later change lengthens the term of footage that is there. One that lets footage go earlier does
//     nothing before an approver has confirmed it and [Notice] has passed since.
//  3. The present that terms are counted by is never later than the true one while at most one of the
//     parties that tell the time is wrong, and it never goes back.
//  4. Where the moment of a first frame is in doubt, its term counts from the earliest moment that is left. Where nothing
//     bounds it from below, it counts from the latest that it can be of, for else all such footage would go at once; a
//     person is told, and every hold over a moment before that keeps it.
//  5. A hold or a restriction that may pass the term stops every erasure. Any other stops all but the one
//     at the term.
//  6. A promised depth is broken by nothing but a full disk, for the camera that is nearest to its promise
//     first, and never quietly.
//  7. What is to be erased, and why, is computed by pure functions: the same present, segments, policies,
//     holds and restrictions give the same list.
//
// # What is early, what is late
//
// A run takes what falls due before the next run is over, and [Tolerance] more, for the certain present
// may lag behind the true one by so much before that is loud. So footage goes up to [Lead] before its
// term by intent, and up to Tolerance more where nobody outside confirms the time; earlier only by pressure or by
// a policy that an approver confirmed.
//
// The term ends at the same time of day of the same day, a number of years, months or days later, in UTC
// or by the clock of the site, whichever is EARLIER; where that day does not exist (29 February, the 31st), on
// the last one of its month. No reading of the law that ends later can then find footage past its term.
//
// # The order of a purge
//
// Each step is durable before the next. A segment that fails at one does not come to the next; the others go on.
//
//  1. Inside the [Gate], through which holds are set, holds and restrictions are read once more; what they keep is
//     left out, and an erase.start with the list of the rest ([Manifest]) is entered.
//  2. Still inside, the keys are overwritten in both twins of the keyring.
//  3. The files are removed, then their rows in the index.
//  4. The copies are asked, and answer. While one has not, 6 waits, and they are asked again.
//  5. The folders are read again: none of the files is there. Empty ones are removed.
//  6. An erase.end is entered.
//
// A crash or an error before 1 ends leaves everything as it was, but for a list of which nothing is done yet; after
// it, a list that is open. [Purge.Replay] at each start, and every run, carries open lists on from step 2, all of which can
// be done again. A hold that was set in between keeps what still has its key, and the erase.end says so. An error that
// lasts is an incident.erasure within the run, and an [Event] with every run.
//
// While the diary takes no entry, or can't be trusted ([ErrNoDiary]), step 1 writes the list into a file beside it, of
// footage alone whose term is over within a day; it is entered as erase.start, late, once the diary is back, and 4 and 6
// follow. All else waits, and what is under a hold that may pass the term, as far as [Holds] can tell.
//
// A key that has neither row nor file is found by [Purge.Walk], and goes the same way within a year of the moment in its
// id, unless something of then is held.
//
// A keyring, an index or a disk that was put back from an old copy has erased footage again: Replay does steps 2, 3
// and 5 once more for every list since the copy can have been made.
package retention

// Package disclosure guards that no footage is handed out without a complete request and a decision on it: what is
// missing keeps a request from being approved, two persons decide where one does not say in writing why he alone did,
// and every step is an entry of the diary in the transaction of its change.
//
// A [Request] is of a [Kind]: of an authority, on the controller's own initiative, of another applicant, or of a person who
// is in the footage. It came on paper, by an authority's token, or was made orally where it was urgent; then its paper
// is awaited, with a deadline of its own. What has to be in it is one table (ZVOP-2 art. 41; the rulebook, chapter IV),
// [Content.Missing]. What may be done with it, when and by whom is one other, [Request.May].
//
// # What holds
//
//  1. Nothing is approved while something is missing, nor built, or shown on the premises, before it is approved, nor
//     handed over before it is built.
//  2. Whoever approves is not who entered the request or any part of it, and neither of the two has made the other's
//     account, or set its password, in the last [AccountDays] days, nor that of who did, and so on. What is approved is
//     what was read: an approval names the entry that says it, and comes to nothing once another one does. Where nobody else is there or time presses, one
//     person does both with a written reason: the entry says single-handed, and the request does for good. Nor is it who issued the
//     token by which the request came, however long ago. Where one person has lately made the accounts of both, the approval's entry
//     says so (accounts_by): on a new appliance that is so of all.
//  3. What is asked for is held from before the entry that a request came in. Each hold is an entry of its own, and its
//     basis names the request. A crash, or a diary that fails, between the two leaves holds of a request that nobody
//     knows: too much is kept, never too little. Who enters it again gets other holds, and an approver clears
//     those.
//  4. No step but [Register.Release] lets footage go: refusal, silence and withdrawal leave its holds, since whoever is refused may
//     complain, and then the footage has to be there. Where another basis gives another kind of hold, such as of no order of a court
//     any more, that takes the place of the first, and what nothing else keeps is let go with the approval alone. The entry that a request is released closes it; then its holds
//     are cleared one by one, each with its entry. A crash between leaves holds of a closed request, which is an alarm
//     and can be released once more.
//  5. A request for disclosure keeps nothing past its legal term: that only those of the persons concerned do, and orders
//     of a court. So a package has to be built 3 days before the first footage comes to its term.
//  6. What the law takes for a refusal is entered as one: [Register.Silence] does so on the first day after the last. It can
//     still be decided then, late: a person concerned is owed an answer all the same.
//  7. The same request of the same token with the same idempotency key is entered once.
//  8. From the first delivery on by which footage may have left, a request is in the register of disclosures, with a line for each
//     package, and it is not refused while its package is there. One that is known to have given nothing does not count. The
//     applicant may withdraw it all the same: the line stays, and says so. See [Departure].
//  9. What was shown on the premises is what viewings delivered that were opened to show footage for that request: from the entry of
//     such a viewing on it counts as disclosed, whether or not anybody enters that it was shown, and the request is not refused any
//     more. Nobody types what was shown. While the diary is locked, nobody knows, and all that was asked for counts. See
//     [Register.Lately] and [Register.Viewings].
//  10. What left between a backup and the restore of it no entry says. So the register says that itself, for as long as the entry of
//     the restore is there ([Register.Restored]), and whoever refuses or withdraws a request that was approved before it is told, as is
//     the entry of that step ([Register.RestoredOver]).
//  11. A step that names the scan of a paper has it: what nobody has put by is refused before anything is held. Where it lies
//     is in the row of the step, its hash in the entry, too.
//
// Who asks, for what and in which case stands in the diary alone, encrypted: a request can be entered while all is
// locked. The rows have what says how it goes on: kind, state, days, cameras and times, which fields are missing, and
// the ids of who entered it; no name.
//
// # Which days count
//
// A term of days begins on the day after the one on which the request came, or became complete (ZUP art. 100). Where its
// last day is a Saturday, a Sunday or a day on which nobody works, it ends on the next working day: for terms of
// Slovenian law by ZUP art. 101, for the month of the GDPR by art. 3(4) of Regulation 1182/71. The controller gets both
// days; the earlier one is when it is called late, the later one when silence is a refusal. See [Count] and [WorkFree].
//
// Clocks are wrong at times: after a start without a network, or as somebody set them. So a request comes in, and is decided, at the
// latest of what the clock shows and what has come for certain; silence counts by what is certain alone; and whether an account was
// made in the last days is told by the order of the entries and the largest time up to them, not by what the clock showed then.
package disclosure

// Package hold guards that footage which somebody needs is not erased, and that footage which somebody
// contests is only stored: a hold takes effect before its entry and ends after it, and none but the
// provisional one ends by itself.
//
// A [Hold] keeps footage of a camera and a span of time; a [Restriction] (GDPR art. 18) keeps it, too, and lets
// nobody use it but on the grounds of art. 18(2). Both are rows of varuh.db that change with an entry in
// one transaction, and what a purge asks for through [retention.Holds].
//
// # What holds
//
//  1. From before the entry of a hold is written until after the entry that ends it is durable,
//     [Register.Holds] has it. A crash between leaves what the diary says.
//  2. A hold is set inside the gate through which a purge destroys keys. So it wins, or its entry names
//     its segments that were erased shortly before: never half of what a purge had looked at.
//  3. Only a rights request, and an order of a court or an authority, pass the term by themselves. A hold for
//     a disclosure or an incident does so only with the legal basis that an approver states.
//  4. Nothing that only tells how much it is, such as the size of a sick disk, refuses a hold. Every hold has a basis and a day on which it is reviewed. A provisional one lapses on its day, which is
//     at most [ProvisionalDays] away; all others last until a person clears them with a reason.
//  5. Who set a hold, for whom and why stands in the diary alone, encrypted. The rows name no person.
//  6. Entries of the diary about what is held or restricted outlast their term ([Register.Pin]): until the hold ends,
//     or for two years after the restriction. Finding them takes a key that opens the diary. Where none is at
//     hand, the hold is in force all the same, and no year that could have such an entry is pruned
//     ([Register.Held]) until somebody with a key has looked. Entries that come later are looked for right before a
//     prune that could take them.
//
// What has come due while it was held goes with the next purge after the hold is cleared.
package hold

// Package proof checks the diary without trusting the appliance that wrote it: the bytes of entries,
// checkpoints and proofs, and whether they belong together. It needs no database, no network and no C.
// FORMAT.md, one folder up, has the formats.
//
// It keeps these:
//
//  1. Each thing has one form: what a parser takes, its encoder writes again byte by byte.
//  2. A checkpoint counts only once a signature of the log's key was checked, and the key only once it
//     is known from elsewhere, or follows from one that is.
//  3. A verdict is never better than its evidence: what cannot be checked is said to be so.
//  4. What comes from a bundle is bounded before it is read into memory.
//
// Three verdicts stay apart in a [Report]: intact (every entry is as it was signed), complete (it goes on
// as the checkpoints that somebody kept say), anchored (nobody can change it unnoticed any more).
// What the appliance itself found wrong is counted, and [Report.Unsettled] keeps a diary from being called good
// that went back and was accepted by no two persons, that is not there from its first entry on for a reason told, or of which
// something is withheld that could have told against it: that is no damage of the log, and yet not all is well.
//
// [Leaf], [Body] and [Encode] are for whoever writes entries; [BundleWriter] for whoever hands them out;
// [VerifyBundle], [VerifyInclusion] and [VerifyCheckpoints] for whoever checks. Leaves and bodies have
// parsers by hand: what they take is canonical by construction, and a million are verified in seconds.
package proof

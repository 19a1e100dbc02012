// Package certificate guards that pages are reached over TLS alone, and that a browser can tell this appliance from
// another: there is always a certificate with the names by which people call the appliance, in force and renewed by
// itself.
//
// # Whose certificate
//
// Either the controller's own, from two files that are watched and replaced while the program runs; or one that the
// appliance signs itself: a local authority is made once, for ten years, and people install it in their devices.
//
//  1. The authority's private key never leaves the state folder. Its file is readable by its owner alone, or not used.
//     It is never made anew by itself: that would teach people to accept whatever comes.
//  2. The authority can sign for the appliance's names and for names of local networks only (name constraints), so
//     that who takes the key cannot pass for a bank. Addresses are not constrained: schools have public ones in their
//     LAN. The constraint is not critical: browsers that know it keep to it, old ones that do not work nevertheless.
//  3. A leaf is valid for at most 397 days (browsers refuse more than 398, Apple's more than 825 from a local authority).
//  4. A pair of files that is wrong replaces nothing: what was served goes on being served, and [Keeper.Problem] says
//     why.
//
// # A wrong clock
//
// A box without a battery starts in 1970. So nothing is dated by a clock that shows less than the day on which this
// package was written: an authority begins on that day and ends ten years after the later of that day and now; a leaf
// begins a week before the later of the two. A leaf that was made while the clock was wrong is replaced within a
// minute after it is right.
//
// # Keys
//
// ECDSA on P-256: Ed25519 in certificates is unknown to all browsers, RSA is slower on small machines.
package certificate

// Package record guards that whoever signs for footage reads what he signs for: the handover record (zapisnik o predaji)
// as PDF, in Slovenian with a small gloss in English.
//
//  1. What is in the package is told by its own manifest, and by nothing else: footage asked for and delivered, gaps with
//     their causes, clock, loss.
//  2. The hash of the manifest and the fingerprint of the key stand on paper, in groups and as a QR code, with the method
//     named and the commands to compute them: paper is what tells a package from a forged one.
//  3. What is not known when it is made leaves a line, on which both write by hand.
//  4. The same record has the same bytes.
//
// The record is made once disclose is durable, since it has the hash of what was disclosed ([evidence.Disclosed]'s
// Enclosed): then who takes the package is often not known yet. It can be made again at the handover.
package record

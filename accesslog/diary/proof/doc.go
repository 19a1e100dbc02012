// Package proof checks the diary without trusting the appliance that wrote it: the bytes of entries,
// checkpoints and proofs, and whether they belong together. It needs no database, no network and no C.
// FORMAT.md, one folder up, has the formats.
//
// It keeps these:
//
//  1. Each thing has one form: what a parser takes, its encoder writes again byte by byte.
//  2. Nothing is said of a checkpoint's contents before a signature of a known key was checked.
//  3. A verdict is never better than its evidence: what cannot be checked is said to be so.
//  4. What comes from a bundle is bounded before it is read into memory.
package proof

// Package evidence guards the package that is handed out to the police: it verifies with this code, the public key, and
// nothing else. FORMAT.md describes every file of it.
//
// It keeps these:
//
//  1. A clip holds the recorded samples byte for byte, and nothing else. Its index follows from the recorded boxes in its
//     sidecar alone, so a verifier makes it again and wants the same bytes.
//  2. Each fragment has a Merkle proof of its own to the root of its segment, and each root stands in an entry collect of
//     the diary. What is wrong is named by file, fragment and byte.
//  3. Three verdicts stay apart: unchanged since capture, exported as recorded, disclosed as logged. None is good before
//     the key was confirmed from elsewhere than the package.
//  4. Nothing here opens footage or makes a temporary file. What is written is read from [Records], twice: once for what
//     their boxes say, once for all; once more for a copy for viewing. Never more of it is in memory than one record.
//  5. What comes from a package is bounded before it is read into memory.
//
// [Write] takes these steps; a crash between two of them leaves a folder without SHA256SUMS.txt, which [Verify] calls no
// whole package, and which is to be destroyed:
//
//  1. clips and sidecars, one after the other, each with its copy for viewing where it needs one (Package.Derive);
//  2. what is enclosed and listed, such as the page for reading ([Package].Guide) and the program for Windows;
//  3. manifest.json and its signature;
//  4. [Package].Disclose: the caller makes the entry disclose durable, with the manifest's hash, and gives its proof. Only
//     from now on a byte may leave the appliance: until then the [Folder] is one that stays on it;
//  5. the proofs of the diary, then what can be made only now, such as the handover record with the manifest's hash;
//  6. the signature of SHA256SUMS.txt, and that: the list of all files is closed.
//
// What others bring: the footage and its leaves (the door, by [Footage]), the entries and their proofs (the diary, by
// [Disclosed]), the page for reading, the record as PDF and viewing copies (by [Enclosure]), the encrypted archive (by
// [Folder], over package aeszip).
package evidence

// Package sealed guards what lies on a store and is no footage: packages that wait to be handed over, and scans of papers. An
// object is a file that is whole or gone, and no byte of it is on a disk in the clear. FORMAT.md describes every byte.
//
// # What holds
//
//  1. Each object has a random key of its own in a slot of its store's keyring, as a segment has: to destroy the object is to
//     overwrite the slot with a tombstone, then to remove the file.
//  2. To write takes no private key. To read takes the one that opens footage, for each chunk anew: an object that was
//     destroyed, or an appliance that was locked, gives nothing from then on.
//  3. An object is there when its slot is sealed, and the slot is sealed when all of the file is durable. What a crash leaves
//     before that is known by its slot, which is still open, and [Shelf.Sweep] destroys it.
//  4. A file that is there has a name before its slot is made, so no slot has a key that no name leads to.
//  5. Every changed, missing or exchanged byte is found where it is read.
//  6. Footage has the disk first: an object stops at a floor above the reserve, and one that stops leaves nothing.
//
// # How an object is made
//
//  1. The file is made, and its name durable.
//  2. The slot is made: durable in both twins.
//  3. The header, then chunks, as they come; the disk is synced as it goes, so that recording never waits for all of it.
//  4. The last chunk ends with the list of the files. The file is synced.
//  5. The slot is sealed with the number of chunks and a keyed hash of the list.
//
// A crash after 1 leaves an empty file, after 2 one without a header, whose slot is found by its id; after 3 and 4 an open
// slot. Only 5 makes an object.
package sealed

// Package segment guards the footage on disk. A segment is one file: a clear header, encrypted
// records, and a clear seal. FORMAT.md describes every byte of it.
//
// It keeps these:
//
//  1. Plaintext is never on disk, nor is the key. What a record says in the clear is its kind,
//     times, size and flags, and a salted hash that says nothing once the key is gone.
//  2. A nonce is used once: a key belongs to one segment, a sequence number to one record, and
//     nothing is ever encrypted after the [Writer] that drew the key is gone.
//  3. A file only grows, one write for each record, until it is sealed; a sealed file never changes.
//  4. After a failed write or sync the writer stays broken. What it wrote stays as it is, for
//     [Recover].
//  5. Recovery needs no key: a torn tail is cut at the last whole record, and whole means that
//     length and checksum are right.
//  6. Every changed bit, every missing byte and every record from elsewhere is found by [Verify]
//     held against the key slot, with the record and the offset, and the other records can still be
//     read.
//
// A segment's life, and what a crash leaves behind at each step:
//
//  1. The caller makes the key slot durable (package keyring). A crash leaves a slot without a file.
//  2. [Create] writes the header. A crash leaves no file, or one that [Recover] refuses with
//     [ErrNoHeader]: nothing was in it, the caller removes it and erases the slot.
//  3. [Writer.Append] writes records; [Writer.Sync], or a SyncFS of the whole store, makes them
//     durable. A crash leaves whole records and perhaps a torn one, which [Recover] cuts.
//  4. [Writer.Seal] writes the seal, and the caller syncs. A crash leaves a torn seal or a whole one;
//     [Recover] replaces the first and keeps the second.
//  5. The caller seals the slot with the count and root. From then on a file that lacks anything is
//     an incident, and must not be given to [Recover].
//
// The hot path is [Writer.Append]: one pass each of SHA-256, AEAD and checksum, one write, no
// allocation. Buffers for ciphertext are shared by all writers, since few are in Append at once.
package segment

// Package keyring guards the keys of footage: a key is whole or gone, and a destroyed key never
// returns.
//
// Every object, such as a segment, has a [Key] of its own: 32 random bytes that encrypt nothing
// else. The key lies in a slot of 512 bytes, sealed by HPKE (RFC 9180) to a reading key, whose private
// half opens footage in daily work, and to a recovery key, whose private half lies on paper in a
// sealed envelope. To record, to recover after a crash and to erase, no private key is needed.
// FORMAT.md has the bytes.
//
// # What holds
//
//  1. When [Ring.Create] returns a key, its slot is durable in both twins. No byte is encrypted before.
//  2. A slot lies in two files on two disks, its twins. They are never written at the same time: a
//     power cut tears one at most.
//  3. A slot's state only grows: open, sealed, erased. A tombstone wins over any other word,
//     whichever twin it is in and however whole the other is. So a copy of one twin that is put
//     back brings no key back.
//  4. When [Ring.Erase] returns nil, the key is overwritten durably in both twins.
//  5. A slot's number is given out once.
//  6. A sealed key opens only in its own slot: kind, store, object and recipient are bound to it.
//  7. No key is written unsealed, and none prints itself.
//
// It cannot guard against both twins being put back from a backup, nor against what flash keeps of
// overwritten pages. That is what a [Rotation] bounds: after it the old copies open to nobody.
//
// # How slots change
//
// One goroutine per ring, the committer, writes slots; what is wished while it syncs gathers into its
// next batch. So 32 cameras that reach a boundary together wait for two batches, not for 32.
//
//  1. Read the slots in both twins and let each change take its turn.
//  2. If a slot is torn or older in one twin, write it there from the other. Sync.
//  3. Write the state twin. Sync. If the file is new, sync its folder.
//  4. Write the store twin likewise.
//  5. Tell the callers.
//
// A crash in or before 3 leaves the store twin as it was, or whole from 2. A crash after it leaves the
// state twin as it is to be. [Ring.Slot] takes the better word of the two, and [Ring.Mend], to be
// called at each start, makes them equal. A step that fails ends the change, not the ring: the caller
// is told, the other twin stays whole, and calling again does it all again.
//
// A crash in Create may leave an open slot without an object. Whoever finds one erases it.
//
// Beside the slots each twin keeps small marks for others, such as the diary, see [Ring.SetMark].
package keyring

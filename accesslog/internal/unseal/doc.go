// Package unseal guards the private reading keys while the program runs: it is the only code that uses
// them to open footage.
//
// There are two: that of the footage and that of the diary. Each is held in memory only, from the moment
// it is unlocked, by a person's wrap ([Keys.Unlock]) or by the key file of `unlock: auto`
// ([Keys.UnlockAuto]), until [Keys.Lock] or until nothing has used it for so long.
//
// # What holds
//
//  1. No key is written anywhere but in a wrap, sealed under what a person's password gives. A wrap opens
//     for its person, its use and its key alone.
//  2. When Lock has returned, nothing is decrypted any more until somebody unlocks: the keys are let go, and
//     every segment's key with its reader.
//  3. Before each record is decrypted, its key slot is read: a segment that was erased is closed, whatever
//     is still in memory of it.
//  4. At most [MaxOpen] segments are open at once.
//
// It cannot promise that the bytes of a key are overwritten: what Go's own crypto packages hold is let go
// for the collector. Nor is memory locked (mlock). Other programs can't read it and no core dump is made of it, for the
// program is not dumpable; that it is not swapped is the unit's to see to (MemorySwapMax=0), and whoever starts it
// otherwise on a machine with swap is told that at the start.
//
// Callers are package accesslog and what lies in it; that no footage is opened without an entry is the door's
// to see to.
package unseal

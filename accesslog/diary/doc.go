// Package diary guards the diary of the appliance: it is append-only, it never signs two inconsistent
// checkpoints, and a change of governed state and the entry that says so are one transaction.
//
// The diary is one Merkle log for life, in the formats of C2SP, which [varuh/accesslog/diary/proof]
// reads without this package and FORMAT.md specifies. Here it lies in varuh.db, one SQLite database that
// also holds all governed state: persons, notices, holds, requests, packages, incidents. Writing needs no private
// reading key, so the diary is written while nobody can read it.
//
// # What holds
//
//  1. When [Diary.Append] returns a receipt, the entry, the change of state that came with it and a
//     signed checkpoint over both are durable. When it returns an error other than [ErrUncertain],
//     none of them is there.
//  2. Entries have the numbers 0, 1, 2 … in the order of their commits, and no number is given twice.
//     What was signed for a commit that failed is forgotten before anybody sees it.
//  3. Every connection that writes runs with synchronous=FULL and secure_delete=ON in WAL mode, and is
//     asked whether it does before it is used.
//  4. An entry whose operation is [Governed] carries, as its obj, the hash of the state after it. No
//     change is applied to a state that is not the one the diary knows.
//  5. No name, no reason and no address is on disk unencrypted. A body is encrypted under a content key
//     of its year and of this run of the program, bound to origin, number and leaf hash; content keys
//     are sealed to the diary's reading key and to the recovery key.
//  6. A diary that went back, or whose state did, opens no door: [Diary.Fault] says what was found,
//     entries that let data out or change state are refused, unless they only end what lies ready to leave; all others are
//     still written. Only
//     [Diary.Accept], with two persons, ends that, under a new origin that cites the old; no change of
//     tables does.
//  7. What is pruned is gone from the database and from its WAL, and every checkpoint that left the
//     appliance can still be joined with every later one.
//
// It cannot guard against whoever has the signing key and write access to all files, as root has: he can
// rewrite and sign anew what lies behind the last checkpoint that left the appliance, and put all files
// back together. Whatever left before that finds him out.
//
// # How an entry gets in
//
// One goroutine, the writer, changes the database. What is wished while it commits gathers into its
// next batch, which takes one commit.
//
//  1. Give the next number and the time; close the year if one is over.
//  2. Run the change of state inside a savepoint. If it fails, it is undone, its caller told, and its
//     number given to the next.
//  3. Encode body and leaf, encrypt the body, insert both.
//  4. Compute the root, sign the checkpoint, put it in the place of the last one. COMMIT.
//  5. Only now tell the callers, and show the checkpoint to whoever asks.
//
// A crash before the end of 4 leaves the diary as it was before the batch; after it, as it is to be. A
// commit that fails leaves the writer without a diary: before the next batch it reads size, hashes and
// checkpoint from the database again, the way it does at a start, and goes on from what it finds. Whoever
// was told [ErrUncertain] and wants his entry in the diary once has it written as a [Draft].
//
// # What a start checks
//
//  1. All leaves are read and hashed; numbers, stored hashes, root and signature must be those of the last
//     checkpoint, and there must be no trigger, which would change what is written.
//  2. The key in the file must be the one that signed it.
//  3. An incident.rollback that no origin.begin follows is a fault that nobody has accepted: the log says so,
//     and the table diary_faults only has the words for it.
//  4. If the first entries are gone, an entry prune must have taken just them, and those that a pin keeps must be there.
//  5. The digest of the governed state must be the one in the last governed entry, table by table, with the
//     definitions of table and indexes. If what the database remembers of the digests is not what that entry has
//     the hash of, nothing is known of any table.
//  6. The note beside the signing key must not be ahead of the diary, nor remember another root; nor must
//     whatever else remembers a size of it, such as key rings and witnesses, which the caller tells [Diary.Saw].
//  7. What left and what outside parties gave for it must be signed, and what an entry says must be there.
//
// Between 2 and 3 governed tables that an older varuh did not know are made, empty; all else is only read until an
// incident has to be entered, or other tables are governed than before.
//
// 1 fails with [ErrDamaged], which names the entry, or the trigger, where it can be told: such a diary is not opened, for
// nothing may be signed on top of it. 2 to 6 make a [Fault]; with that of 2 no entry is written, until
// [Diary.Accept] begins a key. 7 makes [Diary.Complaints]: a row that does not fit is left out, so that nobody
// stops an export by writing one. While a fault is open, the digests of the tables that are at fault stay
// those that they should have (where nobody can tell those, none is signed), and the note that tells of it is not replaced.
//
// # How entries go
//
// At the end of their term entries are destroyed, by [Diary.Prune] and in the steps that [Pruning] has. Setting the
// clock must not be enough for that: an outside party that was configured before the entries has to say that the
// time has come, or an approver, and 30 days have to pass; and what a party said last must not contradict the clock.
// No party was configured before entry 0, so the first prune takes a person, always. What was decided is carried out across crashes by [Diary.FinishPrune], but not
// while a fault is open.
//
// # How the signing key changes
//
//  1. The new private key goes durably to the key file with ".next".
//  2. An entry key.rotate cites both public keys; the checkpoint over it is signed by both. From this
//     commit on the database names the new key.
//  3. The old key file is overwritten with zeros and the new one takes its name.
//
// One change begins when the one before has come to its end. A crash before 2 leaves a file that nobody needs.
// After 2 the next start finds the named key in ".next" and does 3. A new origin is begun in the same steps. After a compromise the same is done, and
// only checkpoints that had left the appliance by then tell what the thief may have rewritten.
package diary

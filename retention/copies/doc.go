// Package copies guards that a lost machine can be made again from a backup, and that no copy of keys is forgotten: a
// backup opens with the recovery words alone, brings back nothing that was erased, and is registered until nobody
// can have it any more.
//
// A backup is one file: age (age-encryption.org/v1) to the appliance's recovery key, over a tar of the key slots of
// all stores, the database, the configuration and the keys: public ones, the one that signs the diary, and the private reading
// keys, which are sealed to the recovery key once more. It has no footage. FORMAT.md has the bytes, and how to open one without varuh.
//
// # What holds
//
//  1. Nothing of a backup is on any disk but encrypted: key slots go from the keyring straight into the encryption.
//     The copy of the database, which is encrypted in itself, is the one file that is made for it, in the state folder.
//  2. Slots are read first, then the database. So whatever is erased in a backup's slots is in its diary as begun,
//     and what was erased between the two is in the diary alone, from which a restore erases it again.
//  3. A file has its name only when it is whole, was read back from the disk, and is entered and registered. What
//     is cut off is destroyed, or registered like a whole one if it can't be, since it may hold keys, too.
//  4. A registered copy goes from the register when its file was removed here, or when a person says that it is
//     destroyed. Once its date is past and neither happened, it is overdue, which the status says until it did.
//  5. The list is what the entries say of it: each start holds it against them, and puts right what somebody changed
//     beside varuh ([Register.Mend]).
//  6. A restore is into a folder that has its name only when all of it was checked.
//
// A backup made at a moment holds the keys of what is erased later: erasure reaches it by its date. That is how
// [Register.Erase] answers for it. A copy that is not offline, such as a replica, would be asked there for each
// segment; there is none yet.
//
// # How a backup is made
//
//  1. Tidy up after an earlier run, see below. Look at the folder.
//  2. Note in the state folder where a backup is begun, make it, empty, with its name and ".part", sync the folder, and
//     note that it will have keys.
//  3. Write it. Sync. Read it back.
//  4. Enter it in the diary and register it, in one transaction.
//  5. Give it its name. Sync the folder.
//  6. Remove the note of 2.
//
// A crash before 4 leaves a part, which the next run destroys, or registers as cut off if it can't be found, since
// another disk may be in its place; after 4 one that the next run gives its name. A file is destroyed in this
// order, too: it is emptied, then taken from the list, then removed.
package copies

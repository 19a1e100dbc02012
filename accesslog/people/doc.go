// Package people guards that every access has one named person, and that the last administrator cannot vanish.
//
// A [Person] may do nothing by being there. What he may do is said by an [Authorisation]: a [Role], cameras in scope, from
// when until when, granted by whom, and the day on which the paper was signed. One table, [Allows], says what each role
// may; [Sets] are where people begin from. A [Register] keeps all that in varuh.db, where it changes only with an entry of
// the diary in one transaction, and knows who is logged in.
//
// # What holds
//
//  1. There is no access without a person who has logged in, and no session whose entry login is not durable.
//  2. An authorisation is in force from the later of its beginning and the day of its signed paper, until before its end. One
//     that ends does so at once, in sessions that are open: [Register.Session] and [Register.Still] look anew.
//  3. What an approver grants lies within what he has, see below. Nobody grants himself anything, states the day of his own paper, resets his own password or removes himself. No
//     two persons have names that could be one person's, see [proof.SamePerson]: nobody is two.
//  4. Once there was a first person, there always is an administrator whose authorisation is signed, has begun and has no
//     end, so that time alone takes none away. Whatever would end the last one is refused, by the state that would come of
//     it.
//  5. A password is nowhere kept. One computation of argon2id, whose cost lies beside what comes of it, gives three keys
//     of which none tells another: one tells whether the password is right, one encrypts the second factor, one wraps the private
//     reading keys. Few computations run side by side, and few more wait.
//  6. Whether there is a person of some name shows in no answer, in no wait, and in no number of computations.
//  7. A time-based code, a one-time code and the link for the first person are each good once, after a crash too.
//  8. What fails is entered, coalesced by persons; what was typed for a name that nobody has is kept nowhere. Others who fail
//     lock nobody out: a wait is at most five minutes, and not for an address from which the person has logged in
//     since the start, nor at the console. Whoever has that very address learns by it that somebody of the name logs in there.
//  9. A password that somebody else has set opens no key and allows nothing until its owner has chosen another; at the
//     log-in he is told who set it.
//
// Log-in names, names of persons, roles and scopes stand readable on the disk, beside verifiers, for they are needed while
// all is locked. Who granted what and why is in the diary, encrypted.
//
// It cannot guard against an administrator who resets the approver's password and logs in with it, but that is entered and
// shown to the approver; nor against whoever writes to the database as root, but that is a fault of the diary. Only
// which codes were used is not governed, see below: root can make a code good again for a while, or a one-time code, and
// no start finds out. The entry login says how the person was proven, but is encrypted, and at the start no key is there.
//
// # What may be granted
//
// An administrator, and an approver for all cameras and without end, grant what they think right. An approver who is
// limited, to some cameras, until a day, or to acting for another one, reaches no further than that: no other cameras, no
// later end, from outside the premises only where his own is valid there, and no administrator. A deputy makes nobody an
// approver either, ends no authorisation of whom he acts for, and is one only as long as that is an approver.
//
// # How a log-in goes
//
//  1. Count it as failed, or say how long to wait. A success takes the count back.
//  2. Compute over the password, with the person's salt or with any.
//  3. Look at the second factor, if there is one, and whether any authorisation is in force.
//  4. Enter what failed for this person before. Enter login; in its transaction keep which code was used.
//  5. If password and person are still those, begin the session, in memory alone.
//  6. Unless a duty comes first: enter unlock and open what is locked; wrap what is open, see below.
//
// A crash before the end of 4 leaves no session and a code that is good; after it, a code that is used, and an entry login
// whose session nobody had. After a start everybody logs in again.
//
// Entries of log-ins change no governed state, so that people can log in to see to a fault of the diary. What they keep
// of codes lies in tables that the diary does not govern.
//
// # How wraps come and go
//
// The private keys of footage and of the diary are wrapped for each person whose roles need them, under a key that only
// that person's password gives; another package seals and opens them ([Keys]). So a wrap can be made only where three
// things come together: an authorisation, the private key in memory, and the password. That is
//
//   - when a person logs in while the keys are open, and has no wrap of the key in use;
//   - when the first password, or another after a reset, is set while they are open;
//   - when a person changes the password: of what is open, or else by opening the wrap with the old one. The wraps
//     change in the transaction of the password. A crash leaves old ones with the old password, or new ones with the new;
//   - when the recovery key is used, for the person who gets a new password.
//
// Somebody who is authorised while nobody is logged in, or whose password was reset while the keys were locked, therefore
// logs in once without opening anything, and gets the wrap at the next log-in while they are open. [Register.Openers]
// tells who can open them; if it is nobody, only the envelope can.
//
// A wrap goes with the last authorisation for it, in the transaction that ends it, and with the person. That of one that
// expires opens nothing from that moment, and [Register.Sweep] takes it away. After new keys [Register.Rotated] takes away
// all old ones, and gives whoever replaces the keys the new; so that a crash before it leaves somebody who opens them, that
// person gets wraps of the old and the new before these are in use ([Register.Rotating]), and Sweep takes away the old ones of
// others once somebody can open the new. Both seal what the rotation itself holds ([Sealer]), so that a lock meanwhile, or idle
// time, takes nothing from anybody. A wrap that went leaves the disk with the change that took it, the log of the database
// included, or with the next Sweep where somebody reads meanwhile. Whoever has copied the disk before keeps what the copy gives until the keys are replaced.
//
// # The envelope
//
// Using the recovery key is entered before anything comes of it. Then, in one transaction, everybody must choose a new
// password, tokens of authorities end, and one person can get a password right away ([Register.Recover]). A crash
// between the two leaves the entry alone, and nobody has gained anything.
//
// Everybody else chooses by logging in with the old password once more. Where that may be known to others, the
// administrator sets another one first, by [Register.ResetPassword]: until then whoever knows it can choose in the owner's
// place.
package people

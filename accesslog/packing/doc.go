// Package packing guards the way of a package out of the appliance: it is built only from what a decided request grants, lies
// sealed until it is handed over, no byte of it leaves before its entry disclose, and it dies on time.
//
// [Jobs] builds one package at a time, in the order in which they were asked for; [Jobs.Prepare] and [Jobs.Fetch] let one out, and so
// do links, [Jobs.Use] and [Jobs.FetchByLink].
//
// # What holds
//
//  1. A package is built for a request that is approved, by the order of a person who may, and from what the door gives for it.
//     Whether that is still so is looked at again before disclose, and before each delivery.
//  2. What is built lies in a sealed object (package sealed). No plaintext of it is on a disk, and memory has a record and some
//     chunks of it.
//  3. The entry disclose, with the hash of the manifest, is durable before the object is finished, and what is not finished
//     can't be read. So no byte leaves before it.
//  4. Each disclose is answered, by package.stage once the object is there, or by package.fail. A crash between leaves one
//     that is not answered: the next start enters that it came to nothing, and has the package built anew. While nobody knows
//     whether package.stage is durable the object stays, and nothing else is built until it is known.
//  5. Each delivery is an entry handover, durable before its first byte, that names who takes it, how, and that he was warned. With
//     it the request knows that footage may have left: the register of disclosures has a line, and nobody refuses it while the package
//     is there. One that is known to have given nothing does not count.
//  6. Each handover is answered by handover.end: whole, cut off, not fetched, or unknown: after a crash, or where whoever wrote onto a
//     disk said nothing. Where the diary takes no entry at the end, it is tried again until it does. A request is handed over only
//     once a delivery was whole or, by a network, nobody knows.
//  7. What is on its way stops with its link, its package, the term of its footage and the program, whether the diary takes an entry
//     or not; once some of it is restricted (GDPR art. 18), unless it was taken on a ground that still counts; and once who takes it
//     may not do so any more.
//     A link is for an outsider, and lives on when whoever issued it may do nothing more: what he may have was granted by who approved
//     the request, and not by him. It ends by itself within seven days, with the request, or once somebody who may hand out the
//     package ends it ([Jobs.EndLink]), who sees it in the list.
//  8. A package dies at the first of these: seven days after the last time that all of it left, or may have; seven days after it was
//     entered that it was handed over, however often it is taken again; with the first footage in it; when the request is refused,
//     withdrawn, or released after the handover. When its footage goes is asked anew each time that it is
//     tended, and before it leaves: policies and holds count as they are now, and a key that was destroyed more than both. The
//     entry erase.package says so; then its key goes, then its file. Where the diary takes no entry and the footage comes to its
//     term, the key goes first, and the entry follows.
//  9. While all is locked a job waits, and says so.
//  10. The rows of packages, links and deliveries are governed: what somebody changed or put back lets nothing out. What ends
//     something is entered in spite of that, so that no fault of the diary keeps a package. And what leaves has the manifest that was
//     disclosed, whatever a row says of its place.
//  11. What fits on no disk is refused before it is begun, and no footage goes for it.
//
// # How a package is built
//
//  1. package.order: who asks for it. From here on a job is there, whatever happens to the program.
//  2. The door enters export and gives the footage. Outside parties are asked about the diary, which has all of it by now.
//     Then evidence writes the package into an object.
//  3. disclose, then what proves it, then the papers. The object is finished.
//  4. package.stage: where the object is. From here on a start keeps it.
//  5. request.built, by the register.
//
// A crash before disclose leaves an object that nobody knows, which the next start destroys, and the job begins anew. After
// disclose and before 4 it is the same, with the entry that it came to nothing. After 4 the start enters 5.
//
// Objects are in no backup. After a restore the start does the same by the rows that came back: a package that is on no disk any
// more is entered as lost, and can be built again; one that was destroyed after the backup stays so, by its key slot on the disk; and
// what was built after it is destroyed, since no row knows it. A link from before the restore opens nothing: it may have been used up
// or ended since, and nobody knows.
//
// On a store may lie what a newer varuh wrote, or what its disk does not give now. It is left as it is, told in the log and counted
// ([Jobs.Left]), and keeps nothing from being built.
//
// # How a package leaves
//
//  1. handover, with its row, in one transaction in which it is looked at once more whether the package may leave. From here on the
//     request has left.
//  2. Whoever may fetches it once, within ten minutes. Before each piece that is read it is asked whether more may leave.
//  3. handover.end, with the row. What gave nothing leaves the request as it was before 1.
//
// Whoever stops the program has all that is under way ended before: [Jobs.Close]. A crash between 1 and 3 leaves a row that the next
// start ends as unknown; once its package is gone, whoever knows that it was taken enters the handover, or it is built again. What
// is written onto a disk is whole only once whoever writes it has read it back and said so, within an hour, under a token that he drew.
package packing

// Package notice guards that every moment of every camera has the notice that was in force then: footage is
// looked at only for purposes that were on the sign when it was recorded, or that a law gave at that time
// (ZVOP-2 art. 76(11)).
//
// A [Notice] is one version of the notice on video surveillance (obvestilo o videonadzoru), in force for some cameras
// from a moment on. It is never changed and never deleted: what is wrong with it is put right by another one.
// Versions are rows of varuh.db that change with an entry of the diary in one transaction.
//
// # Which one is in force
//
//  1. Of the versions of a camera, the one with the latest beginning that is not after the moment; of
//     several that begin together, the one that was entered last. So each ends where the next one begins.
//  2. If that one, or one before it, was ended after its beginning and before or at the moment, none is: the sign was taken
//     down. An earlier one does not come back by itself: who wants it back enters it again.
//  3. A version that has not begun can be withdrawn, and then never was.
//  4. Whatever was entered stays in [Register.Versions], and the entry of one that was entered later names those in
//     whose place it is.
//
// A notice may be entered with a beginning that has passed ("the sign has hung since"). Then somebody states so,
// the entry says who, and the notice says of itself that it was entered later.
//
// # What follows from it
//
//   - A complete notice ([Notice.Missing] is empty) allows its purposes, and live view and sound where it says so.
//   - An incomplete one, or none, allows recording, and of purposes only those by which a law obliges the
//     controller: see [Statutory].
//   - A purpose keeps its id over versions, with its wording and its basis: what has another wording has another id.
//
// The rows hold what hangs on the wall for everybody to read. Who entered it, who stated that it hung, and which
// employees were informed stands in the diary alone, encrypted.
package notice

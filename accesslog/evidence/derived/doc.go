// Package derived makes copies for viewing of clips that most players don't show: H.265 and Motion JPEG become H.264, by
// ffmpeg, if that is installed. A copy helps to see; it is no evidence, and no verdict depends on it.
//
//  1. No plaintext is on a disk: ffmpeg reads the clip from a pipe and writes the copy to one, and can write nothing into a
//     file (its limit is 0 bytes).
//  2. Before it gets the first byte it is limited in memory, processor time and open files; it gives way to
//     recording, is the first that dies where memory ends, and ends with this program and when its time is up.
//  3. The package is whole without copies. Where one could not be made, or not to its end, [Maker.Words] says so in the
//     package: only a package that can't be written, footage that can't be read, or a cancelled context is an error.
//  4. A copy says of itself that it is one, by its name, its kind in the manifest, and its title.
//
// Not guarded: ffmpeg parses what cameras send, as varuh's user. Its options say that it may open nothing but pipes, but that is
// kept by itself alone. Who takes it over by footage reads and deletes what varuh can, the state folder too, and reaches the networks
// that varuh reaches: under systemd those of the cameras (IPAddressAllow= of the unit), and no rights beside its own. Whoever can't
// bear that has no ffmpeg installed; the packages are whole without.
//
// A copy has at most 1280 points in a row and 2.5 Mbit/s, so that it is small and quickly made: what matters is in the clip.
package derived

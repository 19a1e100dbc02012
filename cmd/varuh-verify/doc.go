// Varuh-verify checks what an appliance has handed out, without the appliance, a network or anything to install: a
// package of footage; of its diary a bundle, the proof of one entry, or two checkpoints.
//
//	varuh-verify --key "4cb8 73d4 …" E:\paket         a package, in its folder or as a ZIP archive
//	varuh-verify dnevnik.zip                          a bundle, zipped or unpacked
//	varuh-verify --held kontrolna-tocka.txt dnevnik.zip   and whether it goes on from a checkpoint somebody kept
//	varuh-verify --key kljuc.txt 42.tlog-proof 42.json    one entry, with its body
//	varuh-verify --key kljuc.txt old.txt new.txt joined.txt   two checkpoints, with the proof that joins them
//
// What a file is, it sees by its contents; of what it does not know, it says what it seems to be and what to give
// instead. A package or a bundle may lie in a folder of a folder or of a zip file, wrapped in nothing but folders and what operating
// systems leave in them ([evidence.SystemFolders]): with anything else around it, it is not checked, for somebody could believe
// that the rest was, too. Nor is an archive in which other programs could see something else, or the bundle of a diary that looks like
// a package. The report's first line says which folder was checked where that is not the one given. On Windows files can be dropped on the
// program, and out of the folder of a package, or beside it or its archive, it is started by a double click; it then asks
// for the fingerprint on paper, offers to unpack an archive, writes the report preverjanje.html beside the package, and keeps its
// window open. It says everything in Slovenian first, then in English.
//
// With --unpack the package is written out of its archive into a folder that the program makes, and checked there. Nothing is
// left of it where not all could be written, a name leads out of the folder, or the archive is not authentic. With --report the
// report is written as a page that loads nothing, too: what was checked, with which fingerprint from where, what came of it,
// by which program.
//
// Three verdicts on a package stay apart: unchanged since capture (and since which outside time), exported as recorded,
// disclosed as logged; package evidence says what each means.
//
// Three verdicts on a diary stay apart, and a fourth thing is never claimed without being known:
//
//   - intact: every entry is as it was signed;
//   - complete up to the checkpoint somebody kept;
//   - anchored: how much of it nobody can change unnoticed any more;
//   - whose key it is says only its fingerprint on paper, or a key given by --key. A file of keys among the
//     others does for computing, as the keys in a bundle do.
//
// With --json it prints one object for programs, also where nothing could be checked: "verdict" is good, bad,
// unconfirmed, unchecked or newer, "error" why it could not be checked, and each finding says by "unsettled" whether it
// keeps the diary from being called good. With --list, too, the entries are a list in it. Files are read if they are
// regular ones, and folders without what links lead to outside of them.
//
// The exit status is 0 if all three verdicts on a package are good, or all of a diary is intact, and a key signed that was
// confirmed, 1 if anything is wrong,
// 2 if it could not be checked, 3 if nothing is wrong but the key was not confirmed, no witness that is known saw the footage
// before it was asked for, something asked for is not in the package for no reason told, a checkpoint that was
// given could not be compared (the bundle may be older than it), the bundle lacks all entries or the first ones for no
// reason told, the reasons of a prune, by which key one was replaced or who accepted a new name is withheld, or the appliance found that its diary
// went back and no two persons have accepted that, 4 if a newer varuh wrote it, or an entry in it, so that a newer
// varuh-verify is needed: that is no damage.
package main

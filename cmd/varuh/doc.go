// Varuh records RTSP cameras into encrypted segments. This package is the program: its subcommands, and the only
// place that knows every part.
//
// It guards the state folder and the stores:
//
//  1. One process holds them, by a lock on the state folder and one on each store's marker. Commands
//     that come while "varuh serve" holds them go through its socket.
//  2. A store is used only if its marker names this appliance: an unmounted disk is an empty folder
//     on another disk, and footage written there would fill that and be missing here.
//  3. A private key is never on the file system of a store, and never in a temporary file, a core
//     dump, an argument or the environment.
//  4. Recording never waits for the diary, and nobody reads anything without an entry in it. Whoever orders something on the
//     console logs in for it, as far as the table of what orders take says so; a name alone counts until the first person is there.
//  5. Nothing is erased at its term by the machine's clock alone. While the diary can't be trusted or opened only footage
//     goes whose term is over, by lists beside it; what is held stays, by what the key slots remember.
//  6. What an operator reads is a sentence that says what happened and what to do.
//
// # Who does what
//
// A [Daemon] has these parts, in the order in which it makes them; each stands in the file of its name:
//
//	site        the state folder and its stores, held by this process
//	timekeeper  which moment has come for certain
//	clerk       writes into the diary what the recorder did; nothing waits for it
//	marks       (seen.go) have the stores remember how far the diary was
//	kept        has them remember what is held and decided
//	office      persons, notices, log-ins, the keys in memory
//	eraser      what goes at its term or for room; ledger is what it asks of the diary
//	requestbook requests for footage, and what is due of them; requestscans keeps the scans of their papers
//	sealedshelf where scans and packages lie, encrypted, on the stores
//	standing    how footage stands against terms, promises and holds
//	backups     copies by the schedule, and which are still somewhere
//	anchors     witnesses and time-stamping authorities
//	entrance    the door and the pages before it
//	packages    what packages for requests are made of; packagestick is one on a disk
//	desk        hands the diary out; shelf is it as a bundle that is verified here
//	room        the disk of the state folder
//	fragments   tells those who watch live what is stored
//
// Of a subcommand, *cmd.go is what a person types, and *ask.go or *order.go what goes to the process that holds the
// site: an order to the eraser is an asking, one to the office a consulting. The table takes (needs.go) says of every order
// who may give it.
//
// # In the state folder
//
//	varuh.yml, cameras.d/   the configuration, see package configs; may also lie elsewhere
//	appliance.json          the appliance's id, the stores it made, and those that were given up
//	varuh.db                the diary and what is governed by it, see package diary
//	keys/public.json        public keys, see package keyring; the same on every store
//	keys/diary.json         public keys that the diary is sealed to
//	keys/reading.json       private reading keys of footage and diary, sealed to the recovery key
//	keys/diary.key          private key that signs it
//	keys/diary.key.next     the one that is to replace it, while it does
//	keys/diary.checkpoint   its last checkpoint, as far as it was noted; what was there and was none is kept as
//	                        keys/diary.checkpoint.strange, for a person to look at
//	keys/<store id>/        twin of the store's key slots; beside them diary.mark and kept.mark, which remember how far the
//	                        diary was and what is held
//	footage.db              index of footage, see package footage; can be rebuilt
//	pins                    public keys of rtsps cameras, see rtsp.PinFile
//	present.json            what is certain of the present, see retention.Guard
//	backup.db, backup.begun while a backup is made: the copy of varuh.db for it, and where it is made
//	retention.late/         lists of what was erased while the diary could not be written, or trusted
//	began.json              since when each camera has been recorded
//	other.json              how much on the stores' disks is not footage
//	walked.json             when the disks were last compared with the index
//	lasting.json            what was entered as an incident and lasts, so that it is entered once
//	certificate/            what the appliance signs its pages' certificate with, and that; see package certificate
//	reserve                 room that is held for when the disk is full, see README.md
//	lock                    held while a process uses the folder; it says which
//	varuh.sock              socket of the daemon
//
// On each store: varuh-store.json (the marker), keys/, footage by camera, and _sealed/ with packages and scans, see package
// sealed.
package main

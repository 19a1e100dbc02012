package main

import (
	"varuh/accesslog/packing/sealed"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
)

// shelfOf is a folder of sealed objects, packages or scans, on each store that is present; key gives the key of each object. Footage
// has the disk first: an object stops before it takes the room that a full store needs to record again, and before that it asks
// for old footage to make room.
func (e *eraser) shelfOf(folder string, key func(*keyring.Ring, keyring.Ref) (keyring.Key, error)) *sealed.Shelf {
	return sealed.NewShelf(sealed.Options{FS: e.fs, Folder: folder, Now: e.time.boot.Now, Key: key,
		Stores: func() (list []footage.Store) {
			for _, s := range e.stores {
				if e.present(s) == nil {
					list = append(list, s)
				}
			}
			return list
		},
		Lost:   e.isLost,
		Floor:  func(footage.Store) uint64 { return e.reserve + takesAgain },
		Wanted: func(footage.Store) { e.rouse() },
		Yields: e.yields})
}

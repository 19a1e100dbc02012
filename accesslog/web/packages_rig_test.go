package web

import (
	"context"
	"io"
	"log/slog"

	"varuh/accesslog"
	"varuh/accesslog/disclosure"
	"varuh/accesslog/evidence"
	"varuh/accesslog/packing"
	"varuh/accesslog/packing/sealed"
	"varuh/accesslog/people"
	"varuh/recorder/durable"
	"varuh/recorder/footage"
)

// packer builds packages of what the rig's door gives. Who wants them built runs it.
func (r *rig) packer(door *accesslog.Door, requests *disclosure.Register) *packing.Jobs {
	shelf := sealed.NewShelf(sealed.Options{FS: durable.OS, Folder: "packages", Stores: func() []footage.Store { return []footage.Store{r.store} }, Now: r.clock,
		Key: r.keys.ObjectKey, Floor: func(footage.Store) uint64 { return 1 << 20 }})
	return packing.New(packing.Options{Diary: r.diary, Register: requests, Shelf: shelf, Now: r.clock, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
		Source: packing.FromDoor(door, func() []string { return []string{"hall", "yard"} }),
		Locked: func() bool { return r.keys.Locked(people.FootageKey) || r.keys.Locked(people.DiaryKey) },
		Opener: func() (packing.Opener, error) {
			keys, err := r.keys.Diary()
			return r.diary.Opener(keys), err
		},
		About: func(context.Context) (evidence.About, error) {
			return evidence.About{Software: "1.0", Controller: "Osnovna šola Primer"}, nil
		}})
}

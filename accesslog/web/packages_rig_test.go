package web

import (
	"context"
	"io"
	"log/slog"
	"time"

	"varuh/accesslog"
	gathering "varuh/accesslog/collect"
	"varuh/accesslog/disclosure"
	"varuh/accesslog/evidence"
	"varuh/accesslog/evidence/record"
	"varuh/accesslog/packing"
	"varuh/accesslog/packing/sealed"
	"varuh/accesslog/people"
	"varuh/recorder/durable"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
)

// packer builds packages of what the rig's door gives. Who wants them built runs it.
func (r *rig) packer(door *accesslog.Door, requests *disclosure.Register, restrictions accesslog.Restrictions) *packing.Jobs {
	shelf := sealed.NewShelf(sealed.Options{FS: durable.OS, Folder: "packages", Stores: func() []footage.Store { return []footage.Store{r.store} }, Now: r.clock,
		Key: r.keys.ObjectKey, Floor: func(footage.Store) uint64 { return 1 << 20 }})
	return packing.New(packing.Options{Diary: r.diary, Register: requests, Shelf: shelf, Now: r.clock, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
		Footage: packed{r}, Restrictions: restrictions, Orders: r.people, Source: packing.FromDoor(door, func() ([]string, error) { return []string{"hall", "yard"}, nil }),
		Locked: func() bool { return r.keys.Locked(people.FootageKey) || r.keys.Locked(people.DiaryKey) },
		Opener: func() (packing.Opener, error) {
			keys, err := r.keys.Diary()
			return r.diary.Opener(keys), err
		},
		About: func(context.Context) (evidence.About, error) {
			return evidence.About{Software: "1.0", Controller: "Osnovna šola Primer"}, nil
		},
		Papers: func(context.Context, packing.Papers) ([]evidence.Enclosure, error) {
			return []evidence.Enclosure{{Path: record.Name, Kind: evidence.KindReading, Write: func(_ context.Context, w io.Writer) error {
				_, err := io.WriteString(w, "%PDF- zapisnik\n")
				return err
			}}}, nil
		}})
}

// packed is the rig's footage as packages know it: it comes to its term after a year.
type packed struct{ r *rig }

func (p packed) Find(_ context.Context, ids []keyring.ID) (list []packing.Segment, err error) {
	for _, id := range ids {
		s, err := p.r.index.Get(id)
		if err != nil {
			return nil, err
		}
		list = append(list, packing.Segment{Camera: s.Camera, ID: id, Store: s.Store, Slot: s.Slot, From: s.Start, To: s.End})
	}
	return list, nil
}

func (p packed) Due(_ context.Context, _ disclosure.Request, list []packing.Segment) (time.Time, error) {
	return list[0].From.AddDate(1, 0, 0), nil
}

func (p packed) Mark() string { return "" }

func (p packed) Erased(context.Context, []packing.Segment) (bool, error) { return false, nil }

// collecting enters what was recorded, before it is exported.
type collecting struct{ r *rig }

func (c collecting) Settle(ctx context.Context, camera string, before time.Time) error {
	collector := gathering.Collector{Diary: c.r.diary, Index: c.r.index, Cameras: func() []string { return []string{"hall", "yard"} }, Now: c.r.clock, Started: noon.AddDate(0, 0, -1)}
	_, err := collector.Until(ctx, camera, before)
	return err
}
